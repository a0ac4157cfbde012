"""Makes the example scan, ``python -m lab.body.scan.example``: nobody's body, so that everyone may have it.

The male body in clothes that stand off from it, scanned from four sides: noise, uneven density, and no points where no
scanner sees. It is fitted with the neutral body, which is another model.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np

from lab.body.data import BodyData
from lab.body.library import load_body
from lab.body.normals import vertex_normals
from lab.body.posing import Poser
from lab.body.skeleton import JOINTS, joint
from lab.body.smplify.example import colors
from lab.cameras.model import CameraModel, look_at
from lab.examples import example_path
from lab.formats import write
from lab.raster.fragments import rasterize
from lab.raster.projection import to_ndc
from lab.scene import Array, Points

SOURCE: Final = "male"
_BETAS = (0.5, 0.8, -0.6, 0.3, 0.0, 0.4)
_DEGREES: Final = {
    "pelvis": (0.0, 35.0, 0.0),
    "spine2": (4.0, 6.0, 0.0),
    "left_shoulder": (10.0, -10.0, -58.0),
    "left_elbow": (0.0, -70.0, 0.0),
    "right_shoulder": (0.0, 12.0, 52.0),
    "right_elbow": (0.0, 22.0, 0.0),
    "left_hip": (-22.0, 0.0, 5.0),
    "left_knee": (18.0, 0.0, 0.0),
    "right_hip": (14.0, 0.0, -5.0),
    "right_knee": (16.0, 0.0, 0.0),
    "head": (-4.0, 18.0, 0.0),
}
_NOISE, _CLOTH = 0.002, 0.008  # m
_SIDE = 220  # pixels of each scanner's picture
_COUNT = 12_000


def truth() -> tuple[Array, Array]:
    """(betas, pose (24, 3)) of the scanned body."""
    turned = np.zeros((len(JOINTS), 3))
    for name, angles in _DEGREES.items():
        turned[joint(name)] = np.radians(angles)
    return np.array(_BETAS), turned


def dressed(data: BodyData) -> Array:
    """(V, 3): the body in its clothes, its lowest point on the floor."""
    poser = Poser(data)
    betas, turned = truth()
    verts = poser.pose(poser.shape(betas), turned).verts
    names = np.array(data.joint_names)[data.weights.argmax(axis=1)]
    bare = np.isin(names, [name for name in JOINTS if name.endswith(("head", "neck", "wrist", "hand", "elbow"))])
    folds = 0.5 + 0.5 * np.sin(40.0 * verts[:, 1] + 11.0 * verts[:, 0]) * np.cos(17.0 * verts[:, 2])
    normals = vertex_normals(verts, np.ascontiguousarray(data.faces, np.int32))
    worn = verts + np.where(bare, 0.0, _CLOTH * folds)[:, None] * normals
    return np.asarray(worn - [0.0, worn[:, 1].min(), 0.0], np.float64)


def scan(data: BodyData, seed: int = 8) -> Points:
    """What four depth cameras around the body see of it: points with normals and colours, Y up, metres."""
    rng = np.random.default_rng(seed)
    verts, faces = dressed(data), np.ascontiguousarray(data.faces, np.int32)
    shown, normals = colors(data), vertex_normals(verts.astype(np.float32), faces)
    found: list[Array] = []
    for side in np.radians([20.0, 110.0, 200.0, 290.0]):
        place = np.array([2.6 * np.sin(side), 1.2, 2.6 * np.cos(side)])
        c2w = look_at(place, np.array([0.0, 0.9, 0.0]))
        camera = CameraModel(c2w, 1.15 * _SIDE, 1.15 * _SIDE, _SIDE / 2, _SIDE / 2, _SIDE, _SIDE)
        seen = rasterize(to_ndc(verts, camera), faces, (_SIDE, _SIDE))
        hit = seen.pix_to_face[..., 0] >= 0
        corners, bary = faces[seen.pix_to_face[hit, 0]], seen.bary[hit, 0]
        found.append(
            np.concatenate([np.einsum("nc,ncd->nd", bary, a[corners]) for a in (verts, normals, shown)], axis=1)
        )
    points = np.concatenate(found)
    points = points[rng.permutation(len(points))[:_COUNT]]
    points[:, :3] += _NOISE * rng.normal(size=(len(points), 3))
    points[:, 3:6] /= np.linalg.norm(points[:, 3:6], axis=1, keepdims=True)
    verts, across, shades = (points[:, low : low + 3].astype(np.float32) for low in (0, 3, 6))
    return Points(verts, normals=across, colors=np.clip(shades, 0.0, 1.0))


def main() -> None:
    """Write the scan into assets/examples, or elsewhere."""
    parser = argparse.ArgumentParser(description="Make the example scan of a person.")
    parser.add_argument("--out", type=Path, default=None)
    out = parser.parse_args().out or example_path("person")
    write(out, scan(load_body(SOURCE)))


if __name__ == "__main__":
    main()
