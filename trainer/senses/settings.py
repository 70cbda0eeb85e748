"""The section ``[senses]`` of run.toml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trainer.settings import Positive, Rate, Section, SmallEncoderSettings, Weight, Words

Similarity = Literal["nearest", "dot"]
ChoiceOfK = Literal["explained", "fixed", "inventory"]


class LearningSettings(Section):
    """How a student learns; the rate rises and falls linearly."""

    epochs: Positive = 3
    batch_size: Positive = 64
    learning_rate: Rate = 5e-4
    weight_decay: Weight = 0.01
    warm_up: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.06
    checkpoint_steps: Positive = 200
    threads: Positive | None = None
    seed: int = 0


class StudentSettings(LearningSettings):
    """The small encoder that learns to name usages, and how it learns.

    ``similarity``: a usage's score is ``-|h - S|^2 / (2 temperature)`` ("nearest") or the dot
    product ``S h``, as in the paper ("dot"). ``temperature`` None: eight times the mean squared
    distance of the corpus's vectors from their centres, by dimension. ``soft`` weighs the
    divergence from the teacher's own shares, ``regression`` the mean squared difference from the
    teacher's vector, which the vectors of unknown words rest on.
    """

    small: SmallEncoderSettings = SmallEncoderSettings(
        width=192, layers=4, heads=6, vocabulary=20_000
    )
    max_length: Annotated[int, Field(ge=8)] = 256
    similarity: Similarity = "nearest"
    temperature: Rate | None = None
    soft: Weight = 0.0
    regression: Weight = 1.0
    choice: Weight = 1.0
    """Of the cross entropy over a word's usages; 0 with ``regression`` 1 is regression alone."""


class SensesEvaluateSettings(Section):
    """What ``viconwsd senses evaluate`` measures; ``sets`` as in [distil.evaluate].

    ``words`` is how many words show what 1, 5 and 20 usages keep of the variance; ``speed`` how
    many sentences are read to tell the pace.
    """

    sets: tuple[str, ...] = ()
    release: bool = True
    splits: tuple[str, ...] = ("test_seen", "test_unseen_sense", "test_unseen_lemma")
    words: Positive = 200
    speed: Positive = 512
    bootstrap_samples: Positive = 1000
    confidence: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.95
    seed: int = 0


class BankStudentSettings(LearningSettings):
    """The fast reader that learns what the slow one says of unlabelled sentences.

    It is the first ``layers`` layers of the model's backbone (None: half of them), as they are
    or ``tuned``, under a head of its own. A sentence's shares are ``softmax(cos(z, E) /
    temperature)`` over its lemma's senses; the sense vectors E learn too, and are held by
    ``anchored`` times their squared distance from the bank's. A training label counts as
    ``gold`` readings. States that take up to ``kept_states_gb`` are computed once.
    """

    layers: Positive | None = None
    tuned: bool = False
    temperature: Rate = 0.1
    anchored: Weight = 1.0
    gold: Weight = 1.0
    kept_states_gb: Annotated[float, Field(ge=0.0)] = 20.0
    epochs: Positive = 10
    learning_rate: Rate = 1e-3


class BankSettings(Section):
    """What ``viconwsd bank build`` makes of unlabelled sentences.

    ``per_lemma`` sentences of the corpus that `senses build` has gathered, and the contexts of
    the release's ``splits`` without their labels. A gloss weighs as much as ``anchor`` sentences.
    """

    per_lemma: Positive = 20
    splits: tuple[str, ...] = ("train",)
    anchor: Annotated[float, Field(gt=0.0)] = 4.0
    ridge: Weight = 0.3
    student: BankStudentSettings = BankStudentSettings()


class SensesSettings(Section):
    """What ``viconwsd senses`` reads and keeps; relative paths start at run.toml.

    ``corpus``: text files, folders and tar archives of them; none: the contexts of the release.
    ``backbone`` None is that of [train]. A word takes part that stands there ``min_count`` times
    (of such, the ``max_units`` most frequent); of its occurrences ``per_unit`` are drawn.
    ``held_out`` is the share of documents that are kept for the evaluation.
    """

    corpus: tuple[str, ...] = ()
    backbone: str | None = None
    dtype: Literal["fp32", "bf16"] = "fp32"
    layer: int = -1
    echo: bool | None = None
    segmenter: Words = "language"
    max_length: Annotated[int, Field(ge=8)] = 512
    max_words: Annotated[int, Field(ge=4)] = 60
    min_count: Positive = 5
    max_units: Positive = 30_000
    per_unit: Positive = 1000
    width: Positive = 256
    sample: Positive = 50_000
    """Vectors from which mean, deviation and principal axes are taken."""
    choice: ChoiceOfK = "explained"
    most_usages: Positive = 20
    steps: Positive = 25
    restarts: Positive = 4
    examples: Positive = 3
    held_out: Annotated[float, Field(ge=0.0, le=0.5)] = 0.05
    held_out_per_unit: Positive = 50
    threads: Positive | None = None
    student: StudentSettings = StudentSettings()
    evaluate: SensesEvaluateSettings = SensesEvaluateSettings()
    bank: BankSettings = BankSettings()
