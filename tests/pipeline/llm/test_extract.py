from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.llm.reading import json_objects

plain = st.text(alphabet=st.characters(blacklist_characters="{}", blacklist_categories=["Cs"]))
texts = st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=20)
objects = st.dictionaries(
    texts, texts | st.integers(-(2**53), 2**53) | st.lists(texts, max_size=2), max_size=4
)


@given(plain, objects, plain)
def test_an_object_is_found_whatever_stands_around_it(before, value, after):
    text = before + json.dumps(value, ensure_ascii=False) + after
    assert [json.loads(found) for found in json_objects(text)] == [value]


@given(plain, objects, objects)
def test_objects_are_found_in_order(between, first, second):
    text = json.dumps(first) + between + json.dumps(second)
    assert [json.loads(found) for found in json_objects(text)] == [first, second]


@given(objects)
def test_nothing_is_found_in_an_object_that_was_cut_off(value):
    text = json.dumps(value)
    flat = not any(isinstance(each, str) and "{" in each for each in value.values())
    if flat and not any("{" in name for name in value) and "{" not in text[1:]:
        assert list(json_objects(text[:-1])) == []


@given(texts)
def test_any_text_at_all_is_borne(text):
    for found in json_objects(text):
        assert isinstance(json.loads(found), dict)


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"gloss": "lỗ"}\n```',
        'Dưới đây là kết quả:\n```\n{"gloss": "lỗ"}\n```\nChúc bạn vui!',
        'Vâng {ạ}, xin gửi: {"gloss": "lỗ"}',
        '<think>{"gloss": "nháp"}</think>{"gloss": "lỗ"}',
        '\ufeff{\n  "gloss": "lỗ"\n}',
    ],
)
def test_fences_chatter_and_thoughts_are_left_out(text):
    assert json.loads(next(json_objects(text))) == {"gloss": "lỗ"}


def test_a_line_break_inside_a_string_is_forgiven():
    assert json.loads(next(json_objects('{"gloss": "một\nhai"}'))) == {"gloss": "một\nhai"}


@pytest.mark.parametrize("text", ['{"a":' * 20_000, "{" * 50_000, '{"a": [' * 9_000 + "1"])
@pytest.mark.timeout(10)
def test_endless_openings_end(text):
    assert list(json_objects(text)) == []


def test_an_object_with_a_number_beyond_64_bits_is_passed_over():
    text = '{"number": 1000000000000000000000000000000} {"gloss": "lỗ"}'
    assert [json.loads(found) for found in json_objects(text)] == [{"gloss": "lỗ"}]
