"""Python versions (PEP 440), read by the `packaging` library and written as bytes."""

from __future__ import annotations

from packaging.version import InvalidVersion, Version

from haidang.engine.advisories.versions.bytekeys import END, TEXT, Interval, exactly, number, word

NAMES = ("pypi", "python")


def interval(text: str) -> Interval | None:
    """Read a version; None where PEP 440 knows none such."""
    try:
        version = Version(text.strip())
    except InvalidVersion:
        return None
    release = list(version.release)
    while release and release[-1] == 0:
        release.pop()
    parts = [number(version.epoch), *map(number, release), END]
    parts.append(_before(version))
    parts.append(b"\x01" if version.post is None else b"\x02" + number(version.post))
    parts.append(b"\x02" if version.dev is None else b"\x01" + number(version.dev))
    local = (version.local or "").split(".") if version.local else []
    parts += [number(part) if part.isdigit() else word(b"\x30", part) for part in local]
    return exactly(b"".join(parts) + END)


def _before(version: Version) -> bytes:
    """A development release of nothing comes before alpha, beta and candidate; a release comes after them."""
    if version.pre is not None:
        letter, count = version.pre
        return b"\x02" + word(TEXT, letter) + number(count)
    return b"\x01" if version.post is None and version.dev is not None else b"\x03"
