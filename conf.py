"""Sphinx configuration: only settings that somebody chose."""

import importlib.metadata
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).with_name("docs")))  # where _ext is

project = "Pool Context"
author = "Pool Context contributors"
copyright = author  # no year: two builds of one state are to be equal
release = importlib.metadata.version("poolcontext")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "poolcontext.sphinxext",
    "_ext",
]
exclude_patterns = ["_build", "_ext", "_extra", "_templates", "inventories"]
smartquotes = False  # messages are looked for with the quotes that Python prints
default_role = "py:obj"  # what single backquotes in docstrings name
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

# Builds need no network. docs/inventories/README.md says where the file is from.
intersphinx_mapping = {"python": ("https://docs.python.org/3", "inventories/python.inv")}

poolcontext_captures = "captures"
poolcontext_process_pattern = "."  # all
poolcontext_jobs = 0  # one a core
poolcontext_figures = False  # a script has no variables but a terminal's
poolcontext_inherit = False  # what is shown is what `python NAME.py` prints in a terminal
poolcontext_renewal = "`python src/poolcontext capture` renews one platform's."
# Sentences that have to have a proof: those that name a start method or a version of Python.
poolcontext_claims = (
    r"(?i)\b(fork(s|ed|ing|server)?|spawn(s|ed|ing)?)\b|(?<![\w.])3\.\d+(\.\d+)?(?![\w/]|\.\d)"
)
poolcontext_glossary = "glossary"

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # each docstring says in words what its arguments are
napoleon_custom_sections = ["Source"]

sphinx_gallery_conf = {
    # Both count from docs/, not from here.
    "examples_dirs": "../examples",
    "gallery_dirs": "examples",
    "filename_pattern": r"\.py$",
    "subsection_order": [
        f"../examples/{topic}"
        for topic in ("list", "check", "set", "worker", "break", "cost", "beyond")
    ],
    # Who has an error message looks for it by its words.
    "within_subsection_order": "ExampleTitleSortKey",
    "remove_config_comments": True,
    # A notebook cannot give its own functions to spawned workers.
    "notebook_extensions": set(),
    "image_scrapers": (),
    "reset_modules": (),
    "default_thumb_file": "docs/_static/blank.svg",
    # Each outcome names its own seconds.
    "min_reported_time": 1e9,
    # It would be a page with five requests to other hosts.
    "write_computation_times": False,
    "show_signature": False,
}
suppress_warnings = [
    "git",  # a copy without its history has no dates
    "sphinx_gallery.space_in_filename",  # of the folder that a checkout is in
]

# Outputs are not for pasting, so they get no button.
copybutton_selector = "div.highlight:not(.highlight-none *) pre"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = "Pool Context"
html_last_updated_fmt = "%-d %B %Y"
git_last_updated_metatags = False
git_untracked_show_sourcelink = True  # the gallery's pages are untracked, what they are of is not
poolcontext_card = "_static/card.png"
poolcontext_titles = {  # for lists of search results, where the heading alone says too little
    "index": "How does my ProcessPoolExecutor start its processes? - Pool Context",
    "built-from": "What this site was built from: commit, packages, captures",
    "calendar": "What CPython will change for process pools: a calendar of releases",
    "choosing": "Choose a start method: fork, spawn or forkserver",
    "costs": "What fork, spawn and forkserver cost in time and memory",
    "examples/index": "Examples of process pools under fork, spawn and forkserver",
    "examples/beyond/index": "Beyond processes: the same function in other executors",
    "examples/break/index": "What breaks in a process pool, and what cures it",
    "examples/check/index": "Check which start method a process pool uses",
    "examples/cost/index": "Measure what a start method costs in time and memory",
    "examples/list/index": "List the start methods of this platform",
    "examples/set/index": "Set the start method of a process pool",
    "examples/worker/index": "What a worker process finds, and what to hand to it",
    "extension": "Run sphinx-gallery examples as processes of their own",
    "glossary": "Glossary of process pools: start method, context, worker",
    "helper": "Reference of poolcontext: list, check and set start methods",
    "libraries": "Start methods in libraries: joblib, Dask, PyTorch, mpire, pebble",
    "moving-to-314": "Python 3.14 breaks my process pool: what changed, what to do",
    "platforms": "Default start method by platform and Python version",
    "start-methods": "How fork, spawn and forkserver work",
    "symptoms": "Errors of process pools: BrokenProcessPool, pickling, hangs",
    "symptoms/breaking": "BrokenProcessPool: why a process pool breaks, and what cures it",
    "symptoms/calling": "Calls that ProcessPoolExecutor and Pool refuse, and why",
    "symptoms/costing": "Why a process pool is slow, or takes too much memory",
    "symptoms/ending": "How a process pool ends: Ctrl+C, shutdown, errors that vanish",
    "symptoms/handing": "Arguments and results of a process pool's tasks: limits, queues, progress",
    "symptoms/hanging": "Why a process pool hangs, or warns of fork and threads",
    "symptoms/memory": "Leaked semaphores and shared memory, managers, queues",
    "symptoms/pickling": "Cannot pickle: what cannot be sent to a worker process",
    "symptoms/sharing": "Connections and files that forked workers share",
    "symptoms/starting": "A process pool does not start: the guard, frozen programs, consoles",
    "symptoms/surroundings": "OSError from the system around a process pool: /dev/shm, limits",
    "symptoms/unpickling": "Can't get attribute, no module named: what a worker cannot unpickle",
    "symptoms/watching": "Debuggers, profilers and coverage with worker processes",
    "symptoms/wrong": "A process pool runs, but wrongly: globals, logging, random numbers",
    "testing": "Test code that uses a process pool, with pytest",
    "what-reaches-a-worker": "What reaches a worker process: globals, environment, files",
}
html_logo = html_favicon = "docs/_static/mark.svg"
templates_path = ["docs/_templates"]
html_static_path = ["docs/_static"]
html_extra_path = ["docs/_extra"]  # for hosts
html_css_files = ["poolcontext.css", "pool-context.css"]
html_js_files = [
    (name, {"defer": "defer"}) for name in ("drawers.js", "paste.js", "symptom-place.js")
]
html_sidebars = {
    "**": [  # the theme's own, and the choice of a platform
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/platform.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"top_of_page_buttons": []}

# Neither address is known to the project: whoever hosts it says where it is.
repository = os.environ.get("GITHUB_REPOSITORY", "")
if repository:
    html_theme_options = {
        "source_repository": f"https://github.com/{repository}/",
        "source_branch": "main",
        "source_directory": "docs/",
        "top_of_page_buttons": ["view", "edit"],
    }
html_baseurl = os.environ.get("READTHEDOCS_CANONICAL_URL", "")
