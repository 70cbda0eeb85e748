"""Recordings answer by item, round and turn; the judge's by sentence and gloss."""

import json
from pathlib import Path

import pytest

from pipeline.replay.recordings import Recordings
from schemas.errors import InputError
from tests.conftest import glosses_reply, recorded, verdict

PRICE, SHELF = "số tiền phải trả để mua hàng", "đồ dùng có tấm ngang để bày vật khác"
PROMPT = "Từ: giá\n\nNghĩa:\n1 = {0}\n2 = {1}\n0 = không nghĩa nào\n\nCâu:\n(1) {2}"


@pytest.fixture
def recordings(tmp_path: Path) -> Recordings:
    """The first gloss of synset 2 repeats that of synset 1, the second is its own."""
    glosses = recorded("d-1+d-2", glosses_reply(PRICE, PRICE))
    glosses += recorded("d-2", f"```json\n{glosses_reply(SHELF)}\n```", round_=2)
    (tmp_path / "glosses.jsonl").write_text(glosses, encoding="utf-8")
    (tmp_path / "contexts.jsonl").write_text(
        recorded("d-2#giá", "first") + recorded("d-2#giá", "again", turn=2), encoding="utf-8"
    )
    (tmp_path / "verdicts.jsonl").write_text(
        verdict("d-2#giá", "Sách xếp đầy [[giá]] gỗ.") + verdict("d-1#giá", "Hỏi [[giá]] cam."),
        encoding="utf-8",
    )
    return Recordings(tmp_path)


def test_replies_are_found_by_round_and_turn(recordings: Recordings) -> None:
    assert recordings.reply("contexts/d-2#giá/1", "") == "first"
    assert recordings.reply("contexts/d-2#giá/1/repair", "") == "again"
    assert recordings.reply("contexts/d-2#giá/2", "") is None
    assert recordings.reply("contexts/other/1", "") is None
    assert recordings.reply("glosses/d-1+d-2/1", "") is not None
    assert recordings.reply("nonsense", "") is None


def test_synsets_that_were_recorded_in_other_company_are_answered_for_each(
    recordings: Recordings,
) -> None:
    def said(label: str) -> list[str]:
        entries = json.loads(recordings.reply(label, "") or "")["glosses"]
        assert [entry["number"] for entry in entries] == list(range(1, len(entries) + 1))
        return [entry["gloss"] for entry in entries]

    assert said("glosses/d-2+d-1/1") == [PRICE, PRICE]
    assert said("glosses/d-2+d-1/2") == [SHELF, PRICE]
    assert said("glosses/d-1/7") == [PRICE]
    assert recordings.reply("glosses/d-1+d-3/1", "") is None


@pytest.mark.parametrize(("first", "second"), [(PRICE, SHELF), (SHELF, PRICE)])
def test_the_judge_names_the_candidate_with_the_gloss_that_was_kept(
    recordings: Recordings, first: str, second: str
) -> None:
    shelf = PROMPT.format(first, second, "Sách xếp đầy [[giá]] gỗ.")
    price = PROMPT.format(first, second, "Hỏi [[giá]] cam.")
    for prompt, gloss in ((shelf, SHELF), (price, PRICE)):
        reply = json.loads(recordings.reply("judge/any/1", prompt) or "")
        assert reply == {"choices": [{"sentence": 1, "sense": 1 + (first, second).index(gloss)}]}


def test_a_sense_that_is_no_candidate_is_none_of_these(recordings: Recordings) -> None:
    prompt = PROMPT.format(PRICE, "khác hẳn", "Sách xếp đầy [[giá]] gỗ.")
    prompt = prompt.replace(PRICE, "cũng khác")
    assert json.loads(recordings.reply("judge/x/1", prompt) or "")["choices"][0]["sense"] == 0


def test_an_unknown_sentence_gets_no_choice(recordings: Recordings) -> None:
    prompt = PROMPT.format(PRICE, SHELF, "Cái [[giá]] này.")
    assert json.loads(recordings.reply("judge/x/1", prompt) or "") == {"choices": []}


def test_a_definition_is_taken_for_a_candidate_whatever_its_number(tmp_path: Path) -> None:
    for name in ("glosses", "contexts", "verdicts"):
        (tmp_path / f"{name}.jsonl").write_text("", encoding="utf-8")
    said = [
        {"gloss": SHELF, "word": "kệ", "choice": "giá; kệ (danh từ)"},
        {"gloss": SHELF, "word": "tủ", "choice": None, "reading": 1},
    ]
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in said)
    (tmp_path / "readings.jsonl").write_text(lines, encoding="utf-8")
    recordings = Recordings(tmp_path)

    def read(number: int, *candidates: str, gloss: str = SHELF) -> object:
        shown = "\n".join(f"{at} = {each}" for at, each in enumerate(candidates, start=1))
        prompt = f"Định nghĩa: {gloss}\n\nNhóm từ:\n{shown}\n0 = không nhóm nào ở trên"
        reply = recordings.reply(f"verify/d-2/{number}", prompt)
        return reply if reply is None else tuple(json.loads(reply).values())

    assert read(1, "giá (danh từ)", "giá; kệ (danh từ)") == ("tủ", 0)
    assert read(2, "giá (danh từ)", "giá; kệ (danh từ)") == ("kệ", 2)
    assert read(3, "giá; kệ (danh từ)", "giá (danh từ)") == ("kệ", 1)
    assert read(3, "giá (danh từ)") == ("kệ", 0)
    assert read(3, "giá (danh từ)", gloss="chưa ghi") is None


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    for name in ("glosses", "contexts", "verdicts"):
        (tmp_path / f"{name}.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "contexts.jsonl").write_text('{"item": "d"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"contexts\.jsonl:1: not a recorded line"):
        Recordings(tmp_path)
