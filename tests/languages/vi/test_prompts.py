"""Vietnamese requests are byte for byte what they were: paid replies stay found in the ledger.

A digest that changes here means that every request of that kind is paid for once more.
"""

import hashlib
from dataclasses import replace

import orjson
import pytest

from languages.find import find_language
from pipeline.llm.body import response_format
from prompts import catalogue
from prompts.render import render
from prompts.replies import (
    ContextsReply,
    GlossesReply,
    GroupedContextsReply,
    JudgeReply,
    ReplyModel,
    VerifyReply,
    described,
)
from prompts.tasks import (
    ContextsGroupTask,
    GlossesTask,
    SynsetToDefine,
    Task,
    VerifyTask,
    WantedWord,
)
from schemas.records import Pos
from testing.prompt_kinds import KICK, STONE, STONE_JUDGED, STONE_SENTENCES

VI = find_language("vi")
BARE = GlossesTask("", (SynsetToDefine(1, ("đá",), Pos.NOUN, "noun.tops"),))
HINTED = replace(STONE, hint="stone, rock: a lump of mineral")
FULL = GlossesTask("đá", (HINTED,), (KICK,))
READ = VerifyTask("vật rắn", (KICK,))
GROUP = ContextsGroupTask(
    (WantedWord("đá", 3, ("dùng chân hất",)), WantedWord("cục đá", 5)),
    Pos.OTHER,
    "noun.tops",
    "vật rắn",
)


def digest(data: str | bytes) -> str:
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("name", "task", "expected"),
    [
        ("glosses.v3", BARE, "96eacba8e2310824"),
        ("glosses.v3", FULL, "977fa9e7b3faecc0"),
        ("verify.v1", READ, "9167f9ab28e9440e"),
        ("contexts.v1", STONE_SENTENCES, "a7310a1d8e4d5841"),
        ("contexts.v2", STONE_SENTENCES, "a7310a1d8e4d5841"),
        ("contexts_group.v1", GROUP, "a9729357f45abd98"),
        ("contexts_group.v2", GROUP, "a9729357f45abd98"),
        ("judge.v1", STONE_JUDGED, "1c6f77d08dfd9ab4"),
    ],
)
def test_messages_are_what_they_were(name: str, task: Task, expected: str) -> None:
    messages = render(catalogue.load(name, VI), task)
    assert digest(f"{messages.system}\0{messages.user}") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("contexts.v1", "997e25f822b54159"),
        ("contexts_group.v1", "550813419978e98e"),
        ("glosses.v3", "1880253d2a3d07ce"),
        ("verify.v1", "b59706c1c7226d23"),
        ("judge.v1", "9d1b7c3f532e56c8"),
    ],
)
def test_a_template_that_was_used_is_not_edited(name: str, expected: str) -> None:
    assert catalogue.load(name, VI).digest[:16] == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (GlossesReply, "4e49d62306d65475"),
        (VerifyReply, "53bad9910aa4cc30"),
        (ContextsReply, "64ac7b40892ef5c7"),
        (GroupedContextsReply, "f985cf343f26375c"),
        (JudgeReply, "ea36296e774dad3e"),
    ],
)
def test_schemas_are_what_they_were(reply: type[ReplyModel], expected: str) -> None:
    schema = response_format(described(reply, VI.prompts.reply_fields))
    assert digest(orjson.dumps(schema)) == expected


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Định nghĩa tiếng Anh: x"),
        ("en-GB", "Định nghĩa tiếng Anh: x"),
        ("vi", "Định nghĩa tiếng Việt: x"),
        ("id", "Định nghĩa tiếng Indonesia: x"),
    ],
)
def test_a_definition_is_announced_in_its_own_language(language: str, line: str) -> None:
    stone = SynsetToDefine(1, ("đá",), Pos.NOUN, "noun.tops", "x", language)
    task = GlossesTask("", (stone,))
    assert f"   {line}" in render(catalogue.load("glosses", VI), task).user.splitlines()
