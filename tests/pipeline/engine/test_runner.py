"""A stage runs when its settings or inputs changed, says why, and leaves a whole output."""

import asyncio
import multiprocessing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.engine.decide import MustRun
from pipeline.engine.fingerprint import digest_of_files, fingerprint
from pipeline.engine.folder import RunFolder
from pipeline.engine.manifest import StageManifest, read_stage_manifest
from pipeline.engine.progress import Progress
from pipeline.engine.runner import Session, chosen, run_stages
from pipeline.engine.stage import Counts, Stage, StageWork
from schemas.errors import StorageError, UsageError
from schemas.records import Reject
from schemas.tables import read_table, write_table
from testing.outputs import only_output


@dataclass
class Toy:
    """Two stages over the same record: ``words`` writes them, ``long`` keeps the long ones."""

    words: tuple[str, ...] = ("khoan", "đá", "đường")
    least: int = 3
    fail: bool = False
    source: str = "here"
    reads_manifests: bool = False
    ran: list[str] = field(default_factory=list)

    def stages(self) -> tuple[Stage, ...]:
        async def write(work: StageWork) -> Counts:
            self.ran.append("words")
            rows = [row("words", word) for word in self.words]
            write_table(work.table("words"), Reject, rows)
            return {"words": len(rows)}

        async def keep(work: StageWork) -> Counts:
            self.ran.append("long")
            if self.fail:
                raise StorageError("the disk is full")
            rows = list(read_table(work.inputs["words"].table("words"), Reject))
            kept = [r for r in rows if len(r.text) >= self.least]
            for short in [r for r in rows if len(r.text) < self.least]:
                work.reject(short)
            write_table(work.table("long"), Reject, kept)
            return {"long": len(kept)}

        def stage(name: str, inputs: tuple[str, ...], settings: Mapping[str, object]) -> Stage:
            run = {"words": write, "long": keep}[name]
            return Stage(
                name=name,
                version=1,
                inputs=inputs,
                tables={name: Reject},
                settings=lambda: settings,
                run=run,
                reads_manifests=self.reads_manifests and name == "long",
            )

        return (
            stage("words", (), {"words": list(self.words), "source": self.source}),
            stage("long", ("words",), {"least": self.least}),
        )


def row(stage: str, text: str) -> Reject:
    return Reject(stage=stage, item_id=text, code="short", detail="", text=text)


@dataclass
class Heard:
    """What a session was told."""

    reasons: dict[str, tuple[str, ...]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


def run(toy: Toy, path: Path, force: tuple[str, ...] = ()) -> Heard:
    heard = Heard()

    def started(stage: Stage, decision: MustRun, _: Progress) -> None:
        heard.reasons[stage.name] = decision.reasons

    def skipped(stage: Stage, _: StageManifest) -> None:
        heard.skipped.append(stage.name)

    session = Session(
        RunFolder(path),
        open_model=lambda _: pytest.fail("no toy stage asks a model"),
        skipped=skipped,
        started=started,
        finished=lambda *_: None,
    )
    asyncio.run(run_stages(toy.stages(), session, force=force))
    return heard


def test_a_first_run_runs_everything_and_a_second_nothing(tmp_path: Path) -> None:
    toy = Toy()
    heard = run(toy, tmp_path)
    assert heard.reasons == {"words": ("never finished",), "long": ("never finished",)}
    assert toy.ran == ["words", "long"]
    assert run(toy, tmp_path).skipped == ["words", "long"]


def test_a_changed_setting_is_named(tmp_path: Path) -> None:
    run(Toy(), tmp_path)
    heard = run(Toy(least=4), tmp_path)
    assert heard.skipped == ["words"]
    assert heard.reasons == {"long": ("setting least changed",)}


def test_a_changed_input_is_named(tmp_path: Path) -> None:
    run(Toy(), tmp_path)
    heard = run(Toy(words=("khoan", "sao")), tmp_path)
    assert heard.reasons["words"] == ("setting words changed",)
    assert heard.reasons["long"] == ("input words changed",)


def test_going_back_to_old_settings_finds_the_old_output(tmp_path: Path) -> None:
    run(Toy(), tmp_path)
    run(Toy(least=4), tmp_path)
    assert run(Toy(), tmp_path).skipped == ["words", "long"]


def test_equal_content_from_a_changed_stage_spares_the_next(tmp_path: Path) -> None:
    toy = Toy()
    run(toy, tmp_path)
    heard = run(toy, tmp_path, force=("words",))
    assert heard.reasons == {"words": ("forced",)}
    assert heard.skipped == ["long"]


def test_the_manifest_counts_rows_and_rejects(tmp_path: Path) -> None:
    run(Toy(), tmp_path)
    manifest = only_output(tmp_path, "long")
    assert manifest.counts == {"long": 2}
    assert manifest.failed == 0
    assert manifest.attempts == 1
    assert manifest.rejects == {"short": 1}
    assert manifest.tables["long"].rows == 2
    output = RunFolder(tmp_path).stage("long", manifest.fingerprint)
    assert [r.text for r in read_table(output / "rejects.parquet", Reject)] == ["đá"]


def test_a_failed_stage_leaves_no_output_and_runs_again(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="disk is full"):
        run(Toy(fail=True), tmp_path)
    assert RunFolder(tmp_path).outputs("long") == []
    assert list((tmp_path / "stages" / "long").iterdir()) == []
    assert run(Toy(), tmp_path).skipped == ["words"]


def test_a_broken_manifest_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(StorageError, match="not a manifest of this version"):
        read_stage_manifest(tmp_path)


def test_chosen_stages_come_with_what_they_read() -> None:
    stages = Toy().stages()
    assert [s.name for s in chosen(stages, until="words")] == ["words"]
    assert [s.name for s in chosen(stages, ("long",))] == ["words", "long"]
    assert [s.name for s in chosen(stages)] == ["words", "long"]
    with pytest.raises(UsageError, match="no stage 'wrods'; the stages are words, long"):
        chosen(stages, ("wrods",))


def test_a_fingerprint_is_equal_in_every_process() -> None:
    arguments = ("glosses", 1, {"b": 1, "a": ["x"]}, {"synsets": "h"})
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(fingerprint, arguments) == fingerprint(*arguments)
    assert fingerprint("glosses", 1, {"a": ["x"], "b": 1}, {"synsets": "h"}) == fingerprint(
        *arguments
    )
    assert fingerprint("glosses", 2, *arguments[2:]) != fingerprint(*arguments)


def test_a_folder_digest_sees_names_and_content(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,đá", encoding="utf-8")
    before = digest_of_files(tmp_path)
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    renamed = digest_of_files(tmp_path)
    (tmp_path / "b.csv").write_text("1,đã", encoding="utf-8")
    assert len({before, renamed, digest_of_files(tmp_path)}) == 3


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    with RunFolder(tmp_path).locked():
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            said = pool.apply(try_to_lock, (tmp_path,))
        assert "another process" in said
        assert "is at work on this run" in said
    assert try_to_lock(tmp_path) == "locked"


def try_to_lock(path: Path) -> str:
    """What a process hears that wants the run folder."""
    try:
        with RunFolder(path).locked():
            return "locked"
    except StorageError as error:
        return str(error)
