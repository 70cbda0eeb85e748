"""Names that others chose stay names: in the card, in its page, and in its pictures."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from pipeline.card.facts import gather
from pipeline.card.preview import preview_html, split_head
from pipeline.card.render import write_card
from pipeline.release.manifest import ReleaseManifest
from schemas.records import Example
from schemas.tables import read_table, write_table
from testing.tiny_release import make_tiny_release

EVIL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a\n\n<iframe src=//evil></iframe>\n\n# b",
    "[x](javascript:alert(1))",
    "` <b onclick=alert(1)> `",
    "--> | <svg/onload=alert(1)>",
    "$\\frac{$ & 100 % \\",
    "}} {% raw %} {{ m }}",
)
_ORDINARY = {
    *("html", "head", "meta", "title", "style", "body", "main", "details", "summary", "pre"),
    *("h1", "h2", "p", "b", "strong", "em", "code", "a", "ul", "li", "blockquote", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


class Elements(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def hostile(folder: Path, evil: str) -> Path:
    """A release in which every name is ``evil``."""
    release = make_tiny_release(folder / "release", recorded=False)
    manifest = ReleaseManifest.read(release)
    of_stages = {
        "counts": {evil: 1}, "codes": {evil: evil}, "models": (evil,), "currency": evil
    }  # fmt: skip
    stages = tuple(
        stage.model_copy(update={**of_stages, "name": f"{stage.name} {evil}", "rejects": {evil: 3}})
        for stage in manifest.stages
    )
    of_source = {"url": f"javascript:{evil}"} | dict.fromkeys(
        ("name", "licence", "citation", "version", "notice"), evil
    )
    source = manifest.source.model_copy(update=of_source)
    update = {"name": f"x {evil}", "version": evil, "licence": evil, "software": {evil: evil}}
    manifest.model_copy(update={**update, "stages": stages, "source": source}).write(release)
    return release


@pytest.mark.parametrize("evil", EVIL)
def test_no_name_becomes_an_element_of_the_page(tmp_path: Path, evil: str) -> None:
    release = hostile(tmp_path, evil)
    elements = Elements()
    elements.feed(preview_html(write_card(release), release))
    assert {tag for tag, _ in elements.found} <= _ORDINARY
    for tag, attributes in elements.found:
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "img":
            assert (attributes["src"] or "").startswith("data:image/png;base64,")
        assert "javascript" not in (attributes.get("href") or "").lower()


@pytest.mark.parametrize("evil", EVIL)
def test_headings_and_yaml_are_those_of_any_card(tmp_path: Path, evil: str) -> None:
    ordinary = write_card(make_tiny_release(tmp_path / "ordinary", recorded=False))
    head, body = split_head(write_card(hostile(tmp_path, evil)))
    assert yaml.safe_load(head)["pretty_name"] == f"x {evil} {evil}"

    def headings(card: str) -> list[str]:
        return [line for line in card.splitlines() if line.startswith("#")][1:]

    assert headings(body) == headings(split_head(ordinary)[1])


def test_the_page_lets_no_script_run(tmp_path: Path) -> None:
    release = make_tiny_release(tmp_path)
    page = preview_html(write_card(release), release)
    policy = page.split('http-equiv="Content-Security-Policy" content="')[1].split('"')[0]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize(
    ("judged", "shown"),
    [
        (("unjudged", "disagree", "agree"), "c2"),
        (("disagree", "unjudged"), "c1"),
        (("disagree", "disagree"), "c0"),
    ],
)
def test_the_example_is_one_that_the_judge_agreed_with_if_there_is_one(
    tmp_path: Path, judged: tuple[str, ...], shown: str
) -> None:
    release = make_tiny_release(tmp_path)
    path = release / "data/examples/train.parquet"
    row = next(iter(read_table(path, Example)))
    rows = [
        row.model_copy(update={"context_id": f"c{n}", "judged": each, "n_candidates_same_pos": 2})
        for n, each in enumerate(judged)
    ]
    write_table(path, Example, rows)
    example = gather(release).example
    assert example is not None
    assert example.context_id == shown


def test_unjudged_rows_are_told_as_a_limit_where_a_judge_was_asked(tmp_path: Path) -> None:
    release = make_tiny_release(tmp_path)
    manifest = ReleaseManifest.read(release)
    judge = manifest.judge.model_copy(update={"agree": 5, "disagree": 0, "unjudged": 3})
    manifest.model_copy(update={"judge": judge}).write(release)
    line = "- 3 rows are `unjudged`: the judge gave no valid answer, which says nothing for them."
    assert line in write_card(release)
    never = judge.model_copy(update={"agree": 0, "unjudged": 8})
    manifest.model_copy(update={"judge": never}).write(release)
    assert "the judge gave no valid answer" not in write_card(release)
