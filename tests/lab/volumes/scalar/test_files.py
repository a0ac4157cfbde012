"""Scans from files: numbers and axes of files written by hand, and files that are broken or hostile."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.volumes.scalar.files import Y_UP, Z_UP, read_scan
from lab.volumes.scalar.scan import ScanError
from tests.lab.volumes.scalar.scan_files import nifti, numbers, write_nrrd

LPS = {"space": "left-posterior-superior", "space_directions": "(1,0,0) (0,2,0) (0,0,3)"}


def test_an_array_whose_first_axis_is_up(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", numbers("<f4"))
    scan = read_scan(tmp_path / "a.npy", Z_UP)
    # x as W, y as D, z against H (which goes to the back)
    assert scan.values.shape == (3, 4, 2)
    assert scan.values[2, 0, 0] == 0
    assert scan.values[0, 3, 1] == 321
    assert scan.size.max() == pytest.approx(0.24)


def test_an_array_whose_first_axis_goes_forwards(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", numbers()[None])
    assert (read_scan(tmp_path / "a.npy", Y_UP).values == numbers()).all()


@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_a_nrrd_of_a_patient_is_turned_upright(tmp_path: Path, encoding: str) -> None:
    scan = read_scan(write_nrrd(tmp_path / "a.nrrd", None, encoding=encoding, **LPS))
    assert (scan.values == numbers()[:, ::-1].transpose(1, 0, 2)).all()
    assert scan.spacing / scan.enlarged == pytest.approx([1e-3, 3e-3, 2e-3])
    assert scan.size.max() == pytest.approx(0.24), "a scan of a few millimetres is shown larger"


def test_directions_against_the_axes_and_swapped_ones(tmp_path: Path) -> None:
    told = {"space": "RAS", "space_directions": "(0,0,-1) (0,2,0) (3,0,0)"}  # W down, H to the front, D to the right
    scan = read_scan(write_nrrd(tmp_path / "a.nrrd", None, **told))
    assert scan.values.shape == (3, 2, 4)
    assert scan.values[0, -1, -1] == 0  # first of H: behind; first of W: up; first of D: left
    assert scan.values[2, 0, 0] == 321
    assert scan.spacing / scan.enlarged == pytest.approx([3e-3, 1e-3, 2e-3])


def test_spacings_and_numbers_beside_the_header(tmp_path: Path) -> None:
    (tmp_path / "a.raw").write_bytes(numbers(">i2").tobytes())
    path = write_nrrd(tmp_path / "a.nhdr", b"", endian="big", data_file="a.raw", spacings="1 2 3")
    scan = read_scan(path, Y_UP)
    assert (scan.values == numbers()).all()
    assert scan.spacing / scan.enlarged == pytest.approx([1e-3, 2e-3, 3e-3])


def test_a_nifti_is_turned_upright(tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_bytes(nifti())
    plain = read_scan(tmp_path / "a.nii")
    assert plain.values.shape == (3, 4, 2)
    assert plain.values[0, 0, -1] == 0  # W to the right: a patient's right is -x; H to the front, D up
    assert plain.values[2, 3, 0] == 321
    assert plain.spacing / plain.enlarged == pytest.approx([1e-3, 3e-3, 2e-3])
    affine = [[-1, 0, 0, 5], [0, 2, 0, 6], [0, 0, 3, 7]]
    (tmp_path / "b.nii.gz").write_bytes(gzip.compress(nifti(affine=np.array(affine), slope=(2.0, -10.0))))
    scaled = read_scan(tmp_path / "b.nii.gz")
    assert scaled.values[0, 0, 0] == -10  # W to the left now
    assert scaled.values[2, 3, 1] == 632


def test_a_quaternion_turns_a_nifti(tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_bytes(nifti(quaternion=(0.0, 0.0, 1.0)))  # half a turn about the third axis
    values = read_scan(tmp_path / "a.nii").values
    assert values[-1, 0, 0] == 0
    assert values[0, 3, 1] == 321


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"sizes": "2 3 9999999999999"}, "more than"),
        ({"sizes": "2 3 0"}, "0 voxels"),
        ({"sizes": "2 3 -4"}, "sizes"),
        ({"dimension": "4", "sizes": "3 2 3 4"}, "three axes"),
        ({"sizes": "2 3 5"}, "ends too early"),
        ({"type": "block"}, "no plain number"),
        ({"encoding": "bzip2"}, "only raw and gzip"),
        ({"byte_skip": "-1"}, "byte skip"),
        ({"data_file": "../secret.raw"}, "outside its own folder"),
        ({"data_file": "/etc/hostname"}, "outside its own folder"),
        ({"data_file": "LIST"}, "several files"),
        ({"data_file": "none.raw"}, "no such file"),
        ({"spacings": "1 nan 2"}, "greater than 0"),
        ({"spacings": "1 x 2"}, "no numbers"),
        ({**LPS, "space_directions": "(1,0,0) (1,0,0) (0,0,1)"}, "span no space"),
        ({**LPS, "space_directions": "(1,0,0) none (0,0,1)"}, "no numbers"),
    ],
)
def test_a_nrrd_that_lies_is_refused_in_a_sentence(tmp_path: Path, fields: dict[str, str], sentence: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.raw").write_bytes(numbers().tobytes())
    with pytest.raises(ScanError, match=sentence):
        read_scan(write_nrrd(tmp_path / "in" / "a.nrrd", None, **fields))


def test_no_more_is_unpacked_than_the_header_says(tmp_path: Path) -> None:
    bomb = gzip.compress(numbers().tobytes() + bytes(50_000_000))
    scan = read_scan(write_nrrd(tmp_path / "a.nrrd", bomb, encoding="gzip"), Y_UP)
    assert (scan.values == numbers()).all()
    with pytest.raises(ScanError, match="broken"):
        read_scan(write_nrrd(tmp_path / "b.nrrd", b"no gzip at all", encoding="gzip"))


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"sides": (4, 2, 3, 4, 5)}, "three"),
        ({"sides": (3, 2, -3, 4)}, "-3 voxels"),
        ({"sides": (3, 32767, 32767, 32767)}, "more than"),
        ({"sides": (3, 2, 3, 40)}, "ends too early"),
        ({"kind": 128}, "colours"),
        ({"start": float("nan")}, "begin at byte"),
        ({"start": 1e30}, "begin at byte"),
        ({"magic": b"ni1\0"}, "another file"),
        ({"magic": b"abcd"}, "no NIfTI-1 header"),
    ],
)
def test_a_nifti_that_lies_is_refused_in_a_sentence(tmp_path: Path, told: dict[str, Any], sentence: str) -> None:
    (tmp_path / "a.nii").write_bytes(nifti(**told))
    with pytest.raises(ScanError, match=sentence):
        read_scan(tmp_path / "a.nii")


def test_arrays_that_are_no_scans_are_refused(tmp_path: Path) -> None:
    cases = {
        "flat": (np.zeros((5, 5)), "three axes"),
        "complex": (np.zeros((3, 3, 3), complex), "real numbers"),
        "even": (np.ones((3, 3, 3)), "same value"),
        "nothing": (np.full((3, 3, 3), np.nan), "no finite number"),
        "objects": (np.array([[[None]]]), "no .npy file of plain numbers"),
    }
    for name, (values, sentence) in cases.items():
        np.save(tmp_path / f"{name}.npy", values, allow_pickle=True)
        with pytest.raises(ScanError, match=sentence):
            read_scan(tmp_path / f"{name}.npy")


def test_files_that_are_not_there_or_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="There is no file"):
        read_scan(tmp_path / "a.npy")
    for name, sentence in (("a.txt", "none of"), ("a.npy", "no .npy"), ("a.nrrd", "NRRD"), ("a.nii", "too early")):
        (tmp_path / name).write_bytes(b"hello")
        with pytest.raises(ScanError, match=sentence):
            read_scan(tmp_path / name)
