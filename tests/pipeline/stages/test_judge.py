"""The judge is blind, is asked again for what it left out, and what it never answers has failed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from languages.find import find_language
from pipeline.llm.faults import RefusedError
from pipeline.select.records import UnjudgedContext
from pipeline.stages import judge_bench
from pipeline.stages.requests import AskingStage
from pipeline.stages.settings import JudgeSettings
from prompts.catalogue import load
from schemas import ids
from schemas.records import Context, Gloss, Pos, Provenance, Reject, Synset, Verdict
from schemas.tables import read_table
from testing.scripted import Finished, Script, run_stage
from tests.pipeline.stages.bound import bound_stages

SAID = Provenance(
    request_key="k", prompt_id="contexts", prompt_version="1", model="m", sample=0, round=1
)
SYNSETS = {
    "t-1": (Pos.VERB, "verb.contact", "khoan", "dùng mũi nhọn xoay tròn tạo lỗ sâu"),
    "t-2": (Pos.NOUN, "noun.artifact", "khoan", "dụng cụ có mũi xoắn để đục lỗ"),
    "t-3": (Pos.VERB, "verb.stative", "khoan", "dừng lại, chưa làm ngay việc định làm"),
    "t-4": (Pos.NOUN, "noun.animal", "mèo", "thú nhỏ nuôi trong nhà để bắt chuột"),
}
SENTENCES = {
    "t-1#khoan": ["Bố khoan một lỗ.", "Thợ khoan tường.", "Họ khoan giếng."],
    "t-2#khoan": ["Anh mượn chiếc khoan.", "Tiếng khoan rền rĩ."],
    "t-4#mèo": ["Con mèo ngủ."],
}


def contexts() -> list[Context]:
    rows = []
    for sense, sentences in SENTENCES.items():
        lemma = sense.partition("#")[2]
        for sentence in sentences:
            start = sentence.index(lemma)
            span = start, start + len(lemma)
            rows.append(
                Context(
                    context_id=ids.context_id(sense, sentence, *span),
                    sense_id=sense,
                    sentence=sentence,
                    target_start=span[0],
                    target_end=span[1],
                    provenance=SAID,
                )
            )
    return sorted(rows, key=lambda row: row.context_id)


ID_OF = {row.sentence: row.context_id for row in contexts()}
MEANT = {row.sentence: row.sense_id for row in contexts()}


def judge(
    folder: Path,
    script: Script,
    *,
    again: bool = False,
    clusters: dict[str, str] | None = None,
    **settings: object,
) -> Finished:
    synsets = [
        Synset(synset_id=s, pos=pos, supersense=supersense, lemmas=(lemma,))
        for s, (pos, supersense, lemma, _) in SYNSETS.items()
    ]
    glosses = [
        Gloss(synset_id=s, gloss=row[3], provenance=SAID, cluster=(clusters or {}).get(s))
        for s, row in SYNSETS.items()
    ]
    stage = bound_stages(folder, JudgeSettings(**settings))["judge"]  # type: ignore[arg-type]
    inputs = {
        "synsets": {"synsets": (Synset, synsets)},
        "glosses": {"glosses": (Gloss, glosses)},
        "contexts": {"contexts": (Context, contexts())},
    }
    return run_stage(stage, inputs, folder, script, retry_failed=again)


def shown(prompt: str) -> tuple[list[str], list[str]]:
    """The sentences and the glosses of a request, in the order in which the judge sees them."""
    sentences = [s for s in MEANT if s.replace(lemma_of(s), f"[[{lemma_of(s)}]]") in prompt]
    places = {s: prompt.index(s.replace(lemma_of(s), f"[[{lemma_of(s)}]]")) for s in sentences}
    glosses = [row[3] for row in SYNSETS.values() if row[3] in prompt]
    return sorted(sentences, key=places.__getitem__), sorted(glosses, key=prompt.index)


def lemma_of(sentence: str) -> str:
    return MEANT[sentence].partition("#")[2]


def choices(prompt: str, of: dict[str, str | None]) -> str:
    """A reply that gives each sentence the synset in ``of``; None: none of these."""
    sentences, glosses = shown(prompt)
    told = []
    for number, sentence in enumerate(sentences, start=1):
        if sentence in of:
            synset = of[sentence]
            sense = glosses.index(SYNSETS[synset][3]) + 1 if synset else 0
            told.append({"sentence": number, "sense": sense})
    return json.dumps({"choices": told})


def agree(_: str, prompt: str) -> str:
    return choices(prompt, {s: sense.partition("#")[0] for s, sense in MEANT.items()})


@pytest.mark.parametrize("held", [1, 2, 5, 6])
def test_how_many_sentences_are_in_memory_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    """Five sentences are of one lemma, one of another; a lemma's are read together."""
    reads: list[int] = []
    read = judge_bench.Bench._read

    def counted(bench: judge_bench.Bench, rows: np.ndarray) -> pa.Table:
        reads.append(len(rows))
        return read(bench, rows)

    monkeypatch.setattr(judge_bench.Bench, "_read", counted)
    whole = judge(tmp_path / "whole", agree)
    monkeypatch.setattr(judge_bench, "_HELD", held)
    parts = judge(tmp_path / "parts", agree)
    assert reads == [6, *([6] if held == 6 else [5, 1])]
    assert parts.manifest.output_hash == whole.manifest.output_hash
    assert sorted(parts.asked) == sorted(whole.asked)


