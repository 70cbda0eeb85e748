"""The figures of an audit report, as ``audit.json`` holds them.

A share is a number from 0 to 1. Every ``low`` and ``high`` bound a 95 % interval. None stands
for a figure that the answers do not define.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from audits.questions import UnsureRule
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


class Span(_Figure):
    """An estimate at worst and at best."""

    low: float
    high: float


class StratumQuality(_Figure):
    """The answers of one stratum; ``share`` is the share of good rows, None without answers."""

    stratum: str
    population: Count
    sampled: Count
    answered: Count
    good: Annotated[float, Field(ge=0)]
    """Rows; one that two annotators judged differently is half a row."""
    unsure: Count
    share: Interval | None


class AnswerShare(_Figure):
    """The estimated share of one answer in the population, and how often it was given."""

    code: str
    label: str
    count: Count
    share: float


class AnnotatorRate(_Figure):
    """The estimate from one annotator's verdicts alone."""

    annotator: str
    answered: Count
    share: Interval | None


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
    """Items whose annotators disagree, without an adjudication."""
    covered: float
    """The share of the population in strata with answers; the estimate speaks for these."""
    disputes: Span | None = None
    """The estimate if all open items were bad, and if all were good; None without any."""
    missing_counted: Span | None = None
    """The same for the items without an answer."""
    modelled: float | None = None
    """The share by the model of Dawid and Skene; None with too few rows of three annotators."""
    annotators: tuple[AnnotatorRate, ...] = ()
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
    ac1: Coefficient
    """Gwet's, of all annotators."""
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
    seconds: float | None = None
    """The median time of a complete row, of those that a page measured."""


class ReasonCount(_Figure):
    """How often a reason was given for an answer to a question, as by a page's annotators."""

    criterion: str
    answer: str
    reason: str
    label: str
    count: Count


class OutcomeCounts(_Figure):
    """How many audited contexts ended as what."""

    good: Count
    bad: Count
    unsure: Count


class AuditReport(_Figure):
    """All that an audit found."""

    format_version: Literal[2] = 2
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
    adjudicators: tuple[str, ...] = ()
    """Who decided on disputes."""
    disagreements: Count
    """Items on which annotators disagree in any question and that nobody has adjudicated."""
    quality: tuple[CriterionQuality, ...]
    reasons: tuple[ReasonCount, ...] = ()
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


class ReleaseName(_Figure):
    """A release by name, version and a digest over the content of its rows."""

    name: str
    version: str
    digest: str


class AuditRound(_Figure):
    """One audit of a run, beside a release of it."""

    folder: str
    number: Annotated[int, Field(ge=1)]
    drawn_from: ReleaseName | None
    """None where it was drawn before a release was made, or by version 0.1."""
    as_drawn: bool
    """Whether it was drawn from this very release."""
    of_this_release: bool
    """Whether most of its rows are there, those left out that it judged bad."""
    latest: bool
    """False where a later round goes on with it, whose figures hold its answers."""
    here: Count
    """Of its rows, those that are in the release with the gloss that was read."""
    dropped: Count
    """Judged bad, and not there."""
    gone: Count
    """Not there for other reasons, or with another gloss."""
    after: Interval | None
    """The share of good rows without those dropped; ``report`` has it as they were drawn."""
    report: AuditReport


class ReleaseAudits(_Figure):
    """All audits of a run, as a release bears them."""

    format_version: Literal[2] = 2
    rounds: tuple[AuditRound, ...]
    """The first one drawn first."""
    judged_otherwise: Count
    """Rows that an older round judged otherwise than the newer one that counts."""
    pairs: AuditReport | None = None
    """The latest audit of the release's pairs across languages."""

    @property
    def shown(self) -> AuditRound | None:
        """The round whose figures stand for the release: the last that is of it and has answers."""
        own = [each for each in self.rounds if each.of_this_release and each.latest]
        answered = [each for each in own if each.report.of(ROW).share is not None]
        return next(reversed(answered or own), None)


def read_report(path: Path) -> AuditReport:
    """The report in an ``audit.json``, or in the ``audit.json`` of a folder."""
    if path.is_dir():
        path = path / REPORT_FILE
    return read_json(
        path,
        AuditReport,
        "an audit report of this version",
        "run `viconwsd audit report` again",
        InputError,
    )
