"""A backend of Matplotlib that saves what `show()` shows, and what is open when a script ends.

It is brought in by ``MPLBACKEND=module://poolcontext_figures``, so it needs no word in the script.
https://matplotlib.org/stable/users/explain/figure/writing_a_backend_pyplot.html
"""

from __future__ import annotations

import atexit
import json
import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

FOLDER = "POOLCONTEXT_FIGURES"
"""The variable that names the folder where figures are saved."""

SCALES = "POOLCONTEXT_SCALES"
"""The variable with the factors by which each is saved larger as well, as "2.0 3.0"."""


class FigureManager(FigureManagerBase):  # type: ignore[misc, unused-ignore]
    """A manager that has no window."""

    def show(self) -> None:
        """Show nothing yet: the figure is saved with all others."""


class FigureCanvas(FigureCanvasAgg):  # type: ignore[misc, unused-ignore]
    """The canvas of a picture."""

    manager_class = FigureManager


def show(*args: object, **kwargs: object) -> None:
    """Save all figures, and close them, as somebody does who has looked at them."""
    managers = Gcf.get_all_fig_managers()
    folder = os.environ.get(FOLDER)
    # What a worker draws in its own process, nobody has been shown.
    if folder and multiprocessing.parent_process() is None:
        for manager in sorted(managers, key=lambda one: one.num):
            _save(manager.canvas.figure, Path(folder))
    Gcf.destroy_all()


atexit.register(show)


def _save(figure: Any, folder: Path) -> None:
    """Save a figure under the first number that is free, with its title and the line at work."""
    number = 1
    while True:
        try:
            (folder / f"{number:03}.json").touch(exist_ok=False)
            break
        except FileExistsError:  # from another process that the script has started, perhaps
            number += 1
    colors = {
        name: color
        for name in ("facecolor", "edgecolor")
        if mpl.colors.to_rgba(color := getattr(figure, f"get_{name}")())
        != mpl.colors.to_rgba(mpl.rcParams[f"figure.{name}"])
    }
    resolution = mpl.rcParams["savefig.dpi"]
    resolution = figure.dpi if resolution == "figure" else resolution
    figure.savefig(folder / f"{number:03}.png", **colors)
    for factor in map(float, os.environ.get(SCALES, "").split()):
        larger = folder / f"{number:03}_{factor:.2f}x.png"
        figure.savefig(larger, dpi=factor * resolution, **colors)
    titles = [figure._suptitle.get_text()] if figure._suptitle else []
    places = ("left", "center", "right")
    titles += [axes.get_title(loc=place) for axes in figure.axes for place in places]
    said = {"title": ", ".join(filter(None, titles)), "line": _line()}
    (folder / f"{number:03}.json").write_text(json.dumps(said), encoding="utf-8")


def _line() -> int:
    """The line of the script itself that is at work; 0 at its end."""
    file = getattr(sys.modules["__main__"], "__file__", None)
    frame, line = sys._getframe(), 0
    while frame.f_back:
        frame = frame.f_back
        if frame.f_code.co_filename == file:
            line = frame.f_lineno
    return line
