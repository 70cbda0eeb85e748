"""From the text of a reply to its value, or to a complaint that a model can act on."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from pipeline.llm.extract import json_objects
from pipeline.llm.request import R

MAX_COMPLAINTS = 5

# Messages of the common faults, by pydantic's type of error; {} takes its context.
_MESSAGES = {
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
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a text is no valid reply, in Vietnamese, for the model that wrote it."""

    text: str


def read_reply(reply: type[R], text: str) -> R | Complaint:
    """The first object in ``text`` that validates as ``reply``, or what is wrong with it."""
    try:
        return reply.model_validate_json(text)
    except ValidationError as err:
        first = err
    closest: ValidationError | None = None
    for candidate in json_objects(text):
        try:
            return reply.model_validate_json(candidate)
        except ValidationError as err:
            if closest is None or err.error_count() < closest.error_count():
                closest = err
    if closest is not None:
        return complaint(closest)
    if first.errors()[0]["type"] == "json_invalid":
        return Complaint("Không tìm thấy đối tượng JSON hợp lệ nào trong câu trả lời.")
    return complaint(first)


def complaint(error: ValidationError) -> Complaint:
    """The first faults of ``error``, one a line: the field's path and what it must be."""
    lines: list[str] = []
    errors = error.errors(include_url=False)
    for fault in errors[:MAX_COMPLAINTS]:
        path = ".".join(str(part) for part in fault["loc"])
        said = _said(fault["type"], fault["msg"], fault.get("ctx", {}))
        lines.append(f'- trường "{path}": {said}' if path else f"- {said}")
    if len(errors) > MAX_COMPLAINTS:
        lines.append(f"- và {len(errors) - MAX_COMPLAINTS} lỗi khác")
    return Complaint("\n".join(lines))


def _said(kind: str, message: str, context: dict[str, object]) -> str:
    if kind in ("value_error", "assertion_error"):  # the reply model's own words
        return str(context.get("error", message))
    template = _MESSAGES.get(kind)
    if template is None:
        return message
    try:
        return template.format_map(context)
    except KeyError:
        return message
