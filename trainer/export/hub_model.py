"""A trained encoder with the senses it knows: what an exported folder's code is made from.

:mod:`trainer.export.one_file` puts this module and what it uses into the folder's one modelling
file; so it uses nothing that reads releases or run folders, and no package beside those that
transformers and torch bring.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from transformers import AutoTokenizer
from transformers.utils.hub import cached_file

from languages.segmentation import Segmenter
from trainer.model.config import ViConBERTConfig
from trainer.model.encoding import sense_vectors
from trainer.model.vicon import ViConBERT
from trainer.ranking.prediction import unit_rows
from trainer.text.inputs import InputMaker, MarkedSentence
from trainer.text.pieces import Pieces

SENSES = "senses.jsonl"
VECTORS = "sense_vectors.safetensors"
_WHERE = ("cache_dir", "force_download", "local_files_only", "revision", "subfolder", "token")


class SenseEncoderConfig(ViConBERTConfig):
    """The configuration of an exported encoder; ``licence`` is that of weights and inventory."""

    model_type = "viconbert_senses"
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class CandidateSense:
    """A sense of the target's lemma; ``score`` is the cosine of both vectors, higher is better."""

    sense_id: str
    synset_id: str
    lemma: str
    pos: str
    gloss: str
    score: float


@dataclass(frozen=True, slots=True)
class WordRules:
    """What is a word in a text, and when two words are one; of the language of the encoder."""

    segment: Segmenter
    match_key: Callable[[str], str]


class SenseEncoder(ViConBERT):
    """Vectors of marked words, and the nearest among their senses.

    A target is a sentence with its span: ``sentence[start:end]`` is the word.
    """

    config_class = SenseEncoderConfig
    rules: ClassVar[WordRules]
    inputs: InputMaker
    senses: dict[str, list[dict[str, Any]]]
    """By the rules' key of the lemma; ``vector`` is a sense's row of ``sense_vectors``."""
    sense_vectors: NDArray[np.float32]
    """(rows, gloss_width), each of length 1."""

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: Any, *args: Any, **kwargs: Any) -> Any:
        """The model with its tokenizer and senses; float32 unless ``dtype`` is given."""
        if "torch_dtype" not in kwargs:
            kwargs.setdefault("dtype", torch.float32)
        opened = super().from_pretrained(pretrained_model_name_or_path, *args, **kwargs)
        model = opened[0] if isinstance(opened, tuple) else opened
        where = {key: kwargs[key] for key in _WHERE if kwargs.get(key) is not None}
        model._open_beside(str(pretrained_model_name_or_path), where)
        return opened

    def _open_beside(self, name: str, where: dict[str, Any]) -> None:
        """Reads the tokenizer and the senses from where the weights lie."""
        tokenizer = AutoTokenizer.from_pretrained(name, config=self.config, **where)
        pieces, config = Pieces(tokenizer, self.config.joined_words), self.config
        self.inputs = InputMaker(pieces, self.rules.segment, config.max_length, config.echo)
        self.senses = {}
        rows = Path(str(cached_file(name, SENSES, **where))).read_text(encoding="utf-8")
        for sense in map(json.loads, rows.splitlines()):
            self.senses.setdefault(sense["key"], []).append(sense)
        vectors = load_file(str(cached_file(name, VECTORS, **where)))
        self.sense_vectors = unit_rows(vectors["vectors"])
        last = max((s["vector"] for own in self.senses.values() for s in own), default=-1)
        if last >= len(self.sense_vectors) or not np.isfinite(self.sense_vectors).all():
            raise ValueError(f"{name}: {SENSES} and {VECTORS} do not go together: copy it again")

    def encode(
        self, targets: Sequence[tuple[str, int, int]], batch_size: int = 128
    ) -> NDArray[np.float32]:
        """(n, gloss_width) vectors of ``(sentence, start, end)``, in their order."""
        marked = [_marked(*target, f"target {at}") for at, target in enumerate(targets)]
        return sense_vectors(self, self.inputs, marked, batch_size)

    def arrays(self, targets: Sequence[tuple[str, int, int]]) -> dict[str, NDArray[Any]]:
        """What the ONNX graph wants to be given for the targets: three arrays, (n, length)."""
        marked = [_marked(*target, f"target {at}") for at, target in enumerate(targets)]
        batch = self.inputs.batch([self.inputs.tokenize(sentence) for sentence in marked])
        return {
            "input_ids": batch.input_ids.numpy(),
            "attention_mask": batch.attention_mask.numpy(),
            "target_mask": batch.target_mask.numpy(),
        }

    def disambiguate(
        self, sentence: str, start: int, end: int, lemma: str | None = None
    ) -> list[CandidateSense]:
        """The senses of the word at ``sentence[start:end]``, best first; none where it is unknown.

        ``lemma`` is its dictionary form, where that is another.
        """
        known = self.senses.get(self.rules.match_key(lemma or sentence[start:end]), [])
        vector = unit_rows(self.encode([(sentence, start, end)]))[0]
        scores = self.sense_vectors[[sense["vector"] for sense in known]] @ vector
        names = ("sense_id", "synset_id", "lemma", "pos", "gloss")
        return [
            CandidateSense(**{name: known[at][name] for name in names}, score=float(scores[at]))
            for at in np.argsort(-scores, kind="stable")
        ]


def _marked(sentence: str, start: int, end: int, row: str) -> MarkedSentence:
    """The target as its parts are in NFC, the form of all texts that the encoder has learned."""
    if not 0 <= start <= end <= len(sentence):
        return MarkedSentence(sentence, start, end, row)
    parts = (sentence[:start], sentence[start:end], sentence[end:])
    left, word, right = (unicodedata.normalize("NFC", part) for part in parts)
    return MarkedSentence(f"{left}{word}{right}", len(left), len(left) + len(word), row)
