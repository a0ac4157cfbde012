"""What a surface makes of the light: PyTorch3D's ``Materials``, and the interpolations of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lab.shading.lights import RGB

Model = Literal["Phong", "Lambert", "Blinn-Phong"]
MODELS: tuple[Model, ...] = ("Phong", "Lambert", "Blinn-Phong")

Interpolation = Literal["flat", "Gouraud", "Phong"]
INTERPOLATIONS: tuple[Interpolation, ...] = ("flat", "Gouraud", "Phong")


@dataclass(frozen=True)
class Materials:
    """The shares of light that a surface sends back, linear RGB, beside its texture; and the highlight's exponent.

    Defaults as PyTorch3D's. Raises ValueError for a negative shininess.
    """

    ambient: RGB = (1.0, 1.0, 1.0)
    diffuse: RGB = (1.0, 1.0, 1.0)
    specular: RGB = (1.0, 1.0, 1.0)
    shininess: float = 64.0

    def __post_init__(self) -> None:
        if not self.shininess >= 0:
            raise ValueError(f"shininess: expected 0 or more, found {self.shininess}")
