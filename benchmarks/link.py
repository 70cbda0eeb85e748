"""How well synsets find their counterparts in Princeton WordNet, by word lists alone.

    python -m benchmarks.link --wordnet FOLDER --princeton /usr/share/wordnet \
        --dictionary LIST --omw TAB [--fit]

Three truths: rows of the WordNet with lemmas kept in English or Latin that name exactly one synset
that their file admits (hidden, with all that Princeton has as a word), rows that share lemmas with
exactly one synset of the .tab file, and the .tab file itself taken for a source. ``--fit`` fits the
weights on one half of all three (by digest of the id) before it measures on the other.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from languages.find import find_language
from languages.language import Language
from pipeline.link import posterior
from pipeline.link.english import CATCH_ALL, EnglishIndex, name_of
from pipeline.link.evidence import SIGNS, Evidence, EvidenceFinder, LinkRow
from pipeline.link.ili import adjectives_joined, read_ili
from pipeline.link.linker import linked
from pipeline.link.ranks import read_ranks
from pipeline.link.rows import link_row
from pipeline.link.word_lists import read_word_lists
from pipeline.sources.csv_folder import read_csv_source
from pipeline.sources.interface import clean_spaces
from pipeline.sources.omw import read_omw_source
from pipeline.sources.princeton_file import PrincetonWordNet, open_wordnet

Truth = Mapping[str, int]
RIDGE = 0.5
BY = {
    "a translation": ("translated",),
    "a translation or a borrowed word": ("translated", "contained", "sounds"),
}
BINS = (0.9, 0.8, 0.7, 0.6, 0.5, 0.3, 0.0)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser()
    for name in ("wordnet", "princeton", "dictionary", "omw"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--fit", action="store_true")
    told = parser.parse_args()
    start = time.monotonic()
    language = find_language("vi")
    database = open_wordnet(told.princeton)
    english = EnglishIndex(database, read_ranks(told.princeton))
    finder = EvidenceFinder(english, read_word_lists([told.dictionary], language), language)
    rows = rows_of(told.wordnet, english, language)
    known = known_rows(rows, english)
    of_tab = tab_rows(told.omw, told.princeton, database, english, language)
    second = shared(rows, of_tab[0], of_tab[1], language)
    hidden = {row.synset_id: only_own(row, english) for row in rows if row.synset_id in known}
    asked = [hidden.get(row.synset_id, row) for row in rows]
    found = list(finder.find(asked))
    tab = list(finder.find(of_tab[0]))
    print(f"{len(rows)} rows, {len(found)} with candidates; {time.monotonic() - start:.0f} s")
    print(f"known by a kept lemma {len(known)}, by shared lemmas {len(second)}")
    if told.fit:
        fit(found, {**second, **known}, tab, of_tab[1])
    for name, evidence, truth in (
        ("kept lemmas, hidden", found, known),
        ("shared lemmas", found, second),
        (".tab as a source", tab, of_tab[1]),
    ):
        report(name, evidence, english, half(truth) if told.fit else truth)
    coverage(list(finder.find(rows)), english)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.monotonic() - start:.0f} s, {peak:.0f} MB")


def rows_of(folder: Path, english: EnglishIndex, language: Language) -> list[LinkRow]:
    """All rows, with the lemmas as the source has them."""
    rows = []
    for synset in read_csv_source(folder, language).synsets:
        lemmas = tuple(map(clean_spaces, synset.lemmas))
        rows.append(link_row(synset.synset_id, synset.supersense, lemmas, english, language))
    return rows


def known_rows(rows: Sequence[LinkRow], english: EnglishIndex) -> Truth:
    """Rows whose kept lemmas name one synset, all that name just one the same."""
    known = {}
    for row in rows:
        named = [english.holding(lemma.lower(), row.supersense) for lemma in row.kept]
        sure = {synsets[0] for synsets in named if len(synsets) == 1}
        if len(sure) == 1:
            known[row.synset_id] = sure.pop()
    return known


def only_own(row: LinkRow, english: EnglishIndex) -> LinkRow:
    """A row without kept lemmas, and without any that Princeton has as a word."""
    own = tuple(lemma for lemma in row.lemmas if english.find(lemma.lower()) is None)
    return replace(row, lemmas=own, kept=())


def tab_rows(
    path: Path,
    princeton: Path,
    database: PrincetonWordNet,
    english: EnglishIndex,
    language: Language,
) -> tuple[list[LinkRow], Truth]:
    """The synsets of the .tab file as rows, without Chinese characters, and what they are."""
    rows, truth = [], {}
    for synset in read_omw_source(path, princeton, language).synsets:
        latin = [lemma for lemma in synset.lemmas if not any(c >= "\u2e80" for c in lemma)]
        stated = adjectives_joined(synset.synset_id[-10:])
        moved = database.get(int(stated[:8]), stated[-1])
        if latin and moved is not None:
            rows.append(LinkRow(synset.synset_id, synset.supersense, tuple(latin)))
            truth[synset.synset_id] = english.number[name_of(moved)]
    return rows, truth


def shared(
    rows: Sequence[LinkRow], tab: Sequence[LinkRow], tab_truth: Truth, language: Language
) -> Truth:
    """Rows that share more lemmas with one synset of the .tab than with others, and the reverse.

    Two lemmas, or all that are shared stand in one row and one synset of their part of speech only.
    """

    def part(supersense: str) -> str:
        return supersense.partition(".")[0]

    def file(supersense: str) -> str:
        whole = part(supersense)
        return whole if whole in ("adj", "adv") else supersense

    own: dict[tuple[str, str], set[str]] = defaultdict(set)
    theirs: dict[tuple[str, str], set[str]] = defaultdict(set)
    keys = {row.synset_id: {*map(language.match_key, row.lemmas)} for row in (*rows, *tab)}
    files = {row.synset_id: file(row.supersense) for row in (*rows, *tab)}
    for row in rows:
        if row.supersense != CATCH_ALL:
            for key in keys[row.synset_id]:
                own[part(row.supersense), key].add(row.synset_id)
    common: dict[str, Counter[str]] = defaultdict(Counter)
    back: dict[str, Counter[str]] = defaultdict(Counter)
    for row in tab:
        for key in keys[row.synset_id]:
            theirs[part(row.supersense), key].add(row.synset_id)
            for other in own.get((part(row.supersense), key), ()):
                if files[other] == files[row.synset_id]:
                    common[other][row.synset_id] += 1
                    back[row.synset_id][other] += 1
    truth = {}
    for row_id, counted in common.items():
        best, n = counted.most_common(1)[0]
        if list(counted.values()).count(n) > 1 or n < max(back[best].values()):
            continue
        if list(back[best].values()).count(n) > 1:
            continue
        where = part(files[row_id])
        both = keys[row_id] & keys[best]
        if n > 1 or all(len(own[where, k]) == len(theirs[where, k]) == 1 for k in both):
            truth[row_id] = tab_truth[best]
    return truth


def half(truth: Truth) -> Truth:
    """The half that nothing is fitted on."""
    return {k: v for k, v in truth.items() if hashlib.sha256(k.encode()).digest()[0] % 2}


def fit(found: Sequence[Evidence], truth: Truth, tab: Sequence[Evidence], tab_truth: Truth) -> None:
    """Maximum likelihood with a ridge, on the other half; the sign ``kept`` keeps its weight."""
    from scipy.optimize import minimize

    measured = {**half(truth), **half(tab_truth)}
    of_all = {**truth, **tab_truth}
    rows = [
        (e.signs, np.flatnonzero(e.candidates == of_all[e.row.synset_id]))
        for e in (*found, *tab)
        if e.row.synset_id in of_all and e.row.synset_id not in measured
        if e.row.supersense != CATCH_ALL
    ]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = RIDGE * (weights[1:] ** 2).sum(), np.r_[0, 2 * RIDGE * weights[1:]]
        for signs, right in rows:
            scores = np.r_[weights[0], signs @ weights[1:]]
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            at = int(right[0]) + 1 if len(right) else 0
            total -= np.log(likely[at])
            likely[at] -= 1
            slope += np.r_[likely[0], signs.T @ likely[1:]]
        return total, slope

    found_weights = minimize(loss, np.zeros(len(SIGNS) + 1), jac=True, method="L-BFGS-B").x
    posterior.NONE = float(found_weights[0])
    posterior.WEIGHTS[:-1] = found_weights[1:-1]
    told = ", ".join(f"{n} {w:.2f}" for n, w in zip(SIGNS, posterior.WEIGHTS, strict=True))
    print(f"fitted on {len(rows)} rows: none {posterior.NONE:.2f}, {told}")


def report(name: str, found: Sequence[Evidence], english: EnglishIndex, truth: Truth) -> None:
    """First guesses by themselves, then links with one row a counterpart, by confidence."""
    mine = [e for e in found if e.row.synset_id in truth]
    n_all = len(truth)
    among = sum(truth[e.row.synset_id] in e.candidates for e in mine)
    print(f"\n{name}: {n_all} rows; right one among the candidates of {among}")
    for what, names in BY.items():
        led = [e for e in mine if e.signs[:, [SIGNS.index(name) for name in names]].any()]
        first = sum(
            e.candidates[np.argmax(e.signs @ posterior.WEIGHTS)] == truth[e.row.synset_id]
            for e in led
        )
        share = first / max(1, len(led))
        print(f"{what} leads to candidates in {len(led)}, right first {share:.3f}")
    links = [
        link
        for link in linked(found, english, read_ili(None), choices={}, trust=0.5)
        if link.synset_id in truth
    ]
    sure = np.array([link.link_confidence for link in links])
    right = np.array(
        [english.number[str(link.princeton)] == truth[link.synset_id] for link in links]
    )
    print(f"{'confidence':>11} {'links':>6} {'mean':>5} {'right':>5} | from here up")
    upper = 1.01
    for lower in BINS:
        here, up = (sure >= lower) & (sure < upper), sure >= lower
        if here.any():
            print(
                f"{lower:>9.1f}+  {here.sum():>6} {sure[here].mean():>5.2f}"
                f" {right[here].mean():>5.2f}"
                f" | {up.sum():>5} links, {right[up].mean():.2f} right, of {n_all} rows"
                f" {up.sum() / n_all:.2f}"
            )
        upper = lower


def coverage(found: Sequence[Evidence], english: EnglishIndex) -> None:
    """How many rows get a link, nothing hidden."""
    links = linked(found, english, read_ili(None), choices={}, trust=0.5)
    sure = np.array([link.link_confidence for link in links])
    told = ", ".join(f"{(sure >= lower).sum()} at {lower:.1f}" for lower in BINS)
    print(f"\nall rows: {len(found)} with candidates; links {told}")


if __name__ == "__main__":
    main()
