"""What the sentences of a sense are to differ in: the table that their slots are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from languages.bounds import Span
from schemas.records import Pos

DIMENSIONS = (
    *("domain", "style", "region", "sentence", "length", "function", "position", "collocate"),
)
"""In the order in which they are drawn: what is drawn earlier can limit what comes later."""

ANY = "any"
"""The value of a dimension by which nothing is asked; every dimension but ``domain`` has it."""

_THINGS = "home work market school travel media"
_LIVING = "nature farming home science children market"
_MIND = "home school work friends arts media"
_PUBLIC = "media law work history money sport"
_DOMAINS_OF = {
    "noun.tops": "home work school nature science media arts",
    "noun.act": "home work school sport law media friends",
    "noun.animal": f"{_LIVING} travel",
    "noun.artifact": f"{_THINGS} technology crafts history",
    "noun.attribute": f"{_MIND} nature science",
    "noun.body": "health sport home children science arts",
    "noun.cognition": f"{_MIND} science law",
    "noun.communication": f"{_MIND} law technology",
    "noun.event": f"{_PUBLIC} friends",
    "noun.feeling": f"{_MIND} children health",
    "noun.food": "home market farming health travel children friends",
    "noun.group": f"{_PUBLIC} friends school",
    "noun.location": "travel nature home work history media",
    "noun.motive": f"{_MIND} law history",
    "noun.object": "nature travel science farming children arts",
    "noun.person": f"{_MIND} law history children",
    "noun.phenomenon": "nature science farming travel media health",
    "noun.plant": f"{_LIVING} health",
    "noun.possession": "money market home law work history",
    "noun.process": "science nature health technology farming school",
    "noun.quantity": "market school science work travel money",
    "noun.relation": f"{_MIND} science law",
    "noun.shape": "school crafts arts science home nature",
    "noun.state": "health work home law nature history friends",
    "noun.substance": "science crafts home nature technology market",
    "noun.time": "home work school history travel farming",
    "verb.body": "health home children sport friends travel",
    "verb.change": "nature home science work money technology",
    "verb.cognition": f"{_MIND} science law",
    "verb.communication": f"{_MIND} law children",
    "verb.competition": "sport history law children money media",
    "verb.consumption": "home market health friends travel children farming",
    "verb.contact": "home crafts sport work children farming technology",
    "verb.creation": "arts crafts home work technology children",
    "verb.emotion": f"{_MIND} children health",
    "verb.motion": "travel sport nature children work home",
    "verb.perception": "home nature arts health friends science",
    "verb.possession": "money market home law work friends",
    "verb.social": f"{_PUBLIC} school friends",
    "verb.stative": "home nature work travel science history",
    "verb.weather": "nature farming travel media home children",
    "adj": f"{_MIND} nature market",
    "adj.all": f"{_MIND} nature market",
    "adj.pert": "science school history law media technology",
    "adj.ppl": "home work nature crafts media health",
    "adv": "home work school travel friends media",
    "adv.all": "home work school travel friends media",
    "conj": _MIND,
    "interj": "home friends children market sport",
    "prep": "home work travel school media",
    "pron": "home friends work school children",
}
DOMAINS: Mapping[str, tuple[str, ...]] = {
    supersense: tuple(names.split()) for supersense, names in _DOMAINS_OF.items()
}
"""Supersense -> the walks of life in which its words are at home, all equally often."""

DOMAIN_NAMES = tuple(sorted({name for names in DOMAINS.values() for name in names}))


STYLES = ("news", "narrative", "spoken", "dialogue", "academic", "official")
SENTENCES = ("question", "exclamation", "request")
LENGTHS = ("short", "long")
POSITIONS = ("start", "middle", "end")
COLLOCATES = ("without",)

WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "style": {"news": 2, "narrative": 2, "spoken": 2, "dialogue": 2},
    "region": {ANY: 3},
    "sentence": {ANY: 6, "question": 2},
    "length": {ANY: 2},
    "function": {ANY: 5, "subject": 2, "object": 2, "predicate": 2, "of_verb": 2, "past": 2},
    "position": {ANY: 4},
    "collocate": {ANY: 2},
}
"""How often values are drawn against the others of their dimension; 1 where nothing is said."""

_WRITTEN = {"region": (ANY,), "sentence": (ANY, "question")}
_FRONT = {"position": (ANY, "start")}
_BACK = {"position": (ANY, "middle", "end")}
LIMITS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("news", "academic", "official"), _WRITTEN),
    "narrative": {"region": (ANY,)},
    **dict.fromkeys(("subject", "of_clause"), _FRONT),
    **dict.fromkeys(("object", "predicate", "modal", "passive", "infinitive"), _BACK),
}
"""Value -> later dimension -> the values that go with it; all where it is left out."""

Wishes = Mapping[str, str]
"""How a prompt asks for a value, in a few words, by its name: letters a-z, as run.toml and the
column ``slot`` have it."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The wishes of every dimension. Names in capitals above are the same in every language."""

    domain: Wishes
    """All of DOMAIN_NAMES."""
    style: Wishes
    """STYLES."""
    region: Wishes
    """Where the language is spoken so."""
    sentence: Wishes
    """SENTENCES."""
    length: Wishes
    """LENGTHS."""
    bands: Mapping[str, Span]
    """Name of a length -> its units, the least and the most."""
    function: Mapping[Pos, Wishes]
    """What the target does in the sentence, for every part of speech."""
    position: Wishes
    """POSITIONS: by the thirds of a sentence."""
    collocate: Wishes
    """COLLOCATES: whether the word that goes with it first of all may be there."""
    common: frozenset[str]
    """Match keys of units that sentences on anything share; they tell nothing of a sense."""
