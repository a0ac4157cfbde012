"""Pictures of a coloured ball that are computed by hand, from cameras around it."""

import numpy as np

from lab.cameras.model import CameraModel, look_at
from lab.posed.images import PosedImages

RADIUS = 0.6


def ball_images(size: int = 24, views: int = 8, held_out: int = 2, alphas: bool = True) -> PosedImages:
    """Its colours are its normals; black behind. The box is a little larger than the ball."""
    cameras, pixels, covers = [], [], []
    for angle in np.linspace(0.0, 2 * np.pi, views + held_out, endpoint=False):
        eye = 2.5 * np.array([np.sin(angle), 0.4 * np.cos(3 * angle), np.cos(angle)])
        camera = CameraModel(look_at(eye, np.zeros(3)), 1.2 * size, 1.2 * size, size / 2, size / 2, size, size)
        color, alpha = ball_seen(camera)
        cameras.append(camera)
        pixels.append((color * 255 + 0.5).astype(np.uint8))
        covers.append((alpha * 255).astype(np.uint8))
    judges = np.arange(views + held_out) % ((views + held_out) // max(held_out, 1)) == 1 if held_out else None
    return PosedImages(
        np.stack(pixels),
        np.stack(covers) if alphas else None,
        tuple(cameras),
        tuple(f"{number}" for number in range(len(cameras))),
        np.zeros(len(cameras), bool) if judges is None else judges,
        np.full(3, -0.8),
        np.full(3, 0.8),
    )


def ball_seen(camera: CameraModel) -> tuple[np.ndarray, np.ndarray]:
    """Colour (H, W, 3) and cover (H, W) of the ball from this camera: each ray meets the sphere, or does not."""
    x = (np.arange(camera.width) + 0.5 - camera.cx) / camera.fx
    y = (camera.cy - np.arange(camera.height) - 0.5) / camera.fy
    directions = np.stack([*np.meshgrid(x, y), np.full((camera.height, camera.width), -1.0)], axis=-1)
    directions = directions @ camera.rotation.T
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    along = -(directions @ camera.center)
    inside = along**2 - camera.center @ camera.center + RADIUS**2
    hit = inside > 0
    points = camera.center + (along - np.sqrt(np.maximum(inside, 0)))[..., None] * directions
    color = np.where(hit[..., None], points / RADIUS * 0.5 + 0.5, 0.0)
    return color.clip(0, 1), hit.astype(float)
