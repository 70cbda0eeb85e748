"""The student: a small encoder whose vectors name the usages of words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from languages.language import Language
from schemas.errors import InputError
from schemas.files import explained, read_json, replacing_folder, write_text
from trainer.model.build import words_for
from trainer.senses.folder import DISTIL
from trainer.senses.rows import WordRow, word_batch, word_means
from trainer.senses.settings import Similarity, StudentSettings
from trainer.storage.manifest import check_files, write_manifest
from trainer.storage.pretrained import opening_pretrained
from trainer.text.inputs import InputMaker
from trainer.text.pieces import Pieces

_WEIGHTS, _DESCRIPTION = "student.safetensors", "student.json"
_BATCH = 64


class StudentDescription(BaseModel):
    """``student.json``: which dictionary a student was taught, and how it chooses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    identity: str
    dictionary: str
    language: str
    segmenter: Literal["language", "units"]
    max_length: int
    width: int
    similarity: Similarity
    temperature: float


class UsageStudent(nn.Module):
    """h = W mean(states over a word's pieces) + b."""

    def __init__(self, config: BertConfig, width: int) -> None:
        super().__init__()
        self.backbone = BertModel(config, add_pooling_layer=False)
        self.output = nn.Linear(int(config.hidden_size), width)

    @classmethod
    def fresh(cls, settings: StudentSettings, n_pieces: int, width: int) -> Self:
        """New weights out of the settings' seed."""
        small = settings.small
        torch.manual_seed(settings.seed)
        config = BertConfig(
            vocab_size=n_pieces,
            hidden_size=small.width,
            num_hidden_layers=small.layers,
            num_attention_heads=small.heads,
            intermediate_size=4 * small.width,
            max_position_embeddings=settings.max_length + 2,
            hidden_dropout_prob=0.1,
            attention_probs_dropout_prob=0.1,
        )
        return cls(config, width)

    def forward(self, inputs: InputMaker, rows: Sequence[WordRow]) -> Tensor:
        """(n, width) vectors of the words that have a place, row by row."""
        batch = word_batch(inputs, rows).to(self.output.weight.device)
        output = self.backbone(input_ids=batch.input_ids, attention_mask=batch.attention_mask)
        vectors: Tensor = self.output(word_means(output.last_hidden_state, rows))
        return vectors


@torch.inference_mode()
def student_vectors(
    student: UsageStudent, inputs: InputMaker, rows: Sequence[WordRow], batch_size: int = _BATCH
) -> NDArray[np.float32]:
    """(n, width) vectors of all wanted words, row by row; NaN for one past the window."""
    training = student.training
    student.train(False)
    firsts = np.cumsum([0, *(len(row.places) for row in rows)])
    width = student.output.out_features
    found = np.full((int(firsts[-1]), width), np.nan, dtype=np.float32)
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].ids))
    for start in range(0, len(order), batch_size):
        own = order[start : start + batch_size]
        means = student(inputs, [rows[at] for at in own]).float().cpu().numpy()
        inside = [firsts[at] + k for at in own for k, place in enumerate(rows[at].places) if place]
        found[inside] = means
    student.train(training)
    return found


def student_inputs(tokenizer: Any, own: StudentDescription, language: Language) -> InputMaker:
    """What makes a student's rows: its own pieces, no echo."""
    return InputMaker(Pieces(tokenizer), words_for(own.segmenter, language), own.max_length)


def save_student(
    folder: Path, student: UsageStudent, tokenizer: Any, description: StudentDescription
) -> None:
    """Writes the student whole or not at all."""
    from safetensors.torch import save_file

    with replacing_folder(folder) as temporary, explained(folder):
        tensors = {name: value.contiguous() for name, value in student.state_dict().items()}
        save_file(tensors, temporary / _WEIGHTS)
        student.backbone.config.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        write_text(temporary / _DESCRIPTION, description.model_dump_json(indent=2))
        write_manifest(temporary, description.identity)


def open_student(folder: Path) -> tuple[UsageStudent, Any, StudentDescription]:
    """The student, its tokenizer and its description; InputError for a folder that is damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from transformers import AutoTokenizer

    check_files(folder, DISTIL)
    path, advice = folder / _DESCRIPTION, f"run `{DISTIL}` again"
    own = read_json(path, StudentDescription, "a student's description", advice, InputError)
    with opening_pretrained(str(folder)):
        config = BertConfig.from_pretrained(folder)
        tokenizer = AutoTokenizer.from_pretrained(folder)
    try:
        with explained(folder):
            student = UsageStudent(config, own.width)
            student.load_state_dict(load_file(folder / _WEIGHTS))
    except (SafetensorError, RuntimeError, ValueError, TypeError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"{folder}: not a student ({first}): {advice}") from error
    student.train(False)
    return student, tokenizer, own
