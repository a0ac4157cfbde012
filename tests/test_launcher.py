"""The launch script, in small clones of the repository whose only package is a wheel made here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = [
    "bash",
    "cat",
    "cut",
    "dirname",
    "env",
    "flock",
    "id",
    "mv",
    "paste",
    "readlink",
    "rm",
    "sed",
    "sha256sum",
    "sort",
    "touch",
    "tr",
    "true",
]

PYPROJECT = """
[project]
name = "clone"
version = "1"
dependencies = [{dependencies}]
[project.optional-dependencies]
dev = ["pytest"]
"""
MAIN = """
import sys
from importlib import metadata
names = {distribution.metadata["Name"] for distribution in metadata.distributions()}
print(sys.argv[1:], sorted(names - {"pip", "setuptools"}))
sys.exit(7)
"""
NOTHING_MISSING = ""
LIBRARY_MISSING = """
import os, sys
if not os.path.exists("installed"):
    print("libegl1 libEGL.so.1\\nlibgl1 libGL.so.1")
    sys.exit(1)
"""


def make_wheel(folder: Path, name: str, version: str, source: str) -> None:
    """A wheel of one module ``name``."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", source)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")


@dataclass
class Clone:
    root: Path
    wheels: Path
    path: str = field(default_factory=lambda: os.pathsep.join([str(Path(sys.base_prefix, "bin")), os.environ["PATH"]]))

    def declare(self, *dependencies: str) -> None:
        quoted = ", ".join(f'"{d}"' for d in dependencies)
        (self.root / "pyproject.toml").write_text(PYPROJECT.format(dependencies=quoted))

    def start(
        self, *arguments: str, cwd: Path | None = None, script: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(script or self.root / "dl3d"), *arguments],
            capture_output=True,
            text=True,
            cwd=cwd or self.root,
            env=self.environment(),
            check=False,
        )

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON", "DL3D_", "VIRTUAL_ENV"))}
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        return {**kept, **pip, "PATH": self.path}


def make_clone(root: Path, wheels: Path) -> Clone:
    root.mkdir()
    wheels.mkdir()
    for version in ("1.0", "1.1"):
        make_wheel(wheels, "tiny", version, f"version = {version!r}\n")
    make_wheel(wheels, "pytest", "1.0", "import sys\nprint('tests', sys.argv[1:])\n")
    shutil.copy(ROOT / "dl3d", root)
    (root / "lab").mkdir()
    (root / "lab" / "__init__.py").touch()
    (root / "lab" / "system.py").write_text(NOTHING_MISSING)
    (root / "constraints.txt").write_text("tiny==1.0\n")
    (root / "main.py").write_text(MAIN)
    clone = Clone(root, wheels)
    clone.declare("tiny")
    return clone


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return make_clone(tmp_path / "a clone", tmp_path / "wheels")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    folder = tmp_path_factory.mktemp("finished")
    clone = make_clone(folder / "clone", folder / "wheels")
    assert clone.start().returncode == 7
    return clone


@pytest.fixture
def ready(finished: Clone, tmp_path: Path) -> Clone:
    """A clone after its set-up, moved to another place."""
    shutil.copytree(finished.root, tmp_path / "moved", symlinks=True)
    shutil.copytree(finished.wheels, tmp_path / "wheels")
    return Clone(tmp_path / "moved", tmp_path / "wheels")


