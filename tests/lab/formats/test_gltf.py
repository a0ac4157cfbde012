"""glTF and GLB, by documents written by hand."""

from __future__ import annotations

import base64
import io
import json
import struct

import numpy as np
import pytest
from PIL import Image

from lab.formats.gltf_materials import to_linear, to_srgb
from lab.scene import Points

VERTS = np.float32([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
UVS = np.float32([[0, 1], [1, 1], [1, 0], [0, 0]])
INDICES = np.array([0, 1, 2, 0, 2, 3], np.uint16)


class Builder:
    """A document of one buffer; parts are added as accessors."""

    def __init__(self, nodes=None):
        self.data = b""
        self.root = {"asset": {"version": "2.0"}, "bufferViews": [], "accessors": [], "meshes": [], "materials": []}
        if nodes is not None:
            self.root |= {"scene": 0, "scenes": [{"nodes": [0]}], "nodes": nodes}

    def view(self, data: bytes) -> int:
        self.data += b"\0" * (-len(self.data) % 4)
        self.root["bufferViews"].append({"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data)})
        self.data += data
        return len(self.root["bufferViews"]) - 1

    def accessor(self, values: np.ndarray, **extra) -> int:
        codes = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
        shape = "SCALAR" if values.ndim == 1 else f"VEC{values.shape[1]}"
        entry = {
            "bufferView": self.view(values.tobytes()),
            "componentType": codes[values.dtype.str[1:]],
            "count": len(values),
            "type": shape,
        }
        self.root["accessors"].append(entry | extra)
        return len(self.root["accessors"]) - 1

    def mesh(self, indices=INDICES, mode=None, material=None, **attributes) -> int:
        part = {"attributes": {name: self.accessor(values) for name, values in attributes.items()}}
        if indices is not None:
            part["indices"] = self.accessor(indices)
        if mode is not None:
            part["mode"] = mode
        if material is not None:
            part["material"] = material
        self.root["meshes"].append({"primitives": [part]})
        return len(self.root["meshes"]) - 1

    def gltf(self) -> str:
        uri = "data:application/octet-stream;base64," + base64.b64encode(self.data).decode()
        return json.dumps(self.root | {"buffers": [{"byteLength": len(self.data), "uri": uri}]})

    def glb(self) -> bytes:
        text = json.dumps(self.root | {"buffers": [{"byteLength": len(self.data)}]}).encode()
        text += b" " * (-len(text) % 4)
        body = self.data + b"\0" * (-len(self.data) % 4)
        chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(body), b"BIN\0") + body
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def square(**extra) -> Builder:
    builder = Builder()
    builder.mesh(POSITION=VERTS, **extra)
    return builder


def test_the_same_square_in_three_containers(load, tmp_path):
    builder = square()
    (tmp_path / "my data.bin").write_bytes(builder.data)
    external = builder.root | {"buffers": [{"byteLength": len(builder.data), "uri": "my%20data.bin"}]}
    for name, content in [("a.gltf", builder.gltf()), ("b.glb", builder.glb()), ("c.gltf", json.dumps(external))]:
        mesh = load(name, content).entity
        np.testing.assert_array_equal(mesh.verts, VERTS)
        assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
        assert mesh.materials == ()


def test_nodes_place_turn_and_mirror(load):
    """A quarter turn about Z by the parent, a shift and a mirror by the children; worked by hand."""
    half = 0.5**0.5
    builder = Builder(
        [
            {"rotation": [0, 0, half, half], "children": [1, 2]},
            {"mesh": 0, "translation": [10, 0, 0]},
            {"mesh": 0, "matrix": [-2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 5, 1]},
        ]
    )
    builder.mesh(POSITION=VERTS, NORMAL=np.float32([[0, 0, 1]] * 4))
    mesh = load("n.gltf", builder.gltf()).entity
    np.testing.assert_allclose(mesh.verts[:4], [[0, 10, 0], [0, 11, 0], [-1, 11, 0], [-1, 10, 0]], atol=1e-6)
    np.testing.assert_allclose(mesh.verts[4:], [[0, 0, 5], [0, -2, 5], [-1, -2, 5], [-1, 0, 5]], atol=1e-6)
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3], [6, 5, 4], [7, 6, 4]]  # the mirrored ones are turned round
    np.testing.assert_allclose(mesh.normals, [[0, 0, 1]] * 8, atol=1e-6)


def test_normals_under_an_uneven_scale(load):
    """A plane x + y = 1, stretched by 2 along x, has the normal (1/2, 1, 0) made unit."""
    builder = Builder([{"mesh": 0, "scale": [2, 1, 1]}])
    builder.mesh(
        POSITION=np.float32([[1, 0, 0], [0, 1, 0], [0, 1, 1]]),
        NORMAL=np.float32([[1, 1, 0]] * 3) / 2**0.5,
        indices=INDICES[:3],
    )
    np.testing.assert_allclose(
        load("s.gltf", builder.gltf()).entity.normals, [np.array([1, 2, 0]) / 5**0.5] * 3, atol=1e-6
    )


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(4, [[0, 1, 2]]), (5, [[0, 1, 2], [1, 3, 2], [2, 3, 4]]), (6, [[0, 1, 2], [0, 2, 3], [0, 3, 4]])],
)
def test_lists_strips_and_fans(load, mode, expected):
    verts = np.float32([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]])
    builder = Builder()
    builder.mesh(POSITION=verts, indices=np.arange(5, dtype=np.uint32), mode=mode)
    assert load("m.gltf", builder.gltf()).entity.faces.tolist() == expected


