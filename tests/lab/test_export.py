"""Films, sequences and tables of a run, read back with other people's readers."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import imageio.v2 as imageio
import numpy as np
import pytest

from lab.experiment import Notice
from lab.export import ExportError, export_curves_csv, export_ply_sequence, export_video
from lab.film import Film, caption, film_look, fitted_camera, fixed_ranges, shown_keyframes
from lab.formats import read
from lab.jobs import Job
from lab.render.messages import Style, View
from lab.run.messages import Keyframe, Metrics
from lab.run.recorder import Header, Recording
from lab.run.recording_file import save
from lab.scene import Array, Entity, Mesh, Points

FACES = np.array([(0, 1, 2), (0, 2, 3), (0, 3, 1), (1, 3, 2)], np.int32)
CORNERS = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], np.float32)


def make_recording(steps: tuple[int, ...] = (0, 5, 10, 15, 20)) -> Recording:
    """A tetrahedron that is scaled by 1 + step, with its loss."""
    target = Points(CORNERS * 2)
    recording = Recording(Header("toy", {"steps": 20}, seed=3), {"target": target})
    every = tuple(range(steps[-1] + 1)) if steps else ()
    losses = tuple(1.0 / (1 + step) for step in every)
    odd = tuple(float(step) if step % 2 else math.nan for step in every)
    recording.add_metrics(Metrics(1, every, tuple(0.1 * step for step in every), {"loss": losses, "odd, or not": odd}))
    for step in steps:
        distance = np.full(4, step, np.float32)
        mesh = Mesh(CORNERS * (1 + step), FACES, scalars={"distance to target": distance})
        recording.add_keyframe(Keyframe(1, step, {"fitted": mesh}, {"step": step}, {}))
    recording.notices.append(Notice(3, "info", "All is well."))
    return recording


class Painter:
    """Instead of a scene it paints a plain picture: its grey is ten times the size of the mesh."""

    def __init__(self) -> None:
        self.calls: list[tuple[Mapping[str, Entity], Mapping[str, Style], View]] = []

    def render(self, entities: Mapping[str, Entity], styles: Mapping[str, Style], view: View) -> Array:
        self.calls.append((entities, styles, view))
        size = entities["fitted"].verts.max()
        return np.full((view.height, view.width, 3), min(10 * size, 255), np.uint8)


def greys(path: Path) -> list[int]:
    """The grey in the middle of each picture of a film, in tens."""
    with imageio.get_reader(path) as film:
        return [round(float(picture[picture.shape[0] // 2, picture.shape[1] // 2].mean()) / 10) for picture in film]


# --- the film -----------------------------------------------------------------------------------------------------


def test_mp4_shows_each_keyframe_once_and_rests_on_the_last(tmp_path: Path) -> None:
    export_video(
        make_recording(), tmp_path / "run.mp4", renderer=Painter(), width=161, height=120, fps=10, captions=False
    )
    assert greys(tmp_path / "run.mp4") == [1, 6, 11, 16, 21] + [21] * 10
    with imageio.get_reader(tmp_path / "run.mp4") as film:
        about = film.get_meta_data()
    assert about["size"] == (162, 120), "odd sizes are rounded up: H.264 needs even ones"
    assert (about["fps"], about["codec"]) == (10, "h264")
    assert about["pix_fmt"].startswith("yuv420p"), "what every player can show"


def test_gif_has_the_same_pictures_and_repeats(tmp_path: Path) -> None:
    export_video(
        make_recording(), tmp_path / "run.gif", renderer=Painter(), width=64, height=64, fps=10, captions=False
    )
    with imageio.get_reader(tmp_path / "run.gif") as film:
        about = film.get_meta_data()
    assert greys(tmp_path / "run.gif")[:5] == [1, 6, 11, 16, 21]
    assert (about["loop"], about["duration"]) == (0, 100)


def test_length_decides_how_often_a_keyframe_is_shown() -> None:
    recording = make_recording((0, 5, 10, 15, 20))
    steps = [k.step for k in shown_keyframes(recording, Film(fps=10, seconds=0.9))]
    assert steps == [0, 0, 5, 5, 10, 10, 15, 15, 20]
    assert [k.step for k in shown_keyframes(recording, Film(fps=3, seconds=1.0))] == [0, 10, 20]


def test_turntable_goes_round_once(tmp_path: Path) -> None:
    painter = Painter()
    film = {"turntable_deg": 360.0, "width": 64, "height": 64, "captions": False}
    export_video(make_recording((0, 5, 10, 15)), tmp_path / "turn.gif", renderer=painter, **film)
    eyes = np.array([view.camera.eye - view.camera.pivot for _, _, view in painter.calls])
    azimuths = np.degrees(np.unwrap(np.arctan2(eyes[:, 0], eyes[:, 2])))
    np.testing.assert_allclose(np.diff(azimuths), 90.0)
    np.testing.assert_allclose(eyes[:, 1], eyes[0, 1])


def test_camera_sees_the_first_and_the_last_keyframe() -> None:
    recording = make_recording()
    film = Film(width=320, height=240)
    first, last = recording.keyframes[0].snapshot, recording.keyframes[-1].snapshot
    camera = fitted_camera([first, last], film)
    for snapshot in (first, last):
        pixels, depth = camera.project(snapshot["fitted"].verts, film.width, film.height)
        assert (depth > 0).all()
        assert (pixels >= 0).all()
        assert (pixels <= [film.width, film.height]).all()


def test_z_up_scans_stand_upright(tmp_path: Path) -> None:
    """The corner (0, 0, 1) of a scan with Z up is drawn at (0, 1, 0)."""
    painter = Painter()
    film: dict[str, Any] = {
        "width": 64,
        "height": 64,
        "captions": False,
        "entities": {"scan": Points(CORNERS)},
        "up": "z",
    }
    export_video(make_recording((0,)), tmp_path / "up.gif", renderer=painter, **film)
    for name in ("scan", "fitted"):
        np.testing.assert_array_equal(painter.calls[0][0][name].verts[3], [0, 1, 0])


def test_a_colour_means_the_same_in_every_picture() -> None:
    styles = {"fitted": Style(scalar="distance to target"), "other": Style(scalar="none such")}
    fixed = fixed_ranges(make_recording().keyframes, styles)
    assert fixed["fitted"].scalar_range == (10.0, 10.0), "that of the middle keyframe"
    assert fixed["other"] == styles["other"]
    chosen = {"fitted": Style(scalar="distance to target", scalar_range=(0.0, 1.0))}
    assert fixed_ranges(make_recording().keyframes, chosen) == chosen


def test_default_look_shows_the_inputs_as_points_and_the_result_by_its_first_scalar() -> None:
    look = film_look(make_recording(), "fitted")
    assert isinstance(look["entities"]["target"], Points)
    assert look["styles"]["fitted"].scalar == "distance to target"


def test_caption_is_written_in_the_lower_left_corner_only() -> None:
    blank = np.full((180, 320, 3), 90, np.uint8)
    changed = (caption(blank, "step 1,200   loss 0.0123") != 90).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert rows.min() >= 160
    assert columns.min() < 20
    assert columns.max() < 250
    assert (blank == 90).all(), "the renderer's picture is left alone"


def test_real_renderer_draws_the_film(tmp_path: Path) -> None:
    """The tetrahedron grows in the picture, and its caption is there."""
    recording = make_recording((0, 20))
    export_video(recording, tmp_path / "run.mp4", width=160, height=120, fps=10, **film_look(recording, "fitted"))
    with imageio.get_reader(tmp_path / "run.mp4") as film:
        first, *_, last = [picture for picture in film]  # noqa: C416 - its length is unknown, list() asks for it
    background = last[2, 2].astype(int)
    covered = [(abs(picture[:100].astype(int) - background).max(axis=2) > 40).sum() for picture in (first, last)]
    assert covered[1] > 10 * covered[0] > 0


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("run.avi", {}, "ends in .mp4 or .gif"),
        ("run.mp4", {"width": 63}, "64 to 7680 pixels"),
        ("run.mp4", {"height": 10_000}, "64 to 7680 pixels"),
        ("run.mp4", {"fps": 0}, "1 to 120 pictures"),
    ],
)
def test_films_that_cannot_be_are_refused(tmp_path: Path, name: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ExportError, match=words):
        export_video(make_recording(), tmp_path / name, renderer=Painter(), **options)
    assert list(tmp_path.iterdir()) == []


def test_renderer_that_cannot_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any EGL driver, as on a machine without Mesa."""
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/nowhere.json")
    with pytest.raises(ExportError, match=r"run.gif cannot be drawn: .*\w"):
        export_video(make_recording(), tmp_path / "run.gif", width=64, height=64)
    assert list(tmp_path.iterdir()) == []


