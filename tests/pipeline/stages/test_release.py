"""The stage ``release``: what it depends on, what it writes, and where its copy goes."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import pytest

from audits.answers.importing import import_files
from audits.create import create_audit
from audits.figures import REPORT_FILE
from audits.key import DrawnRelease
from audits.sampling.candidates import release_candidates, release_senses
from audits.settings import AuditSettings
from languages.find import find_language
from pipeline.engine.decide import MustRun, decide
from pipeline.engine.folder import RunFolder
from pipeline.engine.manifest import StageManifest, StageUsage
from pipeline.engine.progress import Progress
from pipeline.engine.stage import Stage, StageWork, Upstream
from pipeline.engine.tally import UsageTally
from pipeline.panel.records import CastVote
from pipeline.release.manifest import ReleaseManifest
from pipeline.release.settings import ReleaseSettings
from pipeline.select.settings import SelectSettings
from pipeline.sources.interface import SourceDescription
from pipeline.split.records import Assignment
from pipeline.stages.release import copy_release
from pipeline.stages.settings import ContextSettings
from pipeline.stages.synsets import DESCRIPTION
from schemas.errors import InputError, RunError, StorageError
from schemas.records import Provenance, RephrasedAs, Rephrasing, Split
from schemas.tables import read_table, write_table
from testing.tiny_release import make_tiny_release
from tests.audits.world import all_good, draw_audit, filled
from tests.pipeline.release.conftest import Tables, make_tables
from tests.pipeline.stages.bound import bound_stages

SOURCE = SourceDescription(
    name="Từ điển mẫu",
    url="https://mau.example.org",
    licence="CC-BY-4.0",
    citation="Mẫu (2026)",
    notice="Không có bảo đảm nào.",
)
JUDGED = {"judged": 50, "judge_agrees": 45}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    made = make_tables(tmp_path_factory.mktemp("before"))
    (made.folder / DESCRIPTION).write_bytes(orjson.dumps(asdict(SOURCE)))
    return made


def before(
    folder: Path, selected: dict[str, int], again: Sequence[Rephrasing] = (), **of_contexts: Any
) -> dict[str, Upstream]:
    """The stages that the release reads, their tables all in one folder."""
    found = {}
    write_table(folder / "votes.parquet", CastVote, [])
    write_table(folder / "rephrasings.parquet", Rephrasing, again)
    for name in ("synsets", "link", "glosses", "contexts", "judge", "select", "split", "rephrase"):
        manifest = StageManifest(
            stage=name,
            version=1,
            fingerprint=f"f-{name}",
            settings={"rounds": 3},
            inputs={},
            tables={},
            counts=selected if name == "select" else {},
            rejects={},
            **(of_contexts if name == "contexts" else {}),
        )
        found[name] = Upstream(folder, manifest)
    return found


def release_stage(folder: Path, *sections: Any, **parts: Any) -> Stage:
    return bound_stages(folder, *sections, **parts)["release"]


def run(stage: Stage, inputs: dict[str, Upstream], output: Path) -> dict[str, int]:
    output.mkdir(parents=True)

    def no_reject(_: object) -> None:
        pytest.fail("the release rejects nothing")

    def no_model(_: object) -> Any:
        pytest.fail("the release asks no model")

    work = StageWork(inputs, output, no_reject, Progress(), UsageTally(), no_model)
    return dict(asyncio.run(stage.run(work)))  # type: ignore[arg-type]


def test_the_release_holds_what_the_stages_before_it_made(tables: Tables, tmp_path: Path) -> None:
    usage = StageUsage(requests=7, models=("m",), prompts=("contexts.v1",), first_date="2026-01-05")
    stage = release_stage(tmp_path, ReleaseSettings(name="mẫu", version="1.2.3"), recorded=True)
    counts = run(stage, before(tables.folder, JUDGED, usage=usage), tmp_path / "out")
    manifest = ReleaseManifest.read(tmp_path / "out" / "release")
    assert (manifest.name, manifest.version, manifest.language) == ("mẫu", "1.2.3", "vi")
    assert manifest.recorded is True
    assert asdict(SOURCE) == manifest.source.model_dump(exclude={"version"})
    assert manifest.licence == "CC-BY-4.0"
    assert manifest.judge.agreement == 0.9
    assert [each.name for each in manifest.stages] == list(stage.inputs)
    of_contexts = manifest.stages[3]
    assert (of_contexts.requests, of_contexts.rounds, of_contexts.models) == (7, 3, ("m",))
    assert [(p.prompt_id, p.version) for p in of_contexts.prompts] == [("contexts", "v1")]
    assert (of_contexts.first_request, of_contexts.last_request) == ("2026-01-05", None)
    assert manifest.stages[4].rounds == 0  # a stage that asked nothing went through no rounds
    rows = {split.split.value: split.rows for split in manifest.splits}
    assert counts == {"examples": sum(rows.values()), **rows, "senses": manifest.counts.senses}
    readme = (tmp_path / "out" / "release" / "README.md").read_text(encoding="utf-8")
    assert "# mẫu 1.2.3" in readme
    assert "It chose the intended sense in 90.0 % of the 50 sentences" in readme


def test_rephrased_sentences_are_a_table_of_the_release(tables: Tables, tmp_path: Path) -> None:
    made_by = Provenance(
        request_key="k", prompt_id="translate", prompt_version="v1", model="m", sample=0, round=1
    )
    rows = [
        Rephrasing(
            rephrasing_id=f"r-{split}",
            kind=RephrasedAs.TRANSLATION,
            language="en",
            context_id="c",
            sense_id="s",
            sentence="He drilled a hole.",
            target_start=3,
            target_end=10,
            split=split,
            provenance=made_by,
        )
        for split in (Split.VALIDATION, Split.TRAIN)
    ]
    run(release_stage(tmp_path), before(tables.folder, JUDGED, rows), tmp_path / "out")
    release = tmp_path / "out" / "release"
    files = ReleaseManifest.read(release).files_of("rephrasings")
    assert [file.split for file in files] == [Split.TRAIN, Split.VALIDATION]
    assert [list(read_table(release / f.path, Rephrasing)) for f in files] == [rows[1:], rows[:1]]
    readme = (release / "README.md").read_text(encoding="utf-8")
    assert "config_name: rephrasings" in readme
    assert "**`rephrasings`** (2 rows): one row is a sentence of `examples` said again" in readme


def test_without_a_judge_nothing_is_said_of_agreement(tables: Tables, tmp_path: Path) -> None:
    run(release_stage(tmp_path), before(tables.folder, {"selected": 700}), tmp_path / "out")
    manifest = ReleaseManifest.read(tmp_path / "out" / "release")
    assert manifest.judge.judged_before_selection is None
    assert manifest.judge.agreement is None
    readme = (tmp_path / "out" / "release" / "README.md").read_text(encoding="utf-8")
    assert "No row of this release was judged by a model." in readme


def drawn(release: Path, folder: Path, name: str = "audit") -> Path:
    """An audit of a release that Lan has answered: all is well."""
    source = {"name": "mẫu", "version": "1", "digest": "d"}
    create_audit(
        folder / "audits" / name,
        release_candidates(release),
        release_senses(release),
        AuditSettings(name=name, size=30, annotators=("Nguyễn Lan",), overlap=0),
        find_language("vi"),
        release=DrawnRelease(**source),
    )
    place = folder / "audits" / name
    answers = filled(place, "Nguyễn Lan", all_good)
    import_files(place, [answers], "2026-01-01T00:00:00+00:00", find_language("vi").audit)
    return place


def test_the_answers_of_all_audits_go_in_without_names(tables: Tables, tmp_path: Path) -> None:
    """From the answers themselves: no report was made."""
    run(release_stage(tmp_path), before(tables.folder, JUDGED), tmp_path / "plain")
    audit = drawn(tmp_path / "plain" / "release", tmp_path)
    run(release_stage(tmp_path), before(tables.folder, JUDGED), tmp_path / "out")
    assert not (audit / REPORT_FILE).exists()
    text = (tmp_path / "out" / "release" / "audit.json").read_text(encoding="utf-8")
    assert "annotator 1" in text
    assert "Nguyễn" not in text
    readme = (tmp_path / "out/release/README.md").read_text(encoding="utf-8")
    assert "given to one native reader of Vietnamese" in readme
    assert "**100.0 % of the sentences are estimated to be good" in readme
    assert "Of its 30 sentences 30 are in this release" in readme


def test_coverage_and_leakage_are_measured_against_what_other_sections_say(tmp_path: Path) -> None:
    told = ContextSettings(per_sense=4), SelectSettings(near_duplicate_threshold=0.8)
    settings = release_stage(tmp_path, *told).settings()
    assert (settings["contexts_per_sense"], settings["near_duplicate_threshold"]) == (4, 0.8)
    own = ReleaseSettings(contexts_per_sense=9, near_duplicate_threshold=0.6)
    settings = release_stage(tmp_path, *told, own).settings()
    assert (settings["contexts_per_sense"], settings["near_duplicate_threshold"]) == (9, 0.6)


def test_what_decides_over_the_release(tmp_path: Path) -> None:
    """Beside its own section: recordings, what auditors answered, the source as it is named."""
    ordinary = release_stage(tmp_path).settings()
    assert ordinary["language"] == "vi"
    assert release_stage(tmp_path, recorded=True).settings() != ordinary
    assert release_stage(tmp_path, ReleaseSettings(version="9.0.0")).settings() != ordinary
    assert release_stage(tmp_path).settings() == ordinary
    audit = draw_audit(tmp_path / "audits" / "audit")
    unanswered = release_stage(tmp_path).settings()
    assert unanswered != ordinary
    (audit / "report.md").write_text("as it was reported", encoding="utf-8")
    assert release_stage(tmp_path).settings() == unanswered
    answers = filled(audit, "lan", all_good)
    import_files(audit, [answers], "2026-01-01T00:00:00+00:00", find_language("vi").audit)
    assert release_stage(tmp_path).settings() != unanswered
    assert (
        release_stage(tmp_path, unsure="left_out").settings() != release_stage(tmp_path).settings()
    )


def test_the_release_depends_on_how_its_inputs_were_made(tmp_path: Path) -> None:
    """The card tells it, so other requests that gave the same rows make it anew."""
    stage, folder = release_stage(tmp_path), RunFolder(tmp_path)
    inputs = before(tmp_path, JUDGED)
    other = inputs["contexts"].manifest.model_copy(update={"fingerprint": "f-other"})
    marks = set()
    for contexts in (inputs["contexts"], Upstream(tmp_path, other)):
        decision = decide(stage, {**inputs, "contexts": contexts}, folder)
        assert isinstance(decision, MustRun)
        marks.add(decision.fingerprint)
    assert len(marks) == 2


def test_a_leak_stops_the_stage(tables: Tables, tmp_path: Path) -> None:
    rows = list(read_table(tables.path("splits"), Assignment))
    at = next(i for i, row in enumerate(rows) if row.split is Split.TEST_UNSEEN_LEMMA)
    rows[at] = rows[at].model_copy(update={"split": Split.TRAIN})
    spoiled = tmp_path / "spoiled"
    spoiled.mkdir()
    for path in tables.folder.iterdir():
        (spoiled / path.name).write_bytes(path.read_bytes())
    write_table(spoiled / "splits.parquet", Assignment, rows)
    with pytest.raises(RunError, match="the release leaks: 1 x lemma in train and test_unseen"):
        run(release_stage(tmp_path), before(spoiled, JUDGED), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_copy_replaces_an_older_release(tmp_path: Path) -> None:
    older = make_tiny_release(tmp_path / "older", version="0.1.0")
    newer = make_tiny_release(tmp_path / "newer", version="0.2.0")
    (older / "left over.txt").write_text("x", encoding="utf-8")
    copy_release(older, tmp_path / "release")
    copy_release(newer, tmp_path / "release")
    assert contents(tmp_path / "release") == contents(newer)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["newer", "older", "release"]


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    release = make_tiny_release(tmp_path / "made")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="mine: not empty and not a release; move what is in it"):
        copy_release(release, tmp_path / "mine")
    assert contents(tmp_path / "mine") == {"notes.txt": b"mine"}


def test_a_damaged_table_is_not_put_in_place(tmp_path: Path) -> None:
    whole = make_tiny_release(tmp_path / "made")
    copy_release(whole, tmp_path / "release")
    before = contents(tmp_path / "release")
    path = whole / "data/examples/train.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(StorageError, match=r"train\.parquet: damaged, .* --force release"):
        copy_release(whole, tmp_path / "release")
    assert contents(tmp_path / "release") == before
