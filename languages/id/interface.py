"""The texts of the pages in Indonesian: a line in English, and below it ours."""

from __future__ import annotations

from pathlib import Path

from languages.interface import Interface, read_texts

INTERFACE = Interface(read_texts(Path(__file__).with_suffix(".txt")), comma=True)
"""The interface of ``viconwsd view``."""
