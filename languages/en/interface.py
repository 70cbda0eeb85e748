"""The texts of the pages: English ones are the keys of all others."""

from __future__ import annotations

from languages.interface import Interface

INTERFACE = Interface()
"""The interface of ``viconwsd view``."""
