"""Run Lighthouse and vnu on the built site, and fail below what is wanted: `make audit`."""

from __future__ import annotations

import collections
import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import serving

HERE = Path(__file__).parent
SITE = HERE.parents[1] / "docs" / "_build" / "html"
MODULES = HERE / "node_modules"
PAGES = {
    "home": "index.html",
    "gallery": "examples/index.html",
    "example": "examples/break/no_main_guard.html",
    "matrix": "platforms.html",
    "symptoms": "symptoms.html",
    "reference": "helper.html",
}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
MOST_SHIFT = 0.02
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"

OTHERS = {
    "The “aria-controls” attribute must not be used on any “label” element": "sphinx-design",
    "Duplicate ID “sg-tag-list”": "sphinx-gallery",
    "A “link” element with an “as” attribute must have a “rel” attribute": "Furo",
}
"""How errors of HTML begin that are not this project's, and whose they are."""


def audit(address: str) -> dict[str, Any]:
    """What Lighthouse says of one page, with its phone profile."""
    lighthouse = MODULES / "lighthouse" / "cli" / "index.js"
    command = [
        MODULES / ".bin" / "node",
        lighthouse,
        address,
        "--output=json",
        "--quiet",
        f"--chrome-flags={FLAGS}",
    ]
    environment = {"CHROME_PATH": shutil.which("chromium") or "", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, env=environment)
    if done.returncode:
        sys.exit(done.stderr)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def measure(times: int) -> bool:
    """Audit each page a few times and print the median of each figure; tell whether all is well."""
    print(f"{'page':10}", *(f"{name:>14}" for name in (*CATEGORIES, "shift", "KB", "missed")))
    well = True
    with serving.serve(SITE) as address:
        for name, page in PAGES.items():
            reports = [audit(f"{address}/{page}") for _ in range(times)]
            scores = [
                round(100 * statistics.median(one["categories"][kind]["score"] for one in reports))
                for kind in CATEGORIES
            ]
            audits = reports[0]["audits"]
            shift = max(one["audits"]["cumulative-layout-shift"]["numericValue"] for one in reports)
            weight = audits["total-byte-weight"]["numericValue"] / 1000
            low = [
                key
                for key, found in audits.items()
                if found["score"] is not None and found["score"] < 0.9
            ]
            cells = [*scores, f"{shift:.3f}", f"{weight:.0f}", " ".join(low) or "-"]
            print(f"{name:10}", *(f"{cell:>14}" for cell in cells), flush=True)
            well = well and min(scores) == 100 and shift < MOST_SHIFT
    return well


def validate() -> bool:
    """Print the errors in the HTML of all pages by whose they are; tell whether none is ours."""
    java = shutil.which("java")
    if not java:
        print("The HTML was not looked at: vnu wants Java, on Debian default-jre-headless.")
        return False
    vnu = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
    options = ["--errors-only", "--format", "json", "--exit-zero-always"]
    pages = sorted(SITE.rglob("*.html"))
    command = [java, "-jar", vnu, *options, *pages]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    # It reports on the channel of errors.
    texts = [one["message"] for one in json.loads(done.stderr)["messages"]]
    print(f"\nErrors in the HTML of {len(pages)} pages:")
    well = True
    for text, number in collections.Counter(texts).most_common():
        owner = next((owner for start, owner in OTHERS.items() if text.startswith(start)), "ours")
        print(f"{number:5}  {owner:15} {text}")
        well = well and owner != "ours"
    return well


if __name__ == "__main__":
    results = [measure(times=3), validate()]
    sys.exit(not all(results))
