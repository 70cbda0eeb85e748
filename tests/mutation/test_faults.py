"""The faults of the mutation run are the ones that are meant, and their list is the same again."""

from pathlib import Path

from tests.mutation.operators import apply, changes
from tests.mutation.sample import AREAS, mutants

ROOT = Path(__file__).resolve().parents[2]
SOURCE = '''
LIMIT = 3


def counted(words: list[str], most: int = LIMIT) -> int:
    """How many there are."""
    n = 0
    for word in words:
        if not word or n >= most:
            break
        n += 1
    say(f"{n + 1} đếm")
    if n < 1:
        raise ValueError("none " + "at all")
    return min(n, 2) if words else 0
'''


def test_every_fault_of_a_function_is_one_change_in_its_body() -> None:
    found = [(change.line, change.before, change.after) for change in changes(SOURCE)]
    assert found == [
        (7, "0", "(1)"),
        (9, "not word or n >= most", "(not word and n >= most)"),
        (9, "not word", "(word)"),
        (9, "n >= most", "(n > most)"),
        (10, "break", "continue"),
        (11, "n += 1", "pass"),
        (11, "1", "(2)"),
        (13, "n < 1", "(n <= 1)"),
        (13, "1", "(2)"),
        (15, "words", "(not words)"),
        (15, "min(n, 2)", "(max(n, 2))"),
        (15, "2", "(3)"),
        (15, "0", "(1)"),
    ]


def test_a_fault_changes_its_place_alone() -> None:
    *_, last = changes(SOURCE)
    assert apply(SOURCE, last) == SOURCE.replace("else 0", "else (1)")


def test_the_list_is_long_seeded_and_can_be_made() -> None:
    found = mutants(ROOT)
    assert len(found) >= 150
    assert found == mutants(ROOT)
    assert found != mutants(ROOT, seed=1)
    assert {area for area in AREAS if any(m.path.startswith(area) for m in found)} == set(AREAS)
    for mutant in found:
        compile(apply((ROOT / mutant.path).read_text(encoding="utf-8"), mutant.change), "", "exec")
