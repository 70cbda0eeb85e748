"""Triples across languages, out of a release's table ``word_in_context_en``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from schemas.records import EnglishContext, Pos
from schemas.text import units
from trainer.distil.substitutes import substituted
from trainer.distil.triples import Triple, drawn
from trainer.text.inputs import MarkedSentence


def linked_triples(rows: Sequence[EnglishContext]) -> list[Triple]:
    """A triple per context: its sentence, an English one of its synset's counterpart.

    The negative is the English sentence with another of the table's words in the place of its
    target: of the same part of speech, of about as many units, of no synset that the target's word
    has rows of. The sibling is the English sentence in which the word means something else.
    """
    known = _Words(rows)
    of_context: dict[str, dict[bool, EnglishContext]] = defaultdict(dict)
    for row in rows:
        of_context[row.context_id][row.same] = row
    triples = []
    for _, own in sorted(of_context.items()):
        if True not in own:
            continue
        same = own[True]
        positive = _english(same)
        word = known.other(same)
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


class _Words:
    """The English words of the rows, by part of speech in the order of a digest."""

    def __init__(self, rows: Sequence[EnglishContext]) -> None:
        self._synsets: dict[tuple[Pos, str], set[str]] = defaultdict(set)
        for row in rows:
            self._synsets[row.pos, row.english_lemma].add(row.princeton)
        self._of: dict[Pos, list[str]] = defaultdict(list)
        for pos, word in sorted(self._synsets, key=lambda own: drawn(own[1])):
            self._of[pos].append(word)

    def other(self, row: EnglishContext) -> str | None:
        """Another word for the row's place, the first that fits from where its digest points."""
        words, own = self._of[row.pos], self._synsets[row.pos, row.english_lemma]
        first = int.from_bytes(drawn(row.pair_id)[:8], "big") % len(words)
        length = len(units(row.english_lemma))
        fitting = (
            word
            for word in (*words[first:], *words[:first])
            if not self._synsets[row.pos, word] & own and abs(len(units(word)) - length) <= 1
        )
        return next(fitting, None)
