"""Results come in the order of the items, however long each takes, in bounded memory."""

import asyncio
import random

import pytest

from pipeline.engine.ordered import each_in_order


def collect(items: list[int], at_once: int, ahead: int, seconds: float = 0.002) -> list[int]:
    """The squares of the items, each after a random wait."""
    rng = random.Random(1)

    async def square(item: int) -> int:
        await asyncio.sleep(rng.random() * seconds)
        return item * item

    results: list[int] = []
    asyncio.run(each_in_order(items, square, results.append, at_once=at_once, ahead=ahead))
    return results


@pytest.mark.parametrize(("at_once", "ahead"), [(1, 1), (7, 1), (7, 7), (7, 100), (64, 8)])
def test_results_keep_the_order_of_the_items(at_once: int, ahead: int) -> None:
    assert collect(list(range(100)), at_once, ahead) == [n * n for n in range(100)]


def test_no_items_no_results() -> None:
    assert collect([], 4, 4) == []


def test_as_many_run_at_once_as_asked_for_and_no_more() -> None:
    running = most = 0

    async def work(item: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        return item

    asyncio.run(each_in_order(range(50), work, lambda _: None, at_once=5))
    assert most == 5


def test_what_waits_for_a_slow_item_is_bounded() -> None:
    started = []
    gate = asyncio.Event()

    async def work(item: int) -> int:
        started.append(item)
        if item == 0:
            await gate.wait()
        return item

    async def run() -> list[int]:
        results: list[int] = []
        task = asyncio.ensure_future(
            each_in_order(range(100), work, results.append, at_once=3, ahead=10)
        )
        for _ in range(200):
            await asyncio.sleep(0)
        assert len(started) == 10
        assert results == []
        gate.set()
        await task
        return results

    assert asyncio.run(run()) == list(range(100))


def test_the_first_error_stops_the_rest_and_is_raised_as_itself() -> None:
    cancelled = []

    async def work(item: int) -> int:
        if item == 3:
            raise LookupError("item 3")
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            cancelled.append(item)
            raise
        return item

    with pytest.raises(LookupError, match="item 3"):
        asyncio.run(each_in_order(range(9), work, lambda _: None, at_once=4))
    assert sorted(cancelled) == [0, 1, 2]
