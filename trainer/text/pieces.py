"""Words to subword ids, one word at a time, so that positions are known and never searched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from schemas.errors import InputError
from trainer.text.words import MarkedWords, Word, split_units, words_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


_SPACE = "▁"
_MARK = "☃"


@dataclass(frozen=True, slots=True)
class Tokenized:
    """Subword ids with the target at ``[start, end)``."""

    ids: tuple[int, ...]
    start: int
    end: int


class Pieces:
    """Subword ids of words under one tokenizer, remembered per word.

    ``joined`` writes the spaces inside a word as ``_``, as PhoBERT was pretrained.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, joined: bool = False) -> None:
        self.tokenizer = tokenizer
        self.joined = joined
        self._known: dict[Word, tuple[int, ...]] = {}

    @cached_property
    def frame(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The special ids before and after a single text, such as ``<s>`` and ``</s>``."""
        bare = self._encode("a")
        whole = tuple(self.tokenizer("a", add_special_tokens=True)["input_ids"])
        for at in range(len(whole) - len(bare) + 1):
            if whole[at : at + len(bare)] == bare:
                return whole[:at], whole[at + len(bare) :]
        return (), ()

    @property
    def pad(self) -> int:
        """The id that fills short rows; what it is does not matter, it is masked."""
        return int(self.tokenizer.pad_token_id or 0)

    def _encode(self, text: str) -> tuple[int, ...]:
        return tuple(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    @cached_property
    def _always_spaced(self) -> bool:
        """Whether the tokenizer puts a space before every text (sentence pieces of XLM-R)."""
        alone = self._encode("a")
        tokens = self.tokenizer.convert_ids_to_tokens(list(alone))
        return alone == self._encode(" a") and "".join(tokens).startswith(_SPACE)

    def _attached(self, text: str) -> tuple[int, ...]:
        """The subwords of a text that another one precedes without a space.

        Read behind a mark that is no part of any piece; the text alone where that fails.
        """
        mark = self._encode(_MARK)
        whole = self._encode(f"{_MARK}{text}")
        if whole[: len(mark)] == mark and len(whole) > len(mark):
            return whole[len(mark) :]
        return self._encode(text)

    def of_word(self, word: Word) -> tuple[int, ...]:
        """The subwords of a word; a word the tokenizer has no piece for becomes its unknown id."""
        known = self._known.get(word)
        if known is None:
            text = word.text.replace(" ", "_") if self.joined else word.text
            if word.attached and not self.joined and self._always_spaced:
                known = self._attached(text)
            else:
                known = self._encode(f" {text}" if word.spaced else text)
            if not known:
                unknown = self.tokenizer.unk_token_id
                known = () if unknown is None else (int(unknown),)
            self._known[word] = known
        return known

    def of_words(self, words: tuple[Word, ...]) -> list[int]:
        """The subwords of words in a row."""
        return [piece for word in words for piece in self.of_word(word)]

    def vocabulary(self, texts: Iterable[str]) -> list[int]:
        """The sorted ids of every piece that the texts need, at the start of a text and inside."""
        found: set[int] = set()
        for text in texts:
            found.update(self.of_words(words_of(text, split_units)))
            found.update(self.of_words(words_of(f" {text}", split_units)))
        return sorted(found)

    def window(self, marked: MarkedWords, room: int, row: str) -> Tokenized:
        """The sentence's subwords without special ids, cut to ``room`` around the target.

        The window keeps the whole target and spends what is left evenly on both sides, or on
        one side where the other has no more text. Raises InputError naming ``row``.
        """
        left = self.of_words(marked.words[: marked.target])
        target = self.of_word(marked.words[marked.target])
        right = self.of_words(marked.words[marked.target + 1 :])
        if not target:
            raise InputError(
                f"{row}: the tokenizer has no pieces for the target "
                f"{marked.words[marked.target].text!r}: choose another backbone"
            )
        if len(target) > room:
            raise InputError(
                f"{row}: the target has {len(target)} subwords, the window {room}: raise max_length"
            )
        spare = room - len(target)
        take_left = min(len(left), max(spare // 2, spare - len(right)))
        take_right = min(len(right), spare - take_left)
        kept = left[len(left) - take_left :]
        return Tokenized((*kept, *target, *right[:take_right]), len(kept), len(kept) + len(target))
