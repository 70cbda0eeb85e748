"""Slots are drawn once for ever, as often as their weights say, and never against each other."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from languages.find import find_language, known_languages
from languages.language import Language
from languages.slots import (
    ANY,
    COLLOCATES,
    DIMENSIONS,
    DOMAIN_NAMES,
    DOMAINS,
    LENGTHS,
    LIMITS,
    POSITIONS,
    SENTENCES,
    STYLES,
    WEIGHTS,
)
from pipeline.sources.supersenses import SUPERSENSES
from pipeline.variety.plan import SlotPlan
from pipeline.variety.settings import SlotSettings
from schemas.errors import UsageError
from schemas.records import Pos, Slot

LANGUAGES = [find_language(code) for code in known_languages()]
VI = find_language("vi")
PLANS = {language.code: SlotPlan(language, SlotSettings()) for language in LANGUAGES}

SLOT = Slot(
    number=2,
    domain="technology",
    **dict.fromkeys(DIMENSIONS[1:], ANY) | {"length": "short"},
)
WISH = "về máy móc, công nghệ; câu ngắn"

STYLE_SHARES = {
    **dict.fromkeys(("news", "narrative", "spoken", "dialogue"), 2 / 11),
    **dict.fromkeys(("academic", "official", ANY), 1 / 11),
}

every_language = pytest.mark.parametrize("language", LANGUAGES, ids=lambda found: found.code)


def plan(**settings: object) -> SlotPlan:
    """All that is drawn is asked, so that it can be counted."""
    return SlotPlan(VI, SlotSettings.model_validate({"at_most": 8} | settings))


def drawn(of: SlotPlan, n_senses: int, numbers: range, pos: Pos = Pos.NOUN) -> list[Slot]:
    return [
        of.slot(f"t-{sense}#từ", number, pos, "noun.food")
        for sense in range(n_senses)
        for number in numbers
    ]


@every_language
def test_the_table_is_complete(language: Language) -> None:
    table = language.slots
    assert set(DOMAINS) == set(SUPERSENSES)
    assert set(table.domain) == set(DOMAIN_NAMES)
    assert (set(table.sentence), set(table.length)) == (set(SENTENCES), set(LENGTHS))
    assert (set(table.position), set(table.collocate)) == (set(POSITIONS), set(COLLOCATES))
    assert (set(table.style), set(table.bands)) == (set(STYLES), set(LENGTHS))
    assert set(table.function) == set(Pos)
    assert table.region
    least, most = language.bounds.context_length
    assert all(least <= low < high <= most for low, high in table.bands.values())
    others = [getattr(table, name) for name in DIMENSIONS if name != "function"]
    shown = [wish for wishes in others for wish in wishes.values()]
    assert ANY not in {name for wishes in (*others, *table.function.values()) for name in wishes}
    assert all(shown)
    assert len(set(shown)) == len(shown)


def test_weights_and_limits_name_values_and_limits_those_of_later_dimensions() -> None:
    known: dict[str, set[str]] = {name: {ANY} for name in DIMENSIONS}
    for table in (language.slots for language in LANGUAGES):
        for dimension in DIMENSIONS:
            of = getattr(table, dimension)
            tables = of.values() if dimension == "function" else [of]
            known[dimension].update(name for names in tables for name in names)
    assert all(set(weights) <= known[dimension] for dimension, weights in WEIGHTS.items())
    for name, limits in LIMITS.items():
        (at,) = (place for place, each in enumerate(DIMENSIONS) if name in known[each])
        for later, names in limits.items():
            assert later in DIMENSIONS[at + 1 :]
            assert set(names) <= known[later]


@every_language
def test_every_sense_of_every_kind_gets_a_slot_and_a_wish(language: Language) -> None:
    of = PLANS[language.code]
    for supersense, pos, number in product(sorted(SUPERSENSES), Pos, range(1, 4)):
        slot = of.slot("x-1#y", number, pos, supersense)
        assert slot.domain in DOMAINS[supersense]
        assert slot.function in {ANY, *language.slots.function[pos]}
        assert of.wish(slot, pos).startswith(language.slots.domain[slot.domain])


@given(
    sense=st.text(min_size=1),
    number=st.integers(1, 100),
    pos=st.sampled_from(list(Pos)),
    supersense=st.sampled_from([*sorted(SUPERSENSES), "noun.unheard_of"]),
)
def test_a_slot_hangs_on_nothing_but_sense_number_and_table(
    sense: str, number: int, pos: Pos, supersense: str
) -> None:
    slot = plan().slot(sense, number, pos, supersense)
    assert slot == plan().slot(sense, number, pos, supersense)
    assert slot.number == number
    for name in (slot.style, slot.function):
        for dimension, allowed in LIMITS.get(name, {}).items():
            assert getattr(slot, dimension) in allowed


@given(sense=st.text(min_size=1), number=st.integers(1, 100), at_most=st.integers(1, 8))
def test_no_more_is_asked_than_is_allowed_and_the_rest_is_open(
    sense: str, number: int, at_most: int
) -> None:
    whole = plan().slot(sense, number, Pos.VERB, "verb.motion")
    slot = plan(at_most=at_most).slot(sense, number, Pos.VERB, "verb.motion")
    asked = {name for name in DIMENSIONS if getattr(slot, name) != ANY}
    drawn = {name for name in DIMENSIONS if getattr(whole, name) != ANY}
    assert "domain" in asked <= drawn
    assert len(asked) == min(at_most, len(drawn))
    assert all(getattr(slot, name) == getattr(whole, name) for name in asked)


def test_every_dimension_is_asked_now_and_then() -> None:
    of = PLANS["vi"]
    slots = [of.slot(f"t-{n}#từ", 1 + n % 7, Pos.NOUN, "noun.food") for n in range(2000)]
    found = Counter(name for slot in slots for name in DIMENSIONS if getattr(slot, name) != ANY)
    assert found["domain"] == 2000
    assert min(found[name] for name in DIMENSIONS) > 100
    assert max(found[name] for name in DIMENSIONS[1:]) < 900


def test_a_slot_today_is_the_one_of_tomorrow() -> None:
    """Changing this changes what every paid request asked for: it needs a line in the changelog."""
    slot = PLANS["vi"].slot("demo-1#khoan", 2, Pos.VERB, "verb.contact")
    assert slot == SLOT
    assert PLANS["vi"].wish(slot, Pos.VERB) == WISH


def test_values_are_drawn_as_often_as_they_weigh() -> None:
    found = Counter(slot.style for slot in drawn(plan(), 400, range(1, 11)))
    for name, share in STYLE_SHARES.items():
        assert found[name] / 4000 == pytest.approx(share, abs=0.01)


def test_the_slots_of_one_sense_are_spread_evenly() -> None:
    """Of ten neighbours every style comes up as often as its weight says, give or take one."""
    for start in range(1, 60):
        found = Counter(slot.style for slot in drawn(plan(), 1, range(start, start + 10)))
        for name, share in STYLE_SHARES.items():
            assert abs(found[name] - 10 * share) < 2


def test_dimensions_do_not_go_in_step() -> None:
    slots = drawn(plan(), 200, range(1, 21))
    both = Counter((slot.domain, slot.length) for slot in slots)
    lengths = Counter(slot.length for slot in slots)
    domains = Counter(slot.domain for slot in slots)
    for (domain, length), count in both.items():
        expected = domains[domain] * lengths[length] / len(slots)
        assert count == pytest.approx(expected, rel=0.25)


def test_weights_of_run_toml_take_the_place_of_the_languages() -> None:
    written = dict.fromkeys(("news", "academic", "official", "narrative"), 0)
    only_south = plan(region={"any": 0, "north": 0, "central": 0}, style=written)
    found = drawn(only_south, 50, range(1, 11))
    assert {slot.region for slot in found} == {"south"}
    assert "news" not in {slot.style for slot in found}
    heavy = Counter(slot.domain for slot in drawn(plan(domain={"market": 20}), 100, range(1, 11)))
    assert heavy["market"] / 1000 == pytest.approx(20 / 26, abs=0.02)


def test_a_limit_that_leaves_nothing_is_none() -> None:
    asked = plan(sentence={ANY: 0, "question": 0}, style={"spoken": 0, "dialogue": 0, ANY: 0})
    found = {slot.sentence for slot in drawn(asked, 20, range(1, 11))}
    assert found == {"exclamation", "request"}


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"region": {"saigon": 1}}, "[contexts.slots.region] has no 'saigon'; there are any, "),
        (
            {"domain": dict.fromkeys(DOMAINS["noun.shape"], 0)},
            "[contexts.slots.domain] leaves nothing to ask of noun.shape",
        ),
        ({"style": dict.fromkeys((*STYLES, ANY), 0)}, "[contexts.slots.style] leaves nothing"),
        ({"function": {"any": 0}}, "[contexts.slots.function] leaves nothing to ask of other"),
    ],
)
def test_weights_that_cannot_be_are_refused_before_anything_is_asked(
    weights: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        plan(**weights)
    assert str(refused.value).startswith(said)


def test_what_can_change_a_slot_is_decisive() -> None:
    of = plan().decisive()
    assert plan(region={"south": 1}).decisive() == of
    assert plan(region={"south": 2}).decisive() != of
    assert plan(at_most=7).decisive() != of
    assert SlotPlan(find_language("en"), SlotSettings()).decisive() != of
