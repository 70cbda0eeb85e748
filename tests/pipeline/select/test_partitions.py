"""However finely the work is cut and whoever does it, the selection has the same bytes."""

from __future__ import annotations

import random
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from languages.vi.spelling import fold_tones
from pipeline.engine.pool import LocalPool
from pipeline.engine.processes import ProcessPool
from pipeline.select.grams import digest64
from pipeline.select.pieces import Sizes
from schemas.records import Context
from schemas.tables import read_table
from schemas.text import units
from tests.pipeline.select.test_select import (
    DUC_DRILL,
    KHOAN_DRILL,
    KHOAN_TOOL,
    KHOAN_WAIT,
    Outcome,
    context,
    jaccard,
    run_select,
    select,
)  # fmt: skip

FINE = Sizes(rows_in_a_piece=40, sentences_in_a_part=60, postings_in_a_part=150, first_round=16)
FLAGGING = {"near_duplicates_in_sense": "flag", "duplicates_across_senses": "flag"}
SETTINGS = {
    "dropping": {},
    "flagging in senses": {"near_duplicates_in_sense": "flag"},
    "flagging": FLAGGING,
    "capped": {"max_contexts_per_sense": 20},
    "flagging and capped": {**FLAGGING, "max_contexts_per_sense": 30},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of 240 contexts with many near-duplicates and copies, in row groups of 20."""
    where, rng = tmp_path_factory.mktemp("select"), random.Random(11)
    words = ["đá", "bỏ", "nhà", "chạy", "sông", "núi", "mưa", "trời"]
    rows = {}
    while len(rows) < 240:
        sense = rng.choice([KHOAN_TOOL, KHOAN_DRILL, KHOAN_WAIT, DUC_DRILL])
        others = rng.choices(words, k=rng.randint(2, 5))
        target = "đục" if sense == DUC_DRILL else "khoan"
        place = rng.randint(0, len(others))
        marked = " ".join([*others[:place], f"[[{target}]]", *others[place:]])
        row = context(sense, marked)
        rows[row.context_id] = row
    contexts = [rows[key] for key in sorted(rows)]
    chosen = [row for row in contexts if rng.random() < 0.8]
    verdicts = {
        row.sentence: row.sense_id if rng.random() < 0.7 else rng.choice([None, KHOAN_TOOL])
        for row in chosen
    }
    audits = {row.context_id: rng.choice(["good", "bad"]) for row in rng.sample(contexts, 9)}
    select(where, contexts, verdicts, audits, unanswered=contexts[::17])
    for name in ("contexts", "verdicts"):
        table = pq.read_table(where / f"{name}.parquet")
        pq.write_table(table, where / f"{name}.parquet", row_group_size=20)
    return where


def of(folder: Path, **told: object) -> tuple[bytes, Outcome]:
    outcome = run_select(folder, **told)
    return (folder / "selected.parquet").read_bytes(), outcome


@pytest.mark.parametrize("name", SETTINGS)
def test_pieces_and_parts_of_any_size_select_the_same(folder: Path, name: str) -> None:
    whole = of(folder, **SETTINGS[name])
    assert 20 < len(whole[1].selected) < 230
    for sizes in (FINE, Sizes(rows_in_a_piece=100)):
        found = of(folder, sizes=sizes, **SETTINGS[name])
        assert found[1] == whole[1]
        assert found[0] == whole[0]


def test_any_number_of_workers_selects_the_same(folder: Path) -> None:
    whole = of(folder, sizes=FINE)
    with closing(ProcessPool(3)) as pool:
        assert of(folder, sizes=FINE, pool=pool) == whole


class ForgetfulPool(LocalPool):
    """Does each piece of work twice, as when a worker died behind it."""

    def each(self, function, arguments):  # type: ignore[no-untyped-def]
        for argument in arguments:
            function(argument)
            yield function(argument)


def test_work_that_is_done_twice_does_no_harm(folder: Path) -> None:
    assert of(folder, sizes=FINE, pool=ForgetfulPool()) == of(folder, sizes=FINE)


class FailingPool(LocalPool):
    """Fails at its n-th piece of work."""

    def __init__(self, n: int) -> None:
        self._left = n

    def each(self, function, arguments):  # type: ignore[no-untyped-def]
        for argument in arguments:
            if not self._left:
                raise KeyboardInterrupt
            self._left -= 1
            yield function(argument)


def test_what_was_stopped_anywhere_is_done_anew(folder: Path) -> None:
    """Nothing of the stopped attempt is left behind, and the output is as it was."""
    whole, before = of(folder, sizes=FINE), sorted(folder.iterdir())
    for n in (3, 25):
        with pytest.raises(KeyboardInterrupt):
            run_select(folder, sizes=FINE, pool=FailingPool(n))
        assert sorted(folder.iterdir()) == before
        assert (folder / "selected.parquet").read_bytes() == whole[0]
    assert of(folder, sizes=FINE) == whole


def rank(row: Context) -> int:
    return digest64(row.context_id) >> 2


def plainly_selected(contexts: list[Context], threshold: float) -> set[str]:
    """By the rules as they are written down: every pair of sentences is compared."""
    texts = {row.context_id: units(fold_tones(row.sentence.casefold())) for row in contexts}
    uses: dict[tuple[str, str, int], set[str]] = defaultdict(set)

    def use(row: Context) -> tuple[str, str, int]:
        before = units(row.sentence[: row.target_start])
        return " ".join(texts[row.context_id]), row.target.casefold(), len(before)

    for row in contexts:
        uses[use(row)].add(row.sense_id)
    clear = sorted((row for row in contexts if len(uses[use(row)]) == 1), key=rank)
    staying: list[Context] = []
    for copies in (True, False):  # equal sentences first: what they drop drops nothing itself
        left, staying = clear, []
        for row in left:
            text = texts[row.context_id]
            if copies:
                alike = any(texts[other.context_id] == text for other in staying)
            else:
                alike = any(jaccard(row.sentence, o.sentence) >= threshold for o in staying)
            if not alike:
                staying.append(row)
        clear = staying
    return {row.context_id for row in staying}


def test_the_rules_applied_to_all_pairs_select_the_same(folder: Path, tmp_path: Path) -> None:
    contexts = list(read_table(folder / "contexts.parquet", Context))
    select(tmp_path, contexts)
    for threshold in (0.5, 0.6, 0.8):
        found = run_select(tmp_path, sizes=FINE, near_duplicate_threshold=threshold)
        ids = {row.context_id for row in found.selected}
        assert ids == plainly_selected(contexts, threshold)
