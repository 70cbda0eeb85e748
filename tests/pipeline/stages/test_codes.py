"""Every code that a stage can reject with is explained by the stage itself."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from pipeline.engine.stage import Stage
from pipeline.llm.faults import Cause
from pipeline.select.codes import SelectCode
from pipeline.sources.rules import NoiseCode
from pipeline.split import split
from tests.pipeline.stages.bound import bound_stages

PIPELINE = Path(__file__).parents[3] / "pipeline"
STAGES: dict[str, Stage] = bound_stages(Path("run"))


@pytest.mark.parametrize(("stage", "codes"), [("select", SelectCode), ("synsets", NoiseCode)])
def test_codes_of_enumerations_are_explained(stage: str, codes: type[StrEnum]) -> None:
    assert [code for code in codes if code.value not in STAGES[stage].codes] == []


def test_codes_of_the_split_are_explained() -> None:
    expected = {split.STRADDLES, split.PART_OFF, split.PINNED_APART, split.PIN_UNSUPPORTED}
    assert set(STAGES["split"].codes) == expected


@pytest.mark.parametrize("stage", ["glosses", "contexts", "judge"])
def test_codes_of_requests_are_explained(stage: str) -> None:
    """Those of the request layer, and those in the stage's source as ``code="..."``."""
    source = "\n".join(path.read_text("utf-8") for path in (PIPELINE / "llm").glob("*.py"))
    codes = {*get_args(Cause), *re.findall(r'(?:raise|return) \w+Error\(\s*"(\w+)"', source)}
    own = (PIPELINE / "stages" / f"{stage}.py").read_text("utf-8")
    codes |= set(re.findall(r'\bcode="(\w+)"', own))
    assert {"truncated", "bad_reply", "refused", "timeout"} <= codes
    assert codes - set(STAGES[stage].codes) == set()


def test_a_code_of_two_stages_means_what_each_stage_means() -> None:
    assert STAGES["synsets"].codes["foreign_script"] != STAGES["contexts"].codes["foreign_script"]


def test_an_answer_of_the_endpoint_is_explained_by_its_number() -> None:
    meaning = STAGES["judge"].codes["http_422"]
    assert meaning == "the model's endpoint refused the request (HTTP 422)"


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_explanations_are_phrases_that_fit_a_table(stage: str) -> None:
    for code, words in STAGES[stage].codes.items():
        assert words, code
        assert "\n" not in words
        assert not words.endswith("."), code
        assert words[0] == words[0].lower(), code
