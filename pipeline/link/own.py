"""Links that a source states itself, by its ids or by interlingual ones: nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.link.ili import PRINCETON, InterlingualIndex, adjectives_joined
from pipeline.sources.princeton_file import ENGLISH
from schemas.records import Link, Synset

_IDS_ARE_PRINCETONS = frozenset({"omw", "princeton"})


def own_links(synsets: Iterable[Synset], kind: str, ids: InterlingualIndex) -> Iterator[Link]:
    """A link of confidence 1 for every synset whose source, of a kind, says which it is."""
    for row in synsets:
        princeton = _stated(row.synset_id) if kind in _IDS_ARE_PRINCETONS else None
        if princeton is None and row.ili is not None:
            princeton = ids.princeton(row.ili)
        if princeton is None and row.ili is None:
            continue
        gloss = row.source_gloss
        yield Link(
            synset_id=row.synset_id,
            ili=row.ili or (ids.ili(princeton) if princeton else None),
            princeton=princeton,
            link_confidence=1.0,
            lemmas=row.lemmas if kind == "princeton" else (),
            definition=gloss.text if gloss and gloss.language == ENGLISH else None,
        )


def _stated(synset_id: str) -> str | None:
    found = PRINCETON.search(synset_id)
    return adjectives_joined(found[0]) if found and found.end() == len(synset_id) else None
