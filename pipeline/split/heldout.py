"""Which synsets training never sees, so that the unseen test parts get their shares.

Once the set H of held-out synsets is chosen, every row has its place and none is lost::

    synset not in H                          training, validation or test_seen
    synset in H, lemma has a row outside H   test_unseen_sense
    synset in H, lemma has none              test_unseen_lemma

So a lemma becomes unseen by holding out all its synsets, and the other lemmas of these synsets
become unseen senses or, if they have no other synset, unseen lemmas themselves. H is chosen
greedily: lemmas in the order of a hash of their keys (ambiguous ones first, because they bring
others along), each held out if that brings both parts nearer to their targets in every stratum;
then single synsets likewise. A row more or less changes few of these decisions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from pipeline.select.grams import digest64
from pipeline.select.senses import NumberedSenses
from pipeline.split.settings import SplitSettings
from pipeline.split.strata import N_STRATA, POLYSEMY, distance, strata_of, strata_of_senses
from schemas.records import Polysemy

_MOST_HELD_OUT = 0.5


class Place(IntEnum):
    """Where the rows of a sense may go."""

    SEEN = 0
    UNSEEN_SENSE = 1
    UNSEEN_LEMMA = 2


@dataclass(slots=True)
class _Parts:
    """Rows per stratum in the two unseen parts."""

    sense: list[int] = field(default_factory=lambda: [0] * N_STRATA)
    lemma: list[int] = field(default_factory=lambda: [0] * N_STRATA)

    def copy(self) -> _Parts:
        return _Parts(self.sense.copy(), self.lemma.copy())

    def of(self, place: Place) -> list[int]:
        return self.sense if place is Place.UNSEEN_SENSE else self.lemma

    def total(self) -> int:
        return sum(self.sense) + sum(self.lemma)


def places(
    lexicon: NumberedSenses,
    n_rows: Sequence[int],
    settings: SplitSettings,
    held: Collection[int] = (),
    open_: Collection[int] = (),
) -> list[Place]:
    """The place of every sense; ``n_rows[i]`` is the number of rows of sense i.

    The synsets in ``held`` are held out whatever else is, those in ``open_`` never.
    """
    choice = _HoldingOut(lexicon, n_rows, settings, open_)
    choice.hold_out(held)
    choice.hold_out_lemmas()
    choice.hold_out_synsets()
    choice.fill_gaps()
    return choice.places()


class _HoldingOut:
    def __init__(
        self,
        lexicon: NumberedSenses,
        n_rows: Sequence[int],
        settings: SplitSettings,
        open_: Collection[int],
    ) -> None:
        self._lexicon, self._n_rows, self._seed = lexicon, n_rows, settings.seed
        self._lemma, self._synset = lexicon.lemma.tolist(), lexicon.synset.tolist()
        self._stratum = strata_of_senses(lexicon).tolist()
        self._stays_open = frozenset(open_)
        self._of_synset: defaultdict[int, list[int]] = defaultdict(list)
        self._of_lemma: defaultdict[int, list[int]] = defaultdict(list)
        for sense, count in enumerate(n_rows):
            if count:
                self._of_synset[self._synset[sense]].append(sense)
                self._of_lemma[self._lemma[sense]].append(sense)
        self._held: set[int] = set()
        self._n_open = {lemma: len(senses) for lemma, senses in self._of_lemma.items()}
        self._parts = _Parts()
        self._shares = {
            Place.UNSEEN_SENSE: settings.test_unseen_sense,
            Place.UNSEEN_LEMMA: settings.test_unseen_lemma,
        }
        self._targets = self._wanted()
        self._distances = self._measured(self._parts)

    def _wanted(self) -> dict[Place, list[float]]:
        """Rows per stratum. An unseen sense has a lemma with another synset: only those count."""
        rows, of_several = [0] * N_STRATA, [0] * N_STRATA
        for senses in self._of_lemma.values():
            several = len({self._synset[sense] for sense in senses}) > 1
            for sense in senses:
                rows[self._stratum[sense]] += self._n_rows[sense]
                of_several[self._stratum[sense]] += several * self._n_rows[sense]
        wanted_senses = self._shares[Place.UNSEEN_SENSE] * sum(rows)
        scale = wanted_senses / max(1, sum(of_several))
        share = self._shares[Place.UNSEEN_LEMMA]
        self._n_all_rows = sum(rows)
        return {
            Place.UNSEEN_SENSE: [count * scale for count in of_several],
            Place.UNSEEN_LEMMA: [count * share for count in rows],
        }

    def _measured(self, parts: _Parts) -> dict[Place, float]:
        return {place: distance(parts.of(place), want) for place, want in self._targets.items()}

    def hold_out(self, synsets: Iterable[int]) -> None:
        """Holds these synsets out, as far as they have rows."""
        fresh = [synset for synset in synsets if synset in self._of_synset]
        self._hold_out(fresh, self._after(fresh))

    def hold_out_lemmas(self) -> None:
        """Holds out all synsets of a lemma wherever that brings unseen lemmas nearer the target."""
        for lemma in self._lemmas_in_order():
            self._hold_out_if_nearer(self._synsets_of(lemma), Place.UNSEEN_LEMMA)

    def hold_out_synsets(self) -> None:
        """Holds out single synsets wherever that brings unseen senses nearer the target."""
        for synset in self._synsets_in_order():
            self._hold_out_if_nearer((synset,), Place.UNSEEN_SENSE)

    def fill_gaps(self) -> None:
        """Gives each wanted part an ambiguous lemma of one POS, or at least any row, if it can."""
        for place, share in self._shares.items():
            for polysemies in ((Polysemy.SAME_POS,), POLYSEMY):
                needed = [number for kind in polysemies for number in strata_of(kind)]
                if share and not any(self._parts.of(place)[number] for number in needed):
                    self._force(place, needed)

    def places(self) -> list[Place]:
        """The place of every sense; senses without rows count as seen."""
        return [
            Place.SEEN
            if self._synset[sense] not in self._held
            else Place.UNSEEN_SENSE
            if self._n_open.get(self._lemma[sense])
            else Place.UNSEEN_LEMMA
            for sense in range(len(self._n_rows))
        ]

    def _lemmas_in_order(self) -> list[int]:
        def order(lemma: int) -> tuple[int, int]:
            kinds = [self._stratum[sense] % len(POLYSEMY) for sense in self._of_lemma[lemma]]
            return -max(kinds), self._rank("lemma", self._lexicon.lemma_keys[lemma])

        return sorted(self._of_lemma, key=order)

    def _synsets_in_order(self) -> list[int]:
        return sorted(
            self._of_synset, key=lambda i: self._rank("synset", self._lexicon.synset_ids[i])
        )

    def _rank(self, kind: str, name: str) -> int:
        return digest64(f"{self._seed}/{kind}/{name}")

    def _synsets_of(self, lemma: int) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self._synset[sense] for sense in self._of_lemma[lemma]))

    def _hold_out_if_nearer(self, synsets: Iterable[int], place: Place) -> None:
        """Holds synsets out if the part and both parts together come nearer to their targets."""
        fresh = [synset for synset in synsets if synset not in self._held]
        if not fresh or not self._stays_open.isdisjoint(fresh):
            return
        parts = self._after(fresh)
        then, now = self._measured(parts), self._distances
        if then[place] < now[place] and sum(then.values()) < sum(now.values()):
            self._hold_out(fresh, parts)

    def _after(self, synsets: list[int]) -> _Parts:
        """The parts as they were if these synsets were held out too."""
        parts = self._parts.copy()
        n_rows = self._n_rows
        fresh: defaultdict[int, list[int]] = defaultdict(list)
        for synset in synsets:
            for sense in self._of_synset[synset]:
                fresh[self._lemma[sense]].append(sense)
        for lemma, senses in fresh.items():
            if len(senses) < self._n_open[lemma]:
                for sense in senses:
                    parts.sense[self._stratum[sense]] += n_rows[sense]
                continue
            for sense in self._of_lemma[lemma]:
                parts.lemma[self._stratum[sense]] += n_rows[sense]
                if self._synset[sense] in self._held:
                    parts.sense[self._stratum[sense]] -= n_rows[sense]
        return parts

    def _hold_out(self, synsets: list[int], parts: _Parts) -> None:
        self._held.update(synsets)
        closed = Counter(
            self._lemma[sense] for synset in synsets for sense in self._of_synset[synset]
        )
        for lemma, count in closed.items():
            self._n_open[lemma] -= count
        self._parts, self._distances = parts, self._measured(parts)

    def _force(self, place: Place, needed: list[int]) -> None:
        """Holds out what gives ``place`` rows of the needed strata at the least distance."""
        best: tuple[float, list[int], _Parts] | None = None
        moves = [self._synsets_of(lemma) for lemma in self._lemmas_in_order()]
        moves += [(synset,) for synset in self._synsets_in_order()]
        other = Place.UNSEEN_LEMMA if place is Place.UNSEEN_SENSE else Place.UNSEEN_SENSE
        for move in moves:
            fresh = [synset for synset in move if synset not in self._held]
            if not self._stays_open.isdisjoint(fresh):
                continue
            parts = self._after(fresh)
            gains = any(parts.of(place)[number] for number in needed)
            spares = not any(self._parts.of(other)) or any(parts.of(other))
            if gains and spares and parts.total() <= _MOST_HELD_OUT * self._n_all_rows:
                distance_then = sum(self._measured(parts).values())
                if best is None or distance_then < best[0]:
                    best = distance_then, fresh, parts
        if best is not None:
            self._hold_out(best[1], best[2])
