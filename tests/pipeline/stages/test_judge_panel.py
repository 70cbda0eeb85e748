"""Several judges: each blind and in its own order, asked where those before leave a doubt."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.engine.handed_out import HandedOut
from pipeline.panel.records import CastVote
from pipeline.stages.requests import AskingStage, endpoints_of
from pipeline.stages.settings import JudgeSettings
from schemas.records import Verdict, Vote
from testing.scripted import Finished
from tests.pipeline.stages.bound import bound_stages
from tests.pipeline.stages.test_judge import ID_OF, MEANT, choices, judge, shown

SURE = {sentence: sense.partition("#")[0] for sentence, sense in MEANT.items()}
WALL, LOUD, CAT = "Thợ khoan tường.", "Tiếng khoan rền rĩ.", "Con mèo ngủ."


def member(name: str, **keys: object) -> dict[str, object]:
    return {"name": name, "base_url": f"http://{name}.invalid/v1", "model": name, **keys}


THREE = [member("an"), member("ba"), member("cu")]


def judged(folder: Path, said: dict[str, dict[str, str | None]], **settings: object) -> Finished:
    """Three judges; ``said`` holds what each says otherwise than was meant."""

    def script(label: str, prompt: str) -> str:
        return choices(prompt, SURE | said.get(label.split("/")[1], {}))

    return judge(folder, script, **({"members": THREE, "control": 0.0} | settings))


def votes_of(done: Finished, sentence: str) -> tuple[Vote, ...]:
    rows = {row.context_id: row for row in done.rows("verdicts", Verdict)}
    return rows[ID_OF[sentence]].votes


def test_where_the_first_confirms_nobody_else_is_asked(tmp_path: Path) -> None:
    done = judged(tmp_path, {})
    assert Counter(label.split("/")[1] for label in done.asked) == {"an": 2}
    assert done.manifest.counts["votes"] == done.manifest.counts["agree"] == 6


def test_a_second_is_asked_about_doubts_and_a_third_where_the_two_differ(tmp_path: Path) -> None:
    done = judged(
        tmp_path,
        {
            "an": {WALL: "t-3", LOUD: None, CAT: None},
            "ba": {LOUD: None, CAT: "t-4"},  # of the wall it says what was meant
            "cu": {CAT: None},
        },
    )
    assert votes_of(done, WALL) == (
        Vote(judge="an", sense_id="t-3#khoan"),
        Vote(judge="ba", sense_id="t-1#khoan"),
        Vote(judge="cu", sense_id="t-1#khoan"),
    )
    assert [vote.sense_id for vote in votes_of(done, LOUD)] == [None, None]
    assert [vote.sense_id for vote in votes_of(done, CAT)] == [None, "t-4#mèo", None]
    assert done.manifest.counts == {
        "verdicts": 6,
        "votes": 11,
        "agree": 4,
        "other_sense": 0,
        "none_of_these": 2,
        "failed": 0,
    }
    found = {row.context_id: row for row in done.rows("verdicts", Verdict)}
    assert found[ID_OF[WALL]].agrees
    assert found[ID_OF[WALL]].agreement == pytest.approx(2 / 3)
    assert Counter(label.split("/")[1] for label in done.asked) == {"an": 2, "ba": 2, "cu": 2}


def test_in_a_tie_the_first_vote_stands(tmp_path: Path) -> None:
    done = judged(tmp_path, {"an": {WALL: "t-3"}}, members=THREE[:2])
    assert len(votes_of(done, WALL)) == 2
    assert done.manifest.counts["other_sense"] == 1


def test_the_judge_after_one_that_gives_no_answer_takes_its_place(tmp_path: Path) -> None:
    def script(label: str, prompt: str) -> str:
        return "?" if label.startswith("judge/an/") else choices(prompt, SURE)

    done = judge(tmp_path, script, members=THREE, control=0.0)
    assert done.manifest.counts["failed"] == 0
    assert done.manifest.counts["votes"] == 6
    assert {code for _, code in done.rejects} == {"bad_reply"}


def test_each_judge_sees_the_candidates_in_an_order_of_its_own(tmp_path: Path) -> None:
    orders: dict[str, list[tuple[str, ...]]] = {}

    def script(label: str, prompt: str) -> str:
        orders.setdefault(label.split("/")[1], []).append(tuple(shown(prompt)[1]))
        return choices(prompt, SURE)

    judge(tmp_path, script, members=THREE, control=1.0, together="context")
    assert {name: len(found) for name, found in orders.items()} == {"an": 6, "ba": 5, "cu": 5}
    of_khoan = {n: [each for each in found if len(each) == 3] for n, found in orders.items()}
    assert len({tuple(found) for found in of_khoan.values()}) == 3


def test_control_contexts_go_to_every_judge_and_say_so(tmp_path: Path) -> None:
    """All of them here, but for the lemma with one sense, where there is nothing to compare."""
    done = judged(tmp_path, {}, control=1.0)
    assert done.manifest.counts["votes"] == 3 * 5 + 1
    votes = done.rows("votes", CastVote)
    assert all(vote.unconditional and vote.agrees for vote in votes)
    for vote in votes:
        assert vote.candidates[vote.position - 1] == vote.chosen_sense_id


def test_control_contexts_go_to_all_judges_at_the_same_time(tmp_path: Path) -> None:
    """In batches: nobody's replies are there yet, and all that is sure is handed out."""
    asked: list[str] = []

    def hand_out(label: str, prompt: str) -> str:
        asked.append(label.split("/")[1])
        raise HandedOut

    with pytest.raises(AssertionError, match="hands requests out"):  # there is no batch here
        judge(tmp_path, hand_out, members=THREE, control=1.0)
    assert Counter(asked) == {"an": 2, "ba": 1, "cu": 1}


