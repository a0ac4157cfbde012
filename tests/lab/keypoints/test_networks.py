"""The parts of BlazePose by hand, and the whole on pictures whose joints are known."""

from __future__ import annotations

import json
import math
import sys

import numpy as np
import pytest
from PIL import Image

from lab.body.smplify.example import KEYPOINTS, PHOTO
from lab.keypoints import detector, interpreter
from lab.keypoints.crops import Crop, Halves
from lab.keypoints.interpreter import NetworkError
from lab.keypoints.landmarks import refined
from lab.keypoints.layouts import LAYOUTS
from lab.keypoints.networks import Tracker, find_people, parts
from lab.keypoints.people import Person2D
from lab.scene import Array

WALL = (219, 222, 217)


@pytest.fixture(scope="module")
def photo() -> Array:
    return np.array(Image.open(PHOTO).convert("RGB"))


@pytest.fixture(scope="module")
def truth() -> dict[str, Array]:
    """The joints that the example photo was drawn with, by name, pixels."""
    pytest.importorskip("ai_edge_litert")
    rows = np.array(json.loads(KEYPOINTS.read_text())["people"][0]["pose_keypoints_2d"]).reshape(-1, 3)
    return dict(zip(LAYOUTS["BODY_25"], rows[:, :2], strict=True))


@pytest.fixture(scope="module")
def person(photo: Array, truth: dict[str, Array]) -> Person2D:
    (found,) = find_people(photo)
    return found


def errors(person: Person2D, truth: dict[str, Array], scale: float = 1.0, shift: tuple[float, float] = (0, 0)) -> Array:
    parts = ("shoulder", "elbow", "wrist", "knee", "ankle")
    names = [f"{side}_{part}" for side in ("left", "right") for part in parts]
    found = np.array([person.xy[person.names.index(name)] for name in names])
    return np.linalg.norm(found - (np.array([truth[name] for name in names]) * scale + shift), axis=1)


# --- parts ----------------------------------------------------------------------------------------------------------


def test_anchors_are_the_middles_of_cells() -> None:
    anchors = detector.anchors()
    assert anchors.shape == (2254, 2)  # 2 * 28² + 2 * 14² + 6 * 7²
    np.testing.assert_allclose(anchors[:3], [[0.5 / 28, 0.5 / 28]] * 2 + [[1.5 / 28, 0.5 / 28]])
    np.testing.assert_allclose(anchors[2 * 28 * 28], [0.5 / 14, 0.5 / 14])
    np.testing.assert_allclose(anchors[-1], [6.5 / 7, 6.5 / 7])


def test_overlaps_by_hand() -> None:
    box = np.array([0.0, 0.0, 4.0, 4.0])
    others = np.array([[0, 0, 4, 4], [2, 0, 6, 4], [2, 2, 6, 6], [4, 0, 8, 4], [9, 9, 9, 9.0]])
    np.testing.assert_allclose(detector.overlaps(box, others), [1.0, 8 / 24, 4 / 28, 0.0, 0.0])


def test_boxes_of_one_person_become_their_mean() -> None:
    values = np.zeros((3, 12))
    values[:, :4] = [[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]]
    values[:, 4:6] = [[5, 20], [9, 20], [55, 80]]
    first, second = detector.merge(np.array([0.6, 0.9, 0.7]), values)
    assert first.score == 0.9
    np.testing.assert_allclose(first.box, [0.6, 0, 10.6, 10])  # 0.9 of 1.5
    np.testing.assert_allclose(first.middle, [5 + 4 * 0.6, 20])
    np.testing.assert_allclose(second.middle, [55, 80])


def test_a_crop_turns_the_person_upright() -> None:
    crop = Crop.upright(np.array([100.0, 50.0]), np.array([120.0, 50.0]), 1.25)  # the head is on the right
    assert crop.side == pytest.approx(50.0)
    assert crop.angle == pytest.approx(math.pi / 2)
    np.testing.assert_allclose(crop.to_picture(np.array([[0.5, 0.5], [0.5, 0.1]])), [[100, 50], [120, 50]], atol=1e-9)
    np.testing.assert_allclose(crop.box(), [75, 25, 125, 75], atol=1e-9)


