"""The course's own files, as far as they can be written by hand, and PyTorch3D's readers on the same files.

Source of the expected numbers: REFERENCE I.2, "Book files and expected loads".
"""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lab import geometry
from lab.examples import example_path
from lab.formats import read, read_with_stats, write
from lab.inspector.findings import signed_volume
from lab.scene import Mesh, Points

CUBE_PLY = """ply
format ascii 1.0
comment created for the book Learning 3D
element vertex 8
property float32 x
property float32 y
property float32 z
element face 12
property list uint8 int32 vertex_indices
end_header
-1 -1 -1\x20
1 -1 -1
1 1 -1\x20\x20
-1 1 -1
-1 -1 1
1 -1 1
1 1 1
-1 1 1
3 0 1 2\x20
3 5 4 7
3 6 2 1
3 3 7 4
3 7 3 2
3 5 1 0
3 0 2 3
3 5 7 6
3 6 1 5
3 3 4 0
3 7 2 6
3 5 0 4


"""

PLANES_PLY = """ply
format ascii 1.0
element vertex 8
property float x
property float y
property float z
{colors}element face 4
property list uchar int vertex_index
end_header
""" + "".join(
    f"{x} {y} {z}{{{name}}}\n"
    for z, name in ((-1, "red"), (1, "blue"))
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))
) + "3 0 1 2\n3 0 2 3\n3 4 5 6\n3 4 6 7\n"  # fmt: skip
COLORS = "property uchar red\nproperty uchar green\nproperty uchar blue\n"

CUBE_OBJ = """mtllib ./cube.mtl
o cube
# Vertex list
v -50 -50 20
v -50 -50 10
v -50 50 10
v -50 50 20
v 50 -50 20
v 50 -50 10
v 50 50 10
v 50 50 20
# Point/Line/Face list
usemtl Door
f 1 2 3
f 6 5 8
f 7 3 2
f 4 8 5
f 8 4 3
f 6 2 1
f 1 3 4
f 6 8 7
f 7 2 6
f 4 5 1
f 8 3 7
f 6 1 5
# End of file
"""
CUBE_MTL = """newmtl Door
Ka  0.8 0.6 0.4 # ambient
Kd  0.8 0.6 0.4 # diffuse
Ks  0.9 0.9 0.9
d  1.0
Ns  0.0
illum 2
"""


@pytest.fixture
def written(tmp_path):
    def write_file(name, text):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write_file


def test_the_course_cube_is_wound_inwards(written):
    loaded, figures = read_with_stats(written("cube.ply", CUBE_PLY))
    mesh = loaded.entity
    assert loaded.warnings == loaded.dropped == ()
    assert (mesh.verts.shape, mesh.faces.shape) == ((8, 3), (12, 3))
    assert figures.watertight
    assert figures.bounds_lower.tolist() == [-1, -1, -1]
    assert figures.bounds_upper.tolist() == [1, 1, 1]
    assert signed_volume(mesh.verts, mesh.faces) == pytest.approx(-8, abs=1e-12)


@pytest.mark.parametrize("colored", [True, False])
def test_two_planes(written, colored):
    text = PLANES_PLY.format(
        colors=COLORS if colored else "", red=" 255 0 0" if colored else "", blue=" 0 0 255" if colored else ""
    )
    mesh = read(written("parallel.ply", text)).entity
    assert (len(mesh.verts), len(mesh.faces)) == (8, 4)
    if not colored:
        assert mesh.colors is None
        return
    back = mesh.verts[:, 2] == -1
    assert (mesh.colors[back] == [1, 0, 0]).all()
    assert (mesh.colors[~back] == [0, 0, 1]).all()


def test_the_cow_is_closed_and_of_genus_zero():
    """Keenan Crane's cow, which the lab brings as PLY: the row "cow OBJ"."""
    loaded, figures = read_with_stats(example_path("spot.ply"))
    assert (figures.verts, figures.faces, figures.edges) == (2930, 5856, 8784)
    assert figures.verts - figures.edges + figures.faces == 2
    assert figures.watertight
    np.testing.assert_allclose(figures.bounds_lower, [-0.472, -0.737, -0.669], atol=5e-4)
    np.testing.assert_allclose(figures.bounds_upper, [0.472, 0.954, 1.049], atol=5e-4)
    assert signed_volume(loaded.entity.verts, loaded.entity.faces) > 0


