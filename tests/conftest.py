"""A run small enough to read: four synsets, two polysemous lemmas, recorded replies with faults."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no fault of the code: no example is failed for its time.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

LONG = (
    "audits/test_importing.py",
    "audits/test_libreoffice.py",
    "audits/test_page.py",
    "packaging/test_recipes.py",
    "pipeline/cli/test_batches_killed.py",
    "pipeline/llm/batches/test_demo_in_batches.py",
    "pipeline/publish/test_cli.py",
    "pipeline/test_interrupted_run.py",
    "pipeline/test_killed_run.py",
    "pipeline/test_refill.py",
    "pipeline/test_shards.py",
    "pipeline/view/test_browser.py",
    "test_readme.py",
    "trainer/test_training_distributed.py",
)
"""Files of more than fifteen seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: at the end, one would keep a single worker busy."""
    items.sort(key=lambda item: not item.location[0].endswith(LONG))


LEXICON = {
    "verb.contact.csv": "1,khoan,dùi\n4,đá\n",
    "noun.artifact.csv": "2,khoan\n",
    "noun.substance.csv": "3,đá\n",
}
GLOSSES = {
    "tiny-1": "dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng",
    "tiny-2": "dụng cụ có mũi xoắn quay nhanh để đục lỗ trên gỗ hay tường",
    "tiny-3": "khoáng vật rắn chắc kết thành tảng lớn ở núi hay lòng đất",
    "tiny-4": "đưa nhanh bàn chân hất mạnh vào một vật cho văng ra xa",
}
CONTEXTS = {
    "tiny-1#khoan": [
        "Đội thi công [[khoan]] thủng lớp bê tông dày chỉ trong nửa giờ.",
        "Bố [[khoan]] một lỗ xuyên qua tấm ván để luồn sợi dây điện.",
        "Đoàn địa chất [[khoan]] sâu ba trăm mét mới gặp mạch nước ngầm.",
    ],
    "tiny-1#dùi": [
        "Anh [[dùi]] thêm một lỗ vào thắt lưng vì dạo này gầy đi.",
        "Ông nội [[dùi]] một lỗ nhỏ ở đáy gáo dừa để làm đồ chơi cho cháu.",
        "Chị lấy que nung đỏ [[dùi]] thủng nắp lọ cho không khí lọt vào.",
    ],
    "tiny-2#khoan": [
        "Anh mượn chiếc [[khoan]] của hàng xóm để lắp lại cái kệ sách.",
        "Tiếng [[khoan]] từ công trường rền rĩ suốt cả buổi trưa hè oi ả.",
        "Cái [[khoan]] này chạy bằng pin nên mang đi đâu cũng tiện.",
    ],
    "tiny-3#đá": [
        "Con đường làng được lát bằng những phiến [[đá]] xanh nhẵn bóng.",
        "Sau trận mưa lớn, một tảng [[đá]] từ sườn núi lăn xuống chắn ngang lối đi.",
        "Ngôi đền cổ dựng hoàn toàn bằng [[đá]] lấy từ quả đồi phía tây.",
    ],
    "tiny-4#đá": [
        "Cậu bé tức giận [[đá]] chiếc lon rỗng lăn lông lốc xuống dốc.",
        "Con ngựa bất ngờ [[đá]] tung cánh cửa chuồng rồi phóng ra ngoài.",
        "Hậu vệ đội khách [[đá]] trái bóng vọt qua xà ngang khung thành.",
    ],
}
FAULTY = {"tiny-2#khoan": "Anh thợ đặt máy xuống rồi đi ăn trưa cùng mọi người."}
"""Sentences in place of a sense's last one in round 1; it is recorded for round 2."""


def recorded(item: str, text: str, round_: int = 1, turn: int = 1) -> str:
    line = {"item": item, "round": round_, "turn": turn, "text": text}
    return json.dumps(line, ensure_ascii=False) + "\n"


def glosses_reply(*glosses: str) -> str:
    entries = [
        {"number": number, "gloss": gloss, "same_as": 0} for number, gloss in enumerate(glosses, 1)
    ]
    return json.dumps({"glosses": entries}, ensure_ascii=False)


def contexts_reply(sentences: list[str]) -> str:
    return json.dumps({"contexts": sentences}, ensure_ascii=False)


def verdict(sense: str, marked: str) -> str:
    before, _, rest = marked.partition("[[")
    target, _, after = rest.partition("]]")
    line = {
        "sentence": before + target + after,
        "start": len(before),
        "end": len(before) + len(target),
        "chosen": sense,
    }
    return json.dumps(line, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class TinyRun:
    """A run folder with its run.toml, lexicon and recorded replies."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "run.toml"

    def set(self, section: str, line: str) -> None:
        """Adds a line to a section of run.toml."""
        text = self.config.read_text(encoding="utf-8")
        head = f"[{section}]\n"
        if head not in text:
            text += f"\n{head}"
        self.config.write_text(text.replace(head, f"{head}{line}\n"), encoding="utf-8")


@pytest.fixture
def tiny_run(tmp_path: Path) -> TinyRun:
    return make_tiny_run(tmp_path / "run")


def make_tiny_run(folder: Path) -> TinyRun:
    """Glosses: one needs a repair turn. Contexts: one sentence has no target in round 1."""
    (folder / "lexicon").mkdir(parents=True)
    for name, text in LEXICON.items():
        (folder / "lexicon" / name).write_text(text, encoding="utf-8")
    replies = folder / "replies"
    replies.mkdir()
    glosses = recorded("tiny-1+tiny-2", glosses_reply(GLOSSES["tiny-1"], GLOSSES["tiny-2"]))
    glosses += recorded("tiny-3+tiny-4", "Định nghĩa: đưa nhanh")
    second = glosses_reply(GLOSSES["tiny-3"], GLOSSES["tiny-4"])
    glosses += recorded("tiny-3+tiny-4", second, turn=2)
    contexts = verdicts = ""
    for sense, sentences in CONTEXTS.items():
        first = [*sentences[:-1], FAULTY.get(sense, sentences[-1])]
        contexts += recorded(sense, contexts_reply(first))
        if sense in FAULTY:
            contexts += recorded(sense, contexts_reply(sentences[-1:]), round_=2)
        verdicts += "".join(verdict(sense, marked) for marked in sentences)
    (replies / "glosses.jsonl").write_text(glosses, encoding="utf-8")
    (replies / "contexts.jsonl").write_text(contexts, encoding="utf-8")
    (replies / "verdicts.jsonl").write_text(verdicts, encoding="utf-8")
    (folder / "run.toml").write_text(
        '[source]\nkind = "csv"\npath = "lexicon"\nprefix = "tiny"\n\n'
        '[llm]\nbase_url = "http://recorded.invalid/v1"\nmodel = "recorded-replies"\n\n'
        '[replay]\nfolder = "replies"\n\n[contexts]\nper_sense = 3\n\n'
        "[contexts.rules]\nword_list = false\n",  # loading them takes seconds
        encoding="utf-8",
    )
    return TinyRun(folder)
