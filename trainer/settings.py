"""The sections ``[train]``, ``[evaluate]`` and ``[distil]`` of a run's configuration file."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from trainer.presets import BACKBONES, FROM_SCRATCH, OBJECTIVES

Positive = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0.0)]
Rate = Annotated[float, Field(gt=0.0)]
_FORMER_SEGMENTERS = {"underthesea": "language", "syllables": "units"}
Words = Annotated[
    Literal["language", "units"],
    BeforeValidator(lambda value: _FORMER_SEGMENTERS.get(str(value), value)),
]
"""What a word is: what the language's segmenter says, or any run of letters."""
SMALL_BACKBONE = "small"
TFIDF_GLOSSES = "tfidf"
BACKBONE_GLOSSES = "backbone"


class Section(BaseModel):
    """A frozen section that refuses unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ObjectiveSettings(Section):
    """Weights of the losses; ``name`` fills in those of a named variant.

    ``paper`` is ViConBERT's loss, ``contrast_only`` and ``structure_only`` are its parts,
    ``reference`` the public code's variant with its faults, ``both_ways`` adds glosses that seek
    contexts, ``candidates`` the cross entropy over a lemma's senses alone, ``default`` everything
    that helped.

    Glosses with equal texts, or whose vectors' cosine reaches ``near_equal`` (None: equal texts
    alone), are never negatives of each other: in the contrast, in the candidates' softmax and in
    the training of the cross-encoder. ``equal_glosses_apart = false``, in the variants of the
    paper and of its code, lets the contrast alone count them as the paper does.
    """

    name: str = "default"
    contrast: Weight = 0.0
    reverse: Weight = 0.0
    structure: Weight = 0.0
    candidates: Weight = 0.0
    hard_negatives: bool = False
    equal_glosses_apart: bool = True
    near_equal: Annotated[float, Field(gt=0.0, le=1.0)] | None = 0.98
    temperature: Annotated[float, Field(ge=0.01)] = 0.3
    """Similarities are divided by it; the loss takes no scale above 100, as CLIP's does not."""
    learned_temperature: bool = False
    reference: bool = False

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        name = values.get("name", "default")
        if str(name) not in OBJECTIVES:
            raise ValueError(f"objective {name!r} is unknown: choose one of {sorted(OBJECTIVES)}")
        return {"name": name, **OBJECTIVES[str(name)], **values}


class SmallEncoderSettings(Section):
    """The encoder that is built from scratch when ``backbone = "small"``."""

    width: Positive = 128
    layers: Positive = 2
    heads: Positive = 4
    vocabulary: Annotated[int, Field(ge=300)] = 6000


class LoraSettings(Section):
    """How ``tune = "lora"`` trains the reading of glosses with sentences.

    Every linear layer inside the backbone's layers gets a change of ``rank``, times ``alpha`` /
    ``rank``, of whose first factor ``dropout`` drops numbers in training. ``learning_rate`` rises
    over the first tenth of the steps and falls to 0; a step takes ``batch_size`` contexts with all
    candidates. What is kept is the running mean of the weights, each step counting ``average``
    times as much as the one after it (0: the last ones).
    """

    rank: Positive = 8
    alpha: Rate = 16.0
    dropout: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.1
    learning_rate: Rate = 2e-4
    epochs: Positive = 1
    batch_size: Positive = 16
    average: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.95


class RankerSettings(Section):
    """How the candidates' final scores are made of the signals.

    ``cross_encoder`` has the backbone read each gloss together with the sentence and trains a
    head on what it then knows of the target, in the hidden states ``layers``; ``likelihood``
    (decoder-only backbones) asks how likely the sentence is after the gloss. None means: for
    pretrained decoder-only backbones, where both win most. Cosine and lexical overlap are
    always signals; the weights of all come from the validation split.
    ``distilled`` adds how near the meaning vector of ``viconwsd distil train`` is to those of each
    sense's training examples; the model of that command lies in the run folder.
    ``held_out`` is the share of the training senses without which a first model is trained, where
    validation shows none without training sentences (0: no such rehearsal): the weights that suit
    that model, on validation and on what was held out, are then those of the model of all senses.
    ``max_items`` bounds how many training examples are read, for time and memory; which ones
    is decided by a digest of their ids. ``tune = "lora"`` trains low-rank changes of the backbone
    for the cross-encoder alone, after its head and with it.
    """

    cross_encoder: bool | None = Field(
        default=None, validation_alias=AliasChoices("cross_encoder", "reading")
    )
    likelihood: bool | None = None
    distilled: bool = False
    layers: tuple[int, ...] = (9,)
    width: Positive = 64
    dropout: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.3
    epochs: Positive = 4
    max_items: Positive = 50_000
    held_out: Annotated[float, Field(ge=0.0, le=0.5)] = 0.0
    batch_size: Positive = 64
    learning_rate: Rate = 1e-3
    weight_decay: Weight = 0.01
    tune: Literal["lora"] | None = None
    lora: LoraSettings = LoraSettings()

    @model_validator(mode="after")
    def _tunable(self) -> Self:
        if self.tune is not None and self.cross_encoder is False:
            raise ValueError(
                f"tune {self.tune!r} is for the cross-encoder: set cross_encoder = true, or leave "
                "it out"
            )
        return self


