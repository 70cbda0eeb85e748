"""The card as a page for the browser: one HTML file beside nothing else, pictures inside."""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path

from markdown_it import MarkdownIt

from schemas.files import write_text

_IMAGE = re.compile(r'<img src="(?P<path>[^":]+\.png)"')
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""No script runs in the page and nothing is fetched, whatever the card says."""

_STYLE = """
body { margin: 0; background: #f6f7f9; color: #1f2933;
  font: 16px/1.6 "Noto Sans", "Segoe UI", "DejaVu Sans", system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 3rem 4rem; background: #fff; }
h1 { margin-top: 0; } h1, h2 { line-height: 1.25; }
h2 { margin-top: 2.5rem; padding-bottom: .3rem; border-bottom: 1px solid #d8dde3; }
table { display: block; overflow-x: auto; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .35rem .7rem; border: 1px solid #d8dde3; text-align: left; }
td[style*="right"] { white-space: nowrap; }
th { background: #eef1f4; } tr:nth-child(even) td { background: #fafbfc; }
code { padding: .1rem .3rem; border-radius: 3px; background: #eef1f4; font-size: .875em; }
pre { padding: 1rem; overflow-x: auto; border-radius: 6px; background: #f1f3f5; }
pre code { padding: 0; background: none; }
blockquote { margin: 1rem 0; padding: .4rem 1rem; background: #eef5f9;
  border-left: 4px solid #2a6f97; }
img { max-width: 100%; } details { margin-bottom: 2rem; color: #52606d; }
"""


def write_preview(folder: Path, card: str, page: Path) -> None:
    """Writes the card of a folder as one self-contained page."""
    write_text(page, preview_html(card, folder))


def preview_html(card: str, folder: Path) -> str:
    """The page; the YAML head is folded away, pictures of ``folder`` are put inside."""
    head, body = split_head(card)
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(body)
    title = next((line[2:] for line in body.splitlines() if line.startswith("# ")), "Data card")
    yaml = f"<details><summary>YAML head</summary><pre>{html.escape(head)}</pre></details>"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body><main>\n{yaml if head else ''}\n{_with_pictures(rendered, folder)}</main></body>\n"
        "</html>\n"
    )


def split_head(card: str) -> tuple[str, str]:
    """The YAML between the first two ``---`` lines, and the rest."""
    if not card.startswith("---\n"):
        return "", card
    head, _, body = card[4:].partition("\n---\n")
    return head, body


def _with_pictures(page: str, folder: Path) -> str:
    def inside(match: re.Match[str]) -> str:
        picture = folder / match["path"]
        if not picture.is_file():
            return match[0]
        data = base64.b64encode(picture.read_bytes()).decode()
        return f'<img src="data:image/png;base64,{data}"'

    return _IMAGE.sub(inside, page)
