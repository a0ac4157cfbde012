"""The bundled bodies by name, and files, each read once."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from lab.body.library import BODIES, load_body
from lab.body.skeleton import JOINTS, PARENTS
from tests.lab.body.synthetic import content, write_npz


def test_a_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "a.npz", content(verts=96))
    first = load_body(path)
    assert load_body(str(path)) is first
    write_npz(path, content(verts=120))
    os.utime(path, ns=(1, 1))
    assert len(load_body(path).v_template) == 120


def test_the_bundled_bodies_are_bodies() -> None:
    for name in BODIES:
        data = load_body(name)
        assert data.joint_names == JOINTS
        np.testing.assert_array_equal(data.parents, PARENTS)
        assert data.gender == name.split("_")[0]
        assert data.shapedirs.shape[2] >= 10
        assert data.posedirs is not None
        assert {"nose", "left_heel", "right_big_toe", "head_top"} <= set(data.landmarks)
