"""Whole measurements of the real window, as a person makes them: what they print, and what they save."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab.examples import example_path
from lab.params import declared
from ui.probe import files, runs, study_words

ROOT = Path(__file__).resolve().parents[3]


def probe(*arguments: str, json_file: Path) -> tuple[str, dict]:
    command = [sys.executable, "main.py", "probe", *arguments, "--json", str(json_file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(json_file.read_text())


def check_gaps(gaps: dict[str, float]) -> None:
    assert 0 < gaps["p50"] <= gaps["p99"] <= gaps["max"]
    assert 0 < gaps["work_p99"] <= gaps["work_max"]


def check_memory(megabytes: float) -> None:
    assert 10 < megabytes < 10_000


@pytest.fixture(scope="module")
def of_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict]:
    folder = tmp_path_factory.mktemp("probe")
    return probe("mesh-fitting", "--seconds", "1.5", "--size", "520x320", json_file=folder / "run.json")


def test_a_run_has_every_figure(of_run: tuple[str, dict]) -> None:
    _, figures = of_run
    assert figures["viewport"] == [520, 320]
    assert 0 < figures["start_seconds"]["window"] < figures["start_seconds"]["worker"]
    for gaps in (figures["gaps_ms"], figures["orbit"]["gaps_ms"]):
        check_gaps(gaps)
    speed = figures["steps_per_second"]
    assert speed["ratio"] == pytest.approx(speed["window"] / speed["headless"])
    assert figures["steps"] > 0
    assert figures["orbit"]["frames_per_second"] > 0
    for name in ("window", "worker", "renderer"):
        for megabytes in figures["memory_mb"][name]:
            check_memory(megabytes)


def test_a_run_is_told_line_by_line(of_run: tuple[str, dict]) -> None:
    text, figures = of_run
    assert text == "".join(runs.lines(figures))
    for words in ("window usable after", "worker ready after", "UI timer gaps", "new scene frames", "memory, renderer"):
        assert words in text


@pytest.fixture(scope="module")
def of_study(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict]:
    folder = tmp_path_factory.mktemp("probe")
    return probe("inspector", "--seconds", "3", "--blame", json_file=folder / "study.json")


def test_a_study_has_figures_for_every_control(of_study: tuple[str, dict]) -> None:
    from lab.chapter import find_study

    _, figures = of_study
    controls = {control["name"]: control for control in figures["controls"]}
    kinds = {"number": "slider", "integer": "slider", "choice": "choice", "switch": "switch"}
    expected = {p.name: kinds[p.kind] for p in declared(find_study("inspector").params) if p.kind in kinds}
    assert {name: controls[name]["kind"] for name in expected} == expected
    assert controls["view: turning"]["pictures_per_second"]["view"] > 0
    sliders = [control for control in controls.values() if control["kind"] == "slider"]
    assert sliders, "the inspector has sliders"
    for control in sliders:
        assert control["boards_per_second"] > 0
        assert 0 < control["answer_ms"]["median"] <= control["answer_ms"]["p95"]
        delay = control["picture_ms"]["median"]
        assert delay is None or delay > control["answer_ms"]["median"] / 2, "a picture follows its board"
    for control in controls.values():
        check_gaps(control["gaps_ms"])


def test_a_study_is_opened_twice(of_study: tuple[str, dict]) -> None:
    _, figures = of_study
    for opening in (figures["open"], figures["open_again"]):
        assert 0 < opening["call"] < opening["first_board"] <= opening["all_pictures"]
        check_gaps(opening["gaps_ms"])
    for name in ("window", "renderers", "study", "worker"):
        check_memory(figures["memory_mb"][name])


def test_a_study_is_told_as_a_table_and_with_blame_if_wanted(of_study: tuple[str, dict]) -> None:
    text, figures = of_study
    assert text.startswith("".join(study_words.lines(figures)))
    assert "The UI thread in gaps of more than 16 ms" in text


def test_a_file_is_opened_and_turned(tmp_path: Path) -> None:
    file = str(example_path("spot"))
    text, figures = probe("viewport", "--file", file, "--seconds", "1", json_file=tmp_path / "file.json")
    opening = figures["opening"]
    assert opening["read_seconds"] > 0
    assert opening["first_picture_seconds"] <= opening["full_picture_seconds"]
    assert figures["orbit"]["frames_per_second"] > 0
    assert figures["viewport"] == [800, 600]
    check_gaps(opening["gaps_ms"])
    assert text == "".join(files.lines(figures))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mesh-fitting", "--json", "{tmp}/missing/x.json"], "--json"),
        (["viewport"], "--file FILE"),
        (["viewport", "--file", "{tmp}/nothing.ply"], "nothing.ply"),
        (["mesh-fitting", "--file", "spot"], "is measured on its example"),
    ],
)
def test_what_cannot_be_measured_is_told_before_anything_opens(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    command = [sys.executable, "main.py", "probe", *(text.format(tmp=tmp_path) for text in arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("dl3d probe: ")
    assert words in done.stderr
