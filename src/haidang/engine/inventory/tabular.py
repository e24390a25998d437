"""From somebody's table, and where our columns stand in it, to machines, software and updates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from haidang.engine.inventory import asking
from haidang.engine.inventory.headings import Layout
from haidang.engine.inventory.inventory import SCHEMAS, Inventory, Lack
from haidang.engine.inventory.naming import host_of_file
from haidang.engine.inventory.spelling import arch_of, day_of, kind_of, updates_in
from haidang.engine.records import Source, Unread

_NOTHING = (
    "", "-", "--", "?", "n/a", "na", "null", "none", "unknown", "không", "khong", "không rõ", "khong ro", "không có",
    "khong co", "chưa rõ", "chua ro", "...", "…",
)  # fmt: skip
_HOST_COLUMNS = ("kind", "system", "os", "address", "os_version", "arch", "exposure")
_SOFTWARE_COLUMNS = ("vendor", "version", "seen_on", "cpe", "purl")
# What stands below a table, or between its parts, and is no machine: sums, notes, the signature.
_FOOT = (
    r"(?i)^\s*(tổng|tong cong|tong so|cộng|total|sum|ghi chú|ghi chu|lưu ý|luu y|note|người lập|nguoi lap|người kiểm|"
    r"thủ trưởng|thu truong|giám đốc|xác nhận|xac nhan|kế toán|ngày\s+\d|ngày\s*\.|.{0,40},\s*ngày)"
)
_SEVERAL = r"\s*[\n;]\s*"
_INTERNET = {"internet", "yes", "co", "có", "x", "1", "true", "public", "dmz", "external", "ra internet"}
_INTERNAL = {"internal", "no", "không", "khong", "0", "false", "private", "lan", "nội bộ", "noi bo"}
_SYSTEMINFO_BUILD = re.compile(r"(\d{1,2}\.\d{1,2}\.(\d{4,5})) .{0,80}?(?<!\d)\2")
_FEW_CELLS = 3
_SHOWN = 10
_MONTHS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """One table of a file.

    Attributes:
        file: what to call it in sources.
        headings: as written.
        rows: columns "0", "1", … of text; empty is null.
        lines: of the rows.
        layout: where our columns stand.
        form: what to call it.
    """

    file: str
    headings: Sequence[str]
    rows: pl.DataFrame
    lines: pl.Series
    layout: Layout
    form: str


def read_listing(listing: Listing, name: str) -> Inventory:
    """Read one table.

    Args:
        listing: the table.
        name: of the file, which names the machine of a table without a column of machines.
    """
    frame, notes = _without_notes(_pick(listing), listing)
    frame, lacks = _name_hosts(frame, listing, name)
    placed = set(listing.layout.places)
    nameless = frame.filter(pl.col("host").is_null())
    frame = frame.filter(pl.col("host").is_not_null())
    unread = _tell(nameless, listing, "không có tên máy / no machine is named")
    software, empty = _software(frame, listing)
    unread += _tell(empty, listing, "không có tên phần mềm / no product is named")
    hotfixes, without = _hotfixes(frame, listing)
    unread += _tell(without, listing, "không có số KB trong ô bản vá / no KB number in the cell of updates")
    hosts = _hosts(frame, placed)
    lacks += _lacks(hosts, listing, notes)
    return Inventory(
        listing.form,
        _conform(hosts, "hosts", listing.file),
        _conform(software, "software", listing.file),
        _conform(hotfixes, "hotfixes", listing.file),
        tuple(sorted(unread, key=lambda row: row.source.line)),
        tuple(lacks),
        dict(listing.layout.headings),
    )


def _pick(listing: Listing) -> pl.DataFrame:
    """Take our columns, stripped, without the words for nothing; and what tells notes from rows."""
    layout = listing.layout
    columns = {column: _clean(str(place)) for column, place in layout.places.items()}
    if layout.splits_agency:
        both = pl.col(str(layout.places["host"])).str.strip_chars()
        parted = both.str.splitn("/", 2)
        columns["agency"] = pl.when(both.str.contains("/", literal=True)).then(parted.struct[0])
        columns["host"] = pl.coalesce(parted.struct[1], both)
    if "exposure" in columns:
        columns["exposure"] = pl.col(str(layout.places["exposure"])).str.strip_chars()
    more = {f"product{at}": _clean(str(place)) for at, place in enumerate(layout.more.get("product", ()))}
    every = [pl.col(column) for column in listing.rows.columns]
    return listing.rows.select(
        **columns,
        **more,
        first=pl.coalesce(every),
        line=listing.lines,
        filled=pl.sum_horizontal(column.is_not_null() for column in every),
    )


def _clean(place: str) -> pl.Expr:
    text = pl.col(place).str.strip_chars()
    # Only short cells can be a word for nothing; most are not looked at a second time.
    return pl.when((text.str.len_bytes() <= 12) & text.str.to_lowercase().is_in(_NOTHING)).then(None).otherwise(text)


def _without_notes(frame: pl.DataFrame, listing: Listing) -> tuple[pl.DataFrame, list[int]]:
    """Listing rows from notes: sums, signatures, titles of sections, headings that come again."""
    foot = (pl.col("filled") <= _FEW_CELLS) & pl.col("first").str.contains(_FOOT)
    again = pl.all_horizontal(
        (pl.col(column) == listing.headings[place].strip()).fill_null(value=False)
        for column, place in listing.layout.places.items()
        if not (listing.layout.splits_agency and column in ("agency", "host"))
    )
    again = again & pl.lit(len(listing.layout.places) > 1)
    identities = [column for column in ("host", "address", "product", "update") if column in frame.columns]
    alone = (pl.col("filled") == 1) & pl.all_horizontal(pl.col(column).is_null() for column in identities)
    # A title merged over the table stands in each of its cells.
    others = [pl.col(column) for column in frame.columns if column in listing.layout.places]
    merged = pl.all_horizontal((column == pl.col("first")).fill_null(value=False) for column in others)
    merged = merged & (pl.lit(len(others) >= _FEW_CELLS)) & (pl.col("filled") >= _FEW_CELLS)
    is_note = foot | again | alone | merged
    marked = frame.with_columns(is_note=is_note.fill_null(value=False))
    return marked.filter(~pl.col("is_note")), marked.filter("is_note")["line"].to_list()


def _name_hosts(frame: pl.DataFrame, listing: Listing, name: str) -> tuple[pl.DataFrame, list[Lack]]:
    """Give every row its machine: as named, else by its address, else by the name of the file."""
    if "agency" not in frame.columns:
        frame = frame.with_columns(agency=pl.lit(None, pl.String))
    if "host" not in frame.columns and "address" not in frame.columns:
        host = host_of_file(name)
        lack = Lack(host, "no_hostname", asking.NO_HOSTNAME, Source(listing.file, 1))
        return frame.with_columns(host=pl.lit(host)), [lack]
    if "host" not in frame.columns:
        frame = frame.with_columns(host=pl.lit(None, pl.String))
    if "address" not in frame.columns:
        return frame, []
    by_address = frame.filter(pl.col("host").is_null() & pl.col("address").is_not_null())
    if by_address.is_empty():
        return frame, []
    count = by_address.height
    ask = (
        f"{count} dòng không có tên máy, tạm gọi theo địa chỉ IP; xin thêm tên máy / "
        f"{count} rows name no machine and go by their address; ask for the names"
    )
    lack = Lack("", "no_hostname", ask, Source(listing.file, int(by_address["line"][0])))
    return frame.with_columns(host=pl.coalesce("host", "address")), [lack]


def _hosts(frame: pl.DataFrame, placed: set[str]) -> pl.DataFrame:
    columns = [column for column in _HOST_COLUMNS if column in placed]
    hosts = frame.select("agency", "host", *columns, "line")
    hosts = hosts.unique(["agency", "host", *columns], keep="first", maintain_order=True)
    changes: dict[str, Callable[[str], str | None]] = {
        "kind": kind_of,
        "arch": arch_of,
        "exposure": _exposure,
        "os_version": _plain_build,
    }
    return hosts.with_columns(_spell(hosts[column], change) for column, change in changes.items() if column in columns)


def _plain_build(text: str) -> str:
    """Take the build out of what systeminfo writes ("10.0.19045 N/A Build 19045"); anything else stays as written."""
    found = _SYSTEMINFO_BUILD.fullmatch(text)
    return found[1] if found else text


def _exposure(text: str) -> str | None:
    bare = text.lower()
    return "internet" if bare in _INTERNET else "internal" if bare in _INTERNAL else None


def _spell(column: pl.Series, change: Callable[[str], str | None]) -> pl.Series:
    """Change every text of a column; each different text once."""
    written = column.drop_nulls().unique().to_list()
    if not written:
        return column
    return column.replace_strict(written, [change(text) for text in written], default=None, return_dtype=pl.String)


def _software(frame: pl.DataFrame, listing: Listing) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the products, and the rows that have a version but no product."""
    placed = set(listing.layout.places)
    columns = [column for column in _SOFTWARE_COLUMNS if column in placed]
    if "arch" in placed and "os" not in placed:
        columns.append("arch")
    parts: list[pl.DataFrame] = []
    empty = frame.clear()
    if "product" in placed:
        named = frame.filter(pl.col("product").is_not_null()).select("agency", "host", "product", *columns, "line")
        parts.append(_part_products(named, has_version="version" in placed))
        if not placed & {"os", "address", "os_version", "update", "antimalware"}:
            empty = frame.filter(pl.col("product").is_null())
    further = [f"product{at}" for at in range(len(listing.layout.more.get("product", ())))]
    for column in (*further, *(["antimalware"] if "antimalware" in placed else [])):
        plain = frame.filter(pl.col(column).is_not_null()).select(
            "agency", "host", pl.col(column).alias("product"), "line"
        )
        parts.append(_part_products(plain, has_version=False))
    software = pl.concat(parts, how="diagonal") if parts else frame.select("agency", "host", "line").clear()
    if len(parts) > 1:
        software = software.sort("line", maintain_order=True)
    changes: dict[str, Callable[[str], str | None]] = {"seen_on": day_of, "arch": arch_of}
    changed = [_spell(software[column], change) for column, change in changes.items() if column in software.columns]
    return software.with_columns(changed), empty


