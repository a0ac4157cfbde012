"""A whole file at a glance, as a value, as text and as JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lab.examples import example_path
from lab.formats import READABLE, FormatError, write
from lab.inspector import document
from lab.inspector import inspect as module
from lab.inspector.inspect import inspect
from lab.inspector.report import as_data, as_text, size_text
from lab.scene import Points
from tests.lab.formats.good_files import make_good_files


def test_spot_at_a_glance():
    seen = inspect(example_path("spot"))
    assert (seen.name, seen.kind, seen.nbytes, seen.total) == ("spot.ply", "PLY, binary, little-endian", 111_488, 8796)
    assert seen.kept == ("2,930 vertices", "5,856 triangles")
    assert seen.dropped == ()
    assert seen.figures["Watertight"] is True
    assert seen.figures["Euler characteristic"] == 2
    assert seen.figures["Signed volume"] == pytest.approx(0.71826, abs=1e-5)
    assert not seen.cut
    assert seen.error == ""


@pytest.mark.parametrize("suffix", list(READABLE))
def test_every_format_can_be_inspected(tmp_path, suffix):
    paths = [path for path in make_good_files(tmp_path) if path.suffix == suffix]
    assert paths
    for path in paths:
        seen = inspect(path, count=5)
        assert seen.kind
        assert 1 <= len(seen.lines) <= 5
        assert seen.kept
        assert seen.error == ""
        assert path.name in as_text(seen)
        assert json.loads(json.dumps(as_data(seen)))["total"] == seen.total


def test_what_is_kept_and_dropped_is_said(tmp_path):
    make_good_files(tmp_path)
    seen = inspect(tmp_path / "polygons.ply")
    assert seen.kept == ("5 vertices", "6 triangles", "colours")
    assert seen.dropped == ("opacity (alpha)", "vertex property “weights”", "element “camera”", "face property “grade”")
    seen = inspect(tmp_path / "polygons.obj")
    assert seen.kept[:2] == ("5 vertices", "5 triangles")
    assert "normals per corner (sharp edges)" not in seen.dropped
    assert {"groups (1)", "names of objects (1)", "smoothing groups (1)", "lines", "opacity"} <= set(seen.dropped)


def test_a_damaged_file_is_shown_with_what_is_wrong(tmp_path):
    (tmp_path / "a.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n")
    seen = inspect(tmp_path / "a.obj")
    assert seen.error.startswith("a.obj, line 4: it uses vertex 8")
    assert seen.kept == ()
    assert seen.total == 4
    assert "error: a.obj, line 4" in as_text(seen)


def test_what_cannot_be_looked_at_is_refused(tmp_path):
    with pytest.raises(FormatError, match=r"gone\.ply cannot be read: there is no such file"):
        inspect(tmp_path / "gone.ply")
    (tmp_path / "a.docx").write_text("x")
    with pytest.raises(FormatError, match=r"cannot be inspected: it has the ending “\.docx”"):
        inspect(tmp_path / "a.docx")
    (tmp_path / "empty.obj").touch()
    with pytest.raises(FormatError, match="is empty"):
        inspect(tmp_path / "empty.obj")


@pytest.mark.parametrize("suffix", [".ply", ".obj", ".xyz"])
@pytest.mark.parametrize("ascii", [True, False])
def test_of_a_large_file_only_the_beginning_is_looked_at(tmp_path, monkeypatch, suffix, ascii):
    """The limit is lowered, so that a small file is a large one. Rows that were cut through are not shown."""
    write(tmp_path / f"a{suffix}", Points(np.random.default_rng(0).random((500, 3))), ascii=ascii)
    whole = inspect(tmp_path / f"a{suffix}", count=10**6)
    monkeypatch.setattr(module, "MOST_BYTES", 3001)
    monkeypatch.setattr(document, "MOST_BYTES", 3001)
    part = inspect(tmp_path / f"a{suffix}", count=10**6)
    assert part.cut
    assert not whole.cut
    assert 20 < part.total < whole.total
    assert part.lines == whole.lines[: part.total]
    assert part.kept == whole.kept == ("500 points",)
    assert any("Only its first" in finding.text for finding in part.findings)


def test_a_huge_file_is_not_read_as_geometry(tmp_path, monkeypatch):
    write(tmp_path / "a.ply", Points(np.eye(3)))
    monkeypatch.setattr(module, "MOST_MEASURED", 50)
    seen = inspect(tmp_path / "a.ply")
    assert seen.kept == ()
    assert any("larger than 1 GiB" in finding.text for finding in seen.findings)
    assert inspect(tmp_path / "a.ply", measure=False).findings == ()


def test_the_page_that_was_asked_for():
    seen = inspect(example_path("teapot"), first=792, count=3, measure=False)
    assert [line.meaning.split(":")[0] for line in seen.lines] == [
        "vertex 791, called 792 in faces",
        "face 0",
        "face 1",
    ]
    assert inspect(example_path("teapot"), first=10**9, measure=False).lines == ()


def test_the_report_for_people(tmp_path):
    make_good_files(tmp_path)
    text = as_text(inspect(tmp_path / "polygons.obj", count=4))
    for part in (
        "polygons.obj: Wavefront OBJ, 283 bytes\n",
        "Content, 1 to 4 of 21 lines",
        "red (materials.mtl, line 1): Ka 1 0 0, Kd 0.9 0.1 0.1, map_Kd -s 1 1 1 a picture.png; ",
        "picture “a picture.png”: 3 × 2 pixels; 2 faces",
        "keeps   5 vertices, 5 triangles",
    ):
        assert part in text, text
    assert max(map(len, text.splitlines())) < 250


@pytest.mark.parametrize(
    ("nbytes", "text"),
    [(1, "1 byte"), (999, "999 bytes"), (1000, "1 kB"), (111_488, "111 kB"), (999_499, "999 kB"), (999_500, "1 MB"),
     (12_345_678, "12.3 MB"), (2_500_000_000, "2.5 GB")],
)  # fmt: skip
def test_sizes_in_words(nbytes, text):
    assert size_text(nbytes) == text
