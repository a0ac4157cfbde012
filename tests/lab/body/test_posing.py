"""SMPL's equations in numpy: REFERENCE IV.2's checks, and that nothing depends on what was asked before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.body.data import BodyData
from lab.body.posing import Poser, forward_kinematics, joint_rotations, pose_for, strongest_weights
from lab.body.skeleton import JOINTS, PARENTS, joint
from lab.motions import so3
from lab.scene import Array
from tests.lab.body.synthetic import body, content

REST = np.zeros((24, 3))
DATA = body()


def plain(data: BodyData, betas: Array, pose: Array, transl: Array) -> tuple[Array, Array]:
    """SMPL's equations as the paper writes them, in float64, with 4 x 4 matrices: verts and joints."""
    shaped = data.v_template + data.shapedirs.astype(float) @ betas
    joints = data.J_regressor.toarray().astype(float) @ shaped
    rotations = so3.exp(pose)
    posed = shaped
    if data.posedirs is not None:
        posed = shaped + data.posedirs.astype(float) @ (rotations[1:] - np.eye(3)).reshape(-1)
    world: list[Array] = []
    for number, parent in enumerate(data.parents):
        local = np.eye(4)
        local[:3, :3] = rotations[number]
        local[:3, 3] = joints[number] - (joints[parent] if parent >= 0 else 0)
        world.append(local if parent < 0 else world[parent] @ local)
    frames = np.array(world)
    removed = frames.copy()
    removed[:, :3, 3] -= np.einsum("jkl,jl->jk", frames[:, :3, :3], joints)
    blended = np.einsum("vj,jkl->vkl", data.weights.astype(float), removed)
    homogeneous = np.concatenate([posed, np.ones((len(posed), 1))], axis=1)
    return np.einsum("vkl,vl->vk", blended, homogeneous)[:, :3] + transl, frames[:, :3, 3] + transl


def draw(seed: int, joints: int = 24) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=10), rng.normal(scale=0.7, size=(joints, 3)), rng.normal(size=3)


@pytest.mark.parametrize("family", ["SMPL", "SMPL-H", "SMPL-X"])
def test_it_is_smpl(family: str) -> None:
    data = body(family, verts=220)
    betas, pose, transl = draw(0, len(data.parents))
    poser = Poser(data)
    posed = poser.pose(poser.shape(betas), pose, transl)
    verts, joints = plain(data, betas, pose, transl)
    np.testing.assert_allclose(posed.verts, verts, atol=2e-6)
    np.testing.assert_allclose(posed.joints, joints, atol=1e-6)
    np.testing.assert_allclose(posed.transforms[:, :3, 3], posed.joints)
    np.testing.assert_allclose(
        posed.rotations @ np.swapaxes(posed.rotations, 1, 2), np.tile(np.eye(3), (len(pose), 1, 1)), atol=1e-12
    )
    assert posed.verts.dtype == np.float32


def test_at_rest_it_is_the_template_exactly() -> None:
    poser = Poser(DATA)
    posed = poser.pose(poser.shape(np.zeros(10)), REST)
    np.testing.assert_array_equal(posed.verts, DATA.v_template)
    np.testing.assert_array_equal(posed.transforms[:, :3, :3], np.tile(np.eye(3), (24, 1, 1)))


def test_at_rest_a_shape_is_itself_and_its_joints_come_from_it() -> None:
    poser, betas = Poser(DATA), draw(1)[0]
    shaped = poser.shape(betas)
    np.testing.assert_array_equal(poser.pose(shaped, REST).verts, shaped.verts)
    np.testing.assert_allclose(shaped.joints, DATA.J_regressor @ shaped.verts.astype(float), atol=1e-6)


