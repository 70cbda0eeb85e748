"""Sentences that share the reading of a gloss, and backbones that cannot."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_release import save_decoder, save_encoder, tiny_settings
from torch import nn
from transformers import (
    AutoModel,
    BertConfig,
    BloomConfig,
    Gemma3TextConfig,
    GPT2Config,
    LlamaConfig,
    MambaConfig,
    PreTrainedConfig,
)

from trainer.data import WsdData
from trainer.ranking.packing import (
    PairRows,
    packed,
    packed_rows,
    plain_rows,
    reads_packed,
    row_batches,
)
from trainer.ranking.pairs import batches_of, pair_features, pairs_of
from trainer.text.inputs import TokenizedPair
from trainer.text.pieces import Tokenized
from trainer.training.components import Components, build_components

SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "vocab_size": 50}
DECODER = {**SMALL, "intermediate_size": 32, "num_key_value_heads": 1, "head_dim": 8}


def pair(gloss: Sequence[int], sentence: Sequence[int], after: Sequence[int] = ()) -> TokenizedPair:
    """The target is the sentence's second piece."""
    start, end = len(gloss), len(gloss) + len(sentence)
    return TokenizedPair(Tokenized((*gloss, *sentence, *after), start + 1, start + 2), start, end)


def backbone(config: PreTrainedConfig) -> nn.Module:
    torch.manual_seed(0)
    return AutoModel.from_config(config).eval()


@pytest.fixture(scope="module")
def components(data: WsdData, tmp_path_factory: pytest.TempPathFactory) -> Components:
    folder = tmp_path_factory.mktemp("packing")
    settings = tiny_settings(backbone=save_decoder(folder / "decoder"), max_length=64)
    return build_components(data, settings, folder / "glosses")


@pytest.fixture(scope="module")
def pairs(components: Components, data: WsdData) -> list[TokenizedPair]:
    candidates = [data.inventory.candidates(item.lemma) for item in data.items]
    return [
        components.inputs.tokenize_pair(entry.lemma, entry.gloss or "", marked)
        for marked, entry in pairs_of(data.items, candidates)
    ]


def test_a_row_holds_a_gloss_once_and_its_sentences_in_order() -> None:
    pairs = [
        pair((1, 2), (3, 4)),
        pair((1, 9), (3, 4)),
        pair((1, 2), (5, 6, 7)),
        pair((1, 2), (8, 8)),
    ]
    assert packed(pairs) == [[0, 2, 3], [1]]
    assert packed(pairs, room=7) == [[0, 2], [3], [1]]
    assert packed(pairs, room=1) == [[0], [2], [3], [1]]
    assert packed([]) == []


def test_a_packed_row_by_hand() -> None:
    rows = packed_rows([[pair((1, 2), (3, 4), (9,)), pair((1, 2), (5, 6))]], 0, torch.float32)
    assert rows.ids.tolist() == [[1, 2, 3, 4, 5, 6]]
    assert rows.positions is not None
    assert rows.positions.tolist() == [[0, 1, 2, 3, 2, 3]]
    assert (rows.attention[0, 0] == 0).int().tolist() == [
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0],
        [1, 1, 1, 1, 0, 0],
        [1, 1, 0, 0, 1, 0],
        [1, 1, 0, 0, 1, 1],
    ]
    assert rows.column.tolist() == [2, 3, 4, 5]
    assert rows.before.tolist() == [1, 2, 1, 4]
    assert rows.pair.tolist() == [0, 0, 1, 1]
    assert rows.target.tolist() == [False, True, False, True]


def test_batches_hold_rows_of_similar_length_and_at_most_so_many_ids() -> None:
    pairs = [pair((1, 2), (3, 4)), pair((1,), (3, 4, 5, 6)), pair((2,), (3, 4)), pair((2,), (7, 8))]
    rows = packed(pairs)
    assert list(row_batches(rows, pairs, 10)) == [[[1], [2, 3]], [[0]]]
    assert list(row_batches(rows, pairs, 1)) == [[[1]], [[2, 3]], [[0]]]


