"""Data sets of posed pictures, written by each format's own rules, and the scene of dots that is in them.

Nothing of the lab is used here: cameras are built from their axes, and dots are projected, by hand.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT, FOCAL, CX, CY = 96, 72, 80.0, 47.0, 37.5
DOTS = np.array([[0.0, 0.0, 0.0], [0.9, -0.75, 0.22], [-0.07, 0.58, -0.68], [-0.58, -0.11, 0.9]])
"""World of the file."""
COLORS = np.array([[255, 255, 255], [255, 0, 0], [0, 255, 0], [60, 90, 255]], np.uint8)


@dataclass(frozen=True)
class Pose:
    """A camera by its axes in the file's world: unit vectors (3,), and its place."""

    right: np.ndarray
    up: np.ndarray
    back: np.ndarray
    eye: np.ndarray

    def opengl(self) -> np.ndarray:
        """(4, 4) camera to world, X right, Y up, Z backward."""
        matrix = np.eye(4)
        matrix[:3] = np.stack([self.right, self.up, self.back, self.eye], axis=1)
        return matrix

    def opencv(self) -> tuple[np.ndarray, np.ndarray]:
        """R (3, 3) and t (3,), world to camera, X right, Y down, Z forward."""
        R = np.stack([self.right, -self.up, -self.back])
        return R, -R @ self.eye

    def plane(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """x right and y down of points (N, 3), on the plane a unit before the camera."""
        away = points - self.eye
        depth = -(away @ self.back)
        assert (depth > 0).all()
        return away @ self.right / depth, -(away @ self.up) / depth


def look(eye, world_up) -> Pose:
    eye, world_up = np.asarray(eye, float), np.asarray(world_up, float)
    back = eye / np.linalg.norm(eye)
    right = np.cross(world_up, back)
    right /= np.linalg.norm(right)
    return Pose(right, np.cross(back, right), back, eye)


def ring(count: int = 12, up=(0.0, 0.0, 1.0), distance: float = 3.0, height: float = 1.0) -> list[Pose]:
    """Cameras on a circle about the axis ``up``, looking at the origin from above."""
    up = np.asarray(up, float)
    first = np.cross(up, [0.3, 0.5, 0.81] if abs(up[2]) < 0.9 else [1.0, 0.2, 0.0])
    first /= np.linalg.norm(first)
    second = np.cross(up, first)
    angles = 2 * np.pi * np.arange(count) / count
    return [look(distance * (np.cos(a) * first + np.sin(a) * second) + height * up, up) for a in angles]


def dotted(pose: Pose, bend=lambda x, y: (x, y), *, half: int = 1, alpha: bool = False, scale: int = 1) -> np.ndarray:
    """(H, W, 3 or 4) uint8: black, a square of ``2 half + 1`` pixels at each dot; opaque where there is one."""
    picture = np.zeros((HEIGHT * scale, WIDTH * scale, 4), np.uint8)
    x, y = bend(*pose.plane(DOTS))
    for color, u, v in zip(COLORS, FOCAL * x + CX, FOCAL * y + CY, strict=True):
        column, row = int(u * scale), int(v * scale)
        picture[row - half : row + half + 1, column - half : column + half + 1] = [*color, 255]
    return picture if alpha else picture[..., :3]


def save(path: Path, picture: np.ndarray, **options) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, **options)


# --- the formats ------------------------------------------------------------------------------------------------------


def blender(folder: Path, splits=("train",), count: int = 12) -> list[Pose]:
    """transforms_*.json with ``camera_angle_x``, pictures with alpha and without a suffix in the file."""
    poses = ring(count)
    angle = 2 * np.arctan(WIDTH / 2 / FOCAL)
    for split in splits:
        frames = []
        for number, pose in enumerate(poses):
            picture = centred(pose)
            save(folder / split / f"r_{number}.png", picture)
            frames.append({"file_path": f"./{split}/r_{number}", "transform_matrix": pose.opengl().tolist()})
        write_json(folder / f"transforms_{split}.json", {"camera_angle_x": angle, "frames": frames})
    return poses


def centred(pose: Pose) -> np.ndarray:
    """As ``dotted``, with the principal point in the middle, which Blender's files cannot tell otherwise."""
    picture = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    for color, x, y in zip(COLORS, *pose.plane(DOTS), strict=True):
        column, row = int(FOCAL * x + WIDTH / 2), int(FOCAL * y + HEIGHT / 2)
        picture[row - 1 : row + 2, column - 1 : column + 2] = [*color, 255]
    return picture


def nerfstudio(folder: Path, values=None, frame_values=None, **drawing) -> list[Pose]:
    """One transforms.json with intrinsics for all, or for each frame."""
    poses, frames = ring(), []
    for number, pose in enumerate(poses):
        save(folder / "images" / f"frame_{number:05d}.png", dotted(pose, **drawing))
        frame = {"file_path": f"images/frame_{number:05d}.png", "transform_matrix": pose.opengl().tolist()}
        frames.append(frame | (frame_values or {}))
    write_json(folder / "transforms.json", {**(INTRINSICS if values is None else values), "frames": frames})
    return poses


