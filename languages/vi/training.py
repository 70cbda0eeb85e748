"""The Vietnamese texts around words, glosses and sentences in training and evaluation."""

from __future__ import annotations

from languages.training import TrainingTexts

TRAINING = TrainingTexts(
    example_label="Ví dụ:",
    carriers={
        "noun": ("Đây là {}.", "Họ đang nói về {}.", "Bài này viết về {}."),
        "verb": ("Họ đang {}.", "Chúng tôi sẽ {}.", "Ai cũng có thể {}."),
        "adj": ("Điều đó rất {}.", "Mọi thứ đều có vẻ {}.", "Nó trở nên {} hơn trước."),
    },
)
