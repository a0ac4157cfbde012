"""The ray marching study: its panes and figures, what is kept, what is told, and the code that it shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lab.chapters.volumes.marching import (
    FIELD,
    INFINITE,
    MARCHING,
    MESH,
    MONTE_CARLO,
    OPACITY,
    SLAB,
    SURFACE,
    MarchingParams,
)
from lab.kernels.crew import Crew
from lab.params import build
from lab.scene import Field, Mesh
from lab.study import Board, Data, Picture, Plot, StudyContext, StudyError, Table, Text, View3D
from lab.volumes.marching.scenes import volume_of
from lab.volumes.marching.study import MarchingStudy
from tests.lab.fields.small_fields import ball

SMALL = {"size": 24, "pixel_x": 12.5, "pixel_y": 11.5, "resolution": 16, "voxel": 0.13}
STRAIGHT = {"elevation": 0.0, "azimuth": 0.0, "size": 25, "pixel_x": 12.5, "pixel_y": 12.5}


def boards(study: MarchingStudy, field: Field | None = None, **values: Any) -> list[Board]:
    params = build(MarchingParams, {**SMALL, **values})
    return list(study.boards(params, StudyContext({"field": field} if field is not None else {})))


def last(field: Field | None = None, **values: Any) -> Board:
    return boards(MarchingStudy(), field, **values)[-1]


def pane(board: Board, key: str, kind: type) -> Any:
    found = board.panes[key]
    assert isinstance(found, kind)
    return found


@pytest.mark.parametrize("preset", MARCHING.presets, ids=lambda preset: preset.title)
def test_every_preset_answers_with_all_panes(preset: Any) -> None:
    board = last(**{**dict(preset.values), "size": 24, "pixel_x": 12.5, "pixel_y": 11.5})
    assert set(board.panes) == {one.key for row in MARCHING.panes for one in row}
    assert set(board.figures) <= set(MARCHING.figures)
    assert pane(board, "picture", Picture).pixels.max() > 60


def test_figures_table_and_plot_tell_the_same() -> None:
    board = last()
    table = pane(board, "table", Table)
    columns = dict(zip(table.columns, table.cells, strict=True))
    assert columns["Weight"].sum() == pytest.approx(board.figures["Opacity"])
    assert pane(board, "gathered", Plot).curves["opacity"][1][-1] == board.figures["Opacity"]
    assert pane(board, "along", Plot).curves["weight T p"][1] is columns["Weight"]
    data = board.results["ray"]
    assert isinstance(data, Data)
    assert data.values["weight"] is columns["Weight"]
    shown = pane(board, "picture", Picture)
    assert shown.values[11, 12] == pytest.approx(board.figures["Opacity"], abs=1e-6)
    assert table.marked == 18


def test_a_slab_has_its_closed_form_with_lengths_and_none_without() -> None:
    slab: dict[str, Any] = {**STRAIGHT, "scene": SLAB, "density": 2.0, "resolution": 33, "voxel": 0.0625}
    for samples in (60, 250):
        figures = last(**slab, samples=samples).figures
        assert figures["Closed form"] == pytest.approx(1.0 - np.exp(-2.0), abs=1e-3)
        assert figures["Opacity"] == pytest.approx(1.0 - np.exp(-2.0), abs=0.02)
    few, many = (last(**slab, form=OPACITY, opacity=0.05, samples=count).figures for count in (60, 250))
    assert "Closed form" not in few
    assert float(many["Light left"]) == pytest.approx(float(few["Light left"]) ** (250 / 60), rel=0.1)


def test_the_numbers_of_samples_are_compared() -> None:
    curves = pane(last(scene=SLAB, density=2.0, samples=60), "counts", Plot).curves
    physical, plain = curves["density (σδ)"][1], curves["opacity (p)"][1]
    assert np.ptp(physical[-6:]) < 0.02
    assert plain[-1] > plain[-8] + 0.01 or plain[-1] == pytest.approx(1.0)


def test_absorption_shows_the_light_that_is_left() -> None:
    shown = pane(last(absorption=True), "picture", Picture)
    assert shown.pixels[0, 0].tolist() == [255, 255, 255]
    assert (shown.pixels[..., 0] == shown.pixels[..., 2]).all()
    assert shown.pixels[11, 12, 0] < 255


def test_what_did_not_change_is_the_same_object() -> None:
    study = MarchingStudy()
    first, second = (boards(study, sample=k)[-1] for k in (18, 19))
    assert pane(second, "picture", Picture).pixels is pane(first, "picture", Picture).pixels
    before, after = (pane(one, "world", View3D).entities for one in (first, second))
    assert after["volume"].density is before["volume"].density
    assert after["cell"].verts.tolist() != before["cell"].verts.tolist()
    denser = pane(boards(study, density=9.0)[-1], "world", View3D).entities["volume"]
    assert denser.density is before["volume"].density
    assert denser.scale == pytest.approx(1.5 * before["volume"].scale)


def test_equal_questions_have_equal_boards() -> None:
    values: dict[str, Any] = {"sampling": "stratified", "rays": MONTE_CARLO}
    study = MarchingStudy()
    boards(study)
    one, other = boards(study, **values)[-1], last(**values)
    assert (pane(one, "picture", Picture).pixels == pane(other, "picture", Picture).pixels).all()
    assert one.figures == other.figures
    assert pane(one, "picture", Picture).marks == pane(other, "picture", Picture).marks


def test_a_large_picture_has_a_quick_one_before_it() -> None:
    quick, full = boards(MarchingStudy(), size=120, samples=60)
    assert pane(quick, "picture", Picture).pixels.shape == (48, 48, 3)
    assert pane(quick, "picture", Picture).size == pane(full, "picture", Picture).size == (120, 120)


def test_the_eight_voxels_are_those_around_the_sample() -> None:
    board = last(sample=20)
    world, cell = (pane(board, key, View3D) for key in ("world", "cell"))
    sample = world.entities["samples"].verts[20]
    voxels = world.entities["voxels"].verts
    assert (voxels.min(axis=0) <= sample).all()
    assert (sample <= voxels.max(axis=0)).all()
    assert sum(float(label.text) for label in cell.labels) == pytest.approx(1.0, abs=0.05)
    clicked = {handle.key: handle.sets for handle in world.handles}
    assert clicked["sample 20"] == {"sample": 20}


def test_a_field_is_marched_through() -> None:
    field = ball()
    board = last(field, scene=FIELD, near=1.0, far=4.5, samples=200)
    assert pane(board, "world", View3D).entities["volume"] is field
    assert float(board.figures["Opacity"]) > 0.9
    assert "Extent" not in board.figures


def test_without_a_mesh_there_is_the_cow_and_a_surface_is_of_triangles() -> None:
    surface = pane(last(scene=MESH, show=SURFACE), "world", View3D).entities["volume"]
    assert isinstance(surface, Mesh)
    assert len(surface.faces) > 100


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"near": 3.0, "far": 2.0}, "Near is not before far"),
        ({"scene": FIELD}, "no radiance field"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_a_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(StudyError, match=sentence):
        last(**values)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"far": 2.7}, "end inside the volume"),
        ({"far": 2.7, "last": INFINITE}, "infinite"),
        ({"align_corners": False}, "outer faces"),
        ({"samples": 5, "sample": 9}, "There are 5 samples"),
        ({"samples": 6}, "passes over"),
    ],
)
def test_notes_tell_what_goes_wrong(values: dict[str, Any], sentence: str) -> None:
    assert any(sentence in note.text for note in last(**values).notes)
    assert not last().notes or all(sentence not in note.text for note in last().notes)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"form": OPACITY},
        {"form": OPACITY, "absorption": True},
        {"absorption": True, "align_corners": False},
        {"form": OPACITY, "align_corners": False, "azimuth": -160.0},
    ],
)
def test_the_code_makes_the_picture(values: dict[str, Any]) -> None:
    """PyTorch3D's classes, called as the study shows it, and the study's own kernels."""
    board = last(**values)
    params = build(MarchingParams, {**SMALL, **values})
    volume = volume_of(params.scene, None, params.resolution, params.voxel, params.align_corners, Crew())
    tensor = torch.from_numpy(volume.values.transpose(3, 0, 1, 2).copy())[None]
    names: dict[str, Any] = {"torch": torch, "densities": tensor[:, :1], "features": tensor[:, 1:]}
    exec(pane(board, "code", Text).text, names)
    image = names["image"].numpy()
    shown = pane(board, "picture", Picture)
    assert np.abs(image[..., -1] - shown.values).max() < 1e-4
    if not params.absorption:
        colors = np.clip(image[..., :3], 0.0, 1.0) * 255
        assert np.abs(colors - shown.pixels).max() < 1.0
