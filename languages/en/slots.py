"""What English sentences of a sense are to differ in."""

from __future__ import annotations

from languages.en.function_words import FUNCTION_WORDS
from languages.slots import Choice, Slots
from schemas.records import Pos

_WRITTEN = {"region": ("any",), "sentence": ("statement", "question")}
_FRONT = {"position": ("any", "start")}
_BACK = {"position": ("any", "middle", "end")}
_COMMON = """
came come day days don't even ever every first get go going good got great into it's i'm know last
let let's little long make man men never new next night old once one over people please right said
say see still take then three time today told took two until want wanted way went woman women year
years yesterday yet
"""

SLOTS = Slots(
    domain={
        "arts": "about the arts",
        "children": "about children",
        "crafts": "about crafts and trades",
        "farming": "about farming",
        "friends": "about friends and neighbours",
        "health": "about health",
        "history": "about history",
        "home": "about family life",
        "law": "about law",
        "market": "about shopping",
        "media": "about current affairs",
        "money": "about money and business",
        "nature": "about nature",
        "school": "about school",
        "science": "about science",
        "sport": "about sport",
        "technology": "about technology",
        "travel": "about travel",
        "work": "about the workplace",
    },
    style={
        "news": Choice("a newspaper report", 2, _WRITTEN),
        "narrative": Choice("a story", 2, {"region": ("any",)}),
        "spoken": Choice("colloquial speech", 2),
        "dialogue": Choice("said to somebody", 2),
        "academic": Choice("a textbook", 1, _WRITTEN),
        "official": Choice("an official letter", 1, _WRITTEN),
    },
    region={
        "any": Choice("", 3),
        "british": Choice("British English"),
        "american": Choice("American English"),
        "australian": Choice("Australian English", 0.5),
    },
    sentence={
        "statement": Choice("", 6),
        "question": Choice("a question", 2),
        "exclamation": Choice("an exclamation"),
        "request": Choice("a request or order"),
    },
    length={
        "short": Choice("a short sentence", 1),
        "medium": Choice("", 2),
        "long": Choice("a long sentence", 1),
    },
    bands={"short": (6, 10), "medium": (11, 17), "long": (18, 30)},
    function={
        Pos.NOUN: {
            "any": Choice("", 5),
            "subject": Choice("the target is the subject", 2, _FRONT),
            "object": Choice("the target is an object", 2, _BACK),
            "prepositional": Choice("the target follows a preposition", 1),
            "modifier": Choice("the target modifies another noun", 1),
        },
        Pos.VERB: {
            "any": Choice("", 5),
            "past": Choice("the target in the past", 2),
            "negated": Choice("the target negated", 1),
            "modal": Choice("the target after a modal verb", 1, _BACK),
            "passive": Choice("the target in the passive, if it has one", 1, _BACK),
            "condition": Choice("the target in an if-clause", 1),
            "infinitive": Choice("the target after another verb", 1, _BACK),
        },
        Pos.ADJ: {
            "any": Choice("", 5),
            "predicate": Choice("the target follows a verb", 2, _BACK),
            "attribute": Choice("the target stands before its noun", 2),
            "compared": Choice("the target in a comparison", 1),
            "negated": Choice("the target negated", 1),
        },
        Pos.ADV: {
            "any": Choice("", 5),
            "of_verb": Choice("the target modifies a verb", 2),
            "of_clause": Choice("the target modifies the whole clause", 1, _FRONT),
        },
        Pos.OTHER: {"any": Choice("")},
    },
    position={
        "any": Choice("", 4),
        "start": Choice("the target near the beginning"),
        "middle": Choice("the target in the middle"),
        "end": Choice("the target near the end"),
    },
    collocate={
        "with": Choice("", 2),
        "without": Choice("not with its most usual companion"),
    },
    common=FUNCTION_WORDS | frozenset(_COMMON.split()),
)
