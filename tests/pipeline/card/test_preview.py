"""The preview is one page that needs nothing beside it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from pipeline.card.preview import preview_html, split_head
from pipeline.card.render import write_card
from testing.tiny_release import make_tiny_release


class Balance(HTMLParser):
    """Finds tags that are opened and not closed, or the other way round."""

    VOID = frozenset({"meta", "img", "br", "hr", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_has_pictures_inside(tmp_path: Path) -> None:
    folder = make_tiny_release(tmp_path / "release")
    page = preview_html(write_card(folder), folder)
    balance = Balance()
    balance.feed(page)
    assert balance.open == []
    assert {"table", "img", "h2", "blockquote", "details"} <= balance.seen
    assert len(re.findall(r'<img src="data:image/png;base64,', page)) == 3
    assert re.findall(r'(?:src|href)="(?!data:|https://example\.org)([^"]*)"', page) == []
    assert "<title>viconwsd-demo 0.1.0</title>" in page
    assert "Tóm tắt bằng tiếng Việt" in page


def test_a_card_without_a_head_and_a_missing_picture_stay_readable(tmp_path: Path) -> None:
    page = preview_html("# A & B\n\n![x](plots/none.png)\n", tmp_path)
    assert "<title>A &amp; B</title>" in page
    assert 'src="plots/none.png"' in page
    assert split_head("no head") == ("", "no head")
