"""Rules that every room of the house keeps, found by listing, not by memory."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
SOURCE = HOUSE / "src" / "haidang"
MODULES = sorted(SOURCE.rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "base", "core", "manager"}
CLASSES = sorted(
    node.name
    for path in (SOURCE / "engine").rglob("*.py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
)


def words_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_file_or_folder_is_called_after_nothing(path: Path) -> None:
    assert not FORBIDDEN_NAMES & {part.removesuffix(".py") for part in path.relative_to(SOURCE).parts}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_module_has_a_door_plate(path: Path) -> None:
    plate = ast.get_docstring(ast.parse(words_of(path)))
    assert plate, "the first line of a module says what is in the room"
    assert len(plate.splitlines()[0]) <= 140


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nobody_swallows_errors(path: Path) -> None:
    broad = {"Exception", "BaseException"}
    for node in ast.walk(ast.parse(words_of(path))):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None
            assert not (isinstance(node.type, ast.Name) and node.type.id in broad)


@pytest.mark.parametrize("path", sorted((SOURCE / "engine").rglob("*.py")), ids=lambda path: path.stem)
def test_the_engine_never_asks_what_time_it_is(path: Path) -> None:
    assert not re.search(r"\.(?:now|today|utcnow)\(\)|date\.today|datetime\.now|time\.time\(", words_of(path))


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_of_the_engine_stands_in_the_glossary(name: str) -> None:
    assert f"`{name}`" in words_of(HOUSE / "docs" / "glossary.md")


def test_the_lock_pins_every_library_by_hash_and_names_no_address() -> None:
    lock = words_of(HOUSE / "requirements.lock")
    pins = re.findall(r"^[A-Za-z0-9._-]+==[^\s\\]+", lock, re.MULTILINE)
    assert len(pins) > 30
    assert "://" not in lock
    for entry in re.split(r"\n(?=\S)", lock):
        if "==" in entry.split("\n")[0]:
            assert "--hash=sha256:" in entry


def test_every_library_that_the_project_asks_for_is_locked() -> None:
    project = tomllib.loads(words_of(HOUSE / "pyproject.toml"))
    asked = project["project"]["dependencies"] + [
        entry for group in project["project"]["optional-dependencies"].values() for entry in group
    ]
    asked += project["dependency-groups"]["dev"]
    lock = words_of(HOUSE / "requirements.lock")
    for entry in asked:
        name = re.split(r"[<>=\[ ]", entry)[0].lower()
        assert re.search(rf"^{re.escape(name)}==", lock, re.MULTILINE), name


def test_links_between_pages_lead_somewhere() -> None:
    pages = [HOUSE / "README.md", HOUSE / "README.vi.md", *sorted((HOUSE / "docs").rglob("*.md"))]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)\)", words_of(page)):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_command_line_starts_without_loading_the_engine() -> None:
    script = (
        "import sys, haidang.cli.main as m; m.make_parser(); "
        "print([n for n in ('polars', 'pypdfium2', 'jinja2', 'haidang.engine.letters') if n in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
