"""Definitions are asked for in rounds: checked one by one, then against each other."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.llm.faults import RefusedError
from pipeline.stages.settings import GlossSettings
from schemas.records import Gloss, Link, Pos, Reject, Synset
from schemas.tables import read_table
from testing.scripted import Finished, run_stage
from tests.pipeline.stages.bound import bound_stages

SYNSETS = {
    "t-1": (Pos.VERB, "verb.contact", ("khoan",)),
    "t-2": (Pos.NOUN, "noun.artifact", ("khoan", "máy khoan")),
    "t-3": (Pos.VERB, "verb.stative", ("khoan", "hẵng")),
    "t-4": (Pos.NOUN, "noun.animal", ("mèo",)),
}
SOUND = {
    "t-1": "dùng mũi nhọn xoay tròn để tạo lỗ sâu",
    "t-2": "dụng cụ có mũi xoắn, quay được, để đục lỗ trên tường",
    "t-3": "dừng lại, chưa làm ngay việc đang định làm",
    "t-4": "thú nhỏ nuôi trong nhà để bắt chuột",
}


@dataclass
class Model:
    """Answers each request for a synset with the next of its replies; sound ones when they end."""

    replies: dict[str, list[str | Exception]] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    """What was asked, by label."""

    def __call__(self, label: str, prompt: str) -> str | Exception:
        self.prompts[label] = prompt
        synset = label.split("/")[1]
        queue = self.replies.get(synset, [])
        said = queue.pop(0) if queue else SOUND[synset]
        return said if isinstance(said, Exception) else json.dumps({"gloss": said})


def gloss(
    folder: Path,
    model: Model,
    *,
    again: bool = False,
    links: tuple[Link, ...] = (),
    **settings: object,
) -> Finished:
    rows = [
        Synset(synset_id=s, pos=pos, supersense=supersense, lemmas=lemmas)
        for s, (pos, supersense, lemmas) in SYNSETS.items()
    ]
    stage = bound_stages(folder, GlossSettings(**settings))["glosses"]  # type: ignore[arg-type]
    inputs = {"synsets": {"synsets": (Synset, rows)}, "link": {"links": (Link, links)}}
    return run_stage(stage, inputs, folder, model, retry_failed=again)


def glosses_of(done: Finished) -> dict[str, str]:
    return {row.synset_id: row.gloss for row in read_table(done.output.table("glosses"), Gloss)}


def rejects_of(done: Finished) -> list[Reject]:
    return list(read_table(done.output.table("rejects"), Reject))


def test_every_synset_gets_its_definition_with_where_it_comes_from(tmp_path: Path) -> None:
    done = gloss(tmp_path, Model({"t-4": ["“Thú nhỏ nuôi trong nhà để bắt chuột.”"]}))
    assert glosses_of(done) == SOUND | {"t-4": "Thú nhỏ nuôi trong nhà để bắt chuột"}
    assert done.manifest.counts == {"glosses": 4, "failed": 0}
    for row in done.rows("glosses", Gloss):
        assert isinstance(row, Gloss)
        assert row.provenance is not None
        made_by = row.provenance
        assert (made_by.prompt_id, made_by.sample, made_by.round) == ("glosses", 0, 1)
        assert made_by.model == "scripted"


def test_what_is_rejected_is_asked_for_again_and_told_why(tmp_path: Path) -> None:
    model = Model({"t-4": ["Con mèo nuôi trong nhà để bắt chuột"]})
    done = gloss(tmp_path, model)
    assert glosses_of(done)["t-4"] == SOUND["t-4"]
    (reject,) = rejects_of(done)
    assert (reject.item_id, reject.code) == ("t-4", "circular")
    assert reject.text == "Con mèo nuôi trong nhà để bắt chuột"
    assert reject.provenance is not None
    assert reject.provenance.round == 1
    assert (
        "- “Con mèo nuôi trong nhà để bắt chuột”: định nghĩa dùng chính từ “mèo”"
        in model.prompts["glosses/t-4/2"].splitlines()
    )
    assert [label for label in model.prompts if label.endswith("/2")] == ["glosses/t-4/2"]
    (row,) = [r for r in read_table(done.output.table("glosses"), Gloss) if r.synset_id == "t-4"]
    assert row.provenance is not None
    assert (row.provenance.round, row.provenance.sample) == (2, 1)


def test_of_two_equal_definitions_that_of_the_first_id_stays(tmp_path: Path) -> None:
    model = Model({"t-3": [SOUND["t-1"].capitalize() + "."]})
    done = gloss(tmp_path, model)
    assert glosses_of(done) == SOUND
    assert done.rejects == [("t-3", "equal_gloss")]
    asked = model.prompts["glosses/t-3/2"]
    assert "Không được trùng với các định nghĩa sau:\n- Dùng mũi nhọn xoay tròn" in asked
    assert "trùng với định nghĩa của một nghĩa khác" in asked


def test_a_settled_definition_never_loses_to_a_later_one(tmp_path: Path) -> None:
    """t-1 is settled in round 2 only, and then repeats t-3, which has been there since round 1."""
    model = Model({"t-1": ["mèo", SOUND["t-3"]]})
    done = gloss(tmp_path, model)
    assert glosses_of(done) == SOUND
    assert done.rejects == [("t-1", "length"), ("t-1", "equal_gloss")]


def test_siblings_must_differ_more_than_others(tmp_path: Path) -> None:
    near = "dùng mũi nhọn xoay tròn để tạo lỗ sâu hơn"
    done = gloss(tmp_path / "a", Model({"t-3": [near]}))
    assert done.rejects == [("t-3", "near_equal_gloss")]
    done = gloss(tmp_path / "b", Model({"t-4": [near]}))
    assert done.rejects == []


def test_a_synset_without_a_sound_definition_has_failed_and_the_others_stand(
    tmp_path: Path,
) -> None:
    done = gloss(tmp_path, Model({"t-2": ["máy khoan"] * 9}), rounds=2)
    assert set(glosses_of(done)) == {"t-1", "t-3", "t-4"}
    assert done.manifest.counts == {"glosses": 3, "failed": 1}
    last = rejects_of(done)[-1]
    assert (last.item_id, last.code, last.text) == ("t-2", "no_gloss", "khoan; máy khoan")
    assert last.detail == "no acceptable gloss in 2 rounds"


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (RefusedError(400, "no", "HTTP 400: no"), "http_400"),
        (RefusedError(400, "content_filter", "HTTP 400: content_filter"), "refused"),
        (RefusedError(413, "too large", "HTTP 413: too large"), "context_length"),
    ],
)
def test_what_another_round_cannot_mend_is_asked_once(
    tmp_path: Path, refusal: RefusedError, code: str
) -> None:
    done = gloss(tmp_path, Model({"t-4": [refusal] * 9}))
    assert [label for label in done.asked if "t-4" in label] == ["glosses/t-4/1"]
    assert done.rejects == [("t-4", code), ("t-4", "no_gloss")]
    assert done.manifest.failed == 1
    assert set(glosses_of(done)) == {"t-1", "t-2", "t-3"}


def test_an_unusable_reply_is_asked_for_again_in_the_next_round(tmp_path: Path) -> None:
    def script(label: str, prompt: str) -> str:
        synset = label.split("/")[1]
        return (
            "no JSON" if label.startswith("glosses/t-4/1") else json.dumps({"gloss": SOUND[synset]})
        )

    done = gloss(tmp_path, script)  # type: ignore[arg-type]
    assert glosses_of(done) == SOUND
    assert done.rejects == [("t-4", "bad_reply")]


def test_failed_synsets_are_tried_again_and_only_they(tmp_path: Path) -> None:
    gloss(tmp_path, Model({"t-4": ["mèo"] * 3}))
    done = gloss(tmp_path, Model(), again=True)
    assert done.asked == ["glosses/t-4/4"]
    assert glosses_of(done) == SOUND


def test_a_prompt_names_siblings_of_its_own_part_of_speech_first_and_no_more_than_it_may(
    tmp_path: Path,
) -> None:
    model = Model()
    gloss(tmp_path / "a", model, max_siblings=1)
    others = re.findall(r"^- (.*)$", model.prompts["glosses/t-1/1"], re.MULTILINE)
    assert [line.partition(" (")[0] for line in others] == ["khoan; hẵng"]
    model = Model()
    gloss(tmp_path / "b", model, max_siblings=0)
    assert "phải phân biệt" not in model.prompts["glosses/t-1/1"]


def test_what_the_checks_take_for_bounds_decides_the_fingerprint(tmp_path: Path) -> None:
    def settings(**rules: object) -> object:
        return bound_stages(tmp_path, GlossSettings.model_validate({"rules": rules}))[
            "glosses"
        ].settings()["rules"]

    assert settings() == settings(min_length=8, max_length=30)
    assert settings() != settings(max_length=31)


def test_a_link_is_shown_as_a_hint_that_may_be_wrong(tmp_path: Path) -> None:
    model = Model()
    cat = Link(
        synset_id="t-4",
        ili="i1",
        princeton="02121620-n",
        link_confidence=0.8,
        lemmas=("cat", "true cat"),
        definition="feline mammal",
    )
    gloss(tmp_path, model, links=(cat,))
    assert (
        "Gợi ý từ WordNet tiếng Anh, chưa chắc đúng, bỏ qua nếu không khớp với nhóm từ: "
        "cat, true cat: feline mammal\n"
    ) in model.prompts["glosses/t-4/1"] + "\n"
    assert "Gợi ý" not in model.prompts["glosses/t-1/1"]
