"""What a model is told in Vietnamese of a text that was rejected."""

from __future__ import annotations

from languages.findings import Findings

_OF_BOTH = {
    "control_characters": "có kí tự điều khiển",
    "several_lines": "bị ngắt thành nhiều dòng",
    "leftover_markup": "còn sót kí hiệu định dạng ({found})",
    "other_language": "không phải tiếng Việt có dấu",
    "foreign_script": "lẫn chữ viết khác (“{found}”)",
}

FINDINGS = Findings(
    of_gloss={code: f"định nghĩa {fault}" for code, fault in _OF_BOTH.items()}
    | {
        "empty": "định nghĩa trống",
        "length": "định nghĩa dài {length} âm tiết, cần {least}-{most}",
        "circular": "định nghĩa dùng chính từ “{found}”",
        "sibling_lemma": "định nghĩa chỉ là “{found}”, một từ của nghĩa khác",
        "formula_opening": "mở đầu bằng công thức “{found}”",
        "meta_talk": "có lời dẫn hoặc nhãn (“{found}”)",
        "equal_gloss": "trùng với định nghĩa của một nghĩa khác: “{found}”",
        "near_equal_gloss": "gần như trùng với định nghĩa của một nghĩa khác: “{found}”",
    },
    of_context={code: f"câu {fault}" for code, fault in _OF_BOTH.items()}
    | {
        "length": "câu dài {length} âm tiết, cần {least}-{most} âm tiết",
        "meta_talk": "câu có lời dẫn hoặc nhãn (“{found}”)",
        "target_missing": "không có [[{lemma}]] được đánh dấu",
        "target_marked_twice": "đánh dấu [[ ]] {number} chỗ, chỉ được một",
        "target_altered": "đánh dấu [[{found}]], phải là [[{lemma}]]",
        "target_in_longer_word": "[[{target}]] chỉ là một phần của từ “{found}”",
        "several_sentences": "có {number} câu, chỉ được một câu",
        "copied_gloss": "câu chép lại định nghĩa",
        "duplicate": "trùng với câu “{found}”",
        "near_duplicate": "gần giống câu “{found}”",
        "overused_word": "từ “{found}” đã có trong quá nhiều câu của nghĩa này",
    },
    copied="chép theo một văn bản có sẵn (“{found}”): hãy viết bằng lời khác",
    misread="người chỉ đọc định nghĩa này hiểu là “{found}”",
    no_like="không thể cùng nghĩa với nhóm {found}: hãy viết định nghĩa riêng",
    meaning_lost="người đọc câu này hiểu từ trong [[ ]] theo nghĩa khác: hãy giữ nguyên nghĩa",
    untranslated="[[{found}]] chưa được dịch",
)
