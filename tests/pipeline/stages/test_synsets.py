"""What stage ``synsets`` says of its source."""

from pathlib import Path

from tests.pipeline.stages.bound import bound_stages


def test_the_source_stands_in_numbers_before_and_after_the_rules(tmp_path: Path) -> None:
    show = bound_stages(tmp_path)["synsets"].show_details
    lines = show({"before_synsets": 93, "before_x": 0, "after_synsets": 87, "after_x": 0})
    assert len(lines) == 2
    assert lines[0].split()[-2:] == ["before", "after"]
    assert lines[1].split() == ["synsets", "93", "87"]
