"""Which of a backbone's layers learn."""

from __future__ import annotations

from torch import nn

from schemas.errors import UsageError


def train_upper_layers(backbone: nn.Module, n_layers: int, layer: int) -> None:
    """Freezes all of the backbone but the ``n_layers`` that end in the hidden states ``layer``.

    Embeddings and norms outside the layers are frozen too. Nothing is computed for layers under
    the lowest that learns, nor kept for them, when gradients are taken. Raises UsageError where
    there are fewer layers than that.
    """
    layers = backbone_layers(backbone)
    top = len(layers) if layer == -1 else layer
    if n_layers > top:
        raise UsageError(
            f"trained_layers is {n_layers}, but only {top} layers of the backbone lie under the "
            "states that are used: lower it, or leave it out to train the whole backbone"
        )
    backbone.requires_grad_(False)
    layers[top - n_layers : top].requires_grad_(True)


def backbone_layers(backbone: nn.Module) -> nn.ModuleList:
    """The backbone's layers, the lowest first: its longest list of modules, whatever its name."""
    lists = [module for module in backbone.modules() if isinstance(module, nn.ModuleList)]
    if not lists:
        kind = type(backbone).__name__
        raise UsageError(
            f"no layers were found in a backbone of type {kind}: leave out trained_layers, and "
            "tune in [train.ranker]"
        )
    return max(lists, key=len)
