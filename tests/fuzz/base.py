"""The sound folders that cases are made of: a run up to its model, its sheets, other sources."""

from __future__ import annotations

import csv
import gzip
import json
import sys
import tarfile
from pathlib import Path

import openpyxl

from pipeline.cli.main import exit_code
from schemas.records import Sense
from schemas.tables import read_table
from testing.wordnet_database import DatabaseLine, write_database
from tests.audits import record_demo_answers
from tests.audits.page_file import page_file, write_saved

LIMIT = "15"
_VERSION = "  1 WordNet 3.0 Copyright 2006 by Princeton University  \n"
TARGET = "Tôi đang [[đậu]] xe trước cổng trường."
_SMALL = (
    ("\nper_sense = 20 ", "\nper_sense = 6 "),
    ("\nsize = 120", "\nsize = 20"),
    ("\n[judge]", "\n[contexts.rules]\nword_list = false\n\n[judge]"),
)
_TRAIN = """
[train]
gloss_width = 16
epochs = 2

[train.small]
width = 32
layers = 1
heads = 2
vocabulary = 400
"""
_LMF = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE LexicalResource SYSTEM "http://globalwordnet.github.io/schemas/WN-LMF-1.1.dtd">
<LexicalResource xmlns:dc="https://globalwordnet.github.io/schemas/dc/">
  <Lexicon id="tiny" label="Tiny" language="vi" email="a@b.vn" license="CC0-1.0" version="1">
    <LexicalEntry id="e1"><Lemma writtenForm="khoan" partOfSpeech="v"/>
      <Sense id="s1" synset="tiny-1-v"/></LexicalEntry>
    <LexicalEntry id="e2"><Lemma writtenForm="khoan" partOfSpeech="n"/>
      <Sense id="s2" synset="tiny-2-n"/></LexicalEntry>
    <LexicalEntry id="e3"><Lemma writtenForm="máy móc" partOfSpeech="n"/>
      <Sense id="s3" synset="tiny-3-n"/></LexicalEntry>
    <Synset id="tiny-1-v" ili="" partOfSpeech="v"><Definition>đục lỗ</Definition></Synset>
    <Synset id="tiny-2-n" ili="" partOfSpeech="n"><Definition>dụng cụ đục lỗ</Definition>
      <SynsetRelation relType="hypernym" target="tiny-3-n"/></Synset>
    <Synset id="tiny-3-n" ili="" partOfSpeech="n"><Definition>đồ dùng có bộ phận</Definition>
      <Example>máy móc cũ</Example></Synset>
  </Lexicon>
</LexicalResource>
"""


def build(folder: Path) -> None:
    """Makes ``folder/run`` (finished, audited, trained), its sheets, and ``folder/sources``."""
    run = folder / "run"
    config = run / "run.toml"
    assert exit_code(["init", str(run)]) == 0
    text = config.read_text(encoding="utf-8")
    for old, new in _SMALL:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    config.write_text(text + _TRAIN, encoding="utf-8")
    _done("run", "-c", config, "--limit", LIMIT)
    _done("audit", "sample", "-c", config)
    record_demo_answers.main(run / "audits" / "audit", folder / "sheets")
    _as_workbook(folder / "sheets" / "Minh.csv")
    _done("audit", "import", "-c", config, *sorted((folder / "sheets").glob("*.csv")))
    lan = page_file(
        run / "audits" / "audit", "Lan", lambda row: tuple(record_demo_answers.answers("Lan", row))
    )
    write_saved(folder / "sheets" / "Lan.json", lan)
    _done("audit", "report", "-c", config)
    _done("run", "-c", config, "--limit", LIMIT)
    _done("train", "-c", config)
    _keep_replies_of_the_sample(run)
    _sources(run / "demo" / "lexicon", folder / "sources")


def _keep_replies_of_the_sample(run: Path) -> None:
    """So that damage done to a reply is done to one that is read."""
    [sample] = (run / "stages" / "synsets").glob("*/senses.parquet")
    senses = list(read_table(sample, Sense))
    items = {sense.sense_id for sense in senses} | {sense.synset_id for sense in senses}
    for name in ("glosses", "contexts"):
        path = run / "demo" / "replies" / f"{name}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text(
            "".join(line for line in lines if json.loads(line)["item"] in items), encoding="utf-8"
        )


def _done(*words: object) -> None:
    code = exit_code([str(word) for word in words])
    assert code == 0, words


def _as_workbook(path: Path) -> None:
    with open(path, encoding=record_demo_answers.HABITS[1]["encoding"], newline="") as file:
        rows = list(csv.reader(file, delimiter=record_demo_answers.HABITS[1]["delimiter"]))
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(path.with_suffix(".xlsx"))


def _sources(lexicon: Path, folder: Path) -> None:
    folder.mkdir()
    with tarfile.open(folder / "csv.tar.xz", "w:xz") as archive:
        for file in sorted(lexicon.glob("noun.*.csv")):
            archive.add(file, file.name)
    (folder / "adj.csv").write_bytes((lexicon / "adj.csv").read_bytes())
    (folder / "tiny.xml").write_text(_LMF, encoding="utf-8")
    (folder / "tiny.xml.gz").write_bytes(gzip.compress(_LMF.encode()))
    lines = [
        DatabaseLine("drill", "verb", "v", 35, ("drill", "bore"), "make a hole", (("@", "make"),)),
        DatabaseLine("make", "verb", "v", 36, ("make",), 'bring about; "they made it"'),
        DatabaseLine("tool", "noun", "n", 6, ("drill",), "a tool that makes holes"),
        DatabaseLine("good", "adj", "a", 0, ("good",), "having the right qualities"),
    ]
    offsets = write_database(folder / "princeton", lines, _VERSION)
    tab = "# omw\tvie\thttp://example.org\tCC0\n"
    tab += f"{offsets['tool']}-n\tvie:lemma\tmũi khoan\n"
    tab += f"{offsets['drill']}-v\tvie:lemma\tkhoan\n"
    (folder / "wn-vie.tab").write_text(tab, encoding="utf-8")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
