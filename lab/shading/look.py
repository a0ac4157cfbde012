"""Everything that a picture's colours depend on, beside the mesh and the camera."""

from __future__ import annotations

from dataclasses import dataclass

from lab.shading.lights import RGB, Light, PointLights
from lab.shading.materials import Interpolation, Materials, Model
from lab.shading.texture import PLAIN, Wrap

_MATERIAL = Materials()


@dataclass(frozen=True)
class Look:
    """How a mesh is shown; the defaults are PyTorch3D's.

    lights: they add up. material, model, interpolation: of the surface. textured: use the mesh's own colours, else
    ``plain`` (linear RGB). wrap: outside of the texture. crease_deg: edges that bend by more stay sharp under Phong's
    interpolation, degrees; None uses the normals of the vertices. background: linear RGB. samples: to a side of each
    pixel, 1 to 3; a pixel is their mean. cull_backfaces: leave out faces that are seen from behind.
    """

    lights: tuple[Light, ...] = (PointLights(),)
    material: Materials = _MATERIAL
    model: Model = "Phong"
    interpolation: Interpolation = "Phong"
    textured: bool = True
    plain: RGB = PLAIN
    wrap: Wrap = "repeat"
    crease_deg: float | None = None
    background: RGB = (1.0, 1.0, 1.0)
    samples: int = 1
    cull_backfaces: bool = False

    def __post_init__(self) -> None:
        if self.samples not in (1, 2, 3):
            raise ValueError(f"samples: expected 1, 2 or 3 to a side of a pixel, found {self.samples}")
