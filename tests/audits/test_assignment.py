from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from audits.sampling.assignment import assign
from audits.sampling.draw import draw
from audits.settings import AuditSettings
from tests.audits.world import candidates

POPULATION = candidates()


@settings(max_examples=40, deadline=None)
@given(
    size=st.integers(8, 80),
    n_annotators=st.integers(1, 4),
    overlap=st.floats(0, 1),
    repeats=st.floats(0, 1),
)
def test_overlap_goes_to_all_the_rest_to_one_and_repeats_to_whom_they_belong(
    size, n_annotators, overlap, repeats
):
    names = tuple(f"người {place}" for place in range(n_annotators))
    given = AuditSettings(size=size, annotators=names, overlap=overlap, repeats=repeats)
    sample = draw(POPULATION, given)
    sheets = assign(sample, given)
    first = {name: [r.context_id for r in rows if not r.is_repeat] for name, rows in sheets.items()}
    holders = Counter(context for rows in first.values() for context in rows)
    assert holders.keys() == {drawn.candidate.context_id for drawn in sample.drawn}
    if n_annotators > 1:
        assert set(holders.values()) <= {1, n_annotators}
        assert sum(count > 1 for count in holders.values()) == round(overlap * len(sample.drawn))
    sizes = [len(rows) for rows in first.values()]
    assert max(sizes) - min(sizes) <= 1
    for name, rows in sheets.items():
        again = [row.context_id for row in rows if row.is_repeat]
        assert len(set(again)) == len(again)
        assert set(again) <= set(first[name])
        assert len(again) == min(len(first[name]) // 2, round(repeats * len(first[name])))


def test_a_repeat_comes_half_a_sheet_after_its_first():
    given = AuditSettings(size=80, annotators=("lan",), repeats=0.3)
    rows = assign(draw(POPULATION, given), given)["lan"]
    for place, row in enumerate(rows):
        if row.is_repeat:
            first = next(at for at, r in enumerate(rows) if r.context_id == row.context_id)
            assert place - first >= 40


def test_each_stratum_gives_its_share_to_the_overlap():
    given = AuditSettings(size=80, overlap=0.5, annotators=("lan", "minh"), repeats=0)
    sample = draw(POPULATION, given)
    sheets = assign(sample, given)
    both = {r.context_id for r in sheets["lan"]} & {r.context_id for r in sheets["minh"]}
    common = Counter(d.stratum for d in sample.drawn if d.candidate.context_id in both)
    for stratum, size in sample.sizes.items():
        assert abs(common[stratum] - size / 2) <= 1


def test_annotators_read_in_different_random_orders():
    given = AuditSettings(size=40, overlap=1.0, annotators=("lan", "minh"), repeats=0)
    sheets = assign(draw(POPULATION, given), given)
    lan, minh = ([row.context_id for row in sheets[name]] for name in ("lan", "minh"))
    assert set(lan) == set(minh)
    assert lan != minh
    assert lan != sorted(lan)
