"""Keys: equal for equal questions, different as soon as anything that matters differs."""

from __future__ import annotations

import json
import subprocess
import sys

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel

from pipeline.llm.body import Form, prepare, request_key
from pipeline.llm.reading import Completion, Invalid, repair_turns
from pipeline.llm.request import Message
from pipeline.llm.settings import EndpointSettings
from testing.asking import VI

STRICT = Form("json_schema", "max_tokens")

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
values = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
bodies = st.dictionaries(st.text(max_size=6), values, max_size=4)


def _reversed(value):
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(list(value))}
    if isinstance(value, list):
        return [_reversed(each) for each in value]
    return value


@given(bodies)
def test_the_order_of_names_makes_no_difference(body):
    assert request_key("e", 0, body) == request_key("e", 0, _reversed(body))


@given(bodies, bodies)
def test_another_body_has_another_key(body, other):
    same = orjson.dumps(body, option=orjson.OPT_SORT_KEYS) == orjson.dumps(
        other, option=orjson.OPT_SORT_KEYS
    )
    assert (request_key("e", 0, body) == request_key("e", 0, other)) == same


@given(bodies, st.text(max_size=9), st.text(max_size=9))
def test_another_endpoint_has_another_key(body, endpoint, other):
    assume(endpoint != other)
    assert request_key(endpoint, 0, body) != request_key(other, 0, body)


@given(bodies, st.integers(0, 1000), st.integers(0, 1000))
def test_another_sample_has_another_key(body, sample, other):
    assume(sample != other)
    assert request_key("e", sample, body) != request_key("e", other, body)


@pytest.mark.parametrize(
    "change",
    [
        {"model": "other"},
        {"temperature": 0.8},
        {"temperature": None},
        {"top_p": 0.9},
        {"seed": 7},
        {"max_tokens": 201},
        {"extra_body": {"top_k": 20}},
        {"identity": "other"},
    ],
)
def test_what_changes_the_reply_changes_the_key(settings, question, change):
    asked = question()
    before = prepare(settings(), STRICT, VI, asked.messages, asked.reply)
    after = prepare(settings(**change), STRICT, VI, asked.messages, asked.reply)
    assert before.key != after.key


@pytest.mark.parametrize(
    "change",
    [
        {"timeout_s": 5},
        {"max_in_flight": 3},
        {"requests_per_minute": 10},
        {"max_attempts": 2},
        {"give_up_after_s": 9},
        {"api_key_env": "SOME_KEY"},
    ],
)
def test_what_only_changes_the_run_leaves_the_key(settings, question, change):
    asked = question()
    before = prepare(settings(), STRICT, VI, asked.messages, asked.reply)
    after = prepare(settings(**change), STRICT, VI, asked.messages, asked.reply)
    assert before == after


@pytest.mark.parametrize(
    ("mode", "key"),
    [
        ("json_schema", "a02034725b0901da64621822d561f295"),
        ("json_object", "043d57b3adba16f4d1968c28f3019383"),
        ("text", "01cda66fd7f01beb6f975c36ea655e4a"),
    ],
)
def test_keys_stay_what_they_were(mode, key):
    """A key that changes makes every ledger worthless: raise KEY_VERSION only knowingly."""

    class Reply(BaseModel):
        text: str

    asked = EndpointSettings(base_url="http://h/v1", model="m", temperature=0.7, max_tokens=9)
    turns = (Message("user", "khoan"),)
    assert prepare(asked, Form(mode, "max_tokens"), VI, turns, Reply).key == key


def test_the_keys_of_repair_turns_stay_what_they_were():
    class Reply(BaseModel):
        text: str

    asked = EndpointSettings(base_url="http://h/v1", model="m", temperature=0.7, max_tokens=9)
    turns = (Message("user", "khoan"),)
    wrong = Invalid('- trường "text": thiếu trường này')
    keys = [
        prepare(asked, STRICT, VI, (*turns, *repair_turns(completion, wrong, VI)), Reply).key
        for completion in (
            Completion("{}", None, "stop", 1, 1),
            Completion("", None, "stop", 1, 1),
            Completion("a" * 900, None, "length", 1, 1),
        )
    ]
    assert keys == [
        "e71e4dc90838d8b64884a7ed2a0acc33",
        "c3ba8260282e37a5f2a4b667f5620240",
        "bc509a159c3065607e4f9250839a86eb",
    ]


def test_every_message_and_role_counts(settings):
    class Reply(BaseModel):
        text: str

    def key(*turns):
        messages = tuple(Message(*turn) for turn in turns)
        return prepare(settings(), STRICT, VI, messages, Reply).key

    keys = [
        key(("user", "a")),
        key(("system", "a")),
        key(("user", "b")),
        key(("user", "a"), ("user", "b")),
        key(("user", "b"), ("user", "a")),
    ]
    assert len(set(keys)) == len(keys)


def test_the_form_counts_in_the_key(settings, question):
    asked = question()
    forms = [
        Form(mode, name)
        for mode in ("json_schema", "json_object", "text")
        for name in ("max_tokens", "max_completion_tokens")
    ]
    keys = {prepare(settings(), form, VI, asked.messages, asked.reply).key for form in forms}
    assert len(keys) == len(forms)


def test_the_order_of_a_reply_models_fields_counts(settings, question):
    first = type("Reply", (BaseModel,), {"__annotations__": {"a": str, "b": str}})
    second = type("Reply", (BaseModel,), {"__annotations__": {"b": str, "a": str}})
    turns = question().messages
    assert (
        prepare(settings(), STRICT, VI, turns, first).key
        != prepare(settings(), STRICT, VI, turns, second).key
    )


def test_endpoints_without_schemas_are_told_the_schema(settings, question):
    asked = question()
    sent = json.loads(prepare(settings(), Form("text", "max_tokens"), VI, *_parts(asked)).body)
    assert "response_format" not in sent
    assert '"gloss"' in sent["messages"][-1]["content"]
    assert sent["messages"][0]["content"] == asked.messages[0].content


def test_json_mode_mentions_json_as_the_endpoints_demand(settings, question):
    sent = json.loads(
        prepare(settings(), Form("json_object", "max_tokens"), VI, *_parts(question())).body
    )
    assert sent["response_format"] == {"type": "json_object"}
    assert "JSON" in sent["messages"][-1]["content"]


def test_the_seed_moves_with_the_sample(settings, question):
    asked = question(sample=3)
    sent = json.loads(prepare(settings(seed=40), STRICT, VI, *_parts(asked)).body)
    assert sent["seed"] == 43


@given(st.text(max_size=300))
def test_no_byte_level_tokeniser_makes_more_tokens_than_the_bound(text):
    class Reply(BaseModel):
        text: str

    asked = EndpointSettings(base_url="http://h/v1", model="m")
    bound = prepare(asked, STRICT, VI, (Message("user", text),), Reply).prompt_bound
    assert bound > len(text.encode())


def test_a_key_is_the_same_in_another_process(settings, question):
    code = (
        "from pipeline.llm.body import request_key;"
        "print(request_key('e', 1, {'b': [1, {'d': 2, 'c': 'ấ'}], 'a': 0.5}))"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert there == request_key("e", 1, {"a": 0.5, "b": [1, {"c": "ấ", "d": 2}]})


def _parts(asked):
    return asked.messages, asked.reply, asked.item, asked.sample
