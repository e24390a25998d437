"""A made-up city's machines: Windows at real builds, servers, appliances, and some twenty products on each.

Names are written as installers, package managers and devices show them. Each product has a pool of versions, drawn from
a pattern like "{7-9}.{0-99}". Only the builds of Windows and their updates are real: they come from Microsoft's monthly
documents.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

AGENCIES = 88
PRODUCTS = 20  # on each machine but devices, whose share goes to the others
_DRAWN = re.compile(r"\{(\d+)-(\d+)\}")


@dataclass(frozen=True, slots=True)
class Offer:
    """A product that a machine may have: its share of machines in percent, and how its versions look."""

    share: int
    vendor: str
    product: str  # [0] is the first number of the version
    version: str
    pool: int = 16
    purl: str = ""

    def versions(self, dice: random.Random) -> list[str]:
        """Draw the pool, in order of the numbers in it."""
        drawn = {
            _DRAWN.sub(lambda at: str(dice.randint(int(at[1]), int(at[2]))), self.version) for _ in range(self.pool)
        }
        return sorted(drawn, key=lambda version: [int(number) for number in _numbers(version)])

    def name(self, version: str) -> str:
        """Give the product's name as its installer shows it, which often repeats the version."""
        return re.sub(r"\[(\d)\]", lambda at: _numbers(version)[int(at[1])], self.product)


def _numbers(version: str) -> list[str]:
    return re.findall(r"\d+", version)


def _rows(text: str) -> tuple[Offer, ...]:
    """Read a table: share | vendor | product | version [| size of the pool [| package URL without version]]."""
    offers = []
    for line in filter(None, text.splitlines()):
        share, vendor, product, version, *more = (cell.strip() for cell in line.split("|"))
        offers.append(Offer(int(share), vendor, product, version, int(more[0]) if more else 16, "".join(more[1:])))
    return tuple(offers)


_EVERY_WINDOWS = """
92 | Microsoft Corporation | Microsoft Edge | {100-143}.0.{1185-3650}.{29-98} | 120
40 | Microsoft Corporation | Microsoft Edge WebView2 Runtime | {100-143}.0.{1185-3650}.{29-98} | 120
60 | Microsoft Corporation | Microsoft Visual C++ 2015-2022 Redistributable (x64) - [0].[1].[2] | 14.{20-40}.{30704-34433} | 30
55 | Microsoft Corporation | Microsoft Visual C++ 2013 Redistributable (x86) | 12.0.{30501-40664} | 6
50 | Igor Pavlov | 7-Zip [0].[1] (x64) | {16-24}.0{0-9} | 30
30 | Microsoft Corporation | Microsoft .NET Runtime - [0].[1].[2] (x64) | {6-8}.0.{1-36} | 60
22 | Oracle Corporation | Java 8 Update [2] (64-bit) | 8.0.{101-421}.{7-13} | 40
25 | Notepad++ Team | Notepad++ (64-bit x64) | 8.{1-8}.{0-9} | 40
18 | Simon Tatham | PuTTY release [0].[1] (64-bit) | 0.{70-83} | 14
16 | Kaspersky | Kaspersky Endpoint Security for Windows | {11-12}.{1-11}.0.{394-699} | 20
14 | Python Software Foundation | Python [0].[1].[2] (64-bit) | 3.{8-12}.{0-18} | 60
10 | Node.js Foundation | Node.js | {14-22}.{0-21}.{0-4} | 60
9 | The Git Development Community | Git | 2.{30-46}.{0-2} | 40
"""

