"""Rows for what a stage drops, one per dropped text with all its faults; and what codes mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.checks.finding import Finding
from schemas.errors import ItemError
from schemas.records import Provenance, Reject

REQUEST_CODES = {
    "bad_reply": "the model's reply had the wrong form, also after it was asked to mend it",
    "truncated": "the model's reply was longer than allowed and broke off",
    "refused": "the model declined to answer, or a content filter stopped it",
    "context_length": "the request was too long for the model",
    "timeout": "the model did not answer in time, however often it was asked",
    "connection": "the connection to the model broke, however often it was tried",
    "unreachable": "the model could not be reached, however often it was tried",
    "rate_limited": "the model's endpoint asked to slow down, however long was waited",
    "server_error": "the model's endpoint had a fault of its own, however often it was asked",
    "unpaid": "no reply is in the ledger, and the model is not asked here",
    "bad_draw": "the endpoint found what the model wrote unfit, however often it was asked",
    "bad_body": "the model's endpoint sent something that is no answer, however often it was asked",
    **{
        f"http_{status}": f"the model's endpoint refused the request (HTTP {status})"
        for status in range(400, 600)
    },
}
"""Why a request has no usable reply, for every stage that asks a model."""


def phrased(messages: Mapping[str, str]) -> dict[str, str]:
    """Messages by code as phrases: no capital, no full stop, no markup of code."""
    phrases = {code: text.rstrip(".").replace("``", "`") for code, text in messages.items()}
    return {code: text[0].lower() + text[1:] for code, text in phrases.items()}


def rejected(
    stage: str, item_id: str, text: str, findings: Sequence[Finding], made_by: Provenance | None
) -> Reject:
    """A text that failed checks: the first finding gives the code, the others stand in detail."""
    also = "".join(f"; {finding.code}: {finding.detail}" for finding in findings[1:])
    return Reject(
        stage=stage,
        item_id=item_id,
        code=findings[0].code,
        detail=findings[0].detail + also,
        text=text,
        provenance=made_by,
    )


def unanswered(stage: str, item_id: str, error: ItemError) -> Reject:
    """A request without a usable reply."""
    return Reject(stage=stage, item_id=item_id, code=error.code, detail=error.detail, text="")
