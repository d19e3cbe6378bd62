"""What a column is called, by its metric and unit, on pages and in files."""

from __future__ import annotations

from agent_desk.catalogue import catalogue, translate
from agent_desk.services.reports.making import MS, SECONDS, Column
from agent_desk.services.reports.metrics import METRICS


def away_name(reason: str, locale: str) -> str:
    """What people call a reason to be away; the code itself for one without a name."""
    key = f"away.{reason}"
    return translate(key, locale=locale) if key in catalogue(locale) else reason


def name(column: Column, locale: str) -> str:
    """As the page calls it."""
    if column.metric == "away_for":
        reason = away_name(column.label, locale)
        return translate("report.away_for", locale=locale, reason=reason)
    return column.label or translate(f"report.{column.metric}", locale=locale)


def formula(column: Column, locale: str) -> str:
    """How it is worked out; "" for what is no figure."""
    return catalogue(locale).get(f"report.formula.{column.metric}", "")


def source(column: Column, locale: str) -> str:
    """Which rows it comes from; "" for what is no figure."""
    known = METRICS.get(column.metric)
    return "" if known is None else translate(f"report.source.{known.source}", locale=locale)


def in_files(column: Column, locale: str) -> str:
    """With its unit: a spreadsheet shows durations as bare numbers."""
    called = name(column, locale)
    if column.unit not in (SECONDS, MS):
        return called
    return translate(f"report.in_{column.unit}", locale=locale, name=called)
