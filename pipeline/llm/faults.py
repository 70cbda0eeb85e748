"""Everything that can go wrong on the wire, as one of four kinds.

=============================================  ==========================================
what the endpoint or the network did           becomes
=============================================  ==========================================
429, 408, 409, 425, 5xx, time-out, connection  TransientError: retried with patience
  refused, reset or lost, a body cut off or
  malformed
400, 413, 422                                  RefusedError: another form, or ItemError
401, 402, 403, 404 and other 3xx/4xx, quota    ServiceError: the run stops
  used up
a reply that came, but declines to answer      ItemError (see ``model``)
=============================================  ==========================================
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.llm.settings import EndpointSettings
from schemas.errors import ItemError, ServiceError

Cause = Literal["rate_limited", "server_error", "timeout", "unreachable", "connection", "bad_body"]

_RETRIED = frozenset({408, 409, 425, 429})
_REFUSED = frozenset({400, 413, 422})
_OVERLOADED = frozenset({408, 429, 503, 504, 529})
_LONG_INPUT = (
    "context length",
    "context_length",
    "context size",
    "context window",
    "exceed_context",
    "maximum context",
    "too many tokens",
    "prompt is too long",
    "input is too long",
)
_FILTERED = ("content_filter", "content management policy", "content_policy", "safety")
# Not "exceeded your current quota": some say that of the current minute too.
_QUOTA = ("insufficient_quota", "insufficient balance")
_BAD_KEY = ("api key not valid", "api_key_invalid", "invalid api key")
_SAID_WAIT = re.compile(r"(?:retry|try again) in ([\d.]+)\s*(ms|s)\b")
SHOWN = 300


@dataclass(eq=False)
class TransientError(Exception):
    """An attempt failed in a way that may pass; ``detail`` is one line for people."""

    cause: Cause
    detail: str
    status: int | None = None
    retry_after_s: float | None = None
    overload: bool = False
    maybe_billed: bool = False
    """The endpoint may have done the work, though its reply did not arrive."""

    def item_error(self, attempts: int) -> ItemError:
        """What becomes of an item whose last attempt this was."""
        code = self.cause if self.status is None else f"http_{self.status}"
        return ItemError(code, f"given up after {attempts} attempts: {self.detail}")


@dataclass(eq=False)
class RefusedError(Exception):
    """The endpoint will not take this request as it is; ``said`` is its reason in lower case."""

    status: int
    said: str
    detail: str

    def item_error(self) -> ItemError:
        """What becomes of an item that was refused."""
        if self.status == 413 or any(words in self.said for words in _LONG_INPUT):
            return ItemError("context_length", self.detail)
        if any(words in self.said for words in _FILTERED):
            return ItemError("refused", self.detail)
        return ItemError(f"http_{self.status}", self.detail)


Fault = TransientError | RefusedError | ServiceError


def status_fault(
    settings: EndpointSettings, status: int, said: str, headers: Mapping[str, str]
) -> Fault:
    """What a reply of ``status`` with the message ``said`` means."""
    shown = " ".join(said.split())[:SHOWN] or "no message"
    detail = f"http {status} from {settings.base_url}: {shown}"
    lowered = said.lower()
    if status in (402, 429) and (status == 402 or any(words in lowered for words in _QUOTA)):
        return ServiceError(f"{detail}; top up the account or change its limits, then run again")
    if status in _RETRIED or status >= 500:
        wait = retry_after_s(headers)
        wait = _said_wait_s(lowered) if wait is None else wait
        if wait is not None and wait > settings.give_up_after_s:
            return ServiceError(
                f"{detail}; it asks to wait {wait:.0f} s, longer than give_up_after_s ="
                f" {settings.give_up_after_s:.0f}: run again later, every reply is kept"
            )
        return TransientError(
            "rate_limited" if status == 429 else "server_error",
            detail,
            status=status,
            retry_after_s=wait,
            overload=status in _OVERLOADED,
        )
    if status == 400 and any(words in lowered for words in _BAD_KEY):
        return ServiceError(f"{detail}; {_advice(settings, 401)}")
    if status in _REFUSED:
        return RefusedError(status, lowered, detail)
    return ServiceError(f"{detail}; {_advice(settings, status)}")


def _advice(settings: EndpointSettings, status: int) -> str:
    key = settings.api_key_env
    if status == 401:
        if key is None:
            return "it wants a key: set api_key_env to the variable that holds it"
        return f"the key in environment variable {key} is wrong or expired"
    if status == 403:
        return (
            f"the key in environment variable {key} may not use model {settings.model!r}"
            if key
            else "access is refused: set api_key_env, or allow this machine"
        )
    if status == 404:
        return f"check model = {settings.model!r} and base_url = {settings.base_url!r}"
    return f"check base_url = {settings.base_url!r}"


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by Retry-After (seconds or an HTTP date) or retry-after-ms."""
    millis = _number(headers.get("retry-after-ms"))
    if millis is not None:
        return millis / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return max(0.0, moment.timestamp() - time.time())


def _said_wait_s(said: str) -> float | None:
    """The wait that a message names in words, as providers without the header do."""
    found = _SAID_WAIT.search(said)
    seconds = _number(found[1]) if found else None
    if found is None or seconds is None:
        return None
    return seconds / 1000 if found[2] == "ms" else seconds


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < 1e9 else None


def network_fault(error: BaseException, base_url: str, timeout_s: float) -> TransientError:
    """What a failure of the connection means; foreign causes are looked up along the chain."""
    import aiohttp

    chain = list(_chain(error))
    root = chain[-1]
    said = " ".join(str(root).split())[:SHOWN] or type(root).__name__
    unreachable = aiohttp.ClientConnectorError, aiohttp.ClientSSLError
    if any(isinstance(each, unreachable) for each in chain):
        return TransientError("unreachable", f"no connection to {base_url}: {said}")
    if any(isinstance(each, TimeoutError) for each in chain):
        return TransientError(
            "timeout",
            f"no whole reply from {base_url} within timeout_s = {timeout_s:g}",
            overload=True,
            maybe_billed=True,
        )
    return TransientError("connection", f"connection to {base_url} lost: {said}", maybe_billed=True)


def _chain(error: BaseException) -> Any:
    while error is not None:
        yield error
        following = error.__cause__ or error.__context__
        if following is None:
            return
        error = following
