import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.sampling.allocation import allocate
from schemas.errors import UsageError

POPULATION = {"a": 600, "b": 300, "c": 100}


def test_proportional_sizes_follow_the_population():
    assert allocate(50, POPULATION, "proportional") == {"a": 30, "b": 15, "c": 5}


def test_equal_sizes_are_equal_up_to_what_a_stratum_holds():
    assert allocate(60, POPULATION, "equal") == {"a": 20, "b": 20, "c": 20}
    assert allocate(60, POPULATION | {"c": 6}, "equal") == {"a": 27, "b": 27, "c": 6}


def test_neyman_sizes_follow_size_times_deviation():
    """N_h S_h = 600 * 0.3, 300 * 0.4, 100 * 0.5 = 180 : 120 : 50 of 350."""
    good = {"a": 0.9, "b": 0.8, "c": 0.5}
    assert allocate(70, POPULATION, "neyman", good=good) == {"a": 36, "b": 24, "c": 10}


def test_neyman_without_an_earlier_audit_is_refused():
    with pytest.raises(UsageError, match=r"audit\.json"):
        allocate(70, POPULATION, "neyman")


def test_small_strata_keep_a_minimum():
    assert allocate(20, {"a": 990, "b": 9, "c": 1}, "proportional") == {"a": 17, "b": 2, "c": 1}


def test_fewer_items_than_strata_are_refused():
    with pytest.raises(UsageError, match="3 strata"):
        allocate(2, POPULATION, "proportional")


@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(1, 500), min_size=1),
    st.integers(1, 600),
    st.sampled_from(["proportional", "equal"]),
)
def test_sizes_add_up_and_fit(population, total, allocation):
    if total < len(population):
        return
    sizes = allocate(total, population, allocation)
    assert sum(sizes.values()) == min(total, sum(population.values()))
    assert all(1 <= sizes[name] <= population[name] for name in population)


def test_a_total_that_is_just_the_minima_gives_each_its_minimum():
    assert allocate(4, {"large": 1000, "small": 10}, "proportional", minimum=2) == {
        "large": 2,
        "small": 2,
    }
