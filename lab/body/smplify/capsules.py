"""Twenty capsules in place of the skin, so that a hand does not end inside the chest (Bogo et al. 2016, section 3.2).

A capsule is fitted to the vertices that follow each joint most. How its ends and radius change with shape is a linear
function of betas, worked out once. Where capsules of two parts meet is then judged by spheres along them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.body.data import BodyData
from lab.body.joint_model import JointModel, Places
from lab.body.skeleton import JOINTS, joint
from lab.body.smplify.quadratic import Quadratic
from lab.scene import Array

SHRUNK = 0.3
"""Of a sphere's radius, the width of its Gaussian."""
_INSIDE = (5.0, 95.0)  # percentiles of the vertices along the axis: the ends are round
_MERGED = {
    "left_foot": "left_ankle",
    "right_foot": "right_ankle",
    "left_hand": "left_wrist",
    "right_hand": "right_wrist",
}
PARTS = tuple(name for name in JOINTS if name not in _MERGED)
"""Of the capsules, by the joint that carries each: toes are part of the foot, fingers of the hand."""


def _pairs() -> tuple[tuple[str, str], ...]:
    found = []
    for side, other in (("left", "right"), ("right", "left")):
        for inner in ("spine3", "spine1", "pelvis", "head", f"{side}_hip"):
            found.append((f"{side}_wrist", inner))
        for inner in ("spine3", "spine1", "pelvis", f"{side}_hip"):
            found.append((f"{side}_elbow", inner))
        found += [(f"{side}_knee", f"{other}_hip"), (f"{side}_ankle", f"{other}_knee")]
    return (*found, ("left_knee", "right_knee"))


PAIRS = _pairs()
"""The 23 pairs of parts that are kept apart. Neighbours always overlap, and others hardly ever meet."""


@dataclass(frozen=True, eq=False)
class Capsule:
    """ends: (2, 3), metres, in the rest pose. radius: metres."""

    ends: Array
    radius: float


def fit_capsule(verts: Array, axis: Array) -> Capsule:
    """The capsule of a part, ``verts`` (N, 3), along the unit vector ``axis``.

    It goes by where the vertices end, not by their mean, as a face has most of a head's vertices.
    """
    frame = np.linalg.svd(np.eye(3) - np.outer(axis, axis))[0]
    frame[:, 2] = axis  # the others span what is perpendicular
    low, high = np.percentile(verts @ frame, _INSIDE, axis=0)
    extent = (high - low) / 2.0
    radius = float(extent[:2].mean())
    center = frame @ (low + high) / 2.0
    half = max(float(extent[2]) - radius, 0.0)
    return Capsule(np.stack([center - half * axis, center + half * axis]), radius)


