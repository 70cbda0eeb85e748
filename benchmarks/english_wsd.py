"""English all-words disambiguation by a model that has read Princeton WordNet alone.

    python -m benchmarks.english_wsd --sets WSD_EVAL --cache FOLDER [--wordnet /usr/share/wordnet]
    python -m benchmarks.english_wsd ... --backbone GEMMA_270M [--layers 0] [--items 200]

Trains on WordNet's glosses and on the examples in which a word stands just once, no SemCor, and
evaluates on the folders of the Unified Evaluation Framework in WSD_EVAL (exact keys, candidates of
the coarse part of speech) beside first sense (WordNet's order, which is SemCor's), random, Lesk and
naive Bayes. The inventory has the lemmas of the sets; no gold key takes part in the training.
``--items`` draws so many targets of all sets by a digest of their ids, and trains on the senses of
their lemmas alone: each set keeps its share, and the intervals, over the lemmas drawn, hold for the
whole. A killed training goes on. With a frozen 270-million backbone all three sets take about two
hours of one core; how long what is asked for takes is told first.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from languages.find import find_language
from languages.language import Language
from pipeline.checks.occurrences import occurrences
from pipeline.link.annotations import named_senses
from pipeline.sources.interface import SourceSynset
from pipeline.sources.princeton import read_princeton_source
from schemas.evaluation import ALL_WORDS
from schemas.ids import content_digest, sense_id
from schemas.markdown import table
from trainer.data import Inventory, InventoryEntry, Item, WsdData
from trainer.evaluation.all_words import AllWords, AllWordsItem, read_all_words
from trainer.evaluation.report import part_table
from trainer.evaluation.run import all_words_results
from trainer.saved.model_folder import SavedModel
from trainer.settings import EvaluateSettings, TrainSettings
from trainer.training.run import train_model

ECHO_LAYER = 17
"""As in benchmarks.dictionary."""
TOKENS_PER_WORD = 1.5
"""Pieces, and what stands around gloss and sentence."""
TOKENS_PER_SECOND = 1000
"""That a 270-million backbone in bf16 reads on one core."""
VALIDATED = 10
"""One example of so many decides when to stop."""


def notify(text: str) -> None:
    """A line on stderr with the time."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def asked(sets: Path, n_items: int | None) -> list[AllWordsItem]:
    """The targets of all sets of a folder, or so many of them, in their order."""
    folders = sorted(path for path in sets.iterdir() if path.is_dir())
    found = [item for folder in folders for item in read_all_words(folder)]
    drawn = sorted(content_digest(one.item.item_id) for one in found)[:n_items]
    return [one for one in found if content_digest(one.item.item_id) <= drawn[-1]]


def wordnet_data(wordnet: Path, lemmas: set[str], language: Language) -> WsdData:
    """The senses of those lemmas (match keys), and the examples in which a lemma stands once."""
    synsets = read_princeton_source(wordnet, language).synsets
    entries, items = [], []
    for synset in synsets:
        for lemma in (word.replace("_", " ") for word in synset.lemmas):
            if language.match_key(lemma) in lemmas and synset.gloss is not None:
                names = (
                    sense_id(synset.synset_id, lemma),
                    synset.synset_id,
                    lemma,
                    synset.pos.value,
                )
                entries.append(InventoryEntry(*names, synset.gloss.text, synset.supersense))
                items += _items(synset, names, language)
    return WsdData(Inventory(entries, language), tuple(items))


def _items(
    synset: SourceSynset, names: tuple[str, str, str, str], language: Language
) -> Iterator[Item]:
    for number, example in enumerate(synset.examples):
        spans = occurrences(example.text, names[2], synset.pos, language)
        if len(spans) == 1:
            name = f"{names[0]}@{number}"
            drawn = int(hashlib.sha256(name.encode()).hexdigest(), 16) % VALIDATED
            split = "train" if drawn else "validation"
            yield Item(name, *names, example.text, *spans[0], split)


def reading_tokens(data: WsdData, sets: AllWords) -> int:
    """About how many tokens a cross-encoder reads: each sentence after each of its glosses."""
    known = [data.inventory.candidates(item.lemma) for item in data.items]
    return round(
        TOKENS_PER_WORD
        * sum(
            len(f"{entry.gloss} {item.sentence}".split())
            for items, candidates in ((data.items, known), (sets.items, sets.candidates))
            for item, own in zip(items, candidates, strict=True)
            if len(own) > 1
            for entry in own
        )
    )


def settings_for(args: argparse.Namespace) -> TrainSettings:
    """The small encoder from scratch, or a pretrained backbone as in benchmarks.dictionary."""
    common: dict[str, Any] = {"segmenter": "units", "epochs": args.epochs, "threads": args.threads}
    if not args.backbone:
        return TrainSettings(**common, max_length=64, batch_size=128)
    return TrainSettings(
        **common,
        backbone=args.backbone,
        freeze_backbone=args.layers == 0,
        trained_layers=args.layers or None,
        backbone_dtype="bf16" if args.layers == 0 else "fp32",
        layer=ECHO_LAYER,
        max_length=128,
        chunk_size=32,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--backbone", default="", help="a pretrained one; else from scratch")
    parser.add_argument("--layers", type=int, default=0, help="of it, that learn; 0: frozen")
    parser.add_argument("--items", type=int, help="targets drawn of all sets [default: all]")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    language = find_language("en")
    targets = asked(args.sets, args.items)
    data = wordnet_data(
        args.wordnet, {language.match_key(one.item.lemma) for one in targets}, language
    )
    named = named_senses(args.wordnet, data.inventory.synset_ids, language)
    sets = AllWords.of(targets, data.inventory, named.synset_of, named.place_of)
    notify(
        f"{len(targets):,} targets, {len(data.inventory.entries):,} senses, "
        f"{len(data.items):,} examples"
    )
    if args.backbone:
        tokens = reading_tokens(data, sets)
        hours = tokens / TOKENS_PER_SECOND / 3600
        notify(f"to be read: {tokens:,} tokens, with 270 million weights {hours:.1f} core hours")
    settings, evaluated = settings_for(args), EvaluateSettings(threads=args.threads)
    began = time.process_time()
    saved = SavedModel.open(train_model(data, settings, args.cache, notify).folder)
    found = all_words_results(sets, saved.ranker, data, evaluated)
    head, *rows = part_table(found, ALL_WORDS)
    print(table(head, rows))
    notify(f"{time.process_time() - began:,.0f} CPU seconds")


if __name__ == "__main__":
    main()
