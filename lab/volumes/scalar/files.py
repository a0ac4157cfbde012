"""Scans from files: .npy, .nrrd (and .nhdr) and .nii (and .nii.gz). Nothing in them is executed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lab.files import explain
from lab.volumes.scalar.nifti import read_nifti
from lab.volumes.scalar.nrrd import read_nrrd
from lab.volumes.scalar.raw import MOST_VOXELS, Stored, axes_of
from lab.volumes.scalar.scan import SHOWN, Scan, ScanError, scan_of

Z_UP, Y_UP = "z up", "y up"
"""What the first of the stored axes is, where the file does not say: upwards, as in scans of patients, or forwards."""

_MILLIMETRE = 1e-3
_NIFTI = (".nii", ".nii.gz")


def read_scan(path: str | Path, axes: str = Z_UP) -> Scan:
    """The scan in a file, turned so that the patient stands upright and looks to the front.

    axes: ``Z_UP`` or ``Y_UP``, for files that do not say how they lie. Raises ScanError with a sentence.
    """
    path = Path(path).expanduser()
    name = path.name.lower()
    try:
        if not path.is_file():
            raise ScanError(f"There is no file “{path}”: choose another one.")
        if name.endswith(".npy"):
            stored = _read_npy(path)
        elif name.endswith((".nrrd", ".nhdr")):
            stored = read_nrrd(path)
        elif name.endswith(_NIFTI):
            stored = read_nifti(path)
        else:
            raise ScanError(
                f"“{path.name}” is none of .npy, .nrrd, .nhdr, .nii and .nii.gz: convert it to one of them."
            )
        return _upright(stored, axes)
    except OSError as error:
        raise ScanError(f"“{path.name}” cannot be read: {explain(error)}.") from error


def _read_npy(path: Path) -> Stored:
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ScanError(f"“{path.name}” is no .npy file of plain numbers: {error}.") from error
    if not isinstance(values, np.ndarray):
        raise ScanError(f"“{path.name}” holds several arrays; a scan is one: save it as .npy.")
    if values.dtype.kind not in "biuf":
        raise ScanError(f"“{path.name}” holds {values.dtype}, and a scan is of real numbers.")
    if values.size > MOST_VOXELS:
        raise ScanError(f"“{path.name}” has {values.size:,} voxels; at most {MOST_VOXELS:,} are read.")
    lean = values.reshape([side for side in values.shape if side > 1])
    if lean.ndim != 3:
        raise ScanError(f"“{path.name}” has the shape {values.shape}; a scan has three axes of two voxels or more.")
    return Stored(lean, None, None)


def _upright(stored: Stored, axes: str) -> Scan:
    """Axes swapped and reversed until x is a patient's left, y is up, z is to the front."""
    values, frame = stored.values, stored.frame
    if frame is None:
        up = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]) if axes == Z_UP else np.eye(3)
        steps = np.ones(3) if stored.spacing is None else stored.spacing
        frame = up * steps
    order, signs = axes_of(frame)
    spacing = np.linalg.norm(frame, axis=0)[list(order)]
    turned = values.transpose(2, 1, 0).transpose(order)  # x, y, z
    turned = turned[tuple(slice(None, None, int(sign)) for sign in signs)]
    if stored.spacing is None and stored.frame is None:
        spacing = np.full(3, SHOWN / max(turned.shape))
    else:
        spacing = spacing * _MILLIMETRE
    return scan_of(turned.transpose(2, 1, 0), spacing)