_WORKSTATION = _rows(
    _EVERY_WINDOWS
    + """
85 | Google LLC | Google Chrome | {100-143}.0.{4896-7499}.{40-210} | 240
35 | Mozilla | Mozilla Firefox (x64 vi) | {91-147}.0.{1-4} | 120
6 | Mozilla | Mozilla Firefox ESR (x64 en-US) | {91-128}.{0-15}.0 | 40
48 | Cốc Cốc | Cốc Cốc | {100-141}.0.{120-200} | 40
55 | Microsoft Corporation | Microsoft 365 Apps for enterprise - vi-vn | 16.0.{12527-18827}.{20000-20994} | 120
12 | Microsoft Corporation | Microsoft Office LTSC Professional Plus 2021 | 16.0.{14332-14334}.{20000-20994} | 40
12 | Microsoft Corporation | Microsoft Office Professional Plus 2019 | 16.0.{10337-10417}.{20000-20110} | 40
14 | Microsoft Corporation | Microsoft Office Professional Plus 2016 | 16.0.4266.1001 | 1
8 | Microsoft Corporation | Microsoft Office Professional Plus 2013 | 15.0.4420.1017 | 1
6 | Microsoft Corporation | Microsoft Office Professional Plus 2010 | 14.0.7015.1000 | 1
40 | Microsoft Corporation | Microsoft OneDrive | {20-25}.{100-250}.{1000-1209}.{1-9} | 60
30 | Microsoft Corporation | Microsoft Teams | 1.{3-8}.00.{10000-35961} | 40
55 | Adobe | Adobe Acrobat Reader DC | {19-25}.{1-12}.{20034-20997} | 90
10 | Adobe Systems Incorporated | Adobe Flash Player 32 PPAPI | 32.0.0.{101-465} | 20
30 | Foxit Software Inc. | Foxit PDF Reader | {10-2024}.{0-4}.{0-3}.{15000-27937} | 40
45 | win.rar GmbH | WinRAR [0].[1] (64-bit) | {5-7}.{10-91}.0 | 30
60 | UniKey | UniKey | 4.{0-6} | 6
50 | UltraViewer | UltraViewer | 6.{2-6}.{1-130} | 30
30 | TeamViewer | TeamViewer | 15.{10-61}.{1-9} | 60
28 | AnyDesk Software GmbH | AnyDesk | ad {5-9}.{0-7}.{0-13} | 30
35 | Zoom Video Communications, Inc. | Zoom Workplace | 5.{0-17}.{0-12} | 80
50 | VNG Corp. | Zalo | {22-25}.{1-12}.{1-3} | 40
25 | VideoLAN | VLC media player | 3.0.{4-21} | 18
15 | The Document Foundation | LibreOffice [0].[1].[2].[3] | {6-24}.{2-8}.{0-7}.{1-3} | 60
12 | Mozilla | Mozilla Thunderbird (x64 vi) | {91-128}.{0-15}.{0-3} | 60
12 | Tim Kosse | FileZilla [0].[1].[2] | 3.{50-67}.{0-5} | 40
10 | Martin Prikryl | WinSCP [0].[1].[2] | 5.{13-21}.{0-8} | 30
14 | Fortinet Technologies Inc | FortiClient VPN | 7.{0-4}.{0-12}.{18-1658} | 40
8 | OpenVPN, Inc. | OpenVPN | 2.{4-6}.{0-12} | 30
8 | Cisco Systems, Inc. | Cisco AnyConnect Secure Mobility Client | 4.{7-10}.{1076-9053} | 30
6 | Oracle Corporation | Oracle VM VirtualBox [0].[1].[2] | {6-7}.{0-1}.{0-46} | 30
9 | PDF-XChange Co Ltd. | PDF-XChange Editor | {9-10}.{0-5}.{350-398}.0 | 30
14 | Apple Inc. | iTunes | 12.{9-13}.{0-9}.{1-9} | 30
12 | Autodesk | AutoCAD 2021 | 24.0.{47-270} | 20
8 | Corel Corporation | CorelDRAW Graphics Suite | {22-25}.{0-2}.0.{301-731} | 20
18 | MISA JSC | MISA Mimosa.NET 2022 | 1.{0-60}.{0-9} | 60
16 | Ban Cơ yếu Chính phủ | VGCA Sign Service | 1.0.{0-9} | 10
"""
)