def test_the_first_judge_has_the_casting_vote_though_it_answers_last(tmp_path: Path) -> None:
    """It is asked a second time, while the other has answered."""

    def script(label: str, prompt: str) -> str:
        if label.startswith("judge/an/"):
            return choices(prompt, SURE) if label.endswith("/2") else '{"choices": []}'
        return choices(prompt, SURE | {WALL: "t-3"})

    done = judge(tmp_path, script, members=THREE[:2], control=1.0)
    votes = [vote for vote in done.rows("votes", CastVote) if vote.context_id == ID_OF[WALL]]
    assert [vote.judge for vote in votes] == ["an", "ba"]
    assert done.manifest.counts["agree"] == 6


def test_a_vote_that_hung_on_others_says_so(tmp_path: Path) -> None:
    done = judged(tmp_path, {"an": {WALL: "t-3"}})
    votes = [vote for vote in done.rows("votes", CastVote) if vote.context_id == ID_OF[WALL]]
    assert [(vote.judge, vote.unconditional) for vote in votes] == [
        ("an", True),
        ("ba", False),
        ("cu", False),
    ]


def test_who_judges_and_in_what_order_is_part_of_the_result(tmp_path: Path) -> None:
    def settings(**kind: object) -> object:
        stage = bound_stages(tmp_path, JudgeSettings(**kind))["judge"]  # type: ignore[arg-type]
        return dict(stage.settings())

    one = settings(members=THREE)
    assert settings(members=THREE[::-1]) != one
    assert settings(members=[*THREE[:2], member("cu", temperature=0.5)]) != one
    assert settings(members=[*THREE[:2], member("cu", timeout_s=5.0)]) == one


def test_every_endpoint_is_checked_and_what_a_member_says_goes_before_the_rest(
    tmp_path: Path,
) -> None:
    members = [*THREE[:2], member("cu", temperature=0.7)]
    stages = bound_stages(tmp_path, JudgeSettings(members=members, temperature=0.1))  # type: ignore[arg-type]
    found = endpoints_of(stages.values())
    temperatures = {each.model: each.temperature for each in found}
    assert temperatures == {"scripted": None, "an": 0.1, "ba": 0.1, "cu": 0.7}


def test_first_round_requests_are_listed_for_every_judge(tmp_path: Path) -> None:
    done = judged(tmp_path, {"an": {WALL: "t-3"}}, control=1.0)
    stage = bound_stages(tmp_path, JudgeSettings(members=THREE, control=1.0))["judge"]  # type: ignore[arg-type]
    assert isinstance(stage, AskingStage)
    parts = [stage.requests, *stage.requests.others]
    listed = [request.item for part in parts for request in part.listed(done.inputs)]
    assert sorted(listed) == sorted(done.asked)


def test_a_plan_says_where_the_writer_judges_itself_and_what_doubts_may_add(tmp_path: Path) -> None:
    def remarks(**settings: object) -> tuple[str, ...]:
        stage = bound_stages(tmp_path, JudgeSettings(**settings))["judge"]  # type: ignore[arg-type]
        assert isinstance(stage, AskingStage)
        return stage.requests.remarks

    assert remarks() == ("the judge is the model that writes the contexts: it judges itself",)
    assert remarks(enabled=False) == ()
    assert remarks(members=THREE) == (
        "where the votes leave a doubt, ba, cu are asked too: at most 2 times as many requests"
        " again",
    )
    writer = member("an", base_url="http://127.0.0.1:9/v1", model="scripted")
    assert remarks(members=[writer]) == (
        "judge an is the model that writes the contexts: it judges itself",
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"members": [THREE[0], THREE[0]]}, "each member needs a name of its own"),
        ({"members": THREE, "llm": {"base_url": "http://x", "model": "m"}}, "make llm the first"),
        ({"members": [member("a/b")]}, "should match pattern"),
        ({"members": [{"base_url": "http://x", "model": "m"}]}, "Field required"),
    ],
)
def test_members_that_cannot_be_told_apart_are_refused(
    settings: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        JudgeSettings(**settings)  # type: ignore[arg-type]
