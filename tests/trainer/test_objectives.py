"""Losses against hand-computed numbers and slow plain versions."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trainer.objectives import (
    GlossTable,
    JointBatch,
    Objective,
    candidate_cross_entropy,
    cosine,
    false_negatives,
    info_nce,
    reference_loss,
    same_gloss,
    structure_loss,
)
from trainer.settings import ObjectiveSettings

E1, E2 = [1.0, 0.0], [0.0, 1.0]


def test_info_nce_by_hand() -> None:
    """Two rows; row 0 has two positives of three columns."""
    s = torch.tensor([[1.0, 2.0, 0.0], [0.5, 0.5, 0.5]])
    p = torch.tensor([[True, True, False], [False, False, True]])
    first = math.log((math.e + math.e**2 + 1) / (math.e + math.e**2))
    assert info_nce(s, p).item() == pytest.approx((first + math.log(3)) / 2, abs=1e-6)


def test_info_nce_leaves_columns_out_of_both_sums() -> None:
    s = torch.tensor([[1.0, 2.0, 0.0]])
    p = torch.tensor([[True, False, False]])
    out = torch.tensor([[False, True, False]])
    assert info_nce(s, p, out).item() == pytest.approx(math.log((math.e + 1) / math.e), abs=1e-6)


def test_info_nce_without_positives_is_zero_and_has_a_gradient() -> None:
    s = torch.randn(2, 3, requires_grad=True)
    loss = info_nce(s, torch.zeros(2, 3, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0.0
    assert s.grad is not None
    assert s.grad.abs().sum() == 0


def slow_nce(z: torch.Tensor, g: torch.Tensor, synsets: list[int], tau: float) -> float:
    total = 0.0
    for i in range(len(z)):
        top = bottom = 0.0
        for j in range(len(g)):
            cos = float(z[i] @ g[j] / (z[i].norm() * g[j].norm()))
            bottom += math.exp(cos / tau)
            top += math.exp(cos / tau) if synsets[i] == synsets[j] else 0.0
        total -= math.log(top / bottom)
    return total / len(z)


def slow_structure(z: torch.Tensor, g: torch.Tensor) -> float:
    total = 0.0
    for i in range(len(z)):
        for j in range(len(z)):
            dz = 1 - float(z[i] @ z[j] / (z[i].norm() * z[j].norm()))
            dg = 1 - float(g[i] @ g[j] / (g[i].norm() * g[j].norm()))
            total += (dz - dg) ** 2
    return total / len(z) ** 2


def slow_reference(z: torch.Tensor, g: torch.Tensor, synsets: list[int]) -> float:
    n, losses = len(z), []
    for i in range(n):
        sims = {j: float(torch.cosine_similarity(z[i], g[j], dim=0)) / 0.2 for j in range(n)}
        others = [j for j in range(n) if j != i]
        positives = [j for j in others if synsets[j] == synsets[i]]
        if positives:
            top = sum(math.exp(sims[j]) for j in positives)
            losses.append(-math.log(top / sum(math.exp(sims[j]) for j in others)))
        else:
            losses.append(-max(sims[j] for j in others))
    return sum(losses) / n + slow_structure(z, g)


@given(st.lists(st.integers(0, 3), min_size=2, max_size=7), st.integers(0, 1000))
def test_paper_and_reference_equal_their_slow_versions(synsets: list[int], seed: int) -> None:
    torch.manual_seed(seed)
    table = torch.randn(4, 5)
    ids = torch.tensor(synsets)
    z = torch.randn(len(synsets), 5)
    batch = JointBatch(ids, ids[:, None])
    glosses = GlossTable(table, torch.arange(4))
    paper = Objective(ObjectiveSettings(name="paper"))(z, batch, glosses)
    g = table[ids]
    expected = slow_nce(z, g, synsets, 0.3) + slow_structure(z, g)
    assert paper.item() == pytest.approx(expected, abs=1e-4)
    reference = Objective(ObjectiveSettings(name="reference"))(z, batch, glosses)
    assert reference.item() == pytest.approx(slow_reference(z, g, synsets), abs=1e-4)


def test_ablations_add_up_to_the_paper() -> None:
    torch.manual_seed(0)
    z, table = torch.randn(5, 4), GlossTable(torch.randn(3, 4), torch.arange(3))
    batch = JointBatch(torch.tensor([0, 1, 1, 2, 0]), torch.full((5, 1), -1))
    parts = {
        name: Objective(ObjectiveSettings(name=name))(z, batch, table).item()
        for name in ("paper", "contrast_only", "structure_only")
    }
    assert parts["paper"] == pytest.approx(parts["contrast_only"] + parts["structure_only"])


def test_structure_by_hand() -> None:
    z = torch.tensor([E1, E1])
    g = torch.tensor([E1, E2])
    assert structure_loss(z, g).item() == pytest.approx(0.5)


def test_fault_5_a_lone_item_is_not_pulled_to_its_hardest_negative() -> None:
    """The public code's gradient raises the similarity to a negative; the paper's lowers it."""
    table = GlossTable(torch.tensor([E1, E2]), torch.arange(2))
    batch = JointBatch(torch.tensor([0, 1]), torch.full((2, 1), -1))
    moved = {}
    for name in ("contrast_only", "reference"):
        z = torch.tensor([[1.0, 0.5], [0.3, 1.0]], requires_grad=True)
        Objective(ObjectiveSettings(name=name, structure=0.0))(z, batch, table).backward()
        assert z.grad is not None
        stepped = z.detach() - 0.1 * z.grad
        before = cosine(z.detach(), table.vectors)[0, 1]
        moved[name] = float(cosine(stepped, table.vectors)[0, 1] - before)
    assert moved["reference"] > 0 > moved["contrast_only"]


def test_fault_5_the_temperature_of_the_settings_is_used() -> None:
    torch.manual_seed(1)
    z, table = torch.randn(4, 3), GlossTable(torch.randn(4, 3), torch.arange(4))
    batch = JointBatch(torch.arange(4), torch.full((4, 1), -1))
    cold, warm = (
        Objective(ObjectiveSettings(name="contrast_only", temperature=t))(z, batch, table).item()
        for t in (0.05, 0.5)
    )
    assert cold != pytest.approx(warm)


def test_fault_11_same_synset_and_equal_gloss_are_never_negatives() -> None:
    synsets = torch.tensor([0, 0, 1, 2])
    number = torch.tensor([0, 0, 1])  # synsets 0 and 1 have one text
    out = false_negatives(synsets[:, None], synsets[None, :], GlossTable(torch.eye(3), number))
    assert out.tolist() == [
        [False, False, True, False],
        [False, False, True, False],
        [True, True, False, False],
        [False, False, False, False],
    ]
    assert not (out & (synsets[:, None] == synsets[None, :])).any()
    z, table = torch.randn(2, 3), GlossTable(torch.ones(2, 3), torch.tensor([0, 0]))
    batch = JointBatch(torch.tensor([0, 1]), torch.full((2, 1), -1))
    apart = ObjectiveSettings(name="contrast_only", equal_glosses_apart=True)
    assert Objective(apart)(z, batch, table).item() == pytest.approx(0.0, abs=1e-6)
    old = ObjectiveSettings(name="contrast_only")
    assert Objective(old)(z, batch, table).item() == pytest.approx(math.log(2), abs=1e-5)


def test_nearly_equal_glosses_are_never_negatives() -> None:
    glosses = torch.tensor([[1.0, 0.0], [0.999, 0.01], [0.0, 1.0]])
    ids = torch.arange(3)
    out = false_negatives(ids[:, None], ids[None, :], GlossTable(glosses, ids), near=0.98)
    assert out.tolist() == [[False, True, False], [True, False, False], [False, False, False]]


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=6),
    st.integers(0, 1000),
    st.sampled_from([None, 0.5, 0.9]),
)
def test_one_rule_says_which_glosses_are_the_same(
    texts: list[int], seed: int, near: float | None
) -> None:
    """Against the plain rule, pair by pair, in every shape that a loss queries for."""
    g = torch.Generator().manual_seed(seed)
    n = len(texts)
    table = GlossTable(torch.randn(n, 2, generator=g), torch.tensor(texts))
    rows = torch.randint(0, n, (5,), generator=g)
    candidates = torch.randint(-1, n, (5, 3), generator=g)

    def alike(a: int, b: int) -> bool:
        close = torch.cosine_similarity(table.vectors[a], table.vectors[b], dim=0).item()
        return a == b or texts[a] == texts[b] or (near is not None and close >= near)

    r = rows.tolist()
    plain = [[alike(a, b) for b in r] for a in r]
    assert same_gloss(rows[:, None], rows[None, :], table, near).tolist() == plain
    assert false_negatives(rows[:, None], rows[None, :], table, near).tolist() == [
        [a != b and alike(a, b) for b in r] for a in r
    ]
    assert false_negatives(rows[:, None], candidates, table, near).tolist() == [
        [c >= 0 and c != a and alike(c, a) for c in own]
        for a, own in zip(r, candidates.tolist(), strict=True)
    ]


def test_a_nearly_equal_candidate_is_no_competitor() -> None:
    """Vectors at cosine 0.995 and different texts: masked by ``near_equal``, not without it."""
    z = torch.tensor([E1])
    batch = JointBatch(torch.tensor([0]), torch.tensor([[0, 1, 2]]))
    vectors = torch.tensor([E1, [0.995, 0.1], E2])
    table = GlossTable(vectors, torch.arange(3))
    loss = {
        near: Objective(ObjectiveSettings(name="candidates", temperature=1.0, near_equal=near))(
            z, batch, table
        ).item()
        for near in (None, 0.98)
    }
    assert loss[0.98] == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)
    near_cosine = cosine(vectors[:1], vectors[1:2]).item()
    every = math.e + math.exp(near_cosine) + 1
    assert loss[None] == pytest.approx(math.log(every) - 1, abs=1e-6)


@pytest.mark.parametrize("name", ["default", "both_ways", "siblings", "candidates"])
def test_every_objective_beyond_the_paper_keeps_nearly_equal_glosses_apart(name: str) -> None:
    """Two items of nearly equal glosses: nothing pushes either from the other's gloss."""
    z = torch.tensor([[1.0, 0.2], [0.3, 1.0]], requires_grad=True)
    table = GlossTable(torch.tensor([E1, [0.999, 0.01]]), torch.arange(2))
    batch = JointBatch(torch.tensor([0, 1]), torch.tensor([[0, 1], [0, 1]]))
    loss = Objective(ObjectiveSettings(name=name, structure=0.0))(z, batch, table)
    assert loss.item() == pytest.approx(0.0, abs=1e-6)
    pushed = Objective(ObjectiveSettings(name=name, structure=0.0, near_equal=None))
    assert pushed(z, batch, table).item() > 0.1


