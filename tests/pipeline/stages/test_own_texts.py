"""The source's own definitions and examples stay where they pass; only the rest is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.binding import all_stages
from pipeline.cli.main import exit_code
from pipeline.config import load_config
from pipeline.engine.folder import RunFolder
from pipeline.llm.request import Request
from pipeline.plan import make_plan
from pipeline.stages.requests import AskingStage
from schemas.records import Context, Gloss, Reject
from schemas.tables import read_table
from testing.outputs import current_output
from testing.wordnet_database import DatabaseLine, write_database
from tests.conftest import contexts_reply, glosses_reply, recorded

LINES = (
    DatabaseLine(
        "tool", "noun", "n", 6, ("drill",),
        'a tool with a pointed end that turns; "he borrowed a drill from his neighbour"; "a drill"',
    ),
    DatabaseLine(
        "bore", "verb", "v", 35, ("drill", "bore"),
        'make a hole with a pointed tool; "they drilled and bored for oil"; '
        '"drill here and drill there until you find it"',
    ),
    DatabaseLine("twin", "verb", "v", 35, ("pierce",), "make a hole with a pointed tool"),
    DatabaseLine("train", "verb", "v", 32, ("drill",), "drill the recruits until they know it"),
    DatabaseLine("short", "adj", "a", 0, ("dull",), "unsharp"),
)  # fmt: skip
REWRITTEN = {
    "tool": "an implement with a turning point that makes holes",
    "bore": "cut a round opening into something hard",
    "twin": "go through a surface as a needle does",
    "train": "teach by making somebody repeat the same thing",
    "short": "having an edge that does not cut well",
}
SENTENCES = {
    "tool#drill": ["My father keeps his [[drill]] in the shed."],
    "bore#drill": ["The dentist [[drilled]] into the tooth without any warning."],
    "bore#bore": ["Beetles have [[bored]] through the legs of the old table."],
    "twin#pierce": [
        "The thorn [[pierced]] the sole of her shoe.",
        "A nail had [[pierced]] the tyre.",
    ],
    "train#drill": [
        "The sergeant [[drilled]] them every morning.",
        "We were [[drilled]] in verbs.",
    ],
    "short#dull": ["This knife is too [[dull]] for bread.", "A [[dull]] axe makes hard work."],
}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder over the database with recorded replies for everything; two contexts a sense."""
    offsets = write_database(tmp_path / "dict", LINES)
    ids = {line.name: f"pwn-{offsets[line.name]}-{line.kind}" for line in LINES}
    replies = tmp_path / "replies"
    replies.mkdir()

    glosses = "".join(recorded(ids[name], glosses_reply(text)) for name, text in REWRITTEN.items())
    contexts = ""
    for sense, sentences in SENTENCES.items():
        name, _, lemma = sense.partition("#")
        contexts += recorded(f"{ids[name]}#{lemma}", contexts_reply(sentences))
    (replies / "glosses.jsonl").write_text(glosses, encoding="utf-8")
    (replies / "contexts.jsonl").write_text(contexts, encoding="utf-8")
    (replies / "verdicts.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "run.toml").write_text(
        '[run]\nlanguage = "en"\n[source]\nkind = "princeton"\npath = "dict"\n'
        '[llm]\nbase_url = "http://recorded.invalid/v1"\nmodel = "recorded"\n'
        '[replay]\nfolder = "replies"\n[judge]\nenabled = false\n'
        '[glosses]\nrounds = 1\nsource = "keep"\n'
        '[contexts]\nrounds = 1\nper_sense = 2\nsource = "keep"\n',
        encoding="utf-8",
    )
    return tmp_path


def change(run: Path, old: str, new: str) -> None:
    text = (run / "run.toml").read_text(encoding="utf-8")
    assert old in text
    (run / "run.toml").write_text(text.replace(old, new), encoding="utf-8")


def stage_folder(run: Path, name: str) -> Path:
    return current_output(run, name).folder


