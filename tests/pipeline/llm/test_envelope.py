from __future__ import annotations

import json

import pytest

from pipeline.llm.reading import Completion, EnvelopeError, error_in, read_envelope


def _body(**changes):
    message = {"role": "assistant", "content": "xin chào"} | changes.pop("message", {})
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps({"choices": [choice], "usage": changes.pop("usage", None)} | changes).encode()


def test_the_text_the_reason_and_the_counts_are_read():
    body = _body(usage={"prompt_tokens": 7, "completion_tokens": 3})
    assert read_envelope(body) == Completion("xin chào", None, "stop", 7, 3)


def test_counts_that_are_not_given_are_none():
    assert read_envelope(_body()) == Completion("xin chào", None, "stop", None, None)


def test_a_refusal_and_missing_content_are_read():
    body = _body(message={"content": None, "refusal": "không được"})
    assert read_envelope(body) == Completion("", "không được", "stop", None, None)


def test_text_in_parts_is_joined():
    parts = [{"type": "text", "text": "xin "}, {"type": "text", "text": "chào"}]
    assert read_envelope(_body(message={"content": parts})).content == "xin chào"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"choices": []}', b'{"choices": [{}]}', b"null", b"7"]
)
def test_anything_else_is_no_completion(body):
    with pytest.raises(EnvelopeError):
        read_envelope(body)


def test_an_error_that_came_with_200_is_found():
    assert error_in(b'{"error": {"message": "busy", "code": 503}}') == (503, "busy")
    assert error_in(b'{"error": {"message": "busy", "code": "x"}}') == (500, "busy")
    assert error_in(_body(message={"content": '{"error": 1}'})) is None
