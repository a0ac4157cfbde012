"""A body in a pose as a file, .npz or .json, with the names of SMPL and AMASS, so that other tools read it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from lab.body.data import BodyData
from lab.body.files.base import BodyFileError, NotABody
from lab.body.library import BODIES
from lab.body.skeleton import JOINTS
from lab.files import atomic_write, explain
from lab.formats.base import readable
from lab.npz import DAMAGE, NpzError, read_npz
from lab.scene import Array
from lab.study import Data

_NAMES: Final = (
    *("model", "gender", "betas", "shape", "global_orient", "root_orient", "body_pose", "pose_body"),
    *("poses", "pose", "trans", "transl"),
)
_CAMERA: Final = "camera_"
_BODY_JOINTS: Final = 22  # SMPL's joints without the hands, with which every family begins
_GENDERS: Final = ("female", "male", "neutral")
_MOST_JSON: Final = 16 << 20
_FPS: Final = 30.0
_LARGEST: Final = 1e6
_ADVICE: Final = "Choose an .npz or .json with SMPL's poses or body_pose, as DL3D Lab, AMASS or smplx save it."


@dataclass(frozen=True, eq=False)
class BodyPose:
    """One body in one pose.

    model: a name of lab.body.library.BODIES, or the path of a model. betas: (B,). pose: (J, 3) axis-angle of each joint
    relative to its parent, radians, the pelvis first. transl: (3,) metres. camera: numbers of the camera that saw it,
    by name, if there was one. All float64. Raises ValueError on wrong shapes.
    """

    model: str
    betas: Array
    pose: Array
    transl: Array = field(default_factory=lambda: np.zeros(3))
    camera: Mapping[str, Array] | None = None

    def __post_init__(self) -> None:
        for name, width in (("betas", 1), ("pose", 3), ("transl", 1)):
            array = np.array(getattr(self, name), np.float64)
            object.__setattr__(self, name, array.reshape(-1, 3) if width == 3 else array.reshape(-1))
        if self.transl.shape != (3,):
            raise ValueError(f"transl: expected 3 numbers, found {self.transl.shape}")
        if self.camera is not None:
            kept = {name: np.asarray(value, np.float64) for name, value in self.camera.items()}
            object.__setattr__(self, "camera", kept)

    @property
    def gender(self) -> str:
        """The model's, by its name: "female", "male" or "neutral"."""
        words = Path(self.model).stem.lower().split("_")
        return next((gender for gender in _GENDERS if gender in words), "neutral")

    def to_data(self) -> Data:
        """As a result of a study: SMPL's names, AMASS's for one frame, and "pose", all of it as the form has it."""
        values: dict[str, Array | float | str] = {
            "model": self.model if self.model in BODIES else Path(self.model).name,
            "gender": self.gender,
            "betas": self.betas,
            "global_orient": self.pose[0],
            "body_pose": self.pose[1:].reshape(-1),
            "transl": self.transl,
            "pose": self.pose.reshape(-1),
            "poses": self.pose.reshape(1, -1),
            "trans": self.transl.reshape(1, 3),
            "mocap_framerate": _FPS,
        }
        values.update({f"{_CAMERA}{name}": value for name, value in (self.camera or {}).items()})
        return Data(values)

    def to_document(self) -> dict[str, Any]:
        """The same as lists, numbers and words, for JSON."""
        values = self.to_data().values
        return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}


def smpl_pose(pose: Array) -> Array:
    """Any family's pose (J, 3) as SMPL's (24, 3): the 22 joints that all have; SMPL's own keeps its hands."""
    full = np.zeros((len(JOINTS), 3))
    kept = len(JOINTS) if len(pose) == len(JOINTS) else min(_BODY_JOINTS, len(pose))
    full[:kept] = pose[:kept]
    return full


def save_pose(path: str | os.PathLike[str], record: BodyPose) -> None:
    """Save as .json if the name ends so, else as .npz. Raises BodyFileError."""
    path = Path(path)
    try:
        with atomic_write(path) as temporary:
            if path.suffix.lower() == ".json":
                temporary.write_text(json.dumps(record.to_document(), indent=1) + "\n", encoding="utf-8")
            else:
                with open(temporary, "wb") as file:
                    np.savez(file, **record.to_data().values)  # type: ignore[arg-type]
    except OSError as error:
        raise BodyFileError(f"{path.name} cannot be saved: {explain(error)}.") from error


