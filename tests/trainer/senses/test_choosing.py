"""The student's loss against numbers by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from trainer.senses.choosing import UsageLoss, labels_of, usage_logits

PAD = torch.tensor([[True, True, False, False]])


def usages_with_scores(*scores: float) -> Tensor:
    """(1, 4, 1) usages whose dot products with the vector 1 are the scores, zero on padding."""
    padded = [*scores, *[0.0] * (4 - len(scores))]
    return torch.tensor([[[score] for score in padded]])


def test_padding_is_never_the_label() -> None:
    """The paper's code gives padding the score 0, and chooses it (label 2) before -1."""
    usages = usages_with_scores(-3.0, -1.0)
    logits = usage_logits(torch.ones(1, 1), usages, PAD, "dot", 1.0)
    assert logits.tolist() == [[-3.0, -1.0, -math.inf, -math.inf]]
    assert labels_of(torch.ones(1, 1), usages, PAD, "dot").tolist() == [1]


@pytest.mark.parametrize("soft", [0.0, 1.0])
def test_padding_gets_no_gradient_and_the_loss_is_finite(soft: float) -> None:
    usages = usages_with_scores(-3.0, -1.0).requires_grad_()
    student = torch.ones(1, 1, requires_grad=True)
    loss = UsageLoss("dot", soft=soft)(student, torch.full((1, 1), 2.0), usages, PAD)
    loss.backward()
    assert math.isfinite(loss.item())
    assert usages.grad is not None
    assert usages.grad[0, 2:].tolist() == [[0.0], [0.0]]
    assert bool(torch.isfinite(usages.grad).all())
    assert student.grad is not None
    assert bool(torch.isfinite(student.grad).all())


@pytest.mark.parametrize("similarity", ["dot", "nearest"])
def test_the_loss_of_a_student_that_is_wrong_by_one(similarity: str) -> None:
    """dot: scores 1 and 0, label 1; nearest: squared distances 0 and 2. Both ln(1 + e)."""
    usages, known = torch.eye(2)[None], torch.tensor([[True, True]])
    student, teacher = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.2, 0.9]])
    loss = UsageLoss(similarity)(student, teacher, usages, known)  # type: ignore[arg-type]
    assert loss.item() == pytest.approx(math.log(1 + math.e), abs=1e-6)
    assert round(loss.item(), 4) == 1.3133


def test_a_word_of_one_usage_adds_nothing() -> None:
    usages = torch.eye(2)[None].repeat(2, 1, 1)
    known = torch.tensor([[True, True], [True, False]])
    student, teacher = torch.tensor([[1.0, 0.0], [5.0, 5.0]]), torch.tensor([[0.2, 0.9]] * 2)
    both = UsageLoss()(student, teacher, usages, known)
    assert both.item() == pytest.approx(math.log(1 + math.e), abs=1e-6)
    alone = UsageLoss()(student[1:], teacher[1:], usages[1:], known[1:])
    assert alone.item() == 0.0


def test_terms_are_weighed_and_the_divergence_is_that_of_the_shares() -> None:
    usages, known = torch.eye(2)[None], torch.tensor([[True, True]])
    student, teacher = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    p = math.e / (1 + math.e)
    divergence = p * math.log(p / (1 - p)) + (1 - p) * math.log((1 - p) / p)
    parts = {
        "choice": math.log(1 + math.e),
        "soft": divergence,
        "regression": 1.0,
    }
    for name, value in parts.items():
        weights = {"choice": 0.0, name: 2.0}
        loss = UsageLoss("dot", **weights)(student, teacher, usages, known)  # type: ignore[arg-type]
        assert loss.item() == pytest.approx(2 * value, abs=1e-6), name


def test_regression_alone_is_for_all_words() -> None:
    usages, known = torch.eye(2)[None], torch.tensor([[True, False]])
    loss = UsageLoss(choice=0.0, regression=1.0)
    assert loss(torch.zeros(1, 2), torch.tensor([[1.0, 3.0]]), usages, known).item() == 5.0


def test_the_temperature_divides_the_distances() -> None:
    vectors, usages = torch.tensor([[3.0]]), torch.tensor([[[1.0], [3.0]]])
    known = torch.tensor([[True, True]])
    assert usage_logits(vectors, usages, known, "nearest", 2.0).tolist() == [[-1.0, 0.0]]
