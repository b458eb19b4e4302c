"""Run Lighthouse on the built site, print a table, and fail below what is wanted: `make audit`."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import serving

HERE = Path(__file__).parent
SITE = HERE.parents[1] / "docs" / "_build" / "html"
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


def audit(address: str) -> dict[str, object]:
    """What Lighthouse says of one page, with its phone profile."""
    lighthouse = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
    node = HERE / "node_modules" / ".bin" / "node"
    command = [node, lighthouse, address, "--output=json", "--quiet", f"--chrome-flags={FLAGS}"]
    environment = {"CHROME_PATH": shutil.which("chromium") or "", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, env=environment)
    if done.returncode:
        sys.exit(done.stderr)
    report: dict[str, object] = json.loads(done.stdout)
    return report


def main(times: int = 3) -> int:
    """Audit each page a few times, and take the median of each figure."""
    print(f"{'page':10}", *(f"{name:>14}" for name in (*CATEGORIES, "shift", "KB", "missed")))
    missed = False
    with serving.serve(SITE) as address:
        for name, page in PAGES.items():
            reports = [audit(f"{address}/{page}") for _ in range(times)]
            scores = [
                round(
                    100 * statistics.median(one["categories"][kind]["score"] for one in reports)  # type: ignore[index]
                )
                for kind in CATEGORIES
            ]
            audits = reports[0]["audits"]
            shift = max(
                one["audits"]["cumulative-layout-shift"]["numericValue"]  # type: ignore[index]
                for one in reports
            )
            weight = audits["total-byte-weight"]["numericValue"] / 1000  # type: ignore[index]
            low = [
                key
                for key, found in audits.items()  # type: ignore[attr-defined]
                if found["score"] is not None and found["score"] < 0.9
            ]
            cells = [*scores, f"{shift:.3f}", f"{weight:.0f}", " ".join(low) or "-"]
            print(f"{name:10}", *(f"{cell:>14}" for cell in cells), flush=True)
            missed = missed or min(scores) < 100 or shift >= MOST_SHIFT
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