_SERVER = _rows(
    _EVERY_WINDOWS
    + """
60 | VMware, Inc. | VMware Tools | {11-12}.{0-5}.{0-5}.{14549434-24276846} | 30
18 | Microsoft Corporation | Microsoft SQL Server 2019 (64-bit) | 15.0.{2000-4435}.{1-7} | 40
12 | Microsoft Corporation | Microsoft SQL Server 2016 (64-bit) | 13.0.{4001-7055}.{1-9} | 40
12 | Microsoft Corporation | Microsoft SQL Server 2022 (64-bit) | 16.0.{1000-4205}.{1-9} | 40
10 | Microsoft Corporation | Microsoft SQL Server 2014 (64-bit) | 12.0.{2000-6449}.{1-9} | 30
8 | Microsoft Corporation | Microsoft Exchange Server 2016 | 15.1.{1415-2507}.{2-61} | 30
8 | Microsoft Corporation | Microsoft Exchange Server 2019 | 15.2.{221-1748}.{2-61} | 30
5 | Microsoft Corporation | Microsoft SharePoint Server 2019 | 16.0.{10337-10417}.{20000-20090} | 20
60 | Google LLC | Google Chrome | {100-143}.0.{4896-7499}.{40-210} | 240
20 | Mozilla | Mozilla Firefox | {91-147}.0.{1-4} | 120
14 | Oracle Corporation | MySQL Server 8.0 | 8.0.{11-42} | 32
10 | PostgreSQL Global Development Group | PostgreSQL | {10-16}.{0-21} | 80
14 | Apache Software Foundation | Apache Tomcat | {8-10}.{0-5}.{1-99} | 90
8 | Apache Software Foundation | Apache HTTP Server | 2.4.{29-62} | 30
6 | Oracle Corporation | WebLogic Server | 12.2.1.{3-4}.0 | 2
6 | The PHP Group | PHP | {7-8}.{0-4}.{0-33} | 80
5 | Atlassian | Confluence | {7-8}.{0-20}.{0-18} | 60
5 | Jenkins | Jenkins | 2.{263-479}.{1-3} | 60
4 | JetBrains | TeamCity | 20{19-24}.{1-12}.{0-5} | 40
5 | Veeam Software | Veeam Backup & Replication | {10-12}.{0-3}.{0-2}.{837-4854} | 20
6 | Zoho Corp. | ManageEngine ServiceDesk Plus | {11-14}.{1-9} | 40
6 | Progress Software | WhatsUp Gold | {20-23}.{0-1}.{0-3} | 20
4 | Adobe | ColdFusion 2021 | 2021.0.{0-16}.{325996-330330} | 20
5 | Telerik | Telerik Report Server | {6-10}.{0-2}.{19-24}.{110-806} | 20
40 | Microsoft Corporation | Microsoft ODBC Driver 17 for SQL Server | 17.{3-10}.{1-6}.1 | 20
30 | Microsoft Corporation | Microsoft OLE DB Driver for SQL Server | 18.{2-7}.{1-7}.0 | 20
30 | Microsoft Corporation | IIS URL Rewrite Module 2 | 7.2.1993 | 1
25 | Microsoft Corporation | Microsoft Visual Studio 2019 | 16.{4-11}.{1-46} | 30
20 | Docker Inc. | Docker Desktop | 4.{1-34}.{0-3} | 40
16 | Zabbix SIA | Zabbix Agent | {5-7}.{0-4}.{0-30} | 40
"""
)

_UBUNTU = "".join(
    f"{share} | Ubuntu | {name} | {version} | {pool} | pkg:deb/ubuntu/{name}\n"
    for share, name, version, pool in (
        (90, "openssl", "3.0.2-0ubuntu1.{1-18}", 18),
        (90, "openssh-server", "1:8.9p1-3ubuntu0.{1-10}", 10),
        (90, "linux-image-generic", "5.15.0.{25-119}.{25-119}", 60),
        (85, "bash", "5.1-6ubuntu1.{0-1}", 2),
        (85, "sudo", "1.9.9-1ubuntu2.{1-4}", 4),
        (80, "curl", "7.81.0-1ubuntu1.{1-18}", 18),
        (80, "libc6", "2.35-0ubuntu3.{1-9}", 9),
        (70, "vim", "2:8.2.3995-1ubuntu2.{1-21}", 21),
        (60, "python3.10", "3.10.{4-12}-1~22.04.{1-7}", 30),
        (55, "nginx", "1.18.0-6ubuntu14.{1-5}", 5),
        (45, "php8.1-fpm", "8.1.2-1ubuntu2.{1-20}", 20),
        (40, "mysql-server", "8.0.{28-41}-0ubuntu0.22.04.{1-3}", 30),
        (30, "postgresql-14", "14.{2-15}-0ubuntu0.22.04.{1-3}", 30),
        (30, "apache2", "2.4.52-1ubuntu4.{1-12}", 12),
        (25, "redis-server", "5:6.0.16-1ubuntu1.{0-2}", 3),
        (20, "samba", "2:4.15.{5-13}+dfsg-0ubuntu1.{1-7}", 30),
    )
)

