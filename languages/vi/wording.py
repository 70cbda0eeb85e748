"""Vietnamese wording of replies, labels and formulas."""

from __future__ import annotations

from languages.wording import Wording
from schemas.records import Pos

_REGISTERS = (
    "báo chí|văn chương|văn học|khẩu ngữ|hội thoại|khoa học|hành chính|mạng xã hội|đời thường|"
    "trang trọng|thân mật|pháp luật|kinh tế|thể thao|quảng cáo"
)
_KINDS = (
    r"(?:sự|việc|hành động|hoạt động|hành vi|quá trình|trạng thái|tình trạng|tính chất|đặc điểm|"
    r"đặc tính|phẩm chất|mức độ|cách|cách thức|người|kẻ|vật|đồ vật|sự vật|hiện tượng|khái niệm|"
    r"loại|loài|con|cái|nơi|khi|lúc|thời gian|một|những|các|cảm giác|cảm xúc)\b"
)
_WORDS = (
    r"(?:(?:danh|động|tính|trạng|phó|đại|liên|giới|thán|kết|trợ|số|lượng) từ|từ ngữ|cụm từ|"
    r"thuật ngữ|từ)"
)
_SAYS = "chỉ|nói|mô tả|miêu tả|diễn tả|biểu thị|gọi|ám chỉ|đề cập"
_DESCRIBES = rf"(?:mô tả|miêu tả|diễn tả|biểu thị|thể hiện) {_KINDS}"

WORDING = Wording(
    talk=(
        "dưới đây là",
        r"sau đây là (?:các|một số|những|\d+|định nghĩa|câu)",
        r"đây là (?:các |một |những )?(?:câu|định nghĩa|ví dụ)\b",
        "chắc chắn rồi",
        "tất nhiên rồi",
        "được rồi, (?:dưới|sau|đây)",
    ),
    labels=tuple(rf"{word}(?:\s*số)?" for word in ("câu", "ví dụ", "vd", "ngữ cảnh", "mục")),
    gloss_labels=("định nghĩa", "nghĩa", "giải nghĩa"),
    registers=(rf"(?:phong cách\s+)?(?:{_REGISTERS})",),
    mentions=(
        *("từ", "chữ", "cụm từ", "từ ngữ", "thuật ngữ"),
        *("danh từ", "động từ", "tính từ", "phó từ"),
    ),
    about_meaning=(
        *("có nghĩa", "nghĩa là", "nghĩa của", "mang nghĩa", "dùng để chỉ", "được dùng"),
        "trong câu",
        "là (?:một )?(?:danh|động|tính|phó) từ",
    ),
    about_task=("từ đồng nghĩa với", "nhóm từ (?:này|trên)", "từ loại"),
    formulas=(
        r"(?:đây )?là\b",
        rf"{_WORDS}(?: này)?(?: được)? ?(?:dùng |sử dụng )?(?:để )?(?:{_SAYS})\b",
        r"(?:được )?(?:dùng|sử dụng) để (?:chỉ|mô tả|miêu tả|diễn tả|biểu thị|nói về|gọi)\b",
        rf"(?:chỉ|ám chỉ|nói về|đề cập đến) {_KINDS}",
        r"(?:có )?nghĩa là\b|có nghĩa\b|tức là\b|khái niệm (?:chỉ|về|mô tả)\b",
    ),
    formulas_by_pos={
        Pos.VERB: (
            r"(?:một |những |các )?"
            r"(?:hành động|hoạt động|hành vi|động tác|việc|sự|quá trình)\b",
        ),
        Pos.ADJ: (
            r"(?:một |ở |trong )?"
            r"(?:tính chất|trạng thái|đặc điểm|đặc tính|phẩm chất|tình trạng|sự|việc)\b",
            _DESCRIBES,
        ),
        Pos.ADV: (r"(?:sự|việc|hành động|trạng thái)\b", _DESCRIBES),
    },
    descriptive=(
        r"(?:tính|sự|việc|cách|người|kẻ|điều|trạng thái|tình trạng|hành động|khả năng|quá trình)"
        r"(?: \S+){3,}",
    ),
    wiki=("bản mẫu", "thể loại"),
)
