"""What the machine must have: the list against the installed binaries, and the search for what is missing."""

from __future__ import annotations

import importlib.util
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from lab import system
from lab.system import LIBRARIES, Requirement

ROOT = Path(__file__).resolve().parents[2]

ALWAYS_THERE = (
    "libc.so",
    "libm.so",
    "libdl.so",
    "libpthread.so",
    "librt.so",
    "libresolv.so",
    "ld-linux",
    "libgcc_s",
    "libstdc++",
)
"""What Python itself, or any package with compiled parts, brings or needs already."""


def needed(path: Path) -> set[str]:
    """The NEEDED entries of a 64-bit little-endian ELF file."""
    data = path.read_bytes()
    assert data[:6] == b"\x7fELF\x02\x01", f"{path} is no such file"
    offset, size, count = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<HH", data, 54)
    segments = [struct.unpack_from("<IIQQQQQQ", data, offset + i * size) for i in range(count)]
    dynamic = next(segment for segment in segments if segment[0] == 2)
    entries = list(struct.iter_unpack("<qQ", data[dynamic[2] : dynamic[2] + dynamic[5]]))
    strings = next(value for tag, value in entries if tag == 5)
    load = next(s for s in segments if s[0] == 1 and s[3] <= strings < s[3] + s[5])
    table = load[2] + strings - load[3]
    names = [table + value for tag, value in entries if tag == 1]
    return {data[start : data.index(b"\0", start)].decode() for start in names}


def folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def wanted_by(binaries: list[Path]) -> set[str]:
    """What these binaries, and those of their own kind that they link to, need from elsewhere."""
    seen: set[Path] = set()
    wanted: set[str] = set()
    while binaries:
        path = binaries.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in needed(path):
            beside = [folder / name for folder in (path.parent, path.parent.parent, path.parents[2] / "lib")]
            own = next((candidate for candidate in beside if candidate.exists()), None)
            if own is not None:
                binaries.append(own)
            elif not name.startswith(ALWAYS_THERE):
                wanted.add(name)
    return wanted


def listed(*needs: str) -> set[str]:
    return {library.name for library in LIBRARIES if library.need in needs}


def test_every_library_that_open3d_needs_is_listed() -> None:
    binaries = sorted(folder_of("open3d").glob("cpu/pybind*.so"))
    assert wanted_by(binaries) <= listed("viewport")


def test_every_library_that_qt_needs_is_listed() -> None:
    qt = folder_of("PySide6") / "Qt"
    binaries = [qt / "plugins" / "platforms" / f"libq{name}.so" for name in ("xcb", "offscreen")]
    binaries += [qt / "lib" / f"libQt6{name}.so.6" for name in ("Widgets", "Svg")]
    binaries += sorted((qt / "plugins" / "xcbglintegrations").glob("*.so"))
    wanted = wanted_by(binaries)
    assert "libxcb-cursor.so.0" in wanted
    assert wanted <= listed("viewport", "window")


def test_every_library_that_the_vnc_server_needs_is_listed() -> None:
    plugin = folder_of("PySide6") / "Qt" / "plugins" / "platforms" / "libqvnc.so"
    covered = listed("viewport", "window", "vnc") | {"libbrotlicommon.so.1"}  # of the package that has libbrotlidec
    assert wanted_by([plugin]) <= covered


def test_missing_libraries_are_found_for_what_is_needed_only(monkeypatch: pytest.MonkeyPatch) -> None:
    libraries = (
        Requirement("libc.so.6", "libc6", "window"),
        Requirement("libnowhere.so.1", "nowhere1", "window"),
        Requirement("libnever.so.2", "never2", "vnc"),
    )
    monkeypatch.setattr(system, "LIBRARIES", libraries)
    monkeypatch.setattr(system, "has_font", lambda: True)
    assert system.missing(["window"]) == libraries[1:2]
    assert system.missing(["window", "vnc"]) == libraries[1:]


def test_a_font_is_looked_for_in_all_depths(tmp_path: Path) -> None:
    assert not system.has_font([str(tmp_path)])
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "readme.txt").touch()
    assert not system.has_font([str(tmp_path)])
    (tmp_path / "a" / "b" / "Some.TTF").touch()
    assert system.has_font([str(tmp_path)])


def test_command_names_each_package_once(monkeypatch: pytest.MonkeyPatch) -> None:
    glib = [library for library in LIBRARIES if library.package == "libglib2.0-0"]
    assert len(glib) == 2
    monkeypatch.setattr(system.shutil, "which", lambda name: "/usr/bin/" + name)
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    expected = "sudo apt-get update && sudo apt-get install -y --no-install-recommends libglib2.0-0"
    assert system.install_command(glib) == expected
    monkeypatch.setattr(system.os, "geteuid", lambda: 0)
    assert system.install_command(glib) == expected.replace("sudo ", "")
    monkeypatch.setattr(system.shutil, "which", lambda name: None)
    assert "libglib-2.0.so.0" in system.install_command(glib)


def test_no_display_without_its_variables_or_behind_them(tmp_path: Path) -> None:
    assert system.display({}) is None
    assert system.display({"DISPLAY": ":12345"}) is None
    assert system.display({"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}) is None


def test_wayland_display_that_answers(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "wayland-7"))
        compositor.listen()
        assert system.display({"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}) == "Wayland wayland-7"
        assert system.display({"WAYLAND_DISPLAY": str(tmp_path / "wayland-7")}) == "Wayland " + str(
            tmp_path / "wayland-7"
        )


def test_it_runs_with_a_bare_python() -> None:
    """As the launch script does: nothing installed, nothing but the standard library."""
    environment = {"PATH": os.environ["PATH"]}
    python = Path(sys.base_prefix, "bin", "python3")
    done = subprocess.run(
        [python, "-I", "-c", "import sys; sys.path.insert(0, '.'); from lab import system; sys.exit(system.main())"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1 if done.stdout else 0, "")
    for line in done.stdout.splitlines():
        package, name = line.split(" ", 1)
        assert package
        assert name
