"""Synsets that nothing tells apart: who takes whose definition, and what their cluster is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping


def leaders(same_as: Mapping[str, str], defined: Collection[str]) -> dict[str, str]:
    """For each synset that is the same as another the defined one behind it, if there is one.

    ``same_as`` may lead over others; where it leads in a circle, or to a synset without a
    definition, the synset is left out.
    """
    found: dict[str, str] = {}
    for synset in same_as:
        at, passed = synset, {synset}
        while at not in defined and at in same_as and same_as[at] not in passed:
            at = same_as[at]
            passed.add(at)
        if at in defined and at != synset:
            found[synset] = at
    return found


def cluster_ids(leader_of: Mapping[str, str]) -> dict[str, str]:
    """The cluster of every synset that does not stand alone: the first id among its members."""
    members: defaultdict[str, set[str]] = defaultdict(set)
    for synset, leader in leader_of.items():
        members[leader] |= {synset, leader}
    return {synset: min(alike) for alike in members.values() for synset in alike}
