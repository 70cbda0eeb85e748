"""Gloss encoders and their store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_release import VI, save_encoder, tiny_settings

from schemas.errors import UsageError
from trainer.data import WsdData
from trainer.glosses import GlossEncoder, load_gloss_encoder, make_gloss_encoder, stored_vectors
from trainer.glosses.backbone import BackboneEncoder, BackboneStates
from trainer.glosses.encoder import save_gloss_encoder
from trainer.glosses.pooled import PooledEncoder
from trainer.glosses.tfidf import TfidfEncoder, terms
from trainer.ranking.prediction import unit_rows
from trainer.training.components import build_components

TEXTS = [
    "chất ngọt dùng trong thực phẩm",
    "chất ngọt dùng trong bánh kẹo",
    "lối đi cho người và xe cộ",
    "lối đi nhỏ giữa hai hàng cây",
    "hoà vào nước",
]


def made(name: str, cache: Path) -> GlossEncoder:
    """The encoder of glosses that settings with this name ask for."""
    return make_gloss_encoder(tiny_settings(gloss_encoder=name), VI, TEXTS, cache)


def test_terms_by_hand() -> None:
    assert list(terms("Lối đi", VI)) == [
        "lối",
        "đi",
        "lối đi",
        "#<lố",
        "#lối",
        "#ối>",
        "#<lối",
        "#lối>",
        "#<đi",
        "#đi>",
        "#<đi>",
    ]


def test_tfidf_puts_glosses_of_alike_words_close_and_is_stable() -> None:
    encoder = TfidfEncoder.fit(TEXTS, 4, VI)
    unit = unit_rows(encoder.encode(TEXTS))
    assert unit[0] @ unit[1] > 0.5 > unit[0] @ unit[2]
    again = TfidfEncoder.fit(TEXTS[::-1], 4, VI)
    assert again.fingerprint == encoder.fingerprint
    assert np.array_equal(again.encode(TEXTS), encoder.encode(TEXTS))
    spelled = encoder.encode(["hoà vào nước", "hòa vào nước"])
    assert np.array_equal(spelled[0], spelled[1])
    assert not encoder.encode(["zzz"]).any()


def test_tfidf_is_padded_where_text_is_scarce() -> None:
    assert TfidfEncoder.fit(["một", "hai"], 8, VI).encode(["một"]).shape == (1, 8)


def test_tfidf_survives_its_folder(tmp_path: Path) -> None:
    encoder = make_gloss_encoder(tiny_settings(gloss_width=3), VI, TEXTS, tmp_path)
    save_gloss_encoder(encoder, tmp_path)
    opened = load_gloss_encoder(tmp_path, VI)
    assert np.array_equal(opened.encode(TEXTS), encoder.encode(TEXTS))
    assert opened.fingerprint == encoder.fingerprint


def test_vectors_are_computed_once_and_mapped(tmp_path: Path) -> None:
    class Counting(TfidfEncoder):
        calls = 0

        def encode(self, texts):  # type: ignore[no-untyped-def]
            Counting.calls += 1
            return super().encode(texts)

    encoder = Counting.fit(TEXTS, 3, VI)
    before = Counting.calls
    first = stored_vectors(tmp_path, encoder, TEXTS)
    second = stored_vectors(tmp_path, encoder, TEXTS)
    assert Counting.calls == before + 1
    assert isinstance(second, np.memmap)
    assert np.array_equal(first, second)
    stored_vectors(tmp_path, encoder, TEXTS[:2])
    assert len(list(tmp_path.glob("*.npy"))) == 2
    with pytest.raises(ValueError, match="read-only"):
        second[0, 0] = 1.0


def test_any_automodel_with_mean_pooling(tmp_path: Path) -> None:
    """A text's vector is the mean over its own tokens, whatever it is batched with."""
    encoder = made(save_encoder(tmp_path, TEXTS), tmp_path)
    assert isinstance(encoder, PooledEncoder)
    assert encoder.width == 8
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.allclose(together, alone, atol=1e-5)


def test_any_sentence_transformers_model(tmp_path: Path) -> None:
    """A folder with modules.json opens with sentence-transformers and is reopened by its name."""
    library = pytest.importorskip("sentence_transformers")
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    word = Transformer(save_encoder(tmp_path / "bert", TEXTS))
    library.SentenceTransformer(modules=[word, Pooling(8)]).save(str(tmp_path / "sentence"))
    encoder = made(str(tmp_path / "sentence"), tmp_path)
    assert encoder.width == 8
    assert encoder.encode(TEXTS).shape == (5, 8)
    save_gloss_encoder(encoder, tmp_path / "model")
    again = load_gloss_encoder(tmp_path / "model", VI)
    assert again.fingerprint == encoder.fingerprint
    assert np.allclose(again.encode(TEXTS), encoder.encode(TEXTS), atol=1e-6)


def states_of(decoder: str, **changes: Any) -> BackboneStates:
    own = {"dtype": "fp32", "layer": 1, "language": "vi", "segmenter": "units"}
    return BackboneStates(decoder, **{**own, "joined_words": False, "max_length": 32, **changes})


def test_the_backbone_encodes_glosses_standardised_over_the_inventory(
    decoder: str, tmp_path: Path
) -> None:
    """Mean 0 and deviation 1 over the inventory's glosses; new glosses on the same scale."""
    encoder = BackboneEncoder.fit(states_of(decoder), TEXTS, tmp_path / "cache")
    found = encoder.encode(TEXTS)
    assert found.shape == (len(TEXTS), encoder.width) == (len(TEXTS), 16)
    assert np.allclose(found.mean(axis=0), 0, atol=1e-5)
    assert np.allclose(found.std(axis=0), 1, atol=1e-3)
    assert np.allclose(encoder.encode(TEXTS[:2]), found[:2], atol=1e-4)
    save_gloss_encoder(encoder, tmp_path / "model")
    again = load_gloss_encoder(tmp_path / "model", VI)
    assert again.fingerprint == encoder.fingerprint
    assert np.allclose(again.encode(TEXTS), found, atol=1e-4)
    other = BackboneEncoder.fit(states_of(decoder, layer=2), TEXTS, tmp_path / "cache")
    assert other.fingerprint != encoder.fingerprint


def test_encoding_glosses_leaves_the_random_state_as_it_was(decoder: str, tmp_path: Path) -> None:
    """A training that finds its gloss vectors on disk starts like one that makes them."""
    before = torch.get_rng_state()
    BackboneEncoder.fit(states_of(decoder), TEXTS, tmp_path)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_small_encoder_has_no_states_before_training(data: WsdData, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs a pretrained backbone"):
        build_components(data, tiny_settings(gloss_encoder="backbone"), tmp_path)
