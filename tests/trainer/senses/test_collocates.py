"""What stands beside a usage, against numbers by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from tiny_release import VI

from trainer.senses.clustering import Usages
from trainer.senses.clusters import ClusteredWords
from trainer.senses.collocates import collocates, likelihood_ratio
from trainer.senses.corpus import Document
from trainer.senses.picks import Picks
from trainer.senses.sentences import sentence_store


def test_the_ratio_by_hand() -> None:
    """10 of 100 here, 10 of 900 there: 2 % of all, so 2 and 18 are expected."""
    wanted = 2 * (
        10 * math.log(10 / 2)
        + 10 * math.log(10 / 18)
        + 90 * math.log(90 / 98)
        + 890 * math.log(890 / 882)
    )
    assert likelihood_ratio(10, 100, 10, 900) == pytest.approx(wanted)
    assert likelihood_ratio(2, 100, 18, 900) == pytest.approx(0.0)
    assert likelihood_ratio(5, 5, 0, 900) > 0


def test_each_usage_has_its_own_company(tmp_path: Path) -> None:
    """The word stands beside "ngọt" four times in one usage, beside "nhựa" in the other."""
    lines = ("đường rất ngọt",) * 4 + ("trên đường nhựa",) * 4 + ("gió thổi mây bay",) * 200
    store = sentence_store([Document("d", lines)], tmp_path, VI, str.split, 60, 1)
    units = tuple(sorted(["đường", "rất", "ngọt", "trên", "nhựa", "gió", "thổi", "mây", "bay"]))
    counts = np.array([sum(line.split().count(unit) for line in lines) for unit in units])
    n, at = 8, units.index("đường")
    unit = np.full(n, at)
    picks = Picks(units, counts, unit, np.arange(n), np.array([0] * 4 + [1] * 4), unit < 0)
    usages = Usages(np.zeros((2, 1), np.float32), np.array([4, 4], np.int32), np.zeros(0, int))
    usage_of = np.array([0] * 4 + [1] * 4, dtype=np.int32)
    words = ClusteredWords(np.array([at]), (usages,), np.zeros((2, 0), int), usage_of, 0.0, 0.0)
    found = [(c.usage, c.word, c.times) for c in collocates(picks, store, words, VI)]
    assert found == [(0, "ngọt", 4), (0, "rất", 4), (1, "nhựa", 4), (1, "trên", 4)]
