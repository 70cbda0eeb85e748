"""One row of the table in faults.py each."""

from __future__ import annotations

import email.utils
import time

import pytest

from pipeline.llm.faults import RefusedError, TransientError, retry_after_s, status_fault
from schemas.errors import ServiceError


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_transient(settings, status):
    fault = status_fault(settings(), status, "busy", {})
    assert isinstance(fault, TransientError)
    assert fault.item_error(6).code == f"http_{status}"
    assert not fault.maybe_billed


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (400, "bad value", "http_400"),
        (422, "bad value", "http_422"),
        (400, "This model's maximum context length is 4096 tokens", "context_length"),
        (400, "the request exceeds the available context size", "context_length"),
        (413, "too large", "context_length"),
        (400, "The response was filtered content_filter", "refused"),
    ],
)
def test_what_is_refused_costs_one_item(settings, status, said, code):
    fault = status_fault(settings(), status, said, {})
    assert isinstance(fault, RefusedError)
    assert fault.item_error().code == code


@pytest.mark.parametrize(
    ("status", "said", "advice"),
    [
        (401, "no", "environment variable MY_KEY is wrong or expired"),
        (402, "Insufficient Balance", "top up the account"),
        (307, "no", "check base_url"),
        (429, "You exceeded your current quota (insufficient_quota)", "top up the account"),
        (400, "API key not valid. Please pass a valid API key.", "variable MY_KEY is wrong"),
    ],
)
def test_what_no_request_can_pass_stops_the_run_and_says_what_to_do(settings, status, said, advice):
    fault = status_fault(settings(api_key_env="MY_KEY"), status, said, {})
    assert isinstance(fault, ServiceError)
    assert advice in str(fault)
    assert "\n" not in str(fault)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (403, "environment variable MY_KEY may not use model 'mock'"),
        (404, "check model = 'mock' and base_url = 'http://127.0.0.1:9/v1'"),
        (405, "check base_url = 'http://127.0.0.1:9/v1'"),
        (418, "no"),
    ],
)
def test_what_may_be_the_fault_of_one_request_is_refused_with_advice(settings, status, advice):
    fault = status_fault(settings(api_key_env="MY_KEY"), status, "no", {})
    assert isinstance(fault, RefusedError)
    assert (fault.code, fault.of_this_item) == (f"http_{status}", False)
    assert fault.detail.endswith(advice)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "Your input was flagged by moderation"),
        (404, "No endpoints found that support this request"),
        (400, "Invalid prompt: your prompt was flagged as potentially violating our usage policy"),
    ],
)
def test_what_one_request_says_is_its_own_fault(settings, status, said):
    fault = status_fault(settings(), status, said, {})
    assert isinstance(fault, RefusedError)
    assert (fault.code, fault.of_this_item) == ("refused", True)


def test_a_draw_that_did_not_fit_is_drawn_again(settings):
    said = "Failed to generate JSON. Please adjust your prompt. json_validate_failed"
    fault = status_fault(settings(), 400, said, {})
    assert isinstance(fault, TransientError)
    assert (fault.cause, fault.maybe_billed, fault.overload) == ("bad_draw", True, False)


def test_a_daily_quota_stops_the_run_and_says_how_long(settings):
    said = "Rate limit reached for tokens per day. Please try again in 14h32m5.2s."
    fault = status_fault(settings(), 429, said, {})
    assert isinstance(fault, ServiceError)
    assert "asks to wait 52325 s" in str(fault)


def test_a_402_that_says_how_long_to_wait_is_waited_for(settings):
    """OpenRouter's for what is under way; an empty account has no such header."""
    fault = status_fault(settings(), 402, "in-flight budget", {"retry-after": "2"})
    assert isinstance(fault, TransientError)
    assert fault.retry_after_s == 2


def test_a_401_without_a_key_asks_for_one(settings):
    assert "set api_key_env" in str(status_fault(settings(), 401, "no", {}))


def test_retry_after_is_read_in_seconds_milliseconds_and_dates():
    date = email.utils.formatdate(time.time() + 30, usegmt=True)
    past = email.utils.formatdate(time.time() - 30, usegmt=True)
    assert retry_after_s({"retry-after": "2.5"}) == 2.5
    assert retry_after_s({"retry-after-ms": "250"}) == 0.25
    assert retry_after_s({"retry-after": date}) == pytest.approx(30, abs=2)
    assert retry_after_s({"retry-after": past}) == 0
    assert retry_after_s({"retry-after": "soon"}) is None
    assert retry_after_s({"retry-after": "nan"}) is None
    assert retry_after_s({"retry-after": "-1"}) is None
    assert retry_after_s({"retry-after": "999999999"}) == 999_999_999
    assert retry_after_s({"retry-after": "1e9"}) is None
    assert retry_after_s({}) is None


def test_a_wait_beyond_the_deadline_stops_the_run_at_once(settings):
    fault = status_fault(settings(give_up_after_s=60), 429, "daily limit", {"retry-after": "3600"})
    assert isinstance(fault, ServiceError)
    assert "asks to wait 3600 s" in str(fault)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("You exceeded your current quota. Please retry in 36.5s.", 36.5),
        ("Rate limit reached. Please try again in 350ms.", 0.35),
        ("Rate limit reached. Please try again in 1m2.5s.", 62.5),
        ("Rate limit reached.", None),
    ],
)
def test_a_wait_that_is_only_said_is_heard(settings, said, wait):
    fault = status_fault(settings(), 429, said, {})
    assert isinstance(fault, TransientError)
    assert fault.retry_after_s == wait