def test_siblings_from_the_gloss_table_join_as_negatives() -> None:
    """One item, its sibling's gloss is not in the batch: only hard negatives see it."""
    z = torch.tensor([[1.0, 1.0]])
    table = GlossTable(torch.tensor([E1, E2]), torch.arange(2))
    batch = JointBatch(torch.tensor([0]), torch.tensor([[0, 1]]))
    settings = {"name": "contrast_only", "equal_glosses_apart": True}
    without = Objective(ObjectiveSettings(**settings))(z, batch, table)
    with_them = Objective(ObjectiveSettings(**settings, hard_negatives=True))(z, batch, table)
    assert without.item() == pytest.approx(0.0, abs=1e-6)
    assert with_them.item() == pytest.approx(math.log(2), abs=1e-5)


def test_both_ways_adds_the_transposed_loss() -> None:
    torch.manual_seed(2)
    z, table = torch.randn(3, 4), GlossTable(torch.randn(3, 4), torch.arange(3))
    batch = JointBatch(torch.tensor([0, 1, 2]), torch.full((3, 1), -1))
    both = Objective(ObjectiveSettings(name="both_ways", structure=0.0))(z, batch, table)
    s = cosine(z, table.vectors) / 0.3
    eye = torch.eye(3, dtype=torch.bool)
    assert both.item() == pytest.approx((info_nce(s, eye) + info_nce(s.T, eye)).item(), abs=1e-5)


