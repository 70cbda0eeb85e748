"""Replies for a whole WordNet, made up from a word list: a responder for the mock server.

Each reply depends on its request's label alone, so that every run is given the same ones. Most
are sound; one sentence in forty has no marked target and one gloss in fifty is too short, so that
rejection and further rounds are part of what is measured. The judge agrees nine times in ten.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

import orjson

from languages.find import find_language
from pipeline.stages.gloss_requests import JOINED
from prompts.render import parse_judge_prompt

MEANING = "Nghĩa: "
"""Begins the line of the prompt that holds the gloss."""
_PORTION = re.compile(r"/\d+-\d+$")
OPENINGS = (
    "Hôm qua",
    "Theo tôi",
    "Ở quê",
    "Sáng nay",
    "Người ta bảo",
    "Khi ấy",
    "Có lẽ",
    "Ngày xưa",
)


def respond(body: dict[str, Any], headers: Mapping[str, str]) -> str:
    """The reply to a request of any stage, chosen by its label."""
    label = unquote(headers["x-viconwsd-item"])
    stage, _, rest = label.partition("/")
    user: str = body["messages"][1]["content"]
    if stage == "glosses":
        return orjson.dumps({"glosses": glosses(rest)}).decode()
    if stage == "verify":
        return orjson.dumps({"word": "", "choice": 1}).decode()
    if stage == "contexts":
        return orjson.dumps({"contexts": sentences(rest, user)}).decode()
    return orjson.dumps({"choices": choices(rest, user)}).decode()


def glosses(label: str) -> list[dict[str, Any]]:
    """The reply for ``viwn-17+viwn-18/1``: a gloss for each of the synsets."""
    synsets, _, round_ = label.rpartition("/")
    return [
        {"number": number, "gloss": gloss(f"{synset}/{round_}"), "same_as": 0}
        for number, synset in enumerate(synsets.split(JOINED), start=1)
    ]


def gloss(label: str) -> str:
    """A made-up gloss for ``viwn-17/1``, the same at every call."""
    rng = random.Random(f"gloss {label}")
    n = 2 if rng.random() < 0.02 else 8
    return " ".join(rng.choice(_words()) for _ in range(n))


def wanted(user: str) -> int:
    """The number of sentences that a prompt asks for: its last number."""
    return int(user.rsplit(" ", 1)[-1])


def sentences(label: str, user: str) -> list[str]:
    """Made-up sentences around the lemma in ``viwn-17#cái_khoan/1``, each with its sense's cue."""
    rng = random.Random(f"contexts {label}")
    sense = _PORTION.sub("", label.rpartition("/")[0])
    lemma = sense.partition("#")[2].replace("_", " ")
    meant = next(line for line in user.split("\n") if line.startswith(MEANING))
    return [_sentence(lemma, cue(meant), rng) for _ in range(wanted(user))]


def cue(text: str) -> str:
    """The word that tells a judge the sense: the last of its gloss."""
    return " ".join(text.split(" ")[-2:])


def _sentence(lemma: str, meant: str, rng: random.Random) -> str:
    target = lemma if rng.random() < 0.025 else f"[[{lemma}]]"
    before = " ".join(rng.choice(_words()) for _ in range(rng.randint(1, 4)))
    after = " ".join(rng.choice(_words()) for _ in range(rng.randint(1, 5)))
    return f"{rng.choice(OPENINGS)}, {before}, {target}, {after} {meant}."


def choices(label: str, user: str) -> list[dict[str, int]]:
    """A judge's choices for a prompt: nine in ten by the cue."""
    rng = random.Random(f"judge {label}")
    shown, candidates = parse_judge_prompt(user)
    cues = [cue(text) for text in candidates]
    return [
        {
            "sentence": number,
            "sense": _place(sentence, cues) if rng.random() < 0.9 else rng.randint(0, len(cues)),
        }
        for number, sentence in enumerate(shown, start=1)
    ]


def _place(sentence: str, cues: list[str]) -> int:
    return next((i for i, word in enumerate(cues, 1) if sentence.endswith(f" {word}.")), 0)


@cache
def _words() -> tuple[str, ...]:
    return tuple(
        sorted(
            word for word in find_language("vi").segmentation.word_list() if word.count(" ") == 1
        )
    )