class Spheres:
    """The spheres of a body's capsules.

    parts: (S,) the joint that carries each. Their centres at rest are linear in betas, as are their radii.
    """

    def __init__(self, data: BodyData, model: JointModel) -> None:
        groups = _groups(data)
        verts = data.v_template.astype(np.float64)
        joints = model.rest(())
        axes = {name: _axis(name, verts[group], joints) for name, group in groups.items()}
        base = {name: fit_capsule(verts[group], axes[name]) for name, group in groups.items()}
        counts = {name: _count(capsule) for name, capsule in base.items()}
        centers, radii = _spheres(base, counts)
        center_shapes, radius_shapes = [], []
        for beta in range(model.betas):
            moved = verts + data.shapedirs[:, :, beta]
            places, sizes = _spheres({name: fit_capsule(moved[g], axes[name]) for name, g in groups.items()}, counts)
            center_shapes.append(places - centers)
            radius_shapes.append(sizes - radii)
        self._centers, self._center_shapes = centers, np.stack(center_shapes, axis=-1)
        self._radii, self._radius_shapes = radii, np.stack(radius_shapes, axis=-1)
        self.parts = np.repeat([joint(name) for name in groups], [counts[name] for name in groups])
        self._model = model
        self.pairs = self._pairs()

    def _pairs(self) -> Array:
        found = []
        for one, other in PAIRS:
            first, second = np.flatnonzero(self.parts == joint(one)), np.flatnonzero(self.parts == joint(other))
            found += [(a, b) for a in first for b in second]
        return np.array(found, np.int64)

    def at(self, places: Places) -> tuple[Array, Array]:
        """(centres (S, 3), without transl; radii (S,)), metres."""
        rest = self._centers + self._center_shapes @ places.betas
        carried = places.rotations[self.parts] @ (rest - places.rest[self.parts])[..., None]
        return carried[..., 0] + places.joints[self.parts], self._radii + self._radius_shapes @ places.betas

    def energy(self, places: Places) -> Quadratic:
        """E_sp: the sum over pairs of exp(-|c_i - c_j|² / (2 (r_i'² + r_j'²))), r' = 0.3 r, and its pose gradient."""
        model, unknowns = self._model, self._model.unknowns
        centers, radii = self.at(places)
        apart = centers[self.pairs[:, 0]] - centers[self.pairs[:, 1]]
        widths = SHRUNK**2 * (radii[self.pairs] ** 2).sum(axis=1)
        residuals = np.exp(-(apart * apart).sum(axis=1) / (4.0 * widths))  # their squares are the Gaussians
        near = residuals > 1e-6
        if not near.any():
            return Quadratic(0.0, np.zeros(unknowns), np.zeros((unknowns, unknowns)))
        pairs, residuals = self.pairs[near], residuals[near]
        slopes = -(residuals / (2.0 * widths[near]))[:, None] * apart[near]  # d r / d (c_i - c_j)
        axes, _ = model.axes(places)
        turns = self._turns(places, axes, centers, pairs[:, 0]) - self._turns(places, axes, centers, pairs[:, 1])
        jacobian = np.einsum("na,nau->nu", slopes, turns)
        return Quadratic.of(residuals, jacobian, slice(0, 3 * model.joints), unknowns)

    def _turns(self, places: Places, axes: Array, centers: Array, which: Array) -> Array:
        """d centres / d pose: (N, 3, 3 J)."""
        below = self._model.below[:, self.parts[which]].T  # (N, J)
        arms = below[:, :, None] * (centers[which][:, None] - places.joints)
        moved = np.cross(axes[None], arms[:, :, None, :])  # (N, J, number, 3)
        return np.moveaxis(moved.reshape(len(which), -1, 3), 1, 2)


def _groups(data: BodyData) -> dict[str, Array]:
    """The vertices of each part. A part that nothing follows has the vertex that follows its joint most."""
    owner = data.weights.argmax(axis=1)
    found = {}
    for name in PARTS:
        joints = [joint(name), *(joint(other) for other, into in _MERGED.items() if into == name)]
        group = np.flatnonzero(np.isin(owner, joints))
        found[name] = group if len(group) else np.array([int(data.weights[:, joints[0]].argmax())])
    return found


def _axis(name: str, verts: Array, joints: Array) -> Array:
    """Limbs along their bone; what is round or wide, along where its vertices spread most."""
    bones = {"hip": "knee", "knee": "ankle", "shoulder": "elbow", "elbow": "wrist"}
    side, _, part = name.partition("_")
    if part in bones:
        direction = joints[joint(f"{side}_{bones[part]}")] - joints[joint(name)]
    else:
        direction = np.linalg.eigh(np.cov(verts.T))[1][:, -1] if len(verts) > 3 else np.array([0.0, 1.0, 0.0])
        direction = direction * (1.0 if direction[np.abs(direction).argmax()] > 0.0 else -1.0)
    return np.asarray(direction / max(float(np.linalg.norm(direction)), 1e-9))


def _count(capsule: Capsule) -> int:
    length = float(np.linalg.norm(capsule.ends[1] - capsule.ends[0]))
    return 1 + int(np.ceil(length / max(capsule.radius, 1e-3)))


def _spheres(capsules: dict[str, Capsule], counts: dict[str, int]) -> tuple[Array, Array]:
    """(centres (S, 3), radii (S,)): evenly along each capsule."""
    centers, radii = [], []
    for name, capsule in capsules.items():
        share = np.linspace(0.0, 1.0, counts[name])[:, None] if counts[name] > 1 else np.array([[0.5]])
        centers.append((1.0 - share) * capsule.ends[0] + share * capsule.ends[1])
        radii.append(np.full(counts[name], capsule.radius))
    return np.concatenate(centers), np.concatenate(radii)
