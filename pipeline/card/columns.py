"""What each column of the released tables means, in one line."""

from __future__ import annotations

COLUMNS: dict[str, dict[str, str]] = {
    "examples": {
        "sentence": "a sentence that uses the sense; NFC, single spaces",
        "target_start": "offset of the target's first character in `sentence`",
        "target_end": "offset after its last one: `sentence[target_start:target_end]`",
        "context_id": "stable id of the row, made from its content",
        "sense_id": "the sense the sentence was written for",
        "synset_id": "the synset of that sense, by the source's own id",
        "lemma": "the word, as the source writes it",
        "pos": "`noun`, `verb`, `adj`, `adv` or `other`",
        "supersense": "WordNet lexicographer file, such as `noun.artifact`",
        "gloss": "the definition of the sense's synset",
        "split": "the part the row belongs to",
        "n_candidates": "how many senses the lemma has in the inventory, this one included",
        "n_candidates_same_pos": "how many of them have the same part of speech",
        "judged": "blind check by a model: `agree`, `disagree` or `unjudged`",
        "audited": "human check: `good`, `bad`, `unsure` or `unaudited`",
        "votes": "`judge` and `sense_id` of every blind choice, in their order; null: none fits",
        "agreement": "share of `votes` for the row's own sense; null without votes",
        "slot": (
            "what the sentence was asked to be like, a wish: its `number` in its sense, `domain`, "
            "`style`, `region`, `sentence`, `length`, `function`, `position`, `collocate`; null: "
            "nothing in particular was asked"
        ),
    },
    "senses": {
        "sense_id": "stable id of the sense",
        "synset_id": "its synset, by the source's own id",
        "lemma": "the word",
        "pos": "part of speech",
        "supersense": "WordNet lexicographer file",
        "gloss": "the synset's definition; null where none was accepted",
        "n_siblings": "other senses of the same lemma",
        "n_siblings_same_pos": "those of them with the same part of speech",
        "n_contexts": "rows of `examples` for this sense",
        "cluster": (
            "the coarse sense: the first id of the synsets that nothing tells apart; null: alone"
        ),
        "ili": "interlingual index of the synset's counterpart; null where none is known",
        "princeton": "offset and part of speech of its counterpart in Princeton WordNet 3.0",
        "link_confidence": "the probability that this is the right one; 1: the source says so",
    },
    "word_in_context_en": {
        "sentence": "a sentence of `examples`",
        "target_start": "offset of the target's first character in `sentence`",
        "target_end": "offset after its last one",
        "pair_id": "stable id of the pair",
        "same": "whether the English word means what the target means; half of the rows",
        "context_id": "the row of `examples`",
        "sense_id": "its sense",
        "lemma": "its word",
        "pos": "its part of speech",
        "split": "its part; English sentences may stand in several",
        "english_sentence": "an example sentence of Princeton WordNet",
        "english_start": "offset of the English word's first character",
        "english_end": "offset after its last one",
        "english_lemma": "the English word; both rows of a context have the same one",
        "princeton": "the synset the English sentence is an example of",
        "link_confidence": "how sure it is that the sense's synset has the counterpart it is given",
    },
    "rephrasings": {
        "sentence": "the sentence in other words, or in another language; its target marked",
        "target_start": "offset of the target's first character in `sentence`",
        "target_end": "offset after its last one",
        "rephrasing_id": "stable id of the row",
        "kind": "`paraphrase` or `translation`",
        "language": "the language of `sentence`",
        "context_id": "the row of `examples` that it says again",
        "sense_id": "the sense of both, which a judge that was not told it chose too",
        "split": "the part of that row",
        "provenance": "as in `example_provenance`",
    },
    "example_provenance": {
        "context_id": "the row of `examples`",
        "provenance": (
            "`request_key` (the request in the builder's ledger), `prompt_id`, `prompt_version`, "
            "`model`, `sample`, `round`; null: the source's own"
        ),
    },
    "gloss_provenance": {
        "synset_id": "the synset",
        "gloss": "its definition",
        "provenance": "as in `example_provenance`",
        "cluster": "as in `senses`",
    },
}

_RECORDED = {"audited": "what made-up sheets say, as nobody read the sentences: `good`, ..."}
"""Instead of the above where the release is a demonstration."""

CONFIGS = {
    "examples": "one row is a sentence with a marked target, the sense it shows and its gloss",
    "senses": "one row is a sense of the inventory, with or without sentences: the candidates",
    "word_in_context_en": "one row is a sentence and an English one: is it the same meaning?",
    "rephrasings": "one row is a sentence of `examples` said again, its sense kept",
    "example_provenance": "one row says which request wrote a sentence, if one did",
    "gloss_provenance": "one row says which request wrote a gloss, if one did",
}


def meaning(config: str, column: str, *, recorded: bool) -> str:
    """What a column means, empty where it is not known; ``recorded``: in a demonstration."""
    told = COLUMNS.get(config, {}).get(column, "")
    return _RECORDED.get(column, told) if recorded else told
