"""Definitions that are read blind: what was swapped between siblings is found and mended."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.engine.stage import Upstream
from pipeline.llm.faults import RefusedError
from pipeline.stages.gloss_readers import BlindReading, Neighbours
from pipeline.stages.requests import AskingStage
from pipeline.stages.settings import GlossSettings, VerifySettings
from pipeline.stages.synset_index import SynsetIndex
from schemas.records import Gloss, Link, Pos, Reject, Synset
from schemas.tables import read_table, write_table
from testing.outputs import only_output
from testing.scripted import Finished, Script, Tables, run_stage
from tests.data_demo.test_demo_data import ALIKE, INDISTINCT, SENSELESS, glosses, shown, synsets
from tests.pipeline.stages.bound import bound_stages

VI = find_language("vi")
TRUE = {synset: found[-1] for synset, found in glosses().items()}
"""What each definition of the demo's lexicon defines, as an honest reader knows."""


def rows() -> list[Synset]:
    return [
        Synset(synset_id=row.synset, pos=Pos(row.pos), supersense=row.supersense, lemmas=row.lemmas)
        for row in sorted(synsets().values(), key=lambda row: row.synset)
        if row.synset not in {*INDISTINCT, *ALIKE, SENSELESS}
    ]


INPUTS: dict[str, Tables] = {
    "synsets": {"synsets": (Synset, rows())},
    "link": {"links": (Link, ())},
}


def swapped(number: int) -> dict[str, str]:
    """The definitions, of which so many are those of a sibling of the same part of speech."""
    by_lemma: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows():
        for lemma in row.lemmas:
            by_lemma[lemma, row.pos].append(row.synset_id)
    planted, said = set[str](), dict(TRUE)
    for several in by_lemma.values():
        free = [synset for synset in several if synset not in planted]
        for one, other in zip(free[::2], free[1::2], strict=False):
            if len(planted) < number and TRUE[one] != TRUE[other]:
                said[one], said[other] = TRUE[other], TRUE[one]
                planted |= {one, other}
    assert len(planted) == number
    return said


class Honest:
    """Writes what it is given in the first round and what is true later; reads what is written."""

    def __init__(self, first: dict[str, str]) -> None:
        self.first = first
        self.meant = {gloss: synset for synset, gloss in TRUE.items()}
        self.prompts: dict[str, str] = {}

    def __call__(self, label: str, prompt: str) -> str:
        self.prompts[label] = prompt
        stage, item, number = label.split("/")
        if stage == "glosses":
            said = self.first if number == "1" else TRUE
            entries = [
                {"number": at, "gloss": said[synset], "same_as": 0}
                for at, synset in enumerate(item.split("+"), start=1)
            ]
            return json.dumps({"glosses": entries})
        gloss = prompt.splitlines()[0].removeprefix("Định nghĩa: ")
        lines = [line.partition(" = ") for line in prompt.splitlines() if " = " in line]
        meant = shown(self.meant[gloss])
        choice = next((int(at) for at, _, text in lines if text == meant), 0)
        return json.dumps({"word": meant.partition(";")[0].partition(" (")[0], "choice": choice})


def gloss(folder: Path, model: Script, **verify: object) -> Finished:
    settings = GlossSettings(verify=VerifySettings(enabled=True, **verify))  # type: ignore[arg-type]
    # Alike texts are another check's; here nothing but the reading may find the faults.
    settings = settings.model_copy(
        update={"rules": settings.rules.model_copy(update={"off": ("circular",)})}
    )
    return run_stage(bound_stages(folder, settings)["glosses"], INPUTS, folder, model)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Finished, Honest]:
    model = Honest(swapped(30))
    return gloss(tmp_path_factory.mktemp("run"), model), model


