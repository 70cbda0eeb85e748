"""Raising or lowering ``per_sense`` uses what is there: requests do not depend on it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.checks.rules import ContextRules
from pipeline.engine.folder import RunFolder
from pipeline.engine.stage import Upstream
from pipeline.llm.settings import EndpointSettings
from pipeline.stages.requests import AskingStage
from pipeline.stages.settings import ContextSettings
from schemas.errors import UsageError
from schemas.records import Context, Gloss, Pos, Provenance, Sense, Synset
from schemas.tables import read_table
from testing.outputs import only_output
from testing.scripted import Finished, run_stage
from testing.wordnet_responder import wanted
from tests.pipeline.stages.bound import bound_stages

SAID = Provenance(
    request_key="k", prompt_id="glosses", prompt_version="1", model="m", sample=0, round=1
)
VI = find_language("vi")
LEMMAS = ("cá rô", "mèo", "chó săn", "gà gô")


def sentences(label: str, n: int) -> list[str]:
    """Sentences of a request, the same for the same label, no two alike."""
    rng = random.Random(label)
    words = [word for word in VI.segmentation.word_list() if word.islower() and " " in word]
    lemma = label.split("/")[1].partition("#")[2].replace("_", " ")
    parts = [[rng.choice(words) for _ in range(4)] for _ in range(n)]
    return [f"{' '.join(each[:2])}, [[{lemma}]], {' '.join(each[2:])}." for each in parts]


class Model:
    """Writes what a prompt asks for; in first rounds the second sentence has no target."""

    def __init__(self) -> None:
        self.wanted: dict[str, int] = {}
        self.prompts: dict[str, str] = {}

    def __call__(self, label: str, prompt: str) -> str:
        n = self.wanted[label] = wanted(prompt)
        self.prompts[label] = prompt
        found = sentences(label, n)
        if label.endswith("/1"):
            found[1] = found[1].replace("[[", "").replace("]]", "")
        return json.dumps({"contexts": found})


def write(
    folder: Path,
    model: Model,
    per_sense: int,
    lemmas: Sequence[tuple[int, str]] = tuple(enumerate(LEMMAS)),
    **settings: object,
) -> Finished:
    """``lemmas`` are pairs of a synset's number and a lemma, ascending."""
    synsets = [
        Synset(
            synset_id=f"t-{n}",
            pos=Pos.NOUN,
            supersense="noun.animal",
            lemmas=tuple(lemma for number, lemma in lemmas if number == n),
        )
        for n in sorted({n for n, _ in lemmas})
    ]
    senses = [
        Sense(
            sense_id=f"t-{n}#{lemma.replace(' ', '_')}", synset_id=f"t-{n}", lemma=lemma,
            pos=Pos.NOUN, n_siblings=0, n_siblings_same_pos=0,
        )
        for n, lemma in lemmas
    ]  # fmt: skip
    glosses = [
        Gloss(synset_id=f"t-{n}", gloss=f"loài vật thứ {n} trong bốn loài", provenance=SAID)
        for n in sorted({n for n, _ in lemmas})
    ]
    chosen = {"per_sense": per_sense, "per_request": 4, "rules": {"word_list": False}} | settings
    llm = EndpointSettings(base_url="http://127.0.0.1:9/v1", model="scripted", temperature=0.7)
    stage = bound_stages(folder, ContextSettings.model_validate(chosen), llm=llm)["contexts"]
    inputs = {
        "synsets": {"synsets": (Synset, synsets), "senses": (Sense, senses)},
        "glosses": {"glosses": (Gloss, glosses)},
    }
    return run_stage(stage, inputs, folder, model)  # type: ignore[arg-type]


def by_number(done: Finished) -> dict[str, list[Context]]:
    """The rows of every sense, by the numbers of their slots."""
    found: dict[str, list[Context]] = {}
    for row in read_table(done.output.table("contexts"), Context):
        found.setdefault(row.sense_id, []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row.slot.number if row.slot else 0)
    return found


