"""Whatever happens to a batch: every request ends as it would online, asked and paid once."""

import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from pipeline.llm.batches.book import Book
from pipeline.llm.ledger import Ledger
from schemas.errors import RunError, ServiceError
from testing.batch_personas import AnthropicServer, GeminiServer, MistralServer, TogetherServer
from testing.batch_server import BatchPlan, BatchServer, ServedBatch, failure
from testing.wave_asking import word_reply
from tests.pipeline.llm.batches.world import asked, without_address

FAULTS = {
    "lost create": BatchPlan(p_lost_create=1.0),
    "lost upload": BatchPlan(p_lost_upload=0.5, seed=3),
    "expired with a part done": BatchPlan(p_expired=0.7, seed=1),
    "all lines failed": BatchPlan(p_error_only=0.5, seed=1),
    "rejected for the quota": BatchPlan(p_rejected=0.5),
    "cancelled from outside": BatchPlan(p_cancelled=0.7),
    "cut in the middle of a line": BatchPlan(p_cut=1.0),
    "failed lines": BatchPlan(p_line_500=0.2),
    "doubled lines": BatchPlan(p_doubled=0.5),
    "limits on looking": BatchPlan(p_poll_429=0.5),
    "finalizing for long": BatchPlan(finalizing=10),
    "a small quota": BatchPlan(enqueued=40),
}
KINDS: dict[str, type[BatchServer]] = {
    "openai": BatchServer,
    "mistral": MistralServer,
    "gemini": GeminiServer,
    "anthropic": AnthropicServer,
}
TOGETHER = {"upload_to": "/files/upload", "purpose": "batch-api"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_changes_no_outcome(tmp_path: Path, fault: str) -> None:
    found, server, _ = asked(tmp_path / "batch", FAULTS[fault])
    wanted, _, _ = asked(tmp_path / "online", mode="online")
    assert without_address(found) == without_address(wanted)
    assert server.doubled == []
    with Ledger(tmp_path / "batch" / "ledger.sqlite") as ledger:
        assert all(ledger.contains(key) for key in server.readable)
        assert ledger.spending("USD").lost == 0


@pytest.mark.parametrize(
    ("there", "own"),
    [(KINDS[kind], {"kind": kind}) for kind in KINDS] + [(TogetherServer, TOGETHER)],
)
def test_every_kind_gets_through_lost_answers_expiry_and_failed_lines(
    tmp_path: Path, there: type[BatchServer], own: dict[str, Any]
) -> None:
    plan = BatchPlan(p_lost_create=0.5, p_expired=0.4, p_line_500=0.1, p_doubled=0.1, seed=5)
    found, server, _ = asked(tmp_path / "batch", plan, kind=there, own=own)
    wanted, _, _ = asked(tmp_path / "online", kind=there, mode="online", own=own)
    assert without_address(found) == without_address(wanted)
    assert {each[0] for each in found if len(each) == 2} == {"http_400"}
    assert sum(len(each) == 2 for each in found) == 4
    assert server.doubled == []
    assert server.stats.answered < 10


def test_lines_that_are_done_and_in_no_file_count_as_billed_and_are_asked_again(
    tmp_path: Path,
) -> None:
    found, server, notes = asked(tmp_path, BatchPlan(p_missing=0.2))
    wanted, _, _ = asked(tmp_path / "online", mode="online")
    assert without_address(found) == without_address(wanted)
    assert any("lost and perhaps billed" in line for line in notes)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.spending("USD").lost > 0
    done = sum(batch.done for batch in server.batches.values())
    assert done > len(server.readable)


def test_results_that_are_gone_count_as_billed(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="3 batches in a row brought nothing"):
        asked(tmp_path, BatchPlan(files_gone=True), n=20)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.spending("USD").lost > 0


def test_a_batch_that_is_rejected_whole_stops_the_run_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ServiceError) as stopped:
        asked(tmp_path, BatchPlan(reject="model_not_found"), n=20)
    assert str(stopped.value) == (
        "batch batch_1 was rejected whole: rejected: model_not_found (model_not_found); correct"
        " the settings of this endpoint and run again"
    )
    with Book(tmp_path / "ledger.sqlite") as book:
        assert book.batches(open_only=True) == []
    found, _, _ = asked(tmp_path, n=20)
    assert len(found) == 20


def test_a_batch_that_is_larger_than_the_quota_is_halved_until_it_fits(tmp_path: Path) -> None:
    found, server, notes = asked(tmp_path / "batch", BatchPlan(enqueued=10), n=31)
    wanted, _, _ = asked(tmp_path / "online", n=31, mode="online")
    assert without_address(found) == without_address(wanted)
    assert server.doubled == []
    done = [each for each in server.batches.values() if each.state == "completed"]
    assert max(len(each.lines) for each in done) in range(5, 11)
    assert (
        "batch batch_1: 30 requests are more than the provider takes at once (rejected:"
        " token_limit_exceeded (token_limit_exceeded)): they are halved"
    ) in notes
    assert len(server.batches) <= 12
    assert not list((tmp_path / "batch" / "batches").iterdir())


