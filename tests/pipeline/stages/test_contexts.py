"""Sentences are asked for until each sense has its number, each with an exact span."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.engine.stage import Stage
from pipeline.llm.faults import RefusedError
from pipeline.select.records import SelectedContext
from pipeline.stages.passes import ONLY_PASS, Pass
from pipeline.stages.requests import AskingStage
from pipeline.stages.settings import ContextSettings
from schemas import ids
from schemas.records import Context, Gloss, Pos, Provenance, Reject, Sense, Synset
from schemas.tables import read_table
from testing.scripted import Finished, Tables, run_stage
from tests.pipeline.stages.bound import bound_stages

SAID = Provenance(
    request_key="k", prompt_id="glosses", prompt_version="1", model="m", sample=0, round=1
)
GLOSSES = {
    "t-1": "dùng mũi nhọn xoay tròn để tạo lỗ sâu",
    "t-2": "thú nhỏ nuôi trong nhà để bắt chuột",
}
LEMMAS = {"t-1": ("khoan", "dùi"), "t-2": ("mèo",), "t-3": ("chó",)}
"""The last has no gloss."""
SENTENCES = {
    "khoan": [
        "Người thợ đang [[khoan]] mấy lỗ nhỏ trên tường.",
        "Đội địa chất vừa [[khoan]] trúng một mạch nước ngầm.",
        "Nha sĩ phải [[khoan]] sâu vào chiếc răng đau của tôi.",
    ],
    "dùi": [
        "Bác thợ giày [[dùi]] thêm hai lỗ ở quai dép.",
        "Ông cụ ngồi [[dùi]] từng tấm da trâu phơi khô.",
        "Em lấy que nhọn [[dùi]] thủng tờ giấy màu xanh.",
    ],
    "mèo": [
        "Bà ngoại nuôi một con [[mèo]] rất khéo bắt chuột.",
        "Tiếng [[mèo]] kêu ngoài hiên làm tôi tỉnh giấc.",
        "Hai chú [[mèo]] con nằm cuộn tròn trong bếp.",
    ],
}


@dataclass
class Model:
    """Answers the nth request for a sense with its nth reply; with its sentences when they end."""

    replies: dict[str, list[list[str] | Exception]] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)

    def __call__(self, label: str, prompt: str) -> str | Exception:
        self.prompts[label] = prompt
        lemma = label.split("/")[1].partition("#")[2]
        queue = self.replies.get(lemma, [])
        said = queue.pop(0) if queue else SENTENCES[lemma]
        return said if isinstance(said, Exception) else json.dumps({"contexts": said})


def tables() -> dict[str, Tables]:
    """What the stages before it made."""
    synsets = [
        Synset(synset_id=s, pos=Pos.NOUN, supersense="noun.tops", lemmas=lemmas)
        for s, lemmas in LEMMAS.items()
    ]
    senses = [
        Sense(
            sense_id=ids.sense_id(s, lemma), synset_id=s, lemma=lemma, pos=Pos.NOUN,
            n_siblings=0, n_siblings_same_pos=0,
        )
        for s, lemmas in LEMMAS.items()
        for lemma in lemmas
    ]  # fmt: skip
    glosses = [Gloss(synset_id=s, gloss=text, provenance=SAID) for s, text in GLOSSES.items()]
    return {
        "synsets": {
            "synsets": (Synset, synsets),
            "senses": (Sense, sorted(senses, key=lambda row: row.sense_id)),
        },
        "glosses": {"glosses": (Gloss, glosses)},
    }


def stage_of(folder: Path, turn: Pass = ONLY_PASS, **settings: object) -> Stage:
    chosen = {"per_sense": 2, "per_request": 2, "rules": {"word_list": False}} | settings
    section = ContextSettings.model_validate(chosen)
    return next(
        stage
        for stage in bound_stages(folder, section, turn=turn).values()
        if stage.name == turn.name("contexts")
    )


def write(folder: Path, model: object, *, again: bool = False, **settings: object) -> Finished:
    stage = stage_of(folder, **settings)
    return run_stage(stage, tables(), folder, model, retry_failed=again)  # type: ignore[arg-type]


def contexts_of(done: Finished) -> dict[str, list[str]]:
    """The sentences by lemma, marked."""
    found: dict[str, list[str]] = {}
    for row in read_table(done.output.table("contexts"), Context):
        start, end = row.target_start, row.target_end
        marked = f"{row.sentence[:start]}[[{row.target}]]{row.sentence[end:]}"
        found.setdefault(row.sense_id.partition("#")[2], []).append(marked)
    return found


def test_every_sense_with_a_gloss_gets_its_number_and_no_more(tmp_path: Path) -> None:
    done = write(tmp_path, Model())
    found = contexts_of(done)
    assert set(found) == {"khoan", "dùi", "mèo"}
    for lemma, sentences in found.items():
        assert set(sentences) == set(SENTENCES[lemma][:2])
    assert done.manifest.counts == {
        "senses": 3,
        "contexts": 6,
        "senses_complete": 3,
        "senses_short": 0,
        "failed": 0,
    }
    rows = list(read_table(done.output.table("contexts"), Context))
    assert [row.context_id for row in rows] == [
        ids.context_id(row.sense_id, row.sentence, row.target_start, row.target_end) for row in rows
    ]
    of_sense = [row.context_id for row in rows if row.sense_id == "t-1#khoan"]
    assert of_sense == sorted(of_sense)


def test_only_what_is_missing_is_asked_for_again_with_what_there_is_and_what_was_wrong(
    tmp_path: Path,
) -> None:
    good, other = SENTENCES["mèo"][:2]
    bad = "Con [[mèo mướp]] nằm cuộn tròn trong bếp ấm."
    model = Model({"mèo": [[good, bad], [other]]})
    done = write(tmp_path, model)
    assert set(contexts_of(done)["mèo"]) == {good, other}
    again = model.prompts["contexts/t-2#mèo/2"].splitlines()
    assert "Số câu: 1" in again
    plain = good.replace("[[", "").replace("]]", "")
    assert again[again.index("Đã có các câu sau, không viết lại:") + 1] == f"- {plain}"
    assert f"- “{bad}”: đánh dấu [[mèo mướp]], phải là [[mèo]]" in again
    assert done.rejects == [("t-2#mèo", "target_altered")]
    rounds = {
        row.sentence: row.provenance.round
        for row in read_table(done.output.table("contexts"), Context)
        if row.provenance and row.sense_id == "t-2#mèo"
    }
    assert sorted(rounds.values()) == [1, 2]
    assert not [label for label in done.asked if label.endswith("/2") and "mèo" not in label]


def test_only_the_faults_of_the_last_reply_are_told(tmp_path: Path) -> None:
    """What was wrong before that, the model has read and cannot change."""
    bad = [f"Con [[mèo {kind}]] nằm cuộn tròn trong bếp ấm." for kind in ("mướp", "vàng")]
    model = Model({"mèo": [bad[:1], bad[1:]]})
    write(tmp_path, model)
    second, third = (model.prompts[f"contexts/t-2#mèo/{round_}"] for round_ in (2, 3))
    assert [text in second for text in bad] == [True, False]
    assert [text in third for text in bad] == [False, True]


def test_requests_are_foreseen_by_synset_or_by_size_and_none_without_senses(
    tmp_path: Path,
) -> None:
    stage = bound_stages(tmp_path, ContextSettings(lemmas_per_request=3))["contexts"]
    assert isinstance(stage, AskingStage)
    requests = stage.requests
    assert requests.estimated({}, {}).requests == 0
    assert requests.estimated({"senses": 10, "synsets": 2}, {}).requests == 4
    assert requests.estimated({"senses": 10, "synsets": 6}, {}).requests == 6
    assert requests.foreseen({"senses": 10})["contexts"] == 10 * ContextSettings().per_sense
    assert requests.foreseen({})["contexts"] == 0


def test_a_sentence_that_is_there_already_and_the_prompts_own_example_are_dropped(
    tmp_path: Path,
) -> None:
    first, second = SENTENCES["khoan"][:2]
    example = "Chú thợ điện [[khoan]] hai lỗ trên tường để treo chiếc quạt mới."
    done = write(tmp_path, Model({"khoan": [[first, f"{first[:-1]}!", example], [second]]}))
    assert set(contexts_of(done)["khoan"]) == {first, second}
    assert done.rejects == [("t-1#khoan", "duplicate"), ("t-1#khoan", "duplicate")]


def test_a_sense_that_stays_short_is_counted_and_one_without_any_has_failed(
    tmp_path: Path,
) -> None:
    one = SENTENCES["mèo"][:1]
    replies = {"mèo": [one, [], []], "dùi": [[]] * 3}
    done = write(tmp_path, Model(replies))  # type: ignore[arg-type]
    counts = done.manifest.counts
    assert (counts["senses_complete"], counts["senses_short"], counts["failed"]) == (1, 1, 1)
    assert counts["contexts"] == 3
    (reject,) = read_table(done.output.table("rejects"), Reject)
    assert (reject.item_id, reject.code, reject.text) == ("t-1#dùi", "no_contexts", "dùi")
    assert reject.detail == "no acceptable context in 3 rounds"


def test_a_refused_request_is_not_asked_again_and_what_there_is_stays(tmp_path: Path) -> None:
    refused = RefusedError(400, "no", "HTTP 400: no")
    one = SENTENCES["mèo"][:1]
    done = write(tmp_path, Model({"mèo": [one, refused], "dùi": [refused]}))
    assert contexts_of(done)["mèo"] == one
    assert [label for label in done.asked if "dùi" in label] == ["contexts/t-1#dùi/1"]
    assert [label for label in done.asked if "mèo" in label] == [
        "contexts/t-2#mèo/1",
        "contexts/t-2#mèo/2",
    ]
    assert done.rejects == [
        ("t-1#dùi", "http_400"),
        ("t-1#dùi", "no_contexts"),
        ("t-2#mèo", "http_400"),
    ]


def grouped(of: dict[str, list[str]]) -> str:
    return json.dumps({"words": [{"lemma": k, "contexts": v} for k, v in of.items()]})


def test_lemmas_of_a_synset_share_the_first_request_and_no_other(tmp_path: Path) -> None:
    """Sentences come back under the lemma in whatever case; what is missing is asked alone."""
    model = Model()

    def script(label: str, prompt: str) -> str | Exception:
        if "+1/" in label:
            model.prompts[label] = prompt
            return grouped({"Khoan": SENTENCES["khoan"][:2], "dùi": SENTENCES["dùi"][:1]})
        return model(label, prompt)

    model.replies["dùi"] = [SENTENCES["dùi"][1:2]]
    done = write(tmp_path, script, lemmas_per_request=2)
    assert sorted(done.asked) == [
        "contexts/t-1#dùi+1/1",
        "contexts/t-1#dùi/2",
        "contexts/t-2#mèo/1",
    ]
    said = [row.provenance for row in read_table(done.output.table("contexts"), Context)]
    of_rounds = Counter((row.round, row.sample, row.prompt_id) for row in said if row)
    assert of_rounds == {
        (1, 0, "contexts_group"): 3,
        (2, 1, "contexts"): 1,
        (1, 0, "contexts"): 2,
    }
    shared = model.prompts["contexts/t-1#dùi+1/1"]
    assert [line for line in shared.splitlines() if line.startswith("* ")] == [
        "* dùi: 2 câu",
        "* khoan: 2 câu",
    ]
    assert shared.count("Gợi ý về đề tài và văn phong cho từng câu:\n(1) ") == 2
    assert {lemma: len(found) for lemma, found in contexts_of(done).items()} == {
        "dùi": 2,
        "khoan": 2,
        "mèo": 2,
    }


def test_lemmas_whose_shared_request_is_refused_are_asked_for_one_by_one(tmp_path: Path) -> None:
    model = Model()

    def script(label: str, prompt: str) -> str | Exception:
        shared = "+1/" in label
        return RefusedError(400, "no", "HTTP 400: no") if shared else model(label, prompt)

    done = write(tmp_path, script, lemmas_per_request=2)
    assert done.manifest.counts["senses_complete"] == 3
    assert done.rejects == [("t-1#dùi", "http_400"), ("t-1#khoan", "http_400")]


def test_failed_senses_are_tried_again_and_only_they(tmp_path: Path) -> None:
    write(tmp_path, Model({"mèo": [[]] * 3}))  # type: ignore[arg-type]
    done = write(tmp_path, Model(), again=True)
    assert done.asked == ["contexts/t-2#mèo/4"]
    assert done.manifest.counts["senses_complete"] == 3


def test_a_reject_lists_every_fault_of_its_sentence(tmp_path: Path) -> None:
    done = write(tmp_path, Model({"mèo": [["Câu 1: [[Mèo]] kêu."]]}))
    reject = next(iter(read_table(done.output.table("rejects"), Reject)))
    assert (reject.code, reject.text) == ("length", "Câu 1: [[Mèo]] kêu.")
    assert reject.detail == "4 syllables, not 6-60; meta_talk: says 'Câu 1:'"


def test_senses_of_which_no_contexts_are_wanted_are_not_asked_for(tmp_path: Path) -> None:
    """No lemma here has a second definition; with one fewer wanted, a sense is complete with it."""
    done = write(tmp_path / "a", Model(), which="ambiguous")
    assert done.asked == []
    assert done.manifest.counts["senses"] == 0
    done = write(tmp_path / "b", Model(), per_kind={"monosemous": 1})
    assert {lemma: len(rows) for lemma, rows in contexts_of(done).items()} == {
        "khoan": 1,
        "dùi": 1,
        "mèo": 1,
    }
    assert done.manifest.counts["senses_complete"] == 3


def test_a_later_pass_writes_what_was_not_selected_until_it_is_there(tmp_path: Path) -> None:
    """Of one sense a sentence was dropped; nothing else is asked for, nor said by ``plan``."""
    first = write(tmp_path / "first", Model())
    written = list(read_table(first.output.table("contexts"), Context))
    lost, kept = written[0], written[1:]
    assert lost.sense_id == "t-1#dùi"
    selected = [
        SelectedContext(**dict(row), judged="agree", audited="unaudited", cluster=row.context_id)
        for row in kept
    ]
    inputs = tables() | {
        "contexts.1": {"contexts": (Context, written)},
        "select.1": {"selected": (SelectedContext, selected)},
    }
    model = Model({"dùi": [["Thằng bé nghịch ngợm [[dùi]] mấy lỗ vào quả bóng."]]})
    stage = stage_of(tmp_path, Pass(2, 2))
    done = run_stage(stage, inputs, tmp_path, model)
    assert done.asked == ["contexts/t-1#dùi/3-3/1"]
    assert len(contexts_of(done)["dùi"]) == 3
    assert list(stage.requests.told(done.inputs)) == []  # type: ignore[attr-defined]