def test_nothing_recorded_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no keyframes"):
        export_video(make_recording(()), tmp_path / "run.mp4", renderer=Painter())
    with pytest.raises(ExportError, match="'fitted'"):
        export_ply_sequence(make_recording(()), tmp_path / "meshes", "fitted")
    assert list(tmp_path.iterdir()) == []


def test_stopped_film_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "run.mp4"
    path.write_bytes(b"old")

    def stop_in_the_middle(fraction: float, text: str) -> None:
        if fraction > 0.5:
            raise ExportError("stopped")

    with pytest.raises(ExportError, match="stopped"):
        export_video(make_recording(), path, renderer=Painter(), width=64, height=64, progress=stop_in_the_middle)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    seen: list[float] = []
    options = {"width": 64, "height": 64, "progress": lambda fraction, _: seen.append(fraction)}
    export_video(make_recording(), tmp_path / "run.gif", renderer=Painter(), **options)
    assert seen == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


# --- meshes and curves --------------------------------------------------------------------------------------------


def test_sequence_has_a_mesh_for_each_keyframe(tmp_path: Path) -> None:
    saved = export_ply_sequence(make_recording(), tmp_path / "meshes", "fitted")
    assert [path.name for path in saved] == [f"fitted_{step:06}.ply" for step in (0, 5, 10, 15, 20)]
    for path, step in zip(saved, (0, 5, 10, 15, 20), strict=True):
        mesh = read(path).entity
        assert isinstance(mesh, Mesh)
        np.testing.assert_array_equal(mesh.verts, CORNERS * (1 + step))
        np.testing.assert_array_equal(mesh.faces, FACES)