_LINUX = _rows(
    _UBUNTU
    + """
30 | | django | {2-5}.{0-2}.{0-20} | 60 | pkg:pypi/django
25 | | flask | {1-3}.{0-1}.{0-4} | 20 | pkg:pypi/flask
40 | | requests | 2.{20-32}.{0-3} | 30 | pkg:pypi/requests
30 | | jinja2 | {2-3}.{0-11}.{0-4} | 30 | pkg:pypi/jinja2
28 | | pillow | {8-11}.{0-4}.{0-2} | 30 | pkg:pypi/pillow
26 | | urllib3 | {1-2}.{0-26}.{0-19} | 60 | pkg:pypi/urllib3
24 | | cryptography | {36-43}.0.{0-7} | 40 | pkg:pypi/cryptography
8 | | tensorflow | 2.{4-16}.{0-3} | 40 | pkg:pypi/tensorflow
8 | | apache-airflow | 2.{0-9}.{0-3} | 40 | pkg:pypi/apache-airflow
30 | | lodash | 4.17.{4-21} | 18 | pkg:npm/lodash
30 | | express | 4.{16-19}.{0-4} | 20 | pkg:npm/express
25 | | axios | {0-1}.{18-28}.{0-4} | 40 | pkg:npm/axios
20 | | jsonwebtoken | {8-9}.{0-5}.{0-2} | 20 | pkg:npm/jsonwebtoken
20 | | stdlib | 1.{16-22}.{0-12} | 60 | pkg:golang/stdlib
10 | | golang.org/x/net | 0.{1-30}.0 | 30 | pkg:golang/golang.org/x/net
12 | | grafana | {7-11}.{0-6}.{0-9} | 60 | pkg:golang/github.com/grafana/grafana
14 | | spring-core | 5.{2-3}.{0-39} | 60 | pkg:maven/org.springframework/spring-core
14 | | log4j-core | 2.{11-20}.{0-1} | 20 | pkg:maven/org.apache.logging.log4j/log4j-core
9 | Synacor | Zimbra Collaboration | 8.8.15 P{1-46} | 46
6 | Synacor | Zimbra Collaboration | {9-10}.0.{0-9} | 20
10 | GitLab | GitLab | {13-17}.{0-11}.{0-9} | 120
10 | WordPress | WordPress | {4-6}.{0-9}.{0-3} | 80
8 | Apache Software Foundation | Apache Tomcat | {8-10}.{0-5}.{1-99} | 90
8 | Elastic | Kibana | {7-8}.{0-17}.{0-4} | 60
6 | Moodle | Moodle | {3-4}.{0-11}.{0-12} | 60
6 | Nextcloud | Nextcloud Server | {20-29}.0.{0-14} | 60
5 | Mattermost | Mattermost | {5-9}.{0-11}.{0-9} | 60
5 | VMware | vCenter Server | {6-8}.{0-7}.0.{10000-52000} | 40
"""
)

_DEVICE = _rows(
    """
30 | Fortinet | FortiOS | {6-7}.{0-4}.{0-17} | 90
20 | F5 | BIG-IP | {13-17}.{0-1}.{0-5}.{0-10} | 90
20 | Cisco | IOS XE Software | 1{6-7}.{3-12}.{1-8} | 60
15 | Palo Alto Networks | PAN-OS | {8-11}.{0-2}.{0-16} | 60
15 | MikroTik | RouterOS | {6-7}.{1-49}.{1-9} | 60
"""
)

# The kinds of machines: share in percent, kind, what is on them.
_KINDS: tuple[tuple[int, str, Sequence[Offer]], ...] = (
    (78, "workstation", _WORKSTATION),
    (10, "server", _SERVER),
    (9, "linux", _LINUX),
    (3, "network", _DEVICE),
)
# Lines of Windows by share; each as advisories name it, and as machines do.
_CLIENTS = {
    "windows 10 version 22h2": (38, "Microsoft Windows 10 Pro"),
    "windows 10 version 21h2": (14, "Microsoft Windows 10 Pro"),
    "windows 10 version 1809": (5, "Microsoft Windows 10 Enterprise LTSC"),
    "windows 10 version 1607": (2, "Microsoft Windows 10 Enterprise 2016 LTSB"),
    "windows 10 version 20h2": (5, "Microsoft Windows 10 Home Single Language"),
    "windows 11 version 21h2": (3, "Microsoft Windows 11 Pro"),
    "windows 11 version 22h2": (8, "Microsoft Windows 11 Pro"),
    "windows 11 version 23h2": (12, "Microsoft Windows 11 Pro"),
    "windows 11 version 24h2": (8, "Microsoft Windows 11 Home Single Language"),
    "windows 7 service pack 1": (4, "Microsoft Windows 7 Professional Service Pack 1"),
    "windows 8.1": (1, "Microsoft Windows 8.1 Pro"),
}
_SERVERS = {
    "windows server 2008 r2 service pack 1": (6, "Microsoft Windows Server 2008 R2 Standard Service Pack 1"),
    "windows server 2012 r2": (14, "Microsoft Windows Server 2012 R2 Standard"),
    "windows server 2016": (24, "Microsoft Windows Server 2016 Standard"),
    "windows server 2019": (32, "Microsoft Windows Server 2019 Standard"),
    "windows server 2022": (20, "Microsoft Windows Server 2022 Standard"),
    "windows server 2025": (4, "Microsoft Windows Server 2025 Standard"),
}
# A build of Windows: its four numbers, and the number of the update that brings it.
Builds = Mapping[str, Sequence[tuple[str, str]]]
HOSTS = ("host", "kind", "system", "os", "os_version", "arch", "address")
SOFTWARE = ("host", "vendor", "product", "version", "purl", "seen_on")
HOTFIXES = ("host", "update", "installed_on")
_SEEN = "2026-01-15"
# How far behind machines are: a draw from 0 to 1 to this power is the part of the pool that is newer. With 5, 63 in a
# hundred are in the newest tenth; with 1.6, 24 are.
TENDED, NEGLECTED = 5.0, 1.6


