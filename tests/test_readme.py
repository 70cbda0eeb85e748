"""The commands of the README's sessions run, in their order, on the demo's data."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from pipeline.cli.main import exit_code

ROOT = Path(__file__).resolve().parent.parent
COMMAND = re.compile(r"^\$ viconwsd ([^#\n]+)", re.MULTILINE)
ELSEWHERE = {"publish", "train", "evaluate", "disambiguate", "export", "senses", "bank"}
"""Commands with a Hub or minutes of training; tests/pipeline/publish and tests/trainer run them."""


def commands() -> list[list[str]]:
    """The arguments of every command in the README that belongs to a run of one's own."""
    found = COMMAND.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    return [shlex.split(line) for line in found if "runs/mine" in line]


def test_the_commands_of_the_readme_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mine"
    places = {
        "runs/mine": str(folder),
        "runs/mine/run.toml": str(folder / "run.toml"),
        "path/to/vietnamese-wordnet": str(ROOT / "data" / "demo" / "lexicon"),
    }
    ran = set()
    for written in commands():
        words = [places.get(word, word) for word in written]
        name = words[0]
        if name in ELSEWHERE or words[1:2] == ["import"]:
            continue
        assert exit_code(words) == 0, f"{written}: {capsys.readouterr().err}"
        ran.add(" ".join(words[:2]) if name == "audit" else name)
        if name == "init":  # from here on without a key: the demo's recorded replies
            shutil.rmtree(folder)
            assert exit_code(["init", str(folder), "--preset", "demo"]) == 0
    assert ran >= {"init", "plan", "run", "status", "leakage", "card", "audit sample"}


def test_the_session_of_the_readme_is_what_the_demo_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    session = readme.partition("## A session")[2].partition("```console\n")[2].partition("```")[0]
    told = re.sub(r"\n {12,}", " ", session)  # lines that the README folds
    folder = tmp_path / "demo"
    assert exit_code(["init", str(folder), "--preset", "demo"]) == 0
    assert exit_code(["run", "-c", str(folder / "run.toml")]) == 0
    printed = capsys.readouterr().err
    lines = [line for line in told.splitlines() if line[:1] not in ("$", "") and "/" not in line]
    assert len(lines) > 15
    for line in lines:
        assert line in printed, line
