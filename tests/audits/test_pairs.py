"""Audits of pairs across languages: drawn from a release, read unlabelled, told on its card."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from audits.answers.judgements import read_judgements
from audits.answers.outcomes import outcomes_of
from audits.figures import ROW
from audits.key import SheetRow, read_audit_items, read_key
from audits.rounds import PAIR_AUDITS, read_rounds
from audits.sampling.candidates import pair_candidates
from pipeline.card.audit import attach_audits, read_audits, require_anonymous
from pipeline.card.audit_section import audit_text
from pipeline.cli.main import exit_code
from schemas.records import EnglishContext, Example, Pos, Split
from schemas.tables import read_table, write_table
from testing.tiny_release import make_tiny_release
from tests.audits.world import VI, filled

N = 20


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny release with pairs, every other one labelled the same."""
    folder = make_tiny_release(tmp_path_factory.mktemp("pairs") / "release")
    shared = {"context_id", "sense_id", "lemma", "sentence", "target_start", "target_end"}
    examples = [
        example
        for path in sorted((folder / "data" / "examples").glob("*.parquet"))
        for example in read_table(path, Example)
    ]
    rows = []
    for number in range(2 * N):
        same = bool(number % 2)
        rows.append(
            EnglishContext(
                pair_id=f"p{number:03d}",
                same=same,
                pos=Pos.VERB,
                split=Split.TRAIN,
                **examples[number % len(examples)].model_dump(include=shared),
                english_sentence="he drilled a hole" if same else "he drilled the recruits",
                english_start=3,
                english_end=10,
                english_lemma="drill",
                princeton="00000001-v",
                link_confidence=0.9,
            )
        )
    write_table(folder / "data" / "word_in_context_en" / "train.parquet", EnglishContext, rows)
    return folder


@pytest.fixture(scope="module")
def audit(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / PAIR_AUDITS / "pairs"
    told = ["--release", str(release), "--folder", str(folder), "--language", "vi"]
    told += [
        "--size",
        str(N),
        "--annotators",
        "lan,minh",
        "--overlap",
        "1",
        "--repeats",
        "0",
        "--format",
        "both",
    ]
    assert exit_code(["audit", "sample", "--from", "word_in_context_en", *told]) == 0
    return folder


def labels(folder: Path, wrong: int = 0) -> object:
    """Answers as the pairs are labelled, the first ``wrong`` rows the other way round."""
    items = read_audit_items(folder)
    said = {"yes": "Cùng nghĩa", "no": "Khác nghĩa"}
    other = {"yes": "no", "no": "yes"}

    def answer(row: SheetRow) -> tuple[str, ...]:
        label = items[row.context_id].intended
        return (said[other[label] if row.number <= wrong else label],)

    return answer


def test_a_row_shows_both_sentences_and_no_label(release: Path, audit: Path) -> None:
    key, items = read_key(audit), read_audit_items(audit)
    assert (key.mode, key.name, key.population, key.sampled) == ("pairs", "pairs", 2 * N, N)
    rows = {each.context_id: each for each in pair_candidates(release)}
    assert {item.intended for item in items.values()} == {"yes", "no"}
    for row in read_table(audit / "sheets" / "lan.parquet", SheetRow):
        item = items[row.context_id]
        assert row.cells == (item.sentence, item.lemma, item.gloss)
        assert item.gloss in ("he [[drilled]] a hole", "he [[drilled]] the recruits")
        assert item.intended == ("yes" if item.gloss.endswith("hole") else "no")
        assert item.intended == rows[row.context_id].label
        assert row.n_choices == 0


def test_a_page_shows_both_sentences_and_asks_one_question(audit: Path) -> None:
    page = (audit / "pages" / "lan.html").read_text(encoding="utf-8")
    assert "he [[drilled]] the recruits" in page
    assert "Hai từ cùng nghĩa?" in page
    assert "ngân hàng" in page  # the training items are those of pairs


def test_answers_are_right_where_they_are_the_label(audit: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run" / PAIR_AUDITS / "pairs"
    shutil.copytree(audit, folder)
    for name, wrong in (("lan", 3), ("minh", 3)):
        path = filled(folder, name, labels(folder, wrong))
        assert exit_code(["audit", "import", "--folder", str(folder), str(path)]) == 0
    outcomes = outcomes_of(read_judgements(folder))
    assert len(outcomes) == N
    assert set(outcomes.values()) - {"bad"} == {"good", "unsure"}  # in dispute
    assert exit_code(["audit", "report", "--folder", str(folder)]) == 0
    report = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    share = next(each["share"] for each in report["quality"] if each["criterion"] == ROW)
    assert share["low"] < share["value"] < share["high"] <= 1
    assert share["value"] == pytest.approx(1 - 3 / N, abs=0.06)  # of strata of different sizes


def test_a_card_tells_of_them_apart_from_the_sentences(
    release: Path, audit: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run" / PAIR_AUDITS / "pairs"
    shutil.copytree(audit, folder)
    shutil.copytree(release, tmp_path / "release")
    for name in ("lan", "minh"):
        path = filled(folder, name, labels(folder))
        assert exit_code(["audit", "import", "--folder", str(folder), str(path)]) == 0
    rounds = read_rounds(folder.parent)
    attach_audits(tmp_path / "release", [], VI, "not_good", rounds)
    require_anonymous(tmp_path / "release")
    text = audit_text(read_audits(tmp_path / "release"), VI, recorded=False)
    assert "No human audit of its sentences has been made." in text
    assert f"Of the {2 * N} pairs of `word_in_context_en` {N} were drawn" in text
    assert "**100.0 % of the labels are estimated to be right**" in text
    assert "Krippendorff's alpha 1.00" in text
    (tmp_path / "release" / "data" / "word_in_context_en" / "train.parquet").unlink()
    assert attach_audits(tmp_path / "release", [], VI, "not_good", rounds) is None


def test_what_does_not_go_together_is_one_line(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = make_tiny_release(tmp_path / "release")
    told = ["audit", "sample", "--folder", str(tmp_path / "a"), "--annotators", "lan"]
    pairs = ["--from", "word_in_context_en"]
    assert exit_code([*told, *pairs, "--release", str(bare)]) == 1
    assert "no pairs across languages: set [release] word_in_context_en" in capsys.readouterr().err
    assert exit_code([*told, *pairs, "--release", str(release), "--blind"]) == 2
    assert "--blind: pairs are always read without their label" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
