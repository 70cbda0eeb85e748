"""However finely rows are cut and whoever decides of them, their parts have the same bytes."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from languages.find import find_language
from pipeline.engine.pool import Pool
from pipeline.engine.processes import ProcessPool
from pipeline.engine.progress import Progress
from pipeline.select.pieces import Sizes
from pipeline.select.records import SelectedContext
from pipeline.split.pins import Pins, read_pins
from pipeline.split.settings import SplitSettings
from pipeline.split.split import split_contexts
from schemas.records import Pos, Reject, Sense
from schemas.tables import write_table
from tests.pipeline.split.test_pins import SHARES, rows_of, split, with_clusters, write_release
from tests.pipeline.split.test_split import lexicon

FINE = Sizes(rows_in_a_piece=50, rows_in_a_part=30)


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Pins]:
    """Some 700 rows with near-duplicates in row groups of 25, a third of them split before."""
    folder, rng = tmp_path_factory.mktemp("split"), random.Random(3)
    words = [f"từ {number}" for number in range(60)]
    senses = lexicon(
        [(rng.choice(list(Pos)), rng.sample(words, rng.randint(1, 4))) for _ in range(70)]
    )
    rows = rows_of(senses, 9, rng)
    old = [row for row in rows if rng.random() < 0.3]
    parts, _ = split(folder / "old", senses, old)
    pins = read_pins(write_release(folder / "release", senses, old, parts), find_language("vi"))
    gone = {row.context_id for row in old if rng.random() < 0.2}
    here = with_clusters([row for row in rows if row.context_id not in gone], set(parts), rng)
    write_table(folder / "senses.parquet", Sense, senses)
    write_table(folder / "selected.parquet", SelectedContext, here)
    table = pq.read_table(folder / "selected.parquet")
    pq.write_table(table, folder / "selected.parquet", row_group_size=25)
    return folder, pins


def done(
    cut: tuple[Path, Pins], **told: Sizes | Pool
) -> tuple[bytes, dict[str, int], list[Reject]]:
    folder, pins = cut
    rejects: list[Reject] = []
    counts = split_contexts(
        selected=folder / "selected.parquet",
        senses=folder / "senses.parquet",
        settings=SplitSettings(**SHARES),
        language=find_language("vi"),
        output=folder / "splits.parquet",
        on_reject=rejects.append,
        progress=Progress(),
        pins=pins,
        **told,  # type: ignore[arg-type]
    )
    return (folder / "splits.parquet").read_bytes(), counts, rejects


def test_pieces_and_parts_of_any_size_split_the_same(cut: tuple[Path, Pins]) -> None:
    whole = done(cut)
    assert whole[1]["pinned"] > 100
    assert len({reject.code for reject in whole[2]}) >= 2
    assert min(whole[1][part] for part in SHARES) > 10
    for sizes in (FINE, Sizes(rows_in_a_piece=25, rows_in_a_part=7), Sizes(rows_in_a_part=100)):
        assert done(cut, sizes=sizes) == whole


def test_any_number_of_workers_splits_the_same(cut: tuple[Path, Pins]) -> None:
    before = sorted(cut[0].iterdir())
    with closing(ProcessPool(2)) as pool:
        assert done(cut, sizes=FINE, pool=pool) == done(cut)
    assert sorted(cut[0].iterdir()) == before
