"""Triples across languages, out of a release's table ``word_in_context_en``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from schemas.records import EnglishContext
from trainer.distil.substitutes import OtherWords, substituted
from trainer.distil.triples import Triple
from trainer.text.inputs import MarkedSentence


def linked_triples(rows: Sequence[EnglishContext]) -> list[Triple]:
    """A triple per context: its sentence, an English one of its synset's counterpart.

    The negative is the English sentence with another of the table's words in the place of its
    target: of the same part of speech, of about as many units, of no synset that the target's word
    has rows of. The sibling is the English sentence in which the word means something else.
    """
    known = OtherWords((row.pos, row.english_lemma, row.princeton) for row in rows)
    of_context: dict[str, dict[bool, EnglishContext]] = defaultdict(dict)
    for row in rows:
        of_context[row.context_id][row.same] = row
    triples = []
    for _, own in sorted(of_context.items()):
        if True not in own:
            continue
        same = own[True]
        positive = _english(same)
        word = known.other(same.pos, same.english_lemma, same.pair_id)
        triples.append(
            Triple(
                f"{same.sense_id}={same.princeton}",
                MarkedSentence(same.sentence, same.target_start, same.target_end, same.context_id),
                positive,
                None if word is None else substituted(positive, word),
                _english(own[False]) if False in own else None,
                "positive",
            )
        )
    return triples


def _english(row: EnglishContext) -> MarkedSentence:
    return MarkedSentence(row.english_sentence, row.english_start, row.english_end, row.princeton)
