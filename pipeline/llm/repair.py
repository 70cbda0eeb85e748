"""The one repair turn: the conversation so far, the bad reply, and what is wrong with it."""

from __future__ import annotations

from pipeline.llm.reading import Complaint
from pipeline.llm.request import Message

# A reply that ran into max_tokens is mostly a loop; showing all of it invites the next one.
SHOWN_WHEN_TRUNCATED = 400
SHOWN = 8000


def repair_messages(
    messages: tuple[Message, ...], text: str, wrong: Complaint, *, truncated: bool
) -> tuple[Message, ...]:
    """``messages``, the bad reply ``text``, and the request to send it again as it should be."""
    shown = text[: SHOWN_WHEN_TRUNCATED if truncated else SHOWN]
    if truncated:
        ask = (
            "Câu trả lời trên bị cắt vì quá dài. Hãy trả lời lại từ đầu, ngắn gọn hơn, "
            "không lặp lại, bằng đúng một đối tượng JSON hoàn chỉnh."
        )
    else:
        ask = (
            f"Câu trả lời trên không hợp lệ:\n{wrong.text}\n"
            "Hãy gửi lại toàn bộ câu trả lời đã sửa, bằng đúng một đối tượng JSON."
        )
    # Some chat templates reject an empty turn.
    return (*messages, Message("assistant", shown or "(trống)"), Message("user", ask))
