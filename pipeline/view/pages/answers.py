"""The rows behind a figure of an evaluation, with what a system chose for each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from pipeline.view.index.queries import PAGE_ROWS
from pipeline.view.index.values import RowEntry, SenseEntry
from pipeline.view.pages.page import Asked, MissingError, Page, paged
from pipeline.view.reading.evaluated import read_answers
from pipeline.view.reading.site import Site
from schemas.predictions import SAME_POS, Answers, in_both


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """A row, and the sense that was chosen for it."""

    context_id: str
    row: RowEntry | None
    """None where the data has it no more."""
    probability: float
    is_right: bool
    chosen: SenseEntry | None


@dataclass(frozen=True, slots=True)
class LemmaAnswers:
    """The rows of a lemma: how many there are, and how many a system got right."""

    lemma: str
    right: int
    of: int


def answers_page(site: Site, asked: Asked) -> Page:
    """The rows of a ``part`` of a ``group``, answered by ``system``; ``by`` lemma, if so asked."""
    known = read_answers(site)
    if not known:
        raise MissingError("no answers here: viconwsd evaluate writes them")
    group, part, system = asked.text("group"), asked.text("part"), asked.text("system")
    wish, number = asked.one_of("right", "", "yes", "no"), asked.number("page")
    both = in_both(known)
    said = f"{system}{SAME_POS}" if group.endswith(SAME_POS) or part == "same POS only" else system
    found = [each for each in known if each.is_in(group, part, both)]
    found = [e for e in found if not wish or e.is_right(said) == (wish == "yes")]
    by_lemma = asked.text("by") == "lemma"
    lemmas = _by_lemma(found, said) if by_lemma else []
    total = len(lemmas) if by_lemma else len(found)
    here = slice(PAGE_ROWS * (number - 1), PAGE_ROWS * number)
    given = {"system": system, "group": group, "part": part, "right": wish}
    values = {
        "lemmas": lemmas[here],
        "answers": [] if by_lemma else _shown(site, found[here], said),
        "total_": total,
        "given": given | {"by": asked.text("by")},
        "n_right": sum(each.is_right(said) for each in found),
        "n_found": len(found),
        **paged(number, total),
    }
    return Page("answers.html", "Answers of a model", values)


def _by_lemma(found: list[Answers], system: str) -> list[LemmaAnswers]:
    """The rows by lemma, those with the most wrong answers first."""
    rows: dict[str, list[bool]] = defaultdict(list)
    for each in found:
        rows[each.key].append(each.is_right(system))
    told = [LemmaAnswers(key, sum(right), len(right)) for key, right in rows.items()]
    return sorted(told, key=lambda each: (each.right - each.of, each.lemma))


def _shown(site: Site, found: list[Answers], system: str) -> list[ShownAnswer]:
    with site.index() as index:
        return [
            ShownAnswer(
                each.context_id,
                index.row(each.context_id),
                each.probability,
                each.is_right(system),
                index.sense(each.chosen.get(system, "")),
            )
            for each in found
        ]
