"""A model's desk, reached from a worker: the worker's end, and the owner's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from pipeline.engine.wire import Answer, Told, Wire
from pipeline.llm.body import Form, Prepared
from pipeline.llm.desk import FailedBeforeError, RequestDesk
from pipeline.llm.faults import RefusedError
from pipeline.llm.ledger_rows import Failure, PaidReply
from pipeline.llm.meter import Meter
from pipeline.llm.settings import EndpointSettings
from schemas.errors import (
    InputError,
    ItemError,
    RunError,
    ServiceError,
    StorageError,
    UsageError,
)

_PAID = tuple(field.name for field in fields(PaidReply) if field.name != "body")
_LINES = {
    each.__name__: each for each in (InputError, RunError, ServiceError, StorageError, UsageError)
}
"""Errors that are one line of text."""


class RemoteDesk:
    """A desk that hands everything on to the process of the run."""

    def __init__(
        self, wire: Wire, number: int, settings: EndpointSettings, notes: Mapping[str, str]
    ) -> None:
        self.settings = settings
        self.meter = Meter()
        self._wire = wire
        self._number = number
        self._notes = dict(notes)
        self._has_answered = False

    async def fetch(
        self, prepared: Prepared, *, first: bool = False, send: bool = True
    ) -> tuple[PaidReply, bool] | None:
        """As :class:`pipeline.llm.desk.RequestDesk` says."""
        form = [prepared.form.mode, prepared.form.tokens_name, *prepared.form.without]
        told, body = await self._wire.call(
            {
                "do": "fetch",
                "desk": self._number,
                "key": prepared.key,
                "form": form,
                "label": prepared.label,
                "sample": prepared.sample,
                "bounds": [prepared.prompt_bound, prepared.completion_bound],
                "first": first,
                "send": send,
            },
            prepared.body,
        )
        self._has_answered = told.get("has_answered", True)
        if "error" in told:
            raise _error(told["error"])
        if "paid" not in told:
            return None
        return PaidReply(**dict(zip(_PAID, told["paid"], strict=True)), body=body), told["there"]

    def is_paid(self, key: str) -> bool:
        """No worker asks: what is paid comes from ``fetch``."""
        raise NotImplementedError

    def fail(self, failed: Failure) -> None:
        """As :class:`pipeline.llm.desk.RequestDesk` says."""
        self._wire.tell({"do": "fail", "desk": self._number, "failed": asdict(failed)})

    def has_answered(self, stage: str) -> bool:
        """As the owner said with its last answer."""
        return self._has_answered

    def has_replies(self, stage: str) -> bool:
        """As the owner said with its last answer."""
        return self._has_answered

    def note(self, name: str) -> str | None:
        """What was remembered when the worker began, or by itself since."""
        return self._notes.get(name)

    def remember(self, name: str, value: str) -> None:
        """As :class:`pipeline.llm.desk.RequestDesk` says."""
        self._notes[name] = value
        self._wire.tell({"do": "remember", "desk": self._number, "name": name, "value": value})

    def stop(self, reason: str) -> None:
        """As :class:`pipeline.llm.desk.RequestDesk` says."""
        self._wire.tell({"do": "stop", "desk": self._number, "reason": reason})

    async def close(self) -> None:
        """The owner's desk stays open for others; it is told what was counted here."""
        counted = {"repairs": self.meter.repairs, "refused": self.meter.refused}
        self._wire.tell({"do": "counted", "desk": self._number, **counted})


async def answer_at(desk: RequestDesk, told: Told, body: bytes) -> Answer | None:
    """What the owner's desk answers to a worker, as :class:`RemoteDesk` asks it."""
    match told["do"]:
        case "fetch":
            return await _fetch(desk, told, body)
        case "fail" | "remember":
            try:
                _keep(desk, told)
            except RunError as error:
                desk.stop(str(error))
        case "stop":
            desk.stop(told["reason"])
        case "counted":
            desk.meter.repairs += told["repairs"]
            desk.meter.refused += told["refused"]
    return None


def _keep(desk: RequestDesk, told: Told) -> None:
    if told["do"] == "fail":
        desk.fail(Failure(**told["failed"]))
    else:
        desk.remember(told["name"], told["value"])


async def _fetch(desk: RequestDesk, told: Told, body: bytes) -> Answer:
    mode, tokens_name, *without = told["form"]
    prepared = Prepared(
        told["key"],
        body,
        Form(mode, tokens_name, tuple(without)),
        told["label"],
        told["sample"],
        *told["bounds"],
    )
    try:
        found = await desk.fetch(prepared, first=told["first"], send=told["send"])
    except (ItemError, RefusedError, RunError, UsageError) as error:
        return {"error": _stated(error), "has_answered": desk.has_answered(prepared.stage)}, b""
    if found is None:
        return {"has_answered": desk.has_answered(prepared.stage)}, b""
    paid, there = found
    return {"paid": [getattr(paid, name) for name in _PAID], "there": there}, paid.body


def _stated(error: Exception) -> list[Any]:
    if isinstance(error, RefusedError):
        return ["refused", error.status, error.said, error.detail]
    if isinstance(error, ItemError):
        kind = "failed_before" if isinstance(error, FailedBeforeError) else "item"
        return [kind, error.code, error.detail]
    kind = type(error).__name__
    return [kind if kind in _LINES else RunError.__name__, str(error)]


def _error(stated: list[Any]) -> Exception:
    kind, *rest = stated
    if kind == "refused":
        return RefusedError(*rest)
    if kind in ("item", "failed_before"):
        return (FailedBeforeError if kind == "failed_before" else ItemError)(*rest)
    return _LINES[kind](*rest)
