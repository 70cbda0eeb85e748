"""The way of one row, and the replies that stand behind it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial

from pipeline.llm.reading import EnvelopeError, read_envelope
from pipeline.view.pages.page import Asked, MissingError, Page
from pipeline.view.reading.asked import find_prompt
from pipeline.view.reading.paid import Reply, stored_reply
from pipeline.view.reading.site import Site
from pipeline.view.reading.way import way_of

MAKING = "What gave this reply is being made again from the replies before it."
SHOWN_CHARACTERS = 20_000
"""Of a reply; a link leads to the whole."""


@dataclass(frozen=True, slots=True)
class ShownReply:
    """A reply as a page shows it."""

    reply: Reply
    text: str
    cut: bool
    length: int


def row_page(site: Site, asked: Asked) -> Page:
    """The row in ``id``, from its sense to its part of the release."""
    context_id = asked.text("id")
    with site.index() as index:
        row = index.row(context_id)
        if row is None:
            raise MissingError(f"no context {context_id!r} here")
        sense = index.sense(row.sense_id)
        glosses = {vote.sense_id: index.sense(vote.sense_id) for vote in row.votes if vote.sense_id}
    way = way_of(site, context_id)
    made = way.provenance
    reply = _shown(site, made.request_key) if made else None
    values = {"row": row, "sense": sense, "way": way, "reply": reply, "glosses": glosses}
    return Page("row.html", row.lemma, values)


def reply_page(site: Site, asked: Asked) -> Page:
    """The reply under ``key``, with its prompt."""
    key = asked.text("key")
    reply = _shown(site, key)
    if reply is None:
        raise MissingError(f"no reply {key!r} in the ledger of this run")
    config = site.config()
    prompt = None
    if config is not None:
        work = partial(find_prompt, config, reply.reply.item, key)
        prompt = site.jobs.result("prompt", (config, key), work, MAKING)
    return Page("reply.html", "Reply", {"reply": reply, "prompt": prompt})


def whole_reply(site: Site, key: str) -> bytes:
    """All of a reply's body."""
    ledger = site.ledger()
    found = stored_reply(ledger, key) if ledger else None
    if found is None:
        raise MissingError(f"no reply {key!r} in the ledger of this run")
    return found.body


def _shown(site: Site, key: str) -> ShownReply | None:
    ledger = site.ledger()
    found = stored_reply(ledger, key) if ledger else None
    if found is None:
        return None
    text = _readable(found.body)
    return ShownReply(found, text[:SHOWN_CHARACTERS], len(text) > SHOWN_CHARACTERS, len(text))


def _readable(body: bytes) -> str:
    """What the model wrote, indented where it is JSON; the body as it came where it is neither."""
    try:
        written = read_envelope(body).content
    except EnvelopeError:
        return body.decode(errors="replace")
    try:
        return json.dumps(json.loads(written), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return written
