"""The demo's lexicon and recorded replies are well formed, and fit each other."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from languages.find import find_language
from pipeline.checks.checker import ContextChecker, GlossChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.finding import Finding
from pipeline.checks.glosses import GlossDraft, clean_gloss
from pipeline.checks.marks import Sound
from pipeline.checks.rules import ContextRules, GlossRules
from schemas.text import normalise, units

DEMO = Path(__file__).parents[2] / "data" / "demo"
VI = find_language("vi")
GLOSSES = GlossChecker(GlossRules(), VI)
NOISE = {"Bản mẫu : new vie adv"}
MARK = re.compile(r"\[\[(.*?)\]\]")
ROUNDS = 3
PER_SENSE = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the lexicon."""

    synset: str
    supersense: str
    lemmas: tuple[str, ...]

    @property
    def pos(self) -> str:
        return self.supersense.partition(".")[0]


@lru_cache
def rows() -> tuple[Row, ...]:
    """All rows as they are in the files, noise included."""
    found = []
    for path in sorted((DEMO / "lexicon").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for number, *lemmas in csv.reader(lines):
                assert number.isdecimal()
                found.append(Row(f"demo-{number}", path.stem, tuple(lemmas)))
    return tuple(found)


def is_noise(lemma: str) -> bool:
    return lemma in NOISE or bool(VI.spelling.foreign_letters(lemma)) or len(units(lemma)) > 8


@lru_cache
def synsets() -> dict[str, Row]:
    """The synsets that are left without noise and repeated lemmas, by id."""
    clean = (
        Row(
            row.synset,
            row.supersense,
            tuple(dict.fromkeys(lemma for lemma in row.lemmas if not is_noise(lemma))),
        )
        for row in rows()
    )
    return {row.synset: row for row in clean if row.lemmas}


def faults(gloss: str, synset: str) -> tuple[Finding, ...]:
    """What is wrong with the definition of a synset."""
    found = GLOSSES.check(GlossDraft(gloss, synsets()[synset].lemmas))
    return () if isinstance(found, str) else found


@lru_cache
def senses() -> dict[str, str]:
    """The lemma of every sense id."""
    return {
        f"{row.synset}#{lemma.replace(' ', '_')}": lemma
        for row in synsets().values()
        for lemma in row.lemmas
    }


@lru_cache
def records(name: str) -> tuple[dict[str, object], ...]:
    text = (DEMO / "replies" / f"{name}.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(line) for line in text.splitlines())


SENSELESS = "demo-905"
"""A row of words that have nothing in common."""
ALIKE = {"demo-90": "demo-55"}
"""A synset that the replies call the same as another."""
INDISTINCT = {"demo-17", "demo-75"}
"""Rows that nothing tells from the ones before them: they are never asked for."""


def payload(text: str, key: str) -> object:
    """The value in a reply that strict JSON parsing can read; None for the others."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found.get(key)


@lru_cache
def glosses() -> dict[str, tuple[str, ...]]:
    """The readable glosses of a synset in the order of rounds."""
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for record in sorted(records("glosses"), key=lambda record: int(str(record["round"]))):
        entries = payload(str(record["text"]), "glosses")
        for entry in entries if isinstance(entries, list) else ():
            if gloss := entry.get("gloss"):
                synset = str(record["item"]).split("+")[entry["number"] - 1]
                found[synset] += (str(gloss),)
    return dict(found)


@lru_cache
def sentences() -> tuple[tuple[str, int, str], ...]:
    """Sense, round and marked sentence of all readable replies."""
    found = []
    for record in records("contexts"):
        contexts = payload(str(record["text"]), "contexts")
        if isinstance(contexts, list):
            found += [(str(record["item"]), int(str(record["round"])), str(c)) for c in contexts]
    return tuple(found)


@lru_cache
def verdicts(judge: str | None = None) -> dict[tuple[str, int, int], str | None]:
    """The choices of all judges, or those that one alone makes."""
    return {
        (str(r["sentence"]), int(str(r["start"])), int(str(r["end"]))): (
            None if r["chosen"] is None else str(r["chosen"])
        )
        for r in records("verdicts")
        if r.get("judge") == judge
    }


def span(marked: str) -> tuple[str, int, int] | None:
    """The sentence and the span of its one mark."""
    if len(MARK.findall(marked)) != 1:
        return None
    found = MARK.search(marked)
    assert found is not None
    start = found.start()
    return MARK.sub(r"\1", marked), start, start + len(found[1])


def shown(synset: str) -> str:
    """A synset as a blind reader sees it."""
    row = synsets()[synset]
    about, kind = VI.grammar.supersense(row.supersense), VI.grammar.pos_name(row.pos)
    return f"{'; '.join(row.lemmas)} ({kind}{'; ' + about if about else ''})"


def test_every_sound_definition_has_its_readings_and_no_reading_is_left_over() -> None:
    meant = {clean_gloss(found[-1]): synset for synset, found in glosses().items()}
    always = {str(r["gloss"]): r["choice"] for r in records("readings") if "reading" not in r}
    assert always == {gloss: shown(synset) for gloss, synset in meant.items()}
    once = [record for record in records("readings") if "reading" in record]
    assert len(once) >= 2
    for record in once:
        assert record["gloss"] in always
        assert record["choice"] != always[str(record["gloss"])]
    swapped = {
        synset
        for synset, found in glosses().items()
        for gloss in found[:-1]
        if not faults(gloss, synset) and meant.get(gloss) not in (None, synset, "demo-69")
    }
    assert swapped == {"demo-47", "demo-48"}


def test_all_files_are_nfc_with_line_feeds_and_single_final_newline() -> None:
    for path in [*DEMO.glob("lexicon/*"), *DEMO.glob("replies/*"), DEMO / "README.md"]:
        text = path.read_bytes().decode("utf-8")
        assert unicodedata.is_normalized("NFC", text), path
        assert "\r" not in text, path
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path


def test_ids_are_unique_and_lemmas_normalised() -> None:
    ids = [row.synset for row in rows()]
    assert len(ids) == len(set(ids))
    assert all(lemma == normalise(lemma) for row in rows() for lemma in row.lemmas)


def test_the_lexicon_is_large_and_polysemous_enough() -> None:
    assert len(synsets()) >= 60
    assert 90 <= len(senses()) <= 130
    by_lemma: dict[str, list[str]] = defaultdict(list)
    for row in synsets().values():
        assert 1 <= len(row.lemmas) <= 4
        for lemma in row.lemmas:
            by_lemma[lemma].append(row.pos)
    polysemous = [parts for parts in by_lemma.values() if len(parts) > 1]
    same_pos = [parts for parts in polysemous if max(Counter(parts).values()) > 1]
    assert len(polysemous) >= 28
    assert len(same_pos) > len(polysemous) / 2
    assert {row.pos for row in synsets().values()} == {"noun", "verb", "adj", "adv"}
    assert sum(len(parts) == 1 for parts in by_lemma.values()) >= 10


def test_the_lexicon_has_every_kind_of_noise() -> None:
    lemmas = [lemma for row in rows() for lemma in row.lemmas]
    assert set(lemmas) >= NOISE
    assert any(lemma.isascii() and VI.spelling.foreign_letters(lemma) for lemma in lemmas)
    assert any(not lemma.isascii() and VI.spelling.foreign_letters(lemma) for lemma in lemmas)
    assert any(len(units(lemma)) > 8 for lemma in lemmas)
    assert any(len(set(row.lemmas)) < len(row.lemmas) for row in rows())
    assert any(
        any(map(is_noise, row.lemmas)) and not all(map(is_noise, row.lemmas)) for row in rows()
    )


def test_replies_are_for_known_items_in_rounds_and_turns_without_gaps() -> None:
    asked = set(synsets()) - INDISTINCT
    written = {sense for sense in senses() if not sense.startswith(SENSELESS)}
    for name, known in (("glosses", asked), ("contexts", written)):
        turns: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for record in records(name):
            assert set(record) == {"item", "round", "turn", "text"}
            for item in str(record["item"]).split("+"):
                turns[item][int(str(record["round"]))].append(int(str(record["turn"])))
        assert set(turns) == known
        for item, by_round in turns.items():
            assert sorted(by_round) == list(range(1, len(by_round) + 1)), item
            assert len(by_round) <= ROUNDS, item
            assert all(found in ([1], [1, 2]) for found in by_round.values()), item


def test_an_unreadable_first_turn_has_a_readable_second() -> None:
    readable: dict[tuple[str, object, object], dict[object, bool]] = defaultdict(dict)
    for name, key in (("glosses", "glosses"), ("contexts", "contexts")):
        for record in records(name):
            found = payload(str(record["text"]), key) is not None and '"definition"' not in str(
                record["text"]
            )
            readable[name, record["item"], record["round"]][record["turn"]] = found
    for case, turns in readable.items():
        assert turns[max(turns)], case  # type: ignore[type-var]
        assert len(turns) == 1 or not turns[1], case
    assert sum(len(turns) == 2 for turns in readable.values()) >= 8


def test_the_last_gloss_of_a_synset_is_sound_and_no_two_are_equal() -> None:
    last = {synset: found[-1] for synset, found in glosses().items()}
    assert set(last) == set(synsets()) - INDISTINCT - {SENSELESS} - set(ALIKE)
    assert len({VI.match_key(gloss) for gloss in last.values()}) == len(last)
    for synset, gloss in last.items():
        assert faults(gloss, synset) == (), synset
        assert 4 <= len(units(gloss)) <= 40, synset


def test_every_earlier_gloss_has_a_fault_or_is_a_siblings() -> None:
    last = {found[-1] for found in glosses().values()}
    earlier = [(s, gloss) for s, found in glosses().items() for gloss in found[:-1]]
    codes = Counter(finding.code for synset, gloss in earlier for finding in faults(gloss, synset))
    assert sum(codes.values()) + sum(gloss in last for _, gloss in earlier) == len(earlier)
    assert {"formula_opening", "circular", "length", "other_language"} == set(codes)
    assert max(len(found) for found in glosses().values()) == ROUNDS


def test_every_sentence_with_one_mark_has_a_verdict_and_no_verdict_is_left_over() -> None:
    spans = {found for _, _, marked in sentences() if (found := span(marked))}
    assert spans == set(verdicts())
    own = [verdicts(judge) for judge in ("second", "third")]
    assert len(records("verdicts")) == len(verdicts()) + sum(map(len, own))
    assert all(choices.keys() <= spans for choices in own)
    for sentence, start, end in verdicts():
        assert 0 <= start < end <= len(sentence)
        assert "[[" not in sentence


def test_the_judge_chooses_among_the_senses_of_the_lemma_that_is_marked() -> None:
    by_span: dict[tuple[str, int, int], set[str]] = defaultdict(set)
    for sense, _, marked in sentences():
        if found := span(marked):
            by_span[found].add(senses()[sense])
    for key, chosen in verdicts().items():
        assert chosen is None or senses()[chosen] in by_span[key], key


def test_each_sense_has_ten_sentences_first_and_at_least_eight_good_ones() -> None:
    first = Counter(sense for sense, n, _ in sentences() if n == 1)
    written = {sense for sense in senses() if not sense.startswith(SENSELESS)}
    assert first == Counter(dict.fromkeys(written, PER_SENSE))
    good: dict[str, set[str]] = defaultdict(set)
    for sense, _, marked in sentences():
        found = span(marked)
        synset, _, lemma = sense.partition("#")
        if found is None or verdicts()[found] != f"{ALIKE.get(synset, synset)}#{lemma}":
            continue
        sentence, start, end = found
        if sentence[start:end].lower() == senses()[sense]:
            good[sense].add(sentence)
    assert {sense: len(found) for sense, found in good.items() if len(found) < 8} == {}
    assert set(good) == written


def test_later_rounds_replace_what_the_checks_reject() -> None:
    checker = ContextChecker(dict.fromkeys(senses().values()), ContextRules(), VI)
    last = {synset: found[-1] for synset, found in glosses().items()}
    sound: dict[str, list[Sound]] = defaultdict(list)
    codes: Counter[str] = Counter()
    for sense, _, marked in sentences():
        if (synset := sense.partition("#")[0]) in INDISTINCT:
            continue
        gloss = last[ALIKE.get(synset, synset)]
        result = checker.check(ContextDraft(marked, senses()[sense], gloss))
        if isinstance(result, Sound):
            sound[sense].append(result)
        else:
            codes.update(finding.code for finding in result)
    # Near-duplicates pass one by one, so some senses have more than twenty here.
    counts = {sense: len(found) for sense, found in sound.items()}
    short = {sense for sense, count in counts.items() if count < PER_SENSE}
    assert short == {"demo-37#tay"}
    assert min(counts.values()) >= 8
    assert codes.keys() >= {
        "target_missing",
        "target_altered",
        "target_marked_twice",
        "target_in_longer_word",
        "several_sentences",
        "other_language",
        "meta_talk",
        "copied_gloss",
        "length",
    }
    assert min(codes.values()) >= 3


def test_the_judge_disagrees_now_and_then() -> None:
    verdict_of = [
        (sense, verdicts()[found])
        for sense, _, marked in sentences()
        if (found := span(marked)) and sense.partition("#")[0] not in ALIKE
    ]
    other = [(sense, chosen) for sense, chosen in verdict_of if chosen not in (sense, None)]
    assert len(other) >= 20
    assert all(senses()[sense] == senses()[str(chosen)] for sense, chosen in other)
    assert sum(chosen is None for _, chosen in verdict_of) >= 5
    assert len(other) < len(verdict_of) / 20


def test_the_other_judges_put_right_what_the_first_errs_about_twice_of_three_times() -> None:
    own = [verdicts("second"), verdicts("third")]
    assert all(chosen != verdicts()[key] for choices in own for key, chosen in choices.items())
    assert len(own[0].keys() & own[1].keys()) == 2
    assert len(own[0].keys() - own[1].keys()) >= 1
