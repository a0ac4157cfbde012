"""The three studies: what they show, what stays the same object, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from lab.chapter import StudyActivity
from lab.chapters.data.conversions import CONVERSIONS, CONVERSIONS_ACTIVITY
from lab.chapters.data.fusion import FUSION
from lab.chapters.data.representations import REPRESENTATIONS
from lab.data.benches import bumpy_torus
from lab.examples import example_path
from lab.formats import read
from lab.params import build
from lab.scene import Array, Geometry, Mesh, Points, bounds
from lab.study import Board, Picture, StudyContext, StudyError, Table, View3D

SPOT = read(example_path("spot")).entity
CLOUD = Points(bumpy_torus(120, 40)[0], origin=np.array([1000.0, 0.0, -500.0]))


class Asked:
    """A study, asked again and again."""

    def __init__(self, activity: StudyActivity, geometry: Geometry = SPOT) -> None:
        self._activity, self._study, self._geometry = activity, activity.load(), geometry

    def all(self, **values: Any) -> list[Board]:
        params = build(self._activity.params, values)
        return list(self._study.boards(params, StudyContext({"object": self._geometry})))

    def last(self, **values: Any) -> Board:
        return self.all(**values)[-1]


def entity(board: Board, pane: str, path: str) -> Any:
    view = board.panes[pane]
    assert isinstance(view, View3D)
    return view.entities[path]


def arrays(board: Board) -> Iterator[tuple[str, Array]]:
    """Everything that a board shows, by name."""
    for key, content in board.panes.items():
        match content:
            case View3D():
                for path, shown in content.entities.items():
                    yield from ((f"{key}/{path}/{i}", array) for i, array in enumerate(shown.arrays()))
            case Picture():
                yield f"{key}/pixels", content.pixels


@pytest.mark.parametrize("activity", [REPRESENTATIONS, CONVERSIONS_ACTIVITY, FUSION], ids=lambda a: a.key)
def test_presets_show_something_in_every_pane_they_have(activity: StudyActivity) -> None:
    asked = Asked(activity)
    keys = {pane.key for row in activity.panes for pane in row}
    for preset in activity.presets:
        values: Mapping[str, Any] = {**preset.values, "resolution": min(preset.values.get("resolution", 32), 32)}
        board = asked.last(**values)
        assert set(board.panes) == keys, preset.title
        assert board.results
        for label in board.figures:
            assert any(label.startswith(beginning) for beginning in activity.figures), label


@pytest.mark.parametrize("activity", [REPRESENTATIONS, CONVERSIONS_ACTIVITY, FUSION], ids=lambda a: a.key)
def test_the_last_board_does_not_depend_on_what_was_asked_before(activity: StudyActivity) -> None:
    wanted: dict[str, Any] = {"resolution": 24, "truncation": 3.0, "noise": 0.5}
    fresh = dict(arrays(Asked(activity).last(**wanted)))
    asked = Asked(activity)
    asked.last(resolution=16, truncation=8.0)
    asked.last(resolution=24, truncation=6.0, noise=1.0)
    again = dict(arrays(asked.last(**wanted)))
    assert fresh.keys() == again.keys()
    for name, array in fresh.items():
        assert np.array_equal(array, again[name], equal_nan=True), name


class TestRepresentations:
    def test_moving_the_slice_leaves_everything_else_the_same_object(self) -> None:
        asked = Asked(REPRESENTATIONS)
        before, after = asked.last(resolution=24), asked.last(resolution=24, position=0.6)
        assert entity(before, "tsdf", "level").verts is entity(after, "tsdf", "level").verts
        assert entity(before, "tsdf", "slice").verts is not entity(after, "tsdf", "slice").verts
        for pane, path in (("points", "points"), ("mesh", "mesh"), ("voxels", "voxels")):
            assert entity(before, pane, path) is entity(after, pane, path)

    def test_noise_moves_the_points_alone(self) -> None:
        asked = Asked(REPRESENTATIONS)
        before, after = asked.last(resolution=24), asked.last(resolution=24, noise=1.0)
        size = float(np.ptp(SPOT.verts, axis=0).max())
        moved = entity(after, "points", "points").verts - entity(before, "points", "points").verts
        assert moved.std() == pytest.approx(0.01 * size, rel=0.05)
        for pane, path in (("mesh", "mesh"), ("voxels", "voxels"), ("tsdf", "slice"), ("tsdf", "level")):
            assert entity(before, pane, path) is entity(after, pane, path)

    def test_outliers_are_counted_on_top(self) -> None:
        board = Asked(REPRESENTATIONS).last(resolution=16, points=1000, outliers=10.0)
        assert len(entity(board, "points", "points").verts) == 1000
        assert len(entity(board, "points", "outliers").verts) == 100
        assert board.figures["Points: count"] == 1100

    def test_a_partial_view_shows_one_side(self) -> None:
        asked = Asked(REPRESENTATIONS)
        board = asked.last(resolution=16, partial=True, azimuth=90.0, elevation=0.0)
        seen = entity(board, "points", "points").verts
        assert (seen[:, 0] > 0.0).mean() > 0.95  # from +X; the tip of the far horn shows, too
        assert len(entity(board, "points", "camera").edges) == 8
        other = asked.last(resolution=16, partial=True, azimuth=-90.0, elevation=0.0)
        assert (entity(other, "points", "points").verts[:, 0] < 0.0).mean() > 0.95

    def test_the_camera_can_be_dragged_but_not_into_the_object(self) -> None:
        asked = Asked(REPRESENTATIONS)
        values = {"resolution": 16, "partial": True, "by_hand": True}
        (handle,) = asked.last(**values).panes["points"].handles
        sliders = asked.last(resolution=16, partial=True)
        eye = entity(sliders, "points", "camera").verts[0]
        assert handle.position == pytest.approx(eye, abs=1e-6)  # at first it is where the sliders put it
        assert handle.params == ("camera_x", "camera_y", "camera_z")
        x, y, z = 3.0, 1.0, -2.0
        (handle,) = asked.last(**values, camera_x=x, camera_y=y, camera_z=z).panes["points"].handles
        assert handle.position == pytest.approx((x, y, z))
        (handle,) = asked.last(**values, camera_x=0.01).panes["points"].handles
        low, high = bounds(SPOT)
        assert np.linalg.norm(np.array(handle.position) - 0.5 * (low + high)) > 0.5 * (high - low).max()

    def test_figures_by_hand(self) -> None:
        board = Asked(REPRESENTATIONS).last(points=500, resolution=50, fill="solid", truncation=4.0)
        assert board.figures["Points: bytes"] == 500 * 12
        assert board.figures["Mesh: bytes"] == 2930 * 12 + 5856 * 12
        assert board.figures["Voxel size"] == pytest.approx(np.ptp(SPOT.verts, axis=0).max() / 44)  # 50 less 2 · 3
        assert board.figures["Truncation distance"] == pytest.approx(4 * board.figures["Voxel size"])
        volume = board.figures["Voxels: full"] * board.figures["Voxel size"] ** 3
        from lab.fitting.sampling import signed_volume

        assert volume == pytest.approx(signed_volume(SPOT.verts, SPOT.faces), rel=0.02)

    def test_a_fine_grid_is_shown_coarse_first(self) -> None:
        asked = Asked(REPRESENTATIONS)
        quick, fine = asked.all(resolution=90)
        assert len(entity(quick, "tsdf", "level").verts) < len(entity(fine, "tsdf", "level").verts)
        assert len(asked.all(resolution=90, truncation=2.0)) == 1
        assert len(asked.all(resolution=90, truncation=6.0)) == 2  # farther than what was measured

    def test_a_cloud_gets_a_mesh(self) -> None:
        quick, full = Asked(REPRESENTATIONS, CLOUD).all(resolution=32)
        assert not quick.panes["mesh"].entities
        assert any("Poisson" in note.text for note in full.notes)
        mesh = entity(full, "mesh", "mesh")
        assert np.array_equal(mesh.origin, CLOUD.origin)
        assert np.abs(bounds(mesh)[0] - bounds(CLOUD)[0]).max() < 0.1
        assert np.array_equal(entity(full, "voxels", "voxels").origin, CLOUD.origin)

    def test_a_cloud_seen_from_one_side(self) -> None:
        asked = Asked(REPRESENTATIONS, CLOUD)
        whole = asked.last(resolution=16, points=100_000)
        partial = asked.last(resolution=16, points=100_000, partial=True, elevation=60.0)
        assert 0 < partial.figures["Points: count"] < 0.8 * whole.figures["Points: count"]

    def test_what_is_wrong_is_said(self) -> None:
        open_mesh = Mesh(SPOT.verts, SPOT.faces[200:])
        assert any("open" in note.text for note in Asked(REPRESENTATIONS, open_mesh).last(resolution=16).notes)
        assert any("steps" in note.text for note in Asked(REPRESENTATIONS).last(resolution=16, truncation=0.5).notes)
        with pytest.raises(StudyError, match="same place"):
            Asked(REPRESENTATIONS, Points(np.ones((10, 3)))).last()


class TestConversions:
    def test_finer_grids_lose_less(self) -> None:
        asked = Asked(CONVERSIONS_ACTIVITY)
        coarse, fine = asked.last(resolution=16), asked.last(resolution=48)
        for label in ("Chamfer (squared)", "Mean distance", "Normal error (°)"):
            assert fine.figures[label] < 0.6 * coarse.figures[label]
        assert fine.figures["Closed"] is True
        assert fine.figures["Memory (bytes)"] > 20 * coarse.figures["Memory (bytes)"]

    @pytest.mark.parametrize("conversion", CONVERSIONS)
    def test_every_conversion_comes_near_the_object(self, conversion: str) -> None:
        board = Asked(CONVERSIONS_ACTIVITY).last(conversion=conversion, resolution=48, points=3000, depth=5)
        size = float(np.ptp(SPOT.verts, axis=0).max())
        assert board.figures["Mean distance"] < 0.01 * size
        after = entity(board, "after", "after")
        assert after.scalars["distance"].mean() < 0.02 * size
        assert isinstance(after, Points) == (conversion == "mesh to points")
        table = board.panes["cost"]
        assert isinstance(table, Table)
        assert table.cells[3][-1] == f"{board.figures['Memory (bytes)']:,}"

    def test_noise_and_guessed_normals_cost(self) -> None:
        asked = Asked(CONVERSIONS_ACTIVITY)
        values = {"conversion": "points to mesh: Poisson", "depth": 5, "points": 3000}
        clean, noisy = asked.last(**values), asked.last(**values, noise=1.0, normals="estimated")
        assert noisy.figures["Mean distance"] > 1.5 * clean.figures["Mean distance"]

    def test_settings_of_other_conversions_change_nothing(self) -> None:
        asked = Asked(CONVERSIONS_ACTIVITY)
        before, after = asked.last(resolution=24), asked.last(resolution=24, points=700, depth=4, radius=2.0)
        assert before.results["converted"] is after.results["converted"]

    def test_a_cloud_cannot_be_taken_for_a_mesh(self) -> None:
        with pytest.raises(StudyError, match="begins with a mesh"):
            Asked(CONVERSIONS_ACTIVITY, CLOUD).last()
        board = Asked(CONVERSIONS_ACTIVITY, CLOUD).last(conversion="points to voxels", resolution=24)
        assert np.array_equal(board.results["converted"].origin, CLOUD.origin)

    def test_a_detailed_conversion_is_shown_quickly_first(self) -> None:
        boards = Asked(CONVERSIONS_ACTIVITY).all(conversion="points to mesh: Poisson", depth=6, points=3000)
        faces = [len(entity(board, "after", "after").faces) for board in boards]
        assert faces[0] < faces[-1]
        assert "Chamfer (squared)" in boards[-1].figures


class TestFusion:
    def test_more_cameras_see_more(self) -> None:
        asked = Asked(FUSION)
        seen = [asked.last(fused=count, resolution=40).figures["Seen (%)"] for count in (0, 1, 4, 12)]
        assert seen[0] == 0.0
        assert 5.0 < seen[1] < seen[2] < seen[3]

    def test_going_back_is_as_if_one_had_never_gone_on(self) -> None:
        asked = Asked(FUSION)
        three = asked.last(fused=3, resolution=24)
        asked.last(fused=7, resolution=24)
        again = asked.last(fused=3, resolution=24)
        assert np.array_equal(entity(three, "world", "fused").verts, entity(again, "world", "fused").verts)

    def test_weights_count_the_images(self) -> None:
        board = Asked(FUSION).last(fused=5, resolution=24)
        weights = board.panes["weights"]
        assert isinstance(weights, Picture)
        assert weights.values is not None
        assert set(np.unique(weights.values)) <= {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}
        assert weights.values.max() >= 2.0

    def test_the_depth_image_tells_metres(self) -> None:
        board = Asked(FUSION).last(fused=1, resolution=16, distance=2.0)
        depth = board.panes["depth"]
        assert isinstance(depth, Picture)
        assert depth.values is not None
        size = float(np.ptp(SPOT.verts, axis=0).max())
        known = depth.values[np.isfinite(depth.values)]
        assert 2.0 * size - 0.75 * size < known.min() < known.max() < 2.0 * size + 0.75 * size

    def test_many_noisy_images_are_better_than_one(self) -> None:
        asked = Asked(FUSION)
        values = {"cameras": 48, "placing": "sphere", "noise": 1.0, "resolution": 64}
        accuracy = [asked.last(**values, fused=count).figures["Accuracy"] for count in (1, 48)]
        assert accuracy[1] < 0.8 * accuracy[0]

    def test_each_camera_is_drawn(self) -> None:
        board = Asked(FUSION).last(cameras=5, fused=2, resolution=16)
        view = board.panes["world"]
        assert isinstance(view, View3D)
        assert {f"cameras/{n}" for n in range(1, 6)} <= set(view.entities)
        assert len({view.styles[f"cameras/{n}"].color for n in (1, 2, 3)}) == 3

    def test_a_cloud_has_no_depth_images(self) -> None:
        with pytest.raises(StudyError, match="Choose a mesh"):
            Asked(FUSION, CLOUD).last()
