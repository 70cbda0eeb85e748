"""What an audit says about each context, for the stages that act on it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from audits.answers.history import answer_files
from audits.answers.judgements import Judgements, read_judgements
from audits.key import has_key

Outcome = Literal["good", "bad", "unsure"]


def outcomes(folder: Path) -> dict[str, Outcome]:
    """The outcome of every audited context by context id, sorted; none where nothing was drawn.

    Bad: one question at least is answered badly. Good: every question is answered well. Unsure:
    every question is answered, none badly, some unsure, partly or still in dispute. A context
    with a missing answer and no bad one has no outcome yet.
    """
    if not has_key(folder) and not answer_files(folder):
        return {}
    return outcomes_of(read_judgements(folder))


def outcomes_of(judgements: Judgements) -> dict[str, Outcome]:
    """The outcomes of judgements that have been read."""
    found: dict[str, Outcome] = {}
    for context_id in sorted(judgements.items):
        verdicts = judgements.verdicts(context_id)
        if "bad" in verdicts:
            found[context_id] = "bad"
        elif None not in verdicts:
            found[context_id] = "good" if set(verdicts) == {"good"} else "unsure"
    return found
