"""Everything that can go wrong between a request and its reply, as one of four kinds.

=============================================  ==========================================
what the endpoint or the network did           becomes
=============================================  ==========================================
429, 408, 409, 425, 5xx, 402 with a wait,      TransientError: retried with patience
  time-out, connection refused, reset or
  lost, a body cut off or malformed, a 400
  about what the model drew
400, 403, 404, 413, 422 and other 4xx          RefusedError: another form, or ItemError
401, 402, 3xx, quota used up                   ServiceError: the run stops
a reply that came, but declines to answer      ItemError (see ``model``)
=============================================  ==========================================
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import orjson

from pipeline.llm.settings import EndpointSettings
from schemas.errors import ItemError, ServiceError

Cause = Literal[
    "rate_limited", "server_error", "timeout", "unreachable", "connection", "bad_body", "bad_draw"
]

_RETRIED = frozenset({402, 408, 409, 425, 429})
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
    "exceeds the maximum number of tokens",
    "max_new_tokens` must be",
)
_FILTERED = (
    "content_filter",
    "content management policy",
    "content_policy",
    "content policy",
    "safety",
    "moderation",
    "flagged",
    "no endpoints found",  # OpenRouter: no provider takes this very request
)
# Not "exceeded your current quota": some say that of the current minute too.
_QUOTA = ("insufficient_quota", "insufficient balance", "insufficient credits")
_BAD_KEY = ("api key not valid", "api_key_invalid", "invalid api key")
# What the model wrote did not fit: another draw may. Groq's wording.
_BAD_DRAW = ("json_validate_failed", "failed to generate json", "failed to validate json")
_SAID_WAIT = re.compile(r"(?:retry|try again) in ((?:[\d.]+\s*(?:ms|h|m|s)\s*)+)")
_SPAN = re.compile(r"([\d.]+)\s*(ms|h|m|s)")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
SHOWN = 300
"""Characters of a provider's message that are repeated; some send whole pages."""


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

    @property
    def code(self) -> str:
        """The code of an item that was refused so."""
        if self.status == 413 or any(words in self.said for words in _LONG_INPUT):
            return "context_length"
        if any(words in self.said for words in _FILTERED):
            return "refused"
        return f"http_{self.status}"

    @property
    def of_this_item(self) -> bool:
        """Whether the reason is what this request says, and not how or where it is asked."""
        return self.code in ("context_length", "refused")

    def item_error(self) -> ItemError:
        """What becomes of an item that was refused."""
        return ItemError(self.code, self.detail)


Fault = TransientError | RefusedError | ServiceError


def status_fault(
    settings: EndpointSettings, status: int, said: str, headers: Mapping[str, str]
) -> Fault:
    """What a reply of ``status`` with the message ``said`` means."""
    shown = " ".join(said.split())[:SHOWN] or "no message"
    detail = f"http {status} from {settings.base_url}: {shown}"
    lowered = said.lower()
    wait = retry_after_s(headers)
    wait = _said_wait_s(lowered) if wait is None else wait
    used_up = wait is None if status == 402 else any(words in lowered for words in _QUOTA)
    if status in (402, 429) and used_up:
        return ServiceError(f"{detail}; top up the account or change its limits, then run again")
    if status in _RETRIED or status >= 500:
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
    if status == 400 and any(words in lowered for words in _BAD_DRAW):
        return TransientError("bad_draw", detail, status=status, maybe_billed=True)
    if status == 401 or (status == 400 and any(words in lowered for words in _BAD_KEY)):
        return ServiceError(f"{detail}; {_advice(settings, 401)}")
    if 400 <= status < 500:
        advice = _advice(settings, status) if status in (403, 404, 405) else ""
        return RefusedError(status, lowered, f"{detail}; {advice}" if advice else detail)
    return ServiceError(f"{detail}; {_advice(settings, status)}")


def said_in(body: object) -> str:
    """What an error says: its message, code and parameter; or its text, JSON or not."""
    if isinstance(body, str | bytes):
        try:
            body = orjson.loads(body)
        except orjson.JSONDecodeError:
            return body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    if isinstance(body, list) and body:  # a list of errors, of which one is all there is
        body = body[0]
    if isinstance(body, dict):
        inner = body.get("error")
        body = inner if isinstance(inner, dict) else body
        parts = (body.get("message") or body.get("detail"), body.get("code"), body.get("param"))
        said = " ".join(str(part) for part in parts if part)
        return said or str(body)
    return str(body) if body else ""


def _advice(settings: EndpointSettings, status: int) -> str:
    names = [name for name in settings.key_variables if name]
    key = " or ".join(names)
    if status == 401:
        if not key:
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
    """The wait that a message names in words ("14h32m5.2s"), as providers without the header do."""
    found = _SAID_WAIT.search(said)
    spans = [(_number(n), _UNIT_S[unit]) for n, unit in _SPAN.findall(found[1] if found else "")]
    if not spans or any(n is None for n, _ in spans):
        return None
    return round(sum((n or 0) * unit_s for n, unit_s in spans), 3)


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < 1e9 else None


def network_fault(error: BaseException, base_url: str, timeout_s: float) -> TransientError:
    """What a failure of the connection means; foreign causes are looked up along the chain."""
    import aiohttp

    chain = list(causes(error))
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


def causes(error: BaseException) -> Iterator[BaseException]:
    """``error``, and what it came from, to the root."""
    while error is not None:
        yield error
        following = error.__cause__ or error.__context__
        if following is None:
            return
        error = following