def glosses(run: Path) -> dict[str, tuple[str, bool]]:
    """Name of the synset -> its gloss, and whether a request made it."""
    names = {line.name: line for line in LINES}
    by_text = {names[name].gloss.partition(";")[0]: name for name in names if name != "twin"}
    by_text |= {text: name for name, text in REWRITTEN.items()}
    rows = read_table(stage_folder(run, "glosses") / "glosses.parquet", Gloss)
    return {by_text[row.gloss]: (row.gloss, row.provenance is not None) for row in rows}


def rejects(run: Path, stage: str) -> list[tuple[str, str, bool]]:
    rows = read_table(stage_folder(run, stage) / "rejects.parquet", Reject)
    return [(row.code, row.text, row.provenance is not None) for row in rows]


def test_definitions_that_pass_are_kept_and_the_others_asked_for_with_the_reason(run: Path) -> None:
    assert exit_code(["run", "-c", str(run), "--until", "glosses"]) == 0
    assert glosses(run) == {
        "tool": ("a tool with a pointed end that turns", False),
        "bore": ("make a hole with a pointed tool", False),
        "twin": (REWRITTEN["twin"], True),
        "train": (REWRITTEN["train"], True),
        "short": (REWRITTEN["short"], True),
    }
    assert sorted(rejects(run, "glosses")) == [
        ("circular", "drill the recruits until they know it", False),
        ("equal_gloss", "make a hole with a pointed tool", False),
        ("length", "unsharp", False),
    ]
    manifest = current_output(run, "glosses").manifest
    assert manifest.counts == {"glosses": 5, "from_source": 2, "failed": 0}
    assert manifest.usage.requests == 3
    asked = {request.item: request.messages[1].content for request in requests(run, "glosses")}
    assert len(asked) == 3
    (train,) = [text for text in asked.values() if "recruits" in text]
    assert (
        "   Rejected before: “drill the recruits until they know it”: "
        "the definition uses the word “drill” itself"
    ) in train.splitlines()
    (twin,) = [text for text in asked.values() if "pierce" in text]
    assert "   Rejected before: “make a hole with a pointed tool”: " in twin


def test_a_doubtful_definition_of_the_source_stays(run: Path) -> None:
    """People define one word in ten by a synonym or two."""
    write_database(run / "dict", [*LINES[:-1], replace(LINES[-1], gloss="not sharp")])
    assert exit_code(["run", "-c", str(run), "--until", "glosses"]) == 0
    found = {
        row.gloss for row in read_table(stage_folder(run, "glosses") / "glosses.parquet", Gloss)
    }
    assert "not sharp" in found
    assert ("length", "not sharp", False) not in rejects(run, "glosses")


def requests(run: Path, name: str) -> list[Request[Any]]:
    """The first-round requests of a stage."""
    (stage,) = [stage for stage in all_stages(load_config(run)) if stage.name == name]
    assert isinstance(stage, AskingStage)
    return list(stage.requests.listed({name: current_output(run, name) for name in stage.inputs}))


def test_plan_counts_only_what_is_asked_for(run: Path) -> None:
    assert exit_code(["run", "-c", str(run), "--until", "link"]) == 0
    assert to_send(run, "glosses") == 3
    assert exit_code(["run", "-c", str(run), "--until", "glosses"]) == 0
    assert to_send(run, "contexts") == 6
    change(run, 'per_sense = 2\nsource = "keep"', 'per_sense = 1\nsource = "keep"')
    assert to_send(run, "contexts") == 3
    change(run, 'per_sense = 1\nsource = "keep"', 'per_sense = 1\nsource = "ask"')
    assert to_send(run, "contexts") == 6


def to_send(run: Path, stage: str) -> int:
    config = load_config(run)
    plans = make_plan(all_stages(config), RunFolder(run), config.language)
    (plan,) = [plan for plan in plans if plan.name == stage]
    assert plan.requests is not None
    assert plan.requests.exact
    return plan.requests.to_send


def test_examples_with_the_lemma_just_once_come_first_with_exact_spans(run: Path) -> None:
    assert exit_code(["run", "-c", str(run), "--until", "contexts"]) == 0
    rows = list(read_table(stage_folder(run, "contexts") / "contexts.parquet", Context))
    own = {(row.sense_id.partition("#")[2], row.sentence, row.target) for row in rows
           if row.provenance is None}  # fmt: skip
    assert own == {
        ("drill", "he borrowed a drill from his neighbour", "drill"),
        ("drill", "they drilled and bored for oil", "drilled"),
        ("bore", "they drilled and bored for oil", "bored"),
    }
    assert len(rows) == 12
    assert ("length", "a [[drill]]", False) in rejects(run, "contexts")
    manifest = current_output(run, "contexts").manifest
    assert manifest.counts["from_source"] == 3


