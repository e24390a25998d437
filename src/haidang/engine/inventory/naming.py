"""Whose list it is: a machine's name from a line that says it, from a prompt, or from the name of the file."""

from __future__ import annotations

import re

# "# host: PC-01", "hostname = PC-01", "Tên máy: PC-01"
_SAID = re.compile(
    r"^\s*(?:[#;/]+|rem|::)?\s*(?:host(?:[ _-]?name)?|computer(?:[ _-]?name)?|tên máy|ten may|máy|may)\s*[:=]\s*"
    r"[\"']?([\w.\-]{1,120})[\"']?\s*$",
    re.IGNORECASE,
)
# "root@web01:~# dpkg -l", "[root@db1 ~]# rpm -qa", "[root@bigip1:Active:Standalone] config # tmsh …"
_PROMPT = re.compile(
    r"^\s*(?:\(\w[\w.-]*\)\s*)?\[?[\w.\\-]{1,40}@([A-Za-z0-9][\w.-]{0,80})[:\s\]].{0,200}?[#$](?:\s|$)"
)
_LONE = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9_-]{1,62}){0,6})\s*$")
_WORDS = re.compile(
    r"(?:^|[\s_.\-]+)(?:systeminfo|msinfo32|wmic|qfe|get-?hotfix(?:es)?|hotfix(?:es)?|updates?|dpkg(?:-query)?|rpm(?:-qa)?|"
    r"packages?|pkgs?|software|programs?|uninstall|reg|ver(?:sion)?|winver|inventory|kiem-?ke|phan-?mem|os-?release|"
    r"zmcontrol|zimbra|tmsh|exchange|osquery|results?|sbom|bom|cdx|cyclonedx|spdx|txt|csv|log|list|ban-?va)(?=$|[\s_.\-]+)",
    re.IGNORECASE,
)
_ENDINGS = re.compile(
    r"(?:\.(?:txt|log|csv|tsv|json|jsonl|ndjson|xml|xlsx?|reg|out|md|lst|dat|spdx|cdx|bom|rdf|yaml|yml|ini))+$",
    re.IGNORECASE,
)


def host_in(line: str) -> str | None:
    """Find a machine's name in a line that says nothing else, or in a prompt; None elsewhere."""
    if len(line) > 400:
        return None
    found = _SAID.match(line) or _PROMPT.match(line)
    return found[1] if found else None


def lone_name(line: str) -> str | None:
    """Find what `hostname` prints: one word alone on its line, with a letter in it."""
    found = _LONE.match(line) if len(line) < 200 else None
    return found[1] if found and re.search(r"[A-Za-z]", found[1]) else None


def host_of_file(name: str) -> str:
    """Make a machine's name of a file's: "PC-KETOAN_systeminfo.txt" is PC-KETOAN; of "systeminfo.txt", its folder's."""
    parts = [part for part in re.split(r"[/\\]", name) if part]
    for part in reversed(parts or [name]):
        bare = _ENDINGS.sub("", part)
        shorn = bare
        for _ in range(4):
            shorn = _WORDS.sub(" ", shorn).strip(" ._-")
        if shorn:
            return shorn if " " not in shorn else bare
    return _ENDINGS.sub("", parts[-1]) if parts else name
