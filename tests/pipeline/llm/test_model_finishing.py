"""A run can always be finished: no item, however it fails, stops one where others are answered."""

from __future__ import annotations

import pytest

from pipeline.llm.ledger import Ledger
from schemas.errors import ItemError, ServiceError
from testing.asking import http_model, outcomes
from testing.mock_server import Failure, MockServer

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


def failing(status, message="bad value"):
    """Refuses or fails whatever asks for a bad word."""

    def answer(body, headers):
        if "xấu" in body["messages"][-1]["content"]:
            raise Failure(status, message)
        return GOOD

    return answer


def codes(answers):
    return [answer.code if isinstance(answer, ItemError) else "" for answer in answers]


def asked(run, server_settings, ledger_path, responder, questions, **parts):
    """The codes of the questions, asked through a model on a fresh opening; and the arrivals."""

    async def work():
        async with MockServer(responder=responder) as server:
            settings = server_settings(server.base_url, identity="here", **parts.pop("more", {}))
            with Ledger(ledger_path) as ledger:
                async with http_model(settings, ledger=ledger, **parts) as model:
                    return codes(await outcomes(model, questions)), server.stats.arrived

    return run(work)


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (400, "bad value", "http_400"),
        (400, "stopped by content_filter", "refused"),
        (403, "your input was flagged", "refused"),
        (404, "no endpoints found that support it", "refused"),
        (403, "not for you", "http_403"),
    ],
)
def test_what_was_refused_does_not_stop_a_resumed_run(
    run, settings, question, tmp_path, status, message, code
):
    good = [question(f"tốt {i}") for i in range(5)]
    bad = [question(f"xấu {i}") for i in range(15 if code == "http_403" else 25)]
    path, responder = tmp_path / "l.sqlite", failing(status, message)
    first, arrived = asked(run, settings, path, responder, [*good, *bad])
    assert first == [""] * 5 + [code] * len(bad)
    assert arrived == 5 + len(bad)
    again, arrived = asked(run, settings, path, responder, [*good, *bad])
    assert (again, arrived) == (first, 0)


def test_in_a_run_that_was_killed_refused_items_do_not_count_against_the_endpoint(
    run, settings, question, tmp_path
):
    """Five replies are there from before; all that is asked now is refused."""
    good = [question(f"tốt {i}") for i in range(5)]
    bad = [question(f"xấu {i}") for i in range(25)]
    path, responder = tmp_path / "l.sqlite", failing(400)
    asked(run, settings, path, responder, good)
    found, arrived = asked(run, settings, path, responder, [*bad, *good])
    assert (found, arrived) == (["http_400"] * 25 + [""] * 5, 25)


@pytest.mark.parametrize("status", [400, 403])
def test_one_refused_item_alone_fails_where_others_were_answered_before(
    run, settings, question, tmp_path, status
):
    path, responder = tmp_path / "l.sqlite", failing(status)
    asked(run, settings, path, responder, [question("tốt")])
    found, _ = asked(run, settings, path, responder, [question("xấu")])
    assert found == [f"http_{status}"]


def test_one_item_that_always_fails_is_given_up_in_a_resumed_run_too(
    run, settings, question, tmp_path
):
    path = tmp_path / "l.sqlite"
    more = {"max_attempts": 2, "give_up_after_s": 5}
    asked(run, settings, path, failing(500), [question("tốt")], more=dict(more))
    found, arrived = asked(run, settings, path, failing(500), [question("xấu")], more=dict(more))
    assert (found, arrived) == (["http_500"], 2)


def test_several_that_always_fail_are_given_up_at_the_deadline_where_the_endpoint_is_up(
    run, settings, question, tmp_path
):
    path = tmp_path / "l.sqlite"
    more = {"max_attempts": 2, "give_up_after_s": 0.5}
    asked(run, settings, path, failing(500), [question("tốt")], more=dict(more))
    bad = [question(f"xấu {i}") for i in range(12)]
    found, _ = asked(run, settings, path, failing(500), bad, more=dict(more))
    assert found == ["http_500"] * 12
    again, arrived = asked(run, settings, path, failing(500), bad, more=dict(more))
    assert (again, arrived) == (found, 0)


def test_an_endpoint_that_fails_for_everyone_twice_over_stops_the_run(
    run, settings, question, tmp_path
):
    """More requests than are given up at the first deadline: after a second one it is down."""
    path = tmp_path / "l.sqlite"
    more = {"max_attempts": 2, "give_up_after_s": 0.4, "max_in_flight": 2}
    asked(run, settings, path, failing(500), [question("tốt")], more=dict(more))
    with pytest.raises(ServiceError, match="has answered no request for"):
        bad = (question(f"xấu {i}") for i in range(100))
        asked(run, settings, path, failing(500), bad, more=dict(more))


def test_what_failed_is_asked_anew_under_another_sample(run, settings, question, tmp_path):
    path = tmp_path / "l.sqlite"
    found, _ = asked(run, settings, path, failing(400), [question("tốt"), question("xấu")])
    assert found == ["", "http_400"]
    again = [question("xấu"), question("xấu", sample=3)]
    assert asked(run, settings, path, lambda *_: GOOD, again) == (["http_400", ""], 1)


def test_fewer_than_twenty_requests_that_are_all_refused_stop_the_run(
    run, settings, question, tmp_path
):
    with pytest.raises(ServiceError, match=r"the first 5 requests were all refused: .*bad value"):
        bad = [question(f"xấu {i}") for i in range(5)]
        asked(run, settings, tmp_path / "l.sqlite", failing(400), bad)
