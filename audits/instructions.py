"""The Vietnamese instructions of a workbook: how to answer, and worked examples.

The examples are written for this sheet; a target stands between ``[[`` and ``]]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from audits.settings import Mode

WELCOME = (
    "Cảm ơn bạn đã nhận đọc. Mỗi dòng ở trang “Câu hỏi” là một câu có một từ in đậm. Bạn chỉ cần "
    "đọc và chọn câu trả lời theo cảm nhận của người nói tiếng Việt, không cần biết gì về máy tính "
    "hay ngôn ngữ học."
)

STEPS = (
    "Chỉ điền vào các ô nền vàng. Bấm vào ô rồi chọn trong danh sách (phím tắt: Alt + ↓), hoặc gõ "
    "thẳng câu trả lời; viết hoa hay thường, có dấu hay không dấu đều được.",
    "Phân vân thì chọn “Không chắc”; đó cũng là một câu trả lời có ích. Đừng đoán.",
    "Chưa làm hết cũng cứ lưu lại và gửi; lần sau làm tiếp rồi gửi lại cả tệp. Dòng trên cùng của "
    "trang “Câu hỏi” cho biết bạn đã xong bao nhiêu.",
    "Cột “Ghi chú” viết gì cũng được: lỗi chính tả, cách nói tự nhiên hơn, lý do phân vân.",
    "Xin đừng sửa các cột nền trắng, kể cả khi thấy lỗi chính tả; hãy viết vào “Ghi chú”. Lọc, "
    "giãn cột thì không sao; muốn sắp xếp trong Excel thì bỏ khóa trang trước (Review → Unprotect "
    "Sheet, không có mật khẩu).",
)

ANNOTATOR_STEPS = (
    "Trả lời từng dòng một cách độc lập. Có thể bạn sẽ thấy câu giống câu đã gặp: cứ trả lời như "
    "lần đầu, đừng xem lại dòng cũ.",
    "Xin đừng bàn câu trả lời với người khác khi cả hai chưa làm xong.",
)


@dataclass(frozen=True, slots=True)
class Explained:
    """A question with what each answer means."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: what is shown, what to answer, and why."""

    sentence: str
    shown: tuple[str, ...]
    answers: tuple[str, ...]
    why: str


REVIEW_QUESTIONS = (
    Explained(
        "1. Câu tự nhiên?",
        (
            "Có: người Việt có thể nói hoặc viết như thế; câu có thể trang trọng, cũ hay suồng sã.",
            "Không: câu gượng, sai ngữ pháp, thiếu ý, hoặc hiểu được nhưng không ai nói như vậy.",
        ),
    ),
    Explained(
        "2. Từ dùng đúng nghĩa này?",
        (
            "So từ in đậm trong câu với lời giải nghĩa ghi cùng dòng.",
            "Đúng: trong câu này, từ in đậm có đúng nghĩa ấy.",
            "Nghĩa khác: từ in đậm mang nghĩa khác, hoặc chỉ là một phần của từ khác "
            "(“khoan” trong “khoan dung”).",
        ),
    ),
    Explained(
        "3. Lời giải nghĩa đúng với nhóm từ?",
        (
            "Không xét câu nữa; so lời giải nghĩa với nghĩa chung của các từ trong nhóm.",
            "Đúng: lời giải nghĩa nói đúng và đủ nghĩa chung ấy.",
            "Đúng một phần: nói đúng sự vật hay việc, nhưng thừa, thiếu hoặc sai một chi tiết.",
            "Sai: lời giải nghĩa là của một nghĩa khác, hoặc không hiểu được.",
        ),
    ),
)

REVIEW_EXAMPLES = (
    Example(
        "Anh thợ [[khoan]] hai lỗ nhỏ trên tường để treo kệ sách.",
        ("dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng", "khoan"),
        ("Có", "Đúng", "Đúng"),
        "Câu trôi chảy, “khoan” đúng là tạo lỗ, lời giải nghĩa vừa đủ.",
    ),
    Example(
        "Bác [[khoan]] hãy ký, để tôi đọc lại hợp đồng một lượt.",
        ("dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng", "khoan"),
        ("Có", "Nghĩa khác", "Đúng"),
        "Ở đây “khoan” là “hãy chờ, đừng vội”. Lời giải nghĩa vẫn đúng với nhóm từ của nó.",
    ),
    Example(
        "Cô ấy đã tiến hành việc [[ăn]] một quả táo vào trong miệng.",
        ("đưa thức ăn vào miệng, nhai rồi nuốt", "ăn, xơi, chén"),
        ("Không", "Đúng", "Đúng"),
        "Hiểu được, nhưng người Việt chỉ nói “Cô ấy ăn một quả táo.”",
    ),
    Example(
        "Mẹ mua một bó [[hoa]] cúc trắng về cắm lên bàn thờ.",
        ("bộ phận của cây, màu đỏ, có mùi thơm, về sau kết thành quả", "hoa, bông"),
        ("Có", "Đúng", "Đúng một phần"),
        "Đúng là hoa, nhưng đâu phải hoa nào cũng đỏ và thơm.",
    ),
    Example(
        "Con chim sẻ [[đậu]] trên cành khế trước nhà.",
        ("(chim, bướm) hạ xuống và đứng yên ở một chỗ", "đậu, đỗ, trúng tuyển"),
        ("Có", "Đúng", "Sai"),
        "Câu dùng “đậu” đúng như lời giải nghĩa, nhưng nhóm “đậu, đỗ, trúng tuyển” nói về thi cử.",
    ),
    Example(
        "Ông cụ ngồi [[chấm]] rất lâu dưới ánh đèn.",
        ("đọc bài làm rồi cho điểm", "chấm, chấm điểm"),
        ("Có", "Không chắc", "Đúng"),
        "Câu không cho biết ông cụ chấm bài, chấm mực hay chấm màu.",
    ),
)

