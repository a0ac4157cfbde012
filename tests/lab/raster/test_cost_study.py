"""What a picture costs: counts by PyTorch3D's fragments, both sides make the same picture, curves come and stay."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import torch
from pytorch3d.renderer.mesh.rasterize_meshes import rasterize_meshes
from pytorch3d.structures import Meshes

from lab.chapter import ASSETS
from lab.chapters.rendering.cost import (
    COLORS,
    FRAGMENTS,
    KINDS,
    MEASURE,
    RASTER_COST,
    SILHOUETTE,
    RasterCostParams,
)
from lab.experiment import Cancelled
from lab.kernels.crew import Crew
from lab.params import build
from lab.raster import cost_timing
from lab.raster.cost_peer import peer_pass
from lab.raster.cost_scene import Case, count
from lab.raster.cost_study import RasterCost
from lab.raster.cost_timing import BLUR, FACES, RESOLUTION, SERIES, cases, measure, milliseconds, our_pass
from lab.raster.fragments import rasterize
from lab.raster.tiles import TILE
from lab.study import Plot, StudyContext, StudyError
from ui.lessons.text import Equation, parse

SMALL = {"size": 24, "level": 1, "faces_per_pixel": 30}


@pytest.fixture
def quick(monkeypatch):
    """Two points a curve, each measured for a moment."""
    monkeypatch.setattr(cost_timing, "_SIZES", (16, 24))
    monkeypatch.setattr(cost_timing, "_LEVELS", (0, 1))
    monkeypatch.setattr(cost_timing, "_SIGMAS", (1e-5, 1e-4))
    monkeypatch.setattr(cost_timing, "_LONG", 1e-4)


def ask(study, action="", ctx=None, **values):
    return list(study.boards(build(RasterCostParams, SMALL | values), ctx or StudyContext({}, action=action)))


@pytest.mark.parametrize("case", [Case(40, 2, 1e-4), Case(24, 0, 1e-2), Case(33, 3, 1e-6)])
def test_the_counts_are_those_of_pytorch3ds_fragments(case):
    ndc, faces = case.mesh
    meshes = Meshes([torch.tensor(ndc)], [torch.tensor(faces, dtype=torch.int64)])
    found = rasterize_meshes(meshes, case.size, case.blur_radius, len(faces), clip_barycentric_coords=True)[0]
    with Crew(2) as crew:
        counts = count(case, crew)
    assert counts.faces == case.faces == len(faces)
    assert counts.all_pairs == len(faces) * case.size**2
    assert np.abs(counts.depth - (found[0] >= 0).sum(dim=-1).numpy()).sum() <= 2  # a rim may fall either way
    assert counts.depth.sum() <= counts.boxed <= counts.all_pairs
    for row, column in np.ndindex(counts.load.shape):
        tile = counts.depth[TILE * row : TILE * (row + 1), TILE * column : TILE * (column + 1)]
        assert tile.max() <= counts.load[row, column] <= len(faces)


def test_the_blur_in_pixels_by_hand():
    assert Case(256, 0, 1e-4).blur_pixels == pytest.approx(128 * np.sqrt(9.2102e-4), rel=1e-4)  # 3.88


def test_both_sides_of_the_comparison_make_the_same_picture():
    case = Case(24, 1, 1e-3)
    alpha, _ = our_pass(case, SILHOUETTE, 80, None)()
    assert np.allclose(alpha, peer_pass(case, SILHOUETTE, 80)().numpy(), atol=1e-5)
    picture, _ = our_pass(case, COLORS, 80, None)()
    theirs = peer_pass(case, COLORS, 80)().numpy()
    assert np.allclose(picture.alpha, theirs[..., 3], atol=1e-5)
    inside = theirs[..., 3] > 0.999  # elsewhere their barycentrics are other ones
    assert inside.any()
    assert np.abs(picture.rgb - theirs[..., :3])[inside].max() < 1e-2
    ndc, faces = case.mesh
    found = rasterize(ndc, faces, case.shape, faces_per_pixel=80, blur_radius=case.blur_radius)
    assert np.allclose(
        np.sort(found.dists, axis=-1), np.sort(peer_pass(case, FRAGMENTS, 80)().numpy(), axis=-1), atol=1e-5
    )


@pytest.mark.parametrize("what", KINDS)
def test_every_kind_is_measured_on_both_sides(quick, what):
    samples = list(measure(Case(24, 1, 1e-4), what, 8, True, None, lambda done: None))
    assert [s.series for s in samples] == [RESOLUTION] * 2 + [FACES] * 2 + [BLUR] * 2
    assert [s.x for s in samples][:4] == [16, 24, 20, 80]
    assert all(s.ours > 0 for s in samples)
    assert all(s.peer is not None and s.peer > 0 for s in samples)


def test_one_value_changes_along_a_curve_and_its_x_grows():
    base = Case(64, 2, 1e-4)
    for series, changed in ((RESOLUTION, "size"), (FACES, "level"), (BLUR, "sigma")):
        found = cases(series, base)
        assert [x for x, _ in found] == sorted({x for x, _ in found})
        for _, case in found:
            assert all(getattr(case, n) == getattr(base, n) for n in {"size", "level", "sigma"} - {changed})


def test_the_peer_is_not_asked_for_what_takes_it_too_long(quick, monkeypatch):
    monkeypatch.setattr(cost_timing, "_PEER_LIMIT", 1e-9)
    samples = list(measure(Case(24, 1, 1e-4), SILHOUETTE, 8, True, None, lambda done: None))
    assert samples
    assert all(s.peer is None for s in samples)
    monkeypatch.setattr(cost_timing, "_PEER_LIMIT", 60.0)
    monkeypatch.setattr(cost_timing, "_PEER_LAST", 1e-9)
    samples = list(measure(Case(24, 1, 1e-4), SILHOUETTE, 8, True, None, lambda done: None))
    assert [s.peer is None for s in samples] == [False, True] * 3


def test_what_is_too_dear_for_ours_is_left_out(quick, monkeypatch):
    monkeypatch.setattr(cost_timing, "_DEAREST", 0.0)
    assert not list(measure(Case(24, 1, 1e-4), SILHOUETTE, 8, False, None, lambda done: None))


def test_a_measurement_repeats_what_is_short(quick):
    calls = []
    assert milliseconds(lambda: calls.append(1)) >= 0
    assert len(calls) >= 2
    with pytest.raises(ValueError, match="what: expected"):
        our_pass(Case(16, 0, 1e-4), "else", 8, None)


def test_the_first_board_counts_and_has_every_pane():
    board = ask(RasterCost())[-1]
    assert set(board.panes) == {pane.key for row in RASTER_COST.panes for pane in row}
    assert board.figures["Faces"] == 80
    assert board.figures["All pairs"] == 80 * 24 * 24
    depth = board.panes["depth"]
    assert board.figures["Pairs within the blur"] == depth.values.sum()
    assert board.figures["Most faces of a pixel"] == depth.values.max()
    assert board.panes["load"].pixels.shape == (24, 24, 3)
    assert set(board.figures) <= set(RASTER_COST.figures)
    assert not any(board.panes[series].curves for series in SERIES)


def test_curves_grow_with_each_board_and_stay(quick):
    study = RasterCost()
    boards = ask(study, MEASURE)
    lengths = [sum(len(board.panes[s].curves.get("the lab", ((), ()))[0]) for s in SERIES) for board in boards]
    assert lengths == [0, 1, 2, 3, 4, 5, 6, 6]
    last = boards[-1]
    assert {"the lab", "PyTorch3D"} == set(last.panes[RESOLUTION].curves)
    assert last.panes[RESOLUTION].log_y
    assert last.panes[FACES].at == 80
    assert "Times faster" in last.figures
    assert set(last.figures) <= set(RASTER_COST.figures)
    assert not last.notes
    again = ask(study)[-1]
    assert np.array_equal(again.panes[BLUR].curves["the lab"], last.panes[BLUR].curves["the lab"])
    assert again.panes["depth"] is last.panes["depth"]
    other = ask(study, size=32)[-1]
    assert isinstance(other.panes[BLUR], Plot)
    assert len(other.panes[BLUR].curves["the lab"][0]) == 2
    assert any("other values" in note.text for note in other.notes)


def test_without_the_comparison_there_is_one_curve(quick):
    assert set(ask(RasterCost(), MEASURE, compare=False)[-1].panes[FACES].curves) == {"the lab"}


def test_a_newer_question_ends_a_measurement_and_what_there_is_stays(quick):
    study, shares = RasterCost(), []

    def report(share, text):
        shares.append(share)
        if len(shares) == 3:
            raise Cancelled

    ctx = StudyContext({}, action=MEASURE, report=report)
    with pytest.raises(Cancelled):
        ask(study, ctx=ctx, compare=False)
    assert shares == pytest.approx([0, 1 / 6, 2 / 6])
    board = ask(study, compare=False)[-1]
    assert len(board.panes[RESOLUTION].curves["the lab"][0]) == 2
    assert any("not come to its end" in note.text for note in board.notes)


def test_a_k_that_loses_faces_is_told():
    board = ask(RasterCost(), faces_per_pixel=2)[-1]
    assert any("K = 2" in note.text for note in board.notes)
    assert not ask(RasterCost(), faces_per_pixel=80)[-1].notes


@pytest.mark.parametrize("preset", RASTER_COST.presets, ids=lambda preset: preset.title)
def test_every_preset_makes_a_board(preset):
    board = next(islice(RasterCost().boards(build(RasterCostParams, preset.values), StudyContext({})), 1))
    assert 0 < board.figures["Pairs within the blur"] <= board.figures["Pairs looked at"] < board.figures["All pairs"]


def test_the_lessons_numbers_are_those_of_the_study():
    params = build(RasterCostParams, {"level": 4, "size": 256})
    figures = next(iter(RasterCost().boards(params, StudyContext({})))).figures
    assert figures["All pairs"] == pytest.approx(336e6, rel=2e-3)
    assert figures["Pairs within the blur"] == pytest.approx(0.76e6, rel=1e-2)
    assert figures["Pairs looked at"] == pytest.approx(1.08e6, rel=1e-2)


def test_the_equations_belong_to_the_lesson():
    equations = [b for b in parse(RASTER_COST.lesson_path.read_text(encoding="utf-8")) if isinstance(b, Equation)]
    assert equations
    for equation in equations:
        path = ASSETS / "lessons" / "equations" / f"{RASTER_COST.lesson_path.stem}-{equation.name}.svg"
        assert f'data-source="{equation.digest}"' in path.read_text(encoding="utf-8"), "run assets/lessons/typeset.py"


def test_an_unknown_action_is_refused():
    with pytest.raises(StudyError, match="unknown action 'else'"):
        ask(RasterCost(), "else")
