"""Retrieval metrics against a slow plain version, ties and negative scores included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.evaluation import RetrievalResult
from trainer.evaluation import retrieval
from trainer.evaluation.retrieval import retrieval_metrics


def slow(z, synsets, g, gold, k):  # type: ignore[no-untyped-def]
    """The paper's definitions in plain loops: recall, precision, F1, NDCG."""
    z = z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12)
    g = g / np.maximum(np.linalg.norm(g, axis=1, keepdims=True), 1e-12)
    n, recalls, precisions, gains = len(z), [], [], []
    for i in range(n):
        scores = [(-round(float(z[i] @ z[j]) * 2**20), j) for j in range(n) if j != i]
        top = [j for _, j in sorted(scores)[:k]]
        hits = sum(synsets[j] == synsets[i] for j in top)
        others = sum(s == synsets[i] for s in synsets) - 1
        recalls.append(float(hits > 0))
        if others:
            precisions.append(hits / min(k, others))
        order = sorted(range(len(g)), key=lambda j: (-round(float(z[i] @ g[j]) * 2**20), j))
        rank = order.index(gold[i]) + 1 if gold[i] >= 0 else math.inf
        gains.append(1 / math.log2(rank + 1) if rank <= k else 0.0)
    r = sum(recalls) / n
    p = sum(precisions) / len(precisions) if precisions else 0.0
    f = 2 * r * p / (r + p) if r + p else 0.0
    return r, p, f, sum(gains) / n


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 30), st.integers(1, 8), st.integers(0, 10_000), st.booleans())
def test_equal_to_the_slow_version(n: int, m: int, seed: int, coarse: bool) -> None:
    """With coarse vectors many scores tie; half of all scores are negative."""
    rng = np.random.default_rng(seed)
    make = (lambda *s: rng.integers(-1, 2, s)) if coarse else (lambda *s: rng.normal(size=s))
    z, g = make(n, 3).astype(np.float32), make(m, 3).astype(np.float32)
    gold = rng.integers(-1, m, n).tolist()
    synsets = rng.integers(0, max(1, n // 3), n).tolist()
    found = retrieval_metrics(z, synsets, g, gold, list(range(m)))
    for row in found:
        expected = slow(z.astype(np.float64), synsets, g.astype(np.float64), gold, row.k)
        assert (row.recall, row.precision, row.f1, row.ndcg) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("coarse", [True, False])
def test_many_contexts_and_glosses_are_equal_to_the_slow_version(
    monkeypatch: pytest.MonkeyPatch, coarse: bool
) -> None:
    """Enough of them that products of low precision choose; coarse vectors tie by dozens."""
    monkeypatch.setattr(retrieval, "_BLOCK_BYTES", 4 * 520 * 70)
    rng = np.random.default_rng(1)
    draw = (lambda *s: rng.integers(-2, 3, s)) if coarse else (lambda *s: rng.normal(size=s))
    z, g = draw(530, 5).astype(np.float32), draw(520, 5).astype(np.float32)
    gold, synsets = rng.integers(-1, 520, 530).tolist(), rng.integers(0, 100, 530).tolist()
    for row in retrieval_metrics(z, synsets, g, gold, list(range(520)), ks=(1, 2)):
        expected = slow(z.astype(np.float64), synsets, g.astype(np.float64), gold, row.k)
        assert (row.recall, row.precision, row.f1, row.ndcg) == pytest.approx(expected, abs=1e-9)


def test_fault_10_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(600, 4)).astype(np.float32)
    g = rng.normal(size=(9, 4)).astype(np.float32)
    args = (z, [i // 4 for i in range(600)], g, [i % 9 for i in range(600)], list(range(9)), (1, 2))
    whole = retrieval_metrics(*args)
    monkeypatch.setattr(retrieval, "_BLOCK_BYTES", 4 * 50 * 7)
    assert retrieval_metrics(*args) == whole


def test_a_relevant_item_with_a_negative_score_is_relevant() -> None:
    """Two opposite vectors of one synset: the only neighbour is right, at cosine -1."""
    z = np.array([[1.0, 0.0], [-1.0, 0.0]], dtype=np.float32)
    (row,) = retrieval_metrics(z, [0, 0], z[:1], [0, 0], [0], ks=(1,))
    assert (row.recall, row.precision, row.f1) == (1.0, 1.0, 1.0)


def test_the_corrected_variants_by_hand() -> None:
    """Three contexts of synset 0, one alone in synset 1; glosses 0 and 1 share a text."""
    z = np.array([[1, 0], [1, 0.1], [1, 0.2], [0.9, -0.1]], dtype=np.float32)
    g = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    (row,) = retrieval_metrics(z, [0, 0, 0, 1], g, [0, 1, 2, 0], [0, 0, 1], ks=(1,))
    assert row.recall == pytest.approx(0.75)
    assert row.answerable_recall == pytest.approx(1.0)
    assert row.full_recall == pytest.approx(0.5)
    assert row.ndcg == pytest.approx(0.5)
    assert row.gloss_ndcg == pytest.approx(0.75)


def test_tied_glosses_share_their_places_in_the_corrected_ndcg() -> None:
    z = np.array([[1.0, 0.0], [1.0, 0.0]], dtype=np.float32)
    g = np.array([[1, 0], [1, 0]], dtype=np.float32)
    (row,) = retrieval_metrics(z, [0, 1], g, [0, 1], [0, 1], ks=(1,))
    assert row.ndcg == pytest.approx(0.5)
    assert row.gloss_ndcg == pytest.approx(0.5)
    assert isinstance(row, RetrievalResult)


def test_a_missing_gloss_gains_nothing_however_few_glosses_there_are() -> None:
    z = np.array([[1.0, 0.0], [1.0, 0.0]], dtype=np.float32)
    for row in retrieval_metrics(z, [0, 0], z[:1], [0, -1], [0]):
        assert (row.ndcg, row.gloss_ndcg) == (0.5, 0.5)