BLIND_QUESTIONS = (
    Explained(
        "Nghĩa số mấy?",
        (
            "Đọc câu, rồi chọn số của nghĩa mà từ in đậm mang trong câu ấy.",
            "Hai nghĩa đều hợp thì chọn nghĩa hợp hơn; thật sự ngang nhau thì chọn “Không chắc”.",
            "Không nghĩa nào: từ in đậm mang một nghĩa không có trong danh sách, hoặc chỉ là một "
            "phần của từ khác (“khoan” trong “khoan dung”).",
            "Thứ tự các nghĩa là ngẫu nhiên, không nói lên điều gì.",
        ),
    ),
)

_BLIND_SHOWN = (
    "1. (động từ) hãy chờ, đừng vội làm\n"
    "2. (động từ) dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng\n"
    "3. (danh từ) dụng cụ có mũi xoay để tạo lỗ"
)

BLIND_EXAMPLES = (
    Example(
        "Bác [[khoan]] hãy ký, để tôi đọc lại hợp đồng một lượt.",
        (_BLIND_SHOWN,),
        ("1",),
        "“khoan” ở đây bảo người nghe chờ.",
    ),
    Example(
        "Mượn cái [[khoan]] của bác Tư rồi nhớ trả trước bữa cơm.",
        (_BLIND_SHOWN,),
        ("3",),
        "Cái khoan là dụng cụ: danh từ.",
    ),
    Example(
        "Vợ chồng bà nổi tiếng [[khoan]] dung với người làm.",
        (_BLIND_SHOWN,),
        ("Không nghĩa nào",),
        "“khoan” chỉ là một phần của từ “khoan dung”.",
    ),
    Example(
        "Họ cứ [[khoan]] mãi mà chưa xong.",
        (_BLIND_SHOWN,),
        ("2",),
        "“khoan mãi mà chưa xong” là làm một việc kéo dài, hợp với nghĩa 2 hơn cả.",
    ),
    Example(
        "Cả nhóm chỉ biết kêu lên: “[[Khoan]]!”",
        (_BLIND_SHOWN,),
        ("1",),
        "Tiếng kêu để ngăn lại là nghĩa 1.",
    ),
)

ADJUDICATION_STEPS = (
    "Những dòng này đã có ít nhất hai người trả lời khác nhau. Cột “Ý kiến” ghi lại từng người, "
    "thứ tự người thay đổi ngẫu nhiên theo dòng.",
    "Xin cho câu trả lời cuối cùng của bạn vào các ô nền vàng. Không cần theo số đông.",
    "Câu hỏi nào mọi người đã giống nhau và bạn cũng đồng ý thì có thể để trống.",
)


def steps(kind: Literal["annotator", "adjudication"]) -> tuple[str, ...]:
    """How to fill the sheet in, step by step."""
    if kind == "adjudication":
        return (*ADJUDICATION_STEPS, *STEPS)
    return (STEPS[0], *ANNOTATOR_STEPS, *STEPS[1:])


def explained_questions(mode: Mode) -> tuple[Explained, ...]:
    """The questions of a mode with their answers explained."""
    return REVIEW_QUESTIONS if mode == "review" else BLIND_QUESTIONS


def examples(mode: Mode) -> tuple[Example, ...]:
    """The worked examples of a mode."""
    return REVIEW_EXAMPLES if mode == "review" else BLIND_EXAMPLES


def example_headers(mode: Mode) -> tuple[str, ...]:
    """The headers of the table of examples."""
    if mode == "review":
        return ("Câu", "Lời giải nghĩa", "Nhóm từ", "1", "2", "3", "Vì sao")
    return ("Câu", "Các nghĩa", "Nghĩa số mấy?", "Vì sao")
