"""Triples out of a release's table ``rephrasings``: a sentence, and the same said again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.records import RephrasedAs, Rephrasing
from trainer.data import Item
from trainer.distil.substitutes import OtherWords, substituted
from trainer.distil.triples import Siblings, Triple
from trainer.text.inputs import MarkedSentence


def rephrased_triples(
    rows: Sequence[Rephrasing], items: Mapping[str, Item], siblings: Siblings
) -> list[Triple]:
    """A triple per row whose sentence is one of the items, by their ids.

    That of a paraphrase has no negative yet: it gets another word in its source's sentence. That of
    a translation has one in the translated sentence: the target of another translation, of the same
    part of speech, of about as many units, in no synset that the word was the target for.
    """
    known = [row for row in rows if row.context_id in items]
    across = [row for row in known if row.kind is RephrasedAs.TRANSLATION]
    words = OtherWords(_word(row, items[row.context_id]) for row in across)
    triples = []
    for row in known:
        item = items[row.context_id]
        positive = MarkedSentence(row.sentence, row.target_start, row.target_end, row.rephrasing_id)
        sense, sibling = f"{item.synset_id}={row.language}", siblings.of(item)
        if row.kind is RephrasedAs.PARAPHRASE:
            triples.append(Triple(sense, item.marked, positive, sibling=sibling))
            continue
        pos, target, _ = _word(row, item)
        word = words.other(pos, target, row.rephrasing_id)
        negative = None if word is None else substituted(positive, word)
        triples.append(Triple(sense, item.marked, positive, negative, sibling, "positive"))
    return triples


def _word(row: Rephrasing, item: Item) -> tuple[str, str, str]:
    return item.pos, row.target.casefold(), item.synset_id