def test_where_the_quota_takes_no_batch_however_small_the_run_ends_in_one_line(
    tmp_path: Path,
) -> None:
    with pytest.raises(ServiceError) as stopped:
        asked(tmp_path, BatchPlan(reject="token_limit_exceeded"), n=20, own={"tail": 5})
    assert re.fullmatch(
        r"batch batch_\d+ of [45] requests was rejected 8 times, though no other of this run is"
        r" under way: rejected: token_limit_exceeded \(token_limit_exceeded\); run again when"
        r' others have ended there, raise the quota, or set \[llm\] mode = "online"',
        str(stopped.value),
    )
    found, server, _ = asked(tmp_path, n=20, own={"tail": 5})
    assert len(found) == 20
    assert server.doubled == []


def test_together_says_why_a_batch_was_rejected_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="batch batch_1 was rejected whole: rejected: bad_model"):
        asked(tmp_path, BatchPlan(reject="bad_model"), n=20, kind=TogetherServer, own=TOGETHER)


class Broken(BatchServer):
    """Cannot be looked at for a while."""

    n_looks = 0

    async def _batches(
        self, request: web.BaseRequest, method: str, parts: list[str]
    ) -> web.StreamResponse:
        if parts:
            self.n_looks += 1
            if self.n_looks in (2, 3):
                return failure(503, "Service Unavailable", "server_error")
        return await super()._batches(request, method, parts)


def test_a_provider_that_answers_with_faults_alone_is_waited_for_and_named(tmp_path: Path) -> None:
    found, _, notes = asked(tmp_path, n=20, kind=Broken)
    assert len(found) == 20
    waits = [line for line in notes if line.startswith("waiting since ")]
    assert len(waits) == 1
    assert "http 503 from" in waits[0]
    assert waits[0].endswith("; what is there goes on there")


class Confused(BatchServer):
    """Keeps the token of a batch, and takes another file for its own."""

    def make(self, file: str, metadata: dict[str, str], lines: list[dict[str, Any]]) -> ServedBatch:
        """A new batch, as if another program had made it."""
        batch = super().make(file, metadata, lines)
        batch.file = "file-of-another"
        return batch


class ConfusedMistral(Confused, MistralServer):
    """The same with jobs."""


@pytest.mark.parametrize(
    ("there", "kind", "named"), [(Confused, "openai", "batch"), (ConfusedMistral, "mistral", "job")]
)
def test_a_batch_with_our_token_that_asks_something_else_stops_the_run(
    tmp_path: Path, there: type[BatchServer], kind: str, named: str
) -> None:
    with pytest.raises(ServiceError) as stopped:
        asked(tmp_path, BatchPlan(p_lost_create=1.0), n=20, kind=there, own={"kind": kind})
    with Book(tmp_path / "ledger.sqlite") as book:
        (batch,) = book.batches(open_only=True)
    assert str(stopped.value) == (
        f"{named} batch_1 bears the token {batch.token} of one of ours, but it asks something"
        " else: cancel it there, or forget ours with `viconwsd batches cancel --forget"
        f" {batch.token}`"
    )


class Shared(AnthropicServer):
    """Another program makes a batch after each of ours; its results are kept no longer."""

    def make(self, file: str, metadata: dict[str, str], lines: list[dict[str, Any]]) -> ServedBatch:
        """A new batch, and the other one's."""
        ours = super().make(file, metadata, lines)
        super().make("", {}, []).state = "completed"
        return ours


def test_a_batch_of_another_whose_results_are_gone_is_passed_over(tmp_path: Path) -> None:
    """Anthropic's batches bear no token: results of all that may be ours are looked into."""
    plan, own = BatchPlan(p_lost_create=1.0), {"kind": "anthropic"}
    found, server, _ = asked(tmp_path, plan, n=20, kind=Shared, own=own)
    assert len(found) == 20
    assert server.doubled == []


def test_auto_asks_in_batches_where_a_wave_has_ten_tails(tmp_path: Path) -> None:
    own = {"tail": 5}
    wanted, _, _ = asked(tmp_path / "online", mode="online")
    large, server, _ = asked(tmp_path / "large", mode="auto", own=own)
    assert without_address(large) == without_address(wanted)
    assert sum(server.submitted.values()) == 59  # the first of a stage goes online
    repairs = sum(each[-1] == "True" for each in large)
    assert server.stats.answered == 1 + repairs
    small, server, _ = asked(tmp_path / "small", mode="auto", n=50, own=own)
    assert without_address(small) == without_address(wanted[:50])
    assert server.batches == {}


def test_a_detached_run_ends_when_all_is_submitted_and_goes_on_later(tmp_path: Path) -> None:
    server = BatchServer(BatchPlan(looks=1), word_reply)
    with pytest.raises(RunError, match="run the same command again to read them and go on"):
        asked(tmp_path, server=server, detach=True)
    made = len(server.batches)
    assert made == 2
    with Book(tmp_path / "ledger.sqlite") as book:
        assert [each.state for each in book.batches(open_only=True)] == ["submitted"] * made
    found, _, _ = asked(tmp_path, server=server)
    assert len(found) == 60
    assert server.doubled == []
