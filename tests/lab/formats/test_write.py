"""What is saved comes back: exactly in single precision, and nothing is lost when saving fails."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lab.formats import READABLE, WRITABLE, FormatError, read, write
from lab.scene import Mesh, Points, bounds

FLOATS = st.floats(-1000, 1000, width=32).filter(lambda value: value == 0 or abs(value) > 1e-3)


def _assert_same(saved, loaded, *names):
    for name in names:
        first, second = getattr(saved, name), getattr(loaded, name)
        np.testing.assert_array_equal(first, second, err_msg=name)
        assert first is None or second.dtype == first.dtype


@pytest.mark.parametrize("suffix", [".obj", ".glb"])
def test_obj_and_glb_keep_textures(painted, tmp_path, suffix):
    renamed = ("blanks in the names of materials",) if suffix == ".obj" else ()
    assert write(tmp_path / f"a{suffix}", painted) == ("scalar fields", *renamed)
    loaded = read(tmp_path / f"a{suffix}")
    assert loaded.warnings == loaded.dropped == ()
    mesh = loaded.entity
    _assert_same(painted, mesh, "verts", "normals")
    order = [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7] if suffix == ".glb" else range(12)  # glTF groups faces by material
    np.testing.assert_array_equal(mesh.faces, painted.faces[order])
    np.testing.assert_array_equal(mesh.uvs, painted.uvs[order])
    np.testing.assert_allclose(mesh.colors, painted.colors, atol=0 if suffix == ".obj" else 2e-7)
    for number in range(12):
        before, after = (m.materials[m.face_materials[i]] for m, i in ((painted, order[number]), (mesh, number)))
        np.testing.assert_array_equal(before.texture, after.texture)
        np.testing.assert_allclose(before.diffuse, after.diffuse, atol=1e-6)


def test_obj_puts_its_companions_beside_itself(painted, tmp_path):
    write(tmp_path / "my cube.obj", painted)
    assert sorted(os.listdir(tmp_path)) == [
        "my cube.mtl",
        "my cube.obj",
        "my cube_texture0.png",
        "my cube_texture1.png",
    ]


def test_stl_and_off(painted, tmp_path):
    assert write(tmp_path / "a.stl", painted) == ("normals", "colours", "textures", "materials", "scalar fields")
    mesh = read(tmp_path / "a.stl").entity
    np.testing.assert_array_equal(mesh.verts[mesh.faces], painted.verts[painted.faces])
    content = (tmp_path / "a.stl").read_bytes()
    assert len(content) == 84 + 12 * 50
    assert struct.unpack_from("<3f", content, 84) == (0, 0, -1)  # the first face is the bottom
    assert write(tmp_path / "a.off", painted) == ("normals", "textures", "materials", "scalar fields")
    _assert_same(painted, read(tmp_path / "a.off").entity, "verts", "faces", "colors")


def test_points(cloud, tmp_path):
    for suffix, lost in [
        (".ply", ()),
        (".obj", ("scalar fields",)),
        (".glb", ("scalar fields",)),
        (".xyz", ("scalar fields",)),
    ]:
        assert write(tmp_path / f"p{suffix}", cloud) == lost
        points = read(tmp_path / f"p{suffix}").entity
        assert isinstance(points, Points)
        _assert_same(cloud, points, "verts", "normals")
        np.testing.assert_allclose(points.colors, cloud.colors, atol=2e-7 if suffix == ".glb" else 0)
    assert write(tmp_path / "p.off", cloud) == ("normals", "scalar fields")
    _assert_same(cloud, read(tmp_path / "p.off").entity, "verts", "colors")


@pytest.mark.parametrize("suffix", [".ply", ".obj", ".glb", ".off", ".xyz"])
def test_a_mesh_without_faces_is_saved_as_points(cube, tmp_path, suffix):
    write(tmp_path / f"a{suffix}", Mesh(cube.verts, np.zeros((0, 3), int)))
    points = read(tmp_path / f"a{suffix}").entity
    assert isinstance(points, Points)
    _assert_same(cube, points, "verts")


@pytest.mark.parametrize("suffix", [".ply", ".obj", ".glb", ".off", ".xyz"])
def test_far_from_zero_nothing_is_lost(tmp_path, suffix):
    verts = np.random.default_rng(0).random((50, 3)).astype(np.float32) * 100
    verts[:2] = [[0, 0, 0], [100, 100, 100]]
    far = Points(verts - np.float32(50), origin=np.array([636_600.5, 849_200.25, -500_000]))
    write(tmp_path / f"far{suffix}", far)
    back = read(tmp_path / f"far{suffix}")
    assert "far from zero" in back.warnings[0]
    np.testing.assert_allclose(back.entity.origin + back.entity.verts, far.origin + far.verts, atol=4e-6, rtol=0)
    write(tmp_path / f"again{suffix}", back.entity)
    _assert_same(back.entity, read(tmp_path / f"again{suffix}").entity, "verts", "origin")


def test_stl_says_that_it_cannot_keep_detail_far_from_zero(cube, tmp_path):
    far = Mesh(cube.verts, cube.faces, origin=np.array([1e6, 0, 0]))
    assert write(tmp_path / "a.stl", far) == ("detail (the coordinates are far from zero)",)
    assert bounds(read(tmp_path / "a.stl").entity)[0].tolist() == [1e6, 0, 0]


@settings(max_examples=25, deadline=None)
@given(data=st.data(), suffix=st.sampled_from([".ply", ".obj", ".glb", ".off"]), ascii=st.booleans())
def test_positions_come_back_bit_for_bit(tmp_path_factory, data, suffix, ascii):
    verts = data.draw(arrays(np.float32, (data.draw(st.integers(4, 12)), 3), elements=FLOATS))
    verts[:4] = [[-1000, -1000, -1000], [1000, -1000, -1000], [-1000, 1000, -1000], [-1000, -1000, 1000]]
    faces = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]])
    path = tmp_path_factory.mktemp("round") / f"a{suffix}"
    write(path, Mesh(verts, faces), ascii=ascii)
    _assert_same(Mesh(verts, faces), read(path).entity, "verts", "faces")


def test_progress_rises_to_one(painted, tmp_path):
    seen: list[float] = []
    for suffix in WRITABLE:
        seen.clear()
        write(tmp_path / f"a{suffix}", painted, progress=lambda fraction, text: seen.append(fraction))
        assert seen == sorted(seen)
        assert seen[-1] == 1.0
        seen.clear()
        read(tmp_path / f"a{suffix}", progress=lambda fraction, text: seen.append(fraction))
        assert seen == sorted(seen)
        assert seen[-1] == 1.0
    assert set(WRITABLE) < set(READABLE)


# --- saving that fails ----------------------------------------------------------------------------------------------


def test_wrong_names_and_wrong_content(cube, cloud, tmp_path):
    for path, entity, expected in [
        ("a.docx", cube, "a.docx cannot be saved: it has the ending “.docx”. Known are .ply"),
        ("a", cube, "a cannot be saved: it has no ending"),
        ("a.stl", cloud, "STL holds triangles, not points"),
        ("a.ply", Points(np.zeros((0, 3))), "no vertices to save"),
        ("a.glb", Points([[0, 0, np.nan], [0, 0, 1], [np.inf, 0, 0]]), "2 vertices not at finite coordinates"),
        ("gone/a.ply", cube, "no such file or folder"),
        ("folder.ply", cube, "it is a folder"),
    ]:
        (tmp_path / "folder.ply").mkdir(exist_ok=True)
        with pytest.raises(FormatError) as caught:
            write(tmp_path / path, entity)
        assert expected in str(caught.value)
    assert os.listdir(tmp_path) == ["folder.ply"]


@pytest.mark.parametrize("suffix", list(WRITABLE))
def test_a_full_disk_loses_nothing(painted, tmp_path, monkeypatch, suffix):
    """The disk is full when the new file should go to it: the old ones stay, and no temporary file is left."""
    path = tmp_path / f"a{suffix}"
    write(path, painted)
    before = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FormatError, match="the disk is full"):
        write(
            path,
            Mesh(painted.verts * 2, painted.faces, materials=painted.materials, face_materials=painted.face_materials),
        )
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("suffix", list(WRITABLE))
def test_a_disk_that_fills_while_writing(painted, tmp_path, monkeypatch, suffix):
    """The real error of a full disk, in the middle of the writing itself."""
    monkeypatch.setattr("lab.files._create_beside", lambda target: _link_to_full(tmp_path / "part"))
    with pytest.raises(FormatError, match="the disk is full"):
        write(tmp_path / f"a{suffix}", painted)
    assert os.listdir(tmp_path) == []


def _link_to_full(path: Path) -> Path:
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/full")
    return path


def test_a_read_only_folder(cube, tmp_path):
    write(tmp_path / "a.ply", cube)
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("the administrator may write anywhere")
    try:
        with pytest.raises(FormatError, match="no permission"):
            write(tmp_path / "a.ply", cube)
    finally:
        tmp_path.chmod(0o700)
    assert os.listdir(tmp_path) == ["a.ply"]


def test_a_read_only_disk(cube, tmp_path, monkeypatch):
    def refuse(*arguments: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(FormatError, match="the disk is read-only"):
        write(tmp_path / "a.ply", cube)
