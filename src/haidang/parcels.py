"""Files as they come in: read whole, within limits, never half."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from haidang import content
from haidang.engine.errors import UnreadableParcel
from haidang.engine.letters import read_letter
from haidang.engine.letters.letter import Letter
from haidang.engine.letters.products import read_product_names
from haidang.engine.letters.reader import MOST_BYTES
from haidang.engine.obligations.facts import ENDINGS, FactFile
from haidang.engine.obligations.measures import all_measures
from haidang.engine.obligations.recognise import recognise
from haidang.engine.tables import TABLES

MOST_FACT_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A letter and the hash of the bytes it was read from."""

    letter: Letter
    sha256: str


def read_letter_file(path: str, on_file: Collection[str] = ()) -> LetterFile:
    """Read a letter from a file, or from standard input for "-", and recognise its measures.

    Raises:
        UnreadableParcel: it can't be read, or is no letter.
    """
    name = "standard input" if path == "-" else Path(path).name
    data = read_bytes(path, MOST_BYTES)
    products = read_product_names((content.folder() / "products.yaml").read_bytes())
    letter = recognise(read_letter(data, name, products, on_file), all_measures())
    return LetterFile(letter, hashlib.sha256(data).hexdigest())


def read_bytes(path: str, most: int) -> bytes:
    """Read a file (or standard input) of at most so many bytes.

    Raises:
        UnreadableParcel: it is not there, not a file, not readable, or larger.
    """
    try:
        if path == "-":
            data = sys.stdin.buffer.read(most + 1)
        else:
            if not Path(path).is_file():
                raise UnreadableParcel(f"{path} is not there" if not Path(path).exists() else f"{path} is not a file")
            size = Path(path).stat().st_size
            if size > most:
                raise UnreadableParcel(f"{path} has {size // 1_000_000} MB; at most {most // 1_000_000} MB are read")
            with Path(path).open("rb") as stream:
                data = stream.read(most + 1)
    except OSError as error:
        raise UnreadableParcel(f"{path} can't be read: {error.strerror}") from error
    if len(data) > most:
        raise UnreadableParcel(f"{path} has more than {most // 1_000_000} MB")
    return data


def fact_files(facts: Path, intel: Sequence[Path] = ()) -> Iterator[FactFile]:
    """Give the files of facts: `facts/<agency>/<table>`, and the department's own `intel/<table>`.

    Links are not followed: a folder of facts is somebody else's, and may point anywhere.

    A file that can't be opened, is too large, or is a link stops nobody else's judgement: it is told as unread.

    Raises:
        UnreadableParcel: a folder is not there.
    """
    for at, folder in enumerate(intel, 1):
        shown = "intel" if at == 1 else f"intel/{at}"
        yield from (_fact_file("", shown, path) for path in _files(folder))
    for entry in _entries(facts):
        if entry.is_dir(follow_symlinks=False):
            yield from (_fact_file(_shown(entry.name), _shown(entry.name), path) for path in _files(Path(entry.path)))
        elif _is_named_after_a_table(entry.name) or entry.is_symlink():
            yield FactFile(
                _shown(entry.name), _shown(entry.name), b"", "nằm ngoài thư mục của đơn vị / in no agency's folder"
            )


def _fact_file(agency: str, folder: str, path: os.DirEntry[str]) -> FactFile:
    name = f"{folder}/{_shown(path.name)}"
    if not path.is_file(follow_symlinks=False):
        return FactFile(
            agency, name, b"", "là đường dẫn hoặc tệp đặc biệt, không mở / a link or special file, not opened"
        )
    try:
        return FactFile(agency, name, read_bytes(path.path, MOST_FACT_BYTES))
    except UnreadableParcel as error:
        return FactFile(agency, name, b"", str(error))


def _shown(name: str) -> str:
    """Write a file's name as text, whatever bytes an unpacked archive left in it."""
    return os.fsencode(name).decode("utf-8", "replace")


def _entries(parent: Path) -> list[os.DirEntry[str]]:
    if not parent.is_dir():
        raise UnreadableParcel(f"{parent} is not a folder")
    with os.scandir(parent) as entries:
        return sorted(
            (entry for entry in entries if not entry.name.startswith(("~$", "."))), key=lambda entry: entry.name
        )


def _files(parent: Path) -> list[os.DirEntry[str]]:
    """List what may be a table: CSV and XLSX files, and whatever else is named after a table."""
    return [
        entry
        for entry in _entries(parent)
        if not entry.is_dir(follow_symlinks=False)
        and (entry.name.lower().endswith(ENDINGS) or _is_named_after_a_table(entry.name))
    ]


def _is_named_after_a_table(name: str) -> bool:
    return Path(name).stem.lower() in TABLES
