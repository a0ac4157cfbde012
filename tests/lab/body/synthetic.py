"""Made-up bodies, as arrays and as files in every layout of SMPL's makers, which may not be passed on themselves.

Not for their looks: each joint has some vertices around it. Shapes, dtypes, orders, classes and Python 2's way of
writing are those of the real files.
"""

from __future__ import annotations

import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix

from lab.body.data import BodyData
from lab.body.files.understand import understand
from lab.body.skeleton import PARENTS
from lab.scene import Array

_FINGERS_OF = {"SMPL": 0, "SMPL-H": 15, "SMPL-X": 15}

T_POSE = np.array(
    [
        *([0, 0.9, 0], [0.08, 0.82, 0], [-0.08, 0.82, 0], [0, 1.0, 0], [0.09, 0.45, 0], [-0.09, 0.45, 0]),
        *([0, 1.13, 0], [0.09, 0.07, 0], [-0.09, 0.07, 0], [0, 1.22, 0], [0.1, 0.02, 0.1], [-0.1, 0.02, 0.1]),
        *([0, 1.42, 0], [0.07, 1.33, 0], [-0.07, 1.33, 0], [0, 1.52, 0], [0.18, 1.36, 0], [-0.18, 1.36, 0]),
        *([0.43, 1.36, 0], [-0.43, 1.36, 0], [0.67, 1.36, 0], [-0.67, 1.36, 0], [0.76, 1.36, 0], [-0.76, 1.36, 0]),
    ]
)
"""(24, 3) where SMPL's joints are, metres."""


def parents_of(family: str) -> list[int]:
    """The parents of each family's joints, -1 for the root."""
    fingers = _FINGERS_OF[family]
    if not fingers:
        return list(PARENTS)
    parents = list(PARENTS[:22]) + ([15, 15, 15] if family == "SMPL-X" else [])
    for wrist in (20, 21):
        for finger in range(fingers):
            parents.append(wrist if finger % 3 == 0 else len(parents) - 1)
    return parents


def content(family: str = "SMPL", verts: int = 240, betas: int = 10, seed: int = 0) -> dict[str, Any]:
    """The arrays of an official file, by its names and in its dtypes. J_regressor is a csc_matrix."""
    rng = np.random.default_rng(seed)
    parents = parents_of(family)
    joints = len(parents)
    places = np.zeros((joints, 3))
    places[:22] = T_POSE[:22]
    for joint in range(22, joints):
        places[joint] = T_POSE[joint] if family == "SMPL" else places[parents[joint]] + 0.02
    owner = np.arange(verts) % joints
    weights = np.zeros((verts, joints))
    share = rng.uniform(0.5, 1.0, verts)
    weights[np.arange(verts), owner] = share
    weights[np.arange(verts), np.maximum(np.array(parents)[owner], 0)] += 1 - share
    regressor = np.zeros((joints, verts))
    for joint in range(joints):
        regressor[joint, owner == joint] = 1 / (owner == joint).sum()
    faces = np.array([np.roll(np.arange(verts), -start)[:3] for start in range(verts)])
    return {
        "v_template": places[owner] + rng.normal(scale=0.03, size=(verts, 3)),
        "f": faces.astype(np.uint32),
        "shapedirs": rng.normal(scale=0.01, size=(verts, 3, betas)),
        "posedirs": rng.normal(scale=0.01, size=(verts, 3, 9 * (joints - 1))),
        "weights": weights,
        "J_regressor": csc_matrix(regressor),
        "kintree_table": np.array([[2**32 - 1, *parents[1:]], range(joints)], np.uint32),
        "J": places,
        "bs_style": "lbs",
        "bs_type": "lrotmin",
        "vert_sym_idxs": np.arange(verts)[::-1].copy(),
    }


def body(family: str = "SMPL", verts: int = 240, betas: int = 10, seed: int = 0, **other: Any) -> BodyData:
    """The same as BodyData; ``other`` arrays replace those of ``content``."""
    made = {**content(family, verts, betas, seed), **other}
    made["J_regressor"] = csr_matrix(made["J_regressor"])
    return understand(made, "synthetic")


# --- files ------------------------------------------------------------------------------------------------------------


class Ch:
    """What chumpy.ch.Ch pickles: its attributes."""

    def __init__(self, x: Array) -> None:
        self.x = x
        self._dirty_vars: dict[str, Any] = {}
        self._itr = None


class Select:
    """What chumpy.reordering.Select pickles."""

    def __init__(self, a: Any, idxs: Array, preferred_shape: tuple[int, ...]) -> None:
        self.a, self.idxs, self.preferred_shape = a, idxs, preferred_shape


class MatVecMult:
    """An expression of chumpy that has no array of its own."""

    def __init__(self) -> None:
        self.mtx = None


_PYTHON_2 = {
    "numpy._core.multiarray": "numpy.core.multiarray",
    "scipy.sparse._csc": "scipy.sparse.csc",
    "scipy.sparse._csr": "scipy.sparse.csr",
    "scipy.sparse._coo": "scipy.sparse.coo",
    "copyreg": "copy_reg",
    "builtins": "__builtin__",
}
_CHUMPY = {Ch: "chumpy.ch", Select: "chumpy.reordering", MatVecMult: "chumpy.ch"}


class Python2Pickler(pickle._Pickler):  # type: ignore[name-defined]
    """Writes as Python 2 did: texts and bytes are both ``str``, modules have their names of that time."""

    dispatch = dict(pickle._Pickler.dispatch)  # type: ignore[attr-defined] # noqa: RUF012

    def save_text(self, text: str | bytes) -> None:
        raw = text.encode("latin1") if isinstance(text, str) else text
        if self.bin:
            self.write(pickle.BINSTRING + struct.pack("<i", len(raw)) + raw)
        else:
            self.write(
                pickle.STRING + b"'" + raw.decode("latin1").encode("unicode_escape").replace(b"'", b"\\'") + b"'\n"
            )
        self.memoize(text)

    def save_global(self, obj: Any, name: str | None = None) -> None:
        module = _CHUMPY.get(obj) or obj.__module__
        self.write(pickle.GLOBAL + f"{_PYTHON_2.get(module, module)}\n{name or obj.__qualname__}\n".encode())
        self.memoize(obj)

    dispatch[str] = dispatch[bytes] = save_text
    dispatch[type] = dispatch[type(len)] = dispatch[type(body)] = save_global


def write_python2_pickle(path: Path, table: dict[str, Any], protocol: int = 2) -> Path:
    """A pickle as the official .pkl files are: protocol 0 to 2 of Python 2."""
    with open(path, "wb") as file:
        Python2Pickler(file, protocol).dump(table)
    return path


def write_pickle(path: Path, table: dict[str, Any], protocol: int = 4) -> Path:
    """A pickle as people make them who loaded an official one and saved it again."""
    with open(path, "wb") as file:
        pickle.dump(table, file, protocol)
    return path


def write_npz(path: Path, table: dict[str, Any]) -> Path:
    """An .npz as the makers of SMPL-H and SMPL-X offer it: the regressor dense."""
    plain = {name: value.toarray() if hasattr(value, "toarray") else value for name, value in table.items()}
    with open(path, "wb") as file:  # a name would get another suffix
        np.savez(file, **plain)
    return path
