"""The audit in the card: estimate, interval, agreement, strata, and nobody's name anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.card.audit import anonymous, attach_audit, read_audit
from pipeline.card.render import write_card
from pipeline.publish.release import check_release
from pipeline.publish.scan import Needles
from schemas.errors import InputError
from schemas.files import write_text
from testing.tiny_release import make_tiny_release
from tests.pipeline.card.tiny_audit import tiny_audit


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
        "| natural | 6 | 90.0 % | 0.74 [0.61, 0.85] | not defined | 0.74 [0.61, 0.85] |",
        "| noun × same_pos | 120 | 20 | 90.0 % | 70.0 % to 97.0 % |",
        "| adv × same_pos | 20 | 0 | – | – |",
        "Disagreements not yet settled: 1.",
        "the share of good sentences may be as low as 85.0 %",
        "](plots/audit_by_stratum.png)",
        "được người bản ngữ thẩm định trên một mẫu",
    ],
)
def test_the_card_tells_the_audit(release: Path, words: str) -> None:
    attach_audit(tiny_audit(), release)
    assert words in write_card(release)


def test_a_good_audit_is_no_limit(release: Path) -> None:
    attach_audit(tiny_audit(low=0.96), release)
    text = write_card(release)
    assert "may be as low as" not in text
    assert "No person has checked" not in text


def test_a_recorded_release_has_made_up_answers_and_says_so(tmp_path: Path) -> None:
    release = make_tiny_release(tmp_path / "release", recorded=True)
    attach_audit(tiny_audit(), release)
    text = write_card(release)
    assert "**Recorded answers.** Nobody read these sentences" in text
    assert "No person has checked a sample of this release." in text
    assert "được người bản ngữ thẩm định" not in text


def test_nobody_is_named_in_the_release(release: Path) -> None:
    attach_audit(tiny_audit(), release)
    write_card(release)
    for path in release.rglob("*"):
        if path.is_file():
            for name in ("Nguyễn", "Thị Lan", "Trần", "Bình"):
                assert name.encode() not in path.read_bytes(), path
    check_release(release, Needles(()))


def test_the_same_person_keeps_the_same_number() -> None:
    report = anonymous(tiny_audit())
    assert [each.annotator for each in report.annotators] == ["annotator 1", "annotator 2"]
    (pair,) = report.agreement[0].pairs
    assert (pair.first, pair.second) == ("annotator 1", "annotator 2")
    assert report.self_agreement[0].annotator == "annotator 2"
    assert anonymous(report) == report


def test_a_report_with_names_is_not_published(release: Path) -> None:
    write_text(release / "audit.json", tiny_audit().model_dump_json())
    write_card(release)
    with pytest.raises(InputError, match="names its annotators; put it there with"):
        check_release(release, Needles(()))


def test_an_audit_that_came_after_the_card_makes_the_card_stale(release: Path) -> None:
    write_card(release)
    check_release(release, Needles(()))
    attach_audit(tiny_audit(), release)
    with pytest.raises(InputError, match="older than an audit"):
        check_release(release, Needles(()))


def test_an_audit_without_answers_gives_no_estimate(release: Path) -> None:
    report = tiny_audit()
    quality = tuple(each.model_copy(update={"share": None}) for each in report.quality)
    attach_audit(report.model_copy(update={"quality": quality}), release)
    text = write_card(release)
    assert "No answers have come back yet, so there is no estimate." in text
    assert "No person has checked a sample of this release." in text


def test_the_command_takes_an_audit_folder(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipeline.cli.main import exit_code

    folder = tmp_path / "audits" / "first"
    folder.mkdir(parents=True)
    write_text(folder / "audit.json", tiny_audit().model_dump_json())
    assert exit_code(["card", "--release", str(release), "--audit", str(folder)]) == 0
    assert read_audit(release) == anonymous(tiny_audit())
    assert "92.0 %" in (release / "README.md").read_text(encoding="utf-8")