def test_verdicts_name_the_sense_behind_the_number_that_was_chosen(tmp_path: Path) -> None:
    done = judge(tmp_path, agree)
    verdicts = done.rows("verdicts", Verdict)
    assert {row.context_id: row.chosen_sense_id for row in verdicts} == {
        ID_OF[sentence]: sense for sentence, sense in MEANT.items()
    }
    assert [row.context_id for row in verdicts] == sorted(ID_OF.values())
    assert done.progress is not None
    assert (done.progress.done, done.progress.total, done.progress.accepted) == (6, 6, 6)
    assert done.manifest.counts == {
        "verdicts": 6,
        "agree": 6,
        "other_sense": 0,
        "none_of_these": 0,
        "failed": 0,
    }


def test_other_senses_and_none_of_these_are_told_apart(tmp_path: Path) -> None:
    said = {s: sense.partition("#")[0] for s, sense in MEANT.items()}
    said |= {"Bố khoan một lỗ.": "t-3", "Con mèo ngủ.": None}
    done = judge(tmp_path, lambda _, prompt: choices(prompt, said))
    counts = done.manifest.counts
    assert (counts["agree"], counts["other_sense"], counts["none_of_these"]) == (4, 1, 1)


def test_candidates_stand_in_an_order_that_does_not_tell_which_was_meant(tmp_path: Path) -> None:
    orders = []

    def look(label: str, prompt: str) -> str:
        orders.append(tuple(shown(prompt)[1]))
        return agree(label, prompt)

    judge(tmp_path / "a", look, together="context")
    first = sorted(orders)
    orders.clear()
    judge(tmp_path / "b", look, together="context")
    assert sorted(orders) == first
    of_khoan = {order for order in first if len(order) == 3}
    assert len(of_khoan) > 1, "every batch shows them in the same order"


def test_what_a_reply_leaves_out_is_asked_again_and_alone(tmp_path: Path) -> None:
    def forgetful(label: str, prompt: str) -> str:
        if label.endswith("/1") and "Thợ" in prompt:
            meant = {s: sense.partition("#")[0] for s, sense in MEANT.items()}
            return choices(prompt, {s: meant[s] for s in meant if s != "Thợ khoan tường."})
        return agree(label, prompt)

    done = judge(tmp_path, forgetful)
    assert done.manifest.failed == 0
    second = [label for label in done.asked if label.endswith("/2")]
    assert second == [f"judge/{ID_OF['Thợ khoan tường.']}/2"]


def silent_on_cats(label: str, prompt: str) -> str:
    return '{"choices": []}' if "[[mèo]]" in prompt else agree(label, prompt)


def test_what_is_never_answered_counts_as_failed_and_stands_in_a_table(tmp_path: Path) -> None:
    done = judge(tmp_path, silent_on_cats)
    cat = ID_OF["Con mèo ngủ."]
    assert done.manifest.counts["failed"] == 1
    assert [row.context_id for row in done.rows("unjudged", UnjudgedContext)] == [cat]
    assert done.rejects == [(cat, "unjudged")]


def test_a_dead_judge_fails_every_context(tmp_path: Path) -> None:
    refused = RefusedError(400, "content_filter", "HTTP 400: content_filter")
    done = judge(tmp_path, lambda *_: refused)
    assert done.manifest.counts == {
        "verdicts": 0,
        "agree": 0,
        "other_sense": 0,
        "none_of_these": 0,
        "failed": 6,
    }
    assert len(done.rows("unjudged", UnjudgedContext)) == 6
    codes = Counter(code for _, code in done.rejects)
    assert codes == {"refused": 2, "unjudged": 6}  # a request for each lemma


def test_a_number_that_was_not_shown_is_no_choice(tmp_path: Path) -> None:
    done = judge(tmp_path, lambda *_: '{"choices": [{"sentence": 1, "sense": 9}]}')
    assert done.manifest.counts["failed"] == 6
    details = {row.detail for row in read_table(done.output.table("rejects"), Reject)}
    assert details == {"no valid choice in 2 rounds"}


