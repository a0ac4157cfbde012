"""The focal length that a camera writes into its photos."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ExifTags, Image

from lab.photo.exif import focal_length


def photo(path: Path, **tags: float) -> Path:
    image = Image.new("RGB", (40, 30))
    exif = Image.Exif()
    part = exif.get_ifd(ExifTags.IFD.Exif)
    for name, value in tags.items():
        part[ExifTags.Base[name]] = value
    image.save(path, exif=exif)
    return path


def test_35_mm_equivalents_tell_the_angle_of_the_diagonal(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg", FocalLengthIn35mmFilm=26, FocalLength=4.25)
    # a diagonal of 5000 pixels for one of sqrt(36² + 24²) = 43.2666 mm
    assert focal_length(path, (3000, 4000)) == pytest.approx(26 * 5000 / 43.26662, rel=1e-6)
    assert focal_length(path, (4000, 3000)) == pytest.approx(26 * 5000 / 43.26662, rel=1e-6), "turned upright"


def test_the_sensor_s_resolution_tells_it_too(tmp_path: Path) -> None:
    tags = {"FocalLength": 50.0, "FocalPlaneXResolution": 4000.0, "ExifImageWidth": 6000, "ExifImageHeight": 4000}
    path = photo(tmp_path / "a.jpg", **tags, FocalPlaneResolutionUnit=2)
    assert focal_length(path, (4000, 6000)) == pytest.approx(50 * 4000 / 25.4)
    assert focal_length(path, (2000, 3000)) == pytest.approx(50 * 4000 / 25.4 / 2), "made smaller"
    path = photo(tmp_path / "b.jpg", **tags, FocalPlaneResolutionUnit=3)
    assert focal_length(path, (4000, 6000)) == pytest.approx(50 * 4000 / 10)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"FocalLength": 50.0},
        {"FocalLengthIn35mmFilm": 0},
        {"FocalLengthIn35mmFilm": 1},  # 178 degrees: no lens
        {"FocalLengthIn35mmFilm": 60_000},
    ],
)
def test_nonsense_is_no_focal_length(tmp_path: Path, tags: dict[str, float]) -> None:
    assert focal_length(photo(tmp_path / "a.jpg", **tags), (3000, 4000)) is None


def test_what_is_no_photo_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00")
    assert focal_length(tmp_path / "a.jpg", (3, 4)) is None
    assert focal_length(tmp_path / "none.jpg", (3, 4)) is None
