"""The precision that a device computes in."""

from __future__ import annotations

import torch

from schemas.errors import UsageError
from trainer.settings import TrainSettings


def precision_of(settings: TrainSettings, device: torch.device) -> torch.dtype:
    """The dtype that the encoder computes in: fp32 on a CPU, half precision on a GPU."""
    if device.type != "cuda":
        if settings.precision in ("bf16", "fp16"):
            raise UsageError(f"precision {settings.precision!r} needs a GPU: use auto or fp32")
        return torch.float32
    if settings.precision == "auto":
        return (
            torch.bfloat16
            if torch.cuda.is_bf16_supported(including_emulation=False)
            else torch.float16
        )
    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[
        settings.precision
    ]
