"""The answers of all systems, row by row, as they are written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from languages.language import Language
from schemas.predictions import SAME_POS, Answers
from trainer.evaluation.errors import probabilities
from trainer.ranking.prediction import Prediction, within_pos

Choices = Mapping[str, Sequence[str]]
"""By system, and by system and :data:`SAME_POS`, the sense chosen for each row; "" for none."""


def choices_of(system: str, predictions: Sequence[Prediction]) -> dict[str, tuple[str, ...]]:
    """What a system chose for each row, also among candidates of the row's part of speech."""
    narrow = {p.item.item_id: _chosen(p) for p in within_pos(predictions)}
    return {
        system: tuple(map(_chosen, predictions)),
        f"{system}{SAME_POS}": tuple(narrow.get(p.item.item_id, "") for p in predictions),
    }


def answers_of(
    predictions: Sequence[Prediction], choices: Choices, language: Language
) -> Iterator[Answers]:
    """The model's predictions with what all systems chose, in the same order."""
    for at, prediction in enumerate(predictions):
        item = prediction.item
        shares = probabilities(prediction.scores)
        own = [
            share
            for entry, share in zip(prediction.candidates, shares, strict=True)
            if entry.synset_id == item.synset_id
        ]
        yield Answers(
            context_id=item.item_id,
            probability=own[0] if own else 0.0,
            sense_id=item.sense_id,
            key=language.match_key(item.lemma),
            pos=item.pos,
            split=item.split,
            n=prediction.n_senses,
            n_same_pos=sum(entry.pos == item.pos for entry in prediction.candidates),
            chosen={name: said[at] for name, said in choices.items() if said[at]},
        )


def _chosen(prediction: Prediction) -> str:
    return prediction.chosen.sense_id if prediction.chosen else ""
