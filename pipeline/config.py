"""run.toml: one file, one frozen model, every fault in one line that says where."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    create_model,
    field_validator,
)
from pydantic_core import ErrorDetails

from audits.settings import AuditSettings
from languages.find import find_language
from languages.language import Language
from pipeline.catalogue import STAGES
from pipeline.checks.reference import ReferenceSettings
from pipeline.engine.settings import EngineSettings
from pipeline.llm.settings import EndpointSettings
from pipeline.publish.settings import PublishSettings
from pipeline.replay.settings import ReplaySettings
from pipeline.sources.settings import SourceSettings
from schemas.errors import UsageError
from schemas.files import storage_error
from schemas.secrets import masked
from trainer.senses.settings import SensesSettings
from trainer.settings import DistilSettings, EvaluateSettings, TrainSettings


class RunSettings(BaseModel):
    """What holds for the whole run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str = "vi"
    """Of the lemmas, glosses and contexts: the code of a language with a folder."""

    @field_validator("language")
    @classmethod
    def _has_a_folder(cls, value: str) -> str:
        try:
            return find_language(value).code
        except UsageError as error:
            raise ValueError(str(error)) from error


class BudgetSettings(BaseModel):
    """How much a run may spend."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cap: Annotated[Decimal, Field(ge=0)] | None = None
    """In the currency of the model's price; None: no limit."""


class RunConfig(BaseModel):
    """The whole of run.toml; the stages' sections are added below, a field per stage."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: RunSettings = RunSettings()
    source: SourceSettings
    llm: EndpointSettings
    replay: ReplaySettings | None = None
    budget: BudgetSettings = BudgetSettings()
    engine: EngineSettings = EngineSettings()
    checks: ReferenceSettings = ReferenceSettings()
    audit: AuditSettings = AuditSettings()
    train: TrainSettings = TrainSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    distil: DistilSettings = DistilSettings()
    senses: SensesSettings = SensesSettings()
    publish: PublishSettings = PublishSettings()

    _path: Path = PrivateAttr(default=Path("run.toml"))

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return self._path

    @property
    def language(self) -> Language:
        """The language of the data."""
        return find_language(self.run.language)

    @property
    def sections(self) -> tuple[BaseModel, ...]:
        """The sections of the stages, in their order."""
        return tuple(getattr(self, definition.name) for definition in STAGES)

    @property
    def folder(self) -> Path:
        """The run folder: where run.toml lies, and everything the run makes."""
        return self._path.parent

    @property
    def release_folder(self) -> Path:
        """Where the finished data set lies."""
        return self.folder / "release"

    def resolve(self, path: Path | str) -> Path:
        """A path of the file: absolute, or relative to the folder the file lies in."""
        return self.folder / Path(path).expanduser()


_RunFile: type[RunConfig] = create_model(
    "RunConfig",
    __base__=RunConfig,
    **{stage.name: (stage.section, Field(default_factory=stage.section)) for stage in STAGES},
)  # type: ignore[call-overload]


def load_config(path: Path | str) -> RunConfig:
    """The configuration in a TOML file; UsageError names file, key and remedy of each fault."""
    path = Path(path)
    try:
        if path.is_dir():
            path = path / "run.toml"
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"{path}: no such file; `viconwsd init {path.parent}` writes one"
        ) from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except OSError as error:
        raise UsageError(str(storage_error(path, error))) from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from error
    if large := list(_too_large(data)):
        raise UsageError("\n".join(f"{path}: {line}" for line in large))
    try:
        config = _RunFile.model_validate(data)
    except ValidationError as error:
        lines = [f"{path}: {line}" for line in _faults(error)]
        raise UsageError("\n".join(lines)) from error
    config._path = path
    return config


_SHOWN = 80
RENAMED = {
    "min_syllables": "min_length",
    "max_syllables": "max_length",
    "min_vietnamese": "min_well_formed",
    "min_accented": "min_telling",
    "underthesea_words": "word_list",
}
"""Keys of earlier versions, and what they are called now."""


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        where = _where(fault)
        if fault["type"] == "extra_forbidden":
            yield f"unknown key {where}{_suggestion(fault)}"
        elif fault["type"] == "missing":
            yield f"{where} is missing"
        else:
            message = fault["msg"].removeprefix("Value error, ")
            told = f"{message[:1].lower()}{message[1:]}{_given(fault)}"
            yield f"{where}: {masked(told)}"


def _given(fault: ErrorDetails) -> str:
    """The value at fault, unless it could be a secret: no text of an endpoint, address or table."""
    value = fault["input"]
    secret = isinstance(value, str) and ({"llm", "members"} & set(fault["loc"]) or "://" in value)
    if secret or not isinstance(value, str | int | float | bool):
        return ""
    shown = repr(value)
    return f" (it is {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '…'})"


def _too_large(value: object, where: tuple[str, ...] = ()) -> Iterator[str]:
    """The keys of whole numbers that no file of a run can hold."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _too_large(inner, (*where, key))
    elif isinstance(value, list):
        for inner in value:
            yield from _too_large(inner, where)
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        yield f"{'.'.join(where)}: a whole number has at most 64 bits"


def _where(fault: ErrorDetails) -> str:
    *sections, key = [str(part) for part in fault["loc"]] or ["run.toml"]
    return f"[{'.'.join(sections)}] {key}" if sections else f"[{key}]"


def _suggestion(fault: ErrorDetails) -> str:
    known = _keys_at(fault["loc"][:-1])
    key = str(fault["loc"][-1])
    near = difflib.get_close_matches(RENAMED.get(key, key), known, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known here: {', '.join(known)}"


def _keys_at(sections: tuple[int | str, ...]) -> list[str]:
    model: Any = _RunFile
    for section in sections:
        field = model.model_fields.get(str(section))
        options = getattr(field.annotation, "__args__", (field.annotation,)) if field else ()
        model = next((o for o in options if isinstance(o, type) and issubclass(o, BaseModel)), None)
        if model is None:
            return []
    return sorted(model.model_fields)
