"""Small good files of every kind that can be read, for the tests that damage them."""

from __future__ import annotations

import struct
from pathlib import Path

import laspy
import numpy as np
from PIL import Image

from lab.formats import READABLE, write
from lab.formats.obj_write import ObjStyle
from lab.formats.ply_write import PlyStyle
from lab.scene import Material, Mesh

POLYGONS = """ply
format ascii 1.0
comment polygons, lists of many lengths, and what the lab does not keep
element vertex 5
property double x
property double y
property double z
property uchar red
property uchar green
property uchar blue
property uchar alpha
property list uchar float weights
element face 3
property list uchar uint vertex_index
property short grade
element camera 1
property float f
end_header
0 0 0 255 0 0 255 2 0.5 0.5
1 0 0 0 255 0 255 0
1 1 0 0 0 255 255 1 1
0 1 0 9 9 9 255 3 1 2 3
0 0 1 0 0 0 0 0
4 0 1 2 3 7
3 0 1 4 -7
5 0 1 2 3 4 0
35
"""

OBJ = """# polygons, all spellings of a corner, materials
mtllib materials.mtl
o thing
v 0 0 0 1 0 0
v 1 0 0 0 1 0
v 1 1 0 0 0 1
v 0 1 0 1 1 1
v 0 0 1
vt 0 0
vt 1 0.5
vn 0 0 1
g part
s 1
usemtl red
f 1/1/1 2/2/1 3/1/1 4/2/1
f -1 -2 \\
  -3
usemtl blue one
f 1//1 2//1 5//1
f 1/1 3/2 5/1
l 1 2
"""

MTL = """newmtl red
Ka 1 0 0 # ambient
Kd 0.9 0.1 0.1
map_Kd -s 1 1 1 a picture.png
newmtl blue one
Kd 0 0 1
Ns 10
d 0.5
"""

PCD = "FIELDS x y z rgb\nSIZE 4 4 4 4\nTYPE F F F U\nCOUNT 1 1 1 1\nWIDTH 4\nHEIGHT 1\nPOINTS 4\nDATA "


def make_good_files(folder: Path) -> list[Path]:
    """Write them into ``folder``; returns those that can be opened, and beside them lie the files that they use."""
    rng = np.random.default_rng(7)
    _write_models(folder, rng)
    _write_texts(folder)
    _write_gltf(folder)
    _write_pcds(folder, rng)
    _write_scans(folder, rng)
    return sorted(path for path in folder.iterdir() if path.suffix in READABLE)


def _write_models(folder: Path, rng: np.random.Generator) -> None:
    verts = rng.normal(size=(12, 3)).astype(np.float32)
    faces = np.array([rng.choice(12, 3, replace=False) for _ in range(10)])
    mesh = Mesh(verts, faces, verts, rng.random((12, 3)), rng.random((10, 3, 2)), scalars={"a": rng.random(12)})
    for name in ("a.ply", "a.obj", "a.glb", "a.stl", "a.off", "a.xyz"):
        write(folder / name, mesh)
    write(folder / "text.ply", mesh, ascii=True)
    write(folder / "big.ply", mesh, ply=PlyStyle("binary_big_endian", "new", "vertex_index"))
    write(folder / "relative.obj", mesh, obj=ObjStyle(relative=True))
    skin = Material("skin", texture=rng.integers(0, 256, (4, 4, 3), np.uint8))
    textured = Mesh(verts, faces, uvs=mesh.uvs, face_materials=np.zeros(10), materials=(skin,))
    write(folder / "textured.ply", textured)
    write(folder / "textured.glb", textured)


def _write_texts(folder: Path) -> None:
    (folder / "polygons.ply").write_text(POLYGONS)
    (folder / "polygons.obj").write_text(OBJ)
    (folder / "materials.mtl").write_text(MTL)
    Image.new("RGB", (3, 2), (200, 30, 30)).save(folder / "a picture.png")
    (folder / "a.csv").write_text("x,y,z,r,g,b,kind\n1,2,3,4,5,6,roof\n2,3,4,5,6,7,tree\n")
    (folder / "a.txt").write_text("1;2;3,5\n4;5;6,5\n")
    (folder / "a.asc").write_text("// X Y Z Intensity\n1 2 3 0.5\n4 5 6 0.25\n")
    (folder / "a.pts").write_text("3\n1 2 3 -100 10 20 30\n4 5 6 -200 40 50 60\n7 8 9 -300 70 80 90\n")
    (folder / "a.xyzn").write_text("1 2 3 0 0 1\n4 5 6 0 1 0\n")
    (folder / "a.xyzrgb").write_text("1 2 3 0.5 0.25 1\n4 5 6 1 0 0\n")
    (folder / "text.stl").write_text("solid a\n" + "vertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\n" * 3 + "endsolid\n")
    (folder / "colors.off").write_text(
        "COFF\n3 1 0\n0 0 0 255 0 0 255\n1 0 0 0 255 0 255\n0 1 0 0 0 255 255\n3 0 1 2\n"
    )


def _write_gltf(folder: Path) -> None:
    """The JSON form: the same document with its buffer in a file beside it."""
    glb = (folder / "a.glb").read_bytes()
    size = struct.unpack_from("<I", glb, 12)[0]
    (folder / "data.bin").write_bytes(glb[28 + size :])
    text = glb[20 : 20 + size].decode().rstrip()
    at = text.rindex('"buffers":[{') + len('"buffers":[{')
    (folder / "a.gltf").write_text(text[:at] + '"uri":"data.bin",' + text[at:])


def _write_pcds(folder: Path, rng: np.random.Generator) -> None:
    body = rng.random((4, 4)).astype(np.float32).tobytes()
    (folder / "a.pcd").write_bytes((PCD + "binary\n").encode() + body)
    packed = b"".join(bytes([31]) + body[i : i + 32] for i in (0, 32))
    sizes = struct.pack("<II", len(packed), 64)
    (folder / "packed.pcd").write_bytes((PCD + "binary_compressed\n").encode() + sizes + packed)
    (folder / "text.pcd").write_text(PCD + "ascii\n" + "1 2 3 255\n" * 4)


def _write_scans(folder: Path, rng: np.random.Generator) -> None:
    for version, kind, names in [("1.2", 3, ("a.las", "a.laz")), ("1.4", 7, ("new.las", "new.laz"))]:
        las = laspy.LasData(laspy.LasHeader(version=version, point_format=kind))
        las.X, las.Y, las.Z = rng.integers(0, 1000, (3, 20))
        for name in names:
            las.write(folder / name)
