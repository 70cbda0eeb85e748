"""Which training it is: one digest of all that decides what it makes."""

from __future__ import annotations

import hashlib

import orjson

from trainer.data import WsdData
from trainer.settings import TrainSettings

_CHANGES_NOTHING = {"checkpoint_steps", "tensorboard", "kept_states_gb"}


def training_identity(data: WsdData, settings: TrainSettings) -> str:
    """SHA-256 of the settings, the inventory and the items to train and validate on.

    A pretrained backbone counts by its name or path, not by its weights.
    """
    digest = hashlib.sha256(settings.model_dump_json(exclude=_CHANGES_NOTHING).encode())
    for row in (*data.inventory.entries, *data.split("train"), *data.split("validation")):
        digest.update(b"\n" + orjson.dumps(row))
    return digest.hexdigest()
