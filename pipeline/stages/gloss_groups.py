"""Which synsets are defined in one request, and in what order.

A synset is asked for by one lemma only: the one of its lemmas that has the most senses. So each
request holds synsets that must be told apart, and no synset is asked for twice in a round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

from pipeline.stages.synset_index import SynsetIndex

WAVES = (16, 8, 5, 3, 2)
"""Lemmas of at least so many senses are asked together, once those of more have their answers."""


@dataclass(frozen=True, slots=True)
class GlossGroup:
    """Synsets that share a request; ``lemma`` is the key of what they share, or empty."""

    lemma: str
    synsets: tuple[str, ...]


class GlossGroups:
    """The groups of all synsets, whatever has been answered: they depend on the lemmas alone.

    A lemma of few senses sees the definitions that lemmas of more senses were given, as far as
    those are of another wave. A chain of lemmas, each of which waits for the one before, would
    have 17 links in the Vietnamese WordNet; five waves show a lemma 72 % of what such a chain
    would.
    """

    def __init__(self, index: SynsetIndex, most: int) -> None:
        """``most``: synsets of a request."""
        self._index = index
        self._most = most
        self._by_lemma: list[tuple[str, int, tuple[str, ...]]] = []
        asked: set[str] = set()
        for key, synsets in index.polysemous():
            mine = tuple(synset for synset in synsets if synset not in asked)
            asked.update(mine)
            if mine:
                self._by_lemma.append((key, len(synsets), mine))
        self._alone = tuple(synset for synset in index.synsets if synset not in asked)

    def waves(self, wanted: Collection[str]) -> Iterator[list[GlossGroup]]:
        """The groups of the synsets that are wanted, wave by wave; empty waves are left out."""
        groups = list(self._groups(frozenset(wanted)))
        for least, above in zip(WAVES, (None, *WAVES), strict=False):
            wave = [
                group
                for n_senses, group in groups
                if n_senses >= least and (above is None or n_senses < above)
            ]
            if above is None:  # what shares no lemma need not wait
                wave += self._single(wanted)
            if wave:
                yield wave

    def at_once(self, wanted: Collection[str], one_by_one: Collection[str]) -> list[GlossGroup]:
        """The groups of the synsets that are wanted in one wave, some of them by themselves."""
        apart = frozenset(one_by_one).intersection(wanted)
        together = frozenset(wanted) - apart
        groups = [group for _, group in self._groups(together)] + self._single(together)
        return groups + [self._lone(synset) for synset in sorted(apart)]

    def _groups(self, wanted: frozenset[str]) -> Iterator[tuple[int, GlossGroup]]:
        """With the number of senses of each group's lemma."""
        for key, n_senses, synsets in self._by_lemma:
            mine = [synset for synset in synsets if synset in wanted]
            for part in self._parts(mine):
                yield n_senses, GlossGroup(key, part)

    def _single(self, wanted: Collection[str]) -> list[GlossGroup]:
        return [GlossGroup("", (synset,)) for synset in self._alone if synset in wanted]

    def _lone(self, synset: str) -> GlossGroup:
        shared = self._index.sharing(synset)
        return GlossGroup(
            max(shared, key=lambda lemma: len(lemma[1]))[0] if shared else "", (synset,)
        )

    def _parts(self, synsets: list[str]) -> Iterator[tuple[str, ...]]:
        """As many as a request holds; of more, those of a supersense stay together."""
        if len(synsets) <= self._most:
            if synsets:
                yield tuple(synsets)
            return
        kind = {synset: self._index.synsets[synset].supersense for synset in synsets}
        part: list[str] = []
        for _, alike in groupby(sorted(synsets, key=lambda s: (kind[s], s)), key=kind.__getitem__):
            several = list(alike)
            if part and len(part) + len(several) > self._most:
                yield tuple(part)
                part = []
            part += several
            while len(part) > self._most:
                yield tuple(part[: self._most])
                part = part[self._most :]
        if part:
            yield tuple(part)
