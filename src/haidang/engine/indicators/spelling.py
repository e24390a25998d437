"""One spelling for each indicator: defanged, in capitals, padded or quoted, it becomes what logs are searched for."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Final

from haidang.engine.indicators.indicator import IndicatorType

_LONGEST: Final = 4_000
_DOT: Final = re.compile(r"\s?[\[({<]\s?(?:\.|dot|chấm)\s?[\])}>]\s?|\\\.|\[\.|\.\]", re.IGNORECASE)
_AT: Final = re.compile(r"\s?[\[({<]\s?(?:@|at)\s?[\])}>]\s?", re.IGNORECASE)
_COLON: Final = re.compile(r"\[://\]|\[:\]|\[:(?=//)|(?<=:)\](?=//)|\[(?=://)|\[//\]", re.IGNORECASE)
_SCHEME: Final = re.compile(r"^(?:h[xt*]{2}p|hxxp|hXXp|meow|h\*\*p)(s?)(?=\[?:)", re.IGNORECASE)
_NAMED: Final = re.compile(r"(?:md5|sha-?1|sha-?256)\s*[:=]\s*(?=[0-9a-f]+\Z)", re.IGNORECASE)
_WRAPPED: Final = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]\Z")
_TRIM: Final = " \t\r\n\"'`<>,;“”‘’«»"
_QUAD: Final = re.compile(r"0*(\d{1,3})\.0*(\d{1,3})\.0*(\d{1,3})\.0*(\d{1,3})\Z", re.ASCII)
_PORT: Final = re.compile(r"[:|]\d{1,5}\Z", re.ASCII)
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z", re.ASCII)
_ENDING: Final = re.compile(r"(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})\Z", re.ASCII)
_HEX: Final = re.compile(r"[0-9a-f]+\Z", re.ASCII)
_URL: Final = re.compile(
    r"([a-z][a-z0-9+.\-]{1,15})://(?:[^/?#@\s]*@)?(\[[0-9a-f:.]+\]|[^/?#:\s]+)(?::(\d{0,5}))?([/?][^#\s]*)?(?:#.*)?\Z",
    re.IGNORECASE,
)
_PERCENT: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_MAILBOX: Final = re.compile(r"[0-9a-z._%+\-]{1,64}\Z", re.ASCII)
_FILE: Final = re.compile(r"[^\x00-\x1f/\\:*?\"<>|]{1,255}\Z")
_HIVES: Final = {
    "hkey_local_machine": "hklm", "hkey_current_user": "hkcu", "hkey_users": "hku", "hkey_classes_root": "hkcr",
    "hkey_current_config": "hkcc", "hklm": "hklm", "hkcu": "hkcu", "hku": "hku", "hkcr": "hkcr", "hkcc": "hkcc",
}  # fmt: skip
# What files end in, and no domain does; endings that are both (.com, .sh, .zip) are not here.
FILE_ENDINGS: Final = frozenset(
    re.findall(
        r"\w+",
        "exe dll sys scr bat cmd ps1 vbs vbe js jse wsf hta lnk jar msi doc docx docm xls xlsx xlsm ppt pptx pdf rtf "
        "rar 7z iso img dat tmp bin elf php asp aspx jsp txt log csv html htm json xml "
        "png jpg gif svg cpl ocx chm ini cfg "
        "conf bak",
    )
)
_LOOSE: Final = ("url", "file_name", "registry_key")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS: Final = {"http": "80", "https": "443", "ftp": "21"}


def refang(text: str) -> str:
    """Undo what people do to addresses so that nobody clicks on them: hxxp, [.], (dot), [at], [:]//."""
    text = _SCHEME.sub(r"http\1", _DOT.sub(".", text))
    return _AT.sub(
        "@", _COLON.sub(lambda match: {"[//]": "//", "[://]": "://", "[:]": ":", "[:": ":"}.get(match[0], ""), text)
    )


def spell(type_: IndicatorType, text: str) -> str | None:
    """Write a value in its one spelling; None where it is no value of that type."""
    if len(text) > _LONGEST:
        return None
    text = refang(text.strip(_TRIM)).strip(_TRIM)
    wrapped = _WRAPPED.match(text) if text[:1] in ("(", "[", "{") else None
    text = wrapped[1].strip(_TRIM) if wrapped else text
    if not text or any("\ud800" <= letter <= "\udfff" for letter in text):
        return None
    value = _SPELLERS[type_](text)
    if type_ in _LOOSE and value and _SPELLERS[type_](value.strip(_TRIM)) != value:
        return None  # of what changes with each look nobody can say what it is
    return value


def guess(text: str) -> tuple[IndicatorType, str] | None:
    """Tell what a value is that comes without its type; file names and registry keys only where nothing else fits."""
    for type_ in _ORDER:
        value = spell(type_, text)
        if type_ == "domain" and value and is_file_name(value):
            return "file_name", value
        if value is not None:
            return (address_type(value) if type_ == "cidr" else type_), value
    return None


def is_file_name(name: str) -> bool:
    """Tell a name that ends as files do, and no domain does."""
    return name.rpartition(".")[2] in FILE_ENDINGS


def address_type(value: str) -> IndicatorType:
    """Tell the type of an address or network in its one spelling."""
    return "cidr" if "/" in value else "ipv6" if ":" in value else "ipv4"