def test_a_crop_shows_what_is_there() -> None:
    y, x = np.mgrid[:64, :96]
    picture = Halves(np.stack([2 * x, 3 * y, np.zeros_like(x)], axis=-1).astype(np.uint8))
    crop = Crop(48.0, 32.0, 32.0, 0.4)
    cut = picture.cut(crop, 32)
    steps = (np.arange(32) + 0.5) / 32
    across, down = np.meshgrid(steps, steps)
    places = crop.to_picture(np.stack([across, down], axis=-1)) - 0.5  # of pixels, whose middles are at .5
    np.testing.assert_allclose(cut[..., 0] * 255, 2 * places[..., 0], atol=1.0)
    np.testing.assert_allclose(cut[..., 1] * 255, 3 * places[..., 1], atol=1.0)


def test_a_small_crop_of_a_large_picture_is_smooth() -> None:
    checks = ((np.add(*np.mgrid[:512, :512]) % 2) * 255).astype(np.uint8)
    cut = Halves(np.repeat(checks[..., None], 3, axis=2)).cut(Crop(256, 256, 400), 64)
    np.testing.assert_allclose(cut, 0.5, atol=0.01)


def test_heat_moves_a_landmark_to_its_middle() -> None:
    heat = np.full((64, 64, 2), -50.0)
    heat[20, 33, 0] = heat[20, 34, 0] = 30.0
    points = np.array([[32.2 / 64, 21.9 / 64], [0.3, 0.3]])
    moved = refined(points, heat)
    np.testing.assert_allclose(moved[0], [33.5 / 64, 20 / 64])
    np.testing.assert_array_equal(moved[1], points[1])  # nothing is warm there
    outside = np.array([[1.2, 0.5], [-0.1, 0.5]])
    np.testing.assert_array_equal(refined(outside, heat), outside)


def test_parts_cover_the_picture() -> None:
    crops = parts((600, 1000))
    boxes = np.array([crop.box() for crop in crops])
    np.testing.assert_allclose([boxes[:, 0].min(), boxes[:, 1].min()], 0.0, atol=1e-9)
    np.testing.assert_allclose([boxes[:, 2].max(), boxes[:, 3].max()], [1000, 600])
    starts = np.unique(boxes[:, 0].round(6))
    assert (np.diff(starts) <= 150.0 + 1e-6).all(), "neighbours overlap by half"
    assert parts((300, 300)) == ()
    assert parts((400, 100_000)) == ()


# --- the whole ------------------------------------------------------------------------------------------------------


def test_the_person_of_the_example_is_found(person: Person2D, truth: dict[str, Array]) -> None:
    assert person.names == LAYOUTS["BlazePose"]
    assert (person.confidence > 0.8).all()
    apart = errors(person, truth)  # of a person of 520 pixels; joints are where people say they are, not exactly SMPL's
    assert np.median(apart) < 9.0
    assert apart.max() < 26.0


def test_the_guess_in_metres_looks_as_the_picture_does(person: Person2D) -> None:
    assert person.world is not None
    down = person.world[:, 1]
    names = person.names
    assert down[names.index("nose")] < down[names.index("left_hip")] < down[names.index("left_ankle")]
    assert person.world[names.index("left_shoulder"), 0] > person.world[names.index("right_shoulder"), 0]
    hips = person.world[[names.index("left_hip"), names.index("right_hip")]]
    np.testing.assert_allclose(hips.mean(axis=0), 0.0, atol=0.05)


