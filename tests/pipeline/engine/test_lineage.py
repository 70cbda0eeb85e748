"""Outputs are found by today's fingerprints, whatever was written last, and only while whole."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engine.decide import MustRun, UpToDate, Waits, lineage
from pipeline.engine.folder import LastRun, RunFolder
from schemas.errors import StorageError
from schemas.records import Reject
from schemas.tables import read_table
from testing.outputs import only_output
from tests.pipeline.engine.test_runner import Toy, run


def texts(toy: Toy, folder: Path) -> list[str]:
    """The words of the output that is found for the toy's stages."""
    found = lineage(toy.stages(), RunFolder(folder))["long"]
    assert isinstance(found, UpToDate)
    return [row.text for row in read_table(found.upstream.table("long"), Reject)]


def test_of_two_outputs_that_of_todays_settings_is_found_not_the_newest(tmp_path: Path) -> None:
    run(Toy(), tmp_path)
    run(Toy(least=5), tmp_path)
    newest = max((tmp_path / "stages" / "long").iterdir(), key=lambda path: path.stat().st_mtime)
    os.utime(newest, (2e9, 2e9))
    assert texts(Toy(), tmp_path) == ["khoan", "đường"]
    assert texts(Toy(least=5), tmp_path) == ["khoan", "đường"]
    run(Toy(least=6), tmp_path)
    assert texts(Toy(least=6), tmp_path) == []
    assert texts(Toy(), tmp_path) == ["khoan", "đường"]


def test_a_changed_stage_is_stale_and_what_reads_it_waits(tmp_path: Path) -> None:
    run(Toy(), tmp_path)
    found = lineage(Toy(words=("sao",)).stages(), RunFolder(tmp_path))
    assert isinstance(found["words"], MustRun)
    assert found["words"].stale
    assert found["words"].reasons == ("setting words changed",)
    assert found["long"] == Waits(("waits for words",), stale=True)


def test_what_never_ran_is_not_stale(tmp_path: Path) -> None:
    found = lineage(Toy().stages(), RunFolder(tmp_path))
    assert isinstance(found["words"], MustRun)
    assert not found["words"].stale
    assert found["long"] == Waits(("waits for words",), stale=False)


def test_reasons_are_told_against_the_output_that_differs_least(tmp_path: Path) -> None:
    run(Toy(), tmp_path)
    run(Toy(words=("sao", "bạc"), least=4), tmp_path)
    found = lineage(Toy(least=2).stages(), RunFolder(tmp_path))["long"]
    assert isinstance(found, MustRun)
    assert found.reasons == ("setting least changed",)


def test_a_deleted_table_makes_its_stage_run_again(tmp_path: Path) -> None:
    run(Toy(), tmp_path)
    made = only_output(tmp_path, "words")
    (RunFolder(tmp_path).stage("words", made.fingerprint) / "words.parquet").unlink()
    heard = run(Toy(), tmp_path)
    assert heard.reasons == {"words": ("table words is gone",)}
    assert heard.skipped == ["long"]


def test_a_deleted_file_beside_the_tables_makes_its_stage_run_again(tmp_path: Path) -> None:
    stages = [replace(stage, files=("note.json",)) for stage in Toy().stages()]
    run(Toy(), tmp_path)
    found = lineage(stages, RunFolder(tmp_path))["words"]
    assert isinstance(found, MustRun)
    assert found.reasons == ("note.json is gone",)
    made = only_output(tmp_path, "words")
    (RunFolder(tmp_path).stage("words", made.fingerprint) / "note.json").touch()
    assert isinstance(lineage(stages, RunFolder(tmp_path))["words"], UpToDate)


def test_a_table_with_one_flipped_bit_is_refused(tmp_path: Path) -> None:
    run(Toy(), tmp_path)
    made = only_output(tmp_path, "words")
    table = RunFolder(tmp_path).stage("words", made.fingerprint) / "words.parquet"
    content = bytearray(table.read_bytes())
    content[content.index(b"khoan")] ^= 1
    table.write_bytes(content)
    with pytest.raises(StorageError, match=r"words\.parquet: damaged, its bytes are not those"):
        run(Toy(least=4), tmp_path)


def test_a_stage_that_reads_manifests_runs_when_its_input_was_made_otherwise(
    tmp_path: Path,
) -> None:
    """Also where the input's rows are the same; any other stage is spared."""
    for reads_manifests in (True, False):
        folder = tmp_path / str(reads_manifests)
        run(Toy(reads_manifests=reads_manifests), folder)
        heard = run(Toy(reads_manifests=reads_manifests, source="elsewhere"), folder)
        assert heard.reasons["words"] == ("setting source changed",)
        assert ("long" in heard.reasons) == reads_manifests


def test_what_the_last_run_was_told_is_remembered(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.last_run() == LastRun(limit=None)
    folder.remember(LastRun(limit=300))
    assert folder.last_run() == LastRun(limit=300)
    (tmp_path / "last-run.json").write_text("[]", encoding="utf-8")
    with pytest.raises(StorageError, match=r"last-run\.json: not a note of the last run"):
        folder.last_run()
