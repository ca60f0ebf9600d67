"""Keep the structure that ARCHITECTURE.md draws: rooms, floors, no circles, heavy libraries with their owners."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("reid", "roadgraph", "index", "ui")
MAY_IMPORT = {
    "reid": {"reid"},
    "roadgraph": {"roadgraph"},
    "index": {"index", "reid", "roadgraph"},
    "ui": set(ROOMS),
}

FLOORS = {
    "store": set(),
    "access": {"store"},
    "map": {"store", "access"},
    "upkeep": {"store", "access", "map"},
    "search": {"store", "access", "map"},
    "ingest": {"store", "access", "map"},
    "casework": {"store", "access", "map", "search", "ingest"},
    "learning": {"store", "access", "map", "search", "ingest"},
    "simulation": {"store", "access", "map", "search", "ingest", "learning"},
}
"""The drawers of `index`, from the ground up, and those below that each may use. All share SHARED."""
SHARED = {"records", "answers", "errors", "dates"}

WORKSHOP = ("reid/render/*", "reid/training/*", "reid/evaluation/*", "index/simulation/*")
WORKSHOP_USERS = ("index/learning/adapting.py", *WORKSHOP)
"""Adapting trains; all others that use the workshop are commands of `ui`, each loaded only when it is called."""
RUNTIME = ("index/search/search.py", "index/ingest/ingest.py", "index/ingest/watch.py", "index/ingest/stream.py")
RUNTIME_ROOMS = ("index/store/*", "index/access/*", "index/map/*", "index/upkeep/*", "ui/web/*", "ui/server.py")

OWNERS = {
    "faiss": ["index/store/vectors/*"],
    "pymilvus": ["index/store/vectors/*"],
    "sqlalchemy": ["index/store/catalogue/*"],
    "alembic": ["index/store/catalogue/*"],
    "torch": ["reid/*/network.py", "reid/*/networks/*", "reid/training/*"],
    "onnxruntime": ["reid/onnx.py"],
    "cv2": ["reid/*"],
    "av": ["reid/*"],
    "rapidocr": ["reid/plates/rapid.py"],
    "streamlit": ["ui/web/*", "ui/server.py"],
    "reportlab": ["ui/report/pdf.py", "ui/report/pdf_text.py"],
    "networkx": ["roadgraph/*"],
    "shapely": ["roadgraph/*"],
    "osmium": ["roadgraph/*"],
    "scipy.sparse.csgraph": ["roadgraph/*"],
}
MAY_PRINT = ["ui/*"]


def modules() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Yield every name that a file imports, inside functions and for type checkers too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def files() -> dict[str, str]:
    """Return the file of each module of the project."""
    names = {
        place(path): place(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in modules()
    }
    return {name: file for file, name in names.items()}


@cache
def graph() -> "nx.DiGraph[str]":
    """Return which file imports which."""
    found: nx.DiGraph[str] = nx.DiGraph()
    for path in modules():
        for name in imports(path):
            imported = files().get(name) or files().get(name.rpartition(".")[0])
            if imported is not None:
                found.add_edge(place(path), imported)
    return found


def drawer(file: str) -> str:
    return file.split("/")[1].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=place)
def test_arrows_point_one_way(path: Path) -> None:
    room = place(path).split("/")[0]
    wrong = {name for name in imports(path) if name.split(".")[0] in set(ROOMS) - MAY_IMPORT[room]}
    assert not wrong, f"{place(path)} imports {sorted(wrong)}: {room} may import {sorted(MAY_IMPORT[room])}"


def test_no_two_files_import_each_other_however_far_round() -> None:
    circles = [sorted(circle) for circle in nx.strongly_connected_components(graph()) if len(circle) > 1]
    assert not circles


def test_the_drawers_of_the_index_stand_on_floors() -> None:
    wrong = [
        f"{user} -> {used}"
        for user, used in graph().edges
        if user.startswith("index/") and used.startswith("index/") and drawer(user) in FLOORS
        if drawer(used) not in FLOORS[drawer(user)] | SHARED | {drawer(user)}
    ]
    assert not wrong, f"FLOORS says what each drawer may use: {wrong}"


def test_the_runtime_never_loads_the_workshop() -> None:
    doors = [file for file in graph() if file in RUNTIME or any(fnmatch(file, room) for room in RUNTIME_ROOMS)]
    reached = {file for door in doors for file in nx.descendants(graph(), door)}
    workshop = sorted(file for file in reached if any(fnmatch(file, pattern) for pattern in WORKSHOP))
    assert doors
    assert not workshop


def test_below_the_commands_only_the_workshop_and_adapting_use_the_workshop() -> None:
    wrong = [
        f"{user} -> {used}"
        for user, used in graph().edges
        if any(fnmatch(used, pattern) for pattern in WORKSHOP) and not user.startswith("ui/")
        if not any(fnmatch(user, pattern) for pattern in WORKSHOP_USERS)
    ]
    assert not wrong


@pytest.mark.parametrize("library", OWNERS)
def test_heavy_library_stays_with_its_owners(library: str) -> None:
    users = {
        place(path)
        for path in modules()
        if any(name == library or name.startswith(f"{library}.") for name in imports(path))
    }
    strangers = {user for user in users if not any(fnmatch(user, owner) for owner in OWNERS[library])}
    assert not strangers, f"{library} belongs to {OWNERS[library]}, not to {sorted(strangers)}"


def test_a_class_name_occurs_once() -> None:
    homes: dict[str, list[str]] = {}
    for path in modules():
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(place(path))
    twice = {name: found for name, found in homes.items() if len(found) > 1}
    assert not twice


def test_array_types_are_declared_once_a_floor() -> None:
    """Names for plain arrays stand in `arrays.py`; a module may name an array of its own domain, as `Image`."""
    plain = {"Floats", "Floats32", "AnyFloats", "Ints", "Rows", "Flags", "Mask", "Numbers", "Booleans"}
    wrong = [
        f"{place(path)}: {target.id}"
        for path in modules()
        if path.name != "arrays.py"
        for node in tree(path).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in plain and "NDArray" in ast.dump(node.value)
    ]
    assert not wrong


@pytest.mark.parametrize("path", modules(), ids=place)
def test_only_the_ui_prints(path: Path) -> None:
    if any(fnmatch(place(path), pattern) for pattern in MAY_PRINT):
        return
    calls = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    assert not [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


@pytest.mark.parametrize("path", modules(), ids=place)
def test_every_module_opens_with_one_sentence(path: Path) -> None:
    docstring = ast.get_docstring(tree(path))
    assert docstring, f"{place(path)} does not say what it does"
    assert docstring.splitlines()[0].endswith((".", "?"))
