"""Which judges are asked about a context, and what their votes come to.

Votes are compared by what they mean: a synset, or a cluster of synsets that nothing tells apart;
None is "none of these". The judges themselves know neither each other's votes nor what was meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

Meaning = str | None


def in_doubt(votes: Sequence[Meaning], meant: Meaning) -> bool:
    """Whether one more judge is asked.

    After no valid vote always; after one, where it is not for what was meant; after more, as long
    as none of the choices has more than half of the votes.
    """
    if len(votes) < 2:
        return list(votes) != [meant]
    return 2 * max(Counter(votes).values()) <= len(votes)


def decided(votes: Sequence[Meaning]) -> Meaning:
    """The choice with the most votes; of several, the one that was voiced first.

    The first judge has the casting vote: where there is a tie that it did not cause, it doubted.
    """
    counts = Counter(votes)
    return max(counts, key=counts.__getitem__)
