"""Vietnamese words by underthesea, which leaves its word list beside its code."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from languages.segmentation import Segmentation

# underthesea imports these if it can, and with them torch and transformers where they are
# installed: 240 MB and seconds in each process, for nothing that is used here.
_UNUSED_PARTS = (
    "underthesea.address",
    "underthesea.agent",
    "underthesea.pipeline.classification",
    "underthesea.pipeline.dependency_parse",
    "underthesea.pipeline.lang_detect",
    "underthesea.pipeline.sentiment",
    "underthesea.pipeline.translate",
)


def segment(text: str) -> list[str]:
    """The words of a text by underthesea's conditional random field, spelled as in the text."""
    return list(_word_tokenize()(text, use_token_normalize=False))


def word_list() -> list[str]:
    """The word list that comes with underthesea (74,000 words), read without importing it."""
    spec = importlib.util.find_spec("underthesea")
    if spec is None or spec.origin is None:
        return []
    path = Path(spec.origin).parent / "corpus" / "data" / "Viet74K.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


@lru_cache(maxsize=1)
def _word_tokenize() -> Callable[..., list[str]]:
    with _absent(_UNUSED_PARTS):
        from underthesea import word_tokenize

    tokenize: Callable[..., list[str]] = word_tokenize
    return tokenize


@contextmanager
def _absent(modules: Sequence[str]) -> Iterator[None]:
    """Makes the import of modules that are not loaded yet fail while the body runs."""
    hidden = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


SEGMENTATION = Segmentation(
    segment=segment, unit="syllable", word_list=word_list, software=("underthesea",)
)
