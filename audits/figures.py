"""The figures of an audit report, as ``audit.json`` holds them.

A share is a number from 0 to 1. Every ``low`` and ``high`` bound a 95 % interval. None stands
for a figure that the answers do not define.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from audits.settings import UnsureRule
from languages.audit import AuditMode
from schemas.errors import InputError
from schemas.files import read_json

REPORT_FILE = "audit.json"
ROW = "row"
"""The criterion that a row as a whole meets: good where every question is answered well."""

Count = Annotated[int, Field(ge=0)]


class _Figure(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(_Figure):
    """A share or a coefficient with its 95 % interval."""

    value: float
    low: float
    high: float


class StratumQuality(_Figure):
    """The answers of one stratum; ``share`` is the share of good rows, None without answers."""

    stratum: str
    population: Count
    sampled: Count
    answered: Count
    good: Count
    unsure: Count
    share: Interval | None


class AnswerShare(_Figure):
    """The estimated share of one answer in the population; ``code`` "open" is a tie."""

    code: str
    label: str
    count: Count
    share: float


class CriterionQuality(_Figure):
    """The quality by one question, or of the row as a whole (``criterion`` "row")."""

    criterion: str
    question: str
    share: Interval | None
    answered: Count
    missing: Count
    unsure: Count
    """Unsure answers and open ties."""
    open: Count
    """Items whose annotators disagree without a majority and without an adjudication."""
    covered: float
    """The share of the population in strata with answers; the estimate speaks for these."""
    answers: tuple[AnswerShare, ...]
    strata: tuple[StratumQuality, ...]


class Coefficient(_Figure):
    """An agreement figure; None where it is not defined, such as kappa of one constant answer."""

    value: float | None
    low: float | None
    high: float | None


class PairAgreement(_Figure):
    """Two annotators on the items that both answered."""

    first: str
    second: str
    items: Count
    raw: Coefficient
    kappa: Coefficient


class CriterionAgreement(_Figure):
    """Agreement by one question over the items with two answers or more."""

    criterion: str
    items: Count
    raw: Coefficient
    alpha: Coefficient
    fleiss: Coefficient
    """Over the items that every annotator answered."""
    pairs: tuple[PairAgreement, ...]


class SelfAgreement(_Figure):
    """An annotator's answers to one question beside the same annotator's on hidden repeats."""

    annotator: str
    criterion: str
    repeats: Count
    raw: Coefficient
    kappa: Coefficient


class Group(_Figure):
    """Rows that share a stratum, lemma or prompt version, as audited."""

    name: str
    answered: Count
    bad: Count
    share_bad: Interval
    """Of a sample's rows weighted by their inclusion probabilities."""


class AnnotatorProgress(_Figure):
    """How far an annotator has come; a row is complete when every question is answered."""

    annotator: str
    rows: Count
    complete: Count
    started: Count


class OutcomeCounts(_Figure):
    """How many audited contexts ended as what."""

    good: Count
    bad: Count
    unsure: Count


class AuditReport(_Figure):
    """All that an audit found."""

    format_version: Literal[1] = 1
    audit_id: str
    name: str
    mode: AuditMode
    seed: int
    strata_fields: tuple[str, ...]
    allocation: str
    unsure_rule: UnsureRule
    population: Count
    sampled: Count
    annotators: tuple[AnnotatorProgress, ...]
    outcomes: OutcomeCounts
    disagreements: Count
    """Items on which annotators disagree in any question and that nobody has adjudicated."""
    quality: tuple[CriterionQuality, ...]
    agreement: tuple[CriterionAgreement, ...]
    self_agreement: tuple[SelfAgreement, ...]
    worst_strata: tuple[Group, ...]
    worst_lemmas: tuple[Group, ...]
    worst_prompts: tuple[Group, ...]

    def of(self, criterion: str) -> CriterionQuality:
        """The quality by one criterion; "row" for the row as a whole."""
        for quality in self.quality:
            if quality.criterion == criterion:
                return quality
        raise KeyError(criterion)


def read_report(path: Path) -> AuditReport:
    """The report in an ``audit.json``, or in the ``audit.json`` of a folder."""
    if path.is_dir():
        path = path / REPORT_FILE
    return read_json(
        path, AuditReport, "an audit report", "run `viconwsd audit report` again", InputError
    )
