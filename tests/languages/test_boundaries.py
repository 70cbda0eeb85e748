"""Sentences are counted the way a reader would, as far as marks and capitals tell."""

import pytest

from languages.boundaries import n_sentences
from languages.find import find_language

VI = find_language("vi")


@pytest.mark.parametrize(
    "text",
    [
        "Trời mưa.",
        "Trời mưa",
        "Giá tăng 3.5 phần trăm, lên 1.200.000 đồng.",
        "TS. Lê Văn A. và PGS.TS. Trần B. Minh cùng dự.",
        "Ông sống ở TP. Hồ Chí Minh từ năm 1990.",
        "“Nhanh lên!” Nam giục.",
        "“Đi đâu đấy?” – bà hỏi với theo.",
        "“Đi thôi!” – Nam gọi.",
        "Anh ngập ngừng... rồi bỏ đi.",
        "Sách, vở, bút, v.v. đều có cả.",
        "Ôi chao, đẹp quá!!!",
        "",
    ],
)
def test_one_sentence(text: str) -> None:
    assert n_sentences(text, VI.sentences) == 1


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("Trời mưa. Đường lầy lội.", 2),
        ("Đi đâu đấy? Ra chợ!", 2),
        ("– Xong chưa? – Rồi.", 2),
        ("Anh nói: “Tôi đi.” Mọi người im lặng.", 2),
        ("“Xong chưa?” “Rồi.”", 2),
        ("Bạn ở TP? Ra chợ!", 2),
        ("Anh viết “TP.” Mọi người cười.", 2),
        ("Hay quá! 5 người cùng đến…  Vui thật.", 3),
    ],
)
def test_several_sentences(text: str, n: int) -> None:
    assert n_sentences(text, VI.sentences) == n
