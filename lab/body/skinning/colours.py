"""What the skin shows."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import Final

import numpy as np

from lab.body.look import CLAY
from lab.body.skeleton import title
from lab.body.skinning.stages import Stage, frozen
from lab.chapters.body.skinning import BLENDED, CORRECTIVES, WEIGHT, SkinningParams
from lab.render.messages import Style
from lab.scene import Array
from lab.studies.kept import Kept

_GOLDEN: Final = 0.618034  # of the circle of hues: neighbours in the tree are far apart
_MM: Final = 1000.0


@dataclass(frozen=True, eq=False)
class Paint:
    """Colours (V, 3) or scalars of a mesh, or neither, and the style that goes with them."""

    colors: Array | None
    scalars: dict[str, Array]
    style: Style


class Colours:
    """Makes the colours that are wanted; the same arrays as long as they would be equal."""

    def __init__(self) -> None:
        self._kept = Kept()

    def paint(self, params: SkinningParams, stage: Stage, joint: int, name: str) -> Paint:
        """joint: of the model; name: as it is called there."""
        if params.colours == WEIGHT:
            key = f"weight of {title(name).lower()}"
            column = self._kept.get("weight", (stage.weights, joint), lambda: frozen(np.array(stage.weights[:, joint])))
            return Paint(None, {key: column}, Style(scalar=key, scalar_range=(0.0, 1.0)))
        if params.colours == BLENDED:
            colors = self._kept.get(
                "blended", (stage.weights,), lambda: frozen(stage.weights @ joint_colours(stage.weights.shape[1]))
            )
            return Paint(colors, {}, Style())
        if params.colours == CORRECTIVES:
            share = stage.shares[1]
            moved = self._kept.get(
                "moved",
                (stage.shaped, stage.corrected, share),
                lambda: frozen(np.float32(share) * corrective_mm(stage)),
            )
            key = "pose correctives, mm"
            top = max(1.0, float(np.ceil(corrective_mm(stage).max(initial=0.0))))
            return Paint(None, {key: moved}, Style(scalar=key, scalar_range=(0.0, top), colormap="plasma"))
        return Paint(None, {}, Style(color=CLAY))


def joint_colours(count: int) -> Array:
    """(J, 3) float32 sRGB: a colour for each joint."""
    colors = [colorsys.hls_to_rgb(_GOLDEN * n % 1.0, (0.62, 0.5, 0.7)[n % 3], 0.65) for n in range(count)]
    return np.array(colors, np.float32)


def corrective_mm(stage: Stage) -> Array:
    """(V,) float32: how far the whole of step 2 moves each vertex, mm."""
    return np.asarray(_MM * np.linalg.norm(stage.corrected - stage.shaped, axis=1), np.float32)
