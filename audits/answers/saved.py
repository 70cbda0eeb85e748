"""Reads the file that an audit's page saved: what was answered there, row by row.

Every row has a digest of what was shown and one of itself, and the file has one of all rows. They
guard against damage and slips, not against intent: whoever can read the page can work them out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from audits.answers.checking import quoted
from audits.answers.expected import ExpectedRows, ShownRow
from audits.answers.files import TEXTS, decoded, sized
from audits.answers.findings import Fault, Notice, SheetFinding
from audits.answers.given import GivenAnswer, ReadFile, TypedAnswer
from audits.page.shown import page_digest, page_rows, short_digest
from audits.questions import REMARK, Question
from audits.text import canonical, showable
from schemas.errors import InputError
from schemas.numbers import counted

KIND = "viconwsd audit answers"
LARGEST_SAVED = 1 << 25
"""Bytes; 50,000 rows without remarks take 17 MB."""
_LONGEST_REMARK = 4000
_AGAIN = "press “save file” on the page again, and send that file as it is"

Shown = dict[str, str]
"""Row key -> digest of what a page shows of the row."""


class _SavedRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    row: str
    shown: str
    answers: dict[str, str]
    reasons: dict[str, str]
    remark: Annotated[str, Field(max_length=_LONGEST_REMARK)]
    ms: Annotated[int, Field(ge=0, lt=1 << 53)]
    at: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
    check: str

    def expected_check(self, page: str, asked: tuple[Question, ...]) -> str:
        given = (
            part
            for question in asked
            for part in (self.answers.get(question.code, ""), self.reasons.get(question.code, ""))
        )
        return short_digest(page, self.row, self.shown, self.at, str(self.ms), self.remark, *given)


class _SavedFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: Literal["viconwsd audit answers"]
    format: Literal[1]
    audit: str
    sheet: str
    page: str
    saved_at: str
    numbers: list[Annotated[int, Field(ge=1)]]
    """Of the rows that were saved."""
    digest: str
    rows: list[Any]

    def expected_digest(self, checks: list[str]) -> str:
        numbers = ",".join(map(str, self.numbers))
        return short_digest(self.audit, self.sheet, self.page, self.saved_at, numbers, *checks)


def is_saved_by_a_page(path: Path) -> bool:
    """Whether a file is one that a page saved; a mail program may have made it a .txt."""
    suffix = path.suffix.casefold()
    if suffix not in TEXTS or not path.is_file():
        return suffix == ".json"
    with open(path, "rb") as file:
        return KIND.encode() in file.read(200)


def read_saved(path: Path, folder: Path, expected: ExpectedRows, now: str) -> ReadFile:
    """The answers of the valid rows of a page's file; InputError for another kind of file.

    An answer has the time at which it was given; none is later than ``now``.
    """
    file = _parsed(path)
    return _Reading(path.name, file, folder, expected, now).read()


def _parsed(path: Path) -> _SavedFile:
    sized(path, LARGEST_SAVED, "page saves", _AGAIN)
    try:
        content = from_json(decoded(path, _AGAIN), allow_inf_nan=True)
    except (ValueError, RecursionError) as error:
        why = " ".join(str(error).split())
        raise InputError(f"{path}: cut off or damaged ({why}); {_AGAIN}") from error
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise InputError(f"{path}: not a file that an audit's page saved; {_AGAIN}")
    try:
        return _SavedFile.model_validate(content)
    except ValidationError as refused:
        raise InputError(f"{path}: not as a page saves it ({_why(refused)}); {_AGAIN}") from refused


class _Reading:
    """Checks the rows of one file; ``findings`` fills as they are read."""

    def __init__(
        self, name: str, file: _SavedFile, folder: Path, expected: ExpectedRows, now: str
    ) -> None:
        self._name = name
        self._file = file
        self._folder = folder
        self._expected = expected
        self._now = now
        self._findings: list[SheetFinding] = []

    def read(self) -> ReadFile:
        file, key = self._file, self._expected.key
        if file.audit != key.audit_id:
            detail = f"of audit {quoted(file.audit)}; this one is {key.audit_id}"
            return self._refused(Fault.FOREIGN_AUDIT, detail)
        shown = self._shown()
        if shown is None:
            detail = f"this audit has no page of {quoted(file.sheet)}"
            return self._refused(Fault.FOREIGN_ROW, detail)
        rows: dict[str, list[tuple[int, _SavedRow]]] = defaultdict(list)
        for number, raw in enumerate(file.rows, start=1):
            row = self._row(number, raw, shown)
            if row is not None:
                rows[row.row].append((number, row))
        self._check_the_whole(shown)
        single = self._single(rows)
        answers = [answer for row in single for answer in self._answers(*row)]
        keys = tuple(row.row for _, row in single)
        ordered = sorted(self._findings, key=lambda finding: finding.row)
        return ReadFile(tuple(answers), tuple(ordered), len(file.rows), keys)

    def _shown(self) -> Shown | None:
        """What the page shows of each row; None if the audit has no such page."""
        for sheet in {row.sheet.name: row.sheet for row in self._expected.rows.values()}.values():
            if sheet.name == self._file.sheet and sheet.kind == "annotator":
                audit_id = self._expected.key.audit_id
                return {
                    row.row_key: row.digest(audit_id, sheet.name)
                    for row in page_rows(self._folder, sheet)
                }
        return None

    def _row(self, number: int, raw: object, shown: Shown) -> _SavedRow | None:
        """A row that is as it was saved and was about what was drawn."""
        key = _key(raw)
        row_key = key if isinstance(key, str) else ""
        try:
            row = _SavedRow.model_validate(raw)
            datetime.fromisoformat(row.at)
        except (ValidationError, ValueError) as refused:
            why = _why(refused) if isinstance(refused, ValidationError) else str(refused)
            self._add(Fault.CHANGED_ROW, f"not as a page saves it ({why})", number, row_key)
            return None
        if row.row not in shown:
            if row.row in self._expected.rows:
                fault, detail = Fault.FOREIGN_ROW, f"this row is not of {quoted(self._file.sheet)}"
            else:
                fault, detail = self._expected.unknown_key(row.row)
            self._add(fault, detail, number, row_key)
        elif row.shown != shown[row.row]:
            detail = "the page showed another text than was drawn"
            self._add(Fault.CHANGED_CELL, detail, number, row_key)
        elif row.check != row.expected_check(self._file.page, self._expected.asked):
            self._add(Fault.CHANGED_ROW, "changed after the page saved it", number, row_key)
        else:
            return row
        return None

    def _check_the_whole(self, shown: Shown) -> None:
        """Finds what the rows by themselves do not show: rows taken out, a changed head."""
        file, n_found = self._file, len(self._findings)
        given = {key for raw in file.rows if isinstance(key := _key(raw), str)}
        keys = list(shown)
        for number in file.numbers:
            if number <= len(keys) and keys[number - 1] not in given:
                detail = "was saved, and is not in the file"
                self._add(Fault.MISSING_ROW, detail, 0, keys[number - 1])
        if n_found or len(self._findings) > n_found:
            return
        checks = [raw["check"] for raw in file.rows]
        if file.page != page_digest(self._expected.key, file.sheet, shown.values()):
            self._add(Fault.CHANGED_FILE, "of a page that shows other rows")
        elif file.digest != file.expected_digest(checks):
            self._add(Fault.CHANGED_FILE, f"rows may have been taken out or put in; {_AGAIN}")

    def _single(self, rows: dict[str, list[tuple[int, _SavedRow]]]) -> list[tuple[int, _SavedRow]]:
        """Each row once: copies that are equal count once, of others none."""
        single, doubles = [], 0
        for row_key, copies in rows.items():
            if any(row != copies[0][1] for _, row in copies):
                places = " and ".join(f"row {number}" for number, _ in copies)
                detail = f"{places} are the same row with different answers; none was imported"
                self._add(Fault.DUPLICATE_ROW, detail, copies[0][0], row_key)
                continue
            doubles += len(copies) > 1
            single.append(copies[0])
        if doubles:
            detail = f"{counted(doubles, 'row')} more than once, without contradiction"
            self._add(Notice.SAME_ROW_TWICE, detail)
        return single

    def _answers(self, number: int, row: _SavedRow) -> list[GivenAnswer]:
        shown, texts = self._expected.rows[row.row], self._expected.texts
        at = datetime.fromisoformat(row.at).astimezone(UTC).isoformat(timespec="milliseconds")
        give = self._giver(row, shown, min(at, self._now))
        known = {question.code for question in self._expected.asked}
        for code in sorted((row.answers.keys() | row.reasons.keys()) - known):
            self._add(Fault.UNKNOWN_ANSWER, "no question of the audit", number, row.row, code)
        answers = []
        for question in self._expected.asked:
            code, reason = row.answers.get(question.code, ""), row.reasons.get(question.code)
            labels = question.labels(texts) | {
                str(place): str(place) for place in range(1, shown.n_choices + 1)
            }
            if not code and reason is None:
                continue
            if code not in labels:
                detail = f"{quoted(code)} is none of the options"
                self._add(Fault.UNKNOWN_ANSWER, detail, number, row.row, question.code)
                continue
            answers.append(give(question.code, code, labels[code]))
            if reason is not None and reason not in question.reasons.get(code, ()):
                detail = f"{quoted(reason)} is no reason for {quoted(code)}"
                self._add(Fault.UNKNOWN_ANSWER, detail, number, row.row, question.why)
            elif reason is not None:
                label = texts.questions[question.code].reasons[reason]
                answers.append(give(question.why, reason, label))
        remark = canonical(showable(row.remark))
        return [*answers, give(REMARK, remark, remark)] if remark else answers

    def _giver(
        self, row: _SavedRow, shown: ShownRow, at: str
    ) -> Callable[[str, str, str], GivenAnswer]:
        def give(question: str, code: str, typed: str) -> GivenAnswer:
            answer = TypedAnswer(code, typed)
            who, seconds = shown.sheet.name, row.ms / 1000
            return GivenAnswer(
                row.row, shown.context_id, question, answer, at, who, self._name, seconds
            )

        return give

    def _add(
        self, fault: Fault | Notice, detail: str, row: int = 0, key: str = "", column: str = ""
    ) -> None:
        self._findings.append(SheetFinding(fault, detail, self._name, "", row, key, column))

    def _refused(self, fault: Fault, detail: str) -> ReadFile:
        finding = SheetFinding(fault, f"{detail}; nothing was imported", self._name)
        return ReadFile((), (finding,), len(self._file.rows))


def _key(raw: object) -> object:
    return raw.get("row") if isinstance(raw, dict) else None


def _why(refused: ValidationError) -> str:
    first = refused.errors(include_url=False, include_input=False)[0]
    return ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
