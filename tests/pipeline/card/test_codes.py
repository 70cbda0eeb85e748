"""Every code that any part of the pipeline can reject with is explained in the card."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from pipeline.card.codes import explain, explanations
from pipeline.llm.faults import Cause
from pipeline.select.codes import SelectCode
from pipeline.sources.rules import NoiseCode

UNKNOWN = explain("contexts", "a_code_of_the_future")
PIPELINE = Path(__file__).parents[3] / "pipeline"
STAGES = PIPELINE / "stages"


@pytest.mark.parametrize(("stage", "codes"), [("select", SelectCode), ("synsets", NoiseCode)])
def test_codes_of_enumerations_are_explained(stage: str, codes: type[StrEnum]) -> None:
    assert [code for code in codes if explain(stage, code) == UNKNOWN] == []


@pytest.mark.parametrize("stage", ["glosses", "contexts", "judge"])
def test_codes_of_requests_are_explained(stage: str) -> None:
    """Those of the request layer, and those in the stage's source as ``code="..."``."""
    source = "\n".join(path.read_text("utf-8") for path in (PIPELINE / "llm").glob("*.py"))
    codes = {*get_args(Cause), *re.findall(r'raise \w+Error\(\s*"(\w+)"', source)}
    codes |= set(re.findall(r'\bcode="(\w+)"', (STAGES / f"{stage}.py").read_text("utf-8")))
    assert {"truncated", "bad_reply", "refused", "timeout"} <= codes
    assert {code for code in codes if explain(stage, code) == UNKNOWN} == set()


def test_a_code_of_two_stages_means_what_each_stage_means() -> None:
    assert explain("glosses", "length") != explain("contexts", "length")


def test_an_answer_of_the_endpoint_is_explained_by_its_number() -> None:
    assert explain("judge", "http_422") == "the model's endpoint refused the request (HTTP 422)"


@pytest.mark.parametrize("stage", explanations())
def test_explanations_are_phrases_that_fit_a_table(stage: str) -> None:
    for code, words in explanations()[stage].items():
        assert words, code
        assert "\n" not in words
        assert not words.endswith("."), code
        assert words[0] == words[0].lower(), code
