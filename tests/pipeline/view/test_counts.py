"""Every number that counts rows leads to a page with as many of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest

from audits.answers.history import AnswerEvent, append
from audits.answers.judgements import read_judgements
from audits.key import read_sheet_rows, read_sheets
from languages.find import find_language
from pipeline.cli.main import exit_code
from pipeline.view.pages.counted import of_stage
from pipeline.view.reading.run_state import RunState
from schemas.predictions import PREDICTIONS, in_both, read_predictions, write_predictions
from testing.tiny_release import make_tiny_release
from tests.conftest import GLOSSES, TinyRun
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
        yield from ("/replies", "/replies?kind=losses", "/plan")
        yield from ("/compare", "/compare?kind=glosses")


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


@pytest.fixture(scope="module")
def unreleased(finished: TinyRun, tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    """The run before its release, with an audit of what it selected, of which one row is read."""
    folder = tmp_path_factory.mktemp("unreleased") / "run"
    leave = shutil.ignore_patterns("release", ".view", "rephrase")
    run = TinyRun(Path(shutil.copytree(finished.folder, folder, ignore=leave)))
    run.set("audit", 'size = 5\nannotators = ["lan"]')
    chosen = ["--from", "selected"]
    assert exit_code(["audit", "sample", "-c", str(run.config), *chosen]) == 0
    audit = folder / "audits" / "audit"
    row = next(iter(read_sheet_rows(audit, read_sheets(audit)[0])))
    told = {"row_key": row.row_key, "sheet": "lan", "context_id": row.context_id, "file": "f"}
    told |= {"imported_at": "2026-01-02T03:04:05Z", "typed": "x"}
    asked = read_judgements(audit).asked
    append(audit, (AnswerEvent(question=q.code, answer="yes", **told) for q in asked))
    return run


def test_a_run_without_a_release_has_its_figures_of_quality(unreleased: TinyRun) -> None:
    found = seen(unreleased.config)
    text = found.text("/quality")
    assert "There is no release yet: these are figures of the run&#39;s own tables so far." in text
    assert "Before selection the judges agreed in 100.0 % of 15 contexts." in text
    assert "15 sentences of 5 senses, three of each, from the first accepted contexts." in text
    assert "Good rows:" in text
    assert text.count('class="whisker"') >= 3
    assert "This is told of a release" in text
    page = read(text)
    assert page.bare == []
    numbers = [n for n, _, _ in page.found]
    assert numbers[:2] == [15, 15]
    for number, href, said in page.found:
        if number:
            assert href, said
            assert read(found.text(href)).totals[""] == number, href


def test_a_run_that_has_asked_nobody_yet_has_a_page_of_quality(tiny_run: TinyRun) -> None:
    text = seen(tiny_run.config).text("/quality")
    for said in ("No judge has voted yet.", "no contexts yet", "Nobody has audited this run."):
        assert said in text


def test_texts_near_a_reference_and_senses_that_were_to_have_sentences_are_found(
    tiny_run: TinyRun,
) -> None:
    """Definitions and sentences that stay although they share a run of words with the reference."""
    kept = f"{GLOSSES['tiny-3']}\nCái khoan này chạy bằng pin nên mang đi đâu cũng tiện.\n"
    (tiny_run.folder / "kept.txt").write_text(kept, encoding="utf-8")
    tiny_run.set("checks", 'reference = "kept.txt"')
    assert exit_code(["run", "-c", str(tiny_run.config), "--until", "contexts"]) == 0
    found = seen(tiny_run.config)
    near = [(n, href) for n, href, _ in read(found.text("/")).found if "near" in str(href)]
    assert [n for n, _ in near] == [1, 1]
    for n, href in near:
        assert read(found.text(str(href))).totals[""] == n
    contexts = run_of(found).output("contexts")
    assert contexts is not None
    lost = contexts.manifest.counts | {"senses_without": 1}
    place = of_stage("contexts", "senses", contexts.manifest.model_copy(update={"counts": lost}))
    assert place is not None
    assert read(found.text(f"/table?{urlencode(place[1])}")).totals[""] == 5


def run_of(found: Seen) -> RunState:
    run = found.site.run()
    assert run is not None
    return run
