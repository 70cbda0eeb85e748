"""Who gets which items, in which order, and which of them twice."""

from __future__ import annotations

from dataclasses import dataclass

from audits.sampling.draw import Sample, rank
from audits.settings import AuditSettings


@dataclass(frozen=True, slots=True)
class Assigned:
    """One row of an annotator's sheet; a repeat is the second time that the item comes."""

    context_id: str
    is_repeat: bool = False


def assign(sample: Sample, settings: AuditSettings) -> dict[str, list[Assigned]]:
    """The rows of every annotator's sheet.

    The overlap is a random part of every stratum and goes to all annotators; the rest is dealt
    out in turn. The order of a sheet is random, so that its first rows, if the annotator stops,
    are a random part of it.
    """
    mine: dict[str, list[str]] = {name: [] for name in settings.annotators}
    n_seen = n_common = n_dealt = 0
    for stratum in sample.sizes:
        ids = [item.candidate.context_id for item in sample.drawn if item.stratum == stratum]
        ids.sort(key=lambda item: rank(settings.seed, "overlap", item))
        n_seen += len(ids)
        common = round(n_seen * settings.overlap) - n_common
        n_common += common
        for item in ids[:common]:
            for name in mine:
                mine[name].append(item)
        for item in ids[common:]:
            mine[settings.annotators[n_dealt % len(mine)]].append(item)
            n_dealt += 1
    return {name: _ordered(name, ids, settings) for name, ids in mine.items()}


def _ordered(annotator: str, ids: list[str], settings: AuditSettings) -> list[Assigned]:
    """Random order; repeats of items of the first half come half a sheet after them."""
    ids = sorted(ids, key=lambda item: rank(settings.seed, "order", annotator, item))
    half = len(ids) // 2
    n_repeats = min(half, round(len(ids) * settings.repeats))
    repeated = set(
        sorted(ids[:half], key=lambda item: rank(settings.seed, "repeat", annotator, item))[
            :n_repeats
        ]
    )
    placed = [(float(place), Assigned(item)) for place, item in enumerate(ids)]
    placed += [
        (place + half + 0.5, Assigned(item, is_repeat=True))
        for place, item in enumerate(ids)
        if item in repeated
    ]
    return [row for _, row in sorted(placed, key=lambda pair: pair[0])]