def _part_products(named: pl.DataFrame, *, has_version: bool) -> pl.DataFrame:
    """Listing a cell that lists several products, one a line or with semicolons; one that has a version stays whole."""
    several = pl.col("product").str.contains("[\n;]")
    if has_version:
        several = several & pl.col("version").is_null()
    marked = named.with_columns(several=several)
    if not marked["several"].any():
        return named
    split = pl.col("product").str.replace_all(_SEVERAL, "\n").str.split("\n")
    listed = marked.with_columns(product=pl.when("several").then(split).otherwise(pl.concat_list("product"))).explode(
        "product"
    )
    return listed.filter(pl.col("product").str.strip_chars() != "").drop("several")


def _hotfixes(frame: pl.DataFrame, listing: Listing) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the updates, each KB number of a cell for itself, and the rows whose cell holds none."""
    places = listing.layout.places
    if "update" not in places:
        return frame.select("agency", "host", "line").clear(), frame.clear()
    columns = ["installed_on"] if "installed_on" in places else []
    told = frame.filter(pl.col("update").is_not_null())
    numbers = _spell(told["update"], lambda text: ";".join(updates_in(text)) or None)
    told = told.with_columns(update=numbers.str.split(";"))
    listed = told.select("agency", "host", "update", *columns, "line").explode("update").drop_nulls("update")
    if columns:
        american = _is_american(listed["installed_on"], listing.headings[places["installed_on"]])
        days = _spell(listed["installed_on"], lambda text: day_of(text, american=american))
        listed = listed.with_columns(days)
    return listed, told.filter(pl.col("update").is_null())


def _is_american(days: pl.Series, heading: str) -> bool:
    """Tell whether the month comes first: by the days above 12, else as WMI writes its column InstalledOn."""
    parts = [
        found for text in days.drop_nulls().unique().to_list() if (found := re.match(r"(\d{1,2})/(\d{1,2})/", text))
    ]
    if any(int(found[1]) > _MONTHS for found in parts):
        return False
    return any(int(found[2]) > _MONTHS for found in parts) or heading.strip() == "InstalledOn"


def _tell(rows: pl.DataFrame, listing: Listing, why: str) -> list[Unread]:
    return [Unread(Source(listing.file, line), why, "software") for line in rows["line"].to_list()]


def _lacks(hosts: pl.DataFrame, listing: Listing, notes: list[int]) -> list[Lack]:
    lacks = []
    if "os" in hosts.columns and (builds := _without_build(hosts)):
        count, first = builds
        vi, _, en = asking.NO_BUILD.partition(" / ")
        lacks.append(Lack("", "no_build", f"{count} máy: {vi} / {count} machines: {en}", Source(listing.file, first)))
    if notes:
        shown = ", ".join(map(str, notes[:_SHOWN])) + ("…" if len(notes) > _SHOWN else "")
        ask = f"dòng ghi chú, tổng, chữ ký, không phải máy: {shown} / notes, sums or signatures, no machines: {shown}"
        lacks.append(Lack("", "notes", ask, Source(listing.file, notes[0])))
    if listing.layout.unused:
        shown = ", ".join(" ".join(heading.split()) for heading in listing.layout.unused)[:300]
        ask = f"cột không dùng: {shown} / columns that were not used: {shown}"
        lacks.append(Lack("", "unused_columns", ask, Source(listing.file, 1)))
    return lacks


def _without_build(hosts: pl.DataFrame) -> tuple[int, int] | None:
    """Count the Windows machines whose row does not say the full build: (how many, the line of the first)."""
    version = pl.col("os_version") if "os_version" in hosts.columns else pl.lit(None, pl.String)
    pairs = hosts.select(pl.col("os"), version.alias("os_version")).unique()
    bad = [pair for pair in pairs.rows() if _says_no_build(*pair)]
    if not bad:
        return None
    wanted = pl.DataFrame(bad, schema={"os": pl.String(), "os_version": pl.String()}, orient="row")
    found = hosts.with_columns(version.alias("os_version")).join(wanted, on=["os", "os_version"], nulls_equal=True)
    return found.height, int(found["line"].min() or 1)  # type: ignore[arg-type]


# A build with its revision (10.0.19045.3324, 19045.3324), or of a Windows that has no revision (6.1.7601).
_FULL_BUILD = re.compile(r"\d{4,5}\.\d{1,5}\b|\b[56]\.\d\.\d{4}\b")


def _says_no_build(os: str | None, version: str | None) -> bool:
    return bool(os and "windows" in os.lower() and not _FULL_BUILD.search(f"{os} {version or ''}"))


def _conform(frame: pl.DataFrame, kind: str, file: str) -> pl.DataFrame:
    """Bring rows to the schema of their table."""
    schema = SCHEMAS[kind]
    made = frame.with_columns(pl.lit(file).alias("file"))
    missing = [pl.lit(None, dtype).alias(column) for column, dtype in schema.items() if column not in made.columns]
    return made.with_columns(missing).select(list(schema)).cast(pl.Schema(schema))
