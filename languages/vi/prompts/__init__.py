"""How a model is asked in Vietnamese: the templates beside this file, and the fields of replies."""

from __future__ import annotations

from pathlib import Path

from languages.prompts import PromptSet, ReplyFields

_CONTEXTS = "Các câu, mỗi câu có đúng một từ đích trong [[ ]]"

PROMPTS = PromptSet(
    folder=Path(__file__).parent,
    reply_fields=ReplyFields(
        gloss="Định nghĩa kiểu từ điển, 4-40 âm tiết; để trống nếu không định nghĩa",
        number="Số của nhóm từ",
        same_as="Số của nhóm có nghĩa giống hệt; 0 nếu không có",
        glosses="Mỗi nhóm từ cần định nghĩa một mục",
        word="Từ mà định nghĩa gợi ra",
        choice="Số của nhóm từ được định nghĩa, 0 nếu không nhóm nào đúng",
        contexts=_CONTEXTS,
        lemma="Từ đích, viết y nguyên như đã cho",
        words="Mỗi từ đích một mục",
        sentence="Số thứ tự của câu",
        sense="Số của nghĩa, 0 nếu không nghĩa nào đúng",
        choices="Mỗi câu một mục",
        english="Các từ tiếng Anh đồng nghĩa, từ thường gặp xếp trước",
        synsets="Mỗi nhóm từ một mục",
        entry="Số của mục tiếng Anh khớp nghĩa, 0 nếu không mục nào khớp",
        text="Câu đã viết lại hoặc đã dịch, có đúng một chỗ trong [[ ]]",
        rephrased="Mỗi câu một mục",
    ),
)
