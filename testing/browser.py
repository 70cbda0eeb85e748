"""A real browser for tests: the chromium of the machine, driven by playwright, without a network.

Open one per module and close it with the module: while it is open, playwright's own event loop
runs in this thread, and no asynchronous test can.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

GRAVE = ("serious", "critical")
"""What axe-core calls faults that keep people from using a page."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser; skips the test where chromium or playwright is missing."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not on the PATH: apt install chromium")
    pytest.importorskip("playwright", reason="playwright is not installed: pip install .[dev]")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox"],  # without it chromium refuses to run as root
        )
        try:
            yield browser
        finally:
            browser.close()


def accessibility_faults(page: Page) -> list[str]:
    """What axe-core finds grave in a page as it is shown now, a line each; none if all is well."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="axe-playwright-python is not installed: pip install .[dev]",
    )
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']}: {node['html']}"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]
