"""Deadlines and thresholds as they stood on a day, each with its ground and how sure it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import yaml

from haidang.engine.errors import BadContent, BadRequest

Sure = Literal["law", "policy"]


@dataclass(frozen=True, slots=True)
class LawValue:
    """A number in force.

    Attributes:
        key: its name, also that of its file.
        value: the number itself.
        unit: days, hours, minutes, files, "%" or "share" (1 is all).
        since: the day from which it counts.
        reference: where it stands.
        sure: "law" when the reference says so itself; "policy" when it is the department's own choice.
        vi: what it limits, in Vietnamese.
        en: what it limits, in English.
    """

    key: str
    value: int | float
    unit: str
    since: dt.date
    reference: str
    sure: Sure
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Law:
    """The values in force on one day."""

    day: dt.date
    values: Mapping[str, LawValue]

    def __getitem__(self, key: str) -> LawValue:
        """Give the value in force.

        Raises:
            BadRequest: there is none on that day.
        """
        try:
            return self.values[key]
        except KeyError:
            raise BadRequest(f"content/law has no {key} in force on {self.day}; judge a later day or add it") from None

    def whole(self, key: str) -> int:
        """Give a whole number in force."""
        return int(self[key].value)

    def share(self, key: str) -> Fraction:
        """Give a share in force; an empty key means all."""
        return Fraction(str(self[key].value)) if key else Fraction(1)


@dataclass(frozen=True, slots=True)
class LawBook:
    """Every value there ever was. Values are added, never edited: an old verdict must come out the same."""

    values: tuple[LawValue, ...]

    def at(self, day: dt.date) -> Law:
        """Give the values in force on a day."""
        known = (value for value in self.values if value.since <= day)
        return Law(day, {value.key: value for value in sorted(known, key=lambda value: value.since)})


def read_law(files: Iterable[tuple[str, bytes]]) -> LawBook:
    """Read the files of `content/law`, each (name, content).

    Raises:
        BadContent: a file breaks its form, or two speak of one key.
    """
    found: dict[str, list[LawValue]] = {}
    for name, data in sorted(files):
        values = _read_file(name, data)
        if values[0].key in found:
            raise BadContent(f"{name}: another file has the key {values[0].key} too")
        found[values[0].key] = values
    return LawBook(tuple(value for values in found.values() for value in values))


def _read_file(name: str, data: bytes) -> list[LawValue]:
    try:
        content = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadContent(f"{name}: not YAML: {error}") from error
    form = {"key": str, "unit": str, "vi": str, "en": str, "values": list}
    _check_form(name, content, form)
    if not content["values"]:
        raise BadContent(f"{name}: no values")
    values = [_read_value(name, content, value) for value in content["values"]]
    days = [value.since for value in values]
    if days != sorted(set(days)):
        raise BadContent(f"{name}: the values must stand in the order of their days, one a day")
    return values


def _read_value(name: str, content: Mapping[str, Any], value: object) -> LawValue:
    _check_form(name, value, {"value": (int, float), "since": dt.date, "reference": str, "sure": str})
    given: Mapping[str, Any] = value  # type: ignore[assignment]
    if given["sure"] not in ("law", "policy"):
        raise BadContent(f"{name}: `sure` is “law” or “policy”, not “{given['sure']}”")
    if isinstance(given["value"], bool) or not 0 <= given["value"] < 1e9:
        raise BadContent(f"{name}: {given['value']} is no value for a deadline or a threshold")
    return LawValue(
        content["key"],
        given["value"],
        content["unit"],
        given["since"],
        given["reference"].strip(),
        given["sure"],
        content["vi"].strip(),
        content["en"].strip(),
    )


def _check_form(name: str, content: object, form: Mapping[str, Any]) -> None:
    if not isinstance(content, dict) or set(content) != set(form):
        raise BadContent(f"{name}: needs exactly {', '.join(form)}")
    for key, kind in form.items():
        if not isinstance(content[key], kind) or content[key] == "":
            raise BadContent(f"{name}: `{key}` is empty or of the wrong kind")
