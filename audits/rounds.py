"""The audits of a run: each is a round, all of them count.

A run's folder ``audits`` holds a folder for each. Where two rounds judged the same context, the
round with the newer answer to it decides; of equal dates, the later round.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from audits.answers.history import answer_files
from audits.answers.judgements import Judgements, read_judgements
from audits.answers.outcomes import Outcome, outcomes_of
from audits.key import has_key
from schemas.errors import InputError
from schemas.files import explained

AUDITS = "audits"
"""The folder's name in that of the run."""
PAIR_AUDITS = "pair-audits"
"""That of the audits of pairs across languages, which say nothing of single contexts."""


@dataclass(frozen=True, slots=True)
class Round:
    """One audit of a run, with all that was said in it and in those it goes on with."""

    folder: Path
    judgements: Judgements


def audit_folders(audits: Path) -> list[Path]:
    """The folders below ``audits`` in which an audit was drawn or answered, by name.

    One with answers but without its key is among them, so that reading it is an error.
    """
    if not os.path.lexists(audits):
        return []
    with explained(audits):
        folders = sorted(path for path in audits.iterdir() if path.is_dir() or path.is_symlink())
    return [path for path in folders if has_key(path) or answer_files(path)]


def read_rounds(audits: Path, besides: str = "") -> list[Round]:
    """The audits of a run, the first one drawn first; without the one in the folder ``besides``."""
    folders = [path for path in audit_folders(audits) if path.name != besides]
    rounds = [Round(path, read_judgements(path)) for path in folders]
    first: dict[str, Path] = {}
    for found in rounds:
        there = first.setdefault(found.judgements.key.audit_id, found.folder)
        if there != found.folder:
            raise InputError(
                f"{found.folder}: the same audit as {there.name}; move the copy out of {audits}"
            )
    return sorted(rounds, key=lambda each: (each.judgements.key.round, each.folder.name))


def run_outcomes(audits: Path) -> dict[str, Outcome]:
    """What all audits of a run make of each context, by context id, sorted."""
    found: dict[str, tuple[str, int, Outcome]] = {}
    for place, audit in enumerate(read_rounds(audits)):
        for context_id, outcome in outcomes_of(audit.judgements).items():
            said = (audit.judgements.dates.get(context_id, ""), place, outcome)
            found[context_id] = max(said, found.get(context_id, said))
    return {context_id: found[context_id][2] for context_id in sorted(found)}


def judged_otherwise(rounds: list[Round]) -> int:
    """How many contexts an older round judged otherwise than the one that decides."""
    said: dict[str, set[Outcome]] = {}
    for audit in rounds:
        for context_id, outcome in outcomes_of(audit.judgements).items():
            said.setdefault(context_id, set()).add(outcome)
    return sum(len(outcomes) > 1 for outcomes in said.values())
