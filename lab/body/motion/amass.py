"""Motions as AMASS saves them: .npz with poses, trans and mocap_framerate.

Source: N. Mahmood et al., "AMASS: Archive of Motion Capture as Surface Shapes" (2019). Its world is Z up; files of the
lab are Y up and say so by ``up_axis``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from lab.body.files.base import Content, NotABody
from lab.body.motion.clip import Clip
from lab.body.record import smpl_pose
from lab.body.skeleton import JOINTS
from lab.files import explain
from lab.formats.base import FormatError, readable
from lab.motions import so3
from lab.npz import DAMAGE, NpzError, read_npz
from lab.scene import Array

MOST_FRAMES: Final = 50_000
_FPS = ("mocap_framerate", "mocap_frame_rate", "fps")
_WANTED: Final = frozenset(
    ("poses", "root_orient", "pose_body", "trans", "transl", "betas", "gender", "up_axis", "leg", "loops", *_FPS)
)
_WIDTHS: Final = (66, 72, 156, 165)  # SMPL's without and with hands, SMPL-H's, SMPL-X's
_Z_TO_Y: Final = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
_GENDERS: Final = ("female", "male", "neutral")
_FASTEST = 60.0  # frames a second; more tell nothing new, and cost memory


def read_amass(path: Path, rest: Array, leg: float) -> Clip:
    """The motion in an .npz. The first 22 joints are those of SMPL in every family; hands are kept for SMPL's own.

    rest: (24, 3) joints of the neutral body at rest: ``trans`` counts from its pelvis. leg: metres, of the one who
    moved where the file does not say. Raises FormatError.
    """
    try:
        content: Content = {**read_npz(path, _WANTED)}
        return _understand(path.stem, content, rest, leg)
    except OSError as error:
        raise FormatError(f"{path.name} cannot be read: {explain(error)}.") from error
    except DAMAGE as error:
        cause = str(error) if isinstance(error, NotABody | NpzError) else "it is damaged or holds no motion"
        advice = "Choose an .npz with poses (N, 72 or more) and trans (N, 3), as AMASS and DL3D Lab save it."
        raise FormatError(readable(f"{path.name} cannot be read: {cause}.") + f" {advice}") from error


def _understand(name: str, content: Content, rest: Array, leg: float) -> Clip:
    fps = _single(content, _FPS, 30.0, 1.0, 1000.0)
    every = max(1, int(fps // _FASTEST))
    poses = _poses(content)
    if len(poses) > MOST_FRAMES * every:
        raise NotABody(f"it has {len(poses):,} frames, and at most {MOST_FRAMES * every:,} are read; cut it first")
    trans = _array(content, "trans" if "trans" in content else "transl", (len(poses), 3))
    poses, trans = poses[::every], np.zeros((len(poses), 3)) if trans is None else trans[::every]
    root = trans + rest[0]
    if _is_z_up(content, poses):
        poses[:, 0] = so3.log(_Z_TO_Y @ so3.exp(poses[:, 0]))
        root = root @ _Z_TO_Y.T
    betas = content.get("betas")
    betas = np.ravel(betas)[:10].astype(np.float64) if isinstance(betas, np.ndarray) and betas.size else np.zeros(0)
    gender = _word(content, "gender").lower()
    return Clip(
        name,
        poses,
        root,
        fps / every,
        _single(content, ("leg",), leg, 0.1, 10.0),
        gender if gender in _GENDERS else "neutral",
        betas,
        loops=bool(_single(content, ("loops",), 0.0, 0.0, 1.0)),
    )


def _poses(content: Content) -> Array:
    """(N, 24, 3) of the whole pose, or of its root and its body."""
    poses = content.get("poses")
    if poses is None and "root_orient" in content and "pose_body" in content:
        poses = np.concatenate([np.asarray(content["root_orient"]), np.asarray(content["pose_body"])], axis=1)
    if not isinstance(poses, np.ndarray) or poses.dtype.kind not in "fiu":
        raise NotABody("it has no poses")
    if poses.ndim != 2 or poses.shape[1] not in _WIDTHS or not len(poses):
        raise NotABody(f"its poses are {poses.shape}; (N, 66), (N, 72), (N, 156) or (N, 165) are expected")
    if not np.isfinite(poses).all():
        raise NotABody("its poses have values that are not finite")
    kept = poses.reshape(len(poses), -1, 3)[:, : len(JOINTS)].astype(np.float64)
    if poses.shape[1] == 3 * len(JOINTS):
        return np.array(kept)
    return np.stack([smpl_pose(frame) for frame in (kept[:, :22])])


def _is_z_up(content: Content, poses: Array) -> bool:
    """As the file says, or else by where the pelvis has its top most of the time."""
    said = _word(content, "up_axis").upper()
    if said in ("Y", "Z"):
        return said == "Z"
    up = so3.exp(poses[:, 0])[:, :, 1].mean(axis=0)
    return bool(up[2] > up[1])


def _single(content: Content, names: tuple[str, ...], default: float, low: float, high: float) -> float:
    name = next((name for name in names if name in content), None)
    if name is None:
        return default
    value = np.asarray(content[name])
    if value.size != 1 or value.dtype.kind not in "fiub" or not low <= float(value.reshape(-1)[0]) <= high:
        raise NotABody(f"its {name} is not one number from {low:g} to {high:g}")
    return float(value.reshape(-1)[0])


def _array(content: Content, name: str, shape: tuple[int, ...]) -> Array | None:
    if name not in content:
        return None
    array = np.asarray(content[name])
    if array.shape != shape or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise NotABody(f"its {name} is {array.shape}, {shape} numbers are expected")
    return array.astype(np.float64)


def _word(content: Content, name: str) -> str:
    value = np.asarray(content.get(name, ""))
    found = value.reshape(-1)[0] if value.size == 1 else ""
    return found.decode("latin1") if isinstance(found, bytes) else str(found)


def to_amass(
    poses: Array, trans: Array, fps: float, leg: float, **others: Array | float | str
) -> dict[str, Array | float | str]:
    """What to save: poses (N, 72), trans (N, 3) and the rest by AMASS's names, Y up.

    poses: (N, 24, 3). trans: (N, 3), from the pelvis at rest. leg: metres, of the body that goes this way. others:
    betas, gender and whether it loops.
    """
    return {
        "poses": poses.reshape(len(poses), -1).astype(np.float32),
        "trans": trans.astype(np.float32),
        "mocap_framerate": float(fps),
        "up_axis": "Y",
        "leg": float(leg),
        **others,
    }
