"""Every code that any part of the pipeline can reject with is explained in the card."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from pipeline.card.codes import explain, explanations
from pipeline.llm.faults import Cause
from pipeline.select.codes import SelectCode
from pipeline.sources.rules import NoiseCode

UNKNOWN = explain("a_code_of_the_future")
PIPELINE = Path(__file__).parents[3] / "pipeline"


@pytest.mark.parametrize("code", [*SelectCode, *NoiseCode])
def test_codes_of_enumerations_are_explained(code: str) -> None:
    assert explain(code) != UNKNOWN


def test_codes_of_requests_are_explained() -> None:
    """Those in the source as ``ItemError("code"`` or ``code="code"``."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in PIPELINE.rglob("*.py"))
    codes = set(re.findall(r'ItemError\(\s*"(\w+)"', source))
    codes |= set(re.findall(r'\bcode="(\w+)"', source))
    assert {"truncated", "refused", "no_gloss", "no_contexts"} <= codes
    assert {code for code in codes if explain(code) == UNKNOWN} == set()


@pytest.mark.parametrize("code", get_args(Cause))
def test_codes_of_broken_requests_are_explained(code: str) -> None:
    assert explain(code) != UNKNOWN


def test_an_answer_of_the_endpoint_is_explained_by_its_number() -> None:
    assert explain("http_422") == "the model's endpoint refused the request (HTTP 422)"


def test_explanations_are_phrases_that_fit_a_table() -> None:
    for code, words in explanations().items():
        assert words, code
        assert "\n" not in words
        assert not words.endswith("."), code
        assert words[0] == words[0].lower(), code
