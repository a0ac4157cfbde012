"""Numbers are found in whatever is pasted, and what is no camera is refused with a reason."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lab.cameras.model import CameraError, look_at
from lab.cameras.pasted import blocks, read
from lab.motions import so3

M = look_at(np.array([1.0, 2, 3]), np.zeros(3))
R, T = M[:3, :3], M[:3, 3]
FOUR_BY_FOUR = {
    "numpy repr": repr(M),
    "numpy print": str(M),
    "torch": str(torch.tensor(M)[None]),
    "torch on a card": f"tensor({M.tolist()}, device='cuda:0', dtype=torch.float64, grad_fn=<MulBackward0>)",
    "lists": f"pose = {M.tolist()}  # 4x4",
    "Blender": f"<Matrix 4x4 {tuple(map(tuple, M.tolist()))}>".replace("<Matrix 4x4 ", "Matrix(").replace(")>", "))"),
    "json": json.dumps({"transform_matrix": M.tolist()}, indent=2),
    "plain lines": "\n".join(" ".join(f"{value:.9f}" for value in row) for row in M),
    "commas": ", ".join(f"{value:.12e}" for value in M.ravel()),
    "semicolons": "[" + "; ".join(" ".join(f"{value:.9f}" for value in row) for row in M) + "]",
}


@pytest.mark.parametrize("text", FOUR_BY_FOUR.values(), ids=FOUR_BY_FOUR.keys())
def test_a_4x4_of_any_spelling(text):
    found = read(text)
    assert found.layout == "columns"
    assert np.allclose(found.rotation, R, atol=1e-4)
    assert np.allclose(found.translation, T, atol=1e-3)


def test_rows_and_columns_are_told_by_the_place_of_the_translation():
    assert read(str(M.T.tolist())).layout == "rows"
    assert np.allclose(read(str(M.T.tolist())).translation, T)
    still = np.eye(4)
    still[:3, :3] = R
    assert read(str(still.tolist())).layout == "either"


def test_three_by_four_and_four_by_three():
    found = read(str(M[:3].tolist()))
    assert found.layout == "columns"
    assert np.allclose(found.translation, T)
    found = read(str(np.vstack([R, T]).tolist()))
    assert found.layout == "rows"
    assert np.allclose(found.rotation, R)
    assert np.allclose(found.translation, T)


@pytest.mark.parametrize(
    ("text", "centre"),
    [
        (f"R = {R.tolist()}\nT = {T.tolist()}", False),
        (f"R=torch.tensor({R.tolist()})[None], T=torch.tensor([{T.tolist()}])", False),
        (f"PerspectiveCameras(R={[R.tolist()]}, T={[T.tolist()]})", False),
        (json.dumps({"R": R.tolist(), "T": T.tolist()}), False),
        (f"R = np.array({R.tolist()})\nC = np.array({T.tolist()})", True),
        (f"tvec: {T.tolist()}\nrotation: {R.tolist()}", False),
    ],
)
def test_r_and_t_apart(text, centre):
    found = read(text)
    assert found.layout == "apart"
    assert found.centre == centre
    assert np.allclose(found.rotation, R)
    assert np.allclose(found.translation, T)


def test_k_is_not_taken_for_a_rotation():
    K = [[500.0, 0, 320], [0, 500, 240], [0, 0, 1]]
    found = read(f"K = {K}\nR = {R.tolist()}\nt = {T.tolist()}")
    assert np.array_equal(found.K, K)
    assert np.allclose(found.rotation, R)
    assert {"R", "t"} <= found.names
    unnamed = read(f"{K}\n{R.tolist()}\n{T.tolist()}")
    assert np.array_equal(unnamed.K, K)
    assert np.allclose(unnamed.translation, T)


def test_an_identity_is_a_rotation_and_no_k():
    assert read("R = [[1,0,0],[0,1,0],[0,0,1]]; T = [0, 0, 2.7]").K is None


def test_colmap():
    found = read("0.5 0.5 -0.5 0.5 1 2 3")
    assert np.allclose(found.rotation, so3.from_quaternion([0.5, 0.5, -0.5, 0.5]))
    assert found.translation.tolist() == [1, 2, 3]
    assert "COLMAP" in found.remarks[0]


def test_rounding_and_scale_are_repaired_and_said():
    rounded = read(str(np.round(M, 3).tolist()))
    assert np.allclose(rounded.rotation @ rounded.rotation.T, np.eye(3), atol=1e-12)
    assert "rounded" in rounded.remarks[0]
    scaled = M.copy()
    scaled[:3, :3] *= 2.5
    found = read(str(scaled.tolist()))
    assert np.allclose(found.rotation, R)
    assert "2.5" in found.remarks[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no numbers"),
        ("my camera is upside down", "no numbers"),
        ("1 2 3", "groups of 3"),
        (str((M @ np.diag([1, 1, -1, 1])).tolist()), "mirrors"),
        (str(np.diag([1.0, 2, 3, 1]).tolist()), "no rotation"),
        (str(np.zeros((4, 4)).tolist()), "last row"),
        ("R = " + str(np.zeros((3, 3)).tolist()), "singular"),
        ("projection = " + str(np.diag([1.0, 1, 1, 1]).tolist()), "projection"),
        ("1 0 0 0  0 1 0 0  0 0 -1 -0.2  0 0 -1 0", "projection"),
    ],
)
def test_what_is_no_camera_is_refused(text, words):
    with pytest.raises(CameraError, match=words):
        read(text)


@given(st.text(alphabet="0123456789.,-+e[](){}=: \nRTKdtype#'\"", max_size=200))
def test_any_text_is_read_or_refused(text):
    try:
        found = read(text)
    except CameraError:
        return
    assert np.allclose(found.rotation @ found.rotation.T, np.eye(3), atol=1e-9)


def test_comments_and_settings_are_no_numbers():
    found = blocks("# 1 2 3\nx = [4, 5]  // 6\ny = array([7], dtype=float32)")
    assert [(block.name, block.numbers) for block in found] == [("x", [4, 5]), ("y", [7])]
