"""An audit's page in a real browser: the time from a key to what it shows, and the file's size.

    python -m benchmarks.bench_page [--rows 500]
    python -m benchmarks.bench_page --pictures FOLDER --audit AUDIT

The limits are 50 ms for a key and 1 MB for 500 rows. With ``--pictures`` pictures of an audit's
page are taken instead, those of docs/audits.md of the demo's.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from audits.page.write import write_pages
from languages.find import find_language
from testing.browser import chromium
from testing.made_up_audit import sample

N_KEYS = 300
LIMIT_MS = 50
BYTES_PER_ROW = 2000
TRAINING = ("Enter", *("1", "1", "1", "Enter") * 5)
"""The keys that lead to the first row: one question is answered as soon as three are."""

# From the key to the next frame that was painted, by the browser's own clock (Event Timing), in
# steps of 8 ms; and the time that the page's own code took of it.
_WATCH = """() => {
  window.shown = [];
  window.taken = [];
  new PerformanceObserver((found) => {
    for (const each of found.getEntries()) {
      if (each.name !== 'keydown') continue;
      shown.push(each.duration);
      taken.push(each.processingEnd - each.processingStart);
    }
  }).observe({ type: 'event', durationThreshold: 16 });
}"""


def time_keys(browser: Any, page: Path) -> tuple[list[float], list[float]]:
    """Milliseconds of each key that took 16 or more: until it was shown, and in the code."""
    tab = browser.new_page(viewport={"width": 1000, "height": 800})
    tab.goto(page.as_uri())
    for key in TRAINING:
        tab.keyboard.press(key)
    tab.wait_for_selector("#remark")
    tab.evaluate(_WATCH)
    for number in range(N_KEYS):
        tab.keyboard.press("z" if number % 17 == 16 else "1")
        tab.wait_for_timeout(20)  # so that each key has a frame of its own, as a person's has
    tab.wait_for_timeout(500)
    shown, taken = tab.evaluate("[shown, taken]")
    tab.close()
    return shown, taken


def take_pictures(browser: Any, page: Path, folder: Path) -> None:
    """Writes page-light.png, page-dark.png and page-phone.png."""
    for name, scheme, width, height, keys in (
        ("light", "light", 820, 850, "1"),
        ("dark", "dark", 820, 850, "12"),
        ("phone", "light", 390, 844, "1"),
    ):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            has_touch=name == "phone",
            is_mobile=name == "phone",
        )
        tab = context.new_page()
        tab.goto(page.as_uri())
        for key in (*TRAINING, *"111" * 4, *keys):
            tab.keyboard.press(key)
        tab.evaluate("document.activeElement.blur()")
        path = folder / f"page-{name}.png"
        tab.screenshot(path=path)
        context.close()
        with Image.open(path) as picture:
            picture.quantize(64).save(path, optimize=True)


def main() -> int:
    """Measures both modes, or takes the pictures; 1 if a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    parser.add_argument("--audit", type=Path, help="The audit to take pictures of.")
    given = parser.parse_args()
    language = find_language("vi")
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        if given.pictures:
            [page, *_] = write_pages(given.audit, language)
            take_pictures(browser, page, given.pictures)
            return 0
        kept = True
        for mode in ("review", "blind"):
            folder = Path(place) / mode
            sample(folder, given.rows, mode)  # type: ignore[arg-type]
            [page] = write_pages(folder, language)
            shown, taken = time_keys(browser, page)
            times = sorted(shown)
            print(
                f"{mode}: {given.rows:,} rows, {page.stat().st_size / 1000:,.0f} kB; "
                f"{len(times)} keys shown after {statistics.median(times):.0f} ms (median), "
                f"{times[int(0.95 * len(times))]:.0f} (95 %), {times[-1]:.0f} (most); "
                f"of it the page's code {statistics.median(taken):.1f}, {max(taken):.1f} at most"
            )
            kept &= times[-1] <= LIMIT_MS and page.stat().st_size < BYTES_PER_ROW * given.rows
    return 0 if kept else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except pytest.skip.Exception as missing:
        print(f"skipped: {missing}")
