"""Released sentences are rephrased and translated: checked, judged blind, asked for again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.checks.marks import Sound
from pipeline.checks.rules import ContextRules
from pipeline.checks.translations import TranslationChecker
from pipeline.llm.faults import RefusedError
from pipeline.select.records import SelectedContext
from pipeline.split.records import Assignment
from pipeline.stages.requests import AskingStage
from pipeline.stages.settings import ContextSettings, RephraseSettings
from schemas import ids
from schemas.errors import UsageError
from schemas.records import (
    Gloss,
    Pos,
    Provenance,
    Reject,
    RephrasedAs,
    Rephrasing,
    Split,
    Synset,
)
from schemas.tables import read_table
from testing.scripted import Finished, Script, Tables, run_stage
from tests.pipeline.stages.bound import bound_stages

SAID = Provenance(
    request_key="k", prompt_id="contexts", prompt_version="1", model="m", sample=0, round=1
)
SYNSETS = {
    "t-1": (Pos.VERB, "verb.contact", ("khoan", "đục"), "dùng mũi nhọn xoay tròn tạo lỗ sâu"),
    "t-3": (Pos.VERB, "verb.stative", ("khoan",), "dừng lại, chưa làm ngay việc định làm"),
}
SENTENCES = {
    "t-1#khoan": {
        "Bố em phải khoan bốn lỗ trên bức tường phòng khách.": Split.TRAIN,
        "Người thợ già khoan xuống lòng đất để tìm nước ngọt.": Split.TRAIN,
        "Công ty định khoan thêm hai giếng dầu ngoài khơi.": Split.TEST_SEEN,
    },
    "t-3#khoan": {"Bà bảo mọi người khoan ăn cơm để chờ ông về.": Split.VALIDATION},
}
AGAIN = {
    "Bố em phải khoan": "Để treo tranh trong phòng khách, bố em [[khoan]] vào tường bốn lỗ.",
    "Người thợ già khoan": "Muốn có nước ngọt dùng, bác thợ lớn tuổi [[đục]] sâu vào lòng đất.",
    "Bà bảo mọi người": "Ông chưa về nên bà dặn cả nhà [[khoan]] dùng bữa tối.",
}
ENGLISH = {
    "Bố em phải khoan": "My father has to [[drill]] four holes in the wall of the living room.",
    "Người thợ già khoan": "The old workman [[drilled]] into the ground to look for fresh water.",
    "Bà bảo mọi người": "Grandmother told everyone to [[hold off]] eating until he came back.",
}
MEANT = {"[[khoan]] dùng bữa": "t-3", "[[hold off]]": "t-3"}
"""Of all other sentences it is t-1."""


def inputs() -> dict[str, Tables]:
    rows = []
    for sense, sentences in SENTENCES.items():
        for sentence, split in sentences.items():
            start = sentence.index("khoan")
            span = start, start + len("khoan")
            name = ids.context_id(sense, sentence, *span)
            row = SelectedContext(
                context_id=name,
                sense_id=sense,
                sentence=sentence,
                target_start=span[0],
                target_end=span[1],
                provenance=SAID,
                judged="agree",
                audited="unaudited",
                cluster=name,
            )
            rows.append((row, split))
    rows.sort(key=lambda each: each[0].context_id)
    synsets = [
        Synset(synset_id=s, pos=pos, supersense=supersense, lemmas=lemmas)
        for s, (pos, supersense, lemmas, _) in SYNSETS.items()
    ]
    glosses = [Gloss(synset_id=s, gloss=row[3], provenance=SAID) for s, row in SYNSETS.items()]
    assigned = [Assignment(context_id=row.context_id, split=split) for row, split in rows]
    return {
        "synsets": {"synsets": (Synset, synsets)},
        "glosses": {"glosses": (Gloss, glosses)},
        "select": {"selected": (SelectedContext, [row for row, _ in rows])},
        "split": {"splits": (Assignment, assigned)},
    }


def rephrase(folder: Path, script: Script, *, again: bool = False, **settings: object) -> Finished:
    settings = {"kinds": ("paraphrase", "translation"), **settings}
    own = RephraseSettings(**settings)  # type: ignore[arg-type]
    quick = ContextSettings(rules=ContextRules(word_list=False))
    stage = bound_stages(folder, own, quick)["rephrase"]
    return run_stage(stage, inputs(), folder, script, retry_failed=again)


def answer(label: str, prompt: str, told: dict[str, dict[str, str]]) -> str:
    """A writer that says what it is told, and an honest judge."""
    numbered = re.findall(r"\((\d+)\) (.*)", prompt)
    if "/translation/" in label or "/paraphrase/" in label:
        own = told["translation" if "/translation/" in label else "paraphrase"]
        plain = [(int(n), text.replace("[[", "").replace("]]", "")) for n, text in numbered]
        said = [
            {"sentence": n, "text": new}
            for n, text in plain
            for start, new in own.items()
            if text.startswith(start)
        ]
        return json.dumps({"rephrased": said})
    shown = re.findall(r"^(\d+) = (.*)$", prompt, re.MULTILINE)
    place = {s: next(n for n, gloss in shown if gloss == SYNSETS[s][3]) for s in SYNSETS}
    choices = []
    for number, text in numbered:
        meant = next((s for piece, s in MEANT.items() if piece in text), "t-1")
        choices.append({"sentence": int(number), "sense": int(place[meant])})
    return json.dumps({"choices": choices})


def good(label: str, prompt: str) -> str:
    return answer(label, prompt, {"paraphrase": AGAIN, "translation": ENGLISH})


def with_changed(kind: str, start: str, *texts: str) -> Script:
    """As :func:`good`, but of one sentence the texts, round by round; the last again and again."""

    def script(label: str, prompt: str) -> str:
        told = {"paraphrase": dict(AGAIN), "translation": dict(ENGLISH)}
        round_ = int(label.removesuffix("/repair").rpartition("/")[2])
        told[kind][start] = texts[min(round_, len(texts)) - 1]
        return answer(label, prompt, told)

    return script


def found(done: Finished) -> list[Rephrasing]:
    return [row for row in done.rows("rephrasings", Rephrasing) if isinstance(row, Rephrasing)]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return rephrase(tmp_path_factory.mktemp("run"), good)


def test_sentences_of_the_wanted_parts_are_said_in_both_ways(done: Finished) -> None:
    rows = found(done)
    assert {mark(row) for row in rows if row.kind is RephrasedAs.PARAPHRASE} == {*AGAIN.values()}
    assert {mark(row) for row in rows if row.kind is RephrasedAs.TRANSLATION} == {*ENGLISH.values()}
    counts = {"rephrasings": 6, "paraphrases": 3, "translations": 3, "failed": 0}
    assert done.manifest.counts == counts
    assert done.rejects == []


def mark(row: Rephrasing) -> str:
    start, end = row.target_start, row.target_end
    return f"{row.sentence[:start]}[[{row.target}]]{row.sentence[end:]}"


def test_a_row_names_its_sentence_its_part_and_who_made_it(done: Finished) -> None:
    (row,) = [row for row in found(done) if row.target == "hold off"]
    assert (row.language, row.sense_id, row.split) == ("en", "t-3#khoan", Split.VALIDATION)
    assert row.context_id.startswith("t-3#khoan@")
    assert row.provenance.prompt_id == "translate"
    assert len({row.rephrasing_id for row in found(done)}) == 6


def test_the_judge_sees_the_texts_of_all_senses_mixed_and_no_source(tmp_path: Path) -> None:
    seen: list[str] = []

    def script(label: str, prompt: str) -> str:
        if "translation" not in label and "paraphrase" not in label:
            seen.append(prompt)
        return good(label, prompt)

    rephrase(tmp_path, script)
    (prompt,) = seen
    assert all(text in prompt for text in (*AGAIN.values(), *ENGLISH.values()))
    assert not any(text in prompt for own in SENTENCES.values() for text in own)


def test_without_a_kind_nothing_is_asked_and_other_settings_change_nothing(
    tmp_path: Path,
) -> None:
    def never(label: str, _: str) -> str:
        pytest.fail(f"{label}: nothing is to be asked")

    first = rephrase(tmp_path, never, kinds=())
    assert found(first) == []
    assert first.manifest.counts == {"rephrasings": 0}
    assert rephrase(tmp_path, never, kinds=(), per_sense=7).output.folder == first.output.folder


FAULTS = {
    "paraphrase": {
        "Bố em phải [[khoan]] bốn lỗ trên bức tường phòng ngủ.": "near_duplicate",
        "Công ty định [[khoan]] thêm hai giếng dầu ở ngoài khơi.": "near_duplicate",
        "Để treo tranh, bố em khoan vào tường phòng khách bốn lỗ.": "target_missing",
        "Để treo tranh, bố em [[đào]] vào tường nhà bốn lỗ.": "target_altered",
        "Tranh chưa treo được, bố em [[khoan]] dùng bữa với ông.": "meaning_lost",
    },
    "translation": {
        "Bố em phải [[đục]] bốn lỗ vào bức tường phòng khách.": "other_language",
        "My father has to [[khoan]] four holes in the wall.": "untranslated",
        "My father has to [[drill]] four [[holes]] there.": "target_marked_twice",
        "He [[drills]].": "length",
        "My father told us to [[hold off]] drilling holes in it.": "meaning_lost",
    },
}


@pytest.mark.parametrize("kind", sorted(FAULTS))
def test_what_is_wrong_is_rejected_told_and_asked_for_again(tmp_path: Path, kind: str) -> None:
    """Round by round another fault, and in the last a good one."""
    start = "Bố em phải khoan"
    right = (AGAIN if kind == "paraphrase" else ENGLISH)[start]
    prompts: dict[str, str] = {}
    answers = with_changed(kind, start, *FAULTS[kind], right)

    def script(label: str, prompt: str) -> str | Exception:
        prompts[label] = prompt
        return answers(label, prompt)

    done = rephrase(tmp_path, script, rounds=6)
    assert [code for _, code in done.rejects] == [*FAULTS[kind].values()]
    assert len(found(done)) == 6
    for round_, text in enumerate(FAULTS[kind], start=2):
        (again,) = [prompts[label] for label in prompts if label.endswith(f"/{kind}/{round_}")]
        assert f"“{text}”" in again
        assert "Người thợ già" not in again  # what passed is not asked for again


def test_what_never_passes_is_left_out_and_is_no_failure(tmp_path: Path) -> None:
    script = with_changed("translation", "Bố em phải khoan", "He [[drills]].")
    done = rephrase(tmp_path, script)
    assert done.manifest.counts["translations"] == 2
    assert done.manifest.counts["failed"] == 0
    assert [code for _, code in done.rejects] == ["length", "length"]


def test_sentences_without_a_usable_reply_have_failed_and_are_tried_again(tmp_path: Path) -> None:
    def silent(label: str, prompt: str) -> str | Exception:
        if "/paraphrase/" in label:
            return RefusedError(400, "content_filter", "HTTP 400: content_filter")
        return good(label, prompt)

    first = rephrase(tmp_path, silent)
    assert first.manifest.counts["failed"] == 3
    assert {code for _, code in first.rejects} == {"refused"}
    second = rephrase(tmp_path, good, again=True)
    assert second.manifest.counts["failed"] == 0
    assert len(found(second)) == 6


def test_a_judge_that_does_not_answer_keeps_nothing(tmp_path: Path) -> None:
    def script(label: str, prompt: str) -> str:
        told = good(label, prompt)
        return json.dumps({"choices": []}) if "choices" in json.loads(told) else told

    done = rephrase(tmp_path, script)
    assert found(done) == []
    assert {code for _, code in done.rejects} == {"unjudged"}


def test_the_order_of_replies_changes_no_byte(tmp_path: Path, done: Finished) -> None:
    assert rephrase(tmp_path, good).manifest.output_hash == done.manifest.output_hash


def test_plan_lists_what_is_sent_first(tmp_path: Path) -> None:
    done = rephrase(tmp_path, good)
    settings = RephraseSettings(kinds=(RephrasedAs.PARAPHRASE, RephrasedAs.TRANSLATION))
    stage = bound_stages(tmp_path, settings)["rephrase"]
    assert isinstance(stage, AskingStage)
    (judge,) = stage.requests.others
    writing = [label for label in done.asked if "/paraphrase/" in label or "/trans" in label]
    assert sorted(r.item for r in stage.requests.listed(done.inputs)) == sorted(writing)
    assert len(writing) == 4
    assert len(list(judge.listed(done.inputs))) == len(done.asked) - len(writing) == 1


def test_a_language_cannot_be_translated_into_itself(tmp_path: Path) -> None:
    settings = RephraseSettings(kinds=(RephrasedAs.TRANSLATION,), to="vi")
    with pytest.raises(UsageError, match=r"\[rephrase\] to = \"vi\" is the language of the run"):
        bound_stages(tmp_path, settings)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="xx"):
        RephraseSettings(to="xx")


@pytest.mark.parametrize("check", [str.upper, str])
def test_a_translation_that_keeps_the_word_is_not_one(check: Callable[[str], str]) -> None:
    checker = TranslationChecker(ContextRules(), find_language("vi"), find_language("en"))
    source = Sound("Anh ấy hát karaoke suốt cả buổi tối hôm qua.", 11, 18)
    said = f"He sang [[{check('karaoke')}]] for the whole evening yesterday."
    outcome = checker.check(said, source)
    assert not isinstance(outcome, Sound)
    assert [each.code for each in outcome] == ["untranslated"]
    assert "karaoke" in outcome[0].reason.casefold()


def test_every_reject_has_its_text_and_its_request(tmp_path: Path) -> None:
    script = with_changed("translation", "Bố em phải khoan", "He [[drills]].")
    done = rephrase(tmp_path, script)
    rows = list(read_table(done.output.table("rejects"), Reject))
    assert {(row.stage, row.text) for row in rows} == {("rephrase", "He [[drills]].")}
    assert all(row.provenance is not None for row in rows)
