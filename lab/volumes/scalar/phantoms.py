"""Scans that are made and not measured: a head, an engine, and the phantom of Shepp and Logan."""

from __future__ import annotations

import numpy as np

from lab.scene import Array
from lab.volumes.scalar.scan import Scan, scan_of
from lab.volumes.scalar.solids import Block

AIR, FAT, WATER, BRAIN, SOFT, BONE, TEETH = -1000.0, -90.0, 0.0, 35.0, 45.0, 1000.0, 2200.0
"""Hounsfield units, about what a CT shows."""
ALUMINIUM, STEEL = 2.7, 7.85
"""Grams per cubic centimetre."""

_SIDE = 0.24  # metres

SHEPP_LOGAN = (
    (1.0, (0.6900, 0.920, 0.810), (0.0, 0.0, 0.0), 0.0),
    (-0.8, (0.6624, 0.874, 0.780), (0.0, -0.0184, 0.0), 0.0),
    (-0.2, (0.1100, 0.310, 0.220), (0.22, 0.0, 0.0), -18.0),
    (-0.2, (0.1600, 0.410, 0.280), (-0.22, 0.0, 0.0), 18.0),
    (0.1, (0.2100, 0.250, 0.410), (0.0, 0.35, -0.15), 0.0),
    (0.1, (0.0460, 0.046, 0.050), (0.0, 0.1, 0.25), 0.0),
    (0.1, (0.0460, 0.046, 0.050), (0.0, -0.1, 0.25), 0.0),
    (0.1, (0.0460, 0.023, 0.050), (-0.08, -0.605, 0.0), 0.0),
    (0.1, (0.0230, 0.023, 0.020), (0.0, -0.606, 0.0), 0.0),
    (0.1, (0.0230, 0.046, 0.020), (0.06, -0.605, 0.0), 0.0),
)
"""Ten ellipsoids that are added up: value, radii, centre, and turn about the third axis in degrees; the first axis goes
to the side, the second to the front, the third up. The head of Shepp and Logan (1974) in 3D, with Toft's contrasts."""


def shepp_logan(side: int) -> Scan:
    """The phantom of ``side``³ voxels, 24 cm wide. Its numbers mean nothing."""
    block = Block(side, 0.0)
    for value, (a, b, c), (x, y, z), turn in SHEPP_LOGAN:
        block.ellipsoid(value, (x, z, y), (a, c, b), -turn, add=True)
    return scan_of(block.values, np.full(3, _SIDE / side), "", (0.0, 1.0))


def head(side: int) -> Scan:
    """A head of ``side``³ voxels, 24 cm wide, in Hounsfield units: skin, skull, teeth, brain and a tumour."""
    block = Block(side, AIR)
    _flesh(block)
    _skull(block)
    _brain(block)
    _face(block)
    _neck(block)
    return scan_of(block.values, np.full(3, _SIDE / side), "HU", (-1000.0, 2000.0))


def _flesh(block: Block) -> None:
    block.ellipsoid(SOFT, (0.0, -0.85, -0.18), (0.36, 0.62, 0.38))
    block.ellipsoid(SOFT, (0.0, 0.16, -0.08), (0.63, 0.74, 0.76))
    block.ellipsoid(SOFT, (0.0, -0.34, 0.24), (0.46, 0.50, 0.44))
    block.ellipsoid(SOFT, (0.0, -0.16, 0.70), (0.11, 0.20, 0.17))
    for x in (-0.64, 0.64):
        block.ellipsoid(SOFT, (x, -0.06, -0.08), (0.06, 0.18, 0.11), np.sign(x) * 25.0)
    for y in (-0.42, -0.48):
        block.ellipsoid(SOFT + 15, (0.0, y, 0.66), (0.17, 0.035, 0.06))


def _skull(block: Block) -> None:
    """The vault in three layers, and the bone behind the face."""
    block.ellipsoid(BONE, (0.0, 0.17, -0.08), (0.57, 0.68, 0.70))
    block.ellipsoid(BONE * 0.8, (0.0, -0.16, 0.30), (0.36, 0.30, 0.32))
    for x in (-0.38, 0.38):
        block.ellipsoid(BONE, (x, -0.13, 0.32), (0.10, 0.05, 0.20))


