"""F5 versions: a release of up to four numbers and a build of three, which alone tells an engineering hotfix apart."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import END, Interval, beginning, exactly, number

NAMES = ("f5",)

_NAMED = re.compile(r"(?:hotfix-)?(?:big-?ip|big-?iq|f5os|iworkflow|enterprise[ _]?manager)?[-\s]*", re.IGNORECASE)
# A build that nothing announces begins with 0; without that, "16.1.0 - 16.1.4" would be a release and its build.
_VERSION = re.compile(
    r"v?(\d+(?:\.\d+){0,6})(?:(?:(?:-|\s+)(?=0\.)|[\s,(-]*build[\s:,-]*)(\d+(?:\.\d+){1,2}))?"
    r"(?:[\s,]*(?:edition\s+)?point release \d+)?\D*",
    re.IGNORECASE,
)
_WILD = re.compile(r"\.[x*]$", re.IGNORECASE)
_PROSE = re.compile(r"\b(?:and|or|to|through|before|prior|earlier|later|below|above|all|older|newer)\b", re.IGNORECASE)
_SHORTEST, _RELEASE, _BUILD = 3, 4, 3


def interval(text: str) -> Interval | None:
    """Read "16.1.4.1 Build 0.50.5", "Hotfix-BIGIP-16.1.4.1.0.50.5-ENG.iso" or "16.1.4".

    A release without its build may be the release itself or any hotfix on it; "16.1" is a whole branch.
    """
    named = _NAMED.sub("", text.strip(), count=1)
    bare = _WILD.sub("", named)
    found = _VERSION.fullmatch(bare)
    if not found or _PROSE.search(bare):
        return None
    numbers = found[1].split(".")
    build = found[2].split(".") if found[2] else numbers[_RELEASE:]
    release = numbers[:_RELEASE]
    if bare != named or len(release) < _SHORTEST:
        return beginning(b"".join(map(number, release)))
    prefix = b"".join(map(number, [*release, *["0"] * (_RELEASE - len(release))]))
    if not build:
        return beginning(prefix)
    return exactly(prefix + b"".join(map(number, [*build, *["0"] * (_BUILD - len(build))])) + END)
