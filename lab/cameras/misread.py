"""What becomes of a camera when its numbers are read in the wrong way: why renders are upside down, mirrored or empty.

Two kinds of mistakes, which add up: the axes of another convention, and slips that happen in any of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lab.cameras.conventions import (
    AXES,
    AXIS_WORDS,
    Convention,
    WorldUp,
    camera_to_world,
    from_camera_to_world,
    to_pytorch3d,
    world_turn,
)
from lab.cameras.model import CameraError, CameraModel, inverse, pose
from lab.motions import so3

NO_SLIP = "none"
TRANSPOSED = "R transposed"
INVERTED = "camera to world taken for world to camera"
SWAPPED_UP = "Z-up world taken for Y up"
CENTRE_AS_T = "camera centre given as T"
MIRRORED = "left-handed axes"
BOTTOM_UP = "rows of the image from the bottom"
PIXEL_FOCAL = "focal length in pixels taken as NDC"
PRINCIPAL_SIGN = "principal point's sign"
SIZE_SWAPPED = "width and height swapped"

FIXES: dict[str, str] = {
    TRANSPOSED: "PyTorch3D multiplies rows, x @ R; the others columns, R @ x. Transpose R on the way.",
    INVERTED: "Invert the matrix: R becomes Rᵀ, and t becomes -Rᵀ t.",
    SWAPPED_UP: "Turn the world by -90° about x: (x, y, z) becomes (x, z, -y).",
    CENTRE_AS_T: "T is where the world's origin lies for the camera: T = -C R, with C the camera's centre.",
    MIRRORED: "A mirror cannot be undone by a rotation: flip one axis, and the winding of the faces with it.",
    BOTTOM_UP: "OpenGL's pictures begin at the bottom: flip the rows, image[::-1].",
    PIXEL_FOCAL: "Divide by half of the short side, or say in_ndc=False and give image_size.",
    PRINCIPAL_SIGN: "In NDC +X is left and +Y is up: p_ndc = -(p - size / 2) * 2 / short side.",
    SIZE_SWAPPED: "PyTorch3D's image_size is (height, width).",
}
SLIPS: tuple[str, ...] = (NO_SLIP, *FIXES)


@dataclass(frozen=True, eq=False)
class Misreading:
    """What the wrong reading makes of a camera.

    camera: where the reader believes it stands. flip_rows, flip_columns: what happens to its picture afterwards.
    fixes: a sentence for each mistake: what to do.
    """

    camera: CameraModel
    flip_rows: bool = False
    flip_columns: bool = False
    fixes: tuple[str, ...] = ()

    @property
    def wrong(self) -> bool:
        """Whether there was a mistake at all."""
        return bool(self.fixes)


def misread(
    camera: CameraModel,
    written: tuple[Convention, WorldUp],
    read: tuple[Convention, WorldUp],
    slip: str = NO_SLIP,
) -> Misreading:
    """Read the camera that was written in one convention and world as if it were in another, and with one slip more."""
    fixes = []
    found = camera
    if not (np.array_equal(AXES[written[0]], AXES[read[0]]) and written[1] == read[1]):
        found = camera.moved(from_camera_to_world(camera_to_world(camera, *written), *read))
        fixes.append(_axes_words(written, read))
    if slip == NO_SLIP:
        return Misreading(found, fixes=tuple(fixes))
    fixes.append(FIXES[slip])
    if slip in (BOTTOM_UP, MIRRORED):
        return Misreading(found, slip == BOTTOM_UP, slip == MIRRORED, tuple(fixes))
    return Misreading(_slipped(found, slip, read[0]), fixes=tuple(fixes))


def _slipped(camera: CameraModel, slip: str, convention: Convention) -> CameraModel:
    """The camera after one of the slips that leave a camera. Matrices are those of ``convention``, Y up."""
    seen = camera_to_world(camera, convention, "y")
    w2c = inverse(seen)
    if slip == TRANSPOSED:
        return _posed(camera, inverse(pose(w2c[:3, :3].T, w2c[:3, 3])), convention)
    if slip == INVERTED:
        return _posed(camera, w2c, convention)
    if slip == SWAPPED_UP:
        return _posed(camera, pose(world_turn("z"), np.zeros(3)) @ seen, convention)
    if slip == CENTRE_AS_T:
        return _posed(camera, inverse(pose(w2c[:3, :3], seen[:3, 3])), convention)
    if slip == PRINCIPAL_SIGN:
        return replace(camera, cx=camera.width - camera.cx, cy=camera.height - camera.cy)
    short = min(camera.width, camera.height)
    if slip == PIXEL_FOCAL:
        return replace(camera, fx=camera.fx * short / 2, fy=camera.fy * short / 2)
    if slip == SIZE_SWAPPED:
        return _swapped(camera)
    raise CameraError(f"unknown slip {slip!r}; known are {', '.join(SLIPS)}")


def _swapped(camera: CameraModel) -> CameraModel:
    """PyTorch3D's camera in NDC with an image size whose two numbers are exchanged."""
    px, py = to_pytorch3d(camera).principal_point
    half = min(camera.width, camera.height) / 2
    width, height = camera.height, camera.width
    return replace(camera, cx=width / 2 - px * half, cy=height / 2 - py * half, width=width, height=height)


def _posed(camera: CameraModel, matrix: np.ndarray, convention: Convention) -> CameraModel:
    turned = pose(so3.project(matrix[:3, :3]), matrix[:3, 3])  # without the rounding of several products
    return camera.moved(from_camera_to_world(turned, convention, "y"))


def _axes_words(written: tuple[Convention, WorldUp], read: tuple[Convention, WorldUp]) -> str:
    words = []
    pairs = zip("XYZ", AXIS_WORDS[written[0]], AXIS_WORDS[read[0]], strict=True)
    if flipped := [axis for axis, one, other in pairs if one != other]:
        names = " and ".join(flipped)
        words.append(f"{written[0]} and {read[0]} differ in the camera's {names}: flip the sign of both axes.")
    if written[1] != read[1]:
        words.append(
            f"The world was {written[1].upper()} up and is read as {read[1].upper()} up: turn it by 90° about x."
        )
    return " ".join(words)
