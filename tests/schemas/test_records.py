"""What the records say of each other."""

from __future__ import annotations

from schemas.records import same_coarse


def test_two_synsets_are_one_coarse_sense_where_they_are_equal_or_share_a_cluster() -> None:
    clusters = {"v-1": "v-1", "v-3": "v-1", "v-4": "v-4", "v-5": "v-4"}
    assert same_coarse("v-1", "v-3", clusters)
    assert same_coarse("v-2", "v-2", clusters)
    assert not same_coarse("v-1", "v-2", clusters)
    assert not same_coarse("v-3", "v-4", clusters)