def test_people_side_by_side_upside_down_and_small(photo: Array, truth: dict[str, Array]) -> None:
    small = np.array(Image.fromarray(photo).resize((270, 360), Image.Resampling.BOX))
    scene = np.full((720, 1100, 3), WALL, np.uint8)
    scene[:, :540] = photo
    scene[300:660, 700:970] = small
    first, second = find_people(scene)
    assert np.median(errors(first, truth)) < 9.0
    assert np.median(errors(second, truth, 0.5, (700.0, 300.0))) < 6.0
    turned = np.ascontiguousarray(photo[::-1, ::-1])
    found = find_people(turned)
    assert len(found) == 1
    mirrored = {name: np.array([540.0, 720.0]) - place for name, place in truth.items()}
    assert np.median(errors(found[0], mirrored)) < 12.0


def test_small_people_in_a_large_photo_are_found(photo: Array, truth: dict[str, Array]) -> None:
    scene = np.full((1500, 2400, 3), WALL, np.uint8)
    places = [(100, 100), (700, 1100), (1200, 2000)]
    small = np.array(Image.fromarray(photo).resize((180, 240), Image.Resampling.BOX))
    for top, left in places:
        scene[top : top + 240, left : left + 180] = small
    found = find_people(scene)
    assert len(found) == 3
    for one in found:
        assert min(np.median(errors(one, truth, 1 / 3, (left, top))) for top, left in places) < 5.0


def test_what_is_outside_of_the_photo_has_no_confidence(photo: Array, truth: dict[str, Array]) -> None:
    (found,) = find_people(np.ascontiguousarray(photo[:420]))
    names = found.names
    assert found.confidence[names.index("nose")] > 0.8
    assert found.confidence[[names.index("left_ankle"), names.index("right_ankle")]].max() < 0.5
    beyond = found.xy[:, 1] > 420
    assert beyond.any()
    assert not found.confidence[beyond].any()


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (300, 400)])
def test_nobody_is_found_where_nobody_is(shape: tuple[int, int], truth: dict[str, Array]) -> None:
    assert find_people(np.full((*shape, 3), WALL, np.uint8)) == []


def test_other_pixels_are_refused() -> None:
    for pixels in (np.zeros((4, 4, 3), np.float32), np.zeros((4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(ValueError, match="pixels: expected"):
            find_people(pixels)


def test_a_film_is_followed(photo: Array, truth: dict[str, Array], monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    real = detector.detect
    monkeypatch.setattr("lab.keypoints.networks.detect", lambda *args: (looks.append(1), real(*args))[1])
    tracker = Tracker("lite")
    for number in range(4):
        seen = tracker.next(np.roll(photo, 6 * number, axis=1))
        assert seen is not None
        assert np.median(errors(seen, truth, 1.0, (6.0 * number, 0.0))) < 12.0
    assert len(looks) == 1, "the detector looks at the first picture alone"
    assert tracker.next(np.full_like(photo, WALL[0])) is None
    assert tracker.next(photo) is not None, "the person is found again"


def test_the_named_person_is_followed(photo: Array, person: Person2D, truth: dict[str, Array]) -> None:
    scene = np.full((720, 1200, 3), WALL, np.uint8)
    scene[:, :540] = photo
    scene[300:660, 800:1070] = np.array(Image.fromarray(photo).resize((270, 360), Image.Resampling.BOX))
    start = Person2D(person.xy / 2 + [800.0, 300.0], person.confidence, person.names)
    seen = Tracker(start=start).next(scene)
    assert seen is not None
    assert np.median(errors(seen, truth, 0.5, (800.0, 300.0))) < 6.0


def test_without_the_package_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    interpreter.network.cache_clear()
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(NetworkError, match="pip install ai-edge-litert"):
        find_people(np.zeros((300, 300, 3), np.uint8))


def test_a_missing_network_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: object, truth: object) -> None:
    interpreter.network.cache_clear()
    monkeypatch.setattr(interpreter, "FOLDER", tmp_path)
    with pytest.raises(NetworkError, match=r"pose_detection\.tflite is missing"):
        find_people(np.zeros((300, 300, 3), np.uint8))
