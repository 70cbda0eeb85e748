from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from languages.find import find_language
from pipeline.llm.reading import Invalid, read_reply

VI = find_language("vi").replies


class Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")

    gloss: str = Field(min_length=2, max_length=10)
    senses: tuple[str, ...] = ("một",)

    @field_validator("gloss")
    @classmethod
    def _no_formula(cls, value: str) -> str:
        if value.startswith("là"):
            raise ValueError("lời giải nghĩa không được mở đầu bằng «là»")
        return value


def test_clean_json_is_read():
    assert read_reply(Reply, '{"gloss": "lỗ"}', VI) == Reply(gloss="lỗ")


def test_the_first_object_that_validates_is_read():
    text = 'Nháp: {"nghĩa": "?"}. Kết quả: {"gloss": "lỗ"} hoặc {"gloss": "hố"}'
    assert read_reply(Reply, text, VI) == Reply(gloss="lỗ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tôi không biết.", "Không tìm thấy đối tượng JSON hợp lệ nào trong câu trả lời."),
        ('{"gloss": "lỗ"', "Không tìm thấy đối tượng JSON hợp lệ nào trong câu trả lời."),
        ('{"senses": []}', '- trường "gloss": thiếu trường này'),
        ('{"gloss": "l"}', '- trường "gloss": quá ngắn, cần ít nhất 2 ký tự'),
        ('{"gloss": 5}', '- trường "gloss": phải là chuỗi'),
        ('{"gloss": "lỗ", "x": 1}', '- trường "x": trường này không được phép có'),
        ('{"gloss": "lỗ", "senses": ["a", 2]}', '- trường "senses.1": phải là chuỗi'),
        ('{"gloss": "là lỗ"}', '- trường "gloss": lời giải nghĩa không được mở đầu bằng «là»'),
    ],
)
def test_complaints_name_the_field_and_what_is_wrong_in_vietnamese(text, said):
    assert read_reply(Reply, text, VI) == Invalid(said)


def test_many_faults_are_summed_up():
    names = {f"x{i}": i for i in range(8)}
    read = read_reply(Reply, str({"gloss": "lỗ", **names}).replace("'", '"'), VI)
    assert isinstance(read, Invalid)
    assert len(read.faults.splitlines()) == 6
    assert read.faults.endswith("- và 3 lỗi khác")
