"""Advisory letters as analysts keep them: which flaws each warns of, how sure that is, and our own reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import polars as pl
import yaml

from haidang.engine.advisories.record import REVIEWED, VENDOR, Bulletin, Fix, Record, Span, Statement, Status
from haidang.engine.advisories.store import Store
from haidang.engine.errors import BadContent
from haidang.engine.text import key, squeeze

# named = in the citing letter itself; read = in the advisory letter or in a report that quotes it; inferred = by date
# and product only; month = the whole month's document, because the letter's own list is not known.
Sure = Literal["named", "read", "inferred", "month"]

_SURE = ("read", "inferred")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOT_OWN = r"^microsoft/(?:edge(?: |$)|(?:cbl )?mariner|azl\d|azure linux)"
_FORM = {"letter", "issuer", "date", "about", "month", "whole", "flaws", "reviewed"}
_REVIEW = {"flaw", "vendor", "product", "source", "spans", "fixes", "default"}
BOUND: Mapping[str, pl.DataType] = {
    "letter": pl.String(),
    "date": pl.Date(),
    "flaw": pl.String(),
    "sure": pl.String(),
    "ground": pl.String(),
}


@dataclass(frozen=True, slots=True)
class CitedFlaw:
    """A flaw that a letter warns of: how sure, and why we say so."""

    flaw: str
    sure: Sure
    ground: str


@dataclass(frozen=True, slots=True)
class CitedLetter:
    """An advisory letter.

    Attributes:
        name: of its file, without ending.
        letter: its number; empty where it is not known.
        issuer: who sent it.
        date: its day; None where it is not known.
        about: its subject in Vietnamese and English.
        month: "2023-05" for a letter about Microsoft's updates of that month; empty otherwise.
        whole: whether `flaws` is all that it names.
        flaws: those that are known to be in it.
        reviewed: what our analysts say of flaws where the records say too little, each with its source.
    """

    name: str
    letter: str
    issuer: str
    date: dt.date | None
    about: tuple[str, str]
    month: str
    whole: bool
    flaws: tuple[CitedFlaw, ...]
    reviewed: tuple[Record, ...]

    @property
    def called(self) -> str:
        """Its number, or else its subject."""
        return self.letter or self.about[0]


def read_cited(files: Iterable[tuple[str, bytes]]) -> tuple[CitedLetter, ...]:
    """Read `content/advisories`, a letter a file.

    Raises:
        BadContent: a file breaks its form.
    """
    return tuple(_read(name, data) for name, data in sorted(files))


def reviews(letters: Sequence[CitedLetter]) -> Bulletin:
    """Give our own reviews as records, which go before every publisher's."""
    return Bulletin("content/advisories", tuple(record for letter in letters for record in letter.reviewed))


def bind(
    letters: Sequence[CitedLetter],
    numbers: Collection[str],
    months: Collection[str],
    named: Mapping[str, str],
    store: Store,
) -> pl.DataFrame:
    """Bind a directive letter to flaws.

    Args:
        letters: what is known of advisory letters.
        numbers: of the advisory letters that it cites.
        months: of Microsoft's updates that it speaks of ("2023-05").
        named: flaws that it names itself → by what it is called.
        store: for the flaws of whole months.

    Returns:
        letter (number, or subject where there is none), date, flaw, sure, ground. Each letter and flaw once.
    """
    wanted = {key(number).replace(" ", "") for number in numbers}
    rows: list[tuple[str, dt.date | None, str, str, str]] = []
    for letter in letters:
        if key(letter.letter).replace(" ", "") in wanted - {""} or letter.month in set(months) - {""}:
            rows += [(letter.called, letter.date, one.flaw, one.sure, one.ground) for one in letter.flaws]
            if letter.month and not letter.whole:
                rows += [(letter.called, letter.date, flaw, "month", _OF_MONTH) for flaw in _of_month(letter, store)]
    rows += [(by, None, flaw, "named", "") for flaw, by in named.items()]
    frame = pl.DataFrame(rows, schema=BOUND, orient="row")
    return frame.unique(["letter", "flaw"], keep="first", maintain_order=True)