def test_the_cube_with_its_material(written):
    written("cube.mtl", CUBE_MTL)
    loaded = read(written("cube.obj", CUBE_OBJ))
    mesh = loaded.entity
    assert (len(mesh.verts), len(mesh.faces)) == (8, 12)
    assert mesh.normals is None
    assert mesh.uvs is None
    assert [(m.name, m.diffuse) for m in mesh.materials] == [("Door", (0.8, 0.6, 0.4))]
    assert mesh.face_materials.tolist() == [0] * 12
    assert loaded.dropped == (
        "names of objects (1)",
        "material values Ka, Ks, Ns, illum",
    )
    assert signed_volume(mesh.verts, mesh.faces) == pytest.approx(-100_000)


def test_the_cube_with_its_texture(written, tmp_path):
    """14 texture coordinates, 6 normals, a texture of 250 x 250 pixels: the usual export of a cube."""
    Image.fromarray(np.arange(250 * 250 * 3, dtype=np.uint32).astype(np.uint8).reshape(250, 250, 3)).save(
        tmp_path / "wal67ar small.png"
    )
    written("rect.mtl", "newmtl Material\nKd 0.827451 0.792157 0.772549\nmap_Kd wal67ar small.png\n")
    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    lines = ["mtllib rect.mtl", *(f"v {x} {y} {z}" for x, y, z in corners)]
    lines += [f"vt {i / 13} {1 - i / 13}" for i in range(14)]
    sides = [(axis, sign) for axis in range(3) for sign in (-1, 1)]
    lines += ["vn " + " ".join(str(sign if i == axis else 0) for i in range(3)) for axis, sign in sides]
    lines.append("usemtl Material")
    for number, (axis, sign) in enumerate(sides, start=1):
        a, b, c, d = (i + 1 for i, corner in enumerate(corners) if corner[axis] == sign)
        for face in ((a, b, d), (a, d, c)):
            lines.append("f " + " ".join(f"{v}/{(v + number) % 14 + 1}/{number}" for v in face))
    loaded = read(written("rect.obj", "\n".join(lines) + "\n"))
    mesh = loaded.entity
    assert (len(mesh.verts), len(mesh.faces), mesh.uvs.shape) == (8, 12, (12, 3, 2))
    assert mesh.materials[0].texture.shape == (250, 250, 3)
    assert mesh.materials[0].diffuse == (0.827451, 0.792157, 0.772549)
    assert loaded.dropped == ("normals per corner (sharp edges)",)


def test_the_teapot_is_open():
    """The lab's own teapot has other counts than the book's; PyTorch3D agrees on them, see below."""
    loaded, figures = read_with_stats(example_path("teapot.obj"))
    assert (figures.verts, figures.faces) == (792, 992)
    assert not figures.watertight
    edges = np.sort(np.concatenate([loaded.entity.faces[:, [0, 1]], loaded.entity.faces[:, [1, 2]],
                                    loaded.entity.faces[:, [2, 0]]]), axis=1)  # fmt: skip
    _, uses = np.unique(edges, axis=0, return_counts=True)
    assert figures.boundary_edges == np.count_nonzero(uses == 1) == 528
    assert loaded.entity.uvs is None


def test_points_only(written):
    rows = "".join(f"{x} {x * 2} {x * 3}\n" for x in range(239))
    text = (
        "ply\nformat ascii 1.0\nelement vertex 239\nproperty float x\nproperty float y\nproperty float z\nend_header\n"
    )
    points = read(written("pedestrian.ply", text + rows)).entity
    assert isinstance(points, Points)
    assert len(points.verts) == 239


def test_a_quad_and_negative_indices(written):
    square = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"
    assert read(written("q.obj", square + "f 1 2 3 4\n")).entity.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
    assert read(written("n.obj", square + "f -3 -2 -1\n")).entity.faces.tolist() == [[1, 2, 3]]


# --- PyTorch3D on the same files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cube.ply", "parallel.ply"])
def test_pytorch3d_reads_the_same_from_ply(written, name):
    from pytorch3d.io import IO, load_ply

    red_blue = PLANES_PLY.format(colors=COLORS, red=" 255 0 0", blue=" 0 0 255")
    path = written(name, CUBE_PLY if name == "cube.ply" else red_blue)
    mesh = read(path).entity
    verts, faces = load_ply(str(path))  # drops the colours
    np.testing.assert_array_equal(mesh.verts, verts.numpy())
    np.testing.assert_array_equal(mesh.faces, faces.numpy())
    if name == "parallel.ply":
        textures = IO().load_mesh(str(path)).textures
        np.testing.assert_allclose(mesh.colors, textures.verts_features_packed().numpy(), atol=1e-7)


