"""Which candidates a training item has: senses that no item shows are never negatives."""

from __future__ import annotations

from pathlib import Path

import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_release import tiny_settings

from trainer.data import WsdData
from trainer.data.dataset import seen_rows
from trainer.objectives import padded_rows, unseen
from trainer.training.components import build_components
from trainer.training.dataset import training_set


def test_a_sense_without_training_items_is_no_candidate_in_training(
    data: WsdData, tmp_path: Path
) -> None:
    inventory = data.inventory
    lemma = next(i.lemma for i in data.items if len(inventory.candidate_rows(i.lemma)) > 1)
    own = [item for item in data.items if item.lemma == lemma]
    kept = [item for item in own if item.synset_id == own[0].synset_id]
    inputs = build_components(data, tiny_settings(), tmp_path).inputs

    whole = training_set(own, inventory, inputs)
    candidates = {inventory.row_of[item.synset_id] for item in own}
    assert len(candidates) > 1
    assert {r for r in whole.candidates[0].tolist() if r >= 0} == candidates

    alone = training_set(kept, inventory, inputs)
    assert alone.candidates.tolist() == [[inventory.row_of[own[0].synset_id]]] * len(kept)

    # A held-out part keeps the candidates that its training had, and its own gold sense.
    others = frozenset(candidates - {inventory.row_of[own[0].synset_id]})
    held = training_set(kept, inventory, inputs, seen=others)
    assert {r for r in held.candidates[0].tolist() if r >= 0} == candidates


@given(st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=5), st.sets(st.integers(0, 5)))
def test_unseen_by_the_plain_rule(rows: list[list[int]], seen: set[int]) -> None:
    padded = padded_rows(rows)
    assert padded.shape == (len(rows), max(map(len, rows), default=1))
    assert [[r for r in own if r >= 0] for own in padded.tolist()] == rows
    found = unseen(padded, frozenset(seen))
    assert found.dtype is torch.bool
    assert found.tolist() == [[r >= 0 and r not in seen for r in own] for own in padded.tolist()]


def test_seen_rows_are_those_of_the_items_and_known_to_the_inventory(data: WsdData) -> None:
    found = seen_rows(data.items[:3], data.inventory)
    assert found == {data.inventory.row_of[item.synset_id] for item in data.items[:3]}
