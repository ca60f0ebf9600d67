import ast
from pathlib import Path

import pytest

import index.store

STORE = Path(index.store.__file__).parent
ROOT = STORE.parent.parent
ALLOWED = ("index.store", "index.records", "index.errors", "reid", "roadgraph.errors")


@pytest.mark.parametrize("path", sorted(STORE.rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_store_imports_no_room_above_it(path: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    ours = {name for name in imported if name.split(".")[0] in ("index", "ui", "roadgraph", "benchmarks", "reid")}
    assert not {name for name in ours if not f"{name}.".startswith(tuple(f"{room}." for room in ALLOWED))}