def write_fleet(place: Path, count: int, builds: Builds, lag: float = TENDED, seed: int = 1) -> int:
    """Write the inventories of a city, a folder an agency; give the number of rows of software.

    The same arguments write the same bytes.

    Args:
        place: where to.
        count: how many machines.
        builds: line of Windows → its builds from the earliest.
        lag: how far behind versions are.
        seed: of the dice.
    """
    dice = random.Random(seed)
    pools = {offer: offer.versions(dice) for _, _, offers in _KINDS for offer in offers}
    devices = count * _KINDS[-1][0] // 100
    each, rest = divmod(count * PRODUCTS - devices, count - devices)
    kinds = [at for at, (share, _, _) in enumerate(_KINDS[:-1]) for _ in range(share)]
    is_device = set(dice.sample(range(count), devices))
    written = 0
    for agency in range(AGENCIES):
        folder = place / f"don-vi-{agency:02}"
        folder.mkdir(parents=True)
        rows: dict[str, list[Sequence[str]]] = {"hosts": [HOSTS], "software": [SOFTWARE], "hotfixes": [HOTFIXES]}
        for at in range(agency, count, AGENCIES):
            _, kind, offers = _KINDS[-1] if at in is_device else _KINDS[dice.choice(kinds)]
            host = f"DV{agency:02}-{kind[:3].upper()}-{at:05}"
            rows["hosts"].append(_host(dice, host, kind, builds, lag, rows["hotfixes"]))
            size = 1 if at in is_device else each + (rest > 0)
            rest -= at not in is_device
            chosen = sorted(offers, key=lambda offer: dice.random() ** (100 / offer.share), reverse=True)[:size]
            rows["software"] += [_software(dice, host, offer, pools[offer], lag) for offer in chosen]
        written += len(rows["software"]) - 1
        for name, table in rows.items():
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(table)
    return written


def _software(dice: random.Random, host: str, offer: Offer, pool: Sequence[str], lag: float) -> Sequence[str]:
    version = pool[-1 - int(len(pool) * dice.random() ** lag)]
    purl = f"{offer.purl}@{version.replace(':', '%3A')}" if offer.purl else ""
    purl += "?distro=ubuntu-22.04" if purl.startswith("pkg:deb/") else ""
    return host, offer.vendor, offer.name(version), version, purl, _SEEN


def _host(
    dice: random.Random, host: str, kind: str, builds: Builds, lag: float, hotfixes: list[Sequence[str]]
) -> Sequence[str]:
    """Draw a machine's system, and some of its updates."""
    address = f"10.{dice.randint(0, 255)}.{dice.randint(0, 255)}.{dice.randint(1, 254)}"
    system = f"Hệ thống {dice.randint(1, 5)}"
    if kind in ("linux", "network"):
        os, os_version = ("Ubuntu 22.04.4 LTS", "22.04") if kind == "linux" else ("", "")
        return host, "server" if kind == "linux" else kind, system, os, os_version, "x64", address
    lines = _SERVERS if kind == "server" else _CLIENTS
    (line,) = dice.choices(list(lines), [share for share, _ in lines.values()])
    ladder = builds[line]
    at = len(ladder) - 1 - int(len(ladder) * dice.random() ** lag)
    build, update = ladder[at]
    shown = dice.random()
    if shown < 0.6:  # the list of updates is handed in too: the cumulative one, and up to two older
        older = {ladder[at - dice.randint(0, min(at, 4))][1] for _ in range(2)} | {update}
        hotfixes += [(host, f"KB{number}", _SEEN) for number in sorted(older)]
    if 0.5 < shown < 0.6:  # and some show the updates alone
        build = build.rpartition(".")[0]
    return host, kind, system, lines[line][1], build, "x64", address
