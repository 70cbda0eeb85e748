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
    COLLOCATES,
    DIMENSIONS,
    DOMAIN_NAMES,
    DOMAINS,
    LENGTHS,
    POSITIONS,
    SENTENCES,
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
    style="news",
    region="any",
    sentence="question",
    length="medium",
    function="any",
    position="any",
    collocate="with",
)
WISH = "về máy móc, công nghệ; văn báo chí; câu hỏi"

every_language = pytest.mark.parametrize("language", LANGUAGES, ids=lambda found: found.code)


def plan(**weights: object) -> SlotPlan:
    return SlotPlan(VI, SlotSettings.model_validate(weights))


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
    assert set(table.bands) == set(LENGTHS)
    assert set(table.function) == set(Pos)
    assert table.region["any"].wish == ""
    least, most = language.bounds.context_length
    assert all(least <= low < high <= most for low, high in table.bands.values())
    shown = [*table.domain.values(), *(each.wish for each in table.style.values())]
    assert all(shown)
    assert len(set(shown)) == len(shown)


@every_language
def test_limits_name_later_dimensions_and_their_values(language: Language) -> None:
    table = language.slots
    of_function = [(pos, choices) for pos, choices in table.function.items()]
    for at, dimension in enumerate(DIMENSIONS):
        if dimension == "domain":
            continue
        tables = [c for _, c in of_function] if dimension == "function" else [
            getattr(table, dimension)
        ]  # fmt: skip
        for choices in tables:
            for choice in choices.values():
                for later, names in choice.only.items():
                    assert later in DIMENSIONS[at + 1 :]
                    assert set(names) <= set(getattr(table, later))


@every_language
def test_every_sense_of_every_kind_gets_a_slot_and_a_wish(language: Language) -> None:
    of = PLANS[language.code]
    for supersense, pos, number in product(sorted(SUPERSENSES), Pos, range(1, 4)):
        slot = of.slot("x-1#y", number, pos, supersense)
        assert slot.domain in DOMAINS[supersense]
        assert slot.function in language.slots.function[pos]
        assert language.slots.domain[slot.domain] in of.wish(slot, pos)


@given(
    sense=st.text(min_size=1),
    number=st.integers(1, 100),
    pos=st.sampled_from(list(Pos)),
    supersense=st.sampled_from([*sorted(SUPERSENSES), "noun.unheard_of"]),
)
def test_a_slot_hangs_on_nothing_but_sense_number_and_table(
    sense: str, number: int, pos: Pos, supersense: str
) -> None:
    slot = PLANS["vi"].slot(sense, number, pos, supersense)
    assert slot == SlotPlan(VI, SlotSettings()).slot(sense, number, pos, supersense)
    assert slot.number == number
    for dimension in DIMENSIONS:
        choices = VI.slots.function[pos] if dimension == "function" else getattr(
            VI.slots, dimension
        )  # fmt: skip
        assert getattr(slot, dimension) in choices
    style = VI.slots.style[slot.style]
    assert slot.region in style.only.get("region", tuple(VI.slots.region))
    assert slot.sentence in style.only.get("sentence", tuple(VI.slots.sentence))
    function = VI.slots.function[pos][slot.function]
    assert slot.position in function.only.get("position", tuple(VI.slots.position))


def test_a_slot_today_is_the_one_of_tomorrow() -> None:
    """Changing this changes what every paid request asked for: it needs a line in the changelog."""
    slot = PLANS["vi"].slot("demo-1#khoan", 2, Pos.VERB, "verb.contact")
    assert slot == SLOT
    assert PLANS["vi"].wish(slot, Pos.VERB) == WISH


def test_values_are_drawn_as_often_as_they_weigh() -> None:
    found = Counter(slot.style for slot in drawn(plan(), 400, range(1, 11)))
    total = sum(choice.weight for choice in VI.slots.style.values())
    for name, choice in VI.slots.style.items():
        assert found[name] / 4000 == pytest.approx(choice.weight / total, abs=0.01)


def test_the_slots_of_one_sense_are_spread_evenly() -> None:
    """Of ten neighbours every style comes up as often as its weight says, give or take one."""
    total = sum(choice.weight for choice in VI.slots.style.values())
    for start in range(1, 60):
        found = Counter(slot.style for slot in drawn(plan(), 1, range(start, start + 10)))
        for name, choice in VI.slots.style.items():
            assert abs(found[name] - 10 * choice.weight / total) < 2


def test_dimensions_do_not_go_in_step() -> None:
    slots = drawn(plan(), 200, range(1, 21))
    both = Counter((slot.domain, slot.length) for slot in slots)
    lengths = Counter(slot.length for slot in slots)
    domains = Counter(slot.domain for slot in slots)
    for (domain, length), count in both.items():
        expected = domains[domain] * lengths[length] / len(slots)
        assert count == pytest.approx(expected, rel=0.25)


def test_weights_of_run_toml_take_the_place_of_the_languages() -> None:
    only_south = plan(region={"any": 0, "north": 0, "central": 0}, style={"news": 0})
    found = drawn(only_south, 50, range(1, 11))
    assert {slot.region for slot in found} == {"south"}
    assert "news" not in {slot.style for slot in found}
    heavy = Counter(slot.domain for slot in drawn(plan(domain={"market": 20}), 100, range(1, 11)))
    assert heavy["market"] / 1000 == pytest.approx(20 / 26, abs=0.02)


def test_a_limit_that_leaves_nothing_is_none() -> None:
    asked = plan(sentence={"statement": 0, "question": 0}, style={"spoken": 0, "dialogue": 0})
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
        ({"style": dict.fromkeys(VI.slots.style, 0)}, "[contexts.slots.style] leaves nothing"),
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
    assert SlotPlan(find_language("en"), SlotSettings()).decisive() != of