@pytest.mark.parametrize("encoding", ["ascii", "binary_little_endian", "binary_big_endian"])
@pytest.mark.parametrize("spelling", ["old", "new"])
def test_pytorch3d_reads_what_the_lab_writes_as_ply(tmp_path, encoding, spelling):
    from pytorch3d.io import load_ply

    from lab.formats.ply_write import PlyStyle

    mesh = read(example_path("bob")).entity
    write(tmp_path / "bob.ply", mesh, ply=PlyStyle(encoding, spelling))
    verts, faces = load_ply(str(tmp_path / "bob.ply"))
    np.testing.assert_array_equal(mesh.verts, verts.numpy())
    np.testing.assert_array_equal(mesh.faces, faces.numpy())


@pytest.mark.parametrize("ascii", [True, False])
def test_the_lab_reads_what_pytorch3d_writes_as_ply(tmp_path, ascii):
    import torch
    from pytorch3d.io import save_ply

    rng = np.random.default_rng(0)
    verts = rng.normal(size=(20, 3)).astype(np.float32)
    faces = np.array([[i, i + 1, i + 2] for i in range(18)])
    normals = geometry.vertex_normals(verts, faces)
    save_ply(
        tmp_path / "a.ply",
        torch.tensor(verts),
        torch.tensor(faces),
        torch.tensor(normals),
        ascii=ascii,
        decimal_places=8,
    )
    mesh = read(tmp_path / "a.ply").entity
    np.testing.assert_allclose(mesh.verts, verts, atol=1e-7)
    np.testing.assert_array_equal(mesh.faces, faces)
    np.testing.assert_allclose(mesh.normals, normals, atol=1e-6)


def test_pytorch3d_reads_the_same_from_obj(written):
    from pytorch3d.io import load_obj

    written("cube.mtl", CUBE_MTL)
    path = written("cube.obj", CUBE_OBJ)
    mesh = read(path).entity
    verts, faces, properties = load_obj(str(path))
    np.testing.assert_array_equal(mesh.verts, verts.numpy())
    np.testing.assert_array_equal(mesh.faces, faces.verts_idx.numpy())
    assert (faces.normals_idx.numpy() == -1).all()
    assert (faces.materials_idx.numpy() == 0).all()
    material = properties.material_colors["Door"]
    np.testing.assert_allclose(material["ambient_color"].numpy(), [0.8, 0.6, 0.4], atol=1e-6)
    np.testing.assert_allclose(material["diffuse_color"].numpy(), mesh.materials[0].diffuse, atol=1e-6)
    np.testing.assert_allclose(material["specular_color"].numpy(), [0.9, 0.9, 0.9], atol=1e-6)
    assert material["shininess"].item() == 0


def test_pytorch3d_reads_the_same_teapot():
    from pytorch3d.io import load_obj

    mesh = read(example_path("teapot.obj")).entity
    assert isinstance(mesh, Mesh)
    verts, faces, _ = load_obj(str(example_path("teapot.obj")))
    np.testing.assert_allclose(mesh.verts, verts.numpy(), rtol=1e-6)
    np.testing.assert_array_equal(mesh.faces, faces.verts_idx.numpy())


@pytest.mark.parametrize("relative", [False, True])
def test_pytorch3d_reads_what_the_lab_writes_as_obj(painted, tmp_path, relative):
    from pytorch3d.io import load_obj

    from lab.formats.obj_write import ObjStyle

    write(tmp_path / "a.obj", painted, obj=ObjStyle(relative=relative))
    verts, faces, properties = load_obj(str(tmp_path / "a.obj"))
    np.testing.assert_array_equal(painted.verts, verts.numpy())
    np.testing.assert_array_equal(painted.faces, faces.verts_idx.numpy())
    np.testing.assert_allclose(properties.normals.numpy()[faces.normals_idx.numpy()], painted.normals[painted.faces])
    np.testing.assert_array_equal(properties.verts_uvs.numpy()[faces.textures_idx.numpy()], painted.uvs)
    np.testing.assert_array_equal(faces.materials_idx.numpy(), painted.face_materials)
    assert sorted(properties.texture_images) == ["blue_one", "red"]