def test_a_group_is_asked_for_those_that_are_short(run: Path) -> None:
    change(run, "per_sense = 2", "per_sense = 1\nlemmas_per_request = 2")
    assert exit_code(["run", "-c", str(run), "--until", "glosses"]) == 0
    assert to_send(run, "contexts") == 3


def test_definitions_are_rewritten(run: Path) -> None:
    change(run, 'rounds = 1\nsource = "keep"\n[con', 'rounds = 1\nsource = "rewrite"\n[con')
    assert exit_code(["run", "-c", str(run), "--until", "glosses"]) == 0
    assert glosses(run) == {name: (text, True) for name, text in REWRITTEN.items()}


def test_a_template_that_cannot_rewrite_is_refused(run: Path, capsys) -> None:
    template = "{% block system %}Define.{% endblock %}{% block user %}{{ synsets }}{% endblock %}"
    (run / "own.j2").write_text(template, encoding="utf-8")
    change(run, 'source = "keep"\n[con', f'source = "rewrite"\nprompt = "{run / "own.j2"}"\n[con')
    assert exit_code(["run", "-c", str(run), "--until", "glosses"]) == 2
    assert "own.j2: does not use the field 'rewrite'" in capsys.readouterr().err


def test_in_another_language_nothing_is_kept(run: Path) -> None:
    """English definitions of an OMW file are hints for Vietnamese, whatever the setting says."""
    offsets = write_database(run / "dict", LINES, "  1 WordNet 3.0 Copyright 2006 by Princeton  \n")
    key = f"{offsets['tool']}-n"
    (run / "vi.tab").write_text(f"{key}\tvie:lemma\tcái khoan\n", encoding="utf-8")
    change(
        run, 'kind = "princeton"\npath = "dict"', 'kind = "omw"\npath = "vi.tab"\nwordnet = "dict"'
    )
    change(run, 'language = "en"', 'language = "vi"')
    assert exit_code(["run", "-c", str(run), "--until", "link"]) == 0
    assert to_send(run, "glosses") == 1


def test_definitions_and_examples_in_a_tab_file_are_kept(run: Path) -> None:
    offsets = write_database(run / "dict", LINES, "  1 WordNet 3.0 Copyright 2006 by Princeton  \n")
    key, without = f"{offsets['tool']}-n", f"{offsets['short']}-a"
    assert without < key
    gloss = "dụng cụ có mũi xoắn quay nhanh để đục lỗ trên gỗ hay tường"
    (run / "vi.tab").write_text(
        f"{key}\tvie:lemma\tcái khoan\n{key}\tvie:def\t0\t{gloss}\n"
        f"{key}\tvie:exe\t0\tAnh mượn cái khoan của hàng xóm để lắp lại kệ sách.\n"
        f"{without}\tvie:lemma\tcùn\n",
        encoding="utf-8",
    )
    tab = 'kind = "omw"\npath = "vi.tab"\nwordnet = "dict"'
    change(run, 'kind = "princeton"\npath = "dict"', tab)
    change(run, 'language = "en"', 'language = "vi"')
    change(run, "per_sense = 2", "per_sense = 1")
    # Only what has no definition there is asked for, and that no reply is recorded for.
    assert exit_code(["run", "-c", str(run), "--until", "contexts"]) == 1
    assert [code for code, *_ in rejects(run, "glosses")] == ["http_400", "no_gloss"]
    [kept] = read_table(stage_folder(run, "glosses") / "glosses.parquet", Gloss)
    assert (kept.gloss, kept.provenance) == (gloss, None)
    [row] = read_table(stage_folder(run, "contexts") / "contexts.parquet", Context)
    assert (row.target, row.provenance) == ("cái khoan", None)
    assert current_output(run, "contexts").manifest.usage.requests == 0
