"""The Hub's client as a whole: its timeouts, its way of moving large files, its bars."""

from __future__ import annotations

import logging
import os

import httpx2
import huggingface_hub
from huggingface_hub.utils.tqdm import disable_progress_bars, enable_progress_bars


def show_progress(shown: bool) -> None:
    """Shows bars while uploading, or not; HF_HUB_DISABLE_PROGRESS_BARS, when set, decides."""
    if huggingface_hub.constants.HF_HUB_DISABLE_PROGRESS_BARS is None:
        (enable_progress_bars if shown else disable_progress_bars)()


def bound_silence(seconds: float) -> None:
    """Lets no request hang: the client's own default is to wait for ever."""

    def client() -> httpx2.Client:
        made = huggingface_hub.utils._http.default_client_factory()
        made.timeout = httpx2.Timeout(seconds, connect=min(seconds, 20.0))
        return made

    huggingface_hub.set_client_factory(client)


def choose_transfer(endpoint: str) -> None:
    """Uses plain LFS where the endpoint is not the public Hub, which alone is sure to speak xet.

    HF_HUB_DISABLE_XET, when it is set, decides instead.
    """
    constants = huggingface_hub.constants
    if endpoint != constants._HF_DEFAULT_ENDPOINT and "HF_HUB_DISABLE_XET" not in os.environ:
        constants.HF_HUB_DISABLE_XET = True


def hush() -> None:
    """Keeps the client from logging each attempt: errors are told once, by hub_errors."""
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
