"""Rules for a sentence that a model wrote for one sense of a lemma."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from pydantic import Field

from pipeline.checks import cleaning, marks, texts, wording
from pipeline.checks.finding import Finding, Rule, Settings
from pipeline.checks.marks import Sound
from pipeline.checks.sentences import n_sentences
from schemas.text import fold_tones, match_key, syllables

_CALLED = "câu"
_GLOSS_RUN = 4  # syllables; shorter runs are shared by chance
# Without these a span could be wrong, or a row could not be written.
ALWAYS_ON = (
    "control_characters",
    "leftover_markup",
    "target_missing",
    "target_marked_twice",
    "target_altered",
)


class ContextRules(Settings):
    """Bounds and switches of the rules for contexts."""

    min_syllables: int = Field(default=6, ge=1)
    max_syllables: int = Field(default=60, ge=1)
    max_gloss_overlap: float = Field(default=0.5, gt=0, le=1)
    """Share of the gloss's runs of four syllables that a sentence may repeat, exclusive."""
    near_duplicate: float = Field(default=0.6, gt=0, le=1)
    """Similarity of two sentences of a sense from which on the later one is dropped."""
    underthesea_words: bool = True
    """Whether underthesea's word list joins the WordNet's lemmas in finding longer words."""

    def known_codes(self) -> tuple[str, ...]:
        """The codes of the rules for contexts."""
        return codes()

    def always_on(self) -> tuple[str, ...]:
        """Those without which a span would not be exact."""
        return ALWAYS_ON


@dataclass(frozen=True, slots=True)
class ContextDraft:
    """A sentence as a model wrote it, with what it was asked for."""

    marked: str
    lemma: str
    gloss: str


@dataclass(frozen=True, slots=True)
class ContextCase:
    """A draft made ready for the rules: cleaned, and its one mark resolved if it has one."""

    draft: ContextDraft
    marked: str
    sound: Sound | None
    sentence: str
    syllables: list[str]
    rules: ContextRules
    longer_word: Callable[[Sound], str | None]

    @classmethod
    def of(
        cls,
        draft: ContextDraft,
        rules: ContextRules,
        longer_word: Callable[[Sound], str | None],
    ) -> Self:
        marked = cleaning.visible(draft.marked)
        sound = marks.unmark(marked)
        sentence = marks.without_marks(marked) if sound is None else sound.sentence
        return cls(draft, marked, sound, sentence, syllables(sentence), rules, longer_word)

    @property
    def with_placeholder(self) -> str:
        """The sentence with a plain word for its target, whose own full stops end no sentence."""
        if self.sound is None:
            return self.sentence
        word = "Từ" if self.sound.target[:1].isupper() else "từ"
        return f"{self.sentence[: self.sound.start]}{word}{self.sentence[self.sound.end :]}"

    @property
    def rest(self) -> list[str]:
        """The syllables of the sentence without its target."""
        if self.sound is None:
            return self.syllables
        n_before = len(syllables(self.sentence[: self.sound.start]))
        n_after = len(syllables(self.sentence[self.sound.end :]))
        return self.syllables[:n_before] + self.syllables[len(self.syllables) - n_after :]


def control_characters(case: ContextCase) -> Finding | None:
    """The sentence has control characters, surrogates or unassigned characters."""
    return texts.control_characters(case.draft.marked, _CALLED)


def several_lines(case: ContextCase) -> Finding | None:
    """The sentence goes over several lines."""
    return texts.several_lines(case.draft.marked, _CALLED)


def leftover_markup(case: ContextCase) -> Finding | None:
    """Markdown, HTML or JSON is left in the sentence, or brackets that mark nothing."""
    found = wording.markup(case.sentence)
    if found is None and case.sound is None and len(marks.marked_texts(case.marked)) < 2:
        found = marks.stray_bracket(case.marked)
    return texts.leftover_markup(found, _CALLED)


