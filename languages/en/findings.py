"""What a model is told in English of a text that was rejected."""

from __future__ import annotations

from languages.findings import Findings

_OF_BOTH = {
    "control_characters": "has control characters",
    "several_lines": "goes over several lines",
    "leftover_markup": "still has markup in it ({found})",
    "other_language": "is not English",
    "foreign_script": "has letters of another script (“{found}”)",
}

FINDINGS = Findings(
    of_gloss={code: f"the definition {fault}" for code, fault in _OF_BOTH.items()}
    | {
        "empty": "the definition is empty",
        "length": "the definition has {length} words; {least} to {most} are wanted",
        "circular": "the definition uses the word “{found}” itself",
        "sibling_lemma": "it is nothing but “{found}”, a word of another sense",
        "formula_opening": "it opens with the formula “{found}”",
        "meta_talk": "it talks about the task or carries a label (“{found}”)",
        "equal_gloss": "it is also the definition of another sense: “{found}”",
        "near_equal_gloss": "it is nearly the definition of another sense: “{found}”",
    },
    of_context={code: f"the sentence {fault}" for code, fault in _OF_BOTH.items()}
    | {
        "length": "the sentence has {length} words; {least} to {most} are wanted",
        "meta_talk": "the sentence talks about the task or carries a label (“{found}”)",
        "target_missing": "no [[{lemma}]] is marked",
        "target_marked_twice": "{number} places are marked with [[ ]]; there must be one",
        "target_altered": "[[{found}]] is marked, which is no form of [[{lemma}]]",
        "target_in_longer_word": "[[{target}]] is only a part of “{found}”",
        "several_sentences": "there are {number} sentences; there must be one",
        "copied_gloss": "the sentence repeats the definition",
        "duplicate": "it equals the sentence “{found}”",
        "near_duplicate": "it is nearly the sentence “{found}”",
        "overused_word": "too many sentences of this sense have the word “{found}” already",
    },
    copied="it copies a text that is there already (“{found}”): use other words",
    misread="someone who read the definition alone took it for “{found}”",
    no_like="it cannot be the same as group {found}: write a definition",
    meaning_lost="a reader who was not told the sense took [[ ]] for another one: keep the sense",
    untranslated="[[{found}]] is not translated",
)
