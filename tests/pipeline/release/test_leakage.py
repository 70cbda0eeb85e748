"""The leakage report finds what stands in two splits, from the files alone."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from languages.find import find_language
from pipeline.engine.processes import ProcessPool
from pipeline.release.leakage import leakage_report, may_share, require_no_leaks
from pipeline.release.manifest import ReleaseManifest
from pipeline.release.overlaps import LeakageReport, Shared
from pipeline.release.released_rows import PieceSizes
from schemas.errors import InputError, RunError
from schemas.records import Example, Split
from schemas.tables import read_table, write_table

TRAIN, VALIDATION, SEEN, SENSE, LEMMA = Split


VIETNAMESE = find_language("vi")


def checked(folder: Path) -> LeakageReport:
    return leakage_report(folder, VIETNAMESE, 0.6)


def count(report: LeakageReport, shared: Shared, left: Split, right: Split) -> int:
    (overlap,) = (
        o for o in report.overlaps if (o.shared, o.left, o.right) == (shared, left, right)
    )
    return overlap.count


def test_a_sound_release_is_clean_and_every_pair_is_reported(release: Path) -> None:
    report = checked(release)
    assert report == ReleaseManifest.read(release).leakage
    assert report.clean
    for shared in (Shared.LEMMA, Shared.SYNSET, Shared.EXACT, Shared.NEAR, Shared.CONTEXT_ID):
        assert sum(o.shared is shared for o in report.overlaps) == 10
    assert count(report, Shared.LEMMA, TRAIN, SENSE) > 0
    assert count(report, Shared.SYNSET, TRAIN, SEEN) > 0
    require_no_leaks(report)


def test_what_the_definitions_allow() -> None:
    """All pairs, spelled out."""
    assert may_share(Shared.LEMMA, TRAIN, SENSE)
    assert may_share(Shared.LEMMA, TRAIN, VALIDATION)
    assert may_share(Shared.SYNSET, TRAIN, SEEN)
    assert may_share(Shared.SYNSET, SENSE, LEMMA)
    for part in (TRAIN, VALIDATION, SEEN):
        assert not may_share(Shared.LEMMA, part, LEMMA)
        assert not may_share(Shared.SYNSET, part, LEMMA)
        assert not may_share(Shared.SYNSET, part, SENSE)
    assert not may_share(Shared.LEMMA, SENSE, LEMMA)
    assert not may_share(Shared.NEAR, TRAIN, VALIDATION)


def _with_row(release: Path, folder: Path, split: Split, row: Example) -> Path:
    """A copy of the release with one more row in a split."""
    shutil.copytree(release, folder)
    path = next((folder / "data" / "examples").glob(f"{split.value}-*.parquet"))
    rows = [*read_table(path, Example), row.model_copy(update={"split": split})]
    write_table(path, Example, rows)
    return folder


def _row(release: Path, split: Split) -> Example:
    path = next((release / "data" / "examples").glob(f"{split.value}-*.parquet"))
    return next(iter(read_table(path, Example)))


def test_a_repeated_row_leaks_in_every_way(release: Path, tmp_path: Path) -> None:
    row = _row(release, LEMMA)
    report = checked(_with_row(release, tmp_path / "r", TRAIN, row))
    found = {(o.shared, o.left, o.right): o for o in report.leaks}
    for shared in (Shared.LEMMA, Shared.SYNSET, Shared.EXACT, Shared.NEAR, Shared.CONTEXT_ID):
        assert found[shared, TRAIN, LEMMA].count == 1, shared
    assert found[Shared.SYNSET, TRAIN, LEMMA].ids == (row.synset_id,)
    assert found[Shared.EXACT, TRAIN, LEMMA].ids == (f"{row.context_id} = {row.context_id}",)


def test_a_near_duplicate_alone_is_found(release: Path, tmp_path: Path) -> None:
    """One changed word, another id: near duplicate, and nothing else."""
    row = _row(release, TRAIN)
    changed = row.model_copy(
        update={"sentence": row.sentence.rstrip(".") + " nhé.", "context_id": "khác"}
    )
    report = checked(_with_row(release, tmp_path / "r", SEEN, changed))
    (leak,) = report.leaks
    assert (leak.shared, leak.left, leak.right, leak.count) == (Shared.NEAR, TRAIN, SEEN, 1)
    assert leak.ids == (f"{row.context_id} = khác",)
    with pytest.raises(RunError, match="1 x near_duplicate in train and test_seen"):
        require_no_leaks(report)


def test_another_spelling_of_a_held_out_lemma_leaks(release: Path, tmp_path: Path) -> None:
    """Lemmas are compared by match key: case does not hide one."""
    row = _row(release, LEMMA)
    other = _row(release, TRAIN).model_copy(
        update={
            "lemma": row.lemma.upper(),
            "context_id": "khác",
            "sentence": f"Một câu chẳng giống câu nào khác {row.lemma}",
        }
    )
    report = checked(_with_row(release, tmp_path / "r", TRAIN, other))
    assert {(o.shared, o.right) for o in report.leaks} == {(Shared.LEMMA, LEMMA)}


def test_a_seen_part_without_training_rows_leaks(release: Path, tmp_path: Path) -> None:
    """test_seen of a sense, and test_unseen_sense of a lemma, that training lacks."""
    shutil.copytree(release, tmp_path / "r")
    for path in (tmp_path / "r" / "data" / "examples").glob("train-*.parquet"):
        path.unlink()
    report = checked(tmp_path / "r")
    assert count(report, Shared.SENSE_NOT_IN_TRAIN, TRAIN, SEEN) > 0
    assert count(report, Shared.SENSE_NOT_IN_TRAIN, TRAIN, VALIDATION) > 0
    assert count(report, Shared.LEMMA_NOT_IN_TRAIN, TRAIN, SENSE) > 0
    assert {o.shared for o in report.leaks} == {
        Shared.SENSE_NOT_IN_TRAIN,
        Shared.LEMMA_NOT_IN_TRAIN,
    }


def test_a_folder_without_examples_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it is not a release folder"):
        checked(tmp_path)


def test_a_row_in_the_wrong_file_is_named(release: Path, tmp_path: Path, tables: Any) -> None:
    shutil.copytree(release, tmp_path / "r")
    folder = tmp_path / "r" / "data" / "examples"
    next(folder.glob("train-*.parquet")).rename(folder / "validation-00009-of-00010.parquet")
    with pytest.raises(InputError, match="column split does not say validation"):
        checked(tmp_path / "r")


def test_however_finely_a_release_is_read_the_report_is_the_same(
    release: Path, tmp_path: Path
) -> None:
    """Rows in all pieces and parts, among them equal ones and nearly equal ones of two splits."""
    folder = tmp_path / "r"
    shutil.copytree(release, folder)
    rows = [
        row
        for path in sorted((folder / "data/examples").glob("train-*.parquet"))
        for row in read_table(path, Example)
    ][:40]
    changed = [
        row.model_copy(
            update={
                "split": LEMMA if number % 2 else SEEN,
                "sentence": f"{row.sentence} thôi" if number % 3 else row.sentence,
            }
        )
        for number, row in enumerate(rows)
    ]
    for split in (LEMMA, SEEN):
        path = next((folder / "data/examples").glob(f"{split.value}-*.parquet"))
        own = [*read_table(path, Example), *(row for row in changed if row.split is split)]
        write_table(path, Example, own)
        pq.write_table(pq.read_table(path), path, row_group_size=9)
    whole = checked(folder)
    assert count(whole, Shared.NEAR, TRAIN, LEMMA) >= 20
    assert count(whole, Shared.EXACT, TRAIN, SEEN) >= 6
    for limits in (PieceSizes(1, 10, 7), PieceSizes(30, 1000, 25)):
        assert leakage_report(folder, VIETNAMESE, 0.6, limits=limits) == whole
    with closing(ProcessPool(2)) as pool:
        found = leakage_report(folder, VIETNAMESE, 0.6, pool=pool, scratch=tmp_path)
    assert found == whole
    assert list(tmp_path.iterdir()) == [folder]
