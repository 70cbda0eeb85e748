"""The whole of ``viconwsd evaluate``: all systems on the test splits of a release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from schemas.errors import InputError
from schemas.evaluation import (
    EvaluationReport,
    RetrievalResult,
    SimilarityResult,
    SystemResult,
    WordInContextResult,
)
from schemas.files import replacing, write_text
from schemas.numbers import counted
from schemas.predictions import PREDICTIONS, write_predictions
from trainer.data import Item, WsdData
from trainer.evaluation.accuracy import (
    Bootstrap,
    Value,
    breakdown,
    correct,
    lead_over,
    seen_and_unseen,
)
from trainer.evaluation.all_words import AllWords
from trainer.evaluation.baselines import baselines, plain_baselines
from trainer.evaluation.errors import write_errors
from trainer.evaluation.plots import (
    check_plots,
    contexts_of,
    plot_by_candidates,
    plot_confusion,
    plot_lemma,
)
from trainer.evaluation.predictions import Choices, answers_of, choices_of
from trainer.evaluation.report import COSINE, MODEL, as_json, as_markdown
from trainer.evaluation.retrieval import retrieval_metrics
from trainer.evaluation.similarity import (
    WordPair,
    read_vicon,
    read_visim,
    vicon_scores,
    visim_scores,
)
from trainer.evaluation.word_in_context import word_in_context
from trainer.model.encoding import sense_vectors
from trainer.ranking.prediction import (
    Candidates,
    Prediction,
    Scorer,
    Scores,
    ambiguous,
    predict,
)
from trainer.ranking.ranker import Ranker
from trainer.saved.model_folder import SavedModel
from trainer.settings import EvaluateSettings
from trainer.text.inputs import MarkedSentence
from trainer.training.reporting import Notify


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A report and what it was made from, for plots and error files."""

    report: EvaluationReport
    predictions: tuple[Prediction, ...]
    items: tuple[Item, ...]
    vectors: NDArray[np.float32]
    ranker: Ranker
    data: WsdData
    """With the rows of all parts: a lemma's map shows them all."""
    choices: Choices
    """Of every system, for each of the items."""


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A ranker that scores items whose vectors (n, width) are known already."""

    ranker: Ranker
    vectors: NDArray[np.float32]

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item the combined score of each candidate."""
        return self.ranker.scores(items, candidates, self.vectors)


def evaluate_model(
    saved: SavedModel,
    data: WsdData,
    settings: EvaluateSettings,
    notify: Notify = print,
    all_words: AllWords | None = None,
) -> Evaluation:
    """Evaluates a model over the release's inventory, beside the baselines.

    Candidates come from the inventory of ``data``. The gloss vectors are the model's own where
    the glosses are the same.
    """
    threads = settings.threads or saved.settings.threads
    if threads is not None:
        torch.set_num_threads(threads)
    # what cannot be read is told before anything is computed
    vicon = [] if settings.vicon is None else read_vicon(Path(settings.vicon))
    visim = [] if settings.visim400 is None else read_visim(Path(settings.visim400))
    items = data.split(*settings.splits)
    if not items:
        raise InputError(
            f"no examples in the splits {', '.join(settings.splits)}: check the release"
        )
    inventory = data.inventory
    same = inventory.glosses == saved.ranker.inventory.glosses
    ranker = saved.ranker if same else saved.with_inventory(inventory)
    notify(f"{counted(len(items), 'example')} of {', '.join(settings.splits)}")
    vectors = ranker.vectors(items)
    predictions = predict(_Encoded(ranker, vectors), items, inventory)
    by_id = {item.item_id: vector for item, vector in zip(items, vectors, strict=True)}
    alone = predict(ranker.by_cosine(by_id), items, inventory)

    bootstrap = Bootstrap(settings.bootstrap_samples, settings.confidence, settings.seed)
    key = inventory.language.match_key

    def system(name: str, found: Sequence[Prediction], value: Value = correct) -> SystemResult:
        cells = breakdown(found, inventory.language, value, bootstrap)
        if value is correct:
            cells += seen_and_unseen(
                [(key(p.item.lemma), p.item.split, correct(p)) for p in ambiguous(found)], bootstrap
            )
        return SystemResult(name=name, cells=tuple(cells))

    lead = lead_over(predictions)
    choices = choices_of(MODEL, predictions) | choices_of(COSINE, alone)
    systems, leads = [system(MODEL, predictions), system(COSINE, alone)], []
    if settings.baselines:
        for name, scorer in baselines(saved, data, settings, items, notify):
            found = predict(scorer, items, inventory)
            systems.append(system(name, found))
            choices |= choices_of(name, found)
            leads.append(system(name, found, lead))
    retrieval: tuple[RetrievalResult, ...] = ()
    if settings.retrieval:
        notify("retrieval")
        retrieval = tuple(_retrieval(items, vectors, ranker))
    report = EvaluationReport(
        systems=tuple(systems),
        leads=tuple(leads),
        retrieval=retrieval,
        similarity=tuple(_similarity(ranker, vicon, visim, settings)),
        word_in_context=_word_in_context(data, items, by_id, ranker, bootstrap)
        if settings.word_in_context
        else None,
        all_words=() if all_words is None else all_words_results(all_words, ranker, data, settings),
        n_examples=len(items),
        n_senses=len(inventory.entries),
        confidence=settings.confidence,
        settings=settings.model_dump(mode="json"),
    )
    return Evaluation(report, tuple(predictions), items, vectors, ranker, data, choices)


