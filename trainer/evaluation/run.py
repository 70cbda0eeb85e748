"""The whole of ``viconwsd evaluate``: all systems on the test splits of a release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray

from schemas.errors import InputError
from schemas.files import replacing, write_text
from schemas.numbers import counted
from trainer.bundle import Bundle
from trainer.data import Item, WsdData
from trainer.encoding import frozen_vectors, sense_vectors
from trainer.evaluation.bem import BemScorer
from trainer.evaluation.breakdown import Value, breakdown, lead_over, right
from trainer.evaluation.errors import write_errors
from trainer.evaluation.plots import check_plots, plot_by_candidates, plot_confusion, plot_lemma
from trainer.evaluation.report import (
    MODEL,
    Report,
    System,
    WordInContext,
    as_json,
    as_markdown,
)
from trainer.evaluation.retrieval import Retrieval, retrieval_metrics
from trainer.evaluation.scorers import (
    FirstSenseScorer,
    FrequentSenseScorer,
    OverlapScorer,
    RandomScorer,
    VectorScorer,
)
from trainer.evaluation.similarity import (
    Similarity,
    WordPair,
    read_vicon,
    read_visim,
    vicon_scores,
    visim_scores,
)
from trainer.evaluation.word_in_context import word_in_context
from trainer.evaluation.wsd import Outcome, Scorer, disambiguate_items
from trainer.ranking.ranker import Candidates, Ranker, Signals
from trainer.settings import EvaluateSettings
from trainer.text.inputs import Marked
from trainer.training.standing import Talk
from trainer.workbench import make_workbench

_BEM_EPOCHS = 3


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A report and what it was made from, for plots and error files."""

    report: Report
    outcomes: tuple[Outcome, ...]
    items: tuple[Item, ...]
    vectors: NDArray[np.float32]
    ranker: Ranker


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A ranker that scores items whose vectors (n, width) are known already."""

    ranker: Ranker
    vectors: NDArray[np.float32]

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Signals]:
        """For each item the combined score of each candidate."""
        return self.ranker.scores(items, candidates, self.vectors)


def evaluate_model(
    bundle: Bundle, data: WsdData, settings: EvaluateSettings, talk: Talk = print
) -> Evaluation:
    """Evaluates a model over the release's inventory, beside the baselines.

    Candidates come from the inventory of ``data``. The gloss vectors are the bundle's own where
    the glosses are the same.
    """
    threads = settings.threads or bundle.settings.threads
    if threads is not None:
        torch.set_num_threads(threads)
    word_pairs = _word_pairs(settings)  # what cannot be read is told before anything is computed
    items = data.split(*settings.splits)
    if not items:
        raise InputError(
            f"no examples in the splits {', '.join(settings.splits)}: check the release"
        )
    inventory = data.inventory
    same = inventory.glosses == bundle.ranker.inventory.glosses
    ranker = bundle.ranker if same else bundle.with_inventory(inventory)
    talk(f"{counted(len(items), 'example')} of {', '.join(settings.splits)}")
    vectors = ranker.vectors(items)
    outcomes = disambiguate_items(_Encoded(ranker, vectors), items, inventory)
    lead = lead_over(outcomes)
    systems, leads = [_system(MODEL, outcomes, settings)], []
    by_id = {item.item_id: vector for item, vector in zip(items, vectors, strict=True)}
    cosine = VectorScorer(inventory, by_id, ranker.gloss_vectors)
    alone = disambiguate_items(cosine, items, inventory)
    systems.append(_system("viconbert, cosine alone", alone, settings))
    if settings.baselines:
        for name, scorer in _baselines(bundle, data, settings, items, talk):
            found = disambiguate_items(scorer, items, inventory)
            systems.append(_system(name, found, settings))
            leads.append(_system(name, found, settings, lead))
    retrieval: tuple[Retrieval, ...] = ()
    if settings.retrieval:
        talk("retrieval")
        retrieval = tuple(_retrieval(items, vectors, ranker))
    pairs = None
    if settings.word_in_context:
        pairs = _word_in_context(data, items, by_id, ranker, settings)
    report = Report(
        tuple(systems),
        tuple(leads),
        retrieval,
        tuple(_similarity(ranker, *word_pairs, settings)),
        pairs,
        len(items),
        len(inventory.entries),
        settings.confidence,
        settings.model_dump(mode="json"),
    )
    return Evaluation(report, tuple(outcomes), items, vectors, ranker)


def _system(
    name: str, outcomes: Sequence[Outcome], settings: EvaluateSettings, value: Value = right
) -> System:
    cells = breakdown(
        outcomes,
        value,
        samples=settings.bootstrap_samples,
        confidence=settings.confidence,
        seed=settings.seed,
    )
    return System(name, tuple(cells))


def _baselines(
    bundle: Bundle,
    data: WsdData,
    settings: EvaluateSettings,
    items: Sequence[Item],
    talk: Talk,
) -> list[tuple[str, Scorer]]:
    training = data.split("train")
    found: list[tuple[str, Scorer]] = [
        ("random", RandomScorer(settings.seed)),
        ("first sense", FirstSenseScorer()),
        ("most frequent sense in training", FrequentSenseScorer(training)),
        ("lexical overlap", OverlapScorer(data.inventory)),
    ]
    if not (settings.frozen_backbone or settings.bem):
        return found
    trained = bundle.folder.parent / "glosses"  # gloss vectors that the training made
    with TemporaryDirectory() as temporary:
        cache = trained if trained.is_dir() else Path(temporary)
        bench = make_workbench(data, bundle.settings, cache)
        if settings.frozen_backbone:
            talk("frozen backbone")
            inputs = bench.inputs
            placed = inputs.place_all([item.marked for item in items])
            means = frozen_vectors(bench.model, inputs, placed)
            glosses = [inputs.place_whole(text) for text in data.inventory.glosses]
            rows = frozen_vectors(bench.model, inputs, glosses)
            by_id = {item.item_id: mean for item, mean in zip(items, means, strict=True)}
            found.append(("frozen backbone", VectorScorer(data.inventory, by_id, rows)))
        if settings.bem and training:
            talk("bi-encoder in the manner of BEM")
            bem = BemScorer(bench, bundle.settings)
            bem.train(training, _BEM_EPOCHS)
            found.append(("bi-encoder (BEM)", bem))
    return found


def _retrieval(
    items: Sequence[Item], vectors: NDArray[np.float32], ranker: Ranker
) -> list[Retrieval]:
    numbers: dict[str, int] = {}
    inventory = ranker.inventory
    return retrieval_metrics(
        vectors,
        [numbers.setdefault(item.synset_id, len(numbers)) for item in items],
        np.asarray(ranker.gloss_vectors),
        [inventory.row_of.get(item.synset_id, -1) for item in items],
        inventory.text_numbers,
    )


def _word_in_context(
    data: WsdData,
    items: Sequence[Item],
    by_id: dict[str, NDArray[np.float32]],
    ranker: Ranker,
    settings: EvaluateSettings,
) -> WordInContext:
    validation = data.split("validation")
    known = dict(by_id)
    if validation:
        found = ranker.vectors(validation)
        known.update({i.item_id: v for i, v in zip(validation, found, strict=True)})
    estimate, threshold = word_in_context(
        validation,
        items,
        known,
        samples=settings.bootstrap_samples,
        confidence=settings.confidence,
        seed=settings.seed,
    )
    return WordInContext(estimate, threshold)


def _word_pairs(settings: EvaluateSettings) -> tuple[list[WordPair], list[WordPair]]:
    """Those of ViCon and of ViSim-400, where the settings name them."""
    return (
        [] if settings.vicon is None else read_vicon(Path(settings.vicon)),
        [] if settings.visim400 is None else read_visim(Path(settings.visim400)),
    )


def _similarity(
    ranker: Ranker, vicon: Sequence[WordPair], visim: Sequence[WordPair], settings: EvaluateSettings
) -> list[Similarity]:
    def vectorise(asked: Sequence[Marked]) -> NDArray[np.float32]:
        return sense_vectors(ranker.model, ranker.inputs, asked, settings.batch_size)

    return [
        *(vicon_scores(vectorise, vicon) if vicon else []),
        *(visim_scores(vectorise, visim) if visim else []),
    ]


def write_evaluation(
    folder: Path, evaluation: Evaluation, lemmas: Sequence[str] = (), method: str = "pca"
) -> list[Path]:
    """Writes JSON, Markdown, the error file and the plots into ``folder``."""
    check_plots(lemmas, evaluation.items, evaluation.ranker.inventory, method)
    paths = [folder / "evaluation.json", folder / "evaluation.md", folder / "errors.md"]
    with replacing(paths[0]) as temporary:
        temporary.write_bytes(as_json(evaluation.report))
    write_text(paths[1], as_markdown(evaluation.report))
    write_errors(paths[2], evaluation.outcomes)
    plots = folder / "plots"
    paths.append(plots / "by_candidates.png")
    plot_by_candidates(paths[-1], evaluation.report.systems)
    for lemma in lemmas:
        name = lemma.replace(" ", "_").replace("/", "_")
        ranker = evaluation.ranker
        paths.append(plots / f"{name}.png")
        plot_lemma(
            paths[-1],
            lemma,
            evaluation.items,
            evaluation.vectors,
            ranker.inventory,
            ranker.gloss_vectors,
            method,
        )
        if len(ranker.inventory.candidates(lemma)) > 1:
            paths.append(plots / f"{name}.confusion.png")
            plot_confusion(paths[-1], lemma, evaluation.outcomes)
    return paths
