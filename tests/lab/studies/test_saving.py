"""What a study leaves, as files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import imageio.v2 as imageio
import numpy as np
import OpenEXR
import pytest

from lab.film import ExportError
from lab.formats import read
from lab.scene import Image, Lines, Points
from lab.studies.channels import channel_of
from lab.studies.saving import save_animation, save_board, save_film, save_result, save_values, suffixes_of
from lab.study import Board, Data, Film, Picture, Plot, Table, Text
from tests.lab.studies.small import ANIMATION, TRIANGLE

FRAMES = np.repeat(np.array([40, 120, 200], np.uint8), 33 * 47 * 3).reshape(3, 33, 47, 3)  # odd sizes


def read_exr(path: Path) -> dict[str, np.ndarray]:
    with OpenEXR.File(str(path)) as file:
        return {name: channel.pixels for name, channel in file.channels().items()}


def levels(path: Path) -> list[int]:
    """The grey in the middle of each frame, to the nearest ten."""
    with imageio.get_reader(path) as film:
        return [round(float(frame[10, 10, :3].mean()), -1) for frame in film]


def test_a_film_has_its_frames_in_order_at_its_own_rate(tmp_path: Path) -> None:
    told: list[float] = []
    assert save_film(tmp_path / "a.mp4", FRAMES, 5.0, progress=lambda share, _: told.append(share)) == ()
    assert levels(tmp_path / "a.mp4") == [40, 120, 200]
    with imageio.get_reader(tmp_path / "a.mp4") as film:
        about = film.get_meta_data()
    assert (about["fps"], about["size"]) == (5.0, (48, 34))  # even, as the codec wants
    assert told == [0, 1 / 3, 2 / 3]
    assert save_film(tmp_path / "a.gif", FRAMES, 5.0) == ("more than 256 colours in a frame",)
    assert levels(tmp_path / "a.gif") == [40, 120, 200]


def test_frames_are_numbered_pictures(tmp_path: Path) -> None:
    save_film(tmp_path / "turn.png", FRAMES)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["turn_0001.png", "turn_0002.png", "turn_0003.png"]
    for file, frame in zip(files, FRAMES, strict=True):
        np.testing.assert_array_equal(imageio.imread(file), frame)


def test_what_cannot_be_saved_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    for path, frames, words in (
        (tmp_path / "a.mp4", FRAMES[:0], "no frames"),
        (tmp_path / "a.avi", FRAMES, r"\.mp4"),
        (tmp_path / "missing" / "a.mp4", FRAMES, "a.mp4 cannot be saved"),
        (tmp_path / "missing" / "a.png", FRAMES, "a.png cannot be saved"),
    ):
        with pytest.raises(ExportError, match=words):
            save_film(path, frames)

    def stop(_share: float, _text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save_film(tmp_path / "a.mp4", FRAMES, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_values_keep_their_precision(tmp_path: Path) -> None:
    values = np.array([[1.000001, np.inf], [0.0, 3e-7]], np.float32)
    save_values(tmp_path / "depth.exr", values, channel_of("Depth, m"))
    found = read_exr(tmp_path / "depth.exr")
    np.testing.assert_array_equal(found["Z"], values)
    assert channel_of("the difference") == "Y"


def test_a_board_is_saved_whole(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    picture = Picture(np.full((3, 4, 3), 7, np.uint8), values=values)
    board = Board(
        panes={
            "render": picture,
            "table": Table(("a", "b"), (np.array([1, 2]), ("x", "y"))),
            "plot": Plot({"c": (np.array([0.0]), np.array([2.0]))}, "t"),
            "words": Text("hello"),
        },
        results={
            "points": Points(np.ones((2, 3))),
            "Turn table": Film(FRAMES),
            "render": Image(np.full((3, 4, 3), 9, np.uint8)),
            "a/b": picture,
            "trail": Lines(np.zeros((2, 3)), np.zeros((1, 2), int)),
        },
    )
    saved = list(save_board(board, tmp_path))
    assert {path.name for path in saved} == {path.name for path in tmp_path.iterdir()}
    assert {path.name for path in saved} == {
        *("points.ply", "turn-table.mp4", "render.png", "a-b.png", "a-b.exr"),
        *("render-2.png", "render.exr", "table.csv", "plot.csv", "words.txt"),
    }
    np.testing.assert_array_equal(read(tmp_path / "points.ply").entity.verts, np.ones((2, 3)))
    assert (imageio.imread(tmp_path / "render.png") == 9).all()
    assert (imageio.imread(tmp_path / "render-2.png") == 7).all()
    np.testing.assert_array_equal(read_exr(tmp_path / "render.exr")["Y"], values)
    assert (tmp_path / "table.csv").read_text().split() == ["a,b", "1,x", "2,y"]
    assert (tmp_path / "plot.csv").read_text().split() == ["curve,t,y", "c,0.0,2.0"]
    assert (tmp_path / "words.txt").read_text() == "hello\n"


# --- numbers, animations, and one result at a time --------------------------------------------------------------------

NUMBERS = Data({"betas": np.arange(10.0), "faces": np.array([[0, 1, 2]]), "gender": "neutral", "fps": 30.0})


def test_numbers_and_animations_of_a_board(tmp_path: Path) -> None:
    files = list(save_board(Board({}, results={"Pose": NUMBERS, "Walk": ANIMATION}), tmp_path))
    assert [file.name for file in files] == ["pose.npz", "walk.glb"]
    with np.load(files[0], allow_pickle=False) as found:
        assert found["betas"].tolist() == list(range(10))
        assert (str(found["gender"]), float(found["fps"])) == ("neutral", 30.0)
    content = files[1].read_bytes()
    length = int.from_bytes(content[12:16], "little")
    assert content[:4] == b"glTF"
    scene = json.loads(content[20 : 20 + length])
    assert len(scene["animations"]) == len(scene["skins"]) == 1


def test_one_result_under_each_of_its_endings(tmp_path: Path) -> None:
    picture = Picture(FRAMES[0], values=np.ones((33, 47), np.float32))
    for name, result in {"n": NUMBERS, "w": ANIMATION, "m": TRIANGLE, "p": picture, "i": Image(FRAMES[0])}.items():
        assert suffixes_of(result)
        for suffix in suffixes_of(result):
            save_result(tmp_path / f"{name}{suffix}", name, result)
            assert (tmp_path / f"{name}{suffix}").stat().st_size > 20
    assert json.loads((tmp_path / "n.json").read_text())["faces"] == [[0, 1, 2]]
    assert read_exr(tmp_path / "p.exr")["Y"].shape == (33, 47)
    np.testing.assert_array_equal(imageio.imread(tmp_path / "p.png"), FRAMES[0])
    np.testing.assert_array_equal(read(tmp_path / "m.ply").entity.verts, TRIANGLE.verts)
    assert suffixes_of(Lines(np.zeros((2, 3)), np.array([[0, 1]]))) == ()
    assert ".stl" not in suffixes_of(Points(np.zeros((2, 3))))


def test_what_does_not_suit_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"'walk' can be saved as \.glb"):
        save_result(tmp_path / "a.ply", "walk", ANIMATION)
    with pytest.raises(ExportError, match=r"ends in \.glb"):
        save_animation(tmp_path / "a.fbx", ANIMATION)
    with pytest.raises(ExportError, match="cannot be saved: animation: expected weights"):
        save_animation(tmp_path / "a.glb", replace(ANIMATION, weights=np.zeros((2, 2))))
    with pytest.raises(ExportError, match=r"a\.glb cannot be saved"):
        save_animation(tmp_path / "missing" / "a.glb", ANIMATION)
    assert list(tmp_path.iterdir()) == []