def _brain(block: Block) -> None:
    block.ellipsoid(BONE * 0.45, (0.0, 0.17, -0.08), (0.546, 0.656, 0.676))
    block.ellipsoid(BONE, (0.0, 0.17, -0.08), (0.532, 0.642, 0.662))
    block.ellipsoid(WATER + 8, (0.0, 0.17, -0.08), (0.510, 0.620, 0.640))

    def folded(x: Array, y: Array, z: Array) -> Array:
        shape = np.sqrt((x / 0.49) ** 2 + ((y - 0.17) / 0.60) ** 2 + ((z + 0.08) / 0.62) ** 2) - 1.0
        folds = np.sin(23.0 * x + 9.0 * np.sin(7.0 * z)) * np.sin(19.0 * y) * np.sin(21.0 * z + 5.0 * y)
        return np.asarray(0.5 * shape + 0.016 * folds)

    block.put(BRAIN, (-0.52, -0.46, -0.74), (0.52, 0.80, 0.58), folded)

    def fold(x: Array, y: Array, z: Array) -> Array:
        shape = np.sqrt((x / 0.51) ** 2 + ((y - 0.17) / 0.62) ** 2 + ((z + 0.08) / 0.64) ** 2) - 1.0
        return np.asarray(np.maximum(np.maximum(np.abs(x) - 0.008, 0.5 * shape), 0.20 - y))

    block.put(WATER + 8, (-0.05, 0.15, -0.75), (0.05, 0.82, 0.60), fold)
    block.ellipsoid(BRAIN - 8, (0.0, 0.14, -0.08), (0.34, 0.42, 0.46))
    for x in (-0.10, 0.10):
        block.ellipsoid(WATER + 5, (x, 0.22, -0.06), (0.045, 0.10, 0.26), -np.sign(x) * 12.0)
    block.ellipsoid(BRAIN + 35, (0.24, 0.36, -0.14), (0.11, 0.10, 0.12))
    block.ellipsoid(WATER + 15, (0.25, 0.37, -0.13), (0.05, 0.045, 0.05))


def _face(block: Block) -> None:
    """Eyes in their sockets, hollows filled with air, jaws and teeth."""
    for x in (-0.22, 0.22):
        block.ellipsoid(FAT, (x, -0.02, 0.40), (0.145, 0.125, 0.20))
        block.ellipsoid(WATER + 12, (x, -0.02, 0.50), (0.105, 0.105, 0.105))
        block.ellipsoid(SOFT + 60, (x, -0.02, 0.585), (0.04, 0.04, 0.02))
        block.ellipsoid(AIR, (x * 0.95, -0.24, 0.40), (0.09, 0.11, 0.12))
        block.ellipsoid(AIR, (x * 0.45, 0.17, 0.575), (0.06, 0.05, 0.03))
    block.ellipsoid(AIR, (0.0, -0.19, 0.46), (0.075, 0.15, 0.24))
    block.box(BONE * 0.6, (-0.008, -0.32, 0.30), (0.008, -0.05, 0.60))
    for y, value in ((-0.37, BONE * 0.8), (-0.56, BONE)):
        _arch(block, value, y, 0.07, -0.15)
    for y in (-0.425, -0.50):
        for angle in np.radians(np.arange(-77.0, 78.0, 11.0)):
            place = (0.27 * float(np.sin(angle)), y, 0.22 + 0.36 * float(np.cos(angle)))
            block.ellipsoid(TEETH, place, (0.028, 0.042, 0.028))
    for x in (-0.31, 0.31):
        block.box(BONE, (x - 0.03, -0.58, 0.04), (x + 0.03, -0.20, 0.18))


