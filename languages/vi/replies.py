"""The form of replies, as a Vietnamese prompt asks for it."""

from __future__ import annotations

from languages.replies import Replies

REPLIES = Replies(
    json_only=(
        "\n\nChỉ trả lời bằng đúng một đối tượng JSON, không thêm lời dẫn hay giải thích, "
        "theo JSON Schema sau:\n{schema}"
    ),
    invalid=(
        "Câu trả lời trên không hợp lệ:\n{faults}\n"
        "Hãy gửi lại toàn bộ câu trả lời đã sửa, bằng đúng một đối tượng JSON."
    ),
    too_long=(
        "Câu trả lời trên bị cắt vì quá dài. Hãy trả lời lại từ đầu, ngắn gọn hơn, "
        "không lặp lại, bằng đúng một đối tượng JSON hoàn chỉnh."
    ),
    empty="(trống)",
    no_object="Không tìm thấy đối tượng JSON hợp lệ nào trong câu trả lời.",
    fault_of_field='- trường "{path}": {fault}',
    fault="- {fault}",
    more_faults="- và {n} lỗi khác",
    faults={
        "missing": "thiếu trường này",
        "extra_forbidden": "trường này không được phép có",
        "string_type": "phải là chuỗi",
        "int_type": "phải là số nguyên",
        "int_parsing": "phải là số nguyên",
        "bool_type": "phải là true hoặc false",
        "list_type": "phải là danh sách",
        "tuple_type": "phải là danh sách",
        "dict_type": "phải là đối tượng",
        "model_type": "phải là đối tượng",
        "enum": "phải là một trong: {expected}",
        "literal_error": "phải là một trong: {expected}",
        "string_too_short": "quá ngắn, cần ít nhất {min_length} ký tự",
        "string_too_long": "quá dài, chỉ được tối đa {max_length} ký tự",
        "too_short": "có {actual_length} phần tử, cần ít nhất {min_length}",
        "too_long": "có quá nhiều phần tử, chỉ được tối đa {max_length}",
        "string_pattern_mismatch": "không đúng dạng {pattern}",
        "greater_than_equal": "phải lớn hơn hoặc bằng {ge}",
        "less_than_equal": "phải nhỏ hơn hoặc bằng {le}",
        "greater_than": "phải lớn hơn {gt}",
        "less_than": "phải nhỏ hơn {lt}",
    },
)
