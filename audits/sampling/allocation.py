"""How many items each stratum gets.

Sizes are whole, at most the stratum's population, at least ``minimum`` where the stratum has
so many, and add up to the wanted total. Shares are rounded by largest remainder.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from audits.settings import Allocation
from schemas.errors import UsageError


def allocate(
    total: int,
    population: Mapping[str, int],
    allocation: Allocation,
    *,
    minimum: int = 2,
    good: Mapping[str, float] | None = None,
    drawn: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Sample sizes per stratum, none smaller than what was ``drawn`` earlier.

    Proportional: to N_h. Equal: the same for all. Neyman: to N_h * sqrt(p_h * (1 - p_h)), with
    ``good`` the expected share of good rows p_h (Neyman 1934; Cochran 1977, 5.5).
    """
    if total >= sum(population.values()):
        return dict(population)
    weights = _weights(population, allocation, good)
    before = drawn or {}
    floor = {name: max(min(minimum, n), before.get(name, 0)) for name, n in population.items()}
    if sum(floor.values()) > total:
        floor = {name: max(1, before.get(name, 0)) for name in population}
    if sum(floor.values()) > total:
        new = sum(before.values())
        raise UsageError(
            f"size {total - new} is less than the {sum(floor.values()) - new} strata that have no "
            f"row yet; ask for at least {sum(floor.values()) - new} items or for fewer strata"
        )
    return _whole(_shares(total, weights, floor, population), total, population)


def _weights(
    population: Mapping[str, int], allocation: Allocation, good: Mapping[str, float] | None
) -> dict[str, float]:
    if allocation == "equal":
        return dict.fromkeys(population, 1.0)
    if allocation == "proportional":
        return {name: float(count) for name, count in population.items()}
    if good is None:
        raise UsageError("neyman allocation needs an earlier audit: give its audit.json")
    return {name: count * sqrt(good[name] * (1 - good[name])) for name, count in population.items()}


def _shares(
    total: int,
    weights: Mapping[str, float],
    floor: Mapping[str, int],
    ceiling: Mapping[str, int],
) -> dict[str, float]:
    """Real-valued sizes k * weight, held between floor and ceiling, that add up to the total.

    The sum grows with k, so k is found by bisection.
    """

    def sizes(k: float) -> dict[str, float]:
        return {
            name: min(float(ceiling[name]), max(float(floor[name]), k * weight))
            for name, weight in weights.items()
        }

    low, high = 0.0, 1.0
    while sum(sizes(high).values()) < total and high < 1e12:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(sizes(middle).values()) < total else (low, middle)
    return sizes(high)


def _whole(shares: Mapping[str, float], total: int, ceiling: Mapping[str, int]) -> dict[str, int]:
    sizes = {name: int(share + 1e-9) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: (sizes[name] - shares[name], name))
    while sum(sizes.values()) < total:
        for name in by_remainder:
            if sum(sizes.values()) == total:
                break
            if sizes[name] < ceiling[name]:
                sizes[name] += 1
    return sizes
