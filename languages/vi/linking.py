"""Classifiers and nominalisers, which Vietnamese lemmas have or lack as it comes."""

from __future__ import annotations

from languages.linking import Linking

_CLASSIFIERS = """
bài bản bệnh bộ bông bức cá cái cành căn cây chất chi chiếc chim chứng chức con cơn củ cục cuốn cuộc
dãy dân đảo đồ gã giống hạt họ hoa hòn hồ kẻ khối khu lá làng loài loại lối lớp món môn ngành nghề
ngôi người nhà niềm nỗi nước núi phép quả quyển rau sông sợi sự tay tên thành thị tấm thanh thằng
thuyết tiếng tình tính toà tờ trái trận trạng việc viên vị vùng vụ vật
"""

_SOUNDS = (
    *(("ph", "f"), ("th", "t"), ("kh", "k"), ("ngh", "ng"), ("gh", "g"), ("qu", "kv"), ("c", "k")),
    *(("x", "s"), ("n[gh]$", "n"), ("gi(?=[aeou])", "j"), ("y", "i"), ("z", "s")),
    ("u(?=[aeio])", "v"),
)
LINKING = Linking(classifiers=frozenset(_CLASSIFIERS.split()), sounds=_SOUNDS)
