"""The one tree of errors.

A bad *row* is data (`records.Unread`) and never raises.

    HaidangError
    ├── UnreadableParcel   a file somebody sent can't be read at all
    ├── BadContent         a rule, a law file or a message of ours is wrong: stops the build
    └── BadRequest         what was asked makes no sense (a day that is no day, a measure that is not there)
"""


class HaidangError(Exception):
    """Any error that has a sentence for the person who sees it: what, where, what to do."""


class UnreadableParcel(HaidangError):
    """A file that can't be read as a whole; nothing of it was used."""


class BadContent(HaidangError):
    """A file under `content/` (or a rule in the code) that breaks its own form."""


class BadRequest(HaidangError):
    """A question that can't be answered as it was put."""
