"""The study of posed images: boards for made and for opened pictures, the box, saving, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.chapters.volumes.images import FOUND, IMAGES, MINE, SAVE, ImagesParams
from lab.params import build
from lab.posed.load import load_images
from lab.posed.make import spot
from lab.posed.study import PosedStudy
from lab.study import Board, StudyContext, StudyError
from tests.lab.posed import writers

SMALL = {"count": 10, "held_out": 2, "size": 32}


def boards(study: PosedStudy, values, action: str = "", mesh=None) -> list[Board]:
    ctx = StudyContext({"object": mesh or SPOT}, action=action)
    return list(study.boards(build(ImagesParams, values), ctx))


SPOT = spot()


@pytest.mark.parametrize("preset", IMAGES.presets, ids=lambda preset: preset.title)
def test_every_preset_answers_with_all_panes(preset):
    values = dict(preset.values) | {"size": 24, "count": 14, "held_out": 3}
    board = boards(PosedStudy(), values)[-1]
    assert set(board.panes) == {"world", "picture", "table"}
    assert board.figures["Pictures"] == "11 to train on, 3 held out"
    assert board.figures["See the box"] == "14 of 14"
    assert board.spans["image"] == (0.0, 13.0)
    assert {"training cameras", "held-out cameras", "image planes", "box", "object"} <= set(
        board.panes["world"].entities
    )


def test_a_coarse_board_comes_before_a_slow_one_and_only_then():
    study = PosedStudy()
    first, last = boards(study, {"size": 80, "count": 30})
    assert first.panes["picture"].stands_for == (80, 80)
    assert first.panes["picture"].pixels.shape == (48, 48, 3)
    assert first.results == {}
    assert last.panes["picture"].pixels.shape == (80, 80, 3)
    assert len(boards(study, {"size": 80, "count": 30, "image": 5})) == 1, "they are kept"
    assert len(boards(study, SMALL)) == 1


def test_going_through_the_pictures_sends_nothing_large_again():
    study = PosedStudy()
    one, two = boards(study, SMALL)[-1], boards(study, SMALL | {"image": 3})[-1]
    for name in ("image planes", "training cameras", "object"):
        assert one.panes["world"].entities[name] is two.panes["world"].entities[name], name
    assert two.panes["table"].marked == 3
    assert not np.array_equal(one.panes["picture"].pixels, two.panes["picture"].pixels)


def test_the_box_is_the_found_one_until_the_person_takes_a_corner():
    study = PosedStudy()
    board = boards(study, SMALL)[-1]
    assert board.values == {}
    handle = next(handle for handle in board.panes["world"].handles if handle.key == "lower")
    box = board.panes["world"].entities["box"].verts
    assert handle.position == pytest.approx(box.min(axis=0), abs=1e-5)
    assert handle.sets["box"] == MINE
    assert handle.sets["upper"] == pytest.approx(box.max(axis=0), abs=1e-5)
    mine = boards(study, SMALL | {"box": MINE, "lower": (0.5, 0, 0), "upper": (-0.5, 1, 2)})[-1]
    assert mine.figures["Box"] == "1 × 1 × 2"
    assert mine.values == {}
    assert boards(study, SMALL | {"box": FOUND})[-1].figures["Box"] == board.figures["Box"]
    with pytest.raises(StudyError, match="no volume"):
        boards(study, SMALL | {"box": MINE, "lower": (0, 0, 0), "upper": (0, 1, 1)})


def test_a_box_of_ones_own_begins_as_the_found_one():
    study = PosedStudy()
    found = boards(study, SMALL)[-1].figures["Box"]
    params = build(ImagesParams, SMALL | {"box": MINE})
    board = list(study.boards(params, StudyContext({"object": SPOT}, frozenset({"box"}))))[-1]
    assert board.figures["Box"] == found
    assert set(board.values) == {"lower", "upper"}
    echo = replace(params, **board.values)
    again = list(study.boards(echo, StudyContext({"object": SPOT}, frozenset({"lower", "upper"}))))[-1]
    assert again.figures["Box"] == found
    assert again.values == {}


def test_image_planes_show_their_own_pictures():
    """The texture under a plane's middle is the picture's middle."""
    study, values = PosedStudy(), SMALL | {"masks": False, "background": "white"}
    for number in range(10):
        board = boards(study, values | {"image": number})[-1]
        planes = board.panes["world"].entities["image planes"]
        texture = planes.materials[0].texture
        assert (len(planes.faces), len(planes.verts)) == (40, 40), "each from both sides"
        uv = planes.uvs[4 * number : 4 * number + 4].reshape(-1, 2)
        middle = (uv.min(axis=0) + uv.max(axis=0)) / 2
        row, column = int((1 - middle[1]) * texture.shape[0]), int(middle[0] * texture.shape[1])
        expected = board.panes["picture"].pixels[15:17, 15:17].mean((0, 1))
        assert np.abs(texture[row - 2 : row + 2, column - 2 : column + 2].mean((0, 1)) - expected).max() < 15


def test_opened_files_say_what_was_left_out(tmp_path):
    writers.colmap(tmp_path, False)
    (tmp_path / "images" / "003.png").unlink()
    board = boards(PosedStudy(), {"data": str(tmp_path)})[-1]
    assert board.figures["Pictures"] == "10 to train on, 1 held out"
    assert "points" in board.panes["world"].entities
    assert any(note.level == "warning" and "'003.png'" in note.text for note in board.notes)
    assert any(note.level == "info" and "COLMAP" in note.text for note in board.notes)


def test_files_are_read_again_when_they_change(tmp_path):
    study, values = PosedStudy(), {"data": str(tmp_path)}
    writers.nerfstudio(tmp_path)
    before = boards(study, values)[-1]
    assert (
        boards(study, values)[-1].panes["world"].entities["image planes"]
        is before.panes["world"].entities["image planes"]
    )
    (tmp_path / "images" / "frame_00000.png").unlink()
    text = (tmp_path / "transforms.json").read_text()
    (tmp_path / "transforms.json").unlink()
    (tmp_path / "transforms.json").write_text(text)
    assert boards(study, values)[-1].figures["See the box"] == "11 of 11"


def test_saving_makes_a_new_folder_each_time_with_the_persons_box(tmp_path):
    study = PosedStudy()
    values = SMALL | {"save_to": str(tmp_path), "box": MINE, "lower": (-2, -2, -2), "upper": (2, 2, 2)}
    for name in ("posed-images", "posed-images-2"):
        board = boards(study, values, SAVE)[-1]
        assert any("Saved 10 pictures" in note.text for note in board.notes)
        images = load_images(tmp_path / name)
        assert len(images) == 10
        assert images.upper == pytest.approx([2, 2, 2])
    assert any("no folder" in note.text for note in boards(study, SMALL, SAVE)[-1].notes)
    with pytest.raises(StudyError, match="there is no folder"):
        boards(study, SMALL | {"save_to": str(tmp_path / "gone")}, SAVE)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"data": "/nowhere/at/all"}, "nothing at"),
        ({"count": 4, "held_out": 4}, "none to train on"),
        ({"count": 400, "size": 800}, "fewer or smaller"),
    ],
)
def test_refusals_are_sentences(values, words):
    with pytest.raises(StudyError, match=words):
        boards(PosedStudy(), values)
