"""Sound advisories with something wrong at any place: read as far as they go, and never a traceback."""

import copy
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from haidang.engine.advisories.formats import csaf, cvrf, epss, formats, kev, nvd, osv
from haidang.engine.advisories.record import Bulletin
from haidang.engine.errors import UnreadableParcel

GOLDEN = Path(__file__).parents[3] / "golden" / "advisories"
SOUND: list[tuple[ModuleType, Any]] = [
    (form, orjson.loads(path.read_bytes()))
    for form, kind in ((csaf, "csaf"), (kev, "kev"), (nvd, "nvd"), (osv, "osv"))
    for path in sorted((GOLDEN / kind).glob("*/in.json"))
]
RAW = [
    (form, path.read_bytes())
    for form, kind in ((cvrf, "cvrf"), (epss, "epss"), (kev, "kev"), (osv, "osv"), (csaf, "csaf"))
    for path in sorted((GOLDEN / kind).glob("*/*"))
    if path.suffix in (".xml", ".csv", ".yaml", ".jsonl")
]
WORDS = st.sampled_from(
    ["", "*", "-", "0", "1.0", "<", ">= 1 | < 2", "vers:", "vers:npm/", "|", "CVE-2024-1234", "cpe:2.3:a", "cpe:/a:b:c",
     "cpe:2.3:a:b:c:1:*:*:*:*:*:*:*", "pkg:", "pkg:rpm/a@1?epoch=1", "2024-13-45T99:99:99Z", "9999-12-31T23:59:59-12:00",
     "CVSS:3.1/AV:N", "AND", "fixed", "a" * 400, "\x00", "đ", "%", "1.2 and prior", "_", "(", "\\", "::x:y"]
)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


def places(content: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at]
    if isinstance(content, dict):
        for key, value in content.items():
            found += places(value, (*at, key))
    elif isinstance(content, list):
        for place, value in enumerate(content):
            found += places(value, (*at, place))
    return found


def put(content: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    holder = content
    for step in at[:-1]:
        holder = holder[step]
    holder[at[-1]] = value
    return content


def is_sound(value: Any) -> bool:
    """Hold what was read to the types that its classes promise."""
    if is_dataclass(value):
        for field in fields(value):
            one, kind = getattr(value, field.name), str(field.type)
            if (kind == "str" and not isinstance(one, str)) or (kind == "bool" and not isinstance(one, bool)):
                return False
            if kind.startswith("tuple") and not isinstance(one, tuple):
                return False
            if not is_sound(one):
                return False
        return True
    return all(map(is_sound, value)) if isinstance(value, tuple) else True


def check(bulletin: Bulletin) -> None:
    assert is_sound(bulletin)
    for record in bulletin.records:
        assert record.flaw
        assert record.document
        assert not (record.withdrawn and record.statements)
        for statement in record.statements:
            assert statement.default in ("affected", "unaffected", "unknown")
            for span in statement.spans:
                assert span.status in ("affected", "unaffected", "unknown")
                assert not (span.prose and (span.low or span.high))
        for score in record.scores:
            assert 0 <= score.base <= 10
    for row in bulletin.likelihoods:
        assert 0 <= row.chance <= 1
    orjson.dumps([unread.why for unread in bulletin.unread])


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_a_document_with_anything_at_any_place_is_read_or_refused(data: st.DataObject) -> None:
    form, sound = data.draw(st.sampled_from(SOUND))
    content = copy.deepcopy(sound)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.sampled_from(places(content)))
        value = data.draw(VALUES)
        content = put(content, at, value)
    with suppress(UnreadableParcel):
        check(form.read(orjson.dumps(content), "x.json"))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_yaml_with_anything_at_any_place_is_read_or_refused(data: st.DataObject) -> None:
    content = copy.deepcopy(data.draw(st.sampled_from([sound for form, sound in SOUND if form is osv])))
    at = data.draw(st.sampled_from(places(content)))
    content = put(content, at, data.draw(VALUES))
    with suppress(UnreadableParcel):
        check(osv.read(b"---\n" + yaml.safe_dump(content).encode(), "x.yaml"))


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_a_file_with_bytes_out_of_place_is_read_or_refused(data: st.DataObject) -> None:
    form, raw = data.draw(st.sampled_from(RAW))
    content = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 40)))
        content[start:end] = data.draw(
            st.binary(max_size=8) | st.sampled_from([b"<", b"]]>", b'"', b",", b"\n", b"&x;"])
        )
    with suppress(UnreadableParcel):
        check(form.read(bytes(content), "x"))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_claimed_or_not_and_then_read_or_refused(data: bytes) -> None:
    for form in formats():
        if form.__name__.rpartition(".")[2] in ("csaf", "cvrf", "epss", "kev", "nvd", "osv"):
            form.is_mine(data, "x")
            with suppress(UnreadableParcel):
                check(form.read(data, "x"))


@pytest.mark.parametrize(
    ("form", "sound"), SOUND, ids=lambda one: one.__name__.rpartition(".")[2] if isinstance(one, ModuleType) else ""
)
def test_every_single_place_may_hold_every_kind_of_value(form: ModuleType, sound: Any) -> None:
    for at in places(sound):
        for value in (None, [], {}, 7, "x", [[]], [{}], {"a": {}}, True):
            with suppress(UnreadableParcel):
                check(form.read(orjson.dumps(put(copy.deepcopy(sound), at, value)), "x.json"))
