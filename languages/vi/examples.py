"""What passes and what fails in Vietnamese, rule by rule, around *khoan* (to drill)."""

from __future__ import annotations

from languages.examples import Examples, Lemmas, NoiseExample, RuleExample
from schemas.records import Pos


def _lemma(passing: str, failing: str) -> NoiseExample:
    return NoiseExample(((passing,),), ((failing,),))


_KHOAN: Lemmas = ("khoan", "máy khoan")

EXAMPLES = Examples(
    lemma="khoan",
    pos=Pos.VERB,
    gloss="dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng",
    context="Người thợ đang [[khoan]] mấy lỗ nhỏ trên bức tường bê tông.",
    words=("khoan", "khoan dung", "bê tông"),
    siblings=("hẵng", "chậm rãi từ tốn"),
    of_gloss={
        "empty": RuleExample(" “.” "),
        "control_characters": RuleExample(
            "dùng mũi nhọn xoay tròn để tạo lỗ sâu\x00 vào vật cứng",
            "dùng mũi nhọn xoay tròn để tạo\u00a0lỗ sâu\u200b vào vật cứng",
        ),
        "several_lines": RuleExample(
            "dùng mũi nhọn xoay tròn\nđể tạo lỗ sâu vào vật cứng",
            "dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng\n",
        ),
        "leftover_markup": RuleExample(
            "dùng **mũi nhọn** xoay tròn để tạo lỗ sâu vào vật cứng",
            "dùng mũi nhọn (bằng thép) xoay tròn để tạo lỗ sâu vào vật cứng",
        ),
        "length": RuleExample("tạo lỗ sâu", "tạo lỗ trên tường"),
        "other_language": RuleExample(
            "to make a hole in something hard with a pointed tool",
            "dùng mũi Forstner xoay tròn để tạo lỗ sâu vào vật cứng",
        ),
        "foreign_script": RuleExample(
            "dùng mũi nhọn xoay tròn để tạo 孔 sâu vào vật cứng",
            "phát ra tia α hoặc tia β khi hạt nhân tự phân rã",
        ),
        "circular": RuleExample(
            "dùng máy để khoan một lỗ sâu vào vật cứng",
            "khoanh một vòng tròn quanh vật gì đó bằng bút",
        ),
        "sibling_lemma": RuleExample("chậm rãi từ tốn"),
        "formula_opening": RuleExample("hành động dùng mũi nhọn xoay tròn để tạo lỗ sâu"),
        "meta_talk": RuleExample("Định nghĩa: dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng"),
        "equal_gloss": RuleExample(
            "Dùng mũi nhọn, xoay tròn, để tạo lỗ sâu vào vật cứng.",
            "dùng vật sắc đục thành lỗ trên mặt gỗ",
        ),
        "near_equal_gloss": RuleExample(
            "dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật rắn",
            "dùng mũi nhọn xoay tròn để tạo lỗ sâu vào lòng đất",
        ),
    },
    of_context={
        "control_characters": RuleExample(
            "Người thợ đang [[khoan]] mấy lỗ\x07 nhỏ trên tường.",
            "Người thợ đang\u200b [[khoan]]\u00a0mấy lỗ trên tường.",
        ),
        "several_lines": RuleExample(
            "Người thợ đang [[khoan]] mấy lỗ\nnhỏ trên tường.",
            "Người thợ đang [[khoan]] mấy lỗ nhỏ trên tường.\n",
        ),
        "leftover_markup": RuleExample(
            "Người **thợ** đang [[khoan]] mấy lỗ nhỏ trên tường.",
            "Nó bảo: “Để tớ [[khoan]] nốt hai lỗ còn lại đã!”",
        ),
        "target_missing": RuleExample("Người thợ đang khoan mấy lỗ nhỏ trên bức tường."),
        "target_marked_twice": RuleExample(
            "Thợ [[khoan]] thì cứ [[khoan]], chủ nhà thì cứ kêu ồn.",
            "Thợ khoan thì cứ [[khoan]], chủ nhà thì cứ kêu ồn.",
        ),
        "target_altered": RuleExample(
            "Người thợ đang [[khoan lỗ]] trên bức tường bê tông.",
            "[[Khoan]] xong giếng, đội thợ thu dọn máy móc ra về.",
        ),
        "target_in_longer_word": RuleExample(
            "Bà cụ vốn là người [[khoan]] dung, chẳng giận ai bao giờ."
        ),
        "length": RuleExample("Đang [[khoan]] tường."),
        "several_sentences": RuleExample(
            "Người thợ [[khoan]] tường suốt buổi sáng. Cả khu phố ồn ào.",
            "“Nhanh lên!” TS. Lê A. Tuấn giục, rồi [[khoan]] tiếp 3.5 mét nữa.",
        ),
        "other_language": RuleExample(
            "The worker is going to [[khoan]] a hole in the wall.",
            "Hãng Baker Hughes [[khoan]] giếng dầu ở Louisiana và Texas.",
        ),
        "foreign_script": RuleExample(
            "Người thợ đang [[khoan]] mấy lỗ nhỏ trên 墙 bê tông.",
            "Mũi α của hãng Müller [[khoan]] được cả đá hoa cương.",
        ),
        "copied_gloss": RuleExample(
            "Anh [[khoan]] là dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng."
        ),
        "meta_talk": RuleExample(
            "Câu 1: Người thợ đang [[khoan]] mấy lỗ nhỏ trên tường.",
            "Câu chuyện bắt đầu khi họ [[khoan]] trúng một mạch nước ngầm.",
        ),
        "duplicate": RuleExample(
            "người thợ đang [[khoan]] mấy lỗ nhỏ trên bức tường bê-tông",
            "Đội thợ [[khoan]] trúng một mạch nước ngầm.",
        ),
        "near_duplicate": RuleExample(
            "Người thợ đang [[khoan]] hai lỗ nhỏ trên bức tường bê tông.",
            "Trên bức tường bê tông có mấy lỗ do thợ [[khoan]] để treo tranh.",
        ),
        "overused_word": RuleExample(
            "Chú ấy [[khoan]] xuyên lớp bê tông dày để bắt ống nước.",
            "Nha sĩ phải [[khoan]] sâu vào chiếc răng đau của tôi.",
        ),
    },
    of_lemma={
        "stray_character": _lemma("xì phé", "xì\u200b phé"),
        "empty_lemma": NoiseExample((("dở", "dở dang"),), (("dở", " "),)),
        "template_residue": _lemma("bản mẫu", "Bản mẫu : new vie adv"),
        "foreign_script": _lemma("tia an-pha", "tia α"),
        "foreign_letter": _lemma("mèo rừng", "Felis concolor"),
        "foreign_phrase": _lemma("canh chua", "Homo sapiens"),
        "stray_punctuation": _lemma("K’Ho", "(thuộc) môn phái"),
        "no_letter": _lemma("tỉ lệ %", "1/100"),
        "over_long": _lemma(
            "máy khoan cầm tay", "dụng cụ chạy bằng điện dùng để khoan lỗ trên tường"
        ),
        "repeated_lemma": NoiseExample((("hòa", "hoả"),), (("hòa", "Hoà"),)),
        "no_lemma_left": NoiseExample((("sao Thổ", "Saturn"),), (("=",),)),
        "indistinct_synset": NoiseExample((_KHOAN, ("khoan",)), (_KHOAN, ("máy khoan", "Khoan"))),
    },
)
