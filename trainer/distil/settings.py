"""The section ``[distil]`` of a run's configuration file."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from trainer.settings import Positive, Rate, Section, Weight, Words

Negatives = Literal["substitution", "sibling"]


class DistilEvaluateSettings(Section):
    """What ``viconwsd distil evaluate`` measures.

    ``sets`` name benchmark sets as ``kind=path``, or ``kind:name=path`` where the folder holds
    several; docs/distil.md lists the kinds.
    """

    sets: tuple[str, ...] = ()
    release: bool = True
    splits: tuple[str, ...] = ("test_seen", "test_unseen_sense", "test_unseen_lemma")
    bootstrap_samples: Positive = 1000
    confidence: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.95


class DistilSettings(Section):
    """Everything that can change what is distilled.

    ``backbone`` None is the encoder of the run's own model (``viconwsd train``). ``layers`` are
    "upper" (the upper half, as the paper uses), "all", or numbers. ``reduce`` keeps so many
    principal components of each layer. The linear map is always fitted; ``distiller =
    "attention"`` also trains the paper's distillers, and ``without_negatives`` them once more
    without negatives, to see the collapse. ``negatives`` say what a meaning is told apart from:
    another word in its sentence, and another sense of its word. ``proposals`` choose the other
    words: at random, distant ones, or distant ones that are also likely there (decoder-only
    backbones). ``contrast`` weighs the InfoNCE beside the paper's loss, which has none.
    """

    backbone: str | None = None
    backbone_dtype: Literal["fp32", "bf16"] = "fp32"
    layers: Literal["upper", "all"] | tuple[int, ...] = "upper"
    echo: bool | None = None
    segmenter: Words = "units"
    joined_words: bool = False
    max_length: Annotated[int, Field(ge=8)] = 128
    reduce: Positive | None = None
    kept_states_gb: Annotated[float, Field(gt=0.0)] = 20.0
    distiller: Literal["linear", "attention"] = "linear"
    negatives: tuple[Negatives, ...] = ("substitution", "sibling")
    proposals: Literal["random", "distant", "likely"] = "distant"
    without_negatives: bool = False
    ridge: Weight = 0.3
    heads: Positive = 8
    feed_forward: Positive = 4
    dropout: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.1
    contrast: Weight = 0.0
    temperature: Annotated[float, Field(ge=0.01)] = 0.07
    batch_size: Annotated[int, Field(ge=2)] = 128
    epochs: Positive = 20
    learning_rate: Rate = 3e-4
    weight_decay: Weight = 0.0
    adam_epsilon: Rate = 1e-6
    warm_up_steps: Annotated[int, Field(ge=0)] = 1000
    validate_every: Annotated[float, Field(gt=0.0, le=1.0)] = 0.1
    validation_metric: Literal["loss", "word_in_context"] = "loss"
    patience: Positive = 15
    min_delta: Weight = 1e-5
    threads: Positive | None = None
    seed: int = 0
    evaluate: DistilEvaluateSettings = DistilEvaluateSettings()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.negatives:
            raise ValueError(
                "negatives is empty: name substitution or sibling, for without them every meaning "
                "is the same"
            )
        return self
