"""A run whose result is a field, on the command line: the field, its mesh and a film around it; and time budgets."""

from __future__ import annotations

from pathlib import Path

import imageio.v3 as imageio
import pytest

from lab.cli import execute, parse
from lab.fields.files import load_field
from lab.fields.out import film
from lab.formats import read
from lab.geometry import stats
from lab.inputs import DONE, WRONG_REQUEST
from lab.scene import Mesh

TINY = ("--views", "8", "--size", "32", "--cells", "64", "--rays", "512", "--steps", "30", "--quiet")


def run(*arguments: object) -> int:
    return execute(parse(["run", *map(str, arguments)]))


def test_a_trained_field_leaves_files_that_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "_ORBIT_FRAMES", 2)
    out, mesh, video = tmp_path / "field.npz", tmp_path / "out.ply", tmp_path / "orbit.gif"
    assert run("nerf", *TINY, "--out", out, "--mesh", mesh, "--video", video) == DONE
    assert len(load_field(out).density) > 0
    found = read(mesh).entity
    assert isinstance(found, Mesh)
    assert stats(found).watertight
    assert found.colors is not None
    assert imageio.imread(video).shape == (2, 480, 640, 3)


def test_only_a_field_can_be_gone_around(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("mesh-fitting", "--quiet", "--video", tmp_path / "a.mp4") == WRONG_REQUEST
    assert "makes no radiance field" in capsys.readouterr().err
    assert run("nerf", "--quiet", "--video", tmp_path / "a.avi") == WRONG_REQUEST
    assert "--video" in capsys.readouterr().err


def test_minutes_are_refused_where_there_is_no_budget(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("mesh-fitting", "--quiet", "--minutes", "1") == WRONG_REQUEST
    assert "--minutes: Mesh fitting has no time budget" in capsys.readouterr().err


def test_minutes_and_budget_are_one_thing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("nerf", "--quiet", "--minutes", "1", "--budget", "5") == WRONG_REQUEST
    assert "give one of them" in capsys.readouterr().err


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "inf", "soon"])
def test_minutes_are_a_number_above_none(minutes: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("nerf", f"--minutes={minutes}")
    assert "number of minutes above 0" in capsys.readouterr().err


def test_minutes_become_seconds_of_the_budget() -> None:
    from lab.chapter import find_experiment
    from lab.headless import _budget

    options = parse(["run", "nerf", "--minutes", "2"])
    assert _budget(options, find_experiment("nerf")) == {"budget": 120.0}
    assert _budget(parse(["run", "nerf"]), find_experiment("nerf")) == {}
