"""The bundled models are what they should be, whatever built them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lab.body.builder.report import asymmetry
from lab.body.builder.words import volume
from lab.body.data import BodyData
from lab.body.library import BODIES, FOLDER, load_body
from lab.body.posing import Poser
from lab.body.skeleton import JOINTS, MIRROR, PARENTS, joint

LANDMARKS = {
    *("nose", "head_top"),
    *(
        f"{side}_{name}"
        for side in ("left", "right")
        for name in ("eye", "ear", "big_toe", "small_toe", "heel", "thumb", "index", "pinky")
    ),
}


@pytest.fixture(params=BODIES)
def body(request: pytest.FixtureRequest) -> BodyData:
    return load_body(request.param)


def rest_joints(body: BodyData) -> np.ndarray:
    return np.asarray(body.J_regressor @ body.v_template.astype(np.float64))


def inside(points: np.ndarray, verts: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """The winding number of the surface around each point (van Oosterom and Strackee 1983): 1 inside, 0 outside."""
    a, b, c = (verts[faces[:, corner]][None].astype(np.float64) - points[:, None] for corner in range(3))
    la, lb, lc = (np.linalg.norm(side, axis=2) for side in (a, b, c))
    triple = np.einsum("pfa,pfa->pf", a, np.cross(b, c))
    dots = la * lb * lc + (a * b).sum(2) * lc + (b * c).sum(2) * la + (c * a).sum(2) * lb
    return (2.0 * np.arctan2(triple, dots)).sum(axis=1) / (4.0 * np.pi)


def test_shapes_and_tree(body: BodyData) -> None:
    count = len(body.v_template)
    assert (6500 < count < 7300) != (count > 13000)
    assert body.shapedirs.shape == (count, 3, 10)
    assert body.posedirs is not None
    assert body.posedirs.shape == (count, 3, 207)
    assert body.weights.shape == (count, 24)
    assert body.J_regressor.shape == (24, count)
    assert body.uvs is not None
    assert body.uvs.shape == (len(body.faces), 3, 2)
    assert tuple(body.parents) == PARENTS
    assert body.joint_names == JOINTS
    assert set(body.landmarks) == LANDMARKS
    assert len(body.beta_words) == len(set(body.beta_words)) == 10


def test_mesh_is_closed_and_points_outwards(body: BodyData) -> None:
    edges = np.concatenate([body.faces[:, [0, 1]], body.faces[:, [1, 2]], body.faces[:, [2, 0]]]).astype(np.int64)
    once = edges[:, 0] * len(body.v_template) + edges[:, 1]
    back = edges[:, 1] * len(body.v_template) + edges[:, 0]
    assert len(np.unique(once)) == len(once)
    assert np.array_equal(np.sort(once), np.sort(back))
    assert 0.03 < volume(body.v_template.astype(np.float64), body.faces) < 0.12  # cubic metres: 30 to 120 litres


def test_weights_and_regressor_are_means_of_few(body: BodyData) -> None:
    assert np.allclose(body.weights.sum(axis=1), 1.0, atol=1e-6)
    assert body.weights.min() >= 0.0
    assert (body.weights > 0.0).sum(axis=1).max() <= 4
    table = body.J_regressor.toarray()
    assert np.allclose(table.sum(axis=1), 1.0, atol=1e-5)
    assert table.min() >= 0.0
    assert (table > 0.0).sum(axis=1).max() <= 60


def test_left_and_right_are_mirror_images(body: BodyData) -> None:
    assert body.symmetry is not None
    assert np.array_equal(body.symmetry[body.symmetry], np.arange(len(body.v_template)))
    assert asymmetry(body) < 2e-6
    joints = rest_joints(body)
    assert np.allclose(joints[list(MIRROR)] * (-1.0, 1.0, 1.0), joints, atol=1e-5)
    for name, vertex in body.landmarks.items():
        if name.startswith("left_"):
            assert body.landmarks[name.replace("left", "right")] == body.symmetry[vertex]


def test_joints_are_inside_the_body(body: BodyData) -> None:
    winding = inside(rest_joints(body), body.v_template, body.faces)
    assert (winding > 0.9).all(), [name for name, turns in zip(JOINTS, winding, strict=True) if turns <= 0.9]


def test_rest_pose(body: BodyData) -> None:
    place = dict(zip(JOINTS, rest_joints(body), strict=True))
    for name in ("shoulder", "elbow", "wrist"):  # the arm is straight and level
        assert place[f"left_{name}"][1:] == pytest.approx(place["left_shoulder"][1:], abs=0.006)
    assert place["left_shoulder"][0] < place["left_elbow"][0] < place["left_wrist"][0] < place["left_hand"][0]
    assert place["pelvis"][0] == pytest.approx(0.0, abs=1e-6)
    assert place["head"][1] > place["neck"][1] > place["spine3"][1] > place["spine2"][1] > place["spine1"][1]
    thumb, pinky = (body.v_template[body.landmarks[f"left_{name}"]] for name in ("thumb", "pinky"))
    assert thumb[2] > pinky[2] + 0.08  # palms down: the thumb is in front
    sole = body.v_template[:, 1].min()
    for name in ("big_toe", "small_toe", "heel"):
        assert body.v_template[body.landmarks[f"left_{name}"]][1] - sole < 0.03


def test_landmarks_are_where_their_names_say(body: BodyData) -> None:
    at = {name: body.v_template[vertex] for name, vertex in body.landmarks.items()}
    head = rest_joints(body)[joint("head")]
    assert at["head_top"][1] == body.v_template[:, 1].max()
    assert abs(at["nose"][0]) < 1e-6
    assert at["nose"][2] > at["left_eye"][2] > at["left_ear"][2]
    assert 0.02 < at["left_eye"][0] < 0.045 < at["left_ear"][0]
    assert at["head_top"][1] > at["left_eye"][1] > at["nose"][1] > head[1] - 0.05
    assert (
        at["left_heel"][2] < rest_joints(body)[joint("left_ankle")][2] < at["left_small_toe"][2] < at["left_big_toe"][2]
    )
    assert at["left_big_toe"][0] < at["left_small_toe"][0]
    assert at["left_index"][0] == pytest.approx(body.v_template[:, 0].max(), abs=0.03)


def test_turning_the_root_needs_no_correctives() -> None:
    body = load_body("neutral")
    poser = Poser(body)
    shaped = poser.shape(np.zeros(10, np.float32))
    pose = np.zeros((24, 3))
    pose[0] = (0.3, -1.0, 0.4)
    assert np.allclose(poser.pose(shaped, pose).corrected, body.v_template, atol=1e-7)


def test_betas_do_what_their_words_say() -> None:
    for name in ("neutral", "female", "male"):
        body = load_body(name)
        tall = next(index for index, words in enumerate(body.beta_words) if words.startswith("Taller"))
        heavy = next(index for index, words in enumerate(body.beta_words) if "eavier" in words)
        verts = body.v_template.astype(np.float64)
        taller, heavier = (verts + body.shapedirs[:, :, index] for index in (tall, heavy))
        assert np.ptp(taller[:, 1]) > np.ptp(verts[:, 1]) + 0.04
        assert volume(heavier, body.faces) > 1.03 * volume(verts, body.faces)


def test_report_keeps_the_promises() -> None:
    report = json.loads((FOLDER / "REPORT.json").read_text(encoding="utf-8"))
    for gender in ("neutral", "female", "male"):
        measured = report[gender]
        assert tuple(measured["betas"]) == load_body(gender).beta_words
        assert measured["vertices, faces"] == [len(load_body(f"{gender}_full").v_template), 27036]
        assert max(measured["joint error, each joint (mm)"].values()) <= 5.0
        assert measured["light joint error, worst (mm)"] <= 5.0
        before, after = (
            measured[f"unseen poses, RMS error where correctives act, {how} them (mm)"] for how in ("without", "with")
        )
        assert after < 0.35 * before


def test_files_are_small() -> None:
    sizes = [(FOLDER / f"{name}.npz").stat().st_size for name in BODIES]
    assert max(sizes) <= 2_500_000
    assert sum(sizes) <= 12_000_000