def load_pose(path: str | os.PathLike[str]) -> BodyPose:
    """The pose in an .npz or .json; of a sequence, as AMASS has, the first frame. Raises BodyFileError."""
    path = Path(path)
    try:
        values = _read_json(path) if path.suffix.lower() == ".json" else read_npz(path, _Wanted())
        return _understand(values)
    except OSError as error:
        raise BodyFileError(f"{path.name} cannot be read: {explain(error)}.") from error
    except DAMAGE as error:
        cause = str(error) if isinstance(error, NotABody | NpzError) else "it is damaged or holds no pose"
        raise BodyFileError(readable(f"{path.name} cannot be read: {cause}.") + f" {_ADVICE}") from error


class _Wanted:
    """The names of a pose, and any of its camera."""

    def __contains__(self, name: object) -> bool:
        return name in _NAMES or (isinstance(name, str) and name.startswith(_CAMERA))


def _read_json(path: Path) -> dict[str, object]:
    with open(path, "rb") as file:
        data = file.read(_MOST_JSON + 1)
    if len(data) > _MOST_JSON:
        raise NotABody(f"it has more than {_MOST_JSON:,} bytes")
    values = json.loads(data)
    if not isinstance(values, dict):
        raise NotABody("it holds no table of arrays")
    wanted = _Wanted()
    return {
        name: value if isinstance(value, str) else np.array(value, np.float64)
        for name, value in values.items()
        if name in wanted
    }


def _understand(values: Mapping[str, object]) -> BodyPose:
    betas = _numbers(values, "betas", "shape")
    if betas is not None and betas.ndim == 2 and len(betas):
        betas = betas[0]
    transl = _numbers(values, "transl", "trans")
    camera = {name.removeprefix(_CAMERA): _numbers(values, name) for name in values if name.startswith(_CAMERA)}
    shift = np.zeros(3) if transl is None else np.atleast_2d(transl)[:1].reshape(-1)
    if shift.size != 3:
        raise NotABody("its translation has no 3 numbers")
    return BodyPose(
        _model(values),
        np.zeros(10) if betas is None else betas.reshape(-1),
        _pose(values),
        shift,
        {name: value for name, value in camera.items() if value is not None} or None,
    )


def _pose(values: Mapping[str, object]) -> Array:
    """(J, 3): from ``poses`` of a sequence, or from the root's and the body's own."""
    whole = _numbers(values, "poses", "pose")
    body = _numbers(values, "body_pose", "pose_body")
    if body is not None:
        root = _numbers(values, "global_orient", "root_orient")
        body = (body[0] if body.ndim > 1 and body.shape[-1] != 3 else body).reshape(-1)
        root = np.zeros(3) if root is None else np.atleast_2d(root)[0].reshape(-1)
        whole = np.concatenate([root, body])
    elif whole is not None and whole.ndim == 2 and whole.shape[1] != 3 and len(whole):
        whole = whole[0]
    if whole is None:
        raise NotABody("it has no “poses” and no “body_pose”")
    if whole.size % 3 or whole.size // 3 not in (22, 24, 52, 55):
        raise NotABody(f"its pose has {whole.size:,} numbers; 66, 72, 156 or 165 are expected")
    vectors = whole.reshape(-1, 3)
    return smpl_pose(vectors) if len(vectors) == _BODY_JOINTS else vectors


def _numbers(values: Mapping[str, object], *names: str) -> Array | None:
    """The first of these names that is there, as float64, checked."""
    name = next((name for name in names if name in values), None)
    if name is None:
        return None
    array = values[name]
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu" or array.size == 0:
        raise NotABody(f"its “{name}” holds no numbers")
    array = array.astype(np.float64)
    if not np.isfinite(array).all() or np.abs(array).max() > _LARGEST:
        raise NotABody(f"its “{name}” has values that make no sense")
    return array


def _word(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    found = value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
    text = found.decode("latin1") if isinstance(found, bytes) else found
    return text if isinstance(text, str) else ""


def _model(values: Mapping[str, object]) -> str:
    """A bundled model. A file from elsewhere does not choose which other file is opened."""
    names = (_word(values, "model"), _word(values, "gender").lower())
    return next((name for name in names if name in BODIES), "neutral")


def pose_of(record: BodyPose, data: BodyData) -> Array:
    """The record's pose for a model, (J, 3): as it is where the joints agree, else by SMPL's 24."""
    return record.pose if len(record.pose) == len(data.parents) else smpl_pose(record.pose)
