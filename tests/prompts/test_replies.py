"""Replies are validated, and their schemas are strict."""

from typing import Any

import pytest
from pydantic import ValidationError

from prompts.replies import (
    CounterpartReply,
    EquivalentsReply,
    GlossesReply,
    GroupedContextsReply,
    JudgeReply,
    ReplyModel,
)
from testing.prompt_kinds import REPLIES


def objects(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [found for item in schema for found in objects(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" else []
    return own + [found for value in schema.values() for found in objects(value)]


@pytest.mark.parametrize("reply", REPLIES)
def test_schemas_are_strict_every_field_required_and_no_others(reply: type[ReplyModel]) -> None:
    for schema in objects(reply.model_json_schema()):
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])


@pytest.mark.parametrize("reply", REPLIES)
def test_schemas_have_no_keyword_that_endpoints_refuse(reply: type[ReplyModel]) -> None:
    text = str(reply.model_json_schema())
    for keyword in ("minimum", "maximum", "minItems", "default", "pattern"):
        assert f"'{keyword}'" not in text


def test_good_replies_parse() -> None:
    defined = GlossesReply.model_validate_json(
        '{"glosses": [{"number": 1, "gloss": "vật rắn", "same_as": 0}]}'
    )
    assert defined.glosses[0].gloss == "vật rắn"
    grouped = GroupedContextsReply.model_validate_json(
        '{"words": [{"lemma": "đá", "contexts": ["a", "b"]}]}'
    )
    assert grouped.words[0].contexts == ["a", "b"]
    judged = JudgeReply.model_validate_json('{"choices": [{"sentence": 1, "sense": 0}]}')
    assert judged.choices[0].sense == 0


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ('[{"sentence": 0, "sense": 1}]', "numbered from 1, not 0"),
        ('[{"sentence": 1, "sense": -1}]', "not -1"),
        ('[{"sentence": 1, "sense": 1}, {"sentence": 1, "sense": 2}]', "sentence 1 is answered"),
        ('[{"sentence": 1, "sense": "x"}]', "integer"),
        ('[{"sentence": 1, "sense": 1, "why": "x"}]', "Extra inputs"),
    ],
)
def test_bad_choices_are_refused_with_a_reason(choices: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        JudgeReply.model_validate_json(f'{{"choices": {choices}}}')


@pytest.mark.parametrize(
    ("numbers", "message"), [((0,), "numbered from 1, not 0"), ((2, 2), "synset 2 is defined")]
)
def test_glosses_are_numbered_from_one_and_each_synset_has_one(
    numbers: tuple[int, ...], message: str
) -> None:
    entries = [{"number": number, "gloss": "vật", "same_as": 0} for number in numbers]
    with pytest.raises(ValidationError, match=message):
        GlossesReply.model_validate({"glosses": entries})


@pytest.mark.parametrize(
    ("answers", "said"),
    [([(0, []), (1, [])], "from 1"), ([(2, ["cat"]), (2, ["dog"])], "answered once; not")],
)
def test_groups_are_answered_once_and_by_their_number(
    answers: list[tuple[int, list[str]]], said: str
) -> None:
    told = [{"number": number, "english": english} for number, english in answers]
    with pytest.raises(ValidationError, match=said):
        EquivalentsReply.model_validate({"synsets": told})


def test_an_entry_is_a_number_or_none_of_them() -> None:
    assert CounterpartReply(entry=0).entry == 0
    with pytest.raises(ValidationError, match="0 is none of them; not -1"):
        CounterpartReply(entry=-1)
