"""F5 BIG-IP: the output of `tmsh show sys version`, with build and edition."""

from __future__ import annotations

import re

from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import decode, head_of, lines_of
from haidang.engine.inventory.distribution import sections
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.naming import host_in, host_of_file

ORDER = 60

# Sys::Version / Main Package / "  Product     BIG-IP" / "  Version     16.1.4.1" / "  Build       0.50.5"
_FIELD = re.compile(r"^\s*(Product|Version|Build|Edition|Sequence)\s+(\S.{0,120}?)\s*$")
_PRODUCT = re.compile(r"^\s*Product\s+(?:BIG-I[PQ]|F5OS\S*|iWorkflow)\b", re.MULTILINE)
_HEAD = re.compile(r"^\s*Sys::Version\b|^\s*Main Package\b", re.MULTILINE)


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take a text with the headings of `show sys version` and an F5 product below them."""
    head = head_of(data)
    return bool(_HEAD.search(head) and _PRODUCT.search(head))


def read(data: bytes, name: str) -> Inventory:
    """Read one device for each block."""
    rows = Rows("F5 tmsh show sys version", name)
    for section in sections(lines_of(decode(data)[0])):
        host = next((host for _, line in section if (host := host_in(line))), None)
        fields: dict[str, tuple[str, int]] = {}
        for number, line in section:
            found = _FIELD.match(line[:300])
            if found and found[1] not in fields:
                fields[found[1]] = (found[2], number)
        if fields:
            _add(rows, name, host, fields)
    return rows.done()


def _add(rows: Rows, name: str, host: str | None, fields: dict[str, tuple[str, int]]) -> None:
    product, line = fields.get("Product", ("BIG-IP", 1))
    if "Version" not in fields:
        rows.unread(line, f"{product} không ghi phiên bản / {product} without a version")
        return
    if host is None:
        host = host_of_file(name)
        rows.lack(host, "no_hostname", asking.NO_HOSTNAME, line)
    version = fields["Version"][0]
    if "Build" in fields:
        version = f"{version} Build {fields['Build'][0]}"
    else:
        rows.lack(
            host,
            "no_build",
            "không ghi số Build, mà bản vá nóng của F5 chỉ phân biệt qua Build; xin thêm “tmsh show sys version” / "
            "the Build is not said, and only it tells an engineering hotfix; ask for “tmsh show sys version”",
            line,
        )
    rows.host(host, line=line, kind="network", os=f"F5 {product}", os_version=version)
    if "Edition" in fields:
        edition, at = fields["Edition"]
        rows.software(host, f"{product} {edition}", line=at, vendor="F5", version=version)
