"""COLMAP's sparse models, text and binary: cameras, images and points3D.

Poses are world to camera with OpenCV's axes, quaternions wxyz; the world has no known up. Pictures are taken as they
are stored: COLMAP does not look at EXIF orientations. Source: COLMAP's documentation, "Output Format".
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from lab.cameras.conventions import AXES
from lab.cameras.model import inverse, pose
from lab.motions import so3
from lab.posed.capture import Capture, LeftOut, Shot, inside, rigid
from lab.posed.colmap_binary import BinaryModel
from lab.posed.colmap_rows import Registered
from lab.posed.colmap_text import TextModel
from lab.posed.images import PosedError
from lab.scene import Array


def read_colmap(model: Path, pictures: Iterable[Path]) -> Capture:
    """A data set from the folder of a sparse model. pictures: the folders in which its pictures may be.

    Raises PosedError where the model cannot be read or no folder has its pictures.
    """
    binary = (model / "cameras.bin").is_file() and (model / "images.bin").is_file()
    reader = BinaryModel(model) if binary else TextModel(model)
    cameras, images = reader.cameras(), reader.images()
    if not images:
        raise PosedError(f"The model in '{model.name}' has no images: COLMAP could register none. Take more photos.")
    folder = _folder_of(images, pictures)
    shots, left_out = [], LeftOut()
    for image in sorted(images, key=lambda image: image.name):
        try:
            camera = cameras.get(image.camera)
            if camera is None:
                raise PosedError(f"its camera {image.camera} is not among the model's cameras")
            shots.append(Shot(image.name, inside(folder, image.name), _c2w(image.pose), camera.lens(), raw=True))
        except PosedError as error:
            left_out.add(image.name, str(error))
    return Capture("COLMAP", shots, "cameras", reader.points(), remarks=left_out.sentences())


def _folder_of(images: list[Registered], folders: Iterable[Path]) -> Path:
    """The first folder that has one of the first pictures."""
    tried = [folder for folder in folders if folder.is_dir()]
    for folder in tried:
        for image in images[:20]:
            try:
                if inside(folder, image.name).is_file():
                    return folder
            except PosedError:
                continue
    raise PosedError(
        f"The pictures of the COLMAP model, such as '{images[0].name:.80}', are not there: put them into a folder "
        "'images' beside the folder 'sparse'."
    )


def _c2w(values: Array) -> Array:
    """(4, 4): camera to world with the lab's camera axes, from COLMAP's seven numbers."""
    if not np.isfinite(values).all() or not np.linalg.norm(values[:4]) > 1e-9:
        raise PosedError("its pose has numbers that are not finite, or a quaternion of length 0")
    w2c = pose(so3.from_quaternion(values[:4]), values[4:])
    matrix = inverse(w2c)
    return rigid(pose(matrix[:3, :3] @ AXES["OpenCV"], matrix[:3, 3]))
