"""How a model is asked in Vietnamese: the templates beside this file, and the fields of replies."""

from __future__ import annotations

from pathlib import Path

from languages.prompts import PromptSet, ReplyFields

_CONTEXTS = "Các câu, mỗi câu có đúng một từ đích trong [[ ]]"

PROMPTS = PromptSet(
    folder=Path(__file__).parent,
    reply_fields=ReplyFields(
        gloss="Định nghĩa kiểu từ điển, 8-30 âm tiết",
        contexts=_CONTEXTS,
        lemma="Từ đích, viết y nguyên như đã cho",
        words="Mỗi từ đích một mục",
        sentence="Số thứ tự của câu",
        sense="Số của nghĩa, 0 nếu không nghĩa nào đúng",
        choices="Mỗi câu một mục",
    ),
)
