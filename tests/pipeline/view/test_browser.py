"""Every page opened and used in a real browser, against a real server."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from testing.browser import accessibility_faults, chromium
from tests.conftest import TinyRun
from tests.pipeline.view.conftest import TOKEN, seen, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = {
    "/": "Run",
    "/plan": "Plan",
    "/words": "Words",
    "/senses": "Senses",
    "/table?stage=judge&table=votes": "judge: votes",
    "/replies": "Replies",
    "/word?lemma=khoan": "khoan",
    "/rows": "Contexts",
    "/rejects": "Rejected",
    "/quality": "Quality",
    "/model": "Model",
    "/compare": "Compare",
    "/audits": "Audits",
    "/map?lemma=khoan": "khoan",
    "/nowhere": "Not here",
}
DARK = ("/word?lemma=khoan", "/")
"""Pages whose colours are looked at in the dark too: all others have the same."""


@dataclass(frozen=True)
class Opened:
    """A page of the browser, and what it complained of."""

    page: "Page"
    base: str
    complaints: list[str]
    plain: "Page"
    """A page of a browser without scripts."""

    def go(self, address: str) -> None:
        """Opens a page, and waits until nothing asks for patience."""
        for _ in range(100):
            answer = self.page.goto(self.base + address)
            assert answer is not None
            if answer.status != 503:
                return
            time.sleep(0.05)
        raise AssertionError(address)


@pytest.fixture(scope="module")
def served(finished: TinyRun, model: Path) -> Iterator[str]:
    site = seen(finished.config, model=model, against=finished.folder).site
    with serving(site, finished.folder) as address:
        yield address


@pytest.fixture(scope="module")
def opened(served: str) -> Iterator[Opened]:
    with chromium() as browser:
        context = browser.new_context(locale="en")
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{served}/?token={TOKEN}")
        plain = browser.new_context(locale="en", java_script_enabled=False).new_page()
        plain.goto(f"{served}/?token={TOKEN}")
        yield Opened(page, served, complaints, plain)


def test_the_token_leaves_the_address(opened: Opened) -> None:
    assert opened.page.url == f"{opened.base}/"


@pytest.mark.parametrize("address", PAGES)
def test_a_page_opens_fits_the_screen_and_shuts_nobody_out(opened: Opened, address: str) -> None:
    opened.go(address)
    opened.complaints.clear()
    opened.page.reload()
    assert opened.page.inner_text("h1").startswith(PAGES[address])
    for scheme in ("light", "dark") if address in DARK else ("light",):
        opened.page.emulate_media(color_scheme=scheme)
        assert accessibility_faults(opened.page) == []
    assert_it_fits(opened.page)
    assert [said for said in opened.complaints if "404" not in said] == []


def assert_it_fits(page: "Page") -> None:
    """The page is no wider than the screen, of a desk or of a telephone."""
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("address", PAGES)
def test_a_page_reads_whole_without_scripts(opened: Opened, address: str) -> None:
    opened.go(address)
    said = opened.page.inner_text("main")
    opened.plain.goto(opened.base + address)
    assert opened.plain.inner_text("main") == said


def test_a_word_is_found_by_search_and_its_row_followed_to_the_reply(opened: Opened) -> None:
    page = opened.page
    opened.go("/")
    page.keyboard.press("/")
    page.keyboard.type("tảng đá")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rows?q=*")
    assert page.inner_text("ol.rows mark") == "đá"
    page.click("ol.rows a.way")
    assert page.inner_text("h1") == "The way of one row"
    assert accessibility_faults(page) == []
    assert_it_fits(page)
    page.click("text=the prompt and the whole reply")
    assert "[[đá]]" in page.inner_text("pre >> nth=-1")
    assert accessibility_faults(page) == []
    assert_it_fits(page)


def test_keys_lead_through_words(opened: Opened) -> None:
    opened.go("/word?lemma=khoan")
    opened.page.keyboard.press("j")
    opened.page.wait_for_url(lambda url: "khoan" not in url)
    opened.page.keyboard.press("k")
    opened.page.wait_for_url("**/word?lemma=khoan")


def test_the_keyboard_alone_leads_from_the_words_to_a_row(opened: Opened) -> None:
    opened.go("/words")
    for wanted, heading in (("tbody th a", ""), ("a.way", "The way of one row")):
        for _ in range(80):
            opened.page.keyboard.press("Tab")
            if opened.page.evaluate(f"document.activeElement.matches('{wanted}')"):
                break
        before = opened.page.url
        opened.page.keyboard.press("Enter")
        opened.page.wait_for_url(lambda url, before=before: url != before)
        assert opened.page.inner_text("h1").startswith(heading)


def test_the_first_tab_leads_to_the_content(opened: Opened) -> None:
    opened.go("/words")
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Enter")
    assert opened.page.url.endswith("#main")


def test_the_language_stays_chosen(opened: Opened) -> None:
    opened.go("/words?lang=vi")
    opened.go("/rejects")
    assert opened.page.inner_text("h1").startswith("Bị loại")
    opened.go("/words?lang=en")


def test_a_filter_is_chosen_and_shown(opened: Opened) -> None:
    opened.go("/rows")
    opened.page.select_option("select[name=pos]", "verb")
    opened.page.click("text=Show")
    assert "pos=verb" in opened.page.url
    assert opened.page.input_value("select[name=pos]") == "verb"


def test_the_run_page_follows_the_run_by_itself(opened: Opened, finished: TinyRun) -> None:
    """What a run tells of itself is shown without a reload, while the page stays where it is."""
    note = finished.folder / "at-work.json"
    kept = note.read_text(encoding="utf-8")
    opened.go("/")
    page = opened.page
    page.evaluate("document.getElementById('live').dataset.live = '0.2'; watch()")
    try:
        changed = kept.replace('"received":', '"in_flight":3,"received":9,"x":')
        note.write_text(changed, encoding="utf-8")
        page.wait_for_selector("text=9 new", timeout=5_000)
    finally:
        note.write_text(kept, encoding="utf-8")