def test_curves_are_a_table_in_full_precision(tmp_path: Path) -> None:
    export_curves_csv(make_recording(), tmp_path / "curves.csv")
    with open(tmp_path / "curves.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["step", "seconds", "loss", "odd, or not"]
    assert [int(row["step"]) for row in rows] == list(range(21))
    assert [float(row["loss"]) for row in rows] == [1.0 / (1 + step) for step in range(21)]
    assert [row["odd, or not"] for row in rows[:4]] == ["", "1.0", "", "3.0"]
    assert rows[3]["seconds"] == "0.3"


def test_full_disk_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"nowhere.csv cannot be saved: there is no such file or folder"):
        export_curves_csv(make_recording(), tmp_path / "missing" / "nowhere.csv")


# --- as jobs of the window ----------------------------------------------------------------------------------------


def wait_for_job(function: str, **arguments: Any) -> tuple[Any, ...]:
    ends: list[tuple[Any, ...]] = []

    def ended(kind: str) -> Callable[..., None]:
        return lambda *result: ends.append((kind, *result))

    job = Job(function, arguments, doing="Exporting", on_done=ended("done"), on_failed=ended("failed"))
    assert job.wait(60)
    return ends[0]


def test_exports_run_as_jobs(tmp_path: Path) -> None:
    recording = make_recording((0, 20))
    end = wait_for_job("lab.export:export_curves_csv", recording=recording, path=tmp_path / "a.csv")
    assert end[0] == "done", end
    save(tmp_path / "run.dl3d", recording)
    end = wait_for_job("lab.export:export_curves_csv", recording=tmp_path / "run.dl3d", path=tmp_path / "b.csv")
    assert end[0] == "done", end
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    film = {"width": 64, "height": 64, "styles": {"fitted": Style(color=(1.0, 0.5, 0.0))}}
    end = wait_for_job("lab.export:export_video", recording=recording, path=tmp_path / "run.gif", **film)
    assert end[0] == "done", end
    assert len(greys(tmp_path / "run.gif")) >= 2


def test_failed_job_tells_the_sentence(tmp_path: Path) -> None:
    end = wait_for_job("lab.export:export_video", recording=make_recording(()), path=tmp_path / "run.gif")
    assert end[:2] == (
        "failed",
        "The run has no keyframes, so there is nothing to make a film of; let it make some steps first.",
    )