class TrainSettings(Section):
    """Everything that can change what is trained; ``preset`` fills in a backbone's row.

    Without a preset the small encoder brings the rates and sizes that suit it. Glosses are
    encoded by ``gloss_encoder``: ``tfidf`` (None with the small encoder), ``backbone``, the
    pretrained backbone as it is before training (None with any other), or a model. Of a backbone
    that is not frozen, ``trained_layers`` learn, those right under the states that are used (None:
    all, and the embeddings). The states of a frozen backbone are computed once and kept on disk
    where they take at most ``kept_states_gb``, until the training has ended. ``query =
    "distilled"`` has the head's attention ask with the target's meaning by ``viconwsd distil
    train``, a linear map of the same layer of the same frozen backbone, in place of its state.
    """

    preset: str | None = None
    backbone: str = SMALL_BACKBONE
    small: SmallEncoderSettings = SmallEncoderSettings()
    gloss_encoder: str | None = None
    gloss_width: Positive = 256
    segmenter: Words = "language"
    joined_words: bool = False
    echo: bool | None = None
    layer: int = -1
    freeze_backbone: bool = False
    trained_layers: Positive | None = None
    kept_states_gb: Annotated[float, Field(ge=0.0)] = 20.0
    backbone_dtype: Literal["fp32", "bf16"] = "fp32"
    max_length: Annotated[int, Field(ge=8)] = 256
    heads: Positive = 4
    query: Literal["target", "distilled"] = "target"
    blocks: Positive = 1
    head_width: Positive = 512
    dropout: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.3
    objective: ObjectiveSettings = ObjectiveSettings()
    ranker: RankerSettings = RankerSettings()
    batch_size: Positive = 128
    chunk_size: Positive | None = None
    contexts_per_group: Positive = 4
    group_siblings: bool = True
    length_buckets: bool = True
    accumulate: Positive = 1
    epochs: Positive = 30
    encoder_learning_rate: Rate = 3e-5
    head_learning_rate: Rate = 2e-4
    weight_decay: Weight = 0.01
    adam_epsilon: Rate = 1e-6
    warm_up: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.06
    decay: Literal["linear", "cosine", "constant"] = "linear"
    max_gradient_norm: Rate | None = 1.0
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    validation_metric: Literal["wsd_accuracy", "loss"] = "wsd_accuracy"
    patience: Positive = 5
    checkpoint_steps: Positive = 200
    threads: Positive | None = None
    tensorboard: bool = False
    seed: int = 0

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        if not isinstance(values.get("preset"), str):
            scratch = values.get("backbone", SMALL_BACKBONE) == SMALL_BACKBONE
            return {**FROM_SCRATCH, **values} if scratch else values
        preset = values["preset"]
        if str(preset) not in BACKBONES:
            raise ValueError(f"preset {preset!r} is unknown: choose one of {sorted(BACKBONES)}")
        return {**BACKBONES[str(preset)], **values}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.backbone_dtype != "fp32" and not self.freeze_backbone:
            raise ValueError(
                f"backbone_dtype {self.backbone_dtype!r} is for frozen backbones: "
                "set freeze_backbone = true, or use precision for training in half precision"
            )
        if self.trained_layers and (self.freeze_backbone or self.backbone == SMALL_BACKBONE):
            raise ValueError(
                "trained_layers is for a pretrained backbone that is not frozen: leave it out, or "
                "set backbone and freeze_backbone = false"
            )
        if self.query == "distilled" and not self.freeze_backbone:
            raise ValueError(
                'query "distilled" maps the states of a frozen backbone: set freeze_backbone = true'
            )
        if self.chunk_size and self.chunk_size > self.batch_size:
            raise ValueError(
                f"chunk_size {self.chunk_size} is larger than batch_size {self.batch_size}: "
                "a chunk is a part of a batch"
            )
        return self

    @property
    def needs_distilled(self) -> bool:
        """Whether the run's distilled model takes part."""
        return self.ranker.distilled or self.query == "distilled"

    @property
    def standardised(self) -> bool:
        """Whether the head sees standardised states: where what it sees was not made for it."""
        return self.freeze_backbone or self.trained_layers is not None


class EvaluateSettings(Section):
    """What ``viconwsd evaluate`` measures."""

    splits: tuple[str, ...] = ("test_seen", "test_unseen_sense", "test_unseen_lemma")
    retrieval: bool = True
    word_in_context: bool = True
    baselines: bool = True
    bem: bool = True
    frozen_backbone: bool = True
    bootstrap_samples: Positive = 1000
    confidence: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.95
    batch_size: Positive = 128
    all_words: tuple[str, ...] = ()
    """Folders of sets in the format of the Unified Evaluation Framework for English."""
    wordnet: str | None = None
    """The folder of Princeton WordNet 3.0 that ``all_words`` needs; None: that of the source."""
    vicon: str | None = None
    visim400: str | None = None
    plot_lemmas: tuple[str, ...] = ()
    threads: Positive | None = None
    seed: int = 0


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
