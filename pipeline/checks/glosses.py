"""Rules for the definition of a synset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from pipeline.checks import cleaning, texts, wording
from pipeline.checks.finding import Finding, Rule, Settings
from schemas.records import Pos
from schemas.text import match_key, normalise, syllables

_CALLED = "định nghĩa"
_GRAMMATICAL = """
ai bị bởi bằng các chẳng cho chỉ có của cùng cũng do gì hay hoặc hơn khi không là lại mà mỗi một
nào này nên nếu nhưng như những nó ở ra rất rồi sẽ so sự tại theo thì trên trong tới từ và vào về
với vì đã đang đây đến để đó được
"""
GRAMMATICAL = frozenset(_GRAMMATICAL.split())
"""Lemmas without which hardly a definition can be written; they do not make one circular."""


class GlossRules(Settings):
    """Bounds and switches of the rules for definitions."""

    min_syllables: int = Field(default=8, ge=1)
    max_syllables: int = Field(default=30, ge=1)
    near_equal: float = Field(default=0.85, gt=0, le=1)
    """Similarity to any other definition from which on the later one is dropped."""
    near_equal_sibling: float = Field(default=0.7, gt=0, le=1)
    """The same for two synsets that share a lemma."""

    def known_codes(self) -> tuple[str, ...]:
        """The codes of the rules for definitions."""
        return codes()

    def always_on(self) -> tuple[str, ...]:
        """Those without which a row could not be written."""
        return ALWAYS_ON


@dataclass(frozen=True, slots=True)
class GlossDraft:
    """A definition as a model wrote it, with the synset that it is for."""

    gloss: str
    lemmas: tuple[str, ...]
    pos: Pos | None = None


@dataclass(frozen=True, slots=True)
class GlossCase:
    """A draft with its cleaned text and the bounds."""

    draft: GlossDraft
    gloss: str
    rules: GlossRules


def clean_gloss(gloss: str) -> str:
    """A definition as it is stored: normalised, without quotes around it and a final stop."""
    text = normalise(cleaning.visible(gloss))
    for opening, closing in ("“”", '""', "''", "‘’", "«»"):
        inner = text[1:-1]
        if inner and text[0] == opening and text[-1] == closing and opening not in inner:
            text = inner.strip()
    return text if text.endswith("...") else text.removesuffix(".").rstrip()


def check_gloss(
    gloss: str, lemmas: Sequence[str], rules: GlossRules, pos: Pos | None = None
) -> tuple[Finding, ...]:
    """Everything that is wrong with a definition; store :func:`clean_gloss` of a sound one.

    With ``pos`` given, openings that are boilerplate for that part of speech only are found too.
    """
    case = GlossCase(GlossDraft(gloss, tuple(lemmas), pos), clean_gloss(gloss), rules)
    if found := empty(case):
        return (found,)
    return tuple(
        found
        for rule in RULES
        if rule.code not in rules.off and (found := rule.check(case)) is not None
    )


def empty(case: GlossCase) -> Finding | None:
    """The definition is empty."""
    if syllables(case.gloss):
        return None
    return Finding("empty", "no words", "định nghĩa trống")


def control_characters(case: GlossCase) -> Finding | None:
    """The definition has control characters, surrogates or unassigned characters."""
    return texts.control_characters(case.draft.gloss, _CALLED)


def several_lines(case: GlossCase) -> Finding | None:
    """The definition goes over several lines."""
    return texts.several_lines(case.draft.gloss, _CALLED)


def leftover_markup(case: GlossCase) -> Finding | None:
    """Markdown, HTML, JSON or marks are left in the definition."""
    found = wording.markup(case.gloss) or next((m for m in ("[[", "]]") if m in case.gloss), None)
    return texts.leftover_markup(found, _CALLED)


def length(case: GlossCase) -> Finding | None:
    """The definition is shorter or longer than the bounds, in syllables."""
    return texts.length(len(syllables(case.gloss)), case.rules, _CALLED)


def not_vietnamese(case: GlossCase) -> Finding | None:
    """Too few words are Vietnamese syllables, names left out."""
    return texts.not_vietnamese(syllables(case.gloss), case.rules, _CALLED)


def foreign_script(case: GlossCase) -> Finding | None:
    """The definition has letters of another script than Latin or Greek."""
    return texts.foreign_script(case.gloss, _CALLED)


def circular(case: GlossCase) -> Finding | None:
    """The definition contains a lemma of its synset."""
    key = f" {' '.join(syllables(match_key(case.gloss)))} "
    for lemma in case.draft.lemmas:
        wanted = " ".join(syllables(match_key(lemma)))
        if wanted and wanted not in GRAMMATICAL and f" {wanted} " in key:
            return Finding(
                "circular", f"contains the lemma {lemma!r}", f"định nghĩa dùng chính từ “{lemma}”"
            )
    return None


def formula_opening(case: GlossCase) -> Finding | None:
    """The definition opens with a formula that only tells the part of speech."""
    patterns = [_FORMULA, _FORMULA_BY_POS.get(case.draft.pos)] if case.draft.pos else [_FORMULA]
    for pattern in patterns:
        if pattern is not None and (found := pattern.match(case.gloss)):
            opening = found.group().strip(" ,:")
            return Finding(
                "formula_opening", f"opens with {opening!r}", f"mở đầu bằng công thức “{opening}”"
            )
    return None


def meta_talk(case: GlossCase) -> Finding | None:
    """The text talks about the task or the word instead of defining it."""
    found = wording.talk(case.gloss)
    if found is None and (about := _ABOUT_TASK.search(case.gloss)):
        found = about.group()
    return texts.meta_talk(found)


_KINDS = (
    r"(?:sự|việc|hành động|hoạt động|hành vi|quá trình|trạng thái|tình trạng|tính chất|đặc điểm|"
    r"đặc tính|phẩm chất|mức độ|cách|cách thức|người|kẻ|vật|đồ vật|sự vật|hiện tượng|khái niệm|"
    r"loại|loài|con|cái|nơi|khi|lúc|thời gian|một|những|các|cảm giác|cảm xúc)\b"
)
_WORDS = (
    r"(?:(?:danh|động|tính|trạng|phó|đại|liên|giới|thán|kết|trợ|số|lượng) từ|từ ngữ|cụm từ|"
    r"thuật ngữ|từ)"
)
_FORMULA = re.compile(
    r"(?:đây )?là\b|"
    rf"{_WORDS}(?: này)?(?: được)? ?(?:dùng |sử dụng )?(?:để )?"
    r"(?:chỉ|nói|mô tả|miêu tả|diễn tả|biểu thị|gọi|ám chỉ|đề cập)\b|"
    r"(?:được )?(?:dùng|sử dụng) để (?:chỉ|mô tả|miêu tả|diễn tả|biểu thị|nói về|gọi)\b|"
    rf"(?:chỉ|ám chỉ|nói về|đề cập đến) {_KINDS}|"
    r"(?:có )?nghĩa là\b|có nghĩa\b|tức là\b|khái niệm (?:chỉ|về|mô tả)\b",
    re.IGNORECASE,
)
_DESCRIBES = r"(?:mô tả|miêu tả|diễn tả|biểu thị|thể hiện) " + _KINDS
_FORMULA_BY_POS = {
    Pos.VERB: re.compile(
        r"(?:một |những |các )?(?:hành động|hoạt động|hành vi|động tác|việc|sự|quá trình)\b",
        re.IGNORECASE,
    ),
    Pos.ADJ: re.compile(
        r"(?:một |ở |trong )?"
        r"(?:tính chất|trạng thái|đặc điểm|đặc tính|phẩm chất|tình trạng|sự|việc)\b|" + _DESCRIBES,
        re.IGNORECASE,
    ),
    Pos.ADV: re.compile(rf"(?:sự|việc|hành động|trạng thái)\b|{_DESCRIBES}", re.IGNORECASE),
}
_ABOUT_TASK = re.compile(
    r"\b(?:synset|lemma|json)\b|từ đồng nghĩa với|nhóm từ (?:này|trên)|từ loại", re.IGNORECASE
)
ALWAYS_ON = ("empty", "control_characters")


def _verb(gloss: str, *lemmas: str) -> GlossDraft:
    return GlossDraft(gloss, lemmas or ("khoan",), Pos.VERB)


_GOOD = _verb("dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng")

RULES: tuple[Rule[GlossCase, GlossDraft], ...] = (
    Rule(empty, passing=_GOOD, failing=_verb(" “.” ")),
    Rule(
        control_characters,
        passing=_verb("dùng mũi nhọn xoay tròn để tạo\u00a0lỗ sâu\u200b vào vật cứng"),
        failing=_verb("dùng mũi nhọn xoay tròn để tạo lỗ sâu\x00 vào vật cứng"),
    ),
    Rule(
        several_lines,
        passing=_verb("dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng\n"),
        failing=_verb("dùng mũi nhọn xoay tròn\nđể tạo lỗ sâu vào vật cứng"),
    ),
    Rule(
        leftover_markup,
        passing=_verb("dùng mũi nhọn (bằng thép) xoay tròn để tạo lỗ sâu vào vật cứng"),
        failing=_verb("dùng **mũi nhọn** xoay tròn để tạo lỗ sâu vào vật cứng"),
    ),
    Rule(length, passing=_GOOD, failing=_verb("tạo lỗ trên tường")),
    Rule(
        not_vietnamese,
        passing=_verb("dùng mũi Forstner xoay tròn để tạo lỗ sâu vào vật cứng"),
        failing=_verb("to make a hole in something hard with a pointed tool"),
    ),
    Rule(
        foreign_script,
        passing=_verb("phát ra tia α hoặc tia β khi hạt nhân tự phân rã"),
        failing=_verb("dùng mũi nhọn xoay tròn để tạo 孔 sâu vào vật cứng"),
    ),
    Rule(
        circular,
        passing=_verb("khoanh một vòng tròn quanh vật gì đó bằng bút", "khoan"),
        failing=_verb("dùng máy để khoan một lỗ sâu vào vật cứng", "khoan"),
    ),
    Rule(
        formula_opening,
        passing=_GOOD,
        failing=_verb("hành động dùng mũi nhọn xoay tròn để tạo lỗ sâu"),
    ),
    Rule(
        meta_talk,
        passing=_GOOD,
        failing=_verb("Định nghĩa: dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng"),
    ),
)
"""The rules for one definition; :mod:`pipeline.checks.equality` compares definitions."""


def codes() -> tuple[str, ...]:
    """The codes that can be found about a definition, alone and among others."""
    return (*(rule.code for rule in RULES), "equal_gloss", "near_equal_gloss")
