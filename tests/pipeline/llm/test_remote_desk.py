"""A desk that is reached over a wire does what it does at hand, its errors included."""

import asyncio

import pytest

from pipeline.engine.wire import RunLostError, Wire, dial, received
from pipeline.llm.desk import FailedBeforeError, LedgerDesk
from pipeline.llm.faults import RefusedError
from pipeline.llm.ledger_rows import Failure
from pipeline.llm.model import LanguageModel
from pipeline.llm.remote import RemoteDesk, answer_at
from schemas.errors import ItemError, RunError, ServiceError
from testing.asking import VI
from testing.scripted import ScriptedTransport

TOKEN = "0" * 64
GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


def through_a_wire(desk, work, token=TOKEN):
    """What ``work`` makes of a model whose desk is at the other end of a wire."""

    async def both():
        async def come(reader, writer):
            wire = await received(reader, writer, TOKEN, lambda *told: answer_at(desk, *told))
            if wire is not None:
                await wire.listen()

        server = await asyncio.start_server(come, "127.0.0.1", 0)
        wire: Wire = await dial(*server.sockets[0].getsockname(), token, lambda *_: None)
        listening = asyncio.create_task(wire.listen())
        try:
            return await work(LanguageModel(RemoteDesk(wire, 0, desk.settings, {}), VI))
        finally:
            wire.close()
            listening.cancel()
            server.close()
            await desk.close()

    return asyncio.run(both())


def test_an_answer_is_paid_once_and_comes_from_the_ledger_again(settings, question, ledger) -> None:
    transport = ScriptedTransport(lambda *_: GOOD)
    desk = LedgerDesk(settings(), (transport,), ledger=ledger)

    async def twice(model):
        return [await model.ask(question()) for _ in range(2)]

    first, second = through_a_wire(desk, twice)
    assert (first.replayed, second.replayed) == (False, True)
    assert first.value == second.value
    assert first.key == LanguageModel(desk, VI).key(question())
    assert (len(transport.asked), len(ledger)) == (1, 1)


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (ItemError("timeout", "given up"), ItemError, "timeout: given up"),
        (RefusedError(400, "context length exceeded", "HTTP 400"), ItemError, "context_length"),
        (ServiceError("the key is wrong"), ServiceError, "the key is wrong"),
        (RunError("the budget cap is used up"), RunError, "the budget cap is used up"),
    ],
)
def test_an_error_at_the_desk_is_the_same_error_afar(
    settings, question, ledger, monkeypatch, raised, kind, said
) -> None:
    desk = LedgerDesk(settings(), (ScriptedTransport(lambda *_: GOOD),), ledger=ledger)

    async def fetch(*_, **__):
        raise raised

    monkeypatch.setattr(desk, "fetch", fetch)
    with pytest.raises(kind, match=said):
        through_a_wire(desk, lambda model: model.ask(question()))


def test_what_failed_before_fails_at_once_afar(settings, question, ledger) -> None:
    desk = LedgerDesk(settings(), (ScriptedTransport(lambda *_: GOOD),), ledger=ledger)
    key = LanguageModel(desk, VI).key(question())
    desk.fail(Failure(key, question().item, 0, "refused", "no"))
    with pytest.raises(FailedBeforeError, match="refused: no"):
        through_a_wire(desk, lambda model: model.ask(question()))


def test_whoever_does_not_show_the_token_is_not_answered(settings, question, ledger) -> None:
    desk = LedgerDesk(settings(), (ScriptedTransport(lambda *_: GOOD),), ledger=ledger)
    with pytest.raises(RunLostError, match="the process of the run is gone"):
        through_a_wire(desk, lambda model: model.ask(question()), token="1" * 64)
    assert len(ledger) == 0
