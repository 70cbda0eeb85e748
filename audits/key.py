"""The key of an audit: what was drawn, with which probability, and what each sheet row shows.

An audit lives in one folder::

    key.json              the design: seed, strata, population and sample sizes
    items.parquet         the sampled contexts, with all that annotators must not see
    population.parquet    the contexts that could have been drawn
    sheets/NAME.json      one sheet: whose it is, its protected columns
    sheets/NAME.parquet   its rows: key, context, and every protected cell as it was shown
    workbooks/NAME.xlsx   what the annotator gets
    pages/NAME.html       the same as a page for a browser, which holds no answers
    answers/NNNN.*        the imports, one after the other, never edited
    report.md, audit.json

The audits of a run stand beside each other, and each is a round. A round that goes on with earlier
ones holds their items too: their answers count in it, and nobody reads the rows again.

The cells are stored as shown, so that a sheet that was sent out can be checked by any later
version of this program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from audits.settings import Allocation
from languages.audit import AuditMode, SheetKind
from schemas.errors import InputError, StorageError
from schemas.files import read_json, storage_error, write_text
from schemas.records import Count, Judged, NonEmpty, Polysemy, Pos, Record, Target
from schemas.tables import TableWriter, opened_parquet, write_table

KEY_FILE = "key.json"
ITEMS_FILE = "items.parquet"
POPULATION_FILE = "population.parquet"
SHEETS = "sheets"
WORKBOOKS = "workbooks"
PAGES = "pages"

PAIR_LABELS = ("yes", "no")
"""Whether a pair means the same, by the codes of the answers; no id of a sense is one."""

R = TypeVar("R", bound=Record)


class Stratum(Record):
    """A stratum's size and how many of its rows were drawn."""

    name: str
    population: Annotated[int, Field(ge=1)]
    sampled: Annotated[int, Field(ge=1)]


class DrawnRelease(Record):
    """The release that an audit was drawn from; ``digest`` is over the content of its rows."""

    name: NonEmpty
    version: NonEmpty
    digest: NonEmpty


class AuditKey(Record):
    """How an audit was drawn; version 0.1 wrote format 1, without what has a default here."""

    format_version: Literal[1, 2] = 2
    audit_id: NonEmpty
    tag: NonEmpty
    """The first part of every row key of this audit."""
    name: NonEmpty
    language: NonEmpty = "vi"
    """The language of its sheets; keys of version 0.1 do not say it, as there was but one."""
    mode: AuditMode
    seed: int
    strata_fields: tuple[str, ...]
    allocation: Allocation
    annotators: tuple[str, ...]
    overlap: float
    repeats: float
    strata: tuple[Stratum, ...]
    round: Annotated[int, Field(ge=1)] = 1
    """1 more than that of the run's latest audit when it was drawn."""
    earlier: tuple[str, ...] = ()
    """The audits beside it whose sample it goes on with, the first one first."""
    release: DrawnRelease | None = None
    """None for a sample of what the stage select kept, and in keys of version 0.1."""

    @property
    def population(self) -> int:
        """The number of rows that the sample stands for."""
        return sum(stratum.population for stratum in self.strata)

    @property
    def sampled(self) -> int:
        """The number of rows drawn, in earlier rounds too."""
        return sum(stratum.sampled for stratum in self.strata)


class AuditItem(Target):
    """A sampled context; ``choices`` are the lemma's senses in the order a blind sheet shows.

    Of a pair across languages, by its id, ``gloss`` is the English sentence with its target marked,
    and the only choice is its label.
    """

    context_id: NonEmpty
    sense_id: NonEmpty
    synset_id: NonEmpty
    lemma: NonEmpty
    pos: Pos
    gloss: str
    synonyms: tuple[str, ...]
    choices: tuple[str, ...]
    choice_texts: tuple[str, ...]
    polysemy: Polysemy
    stratum: str
    inclusion_probability: Annotated[float, Field(gt=0, le=1)]
    judged: Judged
    model: str | None
    prompt_version: str | None
    round: int | None
    drawn_in: str = ""
    """The earlier audit that has the row in its sheets; empty: this one."""

    @property
    def intended(self) -> str:
        """The number of the intended sense among the choices, or a pair's label; else empty."""
        if self.choices and self.choices[0] in PAIR_LABELS:
            return self.choices[0]
        return str(self.choices.index(self.sense_id) + 1) if self.choices else ""


