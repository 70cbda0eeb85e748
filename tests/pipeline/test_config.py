"""Faults of run.toml: one line each that says where, without a secret and without a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.main import exit_code
from pipeline.config import load_config
from schemas.errors import UsageError

GOOD = """
[source]
kind = "csv"
path = "lexicon"

[llm]
base_url = "http://127.0.0.1:9/v1"
model = "m"
"""


def faults(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "run.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_config(path)
    return [line.removeprefix(f"{path}: ") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize(
    "line",
    [
        'base_url = "ftp://me:hunter2@host/v1"',
        'base_url = "https://me:hunter2@host/v1"',
        'base_url = "hunter2"',
        'structured = "hunter2"',
        'max_tokens = "hunter2"',
        'price = "hunter2"',
        'extra_body = "hunter2"',
        'extra_body = { messages = "hunter2" }',
    ],
)
def test_no_fault_of_an_endpoint_shows_a_text_that_could_be_a_secret(
    tmp_path: Path, line: str
) -> None:
    key = line.partition(" ")[0]
    kept = [row for row in GOOD.splitlines() if not row.startswith(f"{key} ")]
    [said] = faults(tmp_path, "\n".join([*kept, line]))
    assert said.startswith((f"[llm] {key}", "[llm."))
    assert "hunter2" not in said


def test_a_whole_section_that_is_a_text_is_not_shown(tmp_path: Path) -> None:
    text = 'llm = "hunter2"\n' + GOOD.partition("[llm]")[0]
    assert faults(tmp_path, text) == [
        "[llm]: input should be a valid dictionary or instance of EndpointSettings"
    ]


def test_an_address_outside_the_endpoint_is_not_shown_either(tmp_path: Path) -> None:
    [said] = faults(tmp_path, GOOD + '[contexts]\nper_sense = "https://h/?key=hunter2"\n')
    assert said.startswith("[contexts] per_sense: input should be a valid integer")
    assert "hunter2" not in said


def test_other_values_are_shown_as_far_as_they_fit_a_line(tmp_path: Path) -> None:
    [said] = faults(tmp_path, GOOD + "[contexts]\nper_sense = 0\n")
    assert said.endswith("greater than or equal to 1 (it is 0)")
    [said] = faults(tmp_path, GOOD + f'[contexts]\nper_sense = "{"x" * 500}"\n')
    assert len(said) < 250
    assert said.endswith("…)")


def test_a_whole_number_that_no_file_can_hold_is_refused(tmp_path: Path) -> None:
    text = GOOD + f"[split]\nseed = {10**30}\n[release]\nmax_shard_rows = {2**63}\n"
    assert faults(tmp_path, text) == [
        "split.seed: a whole number has at most 64 bits",
        "release.max_shard_rows: a whole number has at most 64 bits",
    ]


def test_a_preset_that_is_no_name_is_a_fault_of_its_key(tmp_path: Path) -> None:
    [said] = faults(tmp_path, GOOD + "[train]\npreset = [1]\n")
    assert said == "[train] preset: input should be a valid string"


def test_a_list_of_rejects_without_a_file_name_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run.toml").write_text(GOOD, encoding="utf-8")
    assert exit_code(["rejects", "-c", str(tmp_path), "--csv", ""]) == 2
    assert "--csv: give the path of a file" in capsys.readouterr().err