def restrict(clone: Clone, tmp_path: Path, *, user: int, **scripts: str) -> Path:
    """Leave the clone a PATH of its own, with a numbered user, the tools it needs and the given scripts."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for tool in TOOLS:
        if (found := shutil.which(tool)) is not None:
            (bin_folder / tool).symlink_to(found)
    for name, text in {"id": f"echo {user}", **scripts}.items():
        (bin_folder / name).unlink(missing_ok=True)
        (bin_folder / name).write_text(f"#!/bin/bash\n{text}\n")
        (bin_folder / name).chmod(0o755)
    clone.path = str(bin_folder)
    return bin_folder


def test_first_start_sets_up_with_visible_phases_and_runs_the_program(clone: Clone) -> None:
    done = clone.start("scan one.ply", "--x")
    assert done.returncode == 7, done.stderr
    assert done.stdout == "['scan one.ply', '--x'] ['tiny']\n"
    assert [line[:5] for line in done.stderr.splitlines() if line.startswith("[")] == ["[1/3]", "[2/3]", "[3/3]"]


def test_constraints_are_followed(ready: Clone) -> None:
    code = "import tiny; print(tiny.version)"
    found = subprocess.run([ready.root / ".venv/bin/python", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "1.0\n"


def test_second_start_does_nothing_but_start_the_program(ready: Clone) -> None:
    before = {path: path.stat().st_mtime_ns for path in (ready.root / ".venv").rglob("dl3d-*")}
    done = ready.start()
    assert (done.returncode, done.stderr) == (7, "")
    assert before
    assert before == {path: path.stat().st_mtime_ns for path in (ready.root / ".venv").rglob("dl3d-*")}


def test_it_runs_from_any_folder_and_through_a_link(ready: Clone, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(ready.root / "dl3d")
    done = ready.start("mine.ply", cwd=tmp_path, script=tmp_path / "link")
    assert done.stdout.startswith("['mine.ply']")


def test_help_is_there_before_anything_is_set_up(clone: Clone) -> None:
    assert clone.start("--help").stdout.startswith("['--help']")
    assert not (clone.root / ".venv").exists()


def test_changed_pyproject_is_followed(ready: Clone) -> None:
    make_wheel(ready.wheels, "other", "1.0", "")
    ready.declare("tiny", "other")
    done = ready.start()
    assert done.stdout == "[] ['other', 'tiny']\n"
    assert "[3/3]" in done.stderr
    assert "[1/3]" not in done.stderr
    assert ready.start().stderr == ""


def test_changed_constraints_are_followed(ready: Clone) -> None:
    (ready.root / "constraints.txt").write_text("tiny==1.1\n")
    assert "Successfully installed tiny-1.1" in ready.start().stderr


def test_interrupted_installation_is_repaired(ready: Clone) -> None:
    """A package without RECORD was cut off while it was unpacked; pip alone would take it for installed."""
    (ready.root / ".venv" / "dl3d-base").unlink()
    packages = next((ready.root / ".venv" / "lib").glob("python3*/site-packages"))
    (packages / "tiny-1.0.dist-info" / "RECORD").unlink()
    (packages / "tiny.py").unlink()
    done = ready.start()
    assert done.returncode == 7
    assert (packages / "tiny.py").exists()


def test_half_made_environment_is_made_anew(ready: Clone) -> None:
    (ready.root / ".venv" / "dl3d-base").unlink()
    shutil.rmtree(next((ready.root / ".venv" / "lib").glob("python3*/site-packages/pip")))
    done = ready.start()
    assert (done.returncode, done.stdout) == (7, "[] ['tiny']\n")


def test_python_that_went_away_is_replaced(ready: Clone) -> None:
    link = ready.root / ".venv" / "bin" / "python"
    link.unlink()
    link.symlink_to("/nowhere/python3.11")
    assert ready.start().stdout == "[] ['tiny']\n"


def test_failed_installation_leaves_no_stamp(clone: Clone) -> None:
    clone.declare("not-to-be-found")
    done = clone.start()
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("dl3d: the packages could not be installed")
    assert not (clone.root / ".venv" / "dl3d-base").exists()


def test_two_first_starts_at_once_do_not_disturb_each_other(clone: Clone) -> None:
    both = [
        subprocess.Popen(
            [clone.root / "dl3d"], env=clone.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    results = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [7, 7], results
    assert sum("[3/3]" in errors for _, errors in results) == 1


def test_test_command_brings_the_tools_for_testing(ready: Clone) -> None:
    done = ready.start("test", "tests/one.py", "-k", "two words")
    assert (done.returncode, done.stdout) == (0, "tests ['tests/one.py', '-k', 'two words']\n")
    assert ready.start().stderr == "", "the environment with the tools also runs the program"


def test_missing_libraries_without_the_right_to_install_are_named_in_one_command(ready: Clone, tmp_path: Path) -> None:
    (ready.root / "lab" / "system.py").write_text(LIBRARY_MISSING)
    restrict(ready, tmp_path, user=1000, **{"apt-get": "exit 99", "sudo": "exit 1"})
    done = ready.start()
    assert (done.returncode, done.stdout) == (2, "")
    command = "sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1 libgl1"
    assert done.stderr.splitlines()[-1] == f"dl3d: system libraries are missing; to install them: {command}"


def test_headless_commands_go_on_without_the_libraries_and_say_so_once(ready: Clone, tmp_path: Path) -> None:
    (ready.root / "lab" / "system.py").write_text(LIBRARY_MISSING)
    restrict(ready, tmp_path, user=1000, **{"apt-get": "exit 99", "sudo": "exit 1"})
    first, second = ready.start("run", "x"), ready.start("run", "x")
    assert (first.returncode, second.returncode) == (7, 7)
    assert "libegl1 libgl1" in first.stderr
    assert second.stderr == ""
    assert ready.start().returncode == 2, "the window still needs them"


@pytest.mark.parametrize(("user", "sudo"), [(0, "exit 1"), (1000, 'shift; exec "$@"')])
def test_missing_libraries_are_installed_where_that_is_allowed(
    ready: Clone, tmp_path: Path, user: int, sudo: str
) -> None:
    (ready.root / "lab" / "system.py").write_text(LIBRARY_MISSING)
    log, known = tmp_path / "log", tmp_path / "known"
    apt = f'echo "$@" >>{log}; case $1 in update) touch {known} ;; install) touch "{ready.root}/installed" ;; esac'
    restrict(ready, tmp_path, user=user, **{"apt-get": apt, "apt-cache": f"test -e {known}", "sudo": sudo})
    assert ready.start().returncode == 7
    assert log.read_text().splitlines() == ["update -q", "install -y -q --no-install-recommends libegl1 libgl1"]
    assert ready.start().stderr == ""


def test_no_suitable_python_is_said_in_one_sentence(clone: Clone, tmp_path: Path) -> None:
    restrict(clone, tmp_path, user=1000, python3="exit 1")
    done = clone.start()
    assert done.returncode == 2
    assert done.stderr.startswith(
        "dl3d: Python 3.11 or 3.12 is needed and was not found; to install it: sudo apt-get install -y python3"
    )
    assert len(done.stderr.splitlines()) == 1


def test_python_without_venv_is_said_in_one_sentence(clone: Clone, tmp_path: Path) -> None:
    blind = f'case $* in *ensurepip*) exit 1 ;; *) exec {sys.executable} "$@" ;; esac'
    restrict(clone, tmp_path, user=1000, python3=blind)
    done = clone.start()
    assert done.returncode == 2
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    assert (
        done.stderr
        == f"dl3d: python3 cannot make virtual environments; to add that: sudo apt-get install -y {version}\n"
    )
