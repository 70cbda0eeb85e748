"""When one more judge is asked, and what the votes come to."""

from __future__ import annotations

import pytest

from pipeline.panel.ballots import Ballots, verdict
from pipeline.panel.records import CastVote
from pipeline.panel.rule import decided, in_doubt
from schemas.ids import synset_of
from schemas.records import Provenance, Vote

SAID = Provenance(
    request_key="k", prompt_id="judge", prompt_version="v1", model="m", sample=0, round=1
)


@pytest.mark.parametrize(
    ("votes", "doubt"),
    [
        ("", True),
        ("A", False),
        ("B", True),
        ("-", True),
        ("BA", True),
        ("BB", False),
        ("--", False),
        ("BAA", False),
        ("BAC", True),
        ("B-A", True),
        ("BACA", True),  # two of four are not more than half
        ("BACAA", False),
    ],
)
def test_a_doubt_is_left_until_the_first_confirms_or_most_agree(votes: str, doubt: bool) -> None:
    assert in_doubt([None if vote == "-" else vote for vote in votes], "A") is doubt


@pytest.mark.parametrize(
    ("votes", "choice"),
    [("A", "A"), ("BA", "B"), ("BAA", "A"), ("CBA", "C"), ("-A", "-"), ("BACA", "A")],
)
def test_most_votes_decide_and_the_earliest_of_several_that_have_as_many(
    votes: str, choice: str
) -> None:
    found = decided([None if vote == "-" else vote for vote in votes])
    assert (found or "-") == choice


def test_a_verdict_counts_votes_for_senses_that_nothing_tells_apart_together() -> None:
    """Senses 1 and 2 are one coarse sense: two votes of three are for what was meant."""
    votes = [Vote(judge=j, sense_id=s) for j, s in (("a", "v-3#x"), ("b", "v-1#x"), ("c", "v-2#x"))]

    def coarse(sense: str) -> str:
        return {"v-2": "v-1"}.get(synset_of(sense), synset_of(sense))

    found = verdict("v-2#x@1", "v-2#x", votes, coarse)
    assert (found.chosen_sense_id, found.agrees) == ("v-1#x", True)
    assert found.agreement == pytest.approx(2 / 3)
    apart = verdict("v-2#x@1", "v-2#x", votes, synset_of)
    assert (apart.chosen_sense_id, apart.agrees) == ("v-3#x", False)
    assert apart.agreement == pytest.approx(1 / 3)


def cast(judge: str, sense: str | None) -> CastVote:
    return CastVote(
        context_id="any",
        judge=judge,
        chosen_sense_id=sense,
        agrees=False,
        candidates=("v-1#x", "v-2#x"),
        position=0,
        unconditional=False,
        provenance=SAID,
    )


def test_ballots_come_out_in_the_order_of_the_contexts_whoever_voted_first() -> None:
    ballots = Ballots(4, ("a", "b"), synset_of)
    ballots.add(3, [cast("a", "v-2#x")])
    ballots.add(0, [cast("a", None), cast("b", "v-1#x")])
    ballots.add(2, [])
    contexts = [(f"c{n}", "v-1#x") for n in range(4)]
    found = list(ballots.verdicts(contexts))
    assert [(row.context_id, row.chosen_sense_id, row.agrees, row.agreement) for row in found] == [
        ("c0", None, False, 0.5),
        ("c3", "v-2#x", False, 0.0),
    ]
    assert found[0].votes == (Vote(judge="a", sense_id=None), Vote(judge="b", sense_id="v-1#x"))
    assert list(ballots.without_votes()) == [2]  # nobody was asked about c1