def target_missing(case: ContextCase) -> Finding | None:
    """No target is marked."""
    if case.sound is not None or any(text.strip() for text in marks.marked_texts(case.marked)):
        return None
    lemma = case.draft.lemma
    return Finding(
        "target_missing", f"{lemma!r} is not marked", f"không có [[{lemma}]] được đánh dấu"
    )


def target_marked_twice(case: ContextCase) -> Finding | None:
    """Several spans are marked."""
    if case.sound is not None or len(found := marks.marked_texts(case.marked)) < 2:
        return None
    return Finding(
        "target_marked_twice", f"marks {found}", f"đánh dấu [[ ]] {len(found)} chỗ, chỉ được một"
    )


def target_altered(case: ContextCase) -> Finding | None:
    """The marked text is not the lemma."""
    if case.sound is None:
        return None
    target, lemma = case.sound.target, case.draft.lemma
    if target == lemma or match_key(target) == match_key(lemma):
        return None
    return Finding(
        "target_altered",
        f"marks {target!r} instead of {lemma!r}",
        f"đánh dấu [[{target}]], phải là [[{lemma}]]",
    )


def target_in_longer_word(case: ContextCase) -> Finding | None:
    """The target is only a part of a longer word."""
    sound = case.sound
    if sound is None:
        return None
    longer = _glued(sound) or case.longer_word(sound)
    if longer is None:
        return None
    return Finding(
        "target_in_longer_word",
        f"{sound.target!r} is a part of {longer!r}",
        f"[[{sound.target}]] chỉ là một phần của từ “{longer}”",
    )


def length(case: ContextCase) -> Finding | None:
    """The sentence is shorter or longer than the bounds, in syllables."""
    return texts.length(len(case.syllables), case.rules, _CALLED, " âm tiết")


def several_sentences(case: ContextCase) -> Finding | None:
    """The text is more than one sentence."""
    n = n_sentences(case.with_placeholder)
    if n < 2:
        return None
    return Finding("several_sentences", f"{n} sentences", f"có {n} câu, chỉ được một câu")


def not_vietnamese(case: ContextCase) -> Finding | None:
    """Too few words are Vietnamese syllables, names and the target left out."""
    return texts.not_vietnamese(case.rest, case.rules, _CALLED)


def foreign_script(case: ContextCase) -> Finding | None:
    """The sentence has letters of another script than Latin or Greek."""
    return texts.foreign_script(case.sentence, _CALLED)


def copied_gloss(case: ContextCase) -> Finding | None:
    """The sentence repeats the definition."""
    runs = _runs(case.draft.gloss)
    if not runs:
        return None
    key = fold_tones(f" {' '.join(case.syllables)} ".casefold())
    share = sum(run in key for run in runs) / len(runs)
    if share < case.rules.max_gloss_overlap:
        return None
    return Finding("copied_gloss", f"repeats {share:.0%} of the gloss", "câu chép lại định nghĩa")


def meta_talk(case: ContextCase) -> Finding | None:
    """The text talks about the task or the word, or carries a number or a label."""
    found = wording.talk(case.sentence)
    sound = case.sound
    if (
        found is None
        and sound
        and wording.talks_about_target(sound.sentence, sound.start, sound.end)
    ):
        found = sound.sentence[max(0, sound.start - 10) : sound.end]
    return texts.meta_talk(found, _CALLED)


def _glued(sound: Sound) -> str | None:
    """The word of letters and digits that the target is written together with."""
    text, start, end = sound.sentence, sound.start, sound.end
    while start and _is_part_of_word(text[start - 1]):
        start -= 1
    while end < len(text) and _is_part_of_word(text[end]):
        end += 1
    return None if (start, end) == (sound.start, sound.end) else text[start:end]


def _is_part_of_word(character: str) -> bool:
    return (
        character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
    )


@lru_cache(maxsize=4096)
def _runs(gloss: str) -> frozenset[str]:
    """The runs of four syllables of a gloss, each between spaces."""
    keys = syllables(match_key(gloss))
    return frozenset(
        f" {' '.join(keys[i : i + _GLOSS_RUN])} " for i in range(len(keys) - _GLOSS_RUN + 1)
    )


