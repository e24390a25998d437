"""What fields of logs mean: the names that programs give them, and the record that is made of them."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Final

from haidang.engine.hunting.record import LogRecord
from haidang.engine.hunting.times import Clock
from haidang.engine.text import fold

# Our column: the names of it, in the order in which they are asked. Names are squashed: lower case, no signs.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    column: tuple(names.split())
    for column, names in {
        "time": "timestamp ts time eventtime datetime date utctime starttime rt thoigian timecreated devtime "
        "timereceived received start epoch first",
        "src": "srcip src sa idorigh sourceip sourceaddress source client clientip cip srcaddr remoteip remoteaddr "
        "clientaddress dianguon diachinguon ipnguon srcaddress ipsrc sip",
        "src_port": "srcport spt sp idorigp sourceport cport congnguon clientport sport",
        "dst": "dstip destip dst da idresph destinationip destinationaddress destination server dip dstaddr serverip "
        "ipdich diachidich destaddress dstaddress ipdst",
        "dst_port": "dstport destport dpt dp dport idrespp destinationport congdich serverport",
        "proto": "proto pr protocol transport giaothuc",
        "host": "hostname devicename computer computername agentname shost srcname tenmay srchost",
        "user": "user username suser duser csusername account usrname nguoidung",
        "action": "action act deviceaction status logsubtype hanhdong",
        "bytes_out": "sentbyte origbytes bytestoserver ibyt csbytes bytesout bytessent out sentbytes origipbytes "
        "srcbytes",
        "bytes_in": "rcvdbyte respbytes bytestoclient scbytes bytesin bytesreceived in recvbytes receivedbytes "
        "dstbytes obyt",
        "query": "query qname rrname queryname dnsquestionname domain domainname tenmien",
        "http_host": "httphostname httphost host cshost dhost sni servername tlssni",
        "uri": "uri httpurl csuristem url request requesturl requestpath path",
        "nat_src": "transip natsrc srcxlatedip sourcetranslatedaddress srctransip tranip natip",
        "nat_src_port": "transport natsport srcxlatedport sourcetranslatedport srctransport tranport",
    }.items()
}
_RANK: Final = {name: (column, at) for column, names in NAMES.items() for at, name in enumerate(names)}
_SIGNS: Final = re.compile(r"[^0-9a-z]+")
_BLOCKED: Final = re.compile(
    r"\b(?:den(?:y|ied)|drop(?:ped)?|block(?:ed)?|reject(?:ed)?|refused|tcp_denied)", re.IGNORECASE
)
_ALLOWED: Final = re.compile(
    r"\b(?:allow(?:ed)?|accept(?:ed)?|permit(?:ted)?|pass(?:ed)?|built|start|close|timeout|end)", re.IGNORECASE
)
_PROTOCOLS: Final = {1: "icmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 58: "icmpv6", 132: "sctp"}
_MOST_FIELDS: Final = 300
_LONGEST: Final = 2_000
_IN_RECORD: Final = {"src", "dst", "proto", "host", "user"}


def squash(name: str) -> str:
    """Write a field's name without case, signs and diacritics."""
    return _SIGNS.sub("", name.lower() if name.isascii() else fold(name))


def column_of(name: str) -> str:
    """Give our column for a field, by its own name or by the last part of its path; empty where it has none."""
    found = _RANK.get(squash(name)) or _RANK.get(squash(name.rpartition(".")[2]))
    return found[0] if found else ""


def make_record(told: Iterable[tuple[str, str]], clock: Clock) -> LogRecord:
    """Make a record of named fields; of several that mean the same, the one that is asked first counts.

    Args:
        told: names as they are written, and values.
        clock: reads times.
    """
    best: dict[str, tuple[int, str]] = {}
    fields: dict[str, str] = {}
    for count, (name, value) in enumerate(told):
        value = value[:_LONGEST]
        if count >= _MOST_FIELDS or value in ("", "-", "(empty)", "N/A", "null"):
            continue
        short = squash(name)
        fields[name] = value
        column, rank = _RANK.get(short) or _RANK.get(squash(name.rpartition(".")[2]), ("", 0))
        if column and (column not in best or rank < best[column][0]):
            best[column] = (rank, value)
    values = {column: value for column, (_, value) in best.items()}
    for name in ("src", "dst"):
        values[name] = one_spelling(values.get(name, ""))
    if not values.get("nat_src_port", "0").isdigit():  # “transport” is a port to some programs, a protocol to others
        values.setdefault("proto", values.pop("nat_src_port"))
    number = number_of(values.get("proto"))
    values["proto"] = _PROTOCOLS.get(number, str(number)) if number is not None else values.get("proto", "").lower()
    for name in ("query", "http_host", "uri", "nat_src", "nat_src_port"):
        if name in values:
            fields.setdefault(name, values[name])
    return LogRecord(
        time=_time(values, fields, clock),
        src_port=number_of(values.get("src_port")) or 0,
        dst_port=number_of(values.get("dst_port")) or 0,
        action=action_of(values.get("action", "")),
        bytes_out=number_of(values.get("bytes_out")),
        bytes_in=number_of(values.get("bytes_in")),
        fields=fields,
        **{name: values.get(name, "") for name in _IN_RECORD},
    )


def one_spelling(address: str) -> str:
    """Write an IPv6 address in its one spelling; all else stays as it is."""
    if address.count(":") < 2 or len(address) > 60:
        return address
    try:
        return str(ipaddress.ip_address(address.strip("[]").partition("%")[0]))
    except ValueError:
        return address


def _time(values: Mapping[str, str], fields: Mapping[str, str], clock: Clock) -> dt.datetime | None:
    date, time = fields.get("date", ""), fields.get("time", "")
    if date and time and date != time:  # two fields that are one time, as W3C and FortiGate write it
        found = clock.read(f"{date} {time} {fields.get('tz', '')}".strip())
        if found:
            return found
    return clock.read(values.get("time", ""))


def number_of(text: str | None) -> int | None:
    """Read a whole number that is not beyond reason; None where it is none."""
    if not text or len(text) > 18:
        return None
    whole = text.partition(".")[0].replace(",", "")
    return int(whole) if whole.isascii() and whole.isdigit() else None


def action_of(text: str) -> str:
    """Tell block or allow; else the program's own word in lower case."""
    if _BLOCKED.search(text):
        return "block"
    if text.isdigit():  # the status of an answer
        return ""
    return "allow" if _ALLOWED.search(text) else text.lower()[:40]
