"""Faults chosen by hand: each breaks a promise that once no test held."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.mutation.operators import Change


@dataclass(frozen=True, slots=True)
class Fault:
    """One text of a file in place of another."""

    name: str
    path: str
    before: str
    after: str

    def found(self, root: Path) -> Change:
        """Where it lies; AssertionError if the text does not stand in the file just once."""
        text = (root / self.path).read_text(encoding="utf-8")
        assert text.count(self.before) == 1, f"{self.path}: {self.before!r}"
        at = text.index(self.before)
        start = len(text[:at].encode())
        end = start + len(self.before.encode())
        return Change("", text.count("\n", 0, at) + 1, start, end, self.before, self.after)


NAMED = (
    Fault(
        "a stage that reads manifests is not woken by them",
        "pipeline/engine/decide.py",
        "    if stage.reads_manifests:\n        return",
        "    if not stage.reads_manifests:\n        return",
    ),
    Fault(
        "an answer to an old request counts as contact now",
        "pipeline/llm/sending.py",
        "self._breaker.succeeded(sent)",
        "self._breaker.succeeded(time.monotonic())",
    ),
    Fault(
        "the candidates' softmax has no temperature",
        "trainer/objectives/objective.py",
        "vectors) * self.scale\n        is_gold",
        "vectors)\n        is_gold",
    ),
    Fault(
        "a part gets one unit more than its quota",
        "pipeline/split/seen.py",
        "done < quota[number]",
        "done <= quota[number]",
    ),
    Fault(
        "the judge sees the candidates in the order of the inventory",
        "pipeline/stages/judge_bench.py",
        'return tuple(sorted(candidates, key=lambda each: digest(f"{seed}\\0{each.sense_id}")))',
        "return tuple(candidates)",
    ),
    Fault(
        "half of the votes are enough",
        "pipeline/panel/rule.py",
        "return 2 * max(Counter(votes).values()) <= len(votes)",
        "return 2 * max(Counter(votes).values()) < len(votes)",
    ),
    Fault(
        "rows of unseen senses stay rather than those of unseen lemmas",
        "pipeline/split/placing.py",
        "np.array([0, 2, 1])[row_place]",
        "np.array([0, 1, 2])[row_place]",
    ),
    Fault(
        "holding out for one part may empty the other",
        "pipeline/split/heldout.py",
        "spares = not any(self._parts.of(other)) or any(parts.of(other))",
        "spares = True",
    ),
    Fault(
        "money that was set aside for a cancelled request stays set aside",
        "pipeline/llm/budget.py",
        "                self.settle(worst, 0)\n            raise",
        "                pass\n            raise",
    ),
    Fault(
        "a request that the endpoint refuses is asked in every round",
        "pipeline/stages/asking.py",
        '"http_400", ',
        "",
    ),
    Fault(
        "a target that is written together with other letters passes",
        "pipeline/checks/contexts.py",
        "(_glued(sound) or case.longer_word(sound))",
        "(case.longer_word(sound))",
    ),
    Fault(
        "an id that comes again in the next batch is released twice",
        "pipeline/release/examples.py",
        "if ids[0].as_py() <= last or pc.any",
        "if pc.any",
    ),
)
