"""AdamW with two learning rates, and a schedule that is really used."""

from __future__ import annotations

import math
from collections.abc import Callable

from torch import nn
from torch.optim import AdamW, Optimizer

from trainer.settings import TrainSettings


def make_optimiser(model: nn.Module, extra: nn.Module, settings: TrainSettings) -> AdamW:
    """Backbone and head in groups of their own, biases, norms and temperatures undecayed.

    ``model`` names its backbone ``backbone``; ``extra`` are the loss's parameters.
    """
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in [*model.named_parameters(), *extra.named_parameters()]:
        if parameter.requires_grad:
            key = (name.startswith("backbone."), parameter.ndim > 1)
            groups.setdefault(key, []).append(parameter)
    rates = {True: settings.encoder_learning_rate, False: settings.head_learning_rate}
    return AdamW(
        [
            {
                "params": parameters,
                "lr": rates[in_backbone],
                "weight_decay": settings.weight_decay if decays else 0.0,
            }
            for (in_backbone, decays), parameters in sorted(groups.items(), key=lambda g: g[0])
        ],
        eps=settings.adam_epsilon,
        betas=(0.9, 0.999),
    )


def rate_factor(settings: TrainSettings, n_steps: int) -> Callable[[int], float]:
    """The learning rate's factor at each step: linear warm-up from 0, then the decay."""
    warm = round(settings.warm_up * n_steps)

    def factor(step: int) -> float:
        if step < warm:
            return (step + 1) / (warm + 1)
        if settings.decay == "constant":
            return 1.0
        done = (step - warm) / max(1, n_steps - warm)
        if settings.decay == "linear":
            return max(0.0, 1.0 - done)
        return 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))

    return factor


class Schedule:
    """Each group's learning rate is its own times a factor of the number of steps done.

    A step that the gradient scaler skips is done as well: where a resumed training stands is
    then a function of its step alone.
    """

    def __init__(self, optimiser: Optimizer, factor: Callable[[int], float]) -> None:
        self._optimiser = optimiser
        self._factor = factor
        self._base = [float(group["lr"]) for group in optimiser.param_groups]
        self.go_to(0)

    def go_to(self, step: int) -> None:
        """Sets the rates of the step that follows ``step`` others."""
        self.step = step
        self.rates = [base * self._factor(step) for base in self._base]
        for group, rate in zip(self._optimiser.param_groups, self.rates, strict=True):
            group["lr"] = rate