_GLOSS = "dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng"


def _khoan(marked: str) -> ContextDraft:
    return ContextDraft(marked, "khoan", _GLOSS)


_GOOD = _khoan("Người thợ đang [[khoan]] mấy lỗ nhỏ trên bức tường bê tông.")

RULES: tuple[Rule[ContextCase, ContextDraft], ...] = (
    Rule(
        control_characters,
        passing=_khoan("Người thợ đang\u200b [[khoan]]\u00a0mấy lỗ trên tường."),
        failing=_khoan("Người thợ đang [[khoan]] mấy lỗ\x07 nhỏ trên tường."),
    ),
    Rule(
        several_lines,
        passing=_khoan("Người thợ đang [[khoan]] mấy lỗ nhỏ trên tường.\n"),
        failing=_khoan("Người thợ đang [[khoan]] mấy lỗ\nnhỏ trên tường."),
    ),
    Rule(
        leftover_markup,
        passing=_khoan("Nó bảo: “Để tớ [[khoan]] nốt hai lỗ còn lại đã!”"),
        failing=_khoan("Người **thợ** đang [[khoan]] mấy lỗ nhỏ trên tường."),
    ),
    Rule(
        target_missing,
        passing=_GOOD,
        failing=_khoan("Người thợ đang khoan mấy lỗ nhỏ trên bức tường."),
    ),
    Rule(
        target_marked_twice,
        passing=_khoan("Thợ khoan thì cứ [[khoan]], chủ nhà thì cứ kêu ồn."),
        failing=_khoan("Thợ [[khoan]] thì cứ [[khoan]], chủ nhà thì cứ kêu ồn."),
    ),
    Rule(
        target_altered,
        passing=_khoan("[[Khoan]] xong giếng, đội thợ thu dọn máy móc ra về."),
        failing=_khoan("Người thợ đang [[khoan lỗ]] trên bức tường bê tông."),
    ),
    Rule(
        target_in_longer_word,
        passing=_GOOD,
        failing=_khoan("Bà cụ vốn là người [[khoan]] dung, chẳng giận ai bao giờ."),
    ),
    Rule(length, passing=_GOOD, failing=_khoan("Đang [[khoan]] tường.")),
    Rule(
        several_sentences,
        passing=_khoan("“Nhanh lên!” TS. Lê A. Tuấn giục, rồi [[khoan]] tiếp 3.5 mét nữa."),
        failing=_khoan("Người thợ [[khoan]] tường suốt buổi sáng. Cả khu phố ồn ào."),
    ),
    Rule(
        not_vietnamese,
        passing=_khoan("Hãng Baker Hughes [[khoan]] giếng dầu ở Louisiana và Texas."),
        failing=_khoan("The worker is going to [[khoan]] a hole in the wall."),
    ),
    Rule(
        foreign_script,
        passing=_khoan("Mũi α của hãng Müller [[khoan]] được cả đá hoa cương."),
        failing=_khoan("Người thợ đang [[khoan]] mấy lỗ nhỏ trên 墙 bê tông."),
    ),
    Rule(
        copied_gloss,
        passing=_GOOD,
        failing=_khoan("Anh [[khoan]] là dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng."),
    ),
    Rule(
        meta_talk,
        passing=_khoan("Câu chuyện bắt đầu khi họ [[khoan]] trúng một mạch nước ngầm."),
        failing=_khoan("Câu 1: Người thợ đang [[khoan]] mấy lỗ nhỏ trên tường."),
    ),
)
"""The rules for one context; rules about several are in :mod:`pipeline.checks.duplicates`."""


def codes() -> tuple[str, ...]:
    """The codes that can be found about a context, alone and among those of its sense."""
    return (*(rule.code for rule in RULES), "duplicate", "near_duplicate")
