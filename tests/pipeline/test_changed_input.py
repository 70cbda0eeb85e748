"""What changes is asked for anew, and nothing else."""

from pathlib import Path

from languages.find import find_language
from prompts.catalogue import load
from testing.mock_server import spawned
from tests.pipeline.mock_run import MOCK, answered, run, write_run


def test_one_more_row_and_one_changed_prompt_send_only_what_they_affect(tmp_path: Path) -> None:
    with spawned("--count-items", *MOCK) as base_url:
        config = write_run(tmp_path / "run", base_url)
        run(config)
        before = answered(base_url)

        lexicon = tmp_path / "run" / "lexicon"
        (lexicon / "noun.plant.csv").write_text("900,cây bàng lá đỏ\n", encoding="utf-8")
        run(config)
        one_more = answered(base_url)
        assert one_more["glosses"] - before["glosses"] == 1
        assert one_more["contexts"] - before["contexts"] == 1
        assert one_more["judge"] - before["judge"] == 1

        text = load("judge", find_language("vi")).text.replace("chuyên gia", "nhà nghiên cứu")
        (tmp_path / "run" / "mine.j2").write_text(text, encoding="utf-8")
        with config.open("a", encoding="utf-8") as file:
            file.write('\n[judge]\nprompt = "mine.j2"\n')
        run(config)
        changed = answered(base_url)
        assert changed["glosses"] == one_more["glosses"]
        assert changed["contexts"] == one_more["contexts"]
        assert changed["judge"] - one_more["judge"] == 45 + 1  # one request per sense
