"""Posed images drawn: each camera with its picture in the world, the box with its corners, and one picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from lab.cameras import drawing
from lab.chapters.fields.images import MINE
from lab.chapters.volumes.images import ImagesParams
from lab.motions.drawing import NOTHING, balls, joined
from lab.posed.images import PosedImages
from lab.render.messages import Style
from lab.scene import Array, Entity, Lines, Material, Mesh
from lab.study import Handle, Picture, View3D

_TRAINING, _HELD_OUT, _CHOSEN = (0.36, 0.62, 0.96), (0.95, 0.62, 0.25), (0.95, 0.30, 0.55)
_BOX, _LIGHT = (0.45, 0.80, 0.55), (0.98, 0.86, 0.30)
_ATLAS = 2048  # pixels a side of the texture of all image planes
_THUMB = 96  # pixels of one of them, at most
_REACH = 0.16  # length of a frustum, of the distance to the box
_EDGES = np.array([(a, b) for a in range(8) for b in range(a + 1, 8) if bin(a ^ b).count("1") == 1])


@dataclass(frozen=True, eq=False)
class Drawn:
    """What does not change while one goes through the pictures. cameras: all frustums. planes: with their pictures.

    length: of a frustum, metres.
    """

    cameras: Lines
    training: Lines
    held_out: Lines
    planes: Mesh
    length: float


def drawn(images: PosedImages) -> Drawn:
    """The frustums and image planes of all cameras."""
    middle = (images.lower + images.upper) / 2
    distances = [float(np.linalg.norm(camera.center - middle)) for camera in images.cameras]
    length = _REACH * max(float(np.median(distances)), 1e-6) * min(1.0, (48 / len(images)) ** 0.25)
    frustums = [drawing.frustum(camera, 0.0, length) for camera in images.cameras]
    groups: dict[bool, list[Lines]] = {False: [], True: []}
    for lines, held in zip(frustums, images.held_out.tolist(), strict=True):
        groups[held].append(lines)
    return Drawn(joined(frustums), joined(groups[False]), joined(groups[True]), _planes(images, length), length)


def _planes(images: PosedImages, length: float) -> Mesh:
    """A rectangle for each picture at the end of its frustum, all pictures in one texture, seen from both sides."""
    count = len(images)
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    side = max(8, min(_THUMB, _ATLAS // columns))
    atlas = np.zeros((rows * side, columns * side, 3), np.uint8)
    verts, uvs, faces = [], [], []
    half = 0.5 / side  # of a pixel, so that neighbours do not shine through
    for number, camera in enumerate(images.cameras):
        row, column = divmod(number, columns)
        small = Image.fromarray(_flattened(images, number)).resize((side, side), Image.Resampling.BOX)
        atlas[row * side : (row + 1) * side, column * side : (column + 1) * side] = np.asarray(small)
        left, right = (column + half) / columns, (column + 1 - half) / columns
        top, bottom = 1 - (row + half) / rows, 1 - (row + 1 - half) / rows
        corner_uv = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        for order in ((0, 2, 1), (0, 3, 2), (0, 1, 2), (0, 2, 3)):
            faces.append(4 * number + np.array(order))
            uvs.append(corner_uv[list(order)])
        verts.append(drawing.corners(camera, length))
    material = Material("pictures", (1.0, 1.0, 1.0), atlas)
    flat = np.array(faces, np.int32)
    return Mesh(
        np.concatenate(verts).astype(np.float32),
        flat,
        uvs=np.array(uvs, np.float32),
        face_materials=np.zeros(len(flat), np.int32),
        materials=(material,),
    )


def world_view(params: ImagesParams, images: PosedImages, still: Drawn, scene: Mesh | None, chosen: int) -> View3D:
    """The world. scene: the mesh that pictures are made of. images: with the box that is shown."""
    camera = images.cameras[chosen]
    entities: dict[str, Entity] = {
        "image planes": still.planes,
        "training cameras": still.training,
        "held-out cameras": still.held_out,
        "chosen camera": drawing.frustum(camera, 0.0, 1.6 * still.length),
        "box": _box_lines(images.lower, images.upper),
    }
    styles = {
        "training cameras": Style(color=_TRAINING),
        "held-out cameras": Style(color=_HELD_OUT),
        "chosen camera": Style(color=_CHOSEN),
        "box": Style(color=_BOX),
    }
    if still.held_out is NOTHING:
        del entities["held-out cameras"]
    if scene is not None:
        entities["object"] = scene
    if images.points is not None:
        entities["points"] = images.points
        styles["points"] = Style(point_size=2.0)
    corners = {"lower": rounded(images.lower), "upper": rounded(images.upper)}
    handles = [_corner_handle(name, corner, corners) for name, corner in corners.items()]
    if scene is not None:
        place = (params.light_x, params.light_y, params.light_z)
        handles.append(Handle("light", "point", ("light_x", "light_y", "light_z"), place, label="light", color=_LIGHT))
        entities["light"] = balls(np.array([place]), 0.06)
        styles["light"] = Style(color=_LIGHT)
    return View3D(entities, styles, tuple(handles))


def _corner_handle(name: str, corner: tuple[float, ...], both: Mapping[str, tuple[float, ...]]) -> Handle:
    """A corner in hand makes the box the person's own, which begins as the one that is shown."""
    x, y, z = corner
    params = (f"{name}[0]", f"{name}[1]", f"{name}[2]")
    return Handle(name, "point", params, (x, y, z), label=f"{name} corner", color=_BOX, sets={"box": MINE, **both})


def rounded(corner: Array) -> tuple[float, ...]:
    """A corner as numbers that a person can read."""
    return tuple(float(f"{value:.6g}") for value in corner)


def _box_lines(lower: Array, upper: Array) -> Lines:
    bits = np.array([[(corner >> axis) & 1 for axis in range(3)] for corner in range(8)], bool)
    return Lines(np.where(bits, upper, lower).astype(np.float32), _EDGES)


def shown_picture(images: PosedImages, chosen: int) -> Picture:
    """One picture, over a checker where it is transparent; hovering tells how much the object covers, percent."""
    if images.alphas is None:
        return Picture(images.pixels[chosen])
    return Picture(_flattened(images, chosen, checker=True), values=images.alphas[chosen] / np.float32(2.55), unit="%")


def _flattened(images: PosedImages, number: int, checker: bool = False) -> Array:
    """(H, W, 3) uint8: the picture over grey, or over a checker of two greys, where it is transparent."""
    pixels = images.pixels[number]
    if images.alphas is None:
        return pixels
    height, width = pixels.shape[:2]
    ground = np.full((height, width), 46.0, np.float32)
    if checker:
        cell = max(4, max(height, width) // 32)
        odd = (np.arange(height)[:, None] // cell + np.arange(width) // cell) % 2 == 1
        ground[odd] = 62.0
    share = images.alphas[number].astype(np.float32)[..., None] / 255
    return np.asarray((pixels * share + ground[..., None] * (1 - share) + 0.5).astype(np.uint8))
