"""Who may import whom: the engine knows no Qt, the window knows no torch and no Open3D, and declarations are light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
QT = {"PySide6", "shiboken6", "pyqtgraph"}
HEAVY = {"torch", "pytorch3d", "open3d", "numba", "scipy"}

LIGHT = [
    "lab.chapter",
    "lab.cli",
    "lab.doctor",
    "lab.examples",
    "lab.export",
    "lab.formats",
    "lab.geometry",
    "lab.headless",
    "lab.jobs",
    "lab.render.client",
    "lab.render.messages",
    "lab.run.recorder",
    "lab.run.recording_file",
    "lab.run.source",
    "lab.system",
]
"""What the window, ``--help`` and ``list`` need before anything is computed."""


def modules(package: str) -> list[Path]:
    found = sorted((ROOT / package).rglob("*.py"))
    assert found, f"{package} has no modules"
    return found


def imported(source: str) -> Iterator[tuple[int, str]]:
    """(line, module) of every import of a source, also inside functions and through importlib with a constant name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports hide where a name comes from"
            yield node.lineno, node.module or ""
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("import_module", "__import__"):
                yield node.lineno, str(node.args[0].value)


def test_the_finder_of_imports_finds_them_all() -> None:
    source = (
        "import a.b as c\ndef f():\n    from d.e import g\n    importlib.import_module('h.i')\n    __import__('j')\n"
    )
    assert sorted(imported(source)) == [(1, "a.b"), (3, "d.e"), (4, "h.i"), (5, "j")]


def violations(package: str, banned: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(package)
        for line, name in imported(path.read_text(encoding="utf-8"))
        if name.split(".")[0] in banned
    ]


def test_the_engine_knows_no_qt_and_no_window() -> None:
    assert violations("lab", QT | {"ui"}) == []


def test_the_window_computes_nothing() -> None:
    assert violations("ui", HEAVY) == []


def test_open3d_comes_from_one_module_and_draws_in_the_render_package_alone() -> None:
    assert [line.partition(":")[0] for line in violations("lab", {"open3d"})] == ["lab/open3d_core.py"]
    drawing = [str(path.relative_to(ROOT)) for path in modules("lab") if "o3d.visualization" in path.read_text("utf-8")]
    assert drawing == ["lab/render/graphics.py"]


def test_chapters_declare_without_computing() -> None:
    assert violations("lab/chapters", HEAVY) == []


@pytest.mark.parametrize("module", LIGHT)
def test_light_modules_load_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({HEAVY | QT!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def import_all(package: str, blocked: set[str]) -> subprocess.CompletedProcess[str]:
    """Import every module of a package where ``blocked`` ones cannot be found."""
    code = (
        "import importlib, sys\n"
        f"sys.modules.update(dict.fromkeys({sorted(blocked)!r}))\n"
        f"for name in {[name_of(path) for path in modules(package)]!r}:\n"
        "    importlib.import_module(name)\n"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_every_part_of_the_engine_imports_where_qt_is_not_installed() -> None:
    done = import_all("lab", QT)
    assert done.returncode == 0, done.stderr


def test_every_part_of_the_window_imports_where_torch_and_open3d_are_not_installed() -> None:
    done = import_all("ui", HEAVY)
    assert done.returncode == 0, done.stderr
