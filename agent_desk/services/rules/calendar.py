"""Japanese holidays for the rules of calling, by year, from the pinned `holidays` package."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays

# Noted with each verdict that is kept: which calendar it was judged by.
CALENDAR_VERSION = f"holidays-{holidays.__version__}"
YEARS_AHEAD = 1  # an entry is put off by months at most


@lru_cache(maxsize=16)
def closed_days(year: int) -> frozenset[date]:
    """The holidays of this year and the next."""
    years = range(year, year + YEARS_AHEAD + 1)
    return frozenset(holidays.country_holidays("JP", years=years))
