"""English wording of replies, labels and formulas."""

from __future__ import annotations

from languages.wording import Wording
from schemas.records import Pos

_REGISTERS = (
    "news|newspaper|journalistic|literary|literature|colloquial|informal|formal|conversational|"
    "conversation|dialogue|scientific|academic|technical|legal|official|administrative|advertising"
)
_PARTS = r"(?:noun|verb|adjective|adverb|word|term|phrase|expression)"
_STATES = r"(?:the|a) (?:state|quality|property|condition|characteristic|fact) of\b"

WORDING = Wording(
    talk=(
        r"here(?:'s| is| are)\b",
        r"(?:sure|certainly|of course|okay|ok)[,!.] (?:here|below|the following|i)\b",
        r"(?:below|the following) (?:is|are)\b",
        r"the following (?:sentence|example|definition)s?\b",
        r"(?:this|these) (?:sentence|example|definition)s?\b",
    ),
    labels=(r"ex\.?", "e\\.g", "usage", "item"),
    gloss_labels=("meaning", "sense"),
    registers=(rf"(?:{_REGISTERS})(?: style| register)?",),
    mentions=(rf"\b(?:the )?{_PARTS}",),
    about_meaning=(
        *(r"\bmeans\b", r"\bmeaning\b", r"\brefers to\b", r"\bis used\b", r"\bdenotes\b"),
        r"\bin (?:this|the) sentence\b",
        r"\bis an? (?:noun|verb|adjective|adverb)\b",
    ),
    about_task=(
        r"\bsynonyms? (?:of|for)\b",
        r"\b(?:this|these|the given) synonyms?\b",
        r"\bpart of speech\b",
    ),
    formulas=(
        rf"(?:an? |the )?{_PARTS} (?:that |which )?(?:is )?"
        r"(?:used |meaning|refer|describ|denot|for\b)",
        r"(?:used to|to) (?:refer|describe|denote|say|express)\b",
        r"(?:it |this )?(?:means|refers to|denotes|describes)\b",
        r"(?:it|this|that) is\b|is when\b|when (?:you|someone|something)\b",
    ),
    formulas_by_pos={
        Pos.VERB: (r"(?:the|an?) (?:act|action|process) of\b", _STATES),
        Pos.ADJ: (_STATES, r"(?:the|an?) (?:act|action|process) of\b"),
        Pos.ADV: (_STATES,),
    },
    wiki=("template", "category"),
)
