"""Stable identifiers: made from the source's own ids or from content, never from order."""

from __future__ import annotations

import hashlib

_CONTEXT_DIGEST_CHARS = 12


def synset_id(prefix: str, local_id: str | int) -> str:
    """The id of a synset: the source's prefix and the source's own id, as ``viwn-9017``."""
    return f"{prefix}-{local_id}"


def sense_id(synset: str, lemma: str) -> str:
    """The id of a sense: its synset's id and its lemma, as ``viwn-9017#cái_khoan``."""
    return f"{synset}#{lemma.replace(' ', '_')}"


def synset_of(sense: str) -> str:
    """The synset id inside a sense id (a lemma may itself contain ``#``; a synset id does not)."""
    return sense.partition("#")[0]


def context_id(sense: str, sentence: str, target_start: int, target_end: int) -> str:
    """The id of a context: its sense id and 48 bits of a digest over sentence and span."""
    digest = content_digest(sentence, str(target_start), str(target_end))
    return f"{sense}@{digest[:_CONTEXT_DIGEST_CHARS]}"


def sense_of(context: str) -> str:
    """The sense id inside a context id (a lemma may itself contain ``@``)."""
    return context.rpartition("@")[0]


def content_digest(*parts: str) -> str:
    """SHA-256 over the parts, each preceded by its length, so that no two lists collide."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
