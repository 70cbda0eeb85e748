"""What a late stage would fail over is found before the first request is paid, and by `plan`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli.main import exit_code
from testing.mock_server import spawned
from tests.pipeline.mock_run import MOCK, answered, write_run


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    with spawned(*MOCK) as base_url:
        yield base_url


def occupied(folder: Path) -> None:
    (folder / "release").mkdir()
    (folder / "release" / "thesis.docx").write_text("mine", encoding="utf-8")


def damaged_audit(folder: Path) -> None:
    (folder / "audits" / "v1").mkdir(parents=True)
    (folder / "audits" / "v1" / "key.json").write_text("{", encoding="utf-8")


def no_wordnet(folder: Path) -> None:
    (folder / "wordnet").mkdir()


def nothing(_: Path) -> None:
    """The settings alone are wrong."""


@pytest.mark.parametrize(
    ("lines", "prepare", "code", "said"),
    [
        (
            '[split]\nprevious = "v1"\n',
            nothing,
            1,
            "v1: no data/examples/*.parquet; [split] previous",
        ),
        (
            "[release]\nnear_duplicate_threshold = 0.5\n",
            nothing,
            2,
            "is below that of [select], 0.6",
        ),
        ("", occupied, 1, "not empty and not a release"),
        ("", damaged_audit, 1, "audits/v1/key.json"),
        (
            '[release]\nword_in_context_en = 0.7\n[link]\nwordnet = "wordnet"\n',
            no_wordnet,
            1,
            "wordnet: lacks ",
        ),
        ('[link]\ndictionaries = ["gone.tsv"]\n', nothing, 1, "gone.tsv"),
        ('[checks]\nreference = "gone.txt"\n', nothing, 1, "gone.txt"),
    ],
)
def test_it_is_refused_before_anything_is_paid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mock: str, lines, prepare, code, said
) -> None:
    config = write_run(tmp_path / "run", mock)
    config.write_text(f"{config.read_text(encoding='utf-8')}\n{lines}", encoding="utf-8")
    prepare(config.parent)
    before = answered(mock)["all"]
    for command in ("plan", "run"):
        assert exit_code([command, "-c", str(config)]) == code
        err = capsys.readouterr().err
        assert said in err
        assert "Traceback" not in err
    assert answered(mock)["all"] == before


def test_up_to_an_earlier_stage_what_a_later_one_needs_may_be_missing(
    tmp_path: Path, mock: str
) -> None:
    config = write_run(tmp_path / "run", mock)
    text = config.read_text(encoding="utf-8")
    config.write_text(f'{text}\n[split]\nprevious = "v1"\n', encoding="utf-8")
    assert exit_code(["run", "-c", str(config), "--until", "glosses"]) == 0
