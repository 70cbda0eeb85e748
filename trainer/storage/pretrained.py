"""Pretrained models that cannot be opened: one line instead of the libraries' tracebacks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from schemas.errors import InputError
from schemas.files import storage_error


@contextmanager
def opening_pretrained(name: str) -> Iterator[None]:
    """Turns whatever transformers raises while it opens ``name`` into an InputError."""
    from huggingface_hub.errors import StrictDataclassError
    from safetensors import SafetensorError

    told = (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError)
    try:
        yield
    except (*told, SafetensorError, StrictDataclassError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise storage_error(name, error) from error
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(
            f"{name!r} cannot be opened as a pretrained model: give its folder, or its name on the "
            f"Hugging Face Hub and a connection ({first})"
        ) from error


def weights_digest(module: nn.Module) -> str:
    """BLAKE2b of the names and bits of all weights and buffers, wherever they lie."""
    digest = hashlib.blake2b(digest_size=16)
    for name, value in module.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()
