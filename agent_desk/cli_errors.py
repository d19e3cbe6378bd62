"""What the command line says instead of doing something: a sentence with what to do, and the id."""

from __future__ import annotations

from collections.abc import Mapping

from agent_desk.catalogue import catalogue, translate
from agent_desk.services.errors import ServiceError


def locale_of(environ: Mapping[str, str]) -> str:
    """The language a terminal is set to; English for one that is neither of ours."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "ja" if environ[name].startswith("ja") else "en"
    return "en"


def sentence(error: ServiceError, *, locale: str) -> str:
    """The words of a page are not always those of a terminal: `cli.error.<id>` comes first. The id
    stays, for scripts."""
    field = str(error.details.get("reason", "")).partition(":")[0]
    known = catalogue(locale)
    own = f"cli.error.{error.error_id}"
    name = own if own in known else f"error.{error.error_id}"
    text = translate(name, locale=locale, **{"reason": field, **error.details})
    return f"{text} [{error.error_id}]"
