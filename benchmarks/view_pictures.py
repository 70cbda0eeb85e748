"""The pictures of docs/view.md, of a run that is done: `make demo` makes one.

python -m benchmarks.view_pictures [--run runs/demo/run.toml] [--into docs/pictures]
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image

from testing.browser import chromium

WIDE, PHONE = (1180, 760), (390, 760)
COLOURS = 128
PICTURES = (
    ("view-run", "/", WIDE, "light", "en"),
    ("view-word", "/word?lemma=khoan", WIDE, "light", "en"),
    ("view-row", "/rows?q=bạc", WIDE, "dark", "vi"),
    ("view-quality", "/quality", WIDE, "light", "en"),
    ("view-phone", "/word?lemma=khoan", PHONE, "dark", "vi"),
)
"""Name, page, size, scheme, language of the interface."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="runs/demo/run.toml")
    parser.add_argument("--into", type=Path, default=Path("docs/pictures"))
    options = parser.parse_args()
    run = "import sys; from pipeline.cli.main import exit_code; sys.exit(exit_code(sys.argv[1:]))"
    command = [sys.executable, "-c", run, "view", "-c", options.run, "--no-browser"]
    served = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert served.stdout is not None
        take(served.stdout.readline().strip(), options.into)
    finally:
        served.terminate()
        served.wait()
    return 0


def take(address: str, into: Path) -> None:
    base = address.partition("/?")[0]
    with chromium() as browser:
        for name, page, (width, height), scheme, language in PICTURES:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, locale=language
            )
            tab = context.new_page()
            tab.goto(address)
            while (answer := tab.goto(base + page)) is not None and answer.status == 503:
                time.sleep(0.2)
            drawn = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
            drawn.quantize(COLOURS).save(into / f"{name}.png", optimize=True)
            context.close()


if __name__ == "__main__":
    sys.exit(main())