def test_candidate_cross_entropy_by_hand() -> None:
    logits = torch.tensor([[2.0, 1.0, 9.0], [5.0, 0.0, 0.0]])
    allowed = torch.tensor([[True, True, False], [True, False, False]])
    loss = candidate_cross_entropy(logits, torch.tensor([1, 0]), allowed)
    assert loss.item() == pytest.approx(math.log(1 + math.e), abs=1e-6)


def test_the_candidates_compete_at_the_temperature() -> None:
    """Cosines 1 and 0, halved: log(1 + e^(0 - 2))."""
    settings = ObjectiveSettings(name="candidates", temperature=0.5)
    batch = JointBatch(torch.tensor([0]), torch.tensor([[0, 1]]))
    table = GlossTable(torch.eye(2), torch.tensor([0, 1]))
    loss = Objective(settings)(torch.tensor([[3.0, 0.0]]), batch, table).item()
    assert loss == pytest.approx(math.log(1 + math.exp(-2)), abs=1e-6)


def test_a_candidate_with_the_gold_gloss_is_no_competitor() -> None:
    z = torch.tensor([E1])
    batch = JointBatch(torch.tensor([0]), torch.tensor([[0, 1, 2]]))
    vectors = torch.tensor([E1, E1, E2])
    settings = ObjectiveSettings(name="candidates", temperature=1.0)
    loss = Objective(settings)(z, batch, GlossTable(vectors, torch.tensor([0, 0, 1])))
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)


