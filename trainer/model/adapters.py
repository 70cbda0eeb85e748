"""Low-rank changes of a backbone that stays as it is (LoRA, arXiv 2106.09685)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import dropout, linear

from schemas.errors import UsageError
from schemas.files import explained, replacing
from trainer.model.layers import backbone_layers

_SEPARATOR = "/"
"""In the place of the dots of a layer's name, which a parameter's name may not have."""


class Adapters(nn.Module):
    """W x + (alpha / rank) B A x for every linear layer W inside of a backbone's layers.

    ``down`` has the A (rank, in), small random numbers, ``up`` the B (out, rank), zero: fresh ones
    change nothing. Both by the name of the linear layer. The backbone does not know of them: they
    act within :func:`adapted` alone. In training ``dropout`` drops numbers of A, not of each
    input as the paper does, which alone would take a quarter of the time.
    """

    def __init__(self, backbone: nn.Module, rank: int, alpha: float, dropout: float = 0.0) -> None:
        super().__init__()
        self.rank, self.alpha, self.dropout = rank, alpha, dropout
        inside = {id(module) for module in backbone_layers(backbone).modules()}
        linears = {
            name.replace(".", _SEPARATOR): module
            for name, module in backbone.named_modules()
            if isinstance(module, nn.Linear) and id(module) in inside
        }
        if not linears:
            raise UsageError(
                f"a backbone of type {type(backbone).__name__} has no linear layers to tune: leave "
                "out tune in [train.ranker]"
            )
        self.down = nn.ParameterDict(
            {name: torch.empty(rank, own.in_features) for name, own in linears.items()}
        )
        self.up = nn.ParameterDict(
            {name: torch.zeros(own.out_features, rank) for name, own in linears.items()}
        )
        for down in self.down.values():
            nn.init.kaiming_uniform_(down, a=math.sqrt(5))

    def change(self, name: str, x: Tensor) -> Tensor:
        """What the layer's output (..., out) changes by for its input (..., in)."""
        key = name.replace(".", _SEPARATOR)
        down = dropout(self.down[key], self.dropout, self.training).to(x.dtype)
        up = (self.up[key] * (self.alpha / self.rank)).to(x.dtype)
        return linear(linear(x, down), up)

    def save(self, path: Path) -> None:
        """Writes them whole or not at all."""
        known = {"rank": str(self.rank), "alpha": str(self.alpha)}
        own = {name: value.detach().cpu().contiguous() for name, value in self.state_dict().items()}
        with replacing(path) as temporary:
            save_file(own, temporary, metadata=known)

    @classmethod
    def load(cls, path: Path, backbone: nn.Module) -> Adapters:
        """The adapters of a file; ValueError or RuntimeError where they do not fit the backbone."""
        with explained(path), safe_open(path, framework="pt") as file:
            known: dict[str, str] = file.metadata() or {}
            own = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        found = cls(backbone, int(known["rank"]), float(known["alpha"]))
        found.load_state_dict(own)
        for name, value in own.items():
            if not bool(torch.isfinite(value).all()):
                raise ValueError(f"the weights {name} of {path.name} are not all numbers")
        return found.train(False)


@contextmanager
def adapted(backbone: nn.Module, adapters: Adapters | None) -> Iterator[None]:
    """Within, the backbone computes with the adapters; with None as it is."""
    if adapters is None:
        yield
        return

    def adding(name: str) -> Any:
        return lambda _, given, output: output + adapters.change(name, given[0])

    modules = dict(backbone.named_modules())
    names = [key.replace(_SEPARATOR, ".") for key in adapters.down]
    handles = [modules[name].register_forward_hook(adding(name)) for name in names]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
