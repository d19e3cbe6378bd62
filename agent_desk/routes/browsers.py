"""A browser in two words, for the list of one's log-ins; nothing is decided by it."""

from __future__ import annotations

_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
_SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str | None:
    """`Chrome, Windows`; None when nothing is recognised. The order matters: each says more."""
    found = [
        next((name for sign, name in known if sign in user_agent), None)
        for known in ((*_BROWSERS, ("Safari/", "Safari")), _SYSTEMS)
    ]
    return ", ".join(each for each in found if each) or None
