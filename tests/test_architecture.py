"""Keep the arrows between the rooms true, and each heavy library with its owners."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("reid", "roadgraph", "index", "ui")
MAY_IMPORT = {
    "reid": {"reid"},
    "roadgraph": {"roadgraph"},
    "index": {"index", "reid", "roadgraph"},
    "ui": set(ROOMS),
}
OWNERS = {
    "faiss": ["index/vectors/*"],
    "sqlalchemy": ["index/catalogue/*"],
    "alembic": ["index/catalogue/*"],
    "torch": ["reid/*/network.py", "reid/*/networks/*", "reid/training/*"],
    "cv2": ["reid/*"],
    "av": ["reid/*"],
    "rapidocr": ["reid/plates/*"],
    "streamlit": ["ui/web/*", "ui/server.py"],
    "pydeck": ["ui/web/*"],
    "networkx": ["roadgraph/*"],
    "shapely": ["roadgraph/*"],
    "osmium": ["roadgraph/*"],
    "scipy.sparse.csgraph": ["roadgraph/*"],
}
MAY_PRINT = ["ui/*"]


def modules() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", modules(), ids=place)
def test_arrows_point_one_way(path: Path) -> None:
    room = place(path).split("/")[0]
    wrong = {name for name in imports(path) if name.split(".")[0] in set(ROOMS) - MAY_IMPORT[room]}
    assert not wrong, f"{place(path)} imports {sorted(wrong)}: {room} may import {sorted(MAY_IMPORT[room])}"


@pytest.mark.parametrize("library", OWNERS)
def test_heavy_library_stays_with_its_owners(library: str) -> None:
    users = {
        place(path)
        for path in modules()
        if any(name == library or name.startswith(f"{library}.") for name in imports(path))
    }
    strangers = {user for user in users if not any(fnmatch(user, owner) for owner in OWNERS[library])}
    assert not strangers, f"{library} belongs to {OWNERS[library]}, not to {sorted(strangers)}"


@pytest.mark.parametrize("path", modules(), ids=place)
def test_only_the_ui_prints(path: Path) -> None:
    if any(fnmatch(place(path), pattern) for pattern in MAY_PRINT):
        return
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    assert not [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


@pytest.mark.parametrize("path", modules(), ids=place)
def test_every_module_opens_with_one_sentence(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, f"{place(path)} does not say what it does"
    assert docstring.splitlines()[0].endswith((".", "?"))
