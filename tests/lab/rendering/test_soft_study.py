"""From hard to soft: numbers that add up to the pixel, PyTorch3D's pictures, edges, gradients, and the traps."""

import numpy as np
import pytest

from lab.chapters.rendering.soft import ALPHA, LIGHT, SOFT, SoftParams
from lab.examples import example_path
from lab.formats.files import read
from lab.params import build
from lab.rendering.soft_study import SoftStudy
from lab.rendering.views import to_screen
from lab.scene import Points
from lab.study import StudyContext, StudyError

SMALL = {"size": 48, "pixel_x": 42.5, "pixel_y": 20.5}


@pytest.fixture(scope="module")
def spot():
    return read(example_path("spot")).entity


@pytest.fixture(scope="module")
def study():
    return SoftStudy()


def ask(study, geometry, **values):
    return list(study.boards(build(SoftParams, SMALL | values), StudyContext(inputs={"object": geometry})))


def cells(board, column):
    table = board.panes["faces"]
    return table.cells[table.columns.index(column)]


def total(board):
    return np.array([cells(board, f"w · {channel}")[-1] for channel in "RGB"])


def test_the_first_board_is_a_good_one(study, spot):
    board = list(study.boards(build(SoftParams, {}), StudyContext(inputs={"object": spot})))[-1]
    assert {pane.key for row in SOFT.panes for pane in row} == set(board.panes)
    assert board.panes["render"].pixels.shape == (96, 96, 3)
    assert 0.2 < board.figures["Alpha"] < 0.8
    assert board.figures["Faces lost"] == 0
    assert board.figures["Gradient"] > 0
    assert not any(note.level == "warning" for note in board.notes)


@pytest.mark.parametrize("given", SOFT.presets, ids=lambda preset: preset.title)
def test_every_preset_makes_a_board_whose_numbers_add_up(study, spot, given):
    values = {name: value for name, value in given.values.items() if name not in ("pixel_x", "pixel_y")}
    board = ask(study, spot, **values)[-1]
    weights = cells(board, "w")
    assert weights[:-1].sum() == pytest.approx(weights[-1]) == pytest.approx(1)
    mark = board.panes["render"].marks[0]
    shown = board.panes["render"].pixels[int(mark.y), int(mark.x)]
    assert np.abs(to_screen(total(board)).astype(int) - shown).max() <= 1
    for channel in "RGB":
        parts = cells(board, f"w · {channel}")
        assert parts[:-1].sum() == pytest.approx(parts[-1])
    coverage = cells(board, "D")[:-2]
    assert 1 - np.prod(1 - coverage) == pytest.approx(board.figures["Alpha"], abs=1e-5)
    assert cells(board, "D")[-1] == pytest.approx(board.panes["alpha"].values[int(mark.y), int(mark.x)], abs=1e-5)


def test_faces_are_in_depth_order_and_within_the_blur(study, spot):
    board = ask(study, spot)[-1]
    depth = cells(board, "z")[:-2]
    assert len(depth) > 2
    assert (np.diff(depth) >= 0).all()
    assert (cells(board, "d, NDC²")[:-2] < 9.2103e-4).all()
    assert board.figures["Faces within the blur"] == len(depth)


def test_a_tiny_sigma_is_the_hard_picture(study, spot):
    """Alpha is 0 or 1, but where a pixel's centre lies on an edge."""
    alpha = ask(study, spot, sigma=1e-7, gamma=1e-6)[-1].panes["alpha"].values
    assert ((alpha < 1e-3) | (alpha > 1 - 1e-3)).mean() > 0.98
    assert 0.1 < alpha.mean() < 0.6


def test_a_wide_sigma_reaches_far(study, spot):
    narrow, wide = (ask(study, spot, sigma=sigma, faces_per_pixel=150)[-1] for sigma in (1e-5, 3e-3))
    assert (wide.panes["alpha"].values > 0).sum() > 1.3 * (narrow.panes["alpha"].values > 0).sum()


def test_a_small_k_loses_alpha_and_says_so(study, spot):
    values = {"sigma": 3e-3, "pixel_x": 44.5, "pixel_y": 22.5}
    few, many = (ask(study, spot, faces_per_pixel=k, **values)[-1] for k in (2, 150))
    assert few.figures["Faces lost"] == few.figures["Faces within the blur"] - 2
    assert few.figures["Alpha"] + few.figures["Alpha lost"] == pytest.approx(many.figures["Alpha"], abs=0.02)
    assert any("Raise K" in note.advice for note in few.notes)


