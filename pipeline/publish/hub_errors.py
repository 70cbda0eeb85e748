"""The Hub's errors in one line each: the only place where foreign exceptions become ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError

import httpx2
from huggingface_hub import get_token
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
)

from schemas.errors import ServiceError, UsageError, ViconwsdError

_KEPT = "what was done is kept: run the same command again"
_LONGEST_SAID = 300
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})


class MovedOnError(ServiceError):
    """The branch has a commit that this run folder does not know."""


class BusyError(ServiceError):
    """The Hub or the way to it failed; the same request may succeed a little later."""


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed a little later."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in _TRANSIENT
    return isinstance(error, httpx2.TransportError)


def retry_after(error: BaseException | None) -> float | None:
    """The seconds the Hub asks to wait, if it says so."""
    if isinstance(error, HfHubHTTPError):
        value = error.response.headers.get("Retry-After", "")
        return float(value) if value.isascii() and value.isdigit() else None
    return None


@contextmanager
def hub_errors(endpoint: str, doing: str) -> Iterator[None]:
    """Turns whatever the Hub's client raises in the body into one line about ``doing``."""
    try:
        yield
    except ViconwsdError:
        raise
    except Exception as error:
        # a cause whose text would show the token is left out
        raise _explained(_root(error), endpoint, doing) from (
            None if _token_in(repr(error)) else error
        )


def _root(error: BaseException) -> BaseException:
    """The client wraps the error of an upload in a RuntimeError; this is the one inside."""
    while isinstance(error, RuntimeError) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _explained(error: BaseException, endpoint: str, doing: str) -> ViconwsdError:
    said = _said(str(error))
    match error:
        case LocalTokenNotFoundError():
            return UsageError("no Hugging Face token: set HF_TOKEN or run `hf auth login`")
        case OfflineModeIsEnabled():
            return UsageError("HF_HUB_OFFLINE is set, so the Hub cannot be asked: unset it")
        case HFValidationError():
            return UsageError(f"not a repository name: {said}")
        case HfHubHTTPError():
            return _explained_answer(error, endpoint, doing)
        case httpx2.ConnectError():
            return BusyError(
                f"no connection to {endpoint} while {doing}: check the network (and HF_ENDPOINT), "
                f"then run again ({said})"
            )
        case httpx2.TimeoutException():
            return BusyError(f"{endpoint} did not answer in time while {doing}; {_KEPT}")
        case httpx2.TransportError() | ConnectionError() | TimeoutError():  # of xet, the last two
            return BusyError(f"the connection to {endpoint} broke while {doing} ({said}); {_KEPT}")
        case JSONDecodeError():
            pass
        case OSError() | ValueError() | RuntimeError():
            return ServiceError(f"{doing} failed: {said}; {_KEPT}")
    return ServiceError(
        f"{doing} failed: {endpoint} answers unlike a Hub ({type(error).__name__}: {said})"
    )


def _explained_answer(error: HfHubHTTPError, endpoint: str, doing: str) -> ServiceError:
    status = error.response.status_code
    said = f'HTTP {status}, "{_said(error.server_message or error.response.reason_phrase)}"'
    match status:
        case 401:
            return ServiceError(
                f"{endpoint} does not accept the token ({said}): set HF_TOKEN to a valid one, "
                "or run `hf auth login --force`"
            )
        case 403:
            return ServiceError(
                f"no right for {doing} ({said}): use a token with write access to this repository"
            )
        case 404:
            return ServiceError(f"{doing}: not found on {endpoint} ({said}): check the name")
        case 409:
            return ServiceError(f"{doing} conflicts with another change ({said}); {_KEPT}")
        case 412:
            return MovedOnError(f"the repository has a new commit, made while {doing} ({said})")
        case 429:
            seconds = retry_after(error)
            wait = f"wait {seconds:.0f} s" if seconds else "wait a few minutes"
            return BusyError(f"{endpoint} asks to slow down ({said}): {wait}; {_KEPT}")
    if status >= 500:
        return BusyError(f"{endpoint} has a fault of its own while {doing} ({said}); {_KEPT}")
    return ServiceError(f"{endpoint} refuses {doing} ({said})")


def _said(text: str) -> str:
    """Somebody's message in one line of bounded length, without the token."""
    line = " ".join(text.split()) or "no reason given"
    token = _token_in(line)
    return (line.replace(token, "***") if token else line).rstrip(".")[:_LONGEST_SAID]


def _token_in(text: str) -> str | None:
    token = get_token()
    return token if token and token in text else None
