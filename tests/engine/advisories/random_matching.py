"""Small random advisories and inventories: few products, flaws and versions, so that they meet in every awkward way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import polars as pl

from haidang.engine.advisories.products import Products, read_products
from haidang.engine.advisories.record import Fix, Record, Span, Statement, Status
from haidang.engine.inventory.inventory import KINDS, SCHEMAS

# A table of names of our own: what `content/aliases` can say, whatever it says today.
ALIASES = r"""
vendors:
- {vendor: f5, also: [f5 networks], why: test}
- {vendor: zimbra, also: [synacor], why: test}
- {vendor: microsoft, also: [ms], why: test}
products:
- {product: 'microsoft/windows 10 version \1', also: ['windows 10 (?:version )?(1\d\d\d|2004|2\dh\d)'], why: test}
- {product: microsoft/windows server 2012 r2, also: ['windows server 2012 (?:version )?r2'], why: test}
- product: f5/big ip
  scheme: f5
  line: 2
  later_lines: unaffected
  modules_are_optional: true
  also: ['big ip(?: all modules)?', {module: apm, written: 'big ip access policy manager'}]
  alone: ['(?:f5 )?big ?ip', {module: apm, written: 'big ip access policy manager'}]
  why: test
- {product: f5/big iq, scheme: f5, line: 2, also: ['big iq'], why: test}
- {product: zimbra/collaboration, scheme: zimbra, also: [collaboration, zcs], alone: ['zimbra(?: collaboration)?', zcs], why: test}
- product: microsoft/exchange server
  scheme: quad
  line: 2
  later_lines: unaffected
  also:
  - {written: 'exchange server 2019 (?:cumulative update|cu) 12', floor: 15.2.1118, ceiling: '15.2.1258'}
  - {written: 'exchange server 2019 (?:cumulative update|cu) 13', floor: 15.2.1258, ceiling: '15.2.1544'}
  - {written: 'exchange server 2016 (?:cumulative update|cu) 23', floor: 15.1.2507, ceiling: '15.2'}
  - {written: 'exchange server subscription edition', floor: 15.2.2562}
  - 'exchange(?: server)?'
  alone: ['(?:microsoft )?exchange(?: server)?(?: 20\d\d)?', {written: 'exchange server 2019 cu 12', floor: 15.2.1118, ceiling: '15.2.1258'}]
  why: test
- product: microsoft/sql server
  scheme: quad
  also:
  - {written: 'sql server 2019(?: rtm)? gdr', floor: 15.0.2000, ceiling: '15.0.4000'}
  - {written: 'sql server 2019(?: rtm)? cu ?\d+', floor: 15.0.4003, ceiling: '16.0'}
  alone: ['(?:microsoft )?sql server(?: 20\d\d)?']
  why: test