INTRINSICS = {"fl_x": FOCAL, "fl_y": FOCAL, "cx": CX, "cy": CY, "w": WIDTH, "h": HEIGHT}


def write_json(path: Path, content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def quaternion(R: np.ndarray) -> np.ndarray:
    """wxyz, by the largest of the four (Shepperd)."""
    w = np.sqrt(max(0.0, 1 + R[0, 0] + R[1, 1] + R[2, 2])) / 2
    if w > 1e-3:
        return np.array([w, *(np.array([R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]]) / (4 * w))])
    _, vectors = np.linalg.eigh(R + R.T)  # half a turn: the axis is kept
    return np.array([0.0, *vectors[:, -1]])


MODEL_IDS = {"SIMPLE_PINHOLE": 0, "PINHOLE": 1, "SIMPLE_RADIAL": 2, "RADIAL": 3, "OPENCV": 4, "FOV": 7}


def colmap(folder: Path, text: bool, model: str = "PINHOLE", params=(FOCAL, FOCAL, CX, CY), **drawing) -> list[Pose]:
    """A sparse model in sparse/0 and pictures in images; its world has no known up."""
    poses = ring(up=(0.2, -0.9, 0.3) / np.linalg.norm((0.2, -0.9, 0.3)))
    for number, pose in enumerate(poses):
        save(folder / "images" / f"{number:03d}.png", dotted(pose, **drawing))
    (folder / "sparse" / "0").mkdir(parents=True)
    (colmap_text if text else colmap_binary)(folder / "sparse" / "0", poses, model, params)
    return poses


def colmap_text(folder: Path, poses, model, params) -> None:
    words = " ".join(map(repr, map(float, params)))
    (folder / "cameras.txt").write_text(f"# Camera list\n# Number of cameras: 1\n1 {model} {WIDTH} {HEIGHT} {words}\n")
    lines = ["# Image list with two lines of data per image:"]
    for number, pose in enumerate(poses):
        R, t = pose.opencv()
        numbers = " ".join(repr(float(x)) for x in (*quaternion(R), *t))
        lines += [f"{number + 1} {numbers} 1 {number:03d}.png", "" if number % 2 else "1.5 2.5 -1 3.5 4.5 7"]
    (folder / "images.txt").write_text("\n".join(lines) + "\n")
    rows = (
        f"{i + 1} {x!r} {y!r} {z!r} {r} {g} {b} 0.5 1 0 2 1"
        for i, ((x, y, z), (r, g, b)) in enumerate(zip(DOTS.tolist(), COLORS.tolist(), strict=True))
    )
    (folder / "points3D.txt").write_text("# 3D point list\n" + "\n".join(rows) + "\n")


def colmap_binary(folder: Path, poses, model, params) -> None:
    camera = struct.pack("<iiQQ", 1, MODEL_IDS[model], WIDTH, HEIGHT) + struct.pack(f"<{len(params)}d", *params)
    (folder / "cameras.bin").write_bytes(struct.pack("<Q", 1) + camera)
    images = struct.pack("<Q", len(poses))
    for number, pose in enumerate(poses):
        R, t = pose.opencv()
        images += struct.pack("<i7di", number + 1, *quaternion(R), *t, 1) + f"{number:03d}.png".encode() + b"\0"
        images += struct.pack("<Q", 2) + struct.pack("<ddq", 1.5, 2.5, -1) + struct.pack("<ddq", 3.5, 4.5, 7)
    (folder / "images.bin").write_bytes(images)
    points = struct.pack("<Q", len(DOTS))
    for number, (place, color) in enumerate(zip(DOTS, COLORS, strict=True)):
        points += struct.pack("<Q3d3Bd", number + 1, *place, *color.tolist(), 0.5)
        points += struct.pack("<Q", 2) + struct.pack("<ii", 1, 0) + struct.pack("<ii", 2, 1)
    (folder / "points3D.bin").write_bytes(points)


def llff(folder: Path, name: str = "images", scale: int = 1) -> list[Pose]:
    """poses_bounds.npy and pictures, ``scale`` times smaller than the file's sizes."""
    poses = ring()
    rows = []
    for number, pose in enumerate(poses):
        matrix = np.stack(
            [-pose.up, pose.right, pose.back, pose.eye, [HEIGHT * scale, WIDTH * scale, FOCAL * scale]], 1
        )
        rows.append(np.concatenate([matrix.ravel(), [1.5, 6.0]]))
        save(folder / name / f"IMG_{number:04d}.png", centred(pose)[..., :3])
    np.save(folder / "poses_bounds.npy", np.array(rows))
    return poses
