"""What people do to batches: stop them, and bring results that another machine wrote."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from pipeline.llm.batches.book import Batch
from pipeline.llm.batches.carrier import Carrier
from pipeline.llm.batches.intake import GROUP
from pipeline.llm.batches.service import read_chat_line
from pipeline.llm.faults import RefusedError, TransientError
from schemas.errors import InputError, ServiceError
from schemas.files import explained
from schemas.numbers import counted


async def cancel_batch(carrier: Carrier, batch: Batch, *, forget: bool) -> str:
    """Stop a batch, or give it up where nothing of it was sent; what became of it."""
    settings = carrier.settings_of(batch)
    sent = batch.batch_id is not None or batch.tried is not None
    if not sent:
        carrier.forget(batch, "before it was sent", "cancelled")
        return "was not sent yet; its requests will be asked again"
    if forget:
        intake = carrier.intake_of(batch, settings or carrier.endpoints[0])
        missing = list(carrier.stores.book.unanswered(batch))
        intake.finish("forgotten", missing)
        carrier.path_of(batch).unlink(missing_ok=True)
        return f"forgotten; {counted(len(missing), 'request')} count as billed"
    if settings is None:
        raise ServiceError(
            f"is at {batch.endpoint}, which run.toml does not name any more: put it back, or say"
            " --forget"
        )
    if batch.batch_id is None:
        return "was perhaps made: run `viconwsd run` once to find it, or say --forget"
    try:
        await carrier.service_of(batch, settings).cancel(batch.batch_id)
    except (RefusedError, TransientError) as fault:
        raise ServiceError(f"was not cancelled: {fault.detail}") from fault
    return "is being cancelled; the next `run` reads what it has done"


def import_results(carrier: Carrier, path: Path) -> str:
    """Read results that another machine wrote; what they were."""
    book = carrier.stores.book
    opened = {each.id: each for each in book.batches(open_only=True)}
    intakes = {
        id_: carrier.intake_of(each, carrier.settings_of(each) or carrier.endpoints[0])
        for id_, each in opened.items()
    }
    n_ours = n_results = n_lines = 0
    with explained(path), path.open("rb") as file:
        while group := [read_chat_line(line) for line in islice(file, GROUP) if line.strip()]:
            lines = [line for line in group if line is not None]
            n_lines += len(group)
            n_results += len(lines)
            n_ours += sum(intake.take(lines) for intake in intakes.values())
    if not n_results:
        raise InputError(
            f"{path}: none of its {counted(n_lines, 'line')} is a result: give the file that"
            " `vllm run-batch` wrote (-o)"
        )
    if not n_ours:
        raise InputError(
            f"{path}: none of its {counted(n_lines, 'line')} answers a request that is on its"
            " way: is it of another run, or imported already?"
        )
    said = [f"{n_ours:,} of {counted(n_lines, 'line')} read"]
    for id_, batch in opened.items():
        answered, refused, _ = book.counts(batch)
        if batch.kind == "file" and (answered or refused):
            intakes[id_].finish("imported")
            carrier.path_of(batch).unlink(missing_ok=True)
            left = batch.requests - answered - refused
            said.append(f"{batch.token}: {answered:,} replies, {left:,} to be asked again")
    return "; ".join(said)
