"""PCD, tables of points, LAS and LAZ."""

from __future__ import annotations

import struct

import laspy
import numpy as np
import pytest

from lab.formats import FormatError, read
from lab.formats.lzf import decompress
from lab.scene import Points

PCD = """# .PCD v0.7
VERSION 0.7
FIELDS x y z rgb normal_x normal_y normal_z curvature _ histogram
SIZE 4 4 4 4 4 4 4 8 1 2
TYPE F F F F F F F F U I
COUNT 1 1 1 1 1 1 1 1 3 2
WIDTH 2
HEIGHT 1
VIEWPOINT 0 0 0 1 0 0 0
POINTS 2
DATA {kind}
"""
RGB = [0x00FF8000, 0x00003366]
ROWS = [(1.5, 2, 3, 0, 0, 1, 0.25), (4, 5, 6, 0, 1, 0, 0.5)]


def _packed() -> bytes:
    return b"".join(
        struct.pack("<3fI3fd3B2h", *row[:3], rgb, *row[3:], 1, 2, 3, 7, 8) for row, rgb in zip(ROWS, RGB, strict=True)
    )


def _compress(data: bytes) -> bytes:
    """LZF of literal runs only, but for a final back reference to show that they are followed."""
    return b"".join(bytes([len(data[i : i + 32]) - 1]) + data[i : i + 32] for i in range(0, len(data), 32))


def _pcd(kind: str) -> bytes:
    head = PCD.format(kind=kind).encode()
    if kind == "ascii":
        floats = [struct.unpack("<f", struct.pack("<I", rgb))[0] for rgb in RGB]
        lines = [
            " ".join(map(str, [*row[:3], np.format_float_positional(np.float32(value)), *row[3:], 1, 2, 3, 7, 8]))
            for row, value in zip(ROWS, floats, strict=True)
        ]
        return head + "\n".join(lines).encode() + b"\n"
    if kind == "binary":
        return head + _packed()
    columns = np.frombuffer(_packed(), "V4,V4,V4,V4,V4,V4,V4,V8,V3,V4")
    body = b"".join(columns[name].tobytes() for name in columns.dtype.names)
    packed = _compress(body)
    return head + struct.pack("<II", len(packed), len(body)) + packed


@pytest.mark.parametrize("kind", ["ascii", "binary", "binary_compressed"])
def test_all_three_kinds_of_pcd(load, kind):
    loaded = load("p.pcd", _pcd(kind))
    points = loaded.entity
    assert isinstance(points, Points)
    assert points.verts.tolist() == [[1.5, 2, 3], [4, 5, 6]]
    assert points.normals.tolist() == [[0, 0, 1], [0, 1, 0]]
    np.testing.assert_array_equal(points.colors, np.float32([[255, 128, 0], [0, 51, 102]]) / np.float32(255))
    assert points.scalars["curvature"].tolist() == [0.25, 0.5]
    assert loaded.dropped == ("field “histogram”",)


def test_the_place_of_the_scanner_is_dropped_and_said(load):
    moved = _pcd("binary").replace(b"VIEWPOINT 0 0 0", b"VIEWPOINT 0 0 2")
    assert load("p.pcd", moved).dropped == ("field “histogram”", "viewpoint of the scanner")


def test_points_that_the_camera_did_not_see_are_left_out(load):
    text = "FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nWIDTH 3\nHEIGHT 1\nDATA ascii\nnan nan nan\n1 2 3\n4 5 inf\n"
    loaded = load("n.pcd", text)
    assert loaded.entity.verts.tolist() == [[1, 2, 3]]
    assert loaded.warnings[0].startswith("Left out 2 points")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"DATA", b"DITA", "DATA"),
        (b"DATA binary", b"DATA zipped", "unknown kind"),
        (b"POINTS 2", b"POINTS two", "number of points is missing"),
        (b"POINTS 2", b"POINTS 99999999", "declares 99,999,999 points, but the file has room for only 2"),
        (b"POINTS 2", b"POINTS 3", "declares 3 points"),
        (b"POINTS 2", b"POINTS 0", "declares no points"),
        (b"SIZE 4", b"SIZE 3", "field “x” has an unknown type"),
        (b"TYPE F F", b"TYPE F", "same number of entries"),
        (b"FIELDS x", b"FIELDS a", "no field “x”"),
    ],
)
def test_damage_in_pcd_is_named(refusal, old, new, expected):
    content = _pcd("binary")
    assert old in content
    assert expected in refusal("bad.pcd", content.replace(old, new, 1))


