"""2D joints and the body's points: which is which, and what counts."""

import numpy as np

from lab.body.joint_model import JointModel
from lab.body.library import load_body
from lab.keypoints.mapping import BLAZEPOSE, BODY_25, LSP, PLACES, map_joints


def test_layouts_have_their_sizes() -> None:
    assert (len(BLAZEPOSE), len(BODY_25), len(LSP)) == (33, 25, 14)
    for layout in (BLAZEPOSE, BODY_25, LSP):
        assert len(set(layout)) == len(layout)


def test_lsp_s_joints_are_those_of_the_paper() -> None:
    """LSP's first twelve are SMPL's 8, 5, 2, 1, 4, 7, 21, 19, 17, 16, 18, 20 (REFERENCE IV.2)."""
    data = load_body("neutral")
    model = JointModel(data, tuple(data.landmarks))
    mapped = map_joints(LSP[:12], model.names)
    assert mapped.matrix.argmax(axis=1).tolist() == [8, 5, 2, 1, 4, 7, 21, 19, 17, 16, 18, 20]
    assert np.allclose(mapped.matrix.sum(axis=1), 1.0)


def test_single_hips_weigh_nothing() -> None:
    assert all(PLACES[name].weight == 0.0 for name in ("left_hip", "right_hip", "mid_hip", "neck"))
    assert all(0.0 <= place.weight <= 1.0 for place in PLACES.values())


def test_unknown_joints_and_those_of_missing_landmarks_are_left_out() -> None:
    mapped = map_joints(("tail", "nose", "left_wrist"), ("pelvis", "left_wrist"))
    assert mapped.names == ("left_wrist",)
    assert mapped.rows.tolist() == [2]
    assert mapped.matrix.tolist() == [[0.0, 1.0]]


def test_every_landmark_that_is_used_is_one_of_the_body() -> None:
    data = load_body("neutral")
    points = (*data.joint_names, *data.landmarks)
    assert {point for place in PLACES.values() for point in place.points} <= set(points)