def test_joints_depend_on_the_shape_only() -> None:
    """Pose correctives move vertices, and not the joints that the regressor found on the shape."""
    poser = Poser(DATA)
    shaped, (_, pose, _) = poser.shape(np.ones(3)), draw(2)
    with_, without = poser.pose(shaped, pose), poser.pose(shaped, pose, correctives=False)
    np.testing.assert_array_equal(with_.joints, without.joints)
    assert np.abs(with_.verts - without.verts).max() > 1e-3


def test_the_root_turns_the_body_as_one_about_the_pelvis() -> None:
    poser = Poser(DATA)
    shaped = poser.shape(draw(3)[0])
    pose = REST.copy()
    pose[0] = (0.4, -1.1, 2.0)
    posed = poser.pose(shaped, pose)
    pelvis, R = shaped.joints[0], so3.exp(pose[0])
    np.testing.assert_allclose(posed.verts, (shaped.verts - pelvis) @ R.T + pelvis, atol=1e-6)
    np.testing.assert_allclose(posed.joints[0], pelvis, atol=1e-12)
    assert posed.corrected is shaped.verts  # no pose features


def test_one_hot_weights_move_piece_by_piece() -> None:
    owner = np.arange(240) % 24
    data = body(weights=np.eye(24)[owner])
    poser, pose = Poser(data), draw(4)[1]
    shaped = poser.shape(np.zeros(10))
    posed = poser.pose(shaped, pose, correctives=False)
    local = shaped.verts - shaped.joints[owner]
    expected = np.einsum("vkl,vl->vk", posed.rotations[owner], local) + posed.joints[owner]
    np.testing.assert_allclose(posed.verts, expected, atol=1e-6)


def test_the_candy_wrapper_collapses_to_the_axis() -> None:
    """Half of each of two bones, one of them twisted by 180 degrees: a tube about the axis has no width left."""
    elbow, wrist = joint("left_elbow"), joint("left_wrist")
    made = content()
    rest = np.asarray(made["J_regressor"] @ made["v_template"])
    weights = np.zeros((240, 24))
    weights[:, elbow] = weights[:, wrist] = 0.5
    data = body(weights=weights)
    poser, pose = Poser(data), REST.copy()
    axis = rest[wrist] - rest[elbow]
    axis /= np.linalg.norm(axis)
    pose[wrist] = np.pi * axis
    shaped = poser.shape(np.zeros(1))
    posed = poser.pose(shaped, pose, correctives=False)
    away = posed.verts - shaped.joints[wrist]
    np.testing.assert_allclose(away, np.outer(away @ axis, axis), atol=1e-6)
    np.testing.assert_allclose(away @ axis, (shaped.verts - shaped.joints[wrist]) @ axis, atol=1e-6)


@pytest.mark.parametrize("turned", range(24))
def test_a_joint_moves_exactly_its_subtree(turned: int) -> None:
    poser, pose = Poser(DATA), REST.copy()
    pose[turned] = (0.3, 0.2, -0.5)
    shaped = poser.shape(np.zeros(1))
    posed = poser.pose(shaped, pose)
    below = {turned}
    for child, parent in enumerate(PARENTS):
        if parent in below:
            below.add(child)
    moved = np.abs(posed.joints - shaped.joints).max(axis=1) > 1e-12
    assert set(np.flatnonzero(moved)) == below - {turned}
    np.testing.assert_array_equal(posed.joints[~moved], shaped.joints[~moved])
    turned_frames = np.abs(posed.rotations - np.eye(3)).max(axis=(1, 2)) > 0
    assert set(np.flatnonzero(turned_frames)) == below


def test_the_translation_comes_last() -> None:
    poser, (betas, pose, transl) = Poser(DATA), draw(5)
    shaped = poser.shape(betas)
    here, there = poser.pose(shaped, pose), poser.pose(shaped, pose, transl)
    np.testing.assert_allclose(there.verts - here.verts, np.tile(transl, (240, 1)), atol=1e-6)
    np.testing.assert_allclose(there.joints - here.joints, np.tile(transl, (24, 1)), atol=1e-12)