def test_damage_in_packed_pcd_is_named(refusal):
    whole = _pcd("binary_compressed")
    assert "packed bytes are declared" in refusal("bad.pcd", whole[:-5])
    at = whole.index(b"compressed\n") + 11
    huge = whole[:at] + struct.pack("<II", 20, 2**32 - 1) + whole[at + 8 :]
    assert "more bytes are declared than could be packed" in refusal("bad.pcd", huge)
    assert "before its beginning" in refusal("bad.pcd", whole[: at + 8] + b"\xff\xff\xff" + whole[at + 11 :])


def test_lzf_back_references():
    """Worked by hand: "abc", then 3 bytes from 3 back, then 9 + 2 bytes from 1 back, which repeat themselves."""
    assert decompress(b"\x02abc" + bytes([1 << 5 | 0, 2]) + bytes([7 << 5 | 0, 2, 0]), 17) == b"abcabc" + b"c" * 11


# --- tables ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.xyz", "1 2 3\n4 5 6\n"),
        ("a.xyz", "# points\n\n1\t2\t3\n  4 5   6  # the last\n"),
        ("a.pts", "2\n1 2 3\n4 5 6\n"),
        ("a.csv", "x,y,z\n1,2,3\n4,5,6\n"),
        ("a.csv", '"X","Y","Z"\r\n1.0, 2.0, 3.0\r\n4.0, 5.0, 6.0'),
        ("a.csv", "y;z;x\n2,0;3,0;1,0\n5,0;6,0;4,0\n"),
        ("a.txt", "//X Y Z\n1 2 3\n4 5 6\n"),
        ("a.asc", "1e0 +2 3.\n.4e1 5 6\n"),
    ],
)
def test_tables_of_positions(load, name, text):
    loaded = load(name, text)
    assert loaded.entity.verts.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert loaded.warnings == loaded.dropped == ()


def test_columns_by_name(load):
    text = "id,Z,Y,X,blue,green,red,nx,ny,nz,kind,time\n7,3,2,1,255,128,0,0,0,1,roof,\n8,6,5,4,0,0,0,1,0,0,tree,5\n"
    loaded = load("a.csv", text)
    points = loaded.entity
    assert points.verts.tolist() == [[1, 2, 3], [4, 5, 6]]
    np.testing.assert_array_equal(points.colors, np.float32([[0, 128, 255], [0, 0, 0]]) / np.float32(255))
    assert points.normals.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert list(points.scalars) == ["id"]
    assert loaded.dropped == ("kind (no numbers)", "time (not all of its values are finite numbers)")


def test_columns_by_their_values(load):
    assert load("a.xyz", "0 0 0 255 0 51\n1 2 3 0 0 0\n").entity.colors[0].tolist() == [1, 0, np.float32(0.2)]
    assert load("a.xyz", "0 0 0 0 0 1\n1 2 3 0.6 -0.8 0\n").entity.normals.shape == (2, 3)
    both = load("a.xyz", "0 0 0 255 0 0 0 0 1\n1 2 3 0 9 0 0 -1 0\n").entity
    assert both.colors is not None
    assert both.normals.tolist() == [[0, 0, 1], [0, -1, 0]]
    assert list(load("a.xyz", "0 0 0 35\n1 2 3 40\n").entity.scalars) == ["intensity"]
    dark = load("a.pts", "2\n0 0 0 0 255 0 51\n1 2 3 0 0 0 0\n").entity
    assert dark.colors[0].tolist() == [1, 0, np.float32(0.2)]  # though the columns from the fourth look like colours
    pts = load("a.pts", "2\n0 0 0 -900 255 0 0\n1 2 3 -800 0 9 0\n").entity
    assert list(pts.scalars) == ["intensity"]
    assert pts.colors[0].tolist() == [1, 0, 0]
    assert list(load("a.xyz", "0 0 0 300 -5\n1 2 3 4 5\n").entity.scalars) == ["column 4", "column 5"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello world, this is a letter\n", "no lines of three or more numbers"),
        ("1 2\n3 4\n", "2 columns, at least x, y and z"),
        ("1 2 3\n4 5\n", "line 2: “4 5” has 2 columns, the rows before it have 3"),
        ("x y z\n1 2 3\n4 five 6\n", "line 3: “five” is not a number"),
        ("nan nan nan\n", "its only point is NaN, infinite or beyond 1e30"),
        (b"1 2 3\n\x00\x00\x00", "it should be text"),
    ],
)
def test_damage_in_tables_is_named(refusal, text, expected):
    assert expected in refusal("bad.xyz", text)


# --- laser scans ----------------------------------------------------------------------------------------------------