def test_points(load):
    builder = Builder()
    builder.mesh(POSITION=VERTS, COLOR_0=np.array([[255, 0, 0, 255]] * 4, np.uint8), indices=None, mode=0)
    builder.root["accessors"][1]["normalized"] = True
    points = load("p.gltf", builder.gltf()).entity
    assert isinstance(points, Points)
    assert points.colors.tolist() == [[1, 0, 0]] * 4


def test_a_textured_square(load):
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    builder = square(TEXCOORD_0=UVS, material=0)
    builder.root["materials"] = [
        {"name": "skin", "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "baseColorFactor": [0.5, 1, 0, 1]}}
    ]
    builder.root["textures"] = [{"source": 0}]
    builder.root["images"] = [{"bufferView": builder.view(file.getvalue()), "mimeType": "image/png"}]
    mesh = load("t.glb", builder.glb()).entity
    assert mesh.uvs.tolist() == [[[0, 0], [1, 0], [1, 1]], [[0, 0], [1, 1], [0, 1]]]  # from the bottom left
    np.testing.assert_array_equal(mesh.materials[0].texture, pixels)
    np.testing.assert_allclose(mesh.materials[0].diffuse, [0.735357, 1, 0], atol=1e-5)  # linear 0.5 in sRGB
    builder.root["images"] = [{"uri": "../outside.png"}]
    loaded = load("t.glb", builder.glb())
    assert loaded.entity.materials[0].texture is None
    assert "outside the model's own folder" in loaded.warnings[0]


def test_seams_are_joined_and_sharp_edges_are_not(load):
    verts = np.concatenate([VERTS[[0, 1, 2]], VERTS[[0, 2, 3]]])
    indices = np.arange(6, dtype=np.uint16)
    builder = Builder()
    builder.mesh(POSITION=verts, TEXCOORD_0=np.float32(np.arange(12).reshape(6, 2)), indices=indices)
    mesh = load("s.gltf", builder.gltf()).entity
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
    assert mesh.uvs[1].tolist() == [[6, -6], [8, -8], [10, -10]]
    builder = Builder()
    normals = np.float32([[0, 0, 1]] * 3 + [[0, 1, 0]] * 3)
    builder.mesh(POSITION=verts, NORMAL=normals, TEXCOORD_0=np.float32(np.arange(12).reshape(6, 2)), indices=indices)
    assert len(load("s.gltf", builder.gltf()).entity.verts) == 6


def test_srgb_is_its_own_inverse_and_has_the_standards_values():
    values = np.linspace(0, 1, 256, dtype=np.float32)
    np.testing.assert_allclose(to_srgb(to_linear(values)), values, atol=2e-7)
    np.testing.assert_allclose(to_linear(np.float32([0.04045, 0.5, 1])), [0.0031308, 0.2140411, 1], atol=1e-7)


def _changed(**changes) -> str:
    builder = square()
    for path, value in changes.items():
        *parents, last = path.split("__")
        node = builder.root
        for part in parents:
            node = node[int(part) if part.isdigit() else part]
        node[int(last) if last.isdigit() else last] = value
    return builder.gltf()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("hello", "neither binary glTF nor JSON"),
        ("{", "JSON: it is damaged"),
        ("[" * 100_000, "neither"),
        ('{"a":' * 100_000, "JSON: it is damaged"),
        ("{}", "glTF version ? is not supported"),
        (_changed(asset__version="1.0"), "version 1.0 is not supported"),
        (_changed(meshes=[]), "no triangles and no points"),
        (_changed(meshes=5), "“meshes” is not a list"),
        (_changed(accessors__0__bufferView=9), "entry 9 of “bufferViews”, but there are only 2"),
        (_changed(accessors__0__count=5), "declares 5 elements, but its buffer view has only 48 bytes"),
        (_changed(accessors__0__count=10**12), "more than 50,000,000 vertices"),
        (_changed(accessors__0__count=-1), "“count” is -1, which is out of range"),
        (_changed(accessors__0__count="4"), "“count” is not a whole number"),
        (_changed(accessors__0__componentType=1), "type of numbers is unknown"),
        (_changed(accessors__0__type=["VEC3"]), "type of numbers is unknown"),
        (_changed(accessors__0__sparse={}), "sparse accessors are not supported"),
        (_changed(bufferViews__0__byteLength=10**9), "ends at byte 1,000,000,000"),
        (_changed(bufferViews__0__byteStride=4), "stride of 4 bytes"),
        (_changed(bufferViews__0__extensions={"EXT_meshopt_compression": {}}), "meshopt compression is not supported"),
        (
            _changed(meshes__0__primitives__0__extensions={"KHR_draco_mesh_compression": {}}),
            "Draco compression is not supported",
        ),
        (_changed(extensionsRequired=["KHR_draco_mesh_compression"]), "Draco compression is not supported"),
        (_changed(meshes__0__primitives__0__attributes={}), "it has no positions"),
        (_changed(meshes__0__primitives__0__attributes__NORMAL=1), "“NORMAL” does not fit the 4 positions"),
        (
            _changed(nodes=[{"mesh": 0, "children": [0]}], scenes=[{"nodes": [0]}]),
            "node 0: it has more than one parent",
        ),
        (_changed(nodes=[{"mesh": 7}], scenes=[{"nodes": [0]}]), "entry 7 of “meshes”"),
        (
            _changed(nodes=[{"mesh": 0, "scale": [1, 2]}], scenes=[{"nodes": [0]}]),
            "“scale” is not a list of 3 finite numbers",
        ),
    ],
)
def test_damage_is_named(refusal, content, expected):
    assert expected in refusal("bad.gltf", content)