@given(st.lists(st.tuples(st.integers(0, 23), st.integers(0, 3), st.booleans()), min_size=1, max_size=12))
def test_the_answer_does_not_depend_on_what_was_asked_before(turns: list[tuple[int, int, bool]]) -> None:
    poser, pose = Poser(DATA), REST.copy()
    for number, amount, correctives in turns:
        pose[number] = amount * np.array([0.3, -0.2, 0.1])
        betas = [0.5 * amount]
        after = poser.pose(poser.shape(betas), pose, correctives=correctives)
        fresh = Poser(DATA)
        alone = fresh.pose(fresh.shape(betas), pose, correctives=correctives)
        np.testing.assert_array_equal(after.verts, alone.verts)


def test_equal_questions_give_the_same_objects() -> None:
    poser, (betas, pose, transl) = Poser(DATA), draw(6)
    shaped = poser.shape(betas)
    assert poser.shape(betas.copy()) is shaped
    posed = poser.pose(shaped, pose, transl)
    assert poser.pose(shaped, pose.copy(), tuple(transl)) is posed
    assert poser.pose(shaped, pose + 1e-9, transl) is not posed
    assert not any(array.flags.writeable for array in (posed.verts, posed.joints, posed.corrected, shaped.verts))


def test_fewer_betas_leave_the_others_at_zero_and_more_are_refused() -> None:
    poser = Poser(DATA)
    np.testing.assert_array_equal(poser.shape([1.0]).verts, poser.shape([1.0] + [0.0] * 9).verts)
    with pytest.raises(ValueError, match="at most 10, found 11"):
        poser.shape(np.zeros(11))


def test_smpls_pose_for_a_larger_family() -> None:
    data = body("SMPL-X", verts=220)
    pose = draw(7)[1]
    full = pose_for(data, pose.reshape(-1))
    assert full.shape == (55, 3)
    for name in JOINTS[:22]:
        np.testing.assert_array_equal(full[data.joint_names.index(name)], pose[joint(name)])
    assert not full[22:].any()  # SMPL's hands are no joints of SMPL-X
    with pytest.raises(ValueError, match="55 x 3"):
        pose_for(data, np.zeros((23, 3)))


def test_forward_kinematics_of_a_bent_arm() -> None:
    """The left arm of a T-pose, bent by 90 degrees at the elbow about Z: the forearm points up."""
    joints = np.zeros((24, 3))
    joints[joint("left_shoulder")] = (0.2, 1.4, 0)
    joints[joint("left_elbow")] = (0.5, 1.4, 0)
    joints[joint("left_wrist")] = (0.75, 1.4, 0)
    pose = REST.copy()
    pose[joint("left_elbow")] = (0, 0, np.pi / 2)
    transforms = forward_kinematics(joint_rotations(pose), joints)
    np.testing.assert_allclose(transforms[joint("left_elbow"), :3, 3], (0.5, 1.4, 0), atol=1e-15)
    np.testing.assert_allclose(transforms[joint("left_wrist"), :3, 3], (0.5, 1.65, 0), atol=1e-15)
    np.testing.assert_allclose(transforms[joint("left_wrist"), :3, 0], (0, 1, 0), atol=1e-15)
    np.testing.assert_array_equal(transforms[:, 3], np.tile((0, 0, 0, 1), (24, 1)))


def test_the_weights_without_their_zeros() -> None:
    weights = np.array([[0, 0.25, 0, 0.75], [1, 0, 0, 0], [0.2, 0.2, 0.6, 0]], np.float32)
    bones, kept = strongest_weights(weights)
    assert bones.shape == (3, 3)
    np.testing.assert_array_equal(bones[0, :2], (3, 1))
    np.testing.assert_array_equal(kept[1], (1, 0, 0))
    dense = np.zeros_like(weights)
    np.add.at(dense, (np.arange(3)[:, None], bones), kept)
    np.testing.assert_array_equal(dense, weights)
