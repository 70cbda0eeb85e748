"""``viconwsd distil train`` and ``evaluate`` as a user runs them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_release import rows, write_release

from pipeline.cli.main import exit_code

BASE = """
[source]
kind = "csv"
path = "lexicon"
[llm]
base_url = "http://nowhere.invalid/v1"
model = "none"
"""


@pytest.fixture
def run(tmp_path: Path, decoder: str) -> Path:
    """A run folder with a release, and WiC pairs out of its sentences."""
    write_release(tmp_path / "release")
    examples = [e for e in rows()[0] if e.lemma == "đường"]
    lines = [
        "\t".join([one.lemma, "N", f"{places[0]}-{places[1]}", one.sentence, other.sentence])
        for one, other in zip(examples, examples[1:] + examples[:1], strict=True)
        for places in [[e.sentence[: e.target_start].count(" ") for e in (one, other)]]
    ]
    wic = tmp_path / "wic"
    wic.mkdir()
    for part in ("dev", "test"):
        (wic / f"{part}.data.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        gold = "TTTTTFTTTTTF"
        (wic / f"{part}.gold.txt").write_text("\n".join(gold) + "\n", encoding="utf-8")
    settings = f'[distil]\nbackbone = "{decoder}"\n[distil.evaluate]\nbootstrap_samples = 9\n'
    (tmp_path / "run.toml").write_text(f'{BASE}{settings}sets = ["wic=wic"]\n', encoding="utf-8")
    return tmp_path


def test_train_and_evaluate(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(run / "run.toml")
    assert exit_code(["distil", "train", "-c", config]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{run / 'distilled'}\n"
    assert "21 triples, 21 with a negative, 18 with a sibling; 7 to validate" in shown.err
    assert "no pairs; chosen: standardised mean" in shown.err
    assert exit_code(["distil", "train", "-c", config]) == 0
    assert "up to date" in capsys.readouterr().err
    assert exit_code(["distil", "evaluate", "-c", config]) == 0
    shown = capsys.readouterr()
    assert "WiC (12 pairs, 1 groups, threshold from 12 pairs)" in shown.out
    for row in ("raw mean (the paper's baseline)", "whitening", "linear, sibling"):
        assert row in shown.out
    assert (run / "evaluation" / "distil.json").is_file()
    assert "## WiC" in (run / "evaluation" / "distil.md").read_text(encoding="utf-8")


def told(run: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = exit_code(["distil", *words, "-c", str(run / "run.toml")])
    return code, capsys.readouterr().err


def test_bad_input_is_one_line(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, error = told(run, capsys, "evaluate")
    assert code == 1
    assert "distilled: no trained_on.json: give the model folder that `viconwsd distil" in error
    (run / "run.toml").write_text(BASE, encoding="utf-8")
    code, error = told(run, capsys, "train")
    assert code == 2
    assert "model is not there to be distilled: run `viconwsd train` first" in error
    (run / "run.toml").write_text(f'{BASE}[distil]\nbackbone = "/nowhere"\n', encoding="utf-8")
    code, error = told(run, capsys, "train", "--release", str(run / "none"))
    assert code == 1
    assert "no data/senses/*.parquet" in error
    code, error = told(run, capsys, "train")
    assert code == 1
    assert "'/nowhere' cannot be opened as a pretrained model" in error
    for wrong, where in (("layer = 3", "did you mean 'layers'?"), ("ridge = -1", "ridge")):
        (run / "run.toml").write_text(f"{BASE}[distil]\n{wrong}\n", encoding="utf-8")
        code, error = told(run, capsys, "train")
        assert code == 2
        assert where in error
        assert error.count("\n") == 1


def test_the_encoder_that_the_run_has_trained_is_the_default_backbone(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = "[train]\nepochs = 1\nsegmenter = 'units'\nthreads = 1\ngloss_width = 12\n"
    small += "[train.small]\nwidth = 16\nlayers = 1\nheads = 2\nvocabulary = 400\n"
    (run / "run.toml").write_text(BASE + small, encoding="utf-8")
    assert exit_code(["train", "-c", str(run / "run.toml")]) == 0
    code, error = told(run, capsys, "train")
    assert code == 0, error
    assert "21 triples" in error