def _scan(path, count=50):
    rng = np.random.default_rng(5)
    header = laspy.LasHeader(version="1.4", point_format=7)
    header.scales, header.offsets = np.full(3, 0.001), np.array([500_000.0, 4_000_000.0, 100.0])
    las = laspy.LasData(header)
    las.X, las.Y, las.Z = rng.integers(0, 100_000, (3, count))
    las.red, las.green, las.blue = rng.integers(0, 65536, (3, count))
    las.intensity = rng.integers(1, 1000, count)
    las.classification = rng.integers(1, 20, count)
    las.write(path)
    return las


@pytest.mark.parametrize("suffix", [".las", ".laz"])
def test_laser_scans_keep_their_millimetres(tmp_path, suffix):
    las = _scan(tmp_path / f"scan{suffix}")
    loaded = read(tmp_path / f"scan{suffix}")
    points = loaded.entity
    assert loaded.up == "z"
    np.testing.assert_allclose(points.origin, [500_050, 4_000_050, 150], atol=5)
    np.testing.assert_array_equal(points.origin, np.round(points.origin))  # a person can read it
    np.testing.assert_allclose(points.origin + points.verts, np.stack([las.x, las.y, las.z], 1), atol=5e-6, rtol=0)
    np.testing.assert_array_equal(
        points.colors, (np.stack([las.red, las.green, las.blue], 1) / 65535).astype(np.float32)
    )
    np.testing.assert_array_equal(points.scalars["intensity"], las.intensity)
    np.testing.assert_array_equal(points.scalars["classification"], las.classification)
    assert "gps_time" in loaded.dropped
    assert "far from zero" in loaded.warnings[0]


def test_eight_bits_in_sixteen(tmp_path):
    las = _scan(tmp_path / "a.las")
    las.red, las.green, las.blue = np.full((3, 50), 255)
    las.write(tmp_path / "a.las")
    assert read(tmp_path / "a.las").entity.colors.min() == 1.0


def _refused(path, content):
    path.write_bytes(content)
    with pytest.raises(FormatError) as caught:
        read(path)
    return str(caught.value)


def test_damage_in_laser_scans_is_named(tmp_path):
    path = tmp_path / "a.las"
    _scan(path)
    whole = path.read_bytes()
    assert "begins with “LASF”" in _refused(path, b"X" + whole[1:])
    assert "header" in _refused(path, whole[:100])
    assert "declares 50 points of 36 bytes" in _refused(path, whole[:-1])
    huge = bytearray(whole)
    struct.pack_into("<Q", huge, 247, 2**60)
    assert "declares 1,152,921,504,606,846,976 points" in _refused(path, bytes(huge))
    infinite = bytearray(whole)
    struct.pack_into("<d", infinite, 131, float("inf"))
    assert "scale or offset" in _refused(path, bytes(infinite))


def test_a_packed_scan_of_several_chunks(tmp_path):
    las = _scan(tmp_path / "a.laz", 120_000)  # LASzip packs 50,000 points together
    points = read(tmp_path / "a.laz").entity
    assert len(points.verts) == 120_000
    np.testing.assert_array_equal(points.scalars["intensity"], las.intensity)


def test_damage_in_packed_scans_is_named(tmp_path):
    path = tmp_path / "a.laz"
    _scan(path, 5000)
    whole = path.read_bytes()
    start = struct.unpack_from("<I", whole, 96)[0]
    table = struct.unpack_from("<q", whole, start)[0]
    assert "cannot be unpacked" in _refused(
        path,
        whole.replace(b"laszip encoded", b"laszip encodEd").replace(b"encodEd", b"encoded")[:start]
        + whole[start : start + 200]
        + b"\xff" * 9000
        + whole[start + 9200 :],
    )
    layer = bytearray(whole)
    struct.pack_into("<I", layer, start + 8 + 36 + 4, 2**31)  # the first layer, after the first point and the count
    assert f"byte {start + 8:,}: a packed chunk declares 2,1" in _refused(path, bytes(layer))
    assert "how the points are packed is missing" in _refused(
        path, whole.replace(b"laszip encoded", b"laszip forgotte"[:14])
    )
    assert "outside the file" in _refused(path, whole[: table - 10])
    huge = bytearray(whole)
    struct.pack_into("<I", huge, table + 4, 2**31)
    assert "2,147,483,648 packed chunks" in _refused(path, bytes(huge))
    struct.pack_into("<Q", huge, 247, 2**60)
    assert "declares 1,152,921,504,606,846,976 points" in _refused(path, bytes(huge))