_OF_MONTH = "danh sách của văn bản chưa biết: lấy cả tháng / the letter's own list is not known: the whole month counts"


def _of_month(letter: CitedLetter, store: Store) -> list[str]:
    """List the flaws in a month's document that concern products of Microsoft's own, whoever numbered them.

    Its browser is left out, which is Google's and has updates of its own; so is its Linux.
    """
    year, month = letter.month.split("-")
    prefix = f"msrc/{year}-{_MONTHS[int(month) - 1]}/"
    told = store.documents.filter(pl.col("document").str.starts_with(prefix)).select("flaw").unique()
    own = pl.col("key").str.starts_with("microsoft/") & ~pl.col("key").str.contains(_NOT_OWN)
    products = store.names.filter(own & (pl.col("rank") == VENDOR)).select("sid").unique()
    flaws = store.statements.join(products, on="sid", how="semi").select(pl.col("flaw").unique())
    named = store.flaws.with_row_index("at").join(flaws, left_on="at", right_on="flaw", how="semi").select("flaw")
    return told.join(named, on="flaw", how="semi")["flaw"].sort().to_list()


def _read(name: str, data: bytes) -> CitedLetter:
    try:
        content = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadContent(f"{name}: not YAML: {error}") from error
    if (
        not isinstance(content, dict)
        or set(content) - _FORM
        or not {"letter", "issuer", "date", "flaws"} <= set(content)
    ):
        raise BadContent(f"{name}: letter, issuer, date, flaws, and of {sorted(_FORM)} were expected")
    date, about = content["date"], content.get("about", {})
    if not (date is None or isinstance(date, dt.date)) or set(about) != {"vi", "en"}:
        raise BadContent(f"{name}: `date` is a day or empty, `about` has vi and en")
    return CitedLetter(
        name.removesuffix(".yaml"),
        content["letter"] or "",
        content["issuer"],
        date,
        (about["vi"], about["en"]),
        content.get("month", ""),
        content.get("whole", False),
        tuple(_flaw(name, entry) for entry in content["flaws"]),
        tuple(_review(name, at, entry) for at, entry in enumerate(content.get("reviewed", []))),
    )


def _flaw(name: str, entry: Mapping[str, Any]) -> CitedFlaw:
    if set(entry) != {"id", "sure", "ground"} or entry["sure"] not in _SURE or not entry["ground"]:
        raise BadContent(f"{name}: a flaw has id, sure ({', '.join(_SURE)}) and a ground: {entry!r}")
    return CitedFlaw(entry["id"], entry["sure"], squeeze(entry["ground"]))


def _review(name: str, at: int, entry: Mapping[str, Any]) -> Record:
    if set(entry) - _REVIEW or not {"flaw", "vendor", "product", "source", "spans"} <= set(entry):
        raise BadContent(f"{name}: a review has flaw, vendor, product, source, spans: {entry!r}")
    place = f"/reviewed/{at}"
    statement = Statement(
        entry["vendor"],
        entry["product"],
        default=entry.get("default", "unknown"),
        spans=tuple(_span(name, span) for span in entry["spans"]),
        fixes=tuple(
            Fix(fix["kind"], fix.get("text", ""), build=fix.get("build", "")) for fix in entry.get("fixes", [])
        ),
        place=f"{place}: {squeeze(entry['source'])}",
    )
    return Record(
        entry["flaw"],
        f"review/{name}/{at}",
        "haidang",
        REVIEWED,
        statements=(statement,),
        file=f"content/advisories/{name}",
        place=place,
    )


def _span(name: str, span: Mapping[str, Any]) -> Span:
    if set(span) - {"status", "low", "high", "high_in"} or span.get("status") not in (
        "affected",
        "unaffected",
        "unknown",
    ):
        raise BadContent(f"{name}: a span has status, low, high, high_in: {span!r}")
    status = cast(Status, span["status"])
    return Span(status, str(span.get("low", "")), str(span.get("high", "")), high_in=bool(span.get("high_in", False)))
