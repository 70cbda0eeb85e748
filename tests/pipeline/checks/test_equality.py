"""Equal and nearly equal definitions: the earlier one stays, and the search is exact."""

import random

from hypothesis import given
from hypothesis import strategies as st

from languages.find import find_language
from pipeline.checks.equality import equal_glosses
from pipeline.checks.rules import GlossRules
from pipeline.checks.similarity import jaccard, key_units, pairs

VI = find_language("vi")

RULES = GlossRules(near_equal=0.6, near_equal_sibling=0.4)
WORDS = ["một", "hai", "ba", "bốn", "năm", "hoà", "hòa", "Ba"]
GLOSSES = st.dictionaries(
    st.text("0123456789", min_size=1, max_size=3),
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
    min_size=1,
    max_size=14,
)


def slow(
    glosses: dict[str, str], groups: list[list[str]], settled: frozenset[str]
) -> dict[str, str]:
    """The plain way: every definition against every kept one."""
    kept: list[str] = []
    lost = {}
    for synset in sorted(glosses, key=lambda s: (s not in settled, s)):
        code = None
        for other in kept:
            one, two = key_units(glosses[synset], VI), key_units(glosses[other], VI)
            together = any(synset in group and other in group for group in groups)
            limit = RULES.near_equal_sibling if together else RULES.near_equal
            if one == two:
                code = "equal_gloss"
            elif jaccard(pairs(one), pairs(two)) >= limit:
                code = code or "near_equal_gloss"
        if code and synset not in settled:
            lost[synset] = code
        else:
            kept.append(synset)
    return lost


@given(GLOSSES, st.data())
def test_the_search_finds_what_comparing_all_pairs_finds(
    glosses: dict[str, str], data: st.DataObject
) -> None:
    ids = st.sampled_from(sorted(glosses))
    groups = data.draw(st.lists(st.lists(ids, max_size=4), max_size=4))
    settled = data.draw(st.frozensets(ids, max_size=3))
    found = equal_glosses(glosses, VI, RULES, groups, settled)
    assert {synset: finding.code for synset, finding in found.items()} == slow(
        glosses, groups, settled
    )


def test_the_order_of_the_mapping_does_not_matter() -> None:
    rows = [(f"s-{i}", f"vật số {i % 3} trong nhà") for i in range(12)]
    shuffled = rows[:]
    random.Random(1).shuffle(shuffled)
    assert equal_glosses(dict(rows), VI, RULES) == equal_glosses(dict(shuffled), VI, RULES)


def test_the_earlier_id_stays_and_the_finding_names_it() -> None:
    found = equal_glosses({"b": "Vật rắn, cứng.", "a": "vật rắn cứng"}, VI, RULES)
    assert list(found) == ["b"]
    assert found["b"].code == "equal_gloss"
    assert "a: 'vật rắn cứng'" in found["b"].detail
    assert found["b"].reason == "trùng với định nghĩa của một nghĩa khác: “vật rắn cứng”"


def test_what_is_settled_never_loses() -> None:
    assert list(equal_glosses({"a": "vật rắn", "b": "vật rắn"}, VI, RULES, settled=["b"])) == ["a"]


def test_siblings_must_differ_more() -> None:
    glosses = {"a": "dùng mũi nhọn tạo lỗ sâu", "b": "dùng mũi nhọn tạo lỗ nông"}
    assert equal_glosses(glosses, VI, GlossRules(near_equal_sibling=0.5)) == {}
    found = equal_glosses(glosses, VI, GlossRules(near_equal_sibling=0.5), groups=[["a", "b"]])
    assert found["b"].code == "near_equal_gloss"


def test_rules_can_be_off() -> None:
    rules = GlossRules(off=("equal_gloss", "near_equal_gloss"))
    assert equal_glosses({"a": "vật rắn", "b": "vật rắn"}, VI, rules) == {}
