"""The bench: its table, its lines and files, and that it compares like with like. No times are tested."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import bench
from lab.bench import BENCHES, Bench, Figure, alternate


def two_figures() -> Iterator[Figure]:
    yield Figure("one", 2.0, 50.0, note="of a kind")
    yield Figure("other", 0.5, 0.25, unit="m")


def missing_package() -> Iterator[Figure]:
    import package_that_is_not_there  # noqa: F401

    yield from two_figures()


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two benches that take no time."""
    benches = {name: Bench("A test.", f"{__name__}:{function}") for name, function in FUNCTIONS.items()}
    monkeypatch.setattr(bench, "BENCHES", benches)


FUNCTIONS = {"quick": "two_figures", "broken": "missing_package"}


def test_the_table_names_what_the_issue_asks_for() -> None:
    expected = {"fitting-step", "fitting-quality", "chamfer", "edge", "normal", "laplacian", "topology"}
    assert expected <= set(BENCHES)
    assert all(entry.doc.endswith(".") for entry in BENCHES.values())


def test_importing_the_table_loads_nothing_heavy() -> None:
    script = "import sys, lab.bench; print(*{'torch', 'pytorch3d', 'numba', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.usefixtures("table")
def test_a_line_for_each_figure_and_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert bench.main(["quick"], tmp_path / "bench.json") == 0
    _, one, other = capsys.readouterr().out.splitlines()
    assert one.split() == ["one", "2", "ms", "50", "ms", "25.0x", "of", "a", "kind"]
    assert other.split() == ["other", "0.5", "m", "0.25", "m", "0.50x"]
    saved = json.loads((tmp_path / "bench.json").read_text())["figures"]
    assert [figure["ratio"] for figure in saved] == [25.0, 0.5]
    assert saved[0] == {"name": "one", "ours": 2.0, "peer": 50.0, "unit": "ms", "note": "of a kind", "ratio": 25.0}


@pytest.mark.usefixtures("table")
def test_an_unknown_name_is_told_and_nothing_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["quick", "quik"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "'quik'" in captured.err
    assert "quick, broken" in captured.err


@pytest.mark.usefixtures("table")
def test_what_is_missing_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert bench.main(["broken"]) == 1
    assert "package_that_is_not_there" in capsys.readouterr().err
    assert bench.main(["quick"], tmp_path / "no folder" / "bench.json") == 1
    assert "cannot be saved" in capsys.readouterr().err


def test_calls_alternate() -> None:
    calls: list[str] = []
    alternate(lambda: calls.append("o"), lambda: calls.append("p"), rounds=3, ours_a_round=2)
    assert "".join(calls) == "op" + 3 * "oop"


def test_the_ratio_says_how_much_better_the_lab_is() -> None:
    assert Figure("a", 2.0, 30.0).ratio == 15.0
    assert Figure("a", 0.0, 30.0).ratio == float("inf")


def test_both_loops_fit_alike() -> None:
    """After the same steps the surfaces are as near to the target: what makes the comparison of their times fair."""
    from lab.fitting import benches
    from lab.fitting.target import Target

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benches, "SAMPLES", 600)
        patch.setattr(benches, "LEVEL", 2)
        patch.setattr(benches, "QUALITY_STEPS", 40)
        (figure,) = benches.fitting_quality()
        assert figure.ours == pytest.approx(figure.peer, rel=0.1)
        target = Target(benches.target_mesh())
        sphere, faces = benches.ico_sphere(2)
        assert figure.ours < 0.5 * benches.surface_distance(sphere, faces, target)


@pytest.mark.parametrize("name", ["chamfer", "edge", "laplacian"])
def test_the_operators_are_measured(name: str) -> None:
    figures = list(BENCHES[name].make())
    assert figures
    assert all(figure.ours > 0.0 and figure.peer > 0.0 for figure in figures)