def all_words_results(
    asked: AllWords, ranker: Ranker, data: WsdData, settings: EvaluateSettings
) -> tuple[SystemResult, ...]:
    """The model and the plain baselines on all-words sets; training counts are of ``data``."""
    vectors = ranker.vectors(asked.items)
    by_id = {item.item_id: vector for item, vector in zip(asked.items, vectors, strict=True)}
    scorers: list[tuple[str, Scorer]] = [
        (MODEL, _Encoded(ranker, vectors)),
        (COSINE, ranker.by_cosine(by_id)),
        *plain_baselines(data, settings),
    ]
    bootstrap = Bootstrap(settings.bootstrap_samples, settings.confidence, settings.seed)
    return tuple(asked.results(name, scorer, bootstrap) for name, scorer in scorers)


def _retrieval(
    items: Sequence[Item], vectors: NDArray[np.float32], ranker: Ranker
) -> list[RetrievalResult]:
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
    bootstrap: Bootstrap,
) -> WordInContextResult:
    validation = data.split("validation")
    known = dict(by_id)
    if validation:
        found = ranker.vectors(validation)
        known.update({i.item_id: v for i, v in zip(validation, found, strict=True)})
    return word_in_context(validation, items, known, data.inventory.language, bootstrap)


def _similarity(
    ranker: Ranker, vicon: Sequence[WordPair], visim: Sequence[WordPair], settings: EvaluateSettings
) -> list[SimilarityResult]:
    carriers = ranker.inventory.language.training.carriers

    def encode(asked: Sequence[MarkedSentence]) -> NDArray[np.float32]:
        return sense_vectors(ranker.model, ranker.inputs, asked, settings.batch_size)

    return [
        *(vicon_scores(encode, vicon, carriers) if vicon else []),
        *(visim_scores(encode, visim, carriers) if visim else []),
    ]


def write_evaluation(
    folder: Path, evaluation: Evaluation, lemmas: Sequence[str] = (), method: str = "pca"
) -> list[Path]:
    """Writes JSON, Markdown, the error file, all answers and the plots into ``folder``."""
    ranker, report = evaluation.ranker, evaluation.report
    inventory = ranker.inventory
    check_plots(lemmas, evaluation.items, inventory, method)
    paths = [folder / "evaluation.json", folder / "evaluation.md", folder / "errors.md"]
    with replacing(paths[0]) as temporary:
        temporary.write_bytes(as_json(report))
    write_text(paths[1], as_markdown(report))
    write_errors(paths[2], evaluation.predictions, inventory.language)
    paths.append(folder / PREDICTIONS)
    rows = answers_of(evaluation.predictions, evaluation.choices, inventory.language)
    write_predictions(paths[-1], [system.name for system in report.systems], rows)
    plots = folder / "plots"
    paths.append(plots / "by_candidates.png")
    plot_by_candidates(paths[-1], report.systems)
    for lemma in lemmas:
        name = lemma.replace(" ", "_").replace("/", "_")
        paths.append(plots / f"{name}.png")
        every = evaluation.data.items
        items = [every[at] for at in contexts_of(lemma, every, inventory.language)]
        vectors = ranker.vectors(items)
        plot_lemma(paths[-1], lemma, items, vectors, inventory, ranker.gloss_vectors, method)
        if len(inventory.candidates(lemma)) > 1:
            paths.append(plots / f"{name}.confusion.png")
            plot_confusion(paths[-1], lemma, evaluation.predictions, inventory.language)
    return paths