def test_soft_rgb_does_not_fade(study, spot):
    """REFERENCE III.2: the background weighs nothing beside a face that is anywhere within the blur radius."""
    board = ask(study, spot, sigma=3e-3, faces_per_pixel=150, pixel_x=45.5, pixel_y=22.5)[-1]
    assert board.figures["Alpha"] < 0.5
    assert board.figures["Background"] < 1e-3
    assert any("does not fade" in note.text for note in board.notes)


def test_pytorch3ds_correction_explodes_and_the_labs_does_not(study, spot):
    values = {"sigma": 1e-3, "distance": 1.2, "fov": 90.0, "clip": False}
    wild, calm = (ask(study, spot, correction=c, **values)[-1] for c in ("PyTorch3D's", "inside only"))
    low, high = map(float, wild.figures["Barycentrics"].split(" to "))
    quiet_low, quiet_high = map(float, calm.figures["Barycentrics"].split(" to "))
    assert high - low > 10 * (quiet_high - quiet_low)
    assert any("explodes" in note.text for note in wild.notes)


def test_the_plot_is_alpha_along_the_row(study, spot):
    """At the pixels' centres the curve of sigma is the picture."""
    board = ask(study, spot, faces_per_pixel=150)[-1]
    x, alpha = board.panes["edge"].curves["α at σ"]
    row = board.panes["alpha"].values[20]
    centers = np.flatnonzero(np.isclose(x % 1, 0.5))
    assert len(centers) > 10
    assert alpha[centers] == pytest.approx(row[x[centers].astype(int)], abs=2e-3)
    assert board.panes["edge"].at == 42.5
    assert set(np.unique(board.panes["edge"].curves["hard"][1])) == {0, 1}


def test_the_gradient_is_the_change_of_the_picture(study, spot):
    """The light, moved by hand a little to either side, changes the picture as the gradient says."""
    step = 1e-3
    params = {"of": LIGHT, "axis": "y"}
    change = ask(study, spot, **params)[-1].panes["gradient"].values
    above, below = (ask(study, spot, light_y=1.8 + d, **params)[-1] for d in (step, -step))
    values = [board.results["soft render"].values for board in (above, below)]
    moved = (values[0] - values[1]) / (2 * step)
    assert np.abs(change).max() > 0.05
    assert moved == pytest.approx(change, abs=2e-3)


def test_the_gradient_of_a_vertex_is_local_and_alpha_has_none_in_the_light(study, spot):
    board = ask(study, spot, channel=ALPHA)[-1]
    change = np.abs(board.panes["gradient"].values)
    rows, columns = np.nonzero(change > 1e-3 * change.max())
    assert 0 < len(rows) < 100
    assert abs(rows.mean() - 22.8) < 3  # vertex 2197 is at pixel (42.6, 22.8), on the muzzle's outline
    assert abs(columns.mean() - 42.6) < 3
    none = ask(study, spot, channel=ALPHA, of=LIGHT)[-1]
    assert none.figures["Gradient"] == 0
    assert any("Nothing changes" in note.text for note in none.notes)


def test_the_world_shows_the_faces_of_the_pixel(study, spot):
    board = ask(study, spot)[-1]
    world = board.panes["world"]
    assert len(world.entities["faces"].faces) == len(cells(board, "z")) - 2
    assert world.handles[0].params == ("light_x", "light_y", "light_z")
    empty = ask(study, spot, pixel_x=1.5, pixel_y=1.5)[-1]
    assert "faces" not in empty.panes["world"].entities
    assert total(empty) == pytest.approx([1, 1, 1])


def test_quick_then_full_then_gradient(study, spot):
    boards = ask(study, spot, size=128, pixel_x=113.5, pixel_y=54.5)
    assert [board.panes["render"].pixels.shape[0] for board in boards] == [48, 128, 128]
    assert {board.panes["render"].size for board in boards} == {(128, 128)}
    assert "gradient" in boards[-1].panes
    again = ask(study, spot, size=128, pixel_x=100.5, pixel_y=54.5)
    assert len(again) == 1  # another pixel of the same picture


def test_answers_do_not_depend_on_what_was_asked_before(study, spot):
    ask(study, spot, sigma=1e-2, of=LIGHT)
    old, new = ask(study, spot)[-1], ask(SoftStudy(), spot)[-1]
    assert old.figures == new.figures
    for pane in ("render", "alpha", "gradient"):
        assert np.array_equal(old.panes[pane].pixels, new.panes[pane].pixels)


def test_a_vertex_that_is_not_there_is_the_last_one(study, spot):
    assert any("2,930" in note.text for note in ask(study, spot, vertex=1_000_000)[-1].notes)


@pytest.mark.parametrize("geometry", [None, Points(np.random.default_rng(0).random((9, 3)))])
def test_nothing_to_rasterise_is_an_error(study, geometry):
    with pytest.raises(StudyError, match="choose"):
        ask(study, geometry)
