"""Pages as HTML: one environment, everything escaped, no path of this machine in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote_plus, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from languages.interface import Interface
from pipeline.view.links import OTHER, Links
from pipeline.view.pages.counted import Place
from pipeline.view.pages.page import Page
from schemas.secrets import masked
from schemas.shown import printable

TEMPLATES = Path(__file__).parent / "templates"
MENU = ("run", "words", "rows", "rejects", "quality", "model", "compare")
MENU_NAMES = {
    "run": "Run",
    "words": "Words",
    "rows": "Contexts",
    "rejects": "Rejected",
    "quality": "Quality",
    "model": "Model",
    "compare": "Compare",
}


@dataclass(frozen=True)
class Renderer:
    """Makes HTML of pages, in one language of the interface."""

    interface: Interface
    code: str
    """Of that language."""
    others: Mapping[str, str]
    """The languages that the interface has, by code."""
    links: Links
    needles: tuple[str, ...] = ()
    """What must stand on no page: paths of this machine, values of secrets."""
    menu: tuple[str, ...] = MENU
    live: bool = True
    """Whether a server answers, so that a form leads somewhere."""

    def html(
        self,
        page: Page,
        name: str,
        data_language: str,
        at: str = "",
        renewing: bool = False,
        asked: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        """The page; ``name`` is what is looked at, ``at`` the page's own name in the menu.

        ``renewing`` says that its rows are from before what a run has finished since; ``asked`` is
        what stands in its address.
        """
        template = self._environment.get_template(page.template)
        text = template.render(
            **page.values,
            title=self.say(page.title) if page.title in self.interface.texts else page.title,
            refresh_s=page.refresh_s,
            name=name,
            data_language=data_language,
            at=at,
            renewing=renewing,
            of_other_one=asked.get("of") == OTHER,
            languages={
                code: (own, urlencode({**asked, "lang": code})) for code, own in self.others.items()
            },
        )
        for needle in self.needles:
            for form in (str(escape(needle)), needle, quote_plus(needle)):
                text = text.replace(form, "…")
        return printable(text)

    def say(self, english: str, **values: object) -> str:
        """A text of the interface, with numbers as its language writes them."""
        shown = {k: self.number(v) if isinstance(v, int) else v for k, v in values.items()}
        return self.interface.say(english).format(**shown)

    def number(self, value: object, digits: int | None = None) -> str:
        """A number with its thousands apart."""
        if value is None:
            return "–"
        text = f"{value:,}" if digits is None else f"{value:,.{digits}f}"
        return text.translate(_COMMA) if self.interface.comma else text

    def share(self, value: float | None, digits: int = 1) -> str:
        """A share as a percentage."""
        return "–" if value is None else f"{self.number(100 * value, digits)} %"

    def money(self, value: Decimal | None, currency: str = "") -> str:
        """An amount, with more digits the smaller it is."""
        if value is None:
            return "–"
        return f"{self.number(value, 2 if value >= 100 else 4)} {currency}".strip()

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals |= {
            "say": self.say,
            "to": self.links.to,
            "static": self.links.static,
            "code": self.code,
            "menu": [(name, MENU_NAMES[name]) for name in self.menu],
            "live": self.live,
        }
        environment.filters |= {
            "n": self.number,
            "share": self.share,
            "money": self.money,
            "day": _day,
            "duration": duration,
            "masked": masked,
            "told": _told,
            "of_other": of_other,
        }
        return environment


_COMMA = str.maketrans(",.", ".,")


def _day(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


def duration(seconds: int) -> str:
    """The two largest units of a stretch of time: ``45 s``, ``3 min 20 s``, ``2 h 5 min``."""
    parts = [
        (seconds // 86_400, "d"),
        (seconds // 3_600 % 24, "h"),
        (seconds // 60 % 60, "min"),
        (seconds % 60, "s"),
    ]
    at = next((at for at, (n, _) in enumerate(parts) if n), len(parts) - 1)
    return " ".join(f"{n} {unit}" for n, unit in parts[at : at + 2])


def of_other(place: Place | None) -> Place | None:
    """The same place in what is compared with."""
    return (place[0], place[1] | {"of": OTHER}) if place is not None else None


def _told(text: str) -> Markup:
    """Text of others in an element of its own, whose letters turn no other text around."""
    return Markup("<bdi>{}</bdi>").format(text)
