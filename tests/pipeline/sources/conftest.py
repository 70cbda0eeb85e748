"""Hand-written sources: CSV files, a small Princeton WordNet with true offsets, WN-LMF XML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from testing.wordnet_database import DatabaseLine, write_database

WriteFiles = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def write_files(tmp_path: Path) -> WriteFiles:
    """Writes files by name into a new folder and returns it."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        folder = tmp_path / "source"
        folder.mkdir()
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (folder / name).write_bytes(data)
        return folder

    return write


ENGLISH = (
    DatabaseLine("artifact", "noun", "n", 3, ("artifact", "artefact"), "a man-made object"),
    DatabaseLine("tool", "noun", "n", 6, ("tool",), "an implement", (("@", "artifact"),)),
    DatabaseLine(
        "drill",
        "noun",
        "n",
        6,
        ("drill", "power_drill"),
        'a tool with a sharp point for making holes in hard materials; "he bought a drill"',
        (("@", "tool"), ("@", "artifact")),
    ),
    DatabaseLine("bore", "verb", "v", 35, ("bore", "drill"), 'make a hole; "bore a wall"'),
    DatabaseLine("dry", "adj", "a", 0, ("dry",), "free from moisture", (("&", "arid"),)),
    DatabaseLine("arid", "adj", "s", 0, ("arid",), "lacking rain", (("&", "dry"),)),
    DatabaseLine("fast", "adv", "r", 2, ("fast",), "quickly"),
)


@dataclass(frozen=True)
class EnglishWordNet:
    """The folder, and the offset of each synset by name, as eight digits."""

    folder: Path
    offsets: Mapping[str, str]


MakeWordNet = Callable[..., EnglishWordNet]


@pytest.fixture
def make_wordnet(tmp_path: Path) -> MakeWordNet:
    """Writes a WordNet database; ``extra`` is put in front of the gloss of "artifact"."""

    def make(extra: str = "", version: str = "3.0") -> EnglishWordNet:
        folder = tmp_path / f"dict{len(extra)}"
        header = f"  1 WordNet {version} Copyright 2006 by Princeton University.  \n"
        moved = [
            replace(line, gloss=extra + line.gloss) if line.name == "artifact" else line
            for line in ENGLISH
        ]
        return EnglishWordNet(folder, write_database(folder, moved, header))

    return make


LMF = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE LexicalResource SYSTEM "https://globalwordnet.github.io/schemas/WN-LMF-1.1.dtd">
<LexicalResource xmlns:dc="https://globalwordnet.github.io/schemas/dc/">
  <Lexicon id="tvwn" label="Từ điển thử" language="vi" email="nobody@example.org"
           license="https://creativecommons.org/licenses/by/4.0/" version="1.0"
           url="https://example.org/tvwn">
    <LexicalEntry id="tvwn-khoan-n">
      <Lemma writtenForm="khoan" partOfSpeech="n"/>
      <Sense id="tvwn-khoan-1" synset="tvwn-0001-n">
        <Example>Anh mượn hàng xóm cái khoan.</Example>
      </Sense>
    </LexicalEntry>
    <LexicalEntry id="tvwn-may_khoan-n">
      <Lemma writtenForm="máy_khoan" partOfSpeech="n"/>
      <Sense id="tvwn-may_khoan-1" synset="tvwn-0001-n"/>
    </LexicalEntry>
    <LexicalEntry id="tvwn-dung_cu-n">
      <Lemma writtenForm="dụng cụ" partOfSpeech="n"/>
      <Sense id="tvwn-dung_cu-1" synset="tvwn-0002-n"/>
    </LexicalEntry>
    <LexicalEntry id="tvwn-khoan-v">
      <Lemma writtenForm="khoan" partOfSpeech="v"/>
      <Sense id="tvwn-khoan-2" synset="tvwn-0003-v"/>
      <Sense id="tvwn-khoan-3" synset="tvwn-0004-v"/>
    </LexicalEntry>
    <Synset id="tvwn-0001-n" ili="i50607" partOfSpeech="n" lexfile="noun.artifact">
      <Definition language="en">a tool that bores holes</Definition>
      <Definition>dụng cụ có mũi nhọn xoắn, dùng để tạo lỗ</Definition>
      <SynsetRelation relType="hypernym" target="tvwn-0002-n"/>
      <Example>Mũi khoan gãy đôi.</Example>
    </Synset>
    <Synset id="tvwn-0002-n" ili="in" partOfSpeech="n"/>
    <Synset id="tvwn-0003-v" ili="" partOfSpeech="v" dc:subject="verb.contact">
      <Definition>dùng mũi nhọn xoáy sâu để tạo lỗ</Definition>
    </Synset>
    <Synset id="tvwn-0004-v" ili="">
      <Definition>dừng lại, đừng vội làm việc gì</Definition>
    </Synset>
    <Synset id="tvwn-0005-n" ili="i1" partOfSpeech="n"/>
  </Lexicon>
  <Lexicon id="other" label="Other" language="en" email="nobody@example.org"
           license="MIT" version="1.0">
    <Synset id="other-0001-n" ili="i2" partOfSpeech="n"/>
  </Lexicon>
</LexicalResource>
"""


@pytest.fixture
def lmf_text() -> str:
    """A Vietnamese lexicon of five synsets beside an English one."""
    return LMF
