"""``viconwsd senses``: every command as a user gives it, and what it says of bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_release import tiny_settings

from pipeline.cli.main import exit_code
from trainer.data import WsdData
from trainer.training.run import train_model

SECTION = """
[senses]
backbone = "{backbone}"
segmenter = "units"
min_count = 2
width = 6
max_length = 64
choice = "inventory"
held_out = 0.2
restarts = 1
{more}
[senses.student]
small = {{ width = 8, layers = 1, heads = 2, vocabulary = 400 }}
epochs = 1
"""


def run_folder(folder: Path, backbone: str, release: Path, more: str = "") -> list[str]:
    """The options of a run whose release is the tiny one."""
    assert exit_code(["init", str(folder), "--preset", "demo"]) == 0
    path = folder / "run.toml"
    text = path.read_text(encoding="utf-8") + SECTION.format(backbone=backbone, more=more)
    path.write_text(text, encoding="utf-8")
    (folder / "release").symlink_to(release)
    return ["-c", str(path)]


def test_a_session(
    tmp_path: Path, decoder: str, release_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    config = run_folder(folder, decoder, release_folder)
    assert exit_code(["senses", "build", *config]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == str(folder / "senses" / "dictionary")
    assert "of the variance within words" in said.err
    assert exit_code(["senses", "build", *config]) == 0
    assert "up to date" in capsys.readouterr().err
    assert exit_code(["senses", "distil", *config]) == 0
    assert exit_code(["senses", "distil", "--regression", *config]) == 0
    assert exit_code(["senses", "distil", *config]) == 0
    assert "up to date" in capsys.readouterr().err
    assert exit_code(["senses", "show", "khoan", *config]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("khoan: 2 usages in ")
    assert "    gloss    " in shown
    assert "[[khoan]]" in shown
    assert exit_code(["senses", "show", "khoan", "--json", *config]) == 0
    assert [usage["number"] for usage in json.loads(capsys.readouterr().out)] == [1, 2]
    assert exit_code(["senses", "tag", "Tôi đang [[khoan]] tường", *config]) == 0
    assert " of 2 (" in capsys.readouterr().out
    assert exit_code(["senses", "tag", "Tôi [[zzz]]", *config]) == 1
    assert "'zzz' is not in the dictionary" in capsys.readouterr().err
    asked, answers = tmp_path / "x.csv", tmp_path / "y.jsonl"
    asked.write_text("sentence,target\nhọ khoan giếng,khoan\n,\n", encoding="utf-8")
    files = ["--input", str(asked), "--output", str(answers)]
    assert exit_code(["senses", "tag", *files, *config]) == 1
    assert "1 row could not be read: see usage_error" in capsys.readouterr().err
    rows = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    assert [row["usage_known"] for row in rows] == [True, None]
    assert exit_code(["senses", "evaluate", *config]) == 0
    assert "sentences/s, one by one" in capsys.readouterr().out
    assert (folder / "evaluation" / "senses.md").is_file()


def test_bad_input_is_one_line(
    tmp_path: Path, decoder: str, release_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = run_folder(tmp_path / "run", decoder, release_folder, 'corpus = ["nowhere.txt"]')
    capsys.readouterr()
    for words, code, told in (
        (["build"], 2, "nowhere.txt: no such file or folder"),
        (["distil"], 1, "give the model folder that `viconwsd senses build` wrote"),
        (["show", "khoan"], 1, "give the model folder that `viconwsd senses build` wrote"),
        (["tag", "không có gì"], 1, "no target is marked"),
        (["tag"], 2, "give a sentence with its target as [[word]], or a file with --input"),
        (["tag", "--input", "x.csv"], 2, "--input and --output go together"),
        (["evaluate"], 1, "give the model folder that `viconwsd senses build` wrote"),
    ):
        assert exit_code(["senses", *words, *config]) == code, words
        lines = capsys.readouterr().err.splitlines()
        assert told in lines[-1], words
        assert len(lines) == 1, lines


def test_a_teacher_that_knows_nothing_is_refused(
    tmp_path: Path, release_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = run_folder(tmp_path / "run", "small", release_folder)
    capsys.readouterr()
    assert exit_code(["senses", "build", *config]) == 2
    assert "the teacher must know something" in capsys.readouterr().err


def test_a_bank_makes_answers_fast(
    tmp_path: Path, release_folder: Path, data: WsdData, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    config = run_folder(folder, "small", release_folder)
    train_model(data, tiny_settings(epochs=1), folder, lambda _: None)
    asked = ["disambiguate", "Tôi đang [[khoan]] tường", *config]
    capsys.readouterr()
    assert exit_code([*asked, "--fast"]) == 1
    assert "give the model folder that `viconwsd bank build` wrote" in capsys.readouterr().err
    assert exit_code(["bank", "build", *config]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == str(folder / "bank")
    assert "senses have one's worth or more" in said.err
    assert exit_code(["bank", "build", *config]) == 0
    assert "up to date" in capsys.readouterr().err
    assert exit_code([*asked, "--fast"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert exit_code(["bank", "distil", *config]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == str(folder / "bank-student")
    assert "1 layers, taught by" in said.err
    assert exit_code(["bank", "distil", *config]) == 0
    assert "up to date" in capsys.readouterr().err
    assert exit_code([*asked, "--fast"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert exit_code([*asked, "--fast", "--inventory", "x"]) == 2
    assert "--fast knows the senses of the model's own inventory" in capsys.readouterr().err
