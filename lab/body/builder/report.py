"""What was measured while a model was built, for people to read and for tests to hold it to."""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.body.builder.correctives import mirrored
from lab.body.builder.model import Built
from lab.body.builder.regressor import errors
from lab.body.builder.shapes import FLIP, Crowd
from lab.body.builder.words import CLEAR
from lab.body.data import BodyData
from lab.body.skeleton import JOINTS, MIRROR
from lab.scene import Array

MILLI = 1e3


def report(built: Built) -> dict[str, Any]:
    """Name -> number, words or list. Lengths in millimetres where the name says so."""
    full, light = built.full, built.light
    joints, light_joints = errors(built.unseen, full.J_regressor), light_errors(light, full, built.unseen)
    tall = np.ptp(built.crowd.verts[:, :, 1], axis=1)
    return {
        "people": len(built.crowd.verts),
        "height, mean (m)": _round(float(tall.mean())),
        "height, SD (m)": _round(float(tall.std())),
        "vertices, faces": [len(full.v_template), len(full.faces)],
        "light vertices, faces": [len(light.v_template), len(light.faces)],
        "variance explained by the betas": _round(built.shapes.explained),
        "mean error of the betas (mm)": _round(MILLI * built.shapes.error),
        "betas": list(full.beta_words),
        "effects of the betas (change per SD, in the people's SDs)": [
            {name: round(value, 2) for name, value in row.items() if abs(value) >= CLEAR} for row in built.effects
        ],
        "joint error on unseen people, mean (mm)": _round(MILLI * float(joints.mean())),
        "joint error, each joint (mm)": _by_joint(joints),
        "joint error, worst (mm)": _round(MILLI * float(joints.max())),
        "light joint error, worst (mm)": _round(MILLI * float(light_joints.max())),
        "vertices a joint is the mean of, at most": int(np.diff(full.J_regressor.indptr).max()),
        "unseen poses, RMS error where correctives act, without them (mm)": _round(MILLI * built.learned.before),
        "unseen poses, RMS error where correctives act, with them (mm)": _round(MILLI * built.learned.after),
        "asymmetry, worst (mm)": _round(MILLI * asymmetry(full)),
        "light asymmetry, worst (mm)": _round(MILLI * asymmetry(light)),
    }


def light_errors(light: BodyData, full: BodyData, people: Crowd) -> Array:
    """(24,) metres: the light model's joints against the people's, for the betas each of them has in the full model."""
    count = len(people.verts)
    flat = full.shapedirs.reshape(-1, full.shapedirs.shape[2]).astype(np.float64)
    offsets = (people.verts - full.v_template).reshape(count, -1).astype(np.float64)
    betas = offsets @ flat @ np.linalg.inv(flat.T @ flat)
    verts = light.v_template + np.einsum("vcb,nb->nvc", light.shapedirs, betas)
    return errors(Crowd(verts, people.joints), light.J_regressor)


def asymmetry(data: BodyData) -> float:
    """The worst difference from the mirror image, over template, weights, shapes and pose correctives; metres.

    Raises ValueError for a model without a symmetry.
    """
    if data.symmetry is None:
        raise ValueError(f"{data.name} does not say which vertices are mirror images.")
    mirror, flip = data.symmetry, FLIP.astype(np.float32)
    pairs = [
        (data.v_template, data.v_template[mirror] * flip),
        (data.shapedirs, data.shapedirs[mirror] * flip[:, None]),
        (data.weights, data.weights[mirror][:, MIRROR]),
    ]
    if data.posedirs is not None:
        pairs.append((data.posedirs, mirrored(data.posedirs, mirror)))
    return max(float(np.abs(one - other).max()) for one, other in pairs)


def _by_joint(distances: Array) -> dict[str, float]:
    return {name: round(MILLI * float(value), 2) for name, value in zip(JOINTS, distances, strict=True)}


def _round(value: float) -> float:
    return float(f"{value:.4g}")
