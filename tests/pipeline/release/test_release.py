"""The release folder holds what its manifest says, and every row keeps its promises."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audits.sampling.candidates import release_origins
from languages.find import find_language
from pipeline.card.render import compose_card
from pipeline.release.manifest import LinkFigures, ReleaseManifest
from pipeline.release.records import ExampleProvenance, GlossProvenance
from pipeline.select.records import SelectedContext
from pipeline.split.records import Assignment
from schemas.errors import InputError, RunError, StorageError
from schemas.records import Example, Gloss, InventorySense, Sense, Split
from schemas.tables import content_hash, read_table, write_table
from schemas.text import units


def examples(folder: Path) -> Iterator[Example]:
    for file in ReleaseManifest.read(folder).files_of("examples"):
        yield from read_table(folder / file.path, Example)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_row_marks_its_lemma_and_carries_its_sense(tables: Any, release: Path) -> None:
    senses = {sense.sense_id: sense for sense in read_table(tables.path("senses"), Sense)}
    rows = list(examples(release))
    assert len(rows) == ReleaseManifest.read(release).counts.examples > 500
    for row in rows:
        sense = senses[row.sense_id]
        assert (
            find_language("vi").match_key(row.target)
            == find_language("vi").match_key(row.lemma)
            == find_language("vi").match_key(sense.lemma)
        )
        assert (row.synset_id, row.pos) == (sense.synset_id, sense.pos)
        assert row.n_candidates == sense.n_siblings + 1
        assert row.n_candidates_same_pos == sense.n_siblings_same_pos + 1
        assert row.gloss == f"nghĩa của {row.synset_id}"
        assert row.supersense.startswith(row.pos.value)


def test_tables_are_what_the_manifest_says(release: Path) -> None:
    manifest = ReleaseManifest.read(release)
    records = {
        "examples": Example,
        "senses": InventorySense,
        "example_provenance": ExampleProvenance,
        "gloss_provenance": GlossProvenance,
    }
    listed = {file.path for file in manifest.tables}
    assert listed == {p.relative_to(release).as_posix() for p in release.rglob("*.parquet")}
    for file in manifest.tables:
        path = release / file.path
        rows = list(read_table(path, records[file.table]))
        assert len(rows) == file.rows
        assert path.stat().st_size == file.bytes
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
        assert content_hash(path, records[file.table]) == file.content_hash
    assert not [path for path in release.parent.iterdir() if path.name.startswith(".")]


def test_shards_are_numbered_bounded_and_sorted(release: Path) -> None:
    manifest = ReleaseManifest.read(release)
    train = manifest.files_of("examples", Split.TRAIN)
    assert len(train) > 3
    for number, file in enumerate(train):
        assert file.path == f"data/examples/train-{number:05d}-of-{len(train):05d}.parquet"
        assert file.rows <= 100
    for split in Split:
        ids = [
            row.context_id
            for file in manifest.files_of("examples", split)
            for row in read_table(release / file.path, Example)
        ]
        assert ids == sorted(ids)
        assert len(ids) == len(set(ids)) > 0
    senses = [row.sense_id for file in manifest.files_of("senses")
              for row in read_table(release / file.path, InventorySense)]  # fmt: skip
    assert senses == sorted(senses)


def test_a_sense_has_the_cluster_of_its_synset(release: Path) -> None:
    (file,) = ReleaseManifest.read(release).files_of("senses")
    clusters = {
        row.synset_id: row.cluster
        for row in read_table(release / file.path, InventorySense)
        if row.cluster
    }
    assert clusters == {"m-1": "m-1", "m-14": "m-1"}


def test_a_sense_has_the_link_of_its_synset_and_the_manifest_counts_them(release: Path) -> None:
    manifest = ReleaseManifest.read(release)
    (file,) = manifest.files_of("senses")
    links = {
        row.synset_id: (row.ili, row.princeton, row.link_confidence)
        for row in read_table(release / file.path, InventorySense)
        if row.link_confidence is not None
    }
    assert links == {"m-1": ("i46593", "02121620-n", 0.75), "m-2": (None, "02084071-n", 1.0)}
    assert manifest.links == LinkFigures(synsets=2, stated=1, expected_right=1.8)
    assert "2 of the 40 synsets have a counterpart in Princeton WordNet 3.0" in (
        release / "README.md"
    ).read_text(encoding="utf-8")


def test_shard_limit_in_megabytes(tables: Any, tmp_path: Path) -> None:
    manifest = tables.release(tmp_path / "r", row_group_rows=32, max_shard_mb=0.01)
    train = manifest.files_of("examples", Split.TRAIN)
    assert len(train) > 2
    sizes = [file.bytes for file in train]
    assert all(10_000 <= size < 30_000 for size in sizes[:-1]), sizes


def test_statistics_agree_with_the_rows(release: Path) -> None:
    manifest = ReleaseManifest.read(release)
    rows = list(examples(release))
    for part in manifest.splits:
        mine = [row for row in rows if row.split is part.split]
        assert part.rows == len(mine)
        assert part.senses == len({row.sense_id for row in mine})
        assert part.synsets == len({row.synset_id for row in mine})
        assert part.lemmas == len({find_language("vi").match_key(row.lemma) for row in mine})
        for pos, count in part.by_pos.items():
            assert count == sum(row.pos is pos for row in mine)
        same_pos = sum(row.n_candidates_same_pos > 1 for row in mine)
        assert part.by_polysemy["same_pos"] == same_pos
        lengths = [len(units(row.sentence)) for row in mine]
        assert (part.lengths.least, part.lengths.most) == (min(lengths), max(lengths))
        assert part.lengths.mean == round(sum(lengths) / len(lengths), 3)
        assert sum(part.by_pos_and_polysemy.values()) == part.rows
    coverage = manifest.coverage
    assert sum(n * k for n, k in coverage.senses_by_contexts.items()) == len(rows)
    assert coverage.senses_without == coverage.senses_by_contexts[0] == 3
    assert manifest.judge.agreement == 0.9


def test_every_row_is_traced_to_its_request(release: Path) -> None:
    manifest = ReleaseManifest.read(release)
    traces = {
        row.context_id: row.provenance
        for file in manifest.files_of("example_provenance")
        for row in read_table(release / file.path, ExampleProvenance)
    }
    rows = list(examples(release))
    assert traces.keys() == {row.context_id for row in rows}
    assert all(traces[row.context_id].request_key == f"k-{row.sense_id}" for row in rows)
    glosses = [row for file in manifest.files_of("gloss_provenance")
               for row in read_table(release / file.path, GlossProvenance)]  # fmt: skip
    assert len(glosses) == manifest.counts.glosses == 39


def test_rows_that_no_request_made_are_counted_and_said_on_the_card(
    fresh_tables: Callable[[], Any], tmp_path: Path
) -> None:
    tables = fresh_tables()
    for name, record, every in (("selected", SelectedContext, 5), ("glosses", Gloss, 4)):
        rows = list(read_table(tables.path(name), record))
        own = [
            r if n % every else r.model_copy(update={"provenance": None})
            for n, r in enumerate(rows)
        ]
        write_table(tables.path(name), record, own)
    contexts = list(read_table(tables.path("selected"), SelectedContext))
    n_contexts = sum(row.provenance is None for row in contexts)
    manifest = tables.release(tmp_path / "release")
    counts = manifest.counts
    assert (counts.glosses, counts.glosses_from_source) == (39, 10)
    assert (counts.examples, counts.examples_from_source) == (len(contexts), n_contexts)
    rows = [
        row
        for file in manifest.files_of("example_provenance")
        for row in read_table(tmp_path / "release" / file.path, ExampleProvenance)
    ]
    assert {row.context_id for row in rows if row.provenance is None} == {
        row.context_id for row in contexts if row.provenance is None
    }
    card = compose_card(tmp_path / "release").readme
    assert f"so do 10 of the 39 glosses and {n_contexts} of the sentences; the others" in card
    assert len(release_origins(tmp_path / "release")) == len(contexts) - n_contexts


def test_the_same_inputs_give_the_same_bytes(tables: Any, tmp_path: Path) -> None:
    tables.release(tmp_path / "a")
    tables.release(tmp_path / "b" / "elsewhere")
    tables.release(tmp_path / "a")
    assert contents(tmp_path / "a") == contents(tmp_path / "b" / "elsewhere")


def test_shard_size_changes_no_content_hash_of_a_split(tables: Any, tmp_path: Path) -> None:
    small = tables.release(tmp_path / "a", max_shard_rows=50, row_group_rows=20)
    large = tables.release(tmp_path / "b")
    assert [s.content_hash for s in small.splits] == [s.content_hash for s in large.splits]
    assert len(small.tables) > len(large.tables)


def test_no_date_of_today_and_no_path_of_this_machine(release: Path, tables: Any) -> None:
    text = (release / "manifest.json").read_text(encoding="utf-8")
    assert set(re.findall(r"\d{4}-\d\d-\d\d", text)) == {"2026-01-05", "2026-01-06"}
    for data in contents(release).values():
        assert str(tables.folder).encode() not in data
        assert str(release).encode() not in data


def _rewritten(path: Path, record: Any, change: Callable[[list[Any]], list[Any]]) -> None:
    write_table(path, record, change(list(read_table(path, record))))


def test_a_span_that_is_not_the_lemma_stops_the_release(
    fresh_tables: Callable[[], Any], tmp_path: Path
) -> None:
    tables = fresh_tables()

    def shift(rows: list[SelectedContext]) -> list[SelectedContext]:
        spoiled = rows[40].model_copy(update={"target_start": rows[40].target_start - 1})
        return [*rows[:40], spoiled, *rows[41:]]

    tables.release(tmp_path / "r")
    before = contents(tmp_path / "r")
    _rewritten(tables.path("selected"), SelectedContext, shift)
    with pytest.raises(InputError, match=r"the span of m-.* is ' .*', not its lemma"):
        tables.release(tmp_path / "r")
    assert contents(tmp_path / "r") == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_leak_stops_the_release(fresh_tables: Callable[[], Any], tmp_path: Path) -> None:
    tables = fresh_tables()

    def move(rows: list[Assignment]) -> list[Assignment]:
        at = next(i for i, row in enumerate(rows) if row.split is Split.TEST_UNSEEN_LEMMA)
        return [*rows[:at], rows[at].model_copy(update={"split": Split.TRAIN}), *rows[at + 1 :]]

    _rewritten(tables.path("splits"), Assignment, move)
    with pytest.raises(RunError, match=r"the release leaks: 1 x lemma in train and test_unseen_le"):
        tables.release(tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_splits_of_other_contexts_are_refused(
    fresh_tables: Callable[[], Any], tmp_path: Path
) -> None:
    tables = fresh_tables()
    _rewritten(tables.path("splits"), Assignment, lambda rows: [rows[1], rows[0], *rows[2:]])
    with pytest.raises(InputError, match="is not where"):
        tables.release(tmp_path / "r")


def test_an_id_that_stands_in_two_batches_is_refused(
    fresh_tables: Callable[[], Any], tmp_path: Path
) -> None:
    """Rows are joined synset by synset: the lowest id of the last one is the highest before it."""
    tables = fresh_tables()
    rows = list(read_table(tables.path("selected"), SelectedContext))
    last = rows[-1].sense_id.partition("#")[0] + "#"
    highest = max(row.context_id for row in rows if not row.sense_id.startswith(last))
    lowest = min(row.context_id for row in rows if row.sense_id.startswith(last))

    def repeat(found: list[Any]) -> list[Any]:
        update = {"context_id": highest}
        return [r.model_copy(update=update) if r.context_id == lowest else r for r in found]

    _rewritten(tables.path("selected"), SelectedContext, repeat)
    _rewritten(tables.path("splits"), Assignment, repeat)
    with pytest.raises(InputError, match=f"out of order or repeated near {re.escape(highest)}"):
        tables.release(tmp_path / "r")


def test_rows_without_a_split_are_left_out(fresh_tables: Callable[[], Any], tmp_path: Path) -> None:
    tables = fresh_tables()
    whole = tables.release(tmp_path / "r").counts.examples

    def fewer(rows: list[Assignment]) -> list[Assignment]:
        unseen = [i for i, row in enumerate(rows) if row.split is Split.TEST_UNSEEN_LEMMA]
        return [row for i, row in enumerate(rows) if i not in unseen[:3]]

    _rewritten(tables.path("splits"), Assignment, fewer)
    manifest = tables.release(tmp_path / "r")
    assert manifest.counts.examples == whole - 3
    assert sum(file.rows for file in manifest.files_of("example_provenance")) == whole - 3


def test_an_empty_split_table_is_refused(fresh_tables: Callable[[], Any], tmp_path: Path) -> None:
    tables = fresh_tables()
    write_table(tables.path("splits"), Assignment, [])
    with pytest.raises(InputError, match="no rows to release"):
        tables.release(tmp_path / "r")


def test_a_broken_manifest_is_named(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"name": 1}', encoding="utf-8")
    with pytest.raises(StorageError, match="not a release manifest"):
        ReleaseManifest.read(tmp_path)
