"""The two ways from joints and weights to a posed surface: linear blending, and dual quaternions.

Sources: N. Magnenat-Thalmann, R. Laperrière, D. Thalmann, "Joint-Dependent Local Deformations for Hand Animation and
Object Grasping" (1988); L. Kavan, S. Collins, J. Žára, C. O'Sullivan, "Skinning with Dual Quaternions" (2007).
"""

from __future__ import annotations

import numpy as np

from lab.body.posing import forward_kinematics, joint_rotations
from lab.body.posing_kernels import skin
from lab.motions import so3
from lab.scene import Array


def joint_motions(pose: Array, joints: Array, parents: Array) -> tuple[Array, Array]:
    """Where a pose takes the joints: their frames (J, 4, 4), and G' - [I | 0] (J, 3, 4), what skinning adds; float64.

    pose: (J, 3) axis-angle, radians. joints: (J, 3) at rest, metres. parents: (J,).
    """
    frames = forward_kinematics(joint_rotations(pose), joints, parents)
    motions = frames[:, :3].copy()
    motions[:, :, :3] -= np.eye(3)
    motions[:, :, 3] -= joints + np.einsum("jik,jk->ji", motions[:, :, :3], joints)
    return frames, motions


def linear(verts: Array, motions: Array, bones: Array, weights: Array) -> Array:
    """Linear blend skinning, v = sum of w G' v: (V, 3) float32.

    verts: (V, 3) float32. motions: (J, 3, 4), see ``joint_motions``. bones (V, K) int32 and weights (V, K) float32: as
    from ``lab.body.posing.strongest_weights``.
    """
    posed = np.empty_like(verts)
    skin(verts, motions.astype(np.float32), bones, weights, np.zeros(3, np.float32), posed)
    return posed


def dual_quaternions(motions: Array) -> Array:
    """Unit dual quaternions of rigid motions: (J, 8) float64, the real part wxyz, then the dual part.

    motions: (J, 3, 4), see ``joint_motions``.
    """
    real = so3.to_quaternion(motions[:, :, :3] + np.eye(3))
    shift = np.concatenate([np.zeros((len(motions), 1)), motions[:, :, 3]], axis=1)
    return np.concatenate([real, 0.5 * so3.multiply(shift, real)], axis=1)


def blend(duals: Array, weights: Array) -> Array:
    """The weighted sums of dual quaternions, not yet made units: (V, 8).

    duals: (J, 8). weights: (V, J). A quaternion and its negative are the same rotation: each is taken with the sign
    that brings it nearer to that of the vertex' strongest joint, so that the blend goes the short way.
    """
    real = duals[:, :4]
    signs = np.where(real @ real.T < 0.0, -1.0, 1.0).astype(weights.dtype)
    return (weights * signs[weights.argmax(axis=1)]) @ duals.astype(weights.dtype)


def dual_quaternion(verts: Array, motions: Array, weights: Array) -> Array:
    """Dual quaternion skinning: each vertex moves as the blend of its joints, made a rigid motion: (V, 3) float32.

    verts: (V, 3) float32. motions: (J, 3, 4), see ``joint_motions``. weights: (V, J) float32.
    """
    blended = blend(dual_quaternions(motions), weights)
    blended = blended / np.linalg.norm(blended[:, :4], axis=1, keepdims=True)
    w, axis = blended[:, :1], blended[:, 1:4]
    dual_w, dual_axis = blended[:, 4:5], blended[:, 5:]
    turned = 2.0 * _cross(axis, _cross(axis, verts) + w * verts)
    shift = 2.0 * (w * dual_axis - dual_w * axis + _cross(axis, dual_axis))
    return np.ascontiguousarray(verts + turned + shift, np.float32)


def _cross(a: Array, b: Array) -> Array:
    """Row by row; np.cross moves axes about and takes three times as long."""
    out = np.empty_like(b)
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        out[:, i] = a[:, j] * b[:, k] - a[:, k] * b[:, j]
    return out
