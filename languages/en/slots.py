"""What English sentences of a sense are to differ in."""

from __future__ import annotations

from languages.en.function_words import FUNCTION_WORDS
from languages.slots import Slots
from schemas.records import Pos

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
        "news": "a newspaper report",
        "narrative": "a story",
        "spoken": "colloquial speech",
        "dialogue": "said to somebody",
        "academic": "a textbook",
        "official": "an official letter",
    },
    region={
        "british": "British English",
        "american": "American English",
        "australian": "Australian English",
    },
    sentence={
        "question": "a question",
        "exclamation": "an exclamation",
        "request": "a request or order",
    },
    length={
        "short": "a short sentence",
        "long": "a long sentence",
    },
    bands={"short": (6, 10), "long": (18, 30)},
    function={
        Pos.NOUN: {
            "subject": "the target is the subject",
            "object": "the target is an object",
            "prepositional": "the target follows a preposition",
            "modifier": "the target modifies another noun",
        },
        Pos.VERB: {
            "past": "the target in the past",
            "negated": "the target negated",
            "modal": "the target after a modal verb",
            "passive": "the target in the passive, if it has one",
            "condition": "the target in an if-clause",
            "infinitive": "the target after another verb",
        },
        Pos.ADJ: {
            "predicate": "the target follows a verb",
            "attribute": "the target stands before its noun",
            "compared": "the target in a comparison",
            "negated": "the target negated",
        },
        Pos.ADV: {
            "of_verb": "the target modifies a verb",
            "of_clause": "the target modifies the whole clause",
        },
        Pos.OTHER: {},
    },
    position={
        "start": "the target near the beginning",
        "middle": "the target in the middle",
        "end": "the target near the end",
    },
    collocate={
        "without": "not with its most usual companion",
    },
    common=FUNCTION_WORDS | frozenset(_COMMON.split()),
)
