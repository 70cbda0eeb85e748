"""What the votes tell of a judge, against numbers computed by hand and judges of a known kind."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from pipeline.panel.figures import PanelFigures, panel_figures
from pipeline.panel.records import CastVote
from schemas.records import Provenance

Chooses = Callable[[tuple[str, ...], str, random.Random], str | None]
SENSES = ("v-1#x", "v-2#x", "v-3#x")


def vote(
    context: str,
    chosen: str | None,
    shown: tuple[str, ...] = SENSES,
    *,
    judge: str = "an",
    request: str = "r",
    sure: bool = True,
) -> CastVote:
    return CastVote(
        context_id=context,
        judge=judge,
        chosen_sense_id=chosen,
        agrees=chosen == context.partition("@")[0],
        candidates=shown,
        position=shown.index(chosen) + 1 if chosen else 0,
        unconditional=sure,
        provenance=Provenance(
            request_key=request,
            prompt_id="judge",
            prompt_version="v1",
            model=f"model-{judge}",
            sample=0,
            round=1,
        ),
    )


def test_places_are_compared_with_what_a_random_order_brings() -> None:
    """Request r: choices 1, 1, 2 of three; request s: one choice of two, at place 1."""
    a, b, _ = SENSES
    votes = [
        vote(f"{a}@1", a),
        vote(f"{a}@2", a),
        vote(f"{a}@3", b),
        vote(f"{a}@4", None),
        vote(f"{b}@5", b, (b, a), request="s"),
    ]
    figures = panel_figures(votes, {}).judges[0]
    assert [(place.place, place.choices, place.of, place.expected) for place in figures.places] == [
        (1, 3, 4, 1.5),
        (2, 1, 4, 1.5),
        (3, 0, 3, 1.0),
    ]
    # Counts 2, 1, 0 of three: (4 + 1) / 3 - 1 = 2/3; one of two: 1/2 - 1/4.
    assert [place.z for place in figures.places] == [
        pytest.approx(1.5 / (2 / 3 + 1 / 4) ** 0.5, abs=1e-6),
        pytest.approx(-0.5 / (2 / 3 + 1 / 4) ** 0.5, abs=1e-6),
        pytest.approx(-1.0 / (2 / 3) ** 0.5, abs=1e-6),
    ]
    assert (figures.votes, figures.none_of_these, figures.unconditional) == (5, 1, 5)
    assert (figures.for_meant, figures.expected_for_meant) == (3, pytest.approx(4 / 3 + 1 / 2))
    assert figures.deviation == pytest.approx((4 * 2 / 9 + 1 / 4) ** 0.5, abs=1e-6)
    assert figures.warnings == ()


def test_the_only_candidate_tells_nothing_of_a_judge() -> None:
    figures = panel_figures([vote("v-1#x@1", "v-1#x", ("v-1#x",))], {}).judges[0]
    assert (figures.votes, figures.unconditional, figures.places) == (1, 0, ())


def of_many(chooses: Chooses, requests: int = 60, seed: int = 0) -> PanelFigures:
    """A judge who sees ten sentences a request, seven of one sense, in orders that are random."""
    rng = random.Random(seed)
    votes = []
    for request in range(requests):
        shown = tuple(rng.sample(SENSES, 3))
        for number in range(10):
            meant = SENSES[0] if number < 7 else SENSES[1]
            chosen = chooses(shown, meant, rng)
            votes.append(vote(f"{meant}@{request}-{number}", chosen, shown, request=str(request)))
    return panel_figures(votes, {})


def right(share: float) -> Chooses:
    def choose(shown: tuple[str, ...], meant: str, rng: random.Random) -> str:
        return meant if rng.random() < share else rng.choice(shown)

    return choose


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_said_of_a_judge_that_reads(seed: int) -> None:
    assert of_many(right(0.8), seed=seed).warnings == ()


def test_a_judge_that_answers_by_position_is_named() -> None:
    found = of_many(lambda shown, meant, rng: shown[0] if rng.random() < 0.5 else meant)
    assert len(found.warnings) == 1
    assert found.warnings[0].startswith("judge an answers by position: it chose candidate 1 in 6")
    assert "of 600 choices, where 33% are expected (z = " in found.warnings[0]


def test_a_judge_that_guesses_and_one_that_refuses_are_no_better_than_chance() -> None:
    for chooses in (right(0.0), lambda *_: None):
        found = of_many(chooses)
        assert [line.partition(":")[0] for line in found.warnings] == [
            "judge an is no better than chance"
        ]


def test_of_few_votes_nothing_is_said() -> None:
    assert of_many(right(0.0), requests=1).warnings == ()


def test_judges_are_compared_where_both_were_asked_in_any_case() -> None:
    a, b, _ = SENSES
    votes = []
    for number in range(12):
        context = f"{a}@{number:02}"
        votes += [
            vote(context, a if number < 9 else b),
            vote(context, b if number in (0, 10) else a, judge="ba"),
        ]
    votes += [vote(f"{a}@x", b), vote(f"{a}@x", b, judge="ba", sure=False)]
    found = panel_figures(votes, {})
    assert (found.contexts, found.votes, found.votes_per_context) == (13, 26, 2.0)
    (pair,) = found.pairs
    assert (pair.one, pair.other, pair.contexts, pair.same) == ("an", "ba", 12, 9)
    # an: 9 for, 3 against; ba: 10 for, 2 against; 9 alike. Chance: (9 * 10 + 3 * 2) / 144.
    assert pair.kappa.value == pytest.approx((9 / 12 - 96 / 144) / (1 - 96 / 144))
    assert found.alpha is not None
    assert panel_figures(votes[:1], {}).alpha is None


def test_judges_are_compared_with_auditors_over_what_these_judged_good_or_bad() -> None:
    a, b, _ = SENSES
    votes = [vote(f"{a}@{n}", a if n < 6 else b) for n in range(8)]
    outcomes = {f"{a}@{n}": "good" if n != 7 else "bad" for n in range(1, 8)} | {f"{a}@0": "unsure"}
    kappa = panel_figures(votes, outcomes).judges[0].with_auditors
    assert kappa is not None
    # Of seven: 6 good, 1 bad; the judge 5 for, 2 against; 6 alike. Chance: (6 * 5 + 1 * 2) / 49.
    assert kappa.value == pytest.approx((6 / 7 - 32 / 49) / (1 - 32 / 49))
    assert panel_figures(votes, {}).judges[0].with_auditors is None