class PopulationRow(Record):
    """A context that could have been drawn."""

    context_id: NonEmpty
    stratum: str = ""
    """Empty where the audit was drawn before this was kept."""


class Sheet(Record):
    """One workbook's sheet of rows; ``columns`` are its protected columns without the key."""

    name: NonEmpty
    kind: SheetKind
    letter: NonEmpty
    columns: tuple[str, ...]
    person: str = ""
    """Who decides, of an adjudication; version 0.1 did not ask."""


class SheetRow(Record):
    """One row of a sheet, as it was shown."""

    row_key: NonEmpty
    number: Annotated[int, Field(ge=1)]
    context_id: NonEmpty
    is_repeat: bool
    n_choices: Count
    cells: tuple[str, ...]


def read_population(folder: Path) -> frozenset[str] | None:
    """The contexts that an audit was drawn from; None for one of version 0.1."""
    path = folder / POPULATION_FILE
    if not path.exists():
        return None
    return frozenset(row.context_id for row in read_audit_table(path, PopulationRow))


def write_key(
    folder: Path, key: AuditKey, items: list[AuditItem], population: Iterable[PopulationRow] = ()
) -> None:
    """Writes items, then the key, before any sheet: a folder with a key belongs to its audit."""
    write_table(folder / POPULATION_FILE, PopulationRow, population)
    write_table(folder / ITEMS_FILE, AuditItem, items)
    write_text(folder / KEY_FILE, key.model_dump_json(indent=2) + "\n")


def has_key(folder: Path) -> bool:
    """Whether an audit has been drawn in a folder; StorageError where that cannot be known."""
    try:
        (folder / KEY_FILE).lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise storage_error(folder / KEY_FILE, error) from error
    return True


def read_key(folder: Path) -> AuditKey:
    """The key of an audit folder."""
    if not has_key(folder):
        raise InputError(f"{folder}: no audit here (no {KEY_FILE}); run `viconwsd audit sample`")
    return _read(folder / KEY_FILE, AuditKey)


def read_audit_items(folder: Path) -> dict[str, AuditItem]:
    """The sampled contexts by context id."""
    return {item.context_id: item for item in read_audit_table(folder / ITEMS_FILE, AuditItem)}


@contextmanager
def writing_sheet(folder: Path, sheet: Sheet) -> Iterator[TableWriter[SheetRow]]:
    """A writer of one sheet's rows; when the body has ended well, the sheet itself is written."""
    with TableWriter(folder / SHEETS / f"{sheet.name}.parquet", SheetRow) as rows:
        yield rows
    write_text(folder / SHEETS / f"{sheet.name}.json", sheet.model_dump_json(indent=2) + "\n")


def read_sheets(folder: Path) -> list[Sheet]:
    """The sheets of an audit by name."""
    sheets = [_read(path, Sheet) for path in sorted((folder / SHEETS).glob("*.json"))]
    missing = set(read_key(folder).annotators) - {sheet.name for sheet in sheets}
    if missing:
        raise InputError(
            f"{folder}: no sheet of {', '.join(sorted(missing))}: the draw was interrupted; run "
            "`viconwsd audit sample` again with the same options"
        )
    return sheets


def read_sheet_rows(folder: Path, sheet: Sheet) -> Iterator[SheetRow]:
    """The rows of a sheet in order."""
    return read_audit_table(folder / SHEETS / f"{sheet.name}.parquet", SheetRow)


def read_audit_table(path: Path, record: type[R]) -> Iterator[R]:
    """The records of a table in an audit's folder; such a table cannot be made again.

    Columns that version 0.1 did not write get their defaults.
    """
    validate = TypeAdapter(list[record]).validate_python  # type: ignore[valid-type]
    try:
        with opened_parquet(path) as file:
            for batch in file.iter_batches(4096, use_threads=False):
                yield from validate(batch.to_pylist())
    except (StorageError, ValidationError) as error:
        why = (
            str(error).splitlines()[0].removeprefix(f"{path}: ").partition(";")[0]
            if isinstance(error, StorageError)
            else "its rows are not those of an audit"
        )
        raise InputError(
            f"{path}: a table of the audit that cannot be read ({why}); put a copy of it back, as "
            "without it the audit is not what it was"
        ) from error


def _read(path: Path, record: type[R]) -> R:
    return read_json(
        path, record, "a file of an audit", "it was edited or written by another version"
    )