def test_the_learned_temperature_learns_and_stays_bounded() -> None:
    objective = Objective(ObjectiveSettings(name="contrast_only", learned_temperature=True))
    z, table = torch.randn(3, 4), GlossTable(torch.randn(3, 4), torch.arange(3))
    batch = JointBatch(torch.arange(3), torch.full((3, 1), -1))
    objective(z, batch, table).backward()
    (parameter,) = objective.parameters()
    assert parameter.grad is not None
    assert parameter.grad.item() != 0.0
    with torch.no_grad():
        parameter.fill_(99.0)
    assert objective.scale.item() == pytest.approx(100.0)


def test_reference_of_a_pair_by_hand() -> None:
    """Two items of one synset with orthogonal vectors: the only other column is the positive."""
    z = torch.tensor([E1, E2])
    loss = reference_loss(z, torch.tensor([E1, E1]), torch.tensor([7, 7]), structure_weight=0.0)
    assert loss.item() == pytest.approx(0.0, abs=1e-6)


def test_an_unknown_objective_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown"):
        ObjectiveSettings(name="magic")


def test_a_temperature_below_what_the_loss_takes_is_refused():
    with pytest.raises(ValidationError, match="temperature"):
        ObjectiveSettings(name="paper", temperature=0.005)
    assert ObjectiveSettings(name="paper", temperature=0.01).temperature == 0.01


def test_every_loss_has_its_weight() -> None:
    """The whole is the weighted sum of its parts, each taken alone."""
    torch.manual_seed(4)
    z, table = torch.randn(4, 3), GlossTable(torch.randn(5, 3), torch.arange(5))
    batch = JointBatch(torch.tensor([0, 1, 2, 0]), torch.tensor([[0, 3], [1, 4], [2, -1], [0, 3]]))
    weights = {"contrast": 2.0, "reverse": 0.5, "structure": 3.0, "candidates": 0.25}

    def loss(**own: float) -> float:
        settings = ObjectiveSettings(**{**dict.fromkeys(weights, 0.0), **own})
        return Objective(settings)(z, batch, table).item()

    parts = sum(weight * loss(**{name: 1.0}) for name, weight in weights.items())
    assert loss(**weights) == pytest.approx(parts, rel=1e-5)


def test_a_positive_that_is_left_out_stands_in_neither_sum() -> None:
    s = torch.tensor([[1.0, 2.0, 0.0]])
    positives = torch.tensor([[True, True, False]])
    out = torch.tensor([[False, True, False]])
    loss = info_nce(s, positives, out)
    assert loss.item() == pytest.approx(math.log((math.e + 1) / math.e), abs=1e-6)


def test_glosses_at_the_very_border_are_the_same() -> None:
    table = GlossTable(torch.tensor([E1, E1, E2]), torch.arange(3))
    rows = torch.arange(3)
    found = same_gloss(rows[:1, None], rows[None, :], table, 1.0)
    assert found.tolist() == [[True, True, False]]


def test_where_nothing_competes_the_candidates_loss_is_zero_and_has_a_gradient() -> None:
    logits = torch.tensor([[2.0, 1.0], [5.0, 0.0]], requires_grad=True)
    allowed = torch.tensor([[True, False], [False, True]])
    loss = candidate_cross_entropy(logits, torch.tensor([0, 1]), allowed)
    assert loss.item() == 0.0
    loss.backward()
    assert logits.grad is not None
    assert logits.grad.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_the_first_gloss_of_the_table_is_a_hard_negative_too() -> None:
    z = torch.tensor([[1.0, 1.0]])
    table = GlossTable(torch.tensor([E1, E2]), torch.arange(2))
    batch = JointBatch(torch.tensor([1]), torch.tensor([[0, 1]]))
    settings = ObjectiveSettings(name="siblings", structure=0.0)
    assert Objective(settings)(z, batch, table).item() == pytest.approx(math.log(2), abs=1e-5)