def test_fewer_sentences_send_nothing_and_are_the_first_that_came(tmp_path: Path) -> None:
    """The second sentence failed in the first round, and three are there without it."""
    four = by_number(write(tmp_path, Model(), 4))
    done = write(tmp_path, Model(), 3)
    assert done.asked == []
    assert by_number(done) == {sense: [rows[0], *rows[2:]] for sense, rows in four.items()}
    two = write(tmp_path, Model(), 2)
    assert two.asked == []
    assert by_number(two) == {sense: [rows[0], rows[2]] for sense, rows in four.items()}


def test_more_sentences_ask_for_the_new_ones_only(tmp_path: Path) -> None:
    four = by_number(write(tmp_path, Model(), 4))
    model = Model()
    six = write(tmp_path, model, 6)
    assert {label.split("/")[2] for label in model.wanted} == {"5-8"}
    firsts = [label for label in six.asked if label.endswith("/5-8/1")]
    assert len(firsts) == len(LEMMAS)
    for sense, rows in by_number(six).items():
        assert rows[:4] == four[sense]
        assert [row.slot.number for row in rows if row.slot][:4] == [1, 2, 3, 4]
        assert len(rows) == 6


@pytest.mark.parametrize("slots", [True, False])
def test_the_way_to_a_number_of_sentences_leaves_no_trace(tmp_path: Path, slots: bool) -> None:
    """From whatever it comes, a run has the rows of one that wanted them from the beginning."""
    for per_sense in (4, 3, 9, 1, 6):
        changed = write(tmp_path / "one", Model(), per_sense, slots=slots)
        fresh = write(tmp_path / f"from-{per_sense}", Model(), per_sense, slots=slots)
        rows = [
            list(read_table(each.output.table("contexts"), Context)) for each in (changed, fresh)
        ]
        assert rows[0] == rows[1]
        assert len(rows[0]) == per_sense * len(LEMMAS)


def test_a_request_that_was_paid_is_never_sent_again(tmp_path: Path) -> None:
    sent: list[str] = []
    for per_sense in (4, 3, 9, 1, 6, 9, 4):
        sent += write(tmp_path, Model(), per_sense).asked
    assert len(sent) == len(set(sent))
    assert sorted(sent) == sorted(write(tmp_path / "fresh", Model(), 9).asked)


def test_each_sentence_is_asked_for_with_its_own_wish(tmp_path: Path) -> None:
    model = Model()
    done = write(tmp_path, model, 4)
    prompt = model.prompts["contexts/t-1#mèo/1"].splitlines()
    assert prompt[-6] == "Gợi ý cho từng câu, câu nào cũng có [[mèo]] đúng một lần:"
    assert [line[:4] for line in prompt[-5:]] == ["(1) ", "(2) ", "(3) ", "(4) ", "Số c"]
    again = next(text for label, text in model.prompts.items() if label.endswith("/2"))
    label = next(label for label in model.prompts if label.endswith("/2"))
    first = model.prompts[label[:-1] + "1"]
    wishes = [re.findall(r"^\(\d\) (.*)$", text, re.MULTILINE) for text in (first, again)]
    assert len(wishes[1]) == model.wanted[label] == 1
    assert wishes[1][0] in wishes[0]
    numbers = [[row.slot.number for row in rows if row.slot] for rows in by_number(done).values()]
    assert numbers == [[1, 2, 3, 4]] * len(LEMMAS)


def test_without_slots_nothing_is_asked_of_single_sentences(tmp_path: Path) -> None:
    model = Model()
    done = write(tmp_path, model, 4, slots=False)
    assert not any("Gợi ý" in prompt for prompt in model.prompts.values())
    assert {row.slot for rows in by_number(done).values() for row in rows} == {None}


def test_a_template_that_shows_no_wishes_gets_no_slots(tmp_path: Path) -> None:
    model = Model()
    done = write(tmp_path, model, 4, prompt="contexts.v1")
    assert {row.slot for rows in by_number(done).values() for row in rows} == {None}
    settings = done.manifest.settings
    assert settings["slots"] is False


