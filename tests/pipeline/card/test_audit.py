"""The audit in the card: estimate, interval, agreement, strata, and nobody's name anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from audits.answers.importing import import_files
from audits.create import create_audit
from audits.figures import ReleaseAudits
from audits.key import AuditItem, read_audit_items
from audits.sampling.candidates import release_candidates, release_senses
from audits.settings import AuditSettings
from languages.find import find_language
from pipeline.card.audit import anonymous, named, write_audits
from pipeline.card.render import write_card
from pipeline.cli.main import exit_code
from pipeline.publish.release import check_release
from pipeline.publish.scan import Needles
from pipeline.release.manifest import ReleaseManifest
from schemas.errors import InputError
from schemas.files import write_text
from schemas.tables import write_table
from testing.tiny_release import make_tiny_release
from tests.audits.world import all_good, filled
from tests.pipeline.card.tiny_audit import tiny_audit, tiny_audits


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return make_tiny_release(tmp_path / "release", recorded=False)


@pytest.mark.parametrize(
    "words",
    [
        "30 of 200 sentences were drawn at random within strata (pos × polysemy) and given to "
        "2 native readers of Vietnamese, who are not named.",
        "**92.0 % of the sentences are estimated to be good in every respect** (95 % interval "
        "85.0 % to 97.0 %;",
        "| natural | Câu có tự nhiên không? | 92.0 % | 85.0 % to 97.0 % | 30 | 1 |",
        "| natural | 6 | 90.0 % | 0.88 | 0.74 [0.61, 0.85] | not defined | 0.74 [0.61, 0.85] |",
        "The sample was drawn from release mẫu 0.9 (`0123456789abcdef`). Of its 30 sentences 27 "
        "are in this release; 2 were judged bad and dropped, 1 are gone for other reasons. Without "
        "those dropped, **94.0 %** are estimated to be good (95 % interval 85.0 % to 98.0 %).",
        "If all disputes were bad, or good: 90.0 % to 93.0 %. From each reader's verdicts alone: "
        "92.0 %, 92.0 %. By a model of the readers' errors (Dawid and Skene): 95.0 %.",
        "| noun × same_pos | 120 | 20 | 90.0 % | 70.0 % to 97.0 % |",
        "| adv × same_pos | 20 | 0 | – | – |",
        "Disagreements not yet settled: 1.",
        "the share of good sentences may be as low as 85.0 %",
        "](plots/audit_by_stratum.png)",
        "được người bản ngữ thẩm định trên một mẫu",
    ],
)
def test_the_card_tells_the_audit(release: Path, words: str) -> None:
    write_audits(tiny_audits(), release)
    assert words in write_card(release)


def test_a_good_audit_is_no_limit(release: Path) -> None:
    write_audits(tiny_audits(low=0.96), release)
    text = write_card(release)
    assert "may be as low as" not in text
    assert "No person has checked" not in text


def test_a_recorded_release_has_made_up_answers_and_says_so(tmp_path: Path) -> None:
    release = make_tiny_release(tmp_path / "release", recorded=True)
    write_audits(tiny_audits(), release)
    text = write_card(release)
    assert "**Recorded answers.** Nobody read these sentences" in text
    assert "No person has checked a sample of this release." in text
    assert "được người bản ngữ thẩm định" not in text


def test_nobody_is_named_in_the_release(release: Path) -> None:
    write_audits(tiny_audits(), release)
    write_card(release)
    for path in release.rglob("*"):
        if path.is_file():
            for name in ("Nguyễn", "Thị Lan", "Trần", "Bình"):
                assert name.encode() not in path.read_bytes(), path
    check_release(release, Needles(()))


def test_the_same_person_keeps_the_same_number() -> None:
    found = anonymous(tiny_audits())
    report = found.rounds[0].report
    assert [each.annotator for each in report.annotators] == ["annotator 1", "annotator 2"]
    (pair,) = report.agreement[0].pairs
    assert (pair.first, pair.second) == ("annotator 1", "annotator 2")
    assert report.self_agreement[0].annotator == "annotator 2"
    assert report.adjudicators == ("annotator 1",)
    assert anonymous(found) == found


def test_a_report_with_names_is_not_published(release: Path) -> None:
    write_text(release / "audit.json", tiny_audits().model_dump_json())
    write_card(release)
    with pytest.raises(InputError, match="names its annotators; put it there with"):
        check_release(release, Needles(()))


def test_an_audit_that_came_after_the_card_makes_the_card_stale(release: Path) -> None:
    write_card(release)
    check_release(release, Needles(()))
    write_audits(tiny_audits(), release)
    with pytest.raises(InputError, match="older than an audit"):
        check_release(release, Needles(()))


def test_an_audit_without_answers_gives_no_estimate(release: Path) -> None:
    report = tiny_audit()
    quality = tuple(each.model_copy(update={"share": None}) for each in report.quality)
    empty = report.model_copy(update={"quality": quality})
    write_audits(tiny_audits(report=empty, after=None), release)
    text = write_card(release)
    assert "No answers have come back yet, so there is no estimate." in text
    assert "No person has checked a sample of this release." in text


def test_a_demonstration_has_no_native_readers_anywhere(tmp_path: Path) -> None:
    release = make_tiny_release(tmp_path / "release", recorded=True)
    write_audits(tiny_audits(), release)
    text = write_card(release)
    assert "given to 2 made-up readers of Vietnamese" in text
    assert "native readers" not in text
    assert "| `audited` | string | what made-up sheets say, as nobody read the sentences" in text
    assert "human check" not in text
    assert "human check" not in (release / "croissant.json").read_text(encoding="utf-8")


def test_every_round_is_on_the_card_and_the_latest_of_the_release_speaks(release: Path) -> None:
    (first,) = tiny_audits().rounds
    other = first.model_copy(
        update={"folder": "second", "number": 2, "of_this_release": False, "here": 0}
    )
    earlier = first.model_copy(update={"folder": "nháp", "latest": False})
    found = ReleaseAudits(rounds=(earlier, first, other), judged_otherwise=3)
    write_audits(found, release)
    text = write_card(release)
    assert "3 rounds of audits count" in text
    assert (
        "| second | review | mẫu 0.9, `0123456789abcdef` (another release) | 30 | 30 | – | 0 |"
        in text
    )
    assert "| nháp | review | mẫu 0.9, `0123456789abcdef` | 30 | 30 | 92.0 % (85.0 % to" in text
    assert "3 rows were judged otherwise by a later round; the newer answer counts." in text
    assert "**92.0 % of the sentences" in text


def test_audits_of_another_release_give_no_figure(release: Path) -> None:
    write_audits(tiny_audits(of_this_release=False), release)
    text = write_card(release)
    assert "None of them is of this release" in text
    assert "92.0 %" not in text
    assert "No person has checked a sample of this release." in text


def test_audits_of_version_0_1_are_refused_in_a_line(release: Path) -> None:
    write_text(release / "audit.json", '{"format_version": 1, "audit_id": "a"}')
    with pytest.raises(InputError, match=r"of this version .*; run the stage release again"):
        write_card(release)


def audit_of(release: Path, folder: Path) -> Path:
    """An audit of some rows of a release that one reader answered well."""
    manifest = ReleaseManifest.read(release)
    create_audit(
        folder,
        release_candidates(release),
        release_senses(release),
        AuditSettings(size=10, annotators=("Lan",), strata=()),
        find_language("vi"),
        release=named(manifest),
    )
    answers = filled(folder, "Lan", all_good)
    import_files(folder, [answers], "2026-01-01T00:00:00+00:00", find_language("vi").audit)
    return folder


def test_the_command_takes_an_audit_of_the_release(release: Path, tmp_path: Path) -> None:
    folder = audit_of(release, tmp_path / "first")
    assert exit_code(["card", "--release", str(release), "--audit", str(folder)]) == 0
    text = (release / "README.md").read_text(encoding="utf-8")
    assert "sentences were drawn at random and given to one native reader" in text
    assert "(`" + named(ReleaseManifest.read(release)).digest + "`): this one." in text
    assert "Lan" not in (release / "audit.json").read_text(encoding="utf-8")


def test_the_command_refuses_an_audit_of_another_release(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = audit_of(release, tmp_path / "first")
    key = folder / "key.json"
    digest = named(ReleaseManifest.read(release)).digest
    write_text(key, key.read_text(encoding="utf-8").replace(digest, "another"))
    items = {
        name: item.model_copy(update={"gloss": "một nghĩa khác"})
        for name, item in read_audit_items(folder).items()
    }
    write_table(folder / "items.parquet", AuditItem, items.values())
    assert exit_code(["card", "--release", str(release), "--audit", str(folder)]) == 1
    told = capsys.readouterr().err
    assert "audit first: of another release than" in told
    n_rows = len(items)
    assert f"another; 0 of {n_rows} rows that it did not judge bad are there" in told
    assert not (release / "audit.json").exists()
