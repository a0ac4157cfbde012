"""A clip as it is played: laid onto a body, its feet on the floor, at any time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.ndimage import gaussian_filter1d

from lab.body.data import BodyData
from lab.body.motion.clip import Clip, continuous
from lab.body.motion.contacts import contacts, floor_height, lift, sliding
from lab.body.motion.plant import correction, plant
from lab.body.motion.soles import PARTS, SIDES, Soles, soles
from lab.body.motion.tracks import Tracks, track
from lab.body.motion.wrists import bend_wrists
from lab.body.posing import Shaped
from lab.body.skeleton import JOINTS, joint
from lab.motions import so3
from lab.scene import Array

_FEET: Final = len(SIDES) * len(PARTS)


@dataclass(frozen=True)
class Floor:
    """How well the feet stand. slide: mm/s of what stands. depth: mm, the deepest that anything is below the floor."""

    slide: float
    depth: float


@dataclass(frozen=True, eq=False)
class Prepared:
    """A motion of one body, N frames; the floor is y = 0.

    quaternions: (N, 24, 4) wxyz. root: (N, 3), the pelvis, metres. tracks: of the joints. feet: (N, 4, 3), left heel
    and toe, right heel and toe. standing: (N, 4). before, after: the feet as recorded, and as they are here.
    """

    clip: Clip
    quaternions: Array
    root: Array
    tracks: Tracks
    feet: Array
    standing: Array
    before: Floor
    after: Floor

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.clip.fps

    def at(self, seconds: float) -> tuple[Array, Array]:
        """The pose (24, 3), axis-angle, and the pelvis' place (3,), at any time of the clip, between frames as well."""
        place = min(max(seconds * self.fps, 0.0), len(self.root) - 1.0)
        left = min(int(place), max(len(self.root) - 2, 0))
        right = min(left + 1, len(self.root) - 1)
        share = place - left
        pose = so3.quaternion_log(_slerp(self.quaternions[left], self.quaternions[right], share))
        return pose, self.root[left] * (1 - share) + self.root[right] * share


def prepare(clip: Clip, data: BodyData, shaped: Shaped, *, feet_stand: bool, smoothing: float = 0.0) -> Prepared:
    """Lay a clip onto a shape of the body.

    The way of the pelvis is scaled by the length of the legs, and the floor is put under the feet; it begins
    over the origin. feet_stand: nothing
    goes below the floor, and feet that stand do not slide. smoothing: seconds, of a Gaussian over time.
    """
    rest = shaped.joints[: len(JOINTS)]
    quaternions, root = clip.quaternions, clip.root * (leg_length(rest) / clip.leg)
    root = root - root[0] * [1, 0, 1]
    if smoothing > 0:
        quaternions, root = smoothed(quaternions, smoothing * clip.fps), _filtered(root, smoothing * clip.fps)
    touching = soles(data, shaped.verts, rest)
    tracks = track(quaternions, root, rest)
    points = _points(tracks, touching)
    ground = floor_height(points[:, :_FEET], points[:, ~touching.of_hands, 1].min(axis=1), clip.fps)
    root, tracks, points = root - [0, ground, 0], tracks.raised(-ground), points - [0, ground, 0]
    standing = contacts(points[:, :_FEET], clip.fps)
    before = _floor(points, standing, clip.fps)
    if not feet_stand:
        return Prepared(clip, quaternions, root, tracks, points[:, :_FEET], standing, before, before)
    quaternions, tracks = _stood(clip, quaternions, tracks, touching, rest)
    points = _points(tracks, touching)
    after = _floor(points, standing, clip.fps)
    root = tracks.places[:, 0]
    return Prepared(clip, quaternions, root, tracks, points[:, :_FEET], standing, before, after)


def _stood(clip: Clip, quaternions: Array, tracks: Tracks, touching: Soles, rest: Array) -> tuple[Array, Tracks]:
    """Wrists bend, what is below the floor is lifted, and then the feet are planted where they stand."""
    root = tracks.places[:, 0]
    quaternions = bend_wrists(quaternions, tracks, touching.tips, clip.fps)
    tracks = _lifted(track(quaternions, root, rest), touching, clip.fps)
    feet = _points(tracks, touching)[:, :_FEET]
    standing = contacts(feet, clip.fps)
    moves = {
        side: correction(feet[:, 2 * place : 2 * place + 2], standing[:, 2 * place : 2 * place + 2], clip.fps)
        for place, side in enumerate(SIDES)
    }
    quaternions = continuous(plant(quaternions, tracks, moves))
    return quaternions, _lifted(track(quaternions, tracks.places[:, 0], rest), touching, clip.fps)


def _lifted(tracks: Tracks, touching: Soles, fps: float) -> Tracks:
    return tracks.raised(lift(_points(tracks, touching)[..., 1].min(axis=1), fps))


def _points(tracks: Tracks, touching: Soles) -> Array:
    return tracks.carried(touching.joints, touching.offsets)


def leg_length(rest: Array) -> float:
    """Metres from the left hip over the knee to the ankle, of joints at rest (24, 3)."""
    chain = rest[[joint("left_hip"), joint("left_knee"), joint("left_ankle")]]
    return float(np.linalg.norm(np.diff(chain, axis=0), axis=1).sum())


def smoothed(quaternions: Array, frames: float) -> Array:
    """Rotations (N, 24, 4) averaged over time with a Gaussian of ``frames``; neighbours must be near each other."""
    mean = _filtered(quaternions, frames)
    return np.asarray(mean / np.linalg.norm(mean, axis=-1, keepdims=True))


def _filtered(values: Array, frames: float) -> Array:
    return np.asarray(gaussian_filter1d(values, frames, axis=0, mode="nearest"))


def _floor(points: Array, standing: Array, fps: float) -> Floor:
    depth = max(0.0, -1000 * float(points[..., 1].min()))
    return Floor(sliding(points[:, :_FEET], standing, fps), depth)


def _slerp(start: Array, end: Array, share: float) -> Array:
    """Between unit quaternions (24, 4) that are near each other, with even speed."""
    cosine = np.clip(np.sum(start * end, axis=-1, keepdims=True), -1.0, 1.0)
    angle = np.arccos(cosine)
    sine = np.sin(angle)
    near = sine < 1e-6
    safe = np.where(near, 1.0, sine)
    first = np.where(near, 1 - share, np.sin((1 - share) * angle) / safe)
    second = np.where(near, share, np.sin(share * angle) / safe)
    blended = first * start + second * end
    return np.asarray(blended / np.linalg.norm(blended, axis=-1, keepdims=True))
