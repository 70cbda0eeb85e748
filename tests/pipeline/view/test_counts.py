"""Every number that counts rows leads to a page with as many of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from languages.find import find_language
from schemas.predictions import PREDICTIONS, in_both, read_predictions, write_predictions
from testing.tiny_release import make_tiny_release
from tests.conftest import TinyRun
from tests.pipeline.view.conftest import Seen, seen

VOID = ("meta", "link", "input", "br", "img", "circle", "line", "rect")
NUMERAL = re.compile(r"[\d.,]*\d")


@dataclass
class Counts(HTMLParser):
    """The counts of a page, the totals of its lists, and numerals that are neither."""

    found: list[tuple[int, str | None, str]] = field(default_factory=list)
    """Number, address, text."""
    totals: dict[str, int] = field(default_factory=dict)
    """By the id of the element, empty for the list that the page is."""
    bare: list[str] = field(default_factory=list)
    """Whole numbers in cells of numbers that are no counts."""
    _open: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if (n := given.get("data-count")) is not None:
            self.found.append((int(n), given.get("href"), ""))
        if (n := given.get("data-total")) is not None:
            self.totals[given.get("id") or ""] = int(n)
        if tag not in VOID:
            self._open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        text, within = data.strip(), [given for _, given in self._open]
        if not text:
            return
        if any("data-figure" in given for given in within):
            return
        if any("data-count" in given for given in within):
            n, href, told = self.found[-1]
            self.found[-1] = n, href, told + text
        elif any("num" in (given.get("class") or "").split() for given in within):
            self.bare += [text] if NUMERAL.fullmatch(text) and "." not in text else []


def read(text: str) -> Counts:
    found = Counts()
    found.feed(text)
    return found


def addresses(found: Seen) -> Iterator[str]:
    """Pages of every kind."""
    yield from ("/", "/words", "/senses", "/rows", "/rejects", "/quality", "/audits")
    yield from ("/word?lemma=khoan", "/rows?q=khoan")
    if found.site.looked.config is not None:
        yield from ("/replies", "/replies?kind=losses", "/compare", "/compare?kind=glosses")


def assert_every_count_leads_to_its_rows(found: Seen, rows_are_there: bool = True) -> int:
    seen_before: dict[str, Counts] = {}
    n_links = 0
    for address in addresses(found):
        page = read(found.text(address))
        assert page.bare == [], address
        for number, href, text in page.found:
            if number and rows_are_there:
                assert href, f"{address}: {text}"
            if href is None:
                continue
            n_links += 1
            path, _, part = href.partition("#")
            if path and path not in seen_before:
                seen_before[path] = read(found.text(path))
            there = seen_before[path] if path else page
            assert there.totals[part] == number, f"{address}: {text} -> {href}"
    return n_links


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_release(tmp_path_factory.mktemp("release") / "r")


def test_every_count_of_a_run_leads_to_its_rows(finished: TinyRun, release: Path) -> None:
    """And of what it is compared with."""
    assert assert_every_count_leads_to_its_rows(seen(finished.config, against=release)) > 80


def test_every_count_of_a_release_that_has_a_link_leads_to_its_rows(release: Path) -> None:
    """What its stages asked and dropped is not in it."""
    assert assert_every_count_leads_to_its_rows(seen(release=release), rows_are_there=False) > 30


def test_every_figure_of_a_model_leads_to_the_rows_it_is_told_of(
    finished: TinyRun, model: Path, tmp_path: Path
) -> None:
    """And what is doubted is found in the predictions that an evaluation leaves in the run."""
    from trainer.data.release import read_release
    from trainer.evaluation.run import evaluate_model, write_evaluation
    from trainer.saved.model_folder import SavedModel
    from trainer.settings import EvaluateSettings

    run = TinyRun(Path(shutil.copytree(finished.folder, tmp_path / "run")))
    data = read_release(run.folder / "release", find_language("vi"))
    settings = EvaluateSettings(
        bootstrap_samples=10, retrieval=False, bem=False, frozen_backbone=False
    )
    evaluation = evaluate_model(SavedModel.open(model), data, settings, lambda _: None)
    write_evaluation(run.folder / "evaluation", evaluation)
    found = seen(run.config, model=model)
    page = read(found.text("/model"))
    assert page.bare == []
    answers = [(n, href) for n, href, _ in page.found if n and "/answers?" in (href or "")]
    assert len(answers) > 50
    for number, href in answers[::7]:
        assert read(found.text(str(href))).totals[""] == number, href
    rows = list(read_predictions(run.folder / "evaluation" / PREDICTIONS))
    assert [row.context_id for row in rows] == [item.item_id for item in evaluation.items]
    system, *_ = evaluation.report.systems
    both = in_both(rows)
    for cell in system.cells:
        assert sum(r.is_in(cell.group, cell.name, both) for r in rows) == cell.estimate.n_items
    right = [row for row in rows if row.n > 1 and row.is_right(system.name)]
    whole = system.estimate("all", "ambiguous")
    assert whole is not None
    assert whole.value == pytest.approx(len(right) / whole.n_items)
    doubting = [replace(rows[0], probability=0.2), *rows[1:]]
    write_predictions(run.folder / "evaluation" / PREDICTIONS, [system.name], doubting)
    assert seen(run.config).text("/rows").count("doubted by the model") == 1
