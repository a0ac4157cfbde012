"""Studies on the command line, in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import imageio.v3 as imageio
import numpy as np

from lab.formats import read
from tests.lab.studies.small import SMALL

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
