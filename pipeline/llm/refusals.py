"""What a refusal means: another form is wanted, this item is at fault, or the settings are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from pipeline.llm.body import Form, first_form, lesser_form, lesser_forms
from pipeline.llm.faults import RefusedError
from pipeline.llm.settings import EndpointSettings
from schemas.errors import ServiceError

REFUSALS_BEFORE_STOP = 20
"""Refused requests in a row, with not one accepted, after which the settings are to blame."""
_OF_A_BODY = frozenset({400, 413, 422})
"""Statuses that speak of what was sent; others speak of where it was sent, and by whom."""


class KeepsNotes(Protocol):
    """What keeps notes from run to run."""

    def note(self, name: str) -> str | None:
        """What was remembered under a name."""
        ...

    def remember(self, name: str, value: str) -> None:
        """Keep a note; the last one under ``name`` counts."""
        ...


class FormFinder:
    """The form of requests that an endpoint is known to take, kept in the ledger.

    Keys depend on it, so a resumed run must ask in the same form as the one before.
    """

    def __init__(self, settings: EndpointSettings, notes: KeepsNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._note = f"form {settings.endpoint} {settings.model}"
        self._exploring = asyncio.Lock()
        self._explored = False
        self.form = first_form(settings, notes.note(self._note))

    async def learn(
        self,
        sent: Form,
        refused: RefusedError,
        has_answered: Callable[[], bool],
        attempt: Callable[[Form], Awaitable[object]],
    ) -> bool:
        """Whether a request refused in the form ``sent`` is worth asking in the form there is now.

        Where the refusal names no form and nothing has ever been accepted, one request is
        tried (``attempt``) in each lesser form, while the others wait.
        """
        if self.form != sent:
            return True  # another request has learned it meanwhile
        named = lesser_form(self._settings, sent, refused.said)
        if named is not None:
            self._adopt(named)
            return True
        if refused.of_this_item or refused.status not in _OF_A_BODY or has_answered():
            return False
        async with self._exploring:
            if self.form != sent or self._explored:
                return self.form != sent
            for form in lesser_forms(self._settings, sent):
                try:
                    await attempt(form)
                except RefusedError:
                    continue
                self._adopt(form)
                return True
            self._explored = True
        return False

    def _adopt(self, form: Form) -> None:
        self.form = form
        self._notes.remember(self._note, str(form))


class Refusals:
    """Tells a refused item from an endpoint that refuses whatever it is asked.

    While nothing was ever accepted, a refused request waits until another is accepted (then
    the item is at fault), or until all that are asked are refused (then the settings are).
    """

    def __init__(self) -> None:
        self._asking = 0
        self._waiting = 0
        self._in_a_row: set[str] = set()
        self._has_accepted = False
        self._changed = asyncio.Event()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Counts a request as under way while the body runs."""
        self._asking += 1
        try:
            yield
        finally:
            self._asking -= 1
            self._changed.set()

    def accepted(self) -> None:
        """A request was answered."""
        self._has_accepted = True
        self._in_a_row.clear()
        self._changed.set()

    async def judge(
        self, key: str, refused: RefusedError, has_answered: Callable[[], bool]
    ) -> None:
        """Return where the item of ``key`` is at fault; ServiceError where the settings are.

        ``has_answered`` says whether requests like this one were accepted in an earlier run.
        """
        if refused.of_this_item:
            return
        self._in_a_row.add(key)
        if self._has_accepted or has_answered():
            if refused.status in _OF_A_BODY or len(self._in_a_row) < REFUSALS_BEFORE_STOP:
                return
            raise self._stop(refused)
        self._waiting += 1
        self._changed.set()
        try:
            while not self._has_accepted:
                if len(self._in_a_row) >= REFUSALS_BEFORE_STOP:
                    raise self._stop(refused)
                if self._waiting == self._asking:  # nobody is left who might be accepted
                    if len(self._in_a_row) == 1 and refused.status in _OF_A_BODY:
                        return
                    raise self._stop(refused)
                self._changed.clear()
                await self._changed.wait()
        finally:
            self._waiting -= 1

    def _stop(self, refused: RefusedError) -> ServiceError:
        which, n = "last" if self._has_accepted else "first", len(self._in_a_row)
        many = f"the {which} {n} requests were all refused: " if n > 1 else ""
        return ServiceError(
            f"{many}{refused.detail}; correct the settings of this endpoint and run again"
        )
