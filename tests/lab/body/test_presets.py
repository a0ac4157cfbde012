"""The poses to begin with."""

from __future__ import annotations

import numpy as np
import pytest

from lab.body.library import load_body
from lab.body.limits import excess
from lab.body.posing import Poser
from lab.body.presets import POSTURES, Posture
from lab.body.skeleton import JOINTS, POSE, joint


@pytest.mark.parametrize("posture", POSTURES, ids=lambda posture: posture.title)
def test_a_preset_is_a_pose_within_the_limits(posture: Posture) -> None:
    assert len(posture.pose) == POSE
    assert set(posture.angles) <= set(JOINTS)
    assert np.degrees(np.abs(excess(np.reshape(posture.pose, (24, 3))))).max() < 1e-9


def test_the_first_is_the_template() -> None:
    assert not any(POSTURES[0].pose)
    assert len({posture.title for posture in POSTURES}) == len(POSTURES)


def joints(title: str) -> dict[str, np.ndarray]:
    poser = Poser(load_body("neutral"))
    posture = next(posture for posture in POSTURES if posture.title == title)
    return dict(zip(JOINTS, poser.pose(poser.shape([]), posture.pose).joints, strict=True))


def test_the_presets_show_what_their_names_say() -> None:
    standing, sitting, waving, tree, squat = map(joints, ("Standing", "Sitting", "Waving", "Tree", "Squat"))
    for side in ("left", "right"):
        assert standing[f"{side}_wrist"][1] < standing["spine1"][1] + 0.05  # hanging arms
        assert abs(sitting[f"{side}_knee"][1] - sitting[f"{side}_hip"][1]) < 0.1  # level thighs
        assert sitting[f"{side}_knee"][2] > sitting[f"{side}_hip"][2] + 0.25
        assert tree[f"{side}_wrist"][1] > tree["head"][1]
        assert squat[f"{side}_hip"][1] - squat[f"{side}_ankle"][1] < 0.45
    assert waving["right_wrist"][1] > waving["right_shoulder"][1] + 0.2
    assert tree["right_ankle"][1] > tree["left_knee"][1]
    assert joint("pelvis") == 0
