"""Keys come from the environment and are found nowhere else."""

from __future__ import annotations

import asyncio
import logging
import traceback
from pathlib import Path

import pytest

from schemas.errors import ItemError, ServiceError
from testing.asking import http_model
from testing.ledgers import recorded
from testing.mock_server import Failure, MockServer, Plan

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'
SECRET = "sk-viconwsd-0123456789abcdef"


@pytest.fixture
def secret(monkeypatch) -> str:
    monkeypatch.setenv("VICONWSD_TEST_KEY", SECRET)
    return SECRET


def _everything_said(error: BaseException) -> str:
    said = "".join(traceback.format_exception(error))
    while error is not None:
        said += repr(error) + str(error) + repr(vars(error))
        error = error.__cause__
    return said


def _files_hold(folder: Path, secret: str) -> bool:
    return any(secret.encode() in path.read_bytes() for path in folder.iterdir())


def test_the_key_is_sent_and_kept_nowhere(settings, question, ledger, secret, caplog):
    caplog.set_level(logging.DEBUG)
    seen = []

    def answer(body, headers):
        seen.append(headers["Authorization"])
        return '{"gloss": "' + headers["Authorization"][:30] + '"}'  # an endpoint that echoes

    async def work():
        async with MockServer(Plan(p_500=0.3, retry_after="0.01"), responder=answer) as server:
            asked = settings(server.base_url, api_key_env="VICONWSD_TEST_KEY")
            async with http_model(asked, ledger=ledger) as model:
                outcomes = await asyncio.gather(*(model.ask(question(str(i))) for i in range(9)))
                shown = [
                    repr(model),
                    repr(vars(model)),
                    repr(vars(model._desk)),
                    repr([vars(each)["_transport"] for each in model._desk._senders]),
                ]
            return outcomes, shown

    _, shown = asyncio.run(work())
    assert seen[0] == f"Bearer {secret}"
    assert secret not in "".join(shown)
    assert secret not in caplog.text
    assert not _files_hold(ledger.path.parent, secret)


def test_a_reply_that_repeats_the_key_is_stored_without_it(settings, question, ledger, secret):
    async def work():
        async with MockServer(responder=lambda *_: f'{{"gloss": "{secret}"}}') as server:
            asked = settings(server.base_url, api_key_env="VICONWSD_TEST_KEY")
            async with http_model(asked, ledger=ledger) as model:
                return await model.ask(question())

    assert asyncio.run(work()).value.gloss == "***"
    assert all(secret.encode() not in reply.body for reply in recorded(ledger))


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_errors_that_repeat_the_key_are_shown_without_it(
    settings, question, ledger, secret, caplog, status
):
    caplog.set_level(logging.DEBUG)

    def echo(body, headers):
        raise Failure(status, f"you sent {headers['Authorization']}")

    async def work():
        async with MockServer(responder=echo) as server:
            asked = settings(server.base_url, api_key_env="VICONWSD_TEST_KEY", give_up_after_s=0.2)
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question())

    with pytest.raises((ItemError, ServiceError)) as caught:
        asyncio.run(work())
    assert "you sent Bearer ***" in str(caught.value)
    assert secret not in _everything_said(caught.value)
    assert secret not in caplog.text
    assert not _files_hold(ledger.path.parent, secret)


def test_an_endpoint_without_a_key_gets_none_of_the_environment(
    settings, question, ledger, monkeypatch
):
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    seen = []

    def answer(body, headers):
        seen.append(dict(headers))
        return GOOD

    async def work():
        async with MockServer(responder=answer) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question())

    asyncio.run(work())
    assert "Authorization" not in seen[0]
    assert SECRET not in str(seen)
