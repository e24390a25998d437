"""Times as publishers of indicators write them, made UTC."""

from __future__ import annotations

import datetime as dt


def read_time(text: object) -> dt.datetime | None:
    """Read an ISO time, a day, or seconds since 1970; None where it is none. Without a zone it is UTC."""
    said = str(text if text is not None else "").strip()
    if not said or len(said) > 40:
        return None
    try:
        if said.isdigit():
            return dt.datetime.fromtimestamp(int(said), dt.UTC) if 8 < len(said) < 12 else None
        time = dt.datetime.fromisoformat(said.replace("Z", "+00:00").replace(" UTC", "+00:00"))
    except (ValueError, OverflowError):
        return None
    try:
        return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
    except OverflowError:  # the first or last day there is, in a zone that makes it another
        return None
