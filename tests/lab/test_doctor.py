"""The doctor's report: what is in it, what it says of parts that are missing, and what it keeps to itself."""

from __future__ import annotations

import getpass
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from lab import doctor, system
from lab.doctor import Finding
from lab.render.messages import RendererReady
from lab.system import Requirement

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = ["Lab", "Machine", "System libraries", "Compute", "Viewport", "Window", "Files"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict]:
    """What ``dl3d doctor`` prints here, for real, and saves."""
    path = tmp_path_factory.mktemp("doctor") / "report.json"
    command = [sys.executable, "main.py", "doctor", "--json", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads(path.read_text())


def named(report: dict) -> dict[str, dict]:
    return {finding["name"]: finding for section in SECTIONS for finding in report[section]}


def test_the_report_has_all_that_a_problem_needs(report: tuple[str, dict]) -> None:
    text, saved = report
    assert [line for line in text.splitlines() if line and not line.startswith(" ")][:-1] == SECTIONS
    assert list(saved) == ["usable", *SECTIONS]
    found = named(saved)
    for name in ("DL3D Lab", "Python", "torch", "System", "Processor", "Memory", "Device", "Threads", "OpenGL", "Qt"):
        assert found[name]["status"] == "ok", found[name]
        assert found[name]["text"]
    assert "Open3D 0.19" in found["Start"]["text"], "told by the render process itself"


def test_the_report_keeps_private_things_private(report: tuple[str, dict]) -> None:
    text = report[0] + json.dumps(report[1])
    assert str(Path.home()) not in text
    assert f"/{getpass.getuser()}/" not in text


def test_home_is_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert doctor.private("/home/ada/dl3d/.venv: /home/ada/x") == "~/dl3d/.venv: ~/x"
    monkeypatch.setenv("HOME", "/")
    assert doctor.private("/usr/bin") == "/usr/bin"


def test_pins_are_read_with_one_spelling_of_names() -> None:
    pins = doctor.pinned()
    assert pins["torch"] == "2.12.1"
    assert pins["pyside6-essentials"] == metadata.version("PySide6-Essentials")
    assert "imageio-ffmpeg" in pins


def test_package_that_is_not_the_tested_one_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"torch": "2.12.1+cu130", "numpy": "2.3.0"}

    def version(name: str) -> str:
        if name not in versions:
            raise doctor.importlib.metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(doctor.importlib.metadata, "version", version)
    found = {finding.name: finding for finding in doctor.check_lab()}
    assert found["torch"].status == "ok", "the build behind the plus does not matter"
    assert (found["numpy"].status, found["numpy"].advice) == (
        "warn",
        f"{doctor.pinned()['numpy']} is the version that is tested",
    )
    assert found["scipy"].status == "missing"


def test_missing_libraries_come_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = (
        Requirement("libEGL.so.1", "libegl1", "viewport"),
        Requirement("libgssapi_krb5.so.2", "libgssapi-krb5-2", "vnc"),
    )
    monkeypatch.setattr(system, "missing", lambda: gone)
    found = list(doctor.check_libraries())
    assert [finding.status for finding in found] == ["missing", "warn", "warn"]
    assert found[0].text == "not found; the viewport needs it"
    assert "libegl1 libgssapi-krb5-2" in found[-1].text


def test_renderer_that_cannot_start_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any EGL driver; the real render process says so itself."""
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/nowhere.json")
    (finding,) = doctor.check_renderer()
    assert finding.status == "missing"
    assert len(finding.text) > 20


def test_compute_that_crashes_does_not_take_the_doctor_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_COMPUTE", "import os; os.abort()")
    (finding,) = doctor.check_compute()
    assert (finding.status, finding.text) == ("missing", "do not load: ended by signal 6")
    monkeypatch.setattr(doctor, "_COMPUTE", "import no_such_module")
    (finding,) = doctor.check_compute()
    assert "No module named 'no_such_module' (status 1)" in finding.text


def test_no_display_is_a_warning_with_what_works_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    (finding,) = doctor.check_window(())
    assert finding.status == "warn"
    assert "./dl3d run" in finding.advice
    assert "--vnc" in finding.advice


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken() -> Iterator[Finding]:
        yield Finding("first", "ok", "fine")
        raise RuntimeError("out of luck")

    def good() -> Iterator[Finding]:
        yield Finding("other", "ok", "fine")

    monkeypatch.setattr(doctor, "_checks", lambda command: {"Broken": broken, "Good": good})
    assert doctor.main(tmp_path / "report.json") == 1
    text = capsys.readouterr().out
    assert "missing Broken" in text
    assert "RuntimeError: out of luck" in text
    assert "other" in text
    assert json.loads((tmp_path / "report.json").read_text())["usable"] is False


def test_events_that_are_no_answer_are_passed_over() -> None:
    events: doctor.queue.SimpleQueue = doctor.queue.SimpleQueue()
    ready = RendererReady("llvmpipe", "0.19.0", 0.5)
    failed = doctor.RendererFailed("It died.", "", final=False)
    events.put(failed)
    events.put(ready)
    assert doctor._renderer_said(events) is ready, "a failure that it mends by itself is none"
    events.put(doctor.RendererFailed("It cannot.", "", final=True))
    assert doctor._renderer_said(events).sentence == "It cannot."
