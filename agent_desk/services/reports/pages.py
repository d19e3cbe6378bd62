"""A report as HTML, rendered beside the desk from the desk's own templates and catalogue.

The desk puts the fragment into its page as it is: whatever people typed is escaped here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent_desk.catalogue import dated, translate
from agent_desk.dialer.business_time import JST
from agent_desk.services.reports import headings
from agent_desk.services.reports.making import (
    DAY,
    INSTANT,
    MS,
    NUMBER,
    SCORE,
    SECONDS,
    SHARE,
    TEXT,
    Asked,
    Cell,
    Made,
)

_TEMPLATES = Path(__file__).parents[2] / "templates"
NOTHING = "—"


@cache
def _environment(locale: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
    )
    environment.globals.update(
        t=lambda string_id, **values: translate(string_id, locale=locale, **values),
        dated=partial(dated, locale=locale),
        locale=locale,
        away_name=lambda reason: headings.away_name(reason, locale),
        heading=lambda column: headings.name(column, locale),
        formula=lambda column: headings.formula(column, locale),
        source=lambda column: headings.source(column, locale),
        cell=partial(text, locale=locale),
        is_text=lambda unit: unit in (TEXT, DAY, INSTANT),
        stamp=stamp,
    )
    return environment


def prepare(locale: str) -> None:
    """Translate every fragment: half a second that the first reader need not wait for."""
    environment = _environment(locale)
    for path in sorted((_TEMPLATES / "reports/fragments").glob("*.html")):
        environment.get_template(f"reports/fragments/{path.name}")


def fragment(made: Made, asked: Asked) -> bytes:
    """The part of the page below the form."""
    template = _environment(asked.locale).get_template(f"reports/fragments/{made.template}")
    return template.render(made=made, asked=asked, **made.values).encode()


def print_view(made: Made, asked: Asked) -> bytes:
    """All tables for paper, with formulas and "as of"."""
    template = _environment(asked.locale).get_template("reports/fragments/print.html")
    return template.render(made=made, asked=asked, on_paper=True, **made.values).encode()


def text(value: Cell, unit: str, *, locale: str) -> str:
    """A cell as people read it."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        return stamp(value)
    if unit == DAY:
        return dated(str(value), locale=locale)
    if isinstance(value, str) or unit == TEXT:
        return str(value)
    assert isinstance(value, int | float)
    return _figure(value, unit)


def _figure(value: float, unit: str) -> str:
    if unit == SECONDS:
        seconds = int(value)
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if unit == SHARE:
        return f"{value * 100:.1f}%"
    if unit == MS:
        return f"{value:,.0f}"
    if unit == NUMBER:
        return f"{value:,.1f}"
    if unit == SCORE:
        return f"{value:.2f}"
    return f"{value:,}"


def stamp(instant: datetime) -> str:
    """Minutes of JST."""
    return instant.astimezone(JST).strftime("%Y-%m-%d %H:%M")


def utc(instant: datetime) -> str:
    """For machines."""
    return instant.astimezone(UTC).isoformat()