- {product: microsoft/sharepoint server 2019, scheme: quad, moves: false, needs_all_updates: true, also: ['sharepoint server 2019'], alone: ['sharepoint server 2019'], why: test}
- {product: cisco/ios xe, lists_are_whole: true, also: ['ios xe(?: software)?'], alone: ['cisco ios xe'], why: test}
- {product: acme/relay, scheme: date, lists_are_whole: true, moves: false, why: test}
"""
MENTIONED = (
    "Zimbra",
    "Zimbra Collaboration",
    "F5 BIG-IP",
    "Cisco IOS XE",
    "SharePoint Server 2019",
    "ZCS",
    "Exchange Server 2019 CU 12",
    "Big IP Access Policy Manager",
)

FLAWS = ("CVE-2023-0001", "CVE-2023-0002", "CVE-2023-0003", "ADV-7")
WINDOWS = (
    "Windows 10 Version 22H2 for x64-based Systems", "Windows 10 Version 22H2 for 32-bit Systems",
    "Windows 10 Version 21H2 for x64-based Systems", "Windows 10 Version 22H2", "Windows Server 2012 R2",
    "Windows Server 2012 R2 (Server Core installation)", "Windows Server 2019", "Windows 11 version 23H2 for ARM64-based Systems",
)  # fmt: skip
PARTS = (
    "Internet Explorer 11 on Windows 10 Version 22H2 for x64-based Systems", "Internet Explorer 11 on Windows Server 2012 R2",
    "Microsoft Edge (EdgeHTML-based) on Windows 10 Version 22H2 for 32-bit Systems", "Internet Explorer 11 on Windows Server 2019",
)  # fmt: skip
UPDATES = ("890830", "5027215", "5028166", "5029244", "5030211", "5031356", "5032189", "5033372", "5034122")
MONTHS = ("2023-May", "2023-Jun", "2023-Jul", "2023-Aug", "2023-Sep-B")
SORTS = (
    "Security Update",
    "Security Update",
    "Monthly Rollup",
    "Security Only",
    "IE Cumulative",
    "Security Hotpatch Update",
    "",
)
JUNK = ("see references", "n/a", "1.2 and earlier", "?", "all of them since 3", "9" * 300)


@dataclass(frozen=True)
class Product:
    """A product as advisories and inventories name it, with versions that lie close together."""

    vendor: str
    names: tuple[str, ...]
    versions: tuple[str, ...]
    cpes: tuple[str, ...] = ()
    purls: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ("", "custom")
    modules: tuple[tuple[str, ...], ...] = ()


_BUILDS = (
    "10.0.19045.3324", "10.0.19045.3208", "10.0.19044.3208", "10.0.19041.3324", "10.0.19045", "10.0.0", "10.0.19045.0",
    "6.3.9600.21063", "6.3.9600.21075", "6.3.9600", "10.0.17763.4645", "10.0.22631.2428", "publication",
)  # fmt: skip
PRODUCTS = (
    Product("Microsoft", WINDOWS, _BUILDS,
        ("cpe:2.3:o:microsoft:windows_10_22h2:*:*:*:*:*:*:x64:*", "cpe:2.3:o:microsoft:windows_10_21h2:10.0.19044.3208:*:*:*:*:*:*:*",
         "cpe:2.3:o:microsoft:windows_server_2012:r2:*:*:*:*:*:*:*", "cpe:2.3:o:microsoft:windows_10:22h2:*:*:*:*:*:*:*")),
    Product("Microsoft", PARTS, ("1.0.0", "11.0.9600.21063", "11.0.50", "10.0.19045.3324")),
    Product("F5", ("BIG-IP", "BIG-IP (all modules)", "BIG-IP Access Policy Manager", "big_ip"),
        ("16.1.4", "16.1.4.1", "16.1", "16.1.0", "Hotfix-BIGIP-16.1.4.1.0.50.5-ENG", "15.1.10", "15.1.10.2", "17.1.0", "17.1.0.3",
         "17.1.*", "16.0.1", "14.1", "13", "16.1.4.1.0.50.5"),
        ("cpe:2.3:a:f5:big-ip_access_policy_manager:*:*:*:*:*:*:*:*", "cpe:2.3:a:f5:big-ip:16.1.4:*:*:*:*:*:*:*"),
        modules=(("APM",), ("All Modules",), ("APM", "LTM"), ("Access Policy Manager",), ("Access Policy Manager", "All Modules"))),
    Product("F5 Networks", ("BIG-IQ",), ("8.2.0", "8.3.0", "8.2", "7.1.0", "8.2.0.1", "9")),
    Product("Synacor", ("Zimbra Collaboration", "ZCS", "Collaboration"),
        ("8.8.15", "8.8.15 P41", "8.8.15 Patch 40", "9.0.0 P34", "9.0.0", "10.0.5", "10.0.4", "8.8", "8.8.12 P1")),
    Product("Acme", ("Left Pad",), ("1.2.3", "1.2.3-rc.1", "1.2", "1.10.0", "2.0.0", "2.0.0-beta", "v1.2.4", "1.2.x"),
        purls=("pkg:npm/left-pad", "pkg:npm/%40acme/left-pad"), schemes=("npm", "semver", "", "git")),
    Product("OpenSSL", ("OpenSSL", "openssl"), ("3.0.11-1~deb12u2", "3.0.11", "3.0.11-1~deb12u1", "3.0.9-1", "1:1.1.1k-7", "1:1.1.1k-9.el8_6", "1.1.1k-8.el8", "2:3.0.1-1.el9", "3.0", "1.1.1k"),
        ("cpe:2.3:a:openssl:openssl:3.0.11:*:*:*:*:*:*:*",),
        ("pkg:deb/debian/openssl", "pkg:deb/debian/openssl?distro=debian-12", "pkg:rpm/redhat/openssl",
         "pkg:deb/debian/openssl?distro=bullseye", "pkg:rpm/redhat/openssl?distro=Red%20Hat%20Enterprise%20Linux%208", "pkg:apk/alpine/openssl"), ("deb", "rpm", "apk", "", "git")),
    Product("MS", ("Microsoft SharePoint Server 2019",), ("16.0.10401.20025", "16.0.10399.20005", "16.0.10337.12109", "16.0")),
    Product("Microsoft", ("Exchange Server 2019 Cumulative Update 12", "Exchange Server 2019 CU 13", "Exchange Server 2016 CU 23",
        "Exchange Server", "Exchange Server Subscription Edition"),
        ("15.2.1118.40", "15.02.1118.030", "15.2.1258.28", "15.2.1258", "15.1.2507.35", "15.2.986.14", "15.2.2562.17", "15.2", "15.2.1118")),
    Product("Microsoft", ("SQL Server 2019 (GDR)", "SQL Server 2019 RTM CU 21", "SQL Server"),
        ("15.0.2104.1", "15.0.2000.5", "15.0.4316.3", "15.0.4326.1", "15.0", "16.0.1000.6", "15.0.1900.1")),
    Product("Cisco", ("IOS XE Software", "Cisco IOS XE"), ("17.3.4", "17.3.4a", "17.3", "16.12.1", "17.6.1")),
    Product("Acme", ("Relay",), ("2023-07-11", "2023-07", "20230601", "11/08/2023", "r2"), schemes=("date", "")),
    Product("Ghost", ("Quick Scan",), ("1.0", "1.0.0", "1.1", "2.0", "2.0.1"), schemes=("", "custom", "semver")),
    Product("7-Zip", ("7-Zip", "7-Zip (x64)", "7-Zip 32-bit", "7-Zip installed on Linux"), ("22.01", "23.01", "22", "21.07 beta")),
    Product("n/a", ("n/a",), ("1.0",)),
)  # fmt: skip
TEXTS = (
    "Zimbra Collaboration before 8.8.15 Patch 41 and 9.0.0 before 9.0.0 Patch 34 lets attackers in.",
    "An issue in F5 BIG-IP 16.1.0 through 16.1.4 and 17.1.0 before 17.1.0.3.", "In ZCS, and in Cisco IOS XE before 17.3.4, one can.",
    "SharePoint Server 2019 before 16.0.10400 is open.",
    "Exchange Server 2019 CU 12 before 15.2.1118.40, and Big IP Access Policy Manager 16.1.0 before 16.1.4.", "Cisco IOS XE 17.3 and earlier; Zimbra too.", "Nothing is named.", "",
)  # fmt: skip
PLATFORMS = (("x64",), ("32-bit",), ("Windows",), ("Linux", "Windows"), ("x86", "ARM64"), ("MacOS",))
REQUIRED = (
    "cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*", "cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*", "cpe:2.3:h:acme:box:-:*:*:*:*:*:*:*",
    "cpe:2.3:a:acme:left_pad:*:*:*:*:*:*:*:*",
)  # fmt: skip
SYSTEMS = (
    ("Microsoft Windows 10 Pro 22H2", "10.0.19045.3324"), ("Microsoft Windows 10 Pro", "10.0.19045.3208"),
    ("Microsoft Windows 10 Pro", "10.0.19045"), ("Microsoft Windows 10 Pro 22H2", None), ("Windows 10 Enterprise", "21H2"),
    ("Windows Server 2012 R2 Standard", "6.3.9600"), ("Windows Server 2012 R2 Standard", "6.3.9600.21070"),
    ("Microsoft Windows Server 2019", None), ("Windows 11 Pro", "10.0.22631.2428"), ("Windows 11 Pro", "10.0.22631"),
    ("Ubuntu 22.04", "22.04"), ("Debian GNU/Linux", "12"), ("Cisco IOS XE", "17.3.4"), ("BIG-IP", "16.1.4"), ("macOS", "13.5"),
    (None, None), (None, "6.3.9600.21070"), (None, "10.0.17763"), ("Windows 10", None),
)  # fmt: skip


@dataclass
class City:
    """Advisories and an inventory."""

    records: list[Record] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    truncated: frozenset[tuple[str, str]] = frozenset()

    def frames(self) -> Mapping[str, pl.DataFrame]:
        return {kind: pl.DataFrame(self.rows[kind], schema=SCHEMAS[kind], orient="row") for kind in KINDS}


def aliases() -> Products:
    return read_products([("aliases.yaml", ALIASES.encode())])


def chance(dice: Random, of: float) -> bool:
    return dice.random() < of


def some(dice: Random, pool: Sequence[Any], of: float) -> tuple[Any, ...]:
    """Nothing, or one or two of a pool."""
    return tuple(dice.sample(pool, min(len(pool), dice.choice((1, 1, 2))))) if pool and chance(dice, of) else ()


def make_city(dice: Random) -> City:
    products = dice.sample(PRODUCTS, dice.choice((1, 1, 2, 3)))
    if chance(dice, 0.3):
        products += PRODUCTS[:2]
    city = City()
    updates = make_updates(dice)
    for _ in range(dice.randint(1, 6)):
        city.records += make_records(dice, products, updates)
    for record in list(city.records):
        if chance(dice, 0.15):
            city.records.append(revised(dice, record, products))
    make_inventory(dice, products, city)
    dice.shuffle(city.records)
    return city


# Advisories


def make_updates(dice: Random) -> list[tuple[str, Fix]]:
    """Draw updates, each of a month, with builds that mostly rise with the months."""
    found = []
    build = dice.choice((3000, 3200, 21000))
    for at, kb in enumerate(sorted(dice.sample(UPDATES, dice.randint(2, 7)), key=int)):
        build += dice.choice((1, 40, 120, 124)) if chance(dice, 0.9) else -30
        older = [other for _, fix in found for other in (fix.kb,)] + list(UPDATES[:2])
        told = dice.choice(("10.0.19045", "10.0.19045", "10.0.19044", "6.3.9600", "10.0.17763")) + f".{build}"
        fix = Fix(
            "update", f"KB{kb}", kb=kb, build=told if chance(dice, 0.6) else "", sort=dice.choice(SORTS),
            supersedes=tuple(dict.fromkeys(dice.sample(older, min(len(older), dice.choice((0, 1, 1, 2)))))),
        )  # fmt: skip
        found.append((MONTHS[min(at, len(MONTHS) - 1)] if chance(dice, 0.8) else dice.choice(MONTHS), fix))
    return found


def make_records(dice: Random, products: Sequence[Product], updates: Sequence[tuple[str, Fix]]) -> list[Record]:
    """Draw one record, or of a monthly document one for each of some flaws."""
    of_windows = [product for product in products if product.names in (WINDOWS, PARTS)]
    if of_windows and chance(dice, 0.6):
        month = dice.choice(updates)[0]
        return [
            month_record(dice, flaw, month, of_windows, updates)
            for flaw in dice.sample(FLAWS, dice.choice((1, 1, 2, 3)))
        ]
    flaw, at = dice.choice(FLAWS), dice.randint(1, 3)
    publisher, rank, document = dice.choice(
        (("own", 0, f"review/{at}"), ("cna", 20, f"cve/{flaw}"), ("cna", 20, f"cve/{flaw}"), ("cisa-adp", 30, f"cve/{flaw}/cisa"),
         ("nvd", 40, f"nvd/{flaw}"), ("maker", 10, f"csaf/maker.example/A-{at}/{flaw}"), ("pypa", 25, f"osv/GHSA-{at}"))
    )  # fmt: skip
    texts = (dice.choice(TEXTS),) if chance(dice, 0.4) else ()
    statements = () if texts and chance(dice, 0.5) else make_statements(dice, products, updates)
    record = Record(
        flaw, document, publisher, rank, dice.choice(("1", "2")), text="".join(texts), statements=statements
    )
    return [replace(record, withdrawn=True, statements=()) if chance(dice, 0.05) else record]


def month_record(
    dice: Random, flaw: str, month: str, products: Sequence[Product], updates: Sequence[tuple[str, Fix]]
) -> Record:
    fixes = [fix for of, fix in updates if of == month or chance(dice, 0.1)]
    statements = []
    for product in products:
        for name in dice.sample(product.names, min(len(product.names), dice.choice((1, 2, 4)))):
            own = tuple(dice.sample(fixes, min(len(fixes), dice.choice((0, 1, 1, 2)))))
            spans = tuple(
                span
                for fix in own
                if fix.build
                for span in (Span("affected", "", fix.build), Span("unaffected", fix.build))
            )
            statements.append(
                Statement("Microsoft", name, default="unknown" if spans else "affected", spans=spans, fixes=own)
            )
    return Record(
        flaw, f"msrc/{month}/{flaw}", "microsoft", 10, dice.choice(("1", "1", "2")), statements=tuple(statements)
    )


def revised(dice: Random, record: Record, products: Sequence[Product]) -> Record:
    """Draw a later or an earlier revision of a record, which may withdraw it, or drop its flaw for another."""
    revision = dice.choice(("0", record.revision, "2", "3"))
    if chance(dice, 0.3):
        return replace(record, revision=revision, withdrawn=True, statements=())
    if record.document.startswith(("msrc/", "csaf/")) and chance(dice, 0.5):
        other = dice.choice(FLAWS)
        document = f"{record.document.removesuffix(record.flaw)}{other}"
        return replace(record, revision=revision, flaw=other, document=document)
    return replace(record, revision=revision, statements=make_statements(dice, products, ()), place="/again")


def make_statements(
    dice: Random, products: Sequence[Product], updates: Sequence[tuple[str, Fix]]
) -> tuple[Statement, ...]:
    return tuple(make_statement(dice, dice.choice(products), updates) for _ in range(dice.choice((1, 1, 1, 2, 3))))


def make_statement(dice: Random, product: Product, updates: Sequence[tuple[str, Fix]]) -> Statement:
    with_purl = bool(product.purls) and chance(dice, 0.6)
    named = not with_purl or chance(dice, 0.4)
    fixes: list[Fix] = [fix for _, fix in some(dice, updates, 0.2)]
    # A statement on the ladder of one Windows names no other.
    cpes = () if fixes and product.names == WINDOWS else some(dice, product.cpes, 0.3)
    if chance(dice, 0.1):
        fixes.append(dice.choice((Fix("workaround", "switch it off"), Fix("none"), Fix("update", "update it"))))
    default: Status = dice.choice(("unknown", "unknown", "unknown", "affected", "unaffected", "unaffected"))
    return Statement(
        product.vendor if named and chance(dice, 0.9) else "",
        dice.choice(product.names) if named else "",
        cpes=cpes,
        purls=some(dice, product.purls, 1) if with_purl else (),
        default=default,
        spans=make_spans(dice, product),
        scheme=dice.choice(product.schemes),
        platforms=dice.choice(PLATFORMS) if chance(dice, 0.12) else (),
        modules=dice.choice(product.modules) if product.modules and chance(dice, 0.4) else (),
        requires=some(dice, REQUIRED, 0.08),
        fixes=tuple(fixes),
    )


def make_spans(dice: Random, product: Product) -> tuple[Span, ...]:
    kind = dice.random()
    if kind < 0.15:
        return ()
    if kind < 0.3:  # single versions, as some publishers list them
        status: Status = dice.choice(("affected", "affected", "unaffected", "unknown"))
        listed = dice.sample(product.versions, min(len(product.versions), dice.choice((1, 2, 3))))
        return tuple(Span(status, version, version, high_in=True) for version in listed)
    return tuple(make_span(dice, product) for _ in range(dice.choice((1, 1, 2, 2, 3, 4))))


def make_span(dice: Random, product: Product) -> Span:
    status: Status = dice.choice(("affected", "affected", "affected", "unaffected", "unaffected", "unknown"))
    if chance(dice, 0.07):
        return Span(status, prose="see the maker's page")
    low, high = (version(dice, product) if chance(dice, of) else "" for of in (0.6, 0.7))
    if chance(dice, 0.15) and low:
        high = low
    if chance(dice, 0.1) and low and low[-1].isdigit():
        low = high = f"{low}.*"
    return Span(status, low, high, low_in=chance(dice, 0.85), high_in=low == high or chance(dice, 0.35))


def version(dice: Random, product: Product) -> str:
    return dice.choice(product.versions) if chance(dice, 0.95) else dice.choice(JUNK)


# An inventory


def make_inventory(dice: Random, products: Sequence[Product], city: City) -> None:
    truncated = []
    for host in dice.sample(("MAY-1", "May 2", "srv"), dice.choice((1, 1, 2, 3))):
        for _ in range(dice.choice((1, 1, 1, 0, 2))):
            os, os_version = dice.choice(SYSTEMS[:10] + SYSTEMS[-3:] if chance(dice, 0.6) else SYSTEMS)
            kind = dice.choice(("server", "workstation", None, "network"))
            arch = dice.choice(("x64", "x64", None, "x86", "arm64"))
            add(city, "hosts", host, os=os, os_version=os_version, kind=kind, arch=arch)
        if chance(dice, 0.6):
            held = [
                *dice.sample(UPDATES, dice.choice((0, 1, 1, 2, 4))),
                *some(dice, ("5099999", "4000001", "5030300"), 0.3),
            ]
            for kb in held or ("Cumulative Update",):
                add(city, "hotfixes", host, update=dice.choice(("KB", "")) + kb)
        if chance(dice, 0.15):
            truncated.append(("a", host.lower()))
        for product in products:
            for _ in range(dice.choice((0, 1, 1, 2))):
                add_software(dice, city, host, product)
    city.truncated = frozenset(truncated)


def add_software(dice: Random, city: City, host: str, product: Product) -> None:
    shown = version(dice, product) if chance(dice, 0.85) else None
    purl = dice.choice(product.purls) if product.purls and chance(dice, 0.6) else None
    if purl and shown and chance(dice, 0.3):
        path, mark, rest = purl.partition("?")
        purl, shown = f"{path}@{shown.replace(':', '%3A').replace(' ', '%20')}{mark}{rest}", None
    named = product.names[0] if chance(dice, 0.5) else dice.choice(product.names)
    add(
        city, "software", host, product=named, version=shown, purl=purl,
        vendor=product.vendor if chance(dice, 0.7) else dice.choice((None, "Other Maker")),
        cpe=dice.choice(product.cpes) if product.cpes and chance(dice, 0.3) else None,
        arch=dice.choice(("x64", "x86")) if chance(dice, 0.25) else None,
    )  # fmt: skip


def add(city: City, table: str, host: str, **cells: str | None) -> None:
    row = dict.fromkeys(SCHEMAS[table])
    line = len(city.rows[table]) + 2
    city.rows[table].append({**row, "agency": "a", "host": host, **cells, "file": f"{table}.csv", "line": line})
