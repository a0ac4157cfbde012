"""Models that several tests of the formats save and read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lab.formats import FormatError, Loaded, read
from lab.scene import Material, Mesh, Points

CUBE_VERTS = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], np.float32)
CUBE_FACES = np.array(
    [
        *[[0, 2, 3], [0, 3, 1], [4, 5, 7], [4, 7, 6]],
        *[[0, 1, 5], [0, 5, 4], [2, 6, 7], [2, 7, 3]],
        *[[0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5]],
    ],
    np.int32,
)


@pytest.fixture
def cube() -> Mesh:
    """The unit cube, wound outwards: 8 vertices, 12 faces, 18 edges, area 6."""
    return Mesh(CUBE_VERTS, CUBE_FACES)


@pytest.fixture
def painted() -> Mesh:
    """The cube with everything that a mesh can have."""
    rng = np.random.default_rng(0)
    normals = CUBE_VERTS * 2 - 1
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    red, blue = np.zeros((4, 6, 3), np.uint8), np.full((2, 2, 3), (0, 0, 200), np.uint8)
    red[..., 0] = np.arange(24).reshape(4, 6) * 10
    return Mesh(
        CUBE_VERTS,
        CUBE_FACES,
        normals=normals,
        colors=rng.integers(0, 256, (8, 3)).astype(np.float32) / np.float32(255),
        uvs=rng.integers(0, 257, (12, 3, 2)) / 256,
        face_materials=np.repeat([0, 1, 0], 4),
        materials=(Material("red", (1.0, 0.5, 0.25), red), Material("blue one", (0.0, 0.0, 1.0), blue)),
        scalars={"distance": rng.random(8)},
    )


@pytest.fixture
def cloud() -> Points:
    """A hundred points with everything that points can have."""
    rng = np.random.default_rng(1)
    normals = rng.normal(size=(100, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    colors = rng.integers(0, 256, (100, 3)).astype(np.float32) / np.float32(255)
    return Points(rng.normal(size=(100, 3)), normals, colors, {"label": rng.integers(0, 5, 100)})


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str, bytes | str], Loaded]:
    """Write content to a file of that name, and read it."""

    def write_and_read(name: str, content: bytes | str) -> Loaded:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read(path)

    return write_and_read


@pytest.fixture
def refusal(load: Callable[[str, bytes | str], Loaded]) -> Callable[[str, bytes | str], str]:
    """The sentence with which such a file is refused; it names the file and ends like a sentence."""

    def write_and_fail(name: str, content: bytes | str) -> str:
        with pytest.raises(FormatError) as caught:
            load(name, content)
        sentence = str(caught.value)
        assert sentence.startswith(name)
        assert sentence.endswith(".")
        return sentence

    return write_and_fail