def test_choices_count_in_any_order_and_beside_such_as_do_not(tmp_path: Path) -> None:
    def backwards(label: str, prompt: str) -> str:
        told = json.loads(agree(label, prompt))["choices"]
        return json.dumps({"choices": [{"sentence": 50, "sense": 1}, *reversed(told)]})

    done = judge(tmp_path, backwards)
    assert done.manifest.counts["agree"] == 6
    judged = [row.context_id for row in done.rows("verdicts", Verdict)]
    assert judged == sorted(judged)


def test_sentences_of_all_senses_of_a_lemma_share_requests_of_about_equal_size(
    tmp_path: Path,
) -> None:
    seen = []

    def look(label: str, prompt: str) -> str:
        seen.append([MEANT[sentence] for sentence in shown(prompt)[0]])
        return agree(label, prompt)

    judge(tmp_path / "a", look)
    assert sorted(map(sorted, seen)) == [
        ["t-1#khoan"] * 3 + ["t-2#khoan"] * 2,
        ["t-4#mèo"],
    ]
    assert seen[0] != sorted(seen[0]), "sense by sense"
    seen.clear()
    judge(tmp_path / "b", look, per_request=3)
    assert sorted(map(len, seen)) == [1, 2, 3]


def test_requests_are_foreseen_by_lemma_and_none_where_nothing_is_judged(tmp_path: Path) -> None:
    def foreseen(contexts: int, **settings: object) -> int:
        stage = bound_stages(tmp_path, JudgeSettings(**settings))["judge"]  # type: ignore[arg-type]
        assert isinstance(stage, AskingStage)
        inputs = {"synsets": judge(tmp_path, agree).inputs["synsets"]}
        counts = {"senses": 4, "contexts": contexts}
        return stage.requests.estimated(counts, inputs).requests

    assert foreseen(12) == 2  # nine sentences of three senses, three of one
    assert foreseen(40) == 4
    assert foreseen(12, per_request=4) == 4
    assert foreseen(12, monosemous=False) == 1
    assert foreseen(12, together="context") == 12
    assert foreseen(12, enabled=False) == foreseen(0) == 0


def test_a_reply_is_as_long_as_the_number_of_contexts_that_it_judges(tmp_path: Path) -> None:
    def tokens(per_request: int) -> int:
        stage = bound_stages(tmp_path, JudgeSettings(per_request=per_request))["judge"]
        assert isinstance(stage, AskingStage)
        return stage.requests.reply_tokens

    assert tokens(12) == 3 * tokens(4) > 12


def test_failed_items_are_tried_again_and_only_they(tmp_path: Path) -> None:
    judge(tmp_path, silent_on_cats)
    done = judge(tmp_path, agree, again=True)
    cat = ID_OF["Con mèo ngủ."]
    assert done.asked == [f"judge/{cat}/3"]
    assert done.manifest.failed == 0
    assert done.manifest.attempts == 2
    assert judge(tmp_path, agree, again=True).asked == []


@pytest.mark.parametrize("settings", [{"enabled": False}, {"monosemous": False}])
def test_what_the_judge_is_not_asked_about_has_not_failed(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    done = judge(tmp_path, agree, **settings)
    assert done.manifest.failed == 0
    assert not [label for label in done.asked if ID_OF["Con mèo ngủ."] in label]


def test_an_own_prompt_is_looked_for_beside_run_toml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the command is given."""
    text = load("judge", find_language("vi")).text
    (tmp_path / "mine.j2").write_text(
        text.replace("chuyên gia", "nhà nghiên cứu"), encoding="utf-8"
    )
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    done = judge(tmp_path, agree, prompt="mine.j2")
    assert done.manifest.usage.prompts[0].startswith("mine.")


def test_of_senses_that_nothing_tells_apart_the_first_is_shown_and_counts_for_all(
    tmp_path: Path,
) -> None:
    """The second and third synset of the lemma are one: a vote for the second agrees with both."""
    several = [s for s, row in SYNSETS.items() if row[2] == "khoan"]
    first, second = several[0], several[1]
    asked: list[str] = []

    def script(label: str, prompt: str) -> str:
        asked.append(prompt)
        meant = {s: sense.partition("#")[0] for s, sense in MEANT.items()}
        return choices(prompt, {s: first if of == second else of for s, of in meant.items()})

    done = judge(tmp_path, script, clusters={first: first, second: first})
    gloss = {s: row[3] for s, row in SYNSETS.items()}
    assert any(gloss[first] in prompt for prompt in asked)
    assert not any(gloss[second] in prompt for prompt in asked)
    verdicts = done.rows("verdicts", Verdict)
    assert all(row.agrees for row in verdicts)
    assert {row.chosen_sense_id for row in verdicts} >= {f"{first}#khoan"}