def test_all_of_thirty_definitions_swapped_between_siblings_are_caught_and_no_other(
    planted: tuple[Finished, Honest],
) -> None:
    done, model = planted
    rejects = list(read_table(done.output.table("rejects"), Reject))
    wrong = {synset for synset in TRUE if model.first[synset] != TRUE[synset]}
    assert len(wrong) == 30
    assert {(row.item_id, row.code) for row in rejects} == {
        (synset, "gloss_unverified") for synset in wrong
    }
    assert len(rejects) == 30
    for row in rejects:
        meant = model.meant[model.first[row.item_id]]
        assert row.detail == f"taken for {meant}, {meant}"


def test_they_are_written_again_with_the_confusion_told(planted: tuple[Finished, Honest]) -> None:
    done, model = planted
    written = {row.synset_id: row.gloss for row in read_table(done.output.table("glosses"), Gloss)}
    assert written == TRUE
    asked = "\n".join(text for label, text in model.prompts.items() if label.endswith("/2"))
    assert asked.count("người chỉ đọc định nghĩa này hiểu là") >= 30


def test_a_right_reading_is_asked_for_once_and_a_wrong_one_twice_in_another_order(
    planted: tuple[Finished, Honest],
) -> None:
    done, model = planted
    labels = [label for label in done.asked if label.startswith("verify/")]
    assert len(labels) == len(set(labels)) == (len(TRUE) - 30) + 2 * 30 + 30
    twice = next(label for label in labels if label.endswith("/2"))
    once = twice.removesuffix("2") + "1"
    first, second = (model.prompts[label].splitlines() for label in (once, twice))
    without = [sorted(line.partition(" = ")[2] for line in lines) for lines in (first, second)]
    assert without[0] == without[1]
    assert first != second
    counts = done.manifest.counts
    assert counts["read_blind"] == len(TRUE) + 30
    rows = list(read_table(done.output.table("readings"), BlindReading))
    assert len(rows) == counts["read_blind"]
    assert sum(row.named for row in rows) == counts["named_blind"]
    assert sum(bool(row.misread) for row in rows) == 30
    assert counts["named_blind"] == len(TRUE)


def test_the_right_one_stands_at_every_place_of_the_list(
    planted: tuple[Finished, Honest],
) -> None:
    """A reader who always takes the first would else be right, or never."""
    _, model = planted
    at = Counter[int]()
    for label, prompt in model.prompts.items():
        stage, item, number = label.split("/")
        if stage == "verify" and number == "1":
            lines = [line.partition(" = ") for line in prompt.splitlines() if " = " in line]
            at.update(int(place) for place, _, text in lines if text == shown(item))
    assert sum(at.values()) == len(TRUE)
    assert min(at[place] for place in range(1, 5)) > len(TRUE) / 16


def test_those_without_a_word_in_common_are_the_next_of_their_kind_in_an_order_of_their_own(
    tmp_path: Path,
) -> None:
    lemmas = ("bàn", "ghế", "tủ", "giường", "đèn")
    rows = [
        Synset(synset_id=f"t-{n}", pos=Pos.NOUN, supersense="noun.artifact", lemmas=(lemma,))
        for n, lemma in enumerate(lemmas)
    ]
    write_table(tmp_path / "synsets.parquet", Synset, rows)
    near = Neighbours(SynsetIndex(tmp_path / "synsets.parquet", VI))
    order = sorted(
        (row.synset_id for row in rows), key=lambda s: hashlib.sha256(s.encode()).digest()
    )
    twice = order + order
    for at, synset in enumerate(order):
        assert near.of(synset, 2, {}) == tuple(twice[at + 1 : at + 3])


def test_a_definition_that_stays_wrong_is_rejected(tmp_path: Path) -> None:
    wrong = swapped(2)
    model = Honest(wrong)
    lying = {s for s in TRUE if wrong[s] != TRUE[s]}
    model_settings = GlossSettings(rounds=1, verify=VerifySettings(enabled=True))
    stage = bound_stages(tmp_path, model_settings)["glosses"]
    done = run_stage(stage, INPUTS, tmp_path, model)
    codes = {(row.item_id, row.code) for row in read_table(done.output.table("rejects"), Reject)}
    assert codes == {(s, code) for s in lying for code in ("gloss_unverified", "no_gloss")}
    assert done.manifest.failed == 2


