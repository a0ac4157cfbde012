"""Skinned GLB: checked byte by byte by the rules of glTF 2.0, and moved by its own numbers."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.formats.files import read
from lab.formats.gltf_animation import strongest, write_animation
from lab.motions import so3
from lab.scene import Material, Mesh
from lab.study import Animation

BYTES = {5121: 1, 5123: 2, 5125: 4, 5126: 4}
TYPES = {5121: "u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class Glb:
    """The parts of a file, after every length and bound was checked."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        magic, version, length = struct.unpack_from("<4sII", data)
        assert (magic, version, length) == (b"glTF", 2, len(data))
        size, kind = struct.unpack_from("<I4s", data, 12)
        assert kind == b"JSON"
        assert size % 4 == 0
        self.root: dict[str, Any] = json.loads(data[20 : 20 + size])
        binary, kind = struct.unpack_from("<I4s", data, 20 + size)
        assert kind == b"BIN\0"
        assert binary % 4 == 0
        self.binary = data[28 + size :]
        assert len(self.binary) == binary == self.root["buffers"][0]["byteLength"]
        self._check_views()
        self._check_nodes()

    def _check_views(self) -> None:
        for view in self.root["bufferViews"]:
            assert view["buffer"] == 0
            assert view["byteOffset"] + view["byteLength"] <= len(self.binary)
        for accessor in self.root["accessors"]:
            view, size = self.root["bufferViews"][accessor["bufferView"]], BYTES[accessor["componentType"]]
            assert view["byteOffset"] % size == 0
            assert accessor["count"] * size * WIDTHS[accessor["type"]] <= view["byteLength"]

    def _check_nodes(self) -> None:
        """Each node but the scene's own has one parent, and all can be reached: a forest without cycles."""
        nodes, seen = self.root["nodes"], []
        waiting = list(self.root["scenes"][self.root["scene"]]["nodes"])
        while waiting:
            number = waiting.pop()
            assert number not in seen
            seen.append(number)
            waiting += nodes[number].get("children", [])
        assert sorted(seen) == list(range(len(nodes)))

    def array(self, number: int) -> np.ndarray:
        accessor = self.root["accessors"][number]
        view, width = self.root["bufferViews"][accessor["bufferView"]], WIDTHS[accessor["type"]]
        kind = TYPES[accessor["componentType"]]
        flat = np.frombuffer(self.binary, kind, accessor["count"] * width, view["byteOffset"])
        found = flat.reshape(-1, width)
        if "min" in accessor:
            np.testing.assert_array_equal(np.float32(accessor["min"]), found.min(axis=0))
            np.testing.assert_array_equal(np.float32(accessor["max"]), found.max(axis=0))
        return found

    def attributes(self) -> dict[str, np.ndarray]:
        (primitive,) = self.root["meshes"][0]["primitives"]
        found = {name: self.array(number) for name, number in primitive["attributes"].items()}
        assert len({len(values) for values in found.values()}) == 1
        assert self.array(primitive["indices"]).max() < len(found["POSITION"])
        return found

    def globals_at(self, frame: int) -> np.ndarray:
        """Each node's matrix in the scene, with the animation's keys of one frame."""
        local = {number: dict(node) for number, node in enumerate(self.root["nodes"])}
        (animation,) = self.root["animations"]
        for channel in animation["channels"]:
            sampler = animation["samplers"][channel["sampler"]]
            assert len(self.array(sampler["input"])) == len(self.array(sampler["output"]))
            local[channel["target"]["node"]][channel["target"]["path"]] = self.array(sampler["output"])[frame]
        matrices = np.tile(np.eye(4), (len(local), 1, 1))
        waiting = [(number, np.eye(4)) for number in self.root["scenes"][0]["nodes"]]
        while waiting:
            number, above = waiting.pop()
            matrix, node = np.eye(4), local[number]
            x, y, z, w = node.get("rotation", (0, 0, 0, 1))
            matrix[:3, :3] = so3.from_quaternion([w, x, y, z])
            matrix[:3, 3] = node.get("translation", (0, 0, 0))
            matrices[number] = above @ matrix
            waiting += [(child, matrices[number]) for child in node.get("children", [])]
        return matrices

    def posed(self, frame: int) -> np.ndarray:
        """The vertices by the file's own skinning."""
        skin, values = self.root["skins"][0], self.attributes()
        bind = self.array(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
        joints = self.globals_at(frame)[skin["joints"]] @ bind
        blended = np.einsum("vk,vkij->vij", values["WEIGHTS_0"].astype(np.float64), joints[values["JOINTS_0"]])
        return np.einsum("vij,vj->vi", blended[:, :3, :3], values["POSITION"]) + blended[:, :3, 3]


def arm(origin: tuple[float, float, float] = (0.0, 0.0, 0.0), **changes: Any) -> Animation:
    """A ribbon along X over two joints: at 0 and at 1; its second half bends by 90 degrees about Z, and it rises."""
    x = np.repeat([0.0, 1.0, 2.0], 2)
    verts = np.stack([x, np.tile([0.0, 0.5], 3), np.zeros(6)], axis=1).astype(np.float32)
    faces = np.array([[0, 2, 1], [1, 2, 3], [2, 4, 3], [3, 4, 5]], np.int32)
    half = np.sqrt(0.5)
    rest = {
        "mesh": Mesh(verts, faces, origin=np.array(origin)),
        "names": ("root", "elbow"),
        "parents": np.array([-1, 0]),
        "joints": np.array([[0.0, 0, 0], [1, 0, 0]]) + origin,
        "weights": np.array([[1.0, 0], [1, 0], [0.5, 0.5], [0.5, 0.5], [0, 1], [0, 1]]),
        "rotations": np.array([[[1.0, 0, 0, 0], [1, 0, 0, 0]], [[1, 0, 0, 0], [half, 0, 0, half]]]),
        "translations": np.array([[0.0, 0, 0], [0, 3, 0]]),
        "fps": 10.0,
    }
    return Animation(**(rest | changes))


@pytest.mark.parametrize("origin", [(0.0, 0.0, 0.0), (100.0, 5.0, -3.0)])
def test_the_file_moves_as_worked_by_hand(tmp_path: Path, origin: tuple[float, float, float]) -> None:
    write_animation(tmp_path / "arm.glb", arm(origin))
    glb = Glb(tmp_path / "arm.glb")
    np.testing.assert_allclose(glb.posed(0) - origin, arm().mesh.verts, atol=1e-5)
    tip = glb.posed(1)[4:] - origin
    np.testing.assert_allclose(tip, [[1, 4, 0], [0.5, 4, 0]], atol=1e-5)
    middle = glb.posed(1)[2:4] - origin
    np.testing.assert_allclose(middle, [[1, 3, 0], [0.75, 3.25, 0]], atol=1e-5)


def test_the_clock_runs_at_the_rate(tmp_path: Path) -> None:
    write_animation(tmp_path / "arm.glb", arm())
    glb = Glb(tmp_path / "arm.glb")
    (animation,) = glb.root["animations"]
    for sampler in animation["samplers"]:
        np.testing.assert_allclose(glb.array(sampler["input"])[:, 0], [0, 0.1])
        assert "min" in glb.root["accessors"][sampler["input"]]
    paths = [(channel["target"]["node"], channel["target"]["path"]) for channel in animation["channels"]]
    assert sorted(paths) == [(1, "rotation"), (1, "translation"), (2, "rotation")]


def test_rules_for_skins(tmp_path: Path) -> None:
    write_animation(tmp_path / "arm.glb", arm())
    glb = Glb(tmp_path / "arm.glb")
    values, skin = glb.attributes(), glb.root["skins"][0]
    np.testing.assert_allclose(values["WEIGHTS_0"].sum(axis=1), 1, atol=1e-6)
    assert values["JOINTS_0"].max() < len(skin["joints"])
    assert not values["JOINTS_0"][values["WEIGHTS_0"] == 0].any(), "an unused joint is 0"
    np.testing.assert_allclose(np.linalg.norm(values["NORMAL"], axis=1), 1, atol=1e-5)
    bind = glb.array(skin["inverseBindMatrices"])
    np.testing.assert_array_equal(bind[:, [3, 7, 11, 15]], np.tile([0, 0, 0, 1], (2, 1)))
    assert glb.root["nodes"][0]["skin"] == 0
    assert glb.root["scenes"][0]["nodes"] == [0]


def test_quaternions_never_turn_the_long_way(tmp_path: Path) -> None:
    turns = np.tile([1.0, 0, 0, 0], (4, 2, 1)) * np.array([1, -1, 1, -1])[:, None, None]
    write_animation(tmp_path / "arm.glb", arm(rotations=turns, translations=np.zeros((4, 3))))
    glb = Glb(tmp_path / "arm.glb")
    for sampler in glb.root["animations"][0]["samplers"][1:]:
        keys = glb.array(sampler["output"])
        assert np.all(np.sum(keys[1:] * keys[:-1], axis=1) > 0.99)


def test_the_four_strongest_joints_stay() -> None:
    bones, weights = strongest(np.array([[0.1, 0.3, 0.05, 0.25, 0.2, 0.1], [1.0, 0, 0, 0, 0, 0]]))
    np.testing.assert_array_equal(bones, [[1, 3, 4, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(weights, [np.array([0.3, 0.25, 0.2, 0.1]) / 0.85, [1, 0, 0, 0]], rtol=1e-6)


def test_the_lab_reads_its_mesh_again_with_texture_coordinates(tmp_path: Path) -> None:
    plain = arm()
    uvs = np.random.default_rng(0).random((4, 3, 2)).astype(np.float32)
    mesh = Mesh(
        plain.mesh.verts, plain.mesh.faces, uvs=uvs, materials=(Material("clay"),), face_materials=np.zeros(4, np.int32)
    )
    write_animation(tmp_path / "arm.glb", arm(mesh=mesh))
    glb = Glb(tmp_path / "arm.glb")
    assert len(glb.posed(1)) > 6, "vertices are split where their texture coordinates differ"
    geometry = read(tmp_path / "arm.glb").entity
    assert isinstance(geometry, Mesh)
    assert len(geometry.faces) == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weights": np.ones((5, 2))}, "weights"),
        ({"parents": np.array([1, -1])}, "one root"),
        ({"rotations": np.ones((3, 2, 4))}, "rotations"),
        ({"fps": 0.0}, "frames"),
        ({"weights": np.zeros((6, 2))}, "no joint"),
    ],
)
def test_what_does_not_belong_together_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        write_animation(tmp_path / "arm.glb", arm(**change))
    assert not (tmp_path / "arm.glb").exists()
