"""The command line: what it understands, what it answers to mistakes, and whole runs of the tests' small chapter."""

from __future__ import annotations

import csv
import io
import json
import math
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import imageio.v2 as imageio
import numpy as np
import pytest

from lab import __version__, cli, inputs
from lab.chapter import activities, chapters, find
from lab.formats import read, write
from lab.inputs import given_values
from lab.params import declared
from lab.progress_line import ProgressLine
from lab.run.recording_file import load
from lab.scene import Mesh, Points
from tests.lab.run.quadratic import CHAPTER

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "pytorch3d", "open3d", "numba", "scipy", "PySide6")


def dl3d(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "main.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def run_toy(*arguments: object) -> subprocess.CompletedProcess[str]:
    return dl3d("run", CHAPTER.key, "--device", "cpu", *arguments)


def refusal(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the parser says when it refuses these arguments."""
    with pytest.raises(SystemExit) as ended:
        cli.parse(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, "one sentence"
    return said


# --- light commands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["list"], ["run", "--help"], ["run", "mesh-fitting", "--help"]]
)
def test_light_commands_import_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import atexit, runpy, sys\n"
        f"sys.argv = ['main.py', *{arguments!r}]\n"
        f"atexit.register(lambda: print('HEAVY', *sorted(set({HEAVY!r}) & set(sys.modules))))\n"
        f"runpy.run_path({str(ROOT / 'main.py')!r}, run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY"
    assert len(done.stdout) > len("HEAVY\n")


def test_help_and_version_need_the_standard_library_only() -> None:
    blocked = "import sys; sys.modules['numpy'] = None; from lab import cli; cli.parse([sys.argv[1]])"
    for option, expected in (("--help", "usage: dl3d [FILE ...]"), ("--version", f"DL3D Lab {__version__}")):
        done = subprocess.run(
            [sys.executable, "-c", blocked, option], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout.startswith(expected)


def test_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.parse(["--help"])
    text = capsys.readouterr().out
    for command in ("run", "convert", "inspect", "list", "bench", "probe", "doctor", "test"):
        assert f"dl3d {command} " in text


def test_list_names_every_chapter() -> None:
    done = dl3d("list")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line.split(maxsplit=1)[1] for line in lines if not line.startswith("    ")] == [
        chapter.title for chapter in chapters().values()
    ]
    assert [line.split()[0] for line in lines if line.startswith("    ")] == list(activities())


def test_list_json_holds_the_whole_declaration() -> None:
    listed = json.loads(dl3d("list", "--json").stdout)
    chapter = next(chapter for chapter in listed if chapter["number"] == 4)
    (fitting,) = chapter["activities"]
    assert (fitting["key"], fitting["kind"]) == ("mesh-fitting", "experiment")
    weight = next(param for param in fitting["parameters"] if param["name"] == "edge_weight")
    assert (weight["option"], weight["default"], weight["minimum"], weight["maximum"]) == (
        "--edge-weight",
        1.0,
        0.0,
        10.0,
    )
    assert weight["live"] is True
    assert "chamfer-alone" in [preset["name"] for preset in fitting["presets"]]


def test_output_that_nobody_reads_is_no_error() -> None:
    command = f"{sys.executable} main.py list --json | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""


# --- parsing ------------------------------------------------------------------------------------------------------


def test_files_open_the_lab() -> None:
    options = cli.parse(["one.ply", "two words.obj"])
    assert (options.command, options.files, options.in_process, options.vnc) == (
        "open",
        ["one.ply", "two words.obj"],
        False,
        None,
    )
    assert cli.parse([]).files == []
    assert cli.parse(["--vnc"]).vnc == 5900
    assert cli.parse(["--vnc", "5999", "--in-process"]).vnc == 5999


@pytest.mark.parametrize("activity", activities().values(), ids=lambda activity: activity.key)
def test_every_parameter_of_every_activity_is_an_option(activity: Any) -> None:
    parser = ArgumentParser()
    cli.add_activity_options(parser, activity)  # raises if two options have the same name
    known = {option for action in parser._actions for option in action.option_strings}
    assert {param.option for param in declared(activity.params)} <= known
    assert activity.title in parser.format_help() or activity.summary  # formatting fails on a stray percent sign


def test_values_come_from_the_preset_and_then_from_the_options() -> None:
    chapter = find("mesh-fitting")
    options = cli.parse(["run", "mesh-fitting", "--preset", "Chamfer alone", "--edge-weight", "0.5", "--early-stop"])
    assert given_values(options, chapter) == {
        "edge_weight": 0.5,
        "normal_weight": 0.0,
        "laplacian_weight": 0.0,
        "early_stop": True,
    }
    assert given_values(cli.parse(["run", "mesh-fitting", "--no-early-stop"]), chapter) == {"early_stop": False}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "ACTIVITY"),
        (["run", "nonsense"], "'nonsense'"),
        (["run", "mesh-fitting", "--steps", "many"], "--steps: expected a number, found 'many'"),
        (["run", "mesh-fitting", "--steps", "1.5"], "--steps: expected a whole number, found '1.5'"),
        (["run", "mesh-fitting", "--edge-weight", "11"], "--edge-weight: expected a value from 0 to 10, found '11'"),
        (["run", "mesh-fitting", "--edge-weight", "nan"], "--edge-weight: expected a value from 0 to 10, found 'nan'"),
        (["run", "mesh-fitting", "--optimiser", "LBFGS"], "expected one of SGD, Adam; found 'LBFGS'"),
        (["run", "mesh-fitting", "--preset", "none such"], "'smooth-fit'"),
        (["run", "mesh-fitting", "--seed", "-1"], "--seed: expected a whole number from 0 to 4294967295"),
        (["run", "mesh-fitting", "--device", "tpu"], "'cuda'"),
        (["run", "mesh-fitting", "--stpes", "3"], "--stpes"),
        (["probe", "mesh-fitting", "--seconds", "0"], "0.5 to 3600"),
        (["probe", "mesh-fitting", "--size", "800"], "800x600"),
        (["--vnc", "80"], "1024 to 65535"),
        (["--frobnicate"], "--frobnicate"),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refusal(*arguments, capsys=capsys)
    assert words in said
    assert said.startswith("dl3d")
    assert "--help" in said


def test_unexpected_error_is_a_sentence_and_with_debug_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(options: Namespace) -> int:
        raise RuntimeError("out of luck\nin two lines")

    assert cli.guard(Namespace(debug=False), broken) == 1
    assert capsys.readouterr().err == "dl3d: an unexpected error (RuntimeError: out of luck); --debug shows where.\n"
    with pytest.raises(RuntimeError, match="out of luck"):
        cli.guard(Namespace(debug=True), broken)


def test_interrupt_outside_a_run_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(options: Namespace) -> int:
        raise KeyboardInterrupt

    assert cli.guard(Namespace(debug=False), interrupted) == 130
    assert capsys.readouterr().err == ""


def test_files_to_open_may_be_examples(capsys: pytest.CaptureFixture[str]) -> None:
    options = cli.parse(["spot.ply", "main.py"])
    assert inputs.find_files(options)
    assert [Path(file).name for file in options.files] == ["spot.ply", "main.py"]
    assert Path(options.files[0]).exists()
    assert not inputs.find_files(cli.parse(["lsit"]))
    assert capsys.readouterr().err.startswith("dl3d: There is no file 'lsit'")


# --- whole runs ---------------------------------------------------------------------------------------------------


def test_a_run_leaves_what_it_was_asked_for(tmp_path: Path) -> None:
    done = run_toy(
        *("--steps", 20, "--seed", 3, "--out", tmp_path / "out.ply", "--metrics", tmp_path / "run.json"),
        *("--json", tmp_path / "found.json"),
        *(
            "--curves",
            tmp_path / "run.csv",
            "--save-recording",
            tmp_path / "run.dl3d",
            "--sequence",
            tmp_path / "meshes",
        ),
    )
    assert done.returncode == 0, done.stderr
    result = read(tmp_path / "out.ply").entity
    assert isinstance(result, Mesh)
    assert result.verts.shape == (60, 3)

    report = json.loads((tmp_path / "run.json").read_text())
    assert (report["ending"], report["steps"], report["seed"], report["device"]) == ("done", 20, 3, "cpu")
    assert report["parameters"]["steps"] == 20
    assert report["figures"] == {"loss": 0.5, "steps": 20, "good": True}
    assert report["last"]["odd"] is None, "not a number is null in JSON"

    found = json.loads((tmp_path / "found.json").read_text())
    np.testing.assert_allclose(found["mean"], result.verts.mean(axis=0), atol=1e-6)
    assert found["poses"] == [{"R": [[1, 0], [0, 1]], "error": None, "steps": [20, None]}]

    with open(tmp_path / "run.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(21))
    assert float(rows[-1]["loss"]) == report["last"]["loss"]
    assert [row["odd"] for row in rows[:3]] == ["", "1.0", ""]

    recording = load(tmp_path / "run.dl3d")
    assert (recording.ending, recording.header.seed, recording.keyframe_steps) == ("done", 3, (0, 5, 10, 15, 20))
    sequence = sorted((tmp_path / "meshes").iterdir())
    assert [path.name for path in sequence] == [f"points_{step:06}.ply" for step in (0, 5, 10, 15, 20)]
    np.testing.assert_array_equal(read(sequence[-1]).entity.verts, result.verts)
    assert "loss: 0.5\n" in done.stdout


def test_a_run_leaves_its_arrays_and_its_mesh(tmp_path: Path) -> None:
    done = run_toy("--steps", 10, "--out", tmp_path / "found.npz", "--mesh", tmp_path / "points.ply")
    assert done.returncode == 0, done.stderr
    result = read(tmp_path / "points.ply").entity
    with np.load(tmp_path / "found.npz", allow_pickle=False) as found:
        np.testing.assert_allclose(found["mean"], result.verts.mean(axis=0), atol=1e-6)
        assert (int(found["steps"]), str(found["kind"])) == (10, "quadratic")


def test_a_parameter_takes_the_place_of_an_output_of_its_name() -> None:
    options = vars(cli.parse(["run", "pose", "--mesh", "spot.ply", "--out", "a.ply"]))
    assert options["mesh"] is None
    assert (options["param mesh"], options["out"]) == ("spot.ply", Path("a.ply"))
    assert vars(cli.parse(["run", "mesh-fitting", "--mesh", "a.ply"]))["mesh"] == Path("a.ply")


def test_a_run_is_filmed(tmp_path: Path) -> None:
    done = run_toy("--steps", 15, "--record", tmp_path / "run.gif")
    assert done.returncode == 0, done.stderr
    with imageio.get_reader(tmp_path / "run.gif") as film:
        pictures = [picture for picture in film]  # noqa: C416 - its length is unknown, list() asks for it
    assert pictures[0].shape[:2] == (720, 1280)
    assert len(pictures) >= 4, "one a keyframe: 0, 5, 10, 15"
    assert (pictures[0] != pictures[3]).any(axis=2).sum() > 1000


def test_ctrl_c_while_the_film_is_made_leaves_the_rest(tmp_path: Path) -> None:
    command = [sys.executable, "main.py", "run", CHAPTER.key, "--device", "cpu", "--steps", "2000"]
    command += ["--curves", str(tmp_path / "run.csv"), "--record", str(tmp_path / "run.mp4")]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith("Drawing the film"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        errors = process.stderr.read()
    assert process.returncode == 130
    assert "The film was stopped" in errors
    assert "Traceback" not in errors
    assert [path.name for path in tmp_path.iterdir()] == ["run.csv"]


def test_the_same_seed_gives_the_same_file_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        assert run_toy("--steps", 5, "--seed", seed, "--out", tmp_path / f"{name}.ply").returncode == 0
    a, b, c = ((tmp_path / f"{name}.ply").read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_a_geometry_is_read_from_its_file(tmp_path: Path) -> None:
    """The points move to the mean of the target, here (1, 2, 3)."""
    write(tmp_path / "target.ply", Points(np.array([[0, 2, 3], [2, 2, 3]], np.float32)))
    done = run_toy(
        "--target",
        tmp_path / "target.ply",
        "--steps",
        200,
        "--out",
        tmp_path / "out.ply",
        "--metrics",
        tmp_path / "m.json",
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(read(tmp_path / "out.ply").entity.verts.mean(axis=0), [1, 2, 3], atol=0.05)
    assert json.loads((tmp_path / "m.json").read_text())["inputs"]["target"]["vertices"] == 2


def test_progress_in_a_pipe_is_a_line_now_and_then() -> None:
    done = run_toy("--steps", 200, "--delay", 0.005)
    lines = done.stderr.splitlines()
    assert 3 <= len(lines) <= 11, "a line at each tenth, or at the next report after it"
    assert lines[-1].startswith("step 200 of 200  loss ")
    assert "\r" not in done.stderr
    assert run_toy("--steps", 200, "--quiet").stderr == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_is_one_line_that_changes() -> None:
    stream = Terminal()
    line = ProgressLine(stream, total=48)
    line.stepped(0, 0.0, 2.0)
    line.stepped(48, 96.0, 0.125)
    assert stream.getvalue().rpartition("\x1b[K")[2] == f"[{'#' * 24}] step 48 of 48  loss 0.125  0.5 steps/s"
    line.note("Saved it")
    assert stream.getvalue().endswith("\r\x1b[KSaved it\n"), "the bar is wiped out before a line that stays"


def test_progress_tells_the_speed_of_the_last_seconds_and_the_time_left() -> None:
    """100 steps in the first second, then one a second: at step 110 of 170 there is a minute left."""
    stream = Terminal()
    line = ProgressLine(stream, total=170)
    line.stepped(0, 0.0, math.nan)
    for second in range(1, 12):
        line.stepped(99 + second, float(second), math.nan)
    line._shown_at = -math.inf  # as if it was not drawn for long
    line.stepped(110, 11.0, math.nan)
    assert stream.getvalue().endswith("step 110 of 170  1.0 steps/s  1:00 left")


def test_failed_run_exits_with_1_and_a_sentence(tmp_path: Path) -> None:
    done = run_toy("--behaviour", "fails", "--out", tmp_path / "out.ply", "--metrics", tmp_path / "run.json", "--quiet")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "dl3d run: The points have left the room. Use a smaller rate."
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.ply").exists()
    report = json.loads((tmp_path / "run.json").read_text())
    assert (report["ending"], report["reason"]) == ("failed", "The points have left the room. Use a smaller rate.")


def test_debug_shows_the_traceback() -> None:
    done = run_toy("--behaviour", "fails strangely", "--debug")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "in _misbehave" in done.stderr


def test_an_early_end_is_a_good_end(tmp_path: Path) -> None:
    done = run_toy("--behaviour", "ends early", "--metrics", tmp_path / "run.json")
    assert done.returncode == 0
    report = json.loads((tmp_path / "run.json").read_text())
    assert report["ending"] == "early"
    assert report["notices"][0]["text"] == "It does not get better."
    assert "Info at step 5: It does not get better." in done.stderr


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_stops_and_saves_what_there_is(tmp_path: Path, number: int, status: int) -> None:
    command = [sys.executable, "main.py", "run", CHAPTER.key, "--device", "cpu", "--steps", "100000", "--delay", "0.01"]
    command += ["--out", str(tmp_path / "out.ply"), "--curves", str(tmp_path / "run.csv")]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("step 0")
        time.sleep(0.2)
        process.send_signal(number)
        errors = process.stderr.read()
    assert process.returncode == status
    assert "Traceback" not in errors
    steps = len((tmp_path / "run.csv").read_text().splitlines()) - 1
    assert 1 < steps < 1000
    assert (tmp_path / "out.ply").exists()


# --- requests that cannot be carried out --------------------------------------------------------------------------


def refused(*arguments: object) -> str:
    done = run_toy(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "step" not in done.stderr, "found out before the run"
    assert done.stderr.startswith("dl3d run: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("command", ["bench", "doctor"])
def test_reports_are_not_made_when_they_cannot_be_saved(command: str, tmp_path: Path) -> None:
    done = dl3d(command, "--json", tmp_path / "missing" / "report.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"dl3d {command}: --json: the folder")


def test_missing_input_is_told_with_the_examples() -> None:
    said = refused("--target", "nowhere.ply")
    assert "no file 'nowhere.ply'" in said
    assert "spot.ply" in said


def test_damaged_input_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.ply").write_bytes(b"ply\nformat ascii 1.0\nelement vertex 3\n")
    assert "bad.ply" in refused("--target", tmp_path / "bad.ply")


def test_places_to_save_to_are_checked_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "does not exist" in refused("--out", tmp_path / "missing" / "out.ply")
    assert "must end in" in refused("--out", tmp_path / "out.docx")
    assert ".mp4 or .gif" in refused("--record", tmp_path / "film.avi")
    assert "must end in .json" in refused("--json", tmp_path / "found.txt")
    assert "named twice" in refused("--json", tmp_path / "a.json", "--metrics", tmp_path / "a.json")
    assert "is a folder" in refused("--metrics", make_folder(tmp_path / "folder.json"))
    assert "is a file" in refused("--sequence", tmp_path / "file")
    assert "named twice" in refused("--out", tmp_path / "same.ply", "--sequence", tmp_path / "same.ply")


def test_the_input_is_not_written_over(tmp_path: Path) -> None:
    write(tmp_path / "scan.ply", Points(np.zeros((3, 3), np.float32)))
    before = (tmp_path / "scan.ply").read_bytes()
    assert "is read by this run" in refused("--target", tmp_path / "scan.ply", "--out", tmp_path / "scan.ply")
    assert (tmp_path / "scan.ply").read_bytes() == before


def test_folder_that_takes_no_files_is_told(tmp_path: Path) -> None:
    assert "nothing can be saved in '/proc'" in refused("--out", "/proc/out.ply")


def test_cuda_that_is_not_there_is_told() -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    done = dl3d("run", CHAPTER.key, "--device", "cuda")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no CUDA device" in done.stderr


def make_folder(path: Path) -> Path:
    path.mkdir()
    return path
