"""Definitions are asked for in rounds: checked one by one, then against each other."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.checks.reference import ReferenceSettings
from pipeline.llm.faults import RefusedError
from pipeline.stages.gloss_groups import GlossGroup
from pipeline.stages.gloss_requests import GlossRequests
from pipeline.stages.settings import GlossSettings
from pipeline.stages.synset_index import SynsetIndex
from prompts.catalogue import load
from prompts.tasks import GlossesTask
from schemas.records import Gloss, Link, Pos, Reject, Synset
from schemas.tables import read_table, write_table
from testing.scripted import Finished, Script, run_stage
from tests.pipeline.stages.bound import bound_stages

VI = find_language("vi")
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


Said = str | int | None | Exception
"""A definition, the number of a like, "no sense", or what befalls the whole request."""


@dataclass
class Model:
    """Says of each synset the next of its replies, and something sound when they end."""

    replies: dict[str, list[Said]] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    """What was asked, by label."""

    def __call__(self, label: str, prompt: str) -> str | Exception:
        self.prompts[label] = prompt
        said: list[tuple[str, Said]] = []
        for synset in label.split("/")[1].split("+"):
            queue = self.replies.get(synset, [])
            said.append((synset, queue.pop(0) if queue else SOUND[synset]))
        for _, each in said:
            if isinstance(each, Exception):
                return each
        entries = [
            {
                "number": number,
                "gloss": each if isinstance(each, str) else "",
                "same_as": each if isinstance(each, int) else 0,
            }
            for number, (_, each) in enumerate(said, start=1)
        ]
        return json.dumps({"glosses": entries})


def gloss(
    folder: Path,
    model: Script,
    *,
    again: bool = False,
    synsets: dict[str, tuple[Pos, str, tuple[str, ...]]] = SYNSETS,
    links: tuple[Link, ...] = (),
    checks: ReferenceSettings | None = None,
    **settings: object,
) -> Finished:
    rows = [
        Synset(synset_id=s, pos=pos, supersense=supersense, lemmas=lemmas)
        for s, (pos, supersense, lemmas) in synsets.items()
    ]
    checks = checks or ReferenceSettings()
    section = GlossSettings(**settings)  # type: ignore[arg-type]
    stage = bound_stages(folder, section, checks=checks)["glosses"]
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
        "   Đã bị loại: “Con mèo nuôi trong nhà để bắt chuột”: định nghĩa dùng chính từ “mèo”"
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
    assert "Đã bị loại: “Dùng mũi nhọn xoay tròn" in asked
    assert "trùng với định nghĩa của một nghĩa khác: “dùng mũi nhọn" in asked


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
def test_what_another_round_cannot_mend_is_asked_in_one_round(
    tmp_path: Path, refusal: RefusedError, code: str
) -> None:
    done = gloss(tmp_path, Model({"t-4": [refusal] * 9}))
    assert {label for label in done.asked if "t-4" in label} == {"glosses/t-4/1"}
    assert done.rejects == [("t-4", code), ("t-4", "no_gloss")]
    assert done.manifest.failed == 1
    assert set(glosses_of(done)) == {"t-1", "t-2", "t-3"}


def test_an_unusable_reply_is_asked_for_again_in_the_next_round(tmp_path: Path) -> None:
    model = Model()

    def script(label: str, prompt: str) -> str | Exception:
        return "no JSON" if label.startswith("glosses/t-4/1") else model(label, prompt)

    done = gloss(tmp_path, script)
    assert glosses_of(done) == SOUND
    assert done.rejects == [("t-4", "bad_reply")]


def test_failed_synsets_are_tried_again_and_only_they(tmp_path: Path) -> None:
    gloss(tmp_path, Model({"t-4": ["mèo"] * 3}))
    done = gloss(tmp_path, Model(), again=True)
    assert done.asked == ["glosses/t-4/4"]
    assert glosses_of(done) == SOUND


SHORT = "thú bắt chuột"


def test_a_doubtful_definition_is_asked_for_again_and_gives_way_to_a_better_one(
    tmp_path: Path,
) -> None:
    model = Model({"t-4": [SHORT]})
    done = gloss(tmp_path, model)
    assert glosses_of(done) == SOUND
    assert done.rejects == [("t-4", "length")]
    assert (
        f"Đã bị loại: “{SHORT}”: định nghĩa dài 3 âm tiết, cần 4-40"
        in (model.prompts["glosses/t-4/2"])
    )


def test_where_all_rounds_bring_doubtful_ones_that_of_the_least_doubts_stands(
    tmp_path: Path,
) -> None:
    done = gloss(tmp_path, Model({"t-4": ["mèo bắt chuột", SHORT, "thú nhỏ"]}))
    assert glosses_of(done) == SOUND | {"t-4": SHORT}
    assert done.rejects == [("t-4", "length"), ("t-4", "length")]
    assert done.manifest.counts == {"glosses": 4, "doubtful": 1, "failed": 0}
    (row,) = [r for r in read_table(done.output.table("glosses"), Gloss) if r.synset_id == "t-4"]
    assert row.provenance is not None
    assert row.provenance.round == 2


def test_a_doubtful_definition_that_repeats_another_does_not_stand(tmp_path: Path) -> None:
    synsets = SYNSETS | {"t-5": (Pos.NOUN, "noun.animal", ("mãn",))}
    model = Model({"t-4": [SHORT] * 9, "t-5": [SHORT.capitalize()] * 9})
    done = gloss(tmp_path, model, synsets=synsets, rounds=1)
    assert glosses_of(done)["t-4"] == SHORT
    assert done.rejects == [("t-5", "equal_gloss"), ("t-5", "no_gloss")]
    assert done.manifest.counts == {"glosses": 4, "doubtful": 1, "failed": 1}


def test_a_doubtful_definition_of_earlier_rounds_stands_where_later_ones_are_refused(
    tmp_path: Path,
) -> None:
    refusal = RefusedError(400, "content_filter", "HTTP 400: content_filter")
    done = gloss(tmp_path, Model({"t-4": [SHORT, refusal, refusal]}))
    assert glosses_of(done)["t-4"] == SHORT
    assert done.rejects == [("t-4", "refused")]


def test_a_like_may_share_a_definition_that_was_doubtful_itself(tmp_path: Path) -> None:
    """t-3 stands by a short definition of round 2; t-1, that is called the same, has none other."""
    model = Model({"t-3": ["hẵng chờ", "dừng lại đã", "dừng lại đã"], "t-1": ["khoan", 2, 2]})
    done = gloss(tmp_path, model, rounds=2)
    assert ("t-1", "no_gloss") in done.rejects
    done = gloss(tmp_path, Model({"t-1": [2]}), rounds=2, again=True)
    assert glosses_of(done)["t-1"] == "dừng lại đã"
    assert done.manifest.failed == 0


# -- jointly -----------------------------------------------------------------------------------


def test_a_lemmas_synsets_are_defined_in_one_request_and_each_synset_once(tmp_path: Path) -> None:
    model = Model()
    done = gloss(tmp_path, model)
    assert done.asked == ["glosses/t-4/1", "glosses/t-1+t-2+t-3/1"]
    assert model.prompts["glosses/t-1+t-2+t-3/1"].splitlines() == [
        "Từ chung: khoan",
        "",
        "Cần định nghĩa:",
        "1. khoan (động từ; chạm, đánh, buộc, đào)",
        "2. khoan; máy khoan (danh từ; đồ vật, công trình do con người làm ra)",
        "   Từ chỉ loại: đồ dùng, dụng cụ, vật, công trình",
        "3. khoan; hẵng (động từ; tồn tại, có, quan hệ về không gian hoặc thời gian)",
    ]
    assert model.prompts["glosses/t-4/1"].startswith("Cần định nghĩa:\n1. mèo (danh từ")


def test_what_is_left_is_asked_for_with_what_stands_and_warmer(tmp_path: Path) -> None:
    model = Model({"t-1": ["khoan"], "t-3": ["ngắn"]})
    done = gloss(tmp_path, model)
    assert done.asked[2:] == ["glosses/t-1+t-3/2"]
    asked = model.prompts["glosses/t-1+t-3/2"].splitlines()
    assert "2. khoan; hẵng (động từ; tồn tại, có, quan hệ về không gian hoặc thời gian)" in asked
    assert asked[-2:] == [
        "Nhóm khác, không định nghĩa lại nhưng phải phân biệt:",
        f"3. khoan; máy khoan (danh từ; đồ vật, công trình do con người làm ra): {SOUND['t-2']}",
    ]


def test_a_lemma_of_fewer_senses_sees_what_one_of_more_was_given(tmp_path: Path) -> None:
    synsets = SYNSETS | {"t-5": (Pos.VERB, "verb.stative", ("hẵng",))}
    model = Model()
    model.replies["t-5"] = ["tạm thời chưa làm việc gì, chờ lúc khác"]
    done = gloss(tmp_path, model, synsets=synsets)
    assert done.asked == ["glosses/t-4/1", "glosses/t-1+t-2+t-3/1", "glosses/t-5/1"]
    last = model.prompts["glosses/t-5/1"].splitlines()[-1]
    assert last.startswith("2. khoan; hẵng (động từ; ")
    assert last.endswith(f"): {SOUND['t-3']}")


def test_more_synsets_than_fit_are_asked_for_by_supersense(tmp_path: Path) -> None:
    model = Model()
    done = gloss(tmp_path, model, per_request=2)
    assert done.asked == ["glosses/t-4/1", "glosses/t-2+t-1/1", "glosses/t-3/1"]
    assert "3. khoan; hẵng (động từ" in model.prompts["glosses/t-2+t-1/1"]


def test_every_lemma_has_room_of_its_own_for_others(tmp_path: Path) -> None:
    synsets = {
        "t-1": (Pos.VERB, "verb.contact", ("khoan", "đục", "khoét")),
        **{f"t-{n}": (Pos.NOUN, f"noun.{n}", ("khoan",)) for n in range(2, 6)},
        "t-7": (Pos.VERB, "verb.7", ("đục",)),
        "t-8": (Pos.VERB, "verb.8", ("đục",)),
    }
    model = Model()
    with pytest.raises(KeyError):  # of what the model knows nothing more: one request is enough
        gloss(tmp_path, model, synsets=synsets, max_siblings=1, per_request=1)
    others = re.findall(r"^[2-9]\. (.*) \(", model.prompts["glosses/t-1/1"], re.MULTILINE)
    assert others == ["khoan", "đục"]


def test_others_are_those_of_the_part_of_speech_then_the_defined_then_by_their_ids(
    tmp_path: Path,
) -> None:
    kinds = [Pos.VERB, Pos.NOUN, Pos.VERB, Pos.NOUN, Pos.VERB, Pos.VERB]
    rows = [
        Synset(synset_id=f"t-{n}", pos=pos, supersense=f"{pos.value}.tops", lemmas=("khoan",))
        for n, pos in enumerate(kinds)
    ]
    write_table(tmp_path / "synsets.parquet", Synset, rows)
    index = SynsetIndex(tmp_path / "synsets.parquet", VI)
    settings = GlossSettings(max_siblings=4)
    requests = GlossRequests(load(settings.prompt, VI, GlossesTask), index, settings)
    asked = requests.of(GlossGroup("khoan", ("t-0",)), {"t-4": "g", "t-5": "h", "t-3": "i"}, {})
    assert asked.shown == ("t-0", "t-4", "t-5", "t-2", "t-3")


def test_synsets_that_nothing_tells_apart_share_a_definition_and_a_cluster(tmp_path: Path) -> None:
    done = gloss(tmp_path, Model({"t-1": [3]}))
    assert glosses_of(done) == SOUND | {"t-1": SOUND["t-3"]}
    rows = {row.synset_id: row for row in read_table(done.output.table("glosses"), Gloss)}
    assert {s: row.cluster for s, row in rows.items()} == {
        "t-1": "t-1", "t-2": None, "t-3": "t-1", "t-4": None,
    }  # fmt: skip
    assert all(row.provenance for row in rows.values())
    assert done.manifest.counts == {"glosses": 4, "in_clusters": 2, "failed": 0}
    assert done.rejects == []


@pytest.mark.parametrize("number", [1, 2, 9])
def test_a_like_that_is_itself_or_not_shown_or_of_another_part_of_speech_is_refused(
    tmp_path: Path, number: int
) -> None:
    model = Model({"t-1": [number]})
    done = gloss(tmp_path, model)
    assert glosses_of(done) == SOUND
    assert done.rejects == [("t-1", "not_the_same")]
    assert f"không thể cùng nghĩa với nhóm {number}" in model.prompts["glosses/t-1/2"]


def test_likes_in_a_circle_or_of_a_rejected_definition_are_asked_for_again(tmp_path: Path) -> None:
    done = gloss(tmp_path / "a", Model({"t-1": [3], "t-3": [1]}))
    assert glosses_of(done) == SOUND
    done = gloss(tmp_path / "b", Model({"t-1": [3], "t-3": ["ngắn"]}))
    assert glosses_of(done) == SOUND
    assert done.rejects == [("t-3", "length")]


def test_a_likes_definition_must_not_contain_its_own_lemma(tmp_path: Path) -> None:
    model = Model({"t-1": ["hẵng dừng tay, chưa làm ngay việc gì"], "t-3": [1, SOUND["t-3"]]})
    done = gloss(tmp_path, model)
    assert done.rejects == [("t-3", "circular")]
    assert glosses_of(done)["t-3"] == SOUND["t-3"]


def test_a_synset_of_which_no_sense_can_be_made_is_dropped_and_has_not_failed(
    tmp_path: Path,
) -> None:
    done = gloss(tmp_path, Model({"t-2": [None]}))
    assert set(glosses_of(done)) == {"t-1", "t-3", "t-4"}
    assert done.rejects == [("t-2", "gloss_senseless")]
    assert done.manifest.counts == {"glosses": 3, "senseless": 1, "failed": 0}


def test_of_a_request_that_failed_each_synset_is_asked_for_by_itself(tmp_path: Path) -> None:
    refusal = RefusedError(400, "content_filter", "HTTP 400: content_filter")
    done = gloss(tmp_path, Model({"t-2": [refusal] * 9}))
    assert done.asked == [
        *("glosses/t-4/1", "glosses/t-1+t-2+t-3/1"),
        *("glosses/t-1/2", "glosses/t-2/2", "glosses/t-3/2"),
    ]
    assert set(glosses_of(done)) == {"t-1", "t-3", "t-4"}
    assert done.rejects[-1] == ("t-2", "no_gloss")


def test_what_a_reply_leaves_out_is_asked_for_again(tmp_path: Path) -> None:
    def script(label: str, prompt: str) -> str:
        _, synsets, round_ = label.split("/")
        some = synsets.split("+")[: 1 if round_ == "1" else None]
        entries = [
            {"number": n, "gloss": SOUND[s], "same_as": 0} for n, s in enumerate(some, start=1)
        ]
        entries.append({"number": 99, "gloss": "của nhóm không được hỏi tới", "same_as": 0})
        return json.dumps({"glosses": entries})

    done = gloss(tmp_path, script)
    assert glosses_of(done) == SOUND
    assert done.asked[2:] == ["glosses/t-2+t-3/2"]


def test_what_the_checks_take_for_bounds_decides_the_fingerprint(tmp_path: Path) -> None:
    def settings(**rules: object) -> object:
        return bound_stages(tmp_path, GlossSettings.model_validate({"rules": rules}))[
            "glosses"
        ].settings()["rules"]

    assert settings() == settings(min_length=4, max_length=40)
    assert settings() != settings(max_length=41)


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
    assert "Gợi ý" not in model.prompts["glosses/t-1+t-2+t-3/1"]


def test_a_definition_near_to_the_users_reference_is_counted_or_written_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "reference.txt"
    path.write_text("loài thú nhỏ nuôi trong nhà để làm cảnh\n", encoding="utf-8")
    done = gloss(tmp_path / "a", Model(), checks=ReferenceSettings(reference=path))
    assert done.manifest.counts == {"glosses": 4, "near_reference": 1, "failed": 0}
    other = "con vật có ria, hay bắt chuột"
    model = Model({"t-4": [SOUND["t-4"], other]})
    checks = ReferenceSettings(reference=path, reject=True)
    done = gloss(tmp_path / "b", model, checks=checks)
    assert done.rejects == [("t-4", "copied_reference")]
    assert glosses_of(done)["t-4"] == other
    assert done.manifest.counts == {"glosses": 4, "near_reference": 0, "failed": 0}
    assert "hãy viết bằng lời khác" in model.prompts["glosses/t-4/2"]
