"""ViConBERT as a Hugging Face model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import (
    AutoModel,
    BertConfig,
    DebertaV2Config,
    Gemma3TextConfig,
    RobertaConfig,
    XLMRobertaConfig,
)

from trainer.model import ViConBERT, ViConBERTConfig
from trainer.model.build import over_backbone
from trainer.model.vicon import TargetAttention, masked_mean

TINY = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "vocab_size": 50,
}
BACKBONES = {
    "bert": BertConfig(**TINY, max_position_embeddings=80),
    "phobert": RobertaConfig(**TINY, max_position_embeddings=80),
    "xlm-roberta": XLMRobertaConfig(**TINY, max_position_embeddings=80),
    "videberta": DebertaV2Config(
        **TINY,
        max_position_embeddings=80,
        relative_attention=True,
        position_biased_input=False,
        pos_att_type=["p2c", "c2p"],
        position_buckets=16,
        share_att_key=True,
        norm_rel_ebd="layer_norm",
    ),
    "gemma3": Gemma3TextConfig(**TINY, num_key_value_heads=1, head_dim=8),
}


def tiny(kind: str = "bert", **changes: object) -> ViConBERT:
    torch.manual_seed(0)
    config = ViConBERTConfig(
        backbone=BACKBONES[kind].to_dict(), heads=2, head_width=12, gloss_width=10, **changes
    )
    return ViConBERT(config).eval()


def row(length: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    ids = torch.randint(5, 50, (1, length), generator=torch.Generator().manual_seed(seed))
    target = torch.zeros(1, length, dtype=torch.bool)
    target[0, length // 2] = True
    return ids, torch.ones(1, length, dtype=torch.long), target


@pytest.mark.parametrize("kind", sorted(BACKBONES))
def test_fault_1_a_vector_does_not_depend_on_its_batch(kind: str) -> None:
    """One row alone, and among 63 longer rows with padding: equal to 1e-5."""
    model = tiny(kind)
    rows = [row(3 + i % 40, i) for i in range(64)]
    longest = max(r[0].shape[1] for r in rows)
    padded = [
        torch.cat([torch.nn.functional.pad(r[k], (0, longest - r[k].shape[1])) for r in rows])
        for k in range(3)
    ]
    with torch.no_grad():
        alone = torch.cat([model(*r) for r in rows])
        together = model(*padded)
    assert (alone - together).abs().max() < 1e-5


def test_fault_1_without_the_mask_padding_leaks_in() -> None:
    """The public code's attention: the same row, padded, gives another vector."""
    torch.manual_seed(0)
    attention = TargetAttention(8, 2)
    states = torch.randn(1, 5, 8)
    target = torch.tensor([[0, 1, 0, 0, 0]])
    padded = torch.cat([states, torch.randn(1, 3, 8)], dim=1)
    wide = torch.nn.functional.pad(target, (0, 3))
    right = attention(padded, torch.tensor([[1] * 5 + [0] * 3]), wide)
    old = attention(padded, torch.ones(1, 8), wide)
    alone = attention(states, torch.ones(1, 5), target)
    assert torch.allclose(alone, right, atol=1e-6)
    assert not torch.allclose(alone, old, atol=1e-3)


def test_the_target_vector_is_the_mean_of_its_subwords() -> None:
    states = torch.tensor([[[1.0, 0.0], [3.0, 2.0], [9.0, 9.0]]])
    assert masked_mean(states, torch.tensor([[1, 1, 0]])).tolist() == [[2.0, 1.0]]


def test_attention_against_a_plain_version() -> None:
    """One head, written out: softmax(q k / sqrt d) v with the projections of the module."""
    torch.manual_seed(0)
    layer = TargetAttention(4, 1)
    states, mask = torch.randn(1, 3, 4), torch.tensor([[1, 1, 0]])
    w, b = layer.attention.in_proj_weight, layer.attention.in_proj_bias
    q = states[0, 1] @ w[:4].T + b[:4]
    k = states[0, :2] @ w[4:8].T + b[4:8]
    v = states[0, :2] @ w[8:].T + b[8:]
    plain = layer.attention.out_proj(torch.softmax(k @ q / 2, dim=0) @ v)
    assert torch.allclose(layer(states, mask, torch.tensor([[0, 1, 0]]))[0], plain, atol=1e-6)


def test_it_loads_in_a_fresh_process_with_equal_vectors(tmp_path: Path) -> None:
    model = tiny()
    model.save_pretrained(tmp_path)
    assert (tmp_path / "model.safetensors").exists()
    assert "auto_map" not in json.loads((tmp_path / "config.json").read_text())
    ids, attention, target = row(6, 1)
    code = (
        "import sys, json, torch; from trainer.model import ViConBERT\n"
        "m = ViConBERT.from_pretrained(sys.argv[1]).eval(); i, a, t = json.loads(sys.argv[2])\n"
        "print(json.dumps(m(torch.tensor(i), torch.tensor(a), torch.tensor(t)).tolist()))"
    )
    given = json.dumps([ids.tolist(), attention.tolist(), target.tolist()])
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), given],
        capture_output=True,
        text=True,
        check=True,
    )
    with torch.no_grad():
        expected = model(ids, attention, target)
    assert torch.allclose(torch.tensor(json.loads(done.stdout)), expected, atol=1e-6)
    assert isinstance(AutoModel.from_pretrained(tmp_path), ViConBERT)


@pytest.mark.parametrize("kind", sorted(BACKBONES))
def test_any_backbone_loads_by_path_and_never_inside_init(kind: str, tmp_path: Path) -> None:
    torch.manual_seed(3)
    backbone = AutoModel.from_config(BACKBONES[kind])
    backbone.save_pretrained(tmp_path)
    model = over_backbone(str(tmp_path), heads=2, gloss_width=10)
    for name, value in backbone.state_dict().items():
        assert torch.equal(model.backbone.state_dict()[name], value), name
    fresh = ViConBERT(model.config)
    same = [
        torch.equal(a, b)
        for a, b in zip(fresh.backbone.parameters(), backbone.parameters(), strict=True)
        if a.ndim > 1
    ]
    assert not all(same)


def test_a_chosen_layer_is_read() -> None:
    ids, attention, target = row(6, 2)
    first, last = tiny(layer=1), tiny(layer=-1)
    last.load_state_dict(first.state_dict())
    with torch.no_grad():
        hidden = first.backbone(
            input_ids=ids, attention_mask=attention, output_hidden_states=True
        ).hidden_states
        assert torch.equal(first.states(ids, attention), hidden[1])
        assert not torch.allclose(first(ids, attention, target), last(ids, attention, target))
