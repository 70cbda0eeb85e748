from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from pipeline.llm.settings import EndpointSettings, Price


def test_unknown_names_are_refused(settings):
    with pytest.raises(ValidationError, match="modle"):
        settings(modle="x")


def test_settings_are_frozen(settings):
    with pytest.raises(ValidationError, match="frozen"):
        settings().model = "other"


@pytest.mark.parametrize("name", ["messages", "n", "stream", "max_tokens", "response_format"])
def test_extra_body_may_not_set_what_has_a_setting(settings, name):
    with pytest.raises(ValidationError, match=name):
        settings(extra_body={name: 1})


def test_extra_body_takes_other_names(settings):
    assert settings(extra_body={"top_k": 20}).extra_body == {"top_k": 20}


def test_a_base_url_with_credentials_is_refused_and_not_repeated():
    with pytest.raises(ValidationError, match="credentials") as caught:
        EndpointSettings(base_url="https://user:word@example.org/v1", model="m")
    assert "word" not in str(caught.value)


def test_a_base_url_without_scheme_is_refused():
    with pytest.raises(ValidationError, match="must begin with http"):
        EndpointSettings(base_url="localhost:8000", model="m")


def test_a_trailing_slash_makes_no_other_endpoint(settings):
    assert settings("http://h/v1/").endpoint == settings("http://h/v1").endpoint == "http://h/v1"


def test_the_identity_stands_for_an_address_that_changes(settings):
    assert settings("http://h:1/v1", identity="demo").endpoint == "demo"


def test_prices_are_exact_decimals_with_a_date():
    price = Price(input="0.15", output="0.6", date="2025-03-01")
    assert (price.input, price.output) == (Decimal("0.15"), Decimal("0.6"))
    assert price.date == datetime.date(2025, 3, 1)
    with pytest.raises(ValidationError, match="date"):
        Price(input="0.15", output="0.6")


@pytest.mark.parametrize(
    "address",
    [
        "https://",
        "https:///v1",
        "http://:8000/v1",
        "http://h:99999/v1",
        "http://h:port/v1",
        "http://[::1/v1",
        "http://h..example/v1",
        "http://h\x00/v1",
        "http://h /v1",
        "http://h\n/v1",
        "http://máy-chủ/v1",
    ],
)
def test_what_is_no_address_is_refused_at_once(address):
    with pytest.raises(ValidationError, match="base_url"):
        EndpointSettings(base_url=address, model="m")


def test_a_query_in_base_url_is_refused_and_not_repeated():
    with pytest.raises(ValidationError, match="query = ") as caught:
        EndpointSettings(base_url="https://h/v1?key=sk-0123456789", model="m")
    assert "0123456789" not in str(caught.value)


@pytest.mark.parametrize("value", ["sk-0123456789abc", "", ("A", "sk-0123456789abc")])
def test_a_key_in_the_place_of_its_variable_is_refused_and_not_repeated(settings, value):
    with pytest.raises(ValidationError, match="not the key itself") as caught:
        settings(api_key_env=value)
    assert "0123456789" not in str(caught.value)


@pytest.mark.parametrize("value", [("A", "A"), ()])
def test_each_variable_is_named_once(settings, value):
    with pytest.raises(ValidationError, match="each variable once"):
        settings(api_key_env=value)


def test_one_or_several_variables_hold_the_keys(settings):
    assert settings().key_variables == (None,)
    assert settings(api_key_env="A").key_variables == ("A",)
    assert settings(api_key_env=["A", "B"]).key_variables == ("A", "B")


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer x"}, {"X": "tiếng"}, {"X Y": "z"}, {"X": "a\nb"}]
)
def test_headers_that_cannot_be_sent_or_hold_a_key_are_refused(settings, headers):
    with pytest.raises(ValidationError, match="headers"):
        settings(headers=headers)


@pytest.mark.parametrize("name", ["max_tokens", "seed", "max_attempts", "reasoning_tokens"])
def test_numbers_that_no_endpoint_takes_are_refused(settings, name):
    with pytest.raises(ValidationError, match=name):
        settings(**{name: 10**30})
