"""A file to read: what was confused with what, lemma by lemma, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from schemas.files import write_text
from schemas.text import match_key
from trainer.evaluation.wsd import Outcome, ambiguous


def write_errors(path: Path, outcomes: Sequence[Outcome]) -> int:
    """Writes the wrong answers as Markdown; returns their number."""
    by_lemma: dict[str, list[Outcome]] = {}
    for outcome in ambiguous(outcomes):
        by_lemma.setdefault(match_key(outcome.item.lemma), []).append(outcome)
    wrong = {
        lemma: [o for o in own if not o.correct]
        for lemma, own in by_lemma.items()
        if any(not o.correct for o in own)
    }
    lines = ["# Errors by lemma\n"]
    for lemma, own in sorted(wrong.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        lines.append(f"## {lemma}: {len(own)} of {len(by_lemma[lemma])} wrong\n")
        for outcome in own:
            item = outcome.item
            marked = (
                f"{item.sentence[: item.start]}[[{item.sentence[item.start : item.end]}]]"
                f"{item.sentence[item.end :]}"
            )
            lines.append(f"- {marked} ({item.split}, {item.item_id})")
            chosen = outcome.chosen
            for at, entry in enumerate(outcome.candidates):
                marks = "gold" if entry.synset_id == item.synset_id else ""
                marks += " chosen" if entry is chosen else ""
                score = outcome.scores[at]
                lines.append(f"  - {score:.3f} {entry.sense_id}: {entry.gloss} {marks}".rstrip())
            if not outcome.gold_is_candidate:
                lines.append(f"  - the gold sense {item.sense_id} has no gloss in the inventory")
        lines.append("")
    write_text(path, "\n".join(lines))
    return sum(map(len, wrong.values()))