def test_a_doubtful_definition_that_stands_is_read_like_any_other(tmp_path: Path) -> None:
    short = {"demo-21": "rang cho khô", "demo-20": "đảo cho giòn"}
    model = Honest(TRUE | short)
    model.meant |= dict.fromkeys(short.values(), "demo-21")
    settings = GlossSettings(rounds=1, verify=VerifySettings(enabled=True))
    done = run_stage(bound_stages(tmp_path, settings)["glosses"], INPUTS, tmp_path, model)
    assert done.rejects == [("demo-20", "gloss_unverified"), ("demo-20", "no_gloss")]
    assert {
        row.synset_id: row.gloss for row in read_table(done.output.table("glosses"), Gloss)
    } == {synset: text for synset, text in (TRUE | short).items() if synset != "demo-20"}
    counts = done.manifest.counts
    assert (counts["doubtful"], counts["failed"], counts["read_blind"]) == (1, 1, len(TRUE))
    assert done.manifest.remarks == ()


def test_definitions_that_nobody_could_read_are_counted_and_told(tmp_path: Path) -> None:
    honest = Honest(TRUE)
    refusal = RefusedError(400, "content_filter", "HTTP 400: content_filter")

    def script(label: str, prompt: str) -> str | Exception:
        unread = label.startswith(("verify/demo-1/", "verify/demo-2/"))
        return refusal if unread else honest(label, prompt)

    done = gloss(tmp_path, script)
    counts = done.manifest.counts
    assert (counts["glosses"], counts["unread"]) == (len(TRUE), 2)
    assert counts["read_blind"] == len(TRUE) - 2
    assert done.manifest.remarks == (
        "2 definitions stand unread: their readers gave no usable answer",
    )


def test_a_reader_that_guesses_is_named(tmp_path: Path) -> None:
    """It takes the first of those shown: by chance that is right once in eight times."""
    honest = Honest(TRUE)

    def script(label: str, prompt: str) -> str:
        if label.startswith("glosses"):
            return honest(label, prompt)
        return json.dumps({"word": "gì", "choice": 1})

    settings = GlossSettings(rounds=1, verify=VerifySettings(enabled=True))
    done = run_stage(bound_stages(tmp_path, settings)["glosses"], INPUTS, tmp_path, script)
    [line] = done.manifest.remarks
    assert line.startswith("the reader of definitions is no better than chance: at first sight it ")
    assert re.search(
        r"took \d+ of \d+ for their own synset's, where guessing brings 1\d; ask", line
    )


def test_readers_decide_the_fingerprint_only_where_they_are_asked(tmp_path: Path) -> None:
    def settings(**verify: object) -> object:
        section = GlossSettings.model_validate({"verify": verify})
        return bound_stages(tmp_path, section)["glosses"].settings()

    assert settings() == settings(candidates=5)
    assert settings() != settings(enabled=True)
    assert settings(enabled=True) != settings(enabled=True, candidates=5)


def test_plan_lists_a_reading_for_every_definition(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = gloss(folder, Honest(TRUE))
    asked = [label for label in done.asked if label.startswith("verify/")]
    settings = GlossSettings(verify=VerifySettings(enabled=True))
    stage = bound_stages(folder, settings)["glosses"]
    assert isinstance(stage, AskingStage)
    (readings,) = stage.requests.others
    inputs = {
        name: Upstream(next((folder / "stages" / name).iterdir()), only_output(folder, name))
        for name in stage.inputs
    }
    assert sorted(request.item for request in readings.listed(inputs)) == sorted(asked)
    assert bound_stages(folder)["glosses"].requests.others == ()  # type: ignore[attr-defined]
