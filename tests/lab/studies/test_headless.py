"""Studies on the command line, in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest

from lab.formats import read
from lab.inputs import RequestError
from lab.studies.headless import chosen_result, last_board
from tests.lab.studies.small import SMALL, SmallParams

ROOT = Path(__file__).resolve().parents[3]


def study(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "main.py", "study", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_study_prints_its_figures_and_saves_all_it_shows(tmp_path: Path) -> None:
    folder, figures = tmp_path / "out", tmp_path / "figures.json"
    done = study(SMALL.key, "--factor", "3", "--cloud", "spot", "--save", str(folder), "--figures", str(figures))
    assert done.returncode == 0, done.stderr
    assert "Factor     3" in done.stdout
    assert "Info: All is well." in done.stderr
    assert "factor = 3.0" in done.stdout
    report = json.loads(figures.read_text())
    assert report["figures"] == {"Factor": 3.0, "Questions": 1, "Others": 0}
    assert report["parameters"]["factor"] == 3.0
    spot = read(ROOT / "assets" / "examples" / "spot.ply").entity
    np.testing.assert_array_equal(read(folder / "moved.ply").entity.verts, 3 * spot.verts)
    assert (imageio.imread(folder / "picture.png") == 60).all()
    assert (folder / "text.py").read_text() == "factor = 3.0\n"
    assert (folder / "table.csv").read_text().splitlines()[0] == "x"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "main.py", "run", SMALL.key, "--behaviour", "moves", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_run_saves_single_results_of_a_study(tmp_path: Path) -> None:
    body, mesh = tmp_path / "body.npz", tmp_path / "body.glb"
    done = run("--out", str(body), "--mesh", str(mesh))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Saved") == 2
    with np.load(body, allow_pickle=False) as found:
        assert found["betas"].tolist() == [0, 1, 2]
        assert str(found["gender"]) == "neutral"
    assert len(read(mesh).entity.verts) == 1, "the first geometry, not the animation"


def test_run_says_what_there_is_to_save(tmp_path: Path) -> None:
    done = run("--out", str(tmp_path / "a.exr"))
    assert done.returncode == 2
    assert "There is no result that can be saved as .exr. There are: 'moved' (.ply" in done.stderr
    assert run("--out", str(tmp_path / "a.doc")).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_which_result_an_ending_means() -> None:
    board = last_board(SMALL, SmallParams(behaviour="moves"), {})
    for (suffix, name, geometry), expected in {
        (".npz", "", False): "the pose",
        (".json", "numbers", False): "numbers",
        (".npz", "The-Pose", False): "the pose",
        (".glb", "", False): "walk",
        (".glb", "", True): "moved",
        (".glb", "triangle", False): "triangle",
        (".stl", "", False): "triangle",
        (".ply", "", False): "moved",
    }.items():
        assert chosen_result(board, suffix, name, geometry=geometry) == (expected, board.results[expected])
    for suffix, name in ((".mp4", ""), (".npz", "walk"), (".glb", "nobody")):
        with pytest.raises(RequestError, match="There is no result"):
            chosen_result(board, suffix, name)


def test_several_geometries_and_an_action() -> None:
    done = study(SMALL.key, "--others", "spot", "bob", "--action", "reset", "--quiet")
    assert done.returncode == 0, done.stderr
    assert "Others     2" in done.stdout
    assert done.stderr == ""


def test_mistakes_are_told_in_one_sentence() -> None:
    for arguments, status, words in (
        ((SMALL.key, "--behaviour", "fails"), 1, "it is asleep"),
        ((SMALL.key, "--cloud", "nowhere.ply"), 2, "There is no file 'nowhere.ply'"),
        ((SMALL.key, "--factor", "99"), 2, "0 to 10"),
        (("nonsense",), 2, "ACTIVITY"),
    ):
        done = study(*arguments)
        assert done.returncode == status
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1
