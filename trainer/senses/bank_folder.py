"""What lies in a run's folder of a bank and of its student, and the fast ranker out of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from schemas.errors import InputError, UsageError
from schemas.files import explained, read_json
from trainer.model import ViConBERT
from trainer.ranking.fusion import Fusion
from trainer.ranking.lexical import UsageModel
from trainer.ranking.ranker import Ranker
from trainer.senses.bank_student import first_layers, tune
from trainer.storage.arrays import mapped_array
from trainer.storage.checkpoint import learned_state, load_learned_state
from trainer.storage.manifest import check_files

BUILD_BANK, DISTIL_BANK = "viconwsd bank build", "viconwsd bank distil"
BANK_DESCRIPTION, STUDENT_DESCRIPTION = "bank.json", "bank_student.json"
VECTORS, _WEIGHTS = "bank_vectors.npy", "bank_student.safetensors"


class BankDescription(BaseModel):
    """``bank.json``: which model's bank it is, and what it was made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    identity: str
    model: str
    n_sentences: int
    n_moved: int
    """Senses that have a sentence's worth of usage at least."""
    temperature: float
    fusion: dict[str, float]


class BankStudentDescription(BaseModel):
    """``bank_student.json``: whose student it is, and how it ranks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    identity: str
    model: str
    bank: str
    layers: int
    tuned: bool
    n_sentences: int
    n_labelled: int
    fusion: dict[str, float]


_Description = TypeVar("_Description", BankDescription, BankStudentDescription)


def bank_folder(run: Path) -> Path:
    """Where ``viconwsd bank build`` leaves the bank."""
    return run / "bank"


def student_folder(run: Path) -> Path:
    """Where ``viconwsd bank distil`` leaves the student."""
    return run / "bank-student"


def work_folder(run: Path, identity: str) -> Path:
    """What a reading of that identity keeps; may be deleted when the student is there."""
    return run / "bank-work" / identity[:16]


def opened_bank(run: Path, model: str) -> BankDescription:
    """The bank's description; UsageError for that of another model than ``model``."""
    return _opened(bank_folder(run), BANK_DESCRIPTION, BankDescription, model, BUILD_BANK)


def fast_ranker(ranker: Ranker, model: str, run: Path) -> Ranker:
    """The ranker with the bank's vectors, read by its student where the run has one.

    It reads no gloss together with a sentence. Raises UsageError for the bank, or the student, of
    another model than that of the identity ``model``, or the student of another bank.
    """
    own = opened_bank(run, model)
    student = student_folder(run)
    if not student.is_dir():
        vectors = mapped_array(bank_folder(run) / VECTORS)
        return replace(ranker, gloss_vectors=vectors, fusion=Fusion(**own.fusion))
    about = _opened(student, STUDENT_DESCRIPTION, BankStudentDescription, model, DISTIL_BANK)
    if about.bank != own.identity:
        raise UsageError(f"{student}: the student of another bank: run `{DISTIL_BANK}` again")
    return replace(
        ranker,
        model=_student_model(ranker.model, student, about),
        gloss_vectors=mapped_array(student / VECTORS),
        usage=UsageModel.load(student, ranker.inventory.language),
        fusion=Fusion(**about.fusion),
    )


def save_student_model(folder: Path, model: ViConBERT) -> None:
    """Writes what the student has beside the model's own frozen weights."""
    tensors = {name: value.contiguous() for name, value in learned_state(model).items()}
    save_file(tensors, folder / _WEIGHTS)


def without_reading(fusion: Fusion) -> Fusion:
    """The weights of a ranker that reads no glosses with sentences."""
    return replace(fusion, cross_encoder=0.0, distilled=0.0, cosine=fusion.cosine or 1.0)


def _student_model(model: ViConBERT, folder: Path, about: BankStudentDescription) -> ViConBERT:
    student = first_layers(model, about.layers, seed=0)
    if about.tuned:
        tune(student)
    else:
        student.backbone.requires_grad_(False)
    try:
        with explained(folder):
            load_learned_state(student, load_file(folder / _WEIGHTS))
    except (SafetensorError, RuntimeError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"{folder}: not a student ({first}): run `{DISTIL_BANK}` again") from error
    student.train(False)
    return student


def _opened(
    folder: Path, name: str, kind: type[_Description], model: str, command: str
) -> _Description:
    check_files(folder, command)
    advice = f"run `{command}` again"
    own = read_json(folder / name, kind, "a bank's description", advice, InputError)
    if own.model != model:
        raise UsageError(f"{folder}: of another model: {advice}")
    return own