def _ipv4(text: str) -> str | None:
    text = text.removeprefix("::ffff:").removeprefix("::FFFF:")
    match = _QUAD.match(_PORT.sub("", text).rstrip("."))
    if not match or any(int(part) > 255 for part in match.groups()):
        return None
    return ".".join(str(int(part)) for part in match.groups())


def _ipv6(text: str) -> str | None:
    text = re.sub(r"^\[([^\]]*)\](?::\d{1,5})?$", r"\1", text).partition("%")[0]
    if ":" not in text or len(text) > 45:
        return None
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    return None if address.ipv4_mapped or not int(address) else str(address)


def _cidr(text: str) -> str | None:
    base, slash, length = text.replace(" ", "").partition("/")
    base = _ipv4(base) or _ipv6(base) or ""
    if not slash or not base or len(length) > 15:
        return None
    try:
        network = ipaddress.ip_network(f"{base}/{length}", strict=False)
    except ValueError:
        return None
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def networks_between(first: str, last: str) -> tuple[str, ...]:
    """Write a range of addresses as networks; none where it is no range."""
    ends = [_ipv4(end) or _ipv6(end) for end in (first, last)]
    if not ends[0] or not ends[1]:
        return ()
    try:
        found = ipaddress.summarize_address_range(ipaddress.ip_address(ends[0]), ipaddress.ip_address(ends[1]))
        networks = [str(network) for _, network in zip(range(256), found, strict=False)]
    except (ValueError, TypeError):
        return ()
    return tuple(network.removesuffix("/32").removesuffix("/128") for network in networks)


def _domain(text: str) -> str | None:
    text = _PORT.sub("", text.lower().rstrip("/")).removeprefix("*").strip(".")
    name = _to_ascii(text)
    labels = name.split(".") if name else []
    if len(labels) < 2 or len(name or "") > 253 or not _ENDING.match(labels[-1]):
        return None
    return name if all(_LABEL.match(label) for label in labels) else None


def _to_ascii(text: str) -> str | None:
    if text.isascii():
        return text
    try:
        return text.encode("idna").decode()
    except UnicodeError:
        return None


def _host(text: str) -> str | None:
    name = _to_ascii(_PORT.sub("", text.lower()).strip("."))
    if name and "." in name and name.rpartition(".")[2].isdigit():
        return None
    return name if name and all(_LABEL.match(label) for label in name.split(".")) and not _ipv4(name) else None


def _url(text: str) -> str | None:
    match = _URL.match(text.replace("\\", "/"))
    if not match or int(match[3] or 0) > 65_535:
        return None
    scheme, host, port, path = match[1].lower(), match[2].lower(), match[3] or "", match[4] or "/"
    if host.startswith("["):
        inner = _ipv6(host)
        host = f"[{inner}]" if inner else ""
    else:
        host = _ipv4(host) or _host(host) or ""
    if not host:
        return None
    path = path if path.startswith("/") else f"/{path}"
    place = "" if port in ("", _DEFAULT_PORTS.get(scheme)) else f":{int(port)}"
    return f"{scheme}://{host}{place}{_normal_path(path)}"


def _normal_path(path: str) -> str:
    """Decode what need not be encoded, and write the rest as it is sent: UTF-8, in capitals."""

    def undo(match: re.Match[str]) -> str:
        letter = chr(int(match[1], 16))
        return letter if letter in _UNRESERVED else match[0].upper()

    path = _PERCENT.sub(undo, path)
    return (
        path
        if path.isascii()
        else "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in path)
    )


def _email(text: str) -> str | None:
    local, at, domain = text.lower().removeprefix("mailto:").rpartition("@")
    name = _domain(domain)
    return f"{local}@{name}" if at and name and _MAILBOX.match(local) else None


def _hash(length: int) -> Callable[[str], str | None]:
    def spell_hash(text: str) -> str | None:
        value = _NAMED.sub("", text).lower().removeprefix("0x")
        return value if len(value) == length and _HEX.match(value) else None

    return spell_hash


def _file_name(text: str) -> str | None:
    name = text.replace("\\", "/").rstrip("/").rpartition("/")[2].strip().lower()
    return name if _FILE.match(name) and any(letter.isalnum() for letter in name) else None


def _registry_key(text: str) -> str | None:
    text = re.sub(r"\\+", r"\\", text.strip().strip("\\")).lower()
    text = text.replace("registry\\machine\\", "hklm\\", 1).replace("registry\\user\\", "hku\\", 1)
    hive, _, rest = text.partition("\\")
    short = _HIVES.get(hive.strip("[]").removesuffix(":"))
    return f"{short}\\{rest}" if short and rest.strip("\\") else None


_SPELLERS: Final[Mapping[IndicatorType, Callable[[str], str | None]]] = {
    "ipv4": _ipv4, "ipv6": _ipv6, "cidr": _cidr, "domain": _domain, "host": _host, "url": _url, "email": _email,
    "md5": _hash(32), "sha1": _hash(40), "sha256": _hash(64), "file_name": _file_name, "registry_key": _registry_key,
}  # fmt: skip
_ORDER: Final[tuple[IndicatorType, ...]] = (
    "ipv4", "cidr", "md5", "sha1", "sha256", "ipv6", "url", "email", "registry_key", "domain",
)  # fmt: skip
