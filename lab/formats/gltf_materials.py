"""glTF's materials as the lab's: base colour and its picture."""

from __future__ import annotations

import numpy as np

from lab.formats.beside import BesideError, decode_picture
from lab.formats.gltf_data import Document, Node
from lab.scene import Array, Material


def to_srgb(linear: Array) -> Array:
    """Linear light in [0, 1] as sRGB (IEC 61966-2-1), float32."""
    wide = linear.astype(np.float64)
    return np.where(wide <= 0.0031308, 12.92 * wide, 1.055 * np.maximum(wide, 0.0031308) ** (1 / 2.4) - 0.055).astype(
        np.float32
    )


def to_linear(srgb: Array) -> Array:
    """sRGB in [0, 1] as linear light, float32."""
    wide = srgb.astype(np.float64)
    return np.where(wide <= 0.04045, wide / 12.92, ((wide + 0.055) / 1.055) ** 2.4).astype(np.float32)


def flip_v(uvs: Array) -> Array:
    """Texture coordinates (N, 2) float32 with their origin at the other end: glTF's is at the top left."""
    flipped = uvs.copy()
    flipped[:, 1] = np.float32(1) - flipped[:, 1]
    return flipped


class MaterialTable:
    """The materials that the primitives use, numbered in the order of their first use."""

    def __init__(self, document: Document) -> None:
        self.dropped: list[str] = []
        self._document = document
        self._numbers: dict[int | None, int] = {}
        self._materials: list[tuple[Material, int]] = []
        self._pictures: dict[int, Array | None] = {}

    def use(self, index: int | None) -> tuple[int, int]:
        """The number of a material of the document (None: the plain one), and which texture coordinates it wants."""
        if index not in self._numbers:
            self._numbers[index] = len(self._materials)
            self._materials.append(self._read(index))
        number = self._numbers[index]
        return number, self._materials[number][1]

    def used(self) -> tuple[Material, ...]:
        """All materials in use; none when there is only the plain one."""
        return () if set(self._numbers) == {None} else tuple(material for material, _ in self._materials)

    def _read(self, index: int | None) -> tuple[Material, int]:
        if index is None:
            return Material(), 0
        document, place = self._document, f"material {index}"
        node = document.object("materials", index, "mesh")
        surface: Node = document.get(node, "pbrMetallicRoughness", dict, {}, place)
        factor = document.numbers(surface, "baseColorFactor", 4, place) or [1.0, 1.0, 1.0, 1.0]
        if factor[3] < 1 and node.get("alphaMode", "OPAQUE") != "OPAQUE":
            self.dropped.append("opacity")
        red, green, blue = (float(value) for value in to_srgb(np.clip(factor[:3], 0, 1)))
        picture: Node | None = document.get(surface, "baseColorTexture", dict, None, place)
        for name in ("normalTexture", "occlusionTexture", "emissiveTexture"):
            if name in node:
                self.dropped.append(f"texture map “{name}”")
        texture, uv_set = None, 0
        if picture is not None:
            uv_set = document.get(picture, "texCoord", int, 0, place)
            texture = self._texture(document.index(picture, "index", place) or 0, place)
            if document.get(picture, "extensions", dict, {}, place):
                document.source.warn(
                    f"The texture of {place} is moved or scaled by an extension, which is not supported."
                )
        name = document.get(node, "name", str, "", place)
        return Material(name, (red, green, blue), texture), uv_set

    def _texture(self, index: int, place: str) -> Array | None:
        document = self._document
        image = document.index(document.object("textures", index, place), "source", f"texture {index}")
        if image is None:
            document.source.warn(f"Left out the texture of {place}: its kind of picture is not supported.")
            return None
        if image not in self._pictures:
            try:
                self._pictures[image] = decode_picture(self._image_bytes(image, place))
            except BesideError as error:
                document.source.warn(f"Left out the texture of {place} (image {image}): {error}.")
                self._pictures[image] = None
        return self._pictures[image]

    def _image_bytes(self, index: int, place: str) -> bytes:
        document = self._document
        node = document.object("images", index, place)
        view = document.index(node, "bufferView", f"image {index}")
        if view is not None:
            buffer, start, length, _ = document.view(view, f"image {index}")
            return buffer[start : start + length]
        return document.load(document.get(node, "uri", str, "", f"image {index}"))
