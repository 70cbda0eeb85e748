"""What data cards and model cards say in English beyond what all of them say in it."""

from __future__ import annotations

from languages.card import CardTexts

CARD = CardTexts(example="We had to [[drill]] through the wall", own=None)
