"""Draws the example photo, ``python -m lab.body.smplify.example``: nobody's picture, so that everyone may have it.

A body in plain clothes before a plain wall, and its joints as OpenPose writes them, a pixel and a half off.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image as Picture

from lab.body.data import BodyData
from lab.body.joint_model import JointModel
from lab.body.library import load_body
from lab.body.posing import Poser
from lab.body.skeleton import JOINTS, joint
from lab.body.smplify.observed import Lens
from lab.cameras.model import CameraModel
from lab.chapter import ASSETS
from lab.files import atomic_write
from lab.keypoints.mapping import BODY_25, map_joints
from lab.scene import Array, Mesh
from lab.shading.lights import NONE, DirectionalLights, grey
from lab.shading.look import Look
from lab.shading.picture import Renderer

PHOTO: Final = ASSETS / "body" / "example_person.png"
KEYPOINTS: Final = ASSETS / "body" / "example_person.json"
SIZE: Final = (720, 540)
FOCAL: Final = 1.2 * SIZE[0]
BETAS: Final = (0.6, -0.8, 0.5, 0.0, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0)
_NOISE = 1.5
_BELT = 0.07  # metres above the middle of the hips
_SHIRT, _TROUSERS, _SHOES, _SKIN, _HAIR = (
    (0.36, 0.58, 0.72),
    (0.30, 0.32, 0.40),
    (0.55, 0.28, 0.24),
    (0.80, 0.64, 0.55),
    (0.28, 0.22, 0.19),
)
BACKDROP = (0.86, 0.87, 0.85)
LIGHT: Final = DirectionalLights((0.4, 0.7, 0.9), grey(0.55), grey(0.5), NONE)
_DEGREES: Final = {
    "pelvis": (4.0, 28.0, 0.0),
    "left_shoulder": (0.0, -15.0, -68.0),
    "left_elbow": (0.0, -25.0, 0.0),
    "right_shoulder": (10.0, 40.0, 25.0),
    "right_elbow": (0.0, 60.0, 30.0),
    "left_hip": (-24.0, 0.0, 4.0),
    "left_knee": (14.0, 0.0, 0.0),
    "right_hip": (12.0, 0.0, -5.0),
    "right_knee": (10.0, 0.0, 0.0),
    "head": (4.0, -14.0, 0.0),
}


def truth() -> tuple[Array, Array, Array]:
    """The example's own (pose (24, 3), transl (3,), betas (10,)) in the camera's frame."""
    pose = np.zeros((len(JOINTS), 3))
    for name, angles in _DEGREES.items():
        pose[joint(name)] = np.radians(angles)
    return pose, np.array([0.05, 0.22, -2.8]), np.array(BETAS)


def colors(data: BodyData) -> Array:
    """(V, 3) sRGB in [0, 1]: a shirt, trousers, shoes and hair, by the joints that carry the vertices."""
    owner = data.weights.argmax(axis=1)
    names = np.array([name.removeprefix("left_").removeprefix("right_") for name in data.joint_names])[owner]
    shown = np.full((len(names), 3), _SKIN)
    shown[np.isin(names, ("spine1", "spine2", "spine3", "collar", "shoulder"))] = _SHIRT
    above_belt = data.v_template[:, 1] > data.v_template[data.weights[:, joint("pelvis")] > 0.5, 1].mean() + _BELT
    shown[np.isin(names, ("pelvis", "hip", "knee")) | (np.isin(names, ("spine1", "spine2")) & ~above_belt)] = _TROUSERS
    shown[(names == "pelvis") & above_belt] = _SHIRT
    shown[np.isin(names, ("ankle", "foot"))] = _SHOES
    head = names == "head"
    verts = data.v_template
    nose = verts[data.landmarks["nose"]]
    top = verts[data.landmarks["head_top"]]
    hairline = nose[1] + 0.62 * (top[1] - nose[1])
    behind = verts[:, 2] < nose[2] - 0.09
    shown[head & ((verts[:, 1] > hairline) | (behind & (verts[:, 1] > nose[1] - 0.02)))] = _HAIR
    return np.asarray(shown, np.float32)


def draw(data: BodyData) -> Array:
    """The picture (H, W, 3) uint8."""
    pose, transl, betas = truth()
    poser = Poser(data)
    posed = poser.pose(poser.shape(betas), pose, transl)
    height, width = SIZE
    camera = CameraModel(np.eye(4), FOCAL, FOCAL, width / 2, height / 2, width, height)
    look = Look(lights=(LIGHT,), background=BACKDROP, samples=2)
    shaded = Renderer().render(Mesh(posed.verts, data.faces, colors=colors(data)), camera, look)
    return np.asarray(np.rint(255.0 * np.clip(shaded.rgb, 0.0, 1.0)), np.uint8)


def joints(data: BodyData) -> Array:
    """(25, 3): x, y in pixels and confidence of OpenPose's joints, with seeded noise."""
    model = JointModel(data, tuple(data.landmarks))
    pose, transl, betas = truth()
    mapped = map_joints(BODY_25, model.names)
    points = mapped.matrix @ model.forward(betas, pose, transl).points
    found = np.zeros((len(BODY_25), 3))
    noise = _NOISE * np.random.default_rng(25).normal(size=(len(points), 2))
    found[mapped.rows, :2] = Lens.of(SIZE, FOCAL).project(points) + noise
    found[mapped.rows, 2] = 0.9
    return found


def main() -> None:
    """Write the photo and its joints into assets/body, or elsewhere."""
    parser = argparse.ArgumentParser(description="Draw the example photo of SMPLify.")
    parser.add_argument("--folder", type=Path, default=PHOTO.parent)
    folder = parser.parse_args().folder
    data = load_body("neutral")
    numbers = [round(float(number), 2) for number in joints(data).ravel()]
    with atomic_write(folder / PHOTO.name) as temporary:
        Picture.fromarray(draw(data)).save(temporary, "PNG", optimize=True)
    with atomic_write(folder / KEYPOINTS.name) as temporary:
        text = json.dumps({"version": 1.3, "people": [{"pose_keypoints_2d": numbers}]})
        temporary.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