def features(components: Components, pairs: list[TokenizedPair], rows: PairRows) -> Any:
    components.model.train(False)
    with torch.inference_mode():
        return pair_features(components.model, rows, len(pairs))


def test_packed_readings_are_those_of_single_rows(
    components: Components, pairs: list[TokenizedPair]
) -> None:
    """To 1e-5 in fp32; most pairs share their gloss."""
    read = list(batches_of(components.model, components.inputs, pairs, 512))
    assert all(rows.positions is not None for _, rows in read)
    assert sum(rows.ids.numel() for _, rows in read) < sum(len(p.tokenized.ids) for p in pairs)
    assert sorted(number for numbers, _ in read for number in numbers) == list(range(len(pairs)))
    for numbers, rows in read:
        own = [pairs[number] for number in numbers]
        plain = features(components, own, plain_rows(own, 0))
        for found, expected in zip(features(components, own, rows), plain, strict=True):
            assert torch.allclose(found, expected, atol=1e-5, rtol=1e-6)
            assert expected.abs().max() > 0.1


def test_in_half_precision_they_are_near_and_summed_in_full(
    components: Components, pairs: list[TokenizedPair]
) -> None:
    """What docs/trainer.md promises: bf16 rounds states, and what is made of them is fp32."""
    half = copy.deepcopy(components)
    half.model.backbone.to(torch.bfloat16)
    for numbers, rows in batches_of(half.model, half.inputs, pairs, 512):
        own = [pairs[number] for number in numbers]
        (states, likelihoods), plain, full = (
            features(of, own, read)
            for of, read in (
                (half, rows),
                (half, plain_rows(own, 0)),
                (components, plain_rows(own, 0)),
            )
        )
        assert states.dtype is likelihoods.dtype is torch.float32
        for expected, _ in (plain, full):
            share = (states - expected).norm(dim=1) / expected.norm(dim=1)
            assert float(share.max()) < 0.02
        for _, expected in (plain, full):
            assert torch.allclose(likelihoods, expected, rtol=0.01, atol=0.1)


def test_pairs_that_share_nothing_are_read_in_rows_of_their_own(
    components: Components, pairs: list[TokenizedPair]
) -> None:
    ((numbers, rows),) = batches_of(components.model, components.inputs, pairs[:2], 512)
    assert (sorted(numbers), rows.positions) == ([0, 1], None)


def test_an_encoder_reads_every_pair_by_itself(
    data: WsdData, components: Components, pairs: list[TokenizedPair], tmp_path: Path
) -> None:
    name = save_encoder(tmp_path / "encoder", [item.sentence for item in data.items])
    settings = tiny_settings(backbone=name, ranker={"cross_encoder": True})
    own = build_components(data, settings, tmp_path / "glosses")
    read = list(batches_of(own.model, components.inputs, pairs, 512))
    assert all(rows.positions is None for _, rows in read)


@pytest.mark.parametrize(
    ("config", "can"),
    [
        (Gemma3TextConfig(**DECODER), True),
        (Gemma3TextConfig(**DECODER, use_bidirectional_attention=True), False),
        (LlamaConfig(**DECODER), True),
        (GPT2Config(n_embd=16, n_layer=2, n_head=2, vocab_size=50), True),
        (BertConfig(**SMALL, intermediate_size=32), False),
        (BloomConfig(hidden_size=16, n_layer=2, n_head=2, vocab_size=50), False),
        (MambaConfig(hidden_size=16, num_hidden_layers=2, vocab_size=50), False),
    ],
    ids=lambda value: getattr(value, "model_type", None),
)
def test_which_backbones_can(config: PreTrainedConfig, can: bool) -> None:
    """Alibi and recurrent ones do not ask for positions, others see what comes after."""
    assert reads_packed(backbone(config), 64) is can


def test_a_window_shorter_than_the_longest_pair_reads_plainly() -> None:
    model = backbone(Gemma3TextConfig(**DECODER, sliding_window=32))
    assert reads_packed(model, 32)
    assert not reads_packed(model, 33)