def test_a_sentence_beyond_those_asked_for_fills_a_gap_and_has_no_slot(tmp_path: Path) -> None:
    class Generous(Model):
        def __call__(self, label: str, prompt: str) -> str:
            said = json.loads(super().__call__(label, prompt))["contexts"]
            extra = sentences(f"{label}9", 3)
            return json.dumps({"contexts": said + extra})

    done = write(tmp_path, Generous(), 4)
    assert all(label.endswith("/1") for label in done.asked)
    for rows in by_number(done).values():
        assert [row.slot is None for row in rows].count(True) == 1
        assert len(rows) == 4


def settings_of(folder: Path, **settings: object) -> object:
    stage = bound_stages(folder, ContextSettings.model_validate(settings))["contexts"]
    return stage.settings()


@pytest.mark.parametrize(
    "changed",
    [
        {"per_request": 5},
        {"temperature_step": 0.2},
        {"slots": False},
        {"slots": {"region": {"south": 2}}},
        {"rules": {"max_word_share": 0.4}},
    ],
)
def test_what_changes_a_request_or_a_row_decides(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    assert settings_of(tmp_path, **changed) != settings_of(tmp_path)


def test_weights_that_stand_at_the_languages_own_decide_nothing(tmp_path: Path) -> None:
    assert settings_of(tmp_path, slots={"region": {"south": 1}}) == settings_of(tmp_path)
    assert settings_of(tmp_path, slots=True) == settings_of(tmp_path)
    off = settings_of(tmp_path, slots=False)
    assert settings_of(tmp_path, slots={"on": False, "region": {"south": 9}}) == off


def test_every_portion_is_foreseen(tmp_path: Path) -> None:
    chosen = ContextSettings(per_sense=9, per_request=4)
    stage = bound_stages(tmp_path, chosen)["contexts"]
    assert isinstance(stage, AskingStage)
    assert stage.requests.estimated({"senses": 5, "synsets": 5}, {}).requests == 15


def test_the_first_requests_of_all_portions_are_listed_and_found_paid(tmp_path: Path) -> None:
    """What ``plan`` lists for nine sentences has been sent by a run for nine."""
    model = Model()
    done = write(tmp_path, model, 9)
    stage = bound_stages(
        tmp_path, ContextSettings(per_sense=9, per_request=4, rules=ContextRules(word_list=False))
    )["contexts"]
    assert isinstance(stage, AskingStage)
    folder = RunFolder(tmp_path)
    inputs = {
        name: Upstream(folder.stage(name, manifest.fingerprint), manifest)
        for name in ("synsets", "glosses")
        for manifest in [only_output(tmp_path, name)]
    }
    listed = [request.item for request in stage.requests.listed(inputs)]
    assert len(listed) == 3 * len(LEMMAS)
    assert set(listed) <= set(done.asked)
    fewer = bound_stages(tmp_path, ContextSettings(per_sense=3, per_request=4))["contexts"]
    assert isinstance(fewer, AskingStage)
    assert {request.item for request in fewer.requests.listed(inputs)} <= set(done.asked)


def test_a_slot_that_the_language_lacks_is_refused_with_the_list(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"\[contexts.slots.region\] has no 'saigon'; there are any"
    ):
        settings_of(tmp_path, slots={"region": {"saigon": 1}})


def test_a_sense_that_wants_few_is_asked_in_its_own_portions_only(tmp_path: Path) -> None:
    """The name wants two and gets one in all its rounds; the other word needs a second portion."""

    class Short(Model):
        def __call__(self, label: str, prompt: str) -> str:
            if "#Lu" in label and "+1" not in label:
                return json.dumps({"contexts": []})
            if "+1" not in label:
                return super().__call__(label, prompt)
            words = {"Lu": sentences("x/t-0#Lu/1", 1), "mèo": sentences("x/t-0#mèo/1", 4)}
            said = [{"lemma": lemma, "contexts": found} for lemma, found in words.items()]
            return json.dumps({"words": said})

    lemmas = ((0, "Lu"), (0, "mèo"))
    per_kind = {"name": 2}
    done = write(tmp_path, Short(), 6, lemmas, lemmas_per_request=2, per_kind=per_kind)
    assert sorted(done.asked) == [
        "contexts/t-0#Lu+1/1",
        "contexts/t-0#Lu/2",
        "contexts/t-0#Lu/3",
        "contexts/t-0#mèo/5-8/1",
    ]
