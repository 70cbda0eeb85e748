"""Named settings: ViConBERT's five backbones and the objectives that are compared."""

from __future__ import annotations

from typing import Any


def _row(
    name: str, batch: int, encoder: float, head: float, heads: int, blocks: int, joined: bool
) -> dict[str, Any]:
    return {
        "backbone": name,
        "batch_size": batch,
        "chunk_size": 64,
        "encoder_learning_rate": encoder,
        "head_learning_rate": head,
        "heads": heads,
        "blocks": blocks,
        "joined_words": joined,
        "gloss_encoder": "dangvantuan/vietnamese-embedding",
        "gloss_width": 768,
        "epochs": 100,
        "patience": 5,
    }


# arXiv 2511.12249 and its code; PhoBERT was pretrained on words joined by "_".
BACKBONES: dict[str, dict[str, Any]] = {
    "phobert-base": _row("vinai/phobert-base", 768, 3e-5, 2e-4, 3, 1, True),
    "phobert-large": _row("vinai/phobert-large", 416, 2e-5, 1e-4, 4, 2, True),
    "xlm-roberta-base": _row("FacebookAI/xlm-roberta-base", 768, 3e-5, 2e-4, 3, 1, False),
    "xlm-roberta-large": _row("FacebookAI/xlm-roberta-large", 320, 2e-5, 1e-4, 4, 2, False),
    "videberta-base": _row("Fsoft-AIC/videberta-base", 448, 3e-5, 2e-4, 3, 1, False),
}

# What is learned from nothing needs larger steps than what is pretrained.
FROM_SCRATCH: dict[str, Any] = {
    "encoder_learning_rate": 1e-3,
    "head_learning_rate": 1e-3,
    "head_width": 256,
    "batch_size": 64,
    "epochs": 10,
    "threads": 1,  # its matrices are too small to share
    "dropout": 0.1,
    "max_length": 128,
}

OBJECTIVES: dict[str, dict[str, Any]] = {
    "paper": {"contrast": 1.0, "structure": 1.0, "temperature": 0.3, "equal_glosses_apart": False},
    "contrast_only": {"contrast": 1.0, "temperature": 0.3, "equal_glosses_apart": False},
    "structure_only": {"structure": 1.0},
    "reference": {
        "reference": True,
        "structure": 1.0,
        "temperature": 0.2,
        "equal_glosses_apart": False,
    },
    "both_ways": {"contrast": 1.0, "reverse": 1.0, "structure": 1.0},
    "candidates": {"candidates": 1.0, "temperature": 0.1},
    "siblings": {"contrast": 1.0, "structure": 1.0, "hard_negatives": True},
    "default": {
        "contrast": 1.0,
        "reverse": 0.5,
        "structure": 0.5,
        "candidates": 1.0,
        "temperature": 0.1,
        "learned_temperature": True,
    },
}
