"""Packages that come with an extra of viconwsd only, and what to do where one is missing."""

from __future__ import annotations

EXTRA_OF = {
    "xlsxwriter": "audit",
    "python_calamine": "audit",
    "huggingface_hub": "publish",
    "safetensors": "train",
    "tokenizers": "train",
    "onnx": "onnx",
    "onnxruntime": "onnx",
    "starlette": "view",
    "torch": "train",
    "transformers": "train",
    "wn": "wordnet",
    "tensorboard": "tensorboard",
    "umap": "umap",
    "uvicorn": "view",
    "sentence_transformers": "sentence",
}
"""By the name that is imported; base dependencies are not here."""


def advice(module: str) -> str | None:
    """What to install where ``module`` cannot be imported; None if no extra brings it."""
    package = module.partition(".")[0]
    extra = EXTRA_OF.get(package)
    if extra is None:
        return None
    return (
        f"this needs the package {package}, which is not installed: pip install 'viconwsd[{extra}]'"
    )
