"""Why an item is dropped: every code of every part of the pipeline, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.checks.finding import Rule

_STAGES = {
    "no_gloss": "the synset got no acceptable gloss in all its rounds",
    "no_contexts": "the sense got no acceptable sentence in all its rounds",
    "unjudged": "the judge gave no valid choice in all its rounds; the sentence stays, unjudged",
}
_REQUESTS = {
    "bad_reply": "the model's reply had the wrong form, also after it was asked to mend it",
    "truncated": "the model's reply was longer than allowed and broke off",
    "refused": "the model declined to answer, or a content filter stopped it",
    "context_length": "the request was too long for the model",
    "timeout": "the model did not answer in time, however often it was asked",
    "connection": "the connection to the model broke, however often it was tried",
    "unreachable": "the model could not be reached, however often it was tried",
    "rate_limited": "the model's endpoint asked to slow down, however long was waited",
    "server_error": "the model's endpoint had a fault of its own, however often it was asked",
    "bad_body": "the model's endpoint sent something that is no answer, however often it was asked",
}
_SELECTION = {
    "sense_unknown": "the sense is not in the inventory",
    "gloss_missing": "the synset has no accepted gloss",
    "audited_bad": "the auditors judged it bad",
    "audited_unsure": "the auditors could not tell",
    "judge_disagrees": "the judge chose another sense of the lemma",
    "judge_none": "the judge found that no sense of the lemma fits",
    "contradictory": "the same sentence stands for another sense of the same lemma",
    "duplicate_in_sense": "equal to another sentence of the sense",
    "duplicate_across_senses": "equal to a sentence of another sense",
    "near_duplicate_in_sense": "nearly equal to another sentence of the sense",
    "near_duplicate_across_senses": "nearly equal to a sentence of another sense",
    "over_cap": "the sense has as many sentences as it may have",
}
_SYNSETS = {
    "no_lemma_left": "no usable lemma was left in the synset",
    "indistinct_synset": "another synset has the same lemmas and nothing tells the two apart",
}
_HTTP = re.compile(r"http_(\d{3})")


@cache
def explanations() -> dict[str, dict[str, str]]:
    """Stage -> code -> what was wrong with the item; rules explain themselves in docstrings."""
    from pipeline.checks import contexts, duplicates, equality, glosses
    from pipeline.sources.rules import LEMMA_RULES

    noise = {code.value: _first_line(rule) for code, rule in LEMMA_RULES.items()}
    of_glosses = _messages(glosses.RULES) | _messages(equality.RULES)
    of_contexts = _messages(contexts.RULES) | _messages(duplicates.RULES)
    return {
        "synsets": noise | _SYNSETS,
        "glosses": of_glosses | _REQUESTS | _STAGES,
        "contexts": of_contexts | _REQUESTS | _STAGES,
        "judge": _REQUESTS | _STAGES,
        "select": dict(_SELECTION),
    }


def explain(stage: str, code: str) -> str:
    """What a stage's code means; one that this version of the program lacks is named as such."""
    if http := _HTTP.fullmatch(code):
        return f"the model's endpoint refused the request (HTTP {http[1]})"
    known = explanations().get(stage, {})
    return known.get(code, "a code that this version of the program does not know")


def _messages(rules: Sequence[Rule[Any, Any]]) -> dict[str, str]:
    return {rule.code: _plain(rule.message) for rule in rules}


def _first_line(rule: Callable[..., object]) -> str:
    return _plain((rule.__doc__ or "").strip().splitlines()[0])


def _plain(sentence: str) -> str:
    """A docstring's line as a phrase: no capital, no full stop, no markup of code."""
    words = sentence.strip().rstrip(".").replace("``", "`")
    return words[:1].lower() + words[1:]