def _arch(block: Block, value: float, y: float, half: float, back: float) -> None:
    """A jaw: half an ellipse, ``half`` as high, open behind."""

    def distance(px: Array, py: Array, pz: Array) -> Array:
        ring = (np.sqrt((px / 0.27) ** 2 + ((pz - 0.22) / 0.36) ** 2) - 1.0) * 0.30
        flat = np.maximum(np.abs(ring) - 0.045, np.abs(py - y) - half)
        return np.asarray(np.maximum(flat, back - (pz - 0.22)))

    block.put(value, (-0.4, y - half - 0.05, -0.1), (0.4, y + half + 0.05, 0.7), distance)


def _neck(block: Block) -> None:
    """The spine with its discs, the windpipe, and vessels full of contrast medium."""
    for k in range(5):
        y = -0.48 - 0.125 * k
        block.cylinder(BONE * 0.55, 1, (0.0, y, -0.24), 0.115, 0.048)
        block.cylinder(SOFT + 45, 1, (0.0, y - 0.0625, -0.24), 0.105, 0.014)
        block.ellipsoid(BONE * 0.6, (0.0, y, -0.47), (0.035, 0.035, 0.10))
        for x in (-0.12, 0.12):
            block.ellipsoid(BONE * 0.6, (x, y, -0.34), (0.09, 0.03, 0.035))
    block.cylinder(WATER + 20, 1, (0.0, -0.72, -0.36), 0.06, 0.40)
    block.cylinder(AIR, 1, (0.0, -0.80, 0.03), 0.07, 0.25)
    for x in (-0.19, 0.19):
        block.cylinder(300.0, 1, (x, -0.75, -0.06), 0.035, 0.28)


def engine(side: int) -> Scan:
    """A small engine of ``side``³ voxels, 24 cm wide, in g/cm³: an aluminium block, steel inside."""
    block = Block(side, 0.0)
    block.box(ALUMINIUM, (-0.85, -0.50, -0.32), (0.85, 0.42, 0.32))
    block.box(ALUMINIUM, (-0.80, 0.46, -0.28), (0.80, 0.66, 0.28))
    block.box(0.0, (-0.76, -0.46, -0.24), (0.76, -0.12, 0.24))
    for k, x in enumerate((-0.57, -0.19, 0.19, 0.57)):
        _cylinder_of_engine(block, x, 0.14 if k in (0, 3) else -0.02)
    block.cylinder(STEEL, 0, (0.0, -0.29, 0.0), 0.06, 0.92)
    block.cylinder(STEEL, 0, (0.94, -0.29, 0.0), 0.20, 0.035)
    block.cylinder(ALUMINIUM, 2, (-0.60, -0.02, 0.45), 0.10, 0.14)
    for x in (-0.38, 0.0, 0.38):
        block.cylinder(0.0, 1, (x, 0.10, 0.26), 0.025, 0.30)
    return scan_of(block.values, np.full(3, _SIDE / side), "g/cm³", (0.0, 8.0))


def _cylinder_of_engine(block: Block, x: float, piston: float) -> None:
    """A bore with liner, piston, rod, crank, valves and the bolts beside it."""
    block.cylinder(STEEL, 1, (x, 0.14, 0.0), 0.165, 0.29)
    block.cylinder(0.0, 1, (x, 0.16, 0.0), 0.145, 0.31)
    block.cylinder(ALUMINIUM, 1, (x, piston, 0.0), 0.140, 0.09)
    block.cylinder(STEEL, 1, (x, (piston - 0.29) / 2, 0.0), 0.03, (piston + 0.29) / 2)
    block.cylinder(STEEL, 0, (x, -0.29, 0.0), 0.11, 0.05)
    for z in (-0.07, 0.07):
        block.cylinder(0.0, 1, (x, 0.56, z), 0.055, 0.10)
        block.cylinder(STEEL, 1, (x, 0.62, z), 0.014, 0.16)
        block.cylinder(STEEL, 1, (x, 0.465, z), 0.055, 0.012)
    for z in (-0.27, 0.27):
        block.cylinder(STEEL, 1, (x + 0.19 if x < 0.5 else x + 0.24, 0.35, z), 0.022, 0.34)