def test_an_index_out_of_range(refusal):
    builder = Builder()
    builder.mesh(POSITION=VERTS, indices=np.array([0, 1, 4], np.uint16))
    assert "index 2 points at vertex 4, but there are only 4" in refusal("bad.gltf", builder.gltf())


def test_buffers_stay_in_the_models_folder(refusal, tmp_path):
    (tmp_path.parent / "outside.bin").write_bytes(bytes(100))
    for uri, reason in [
        ("../outside.bin", "outside"),
        ("gone.bin", "no such file"),
        ("https://host/a.bin", "own folder"),
        ("data:;base64,A", "damaged"),
    ]:
        document = square().root | {"buffers": [{"byteLength": 60, "uri": uri}]}
        assert reason in refusal("bad.gltf", json.dumps(document))


def test_cut_off_glb(refusal):
    whole = square().glb()
    assert "at least 20 bytes" in refusal("bad.glb", whole[:16])
    assert f"declares {len(whole):,} bytes, the file has {len(whole) - 1:,}" in refusal("bad.glb", whole[:-1])
    assert "the JSON part is missing" in refusal("bad.glb", whole[:4] + struct.pack("<II", 2, 12) + whole[12:])
    assert "a part of 4,294,967,295 bytes" in refusal("bad.glb", whole[:12] + b"\xff" * 4 + whole[16:])
