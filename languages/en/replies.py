"""The form of replies, as an English prompt asks for it."""

from __future__ import annotations

from languages.replies import Replies

REPLIES = Replies(
    json_only=(
        "\n\nReply with exactly one JSON object, without any introduction or explanation, that "
        "follows this JSON Schema:\n{schema}"
    ),
    invalid=(
        "The reply above is not valid:\n{faults}\n"
        "Send the whole corrected reply again, as exactly one JSON object."
    ),
    too_long=(
        "The reply above was cut off because it is too long. Reply again from the beginning, more "
        "briefly and without repeating yourself, with exactly one complete JSON object."
    ),
    empty="(empty)",
    no_object="There is no valid JSON object in the reply.",
    fault_of_field='- field "{path}": {fault}',
    fault="- {fault}",
    more_faults="- and {n} more faults",
    faults={
        "missing": "this field is missing",
        "extra_forbidden": "this field is not allowed",
        "string_type": "must be a string",
        "int_type": "must be an integer",
        "int_parsing": "must be an integer",
        "bool_type": "must be true or false",
        "list_type": "must be a list",
        "tuple_type": "must be a list",
        "dict_type": "must be an object",
        "model_type": "must be an object",
        "enum": "must be one of: {expected}",
        "literal_error": "must be one of: {expected}",
        "string_too_short": "is too short; at least {min_length} characters are needed",
        "string_too_long": "is too long; at most {max_length} characters are allowed",
        "too_short": "has {actual_length} items; at least {min_length} are needed",
        "too_long": "has too many items; at most {max_length} are allowed",
        "string_pattern_mismatch": "does not have the form {pattern}",
        "greater_than_equal": "must be {ge} or more",
        "less_than_equal": "must be {le} or less",
        "greater_than": "must be more than {gt}",
        "less_than": "must be less than {lt}",
    },
)
