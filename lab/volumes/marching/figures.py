"""What the study says about a ray in numbers and in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from lab.chapters.volumes.marching import PHYSICAL, MarchingParams
from lab.study import Note
from lab.volumes.marching.compositing import Form
from lab.volumes.marching.volume import Medium, Volume
from lab.volumes.marching.world import Chosen

_NOTHING = 1e-6  # of opacity: nothing is seen

Figures = dict[str, float | str | bool]


def figures_of(params: MarchingParams, medium: Medium, chosen: Chosen, closed: float | None) -> Figures:
    """The figures of the chosen ray; closed: what its opacity is in the limit of many samples, None for none."""
    found, norm = chosen.march, float(chosen.ray.norms[0])
    opacity = float(found.result[3])
    seen = opacity > _NOTHING
    heaviest = int(found.weight.argmax())
    figures: Figures = {
        "Opacity": opacity,
        "Light left": 1.0 - opacity,
        "Colour": ", ".join(f"{value:.4f}" for value in found.result[:3]),
        "Depth": float((found.weight * chosen.ray.lengths[0]).sum() / opacity) if seen else "nothing seen",
    }
    if closed is not None:
        figures["Closed form"] = closed
    figures["Heaviest sample"] = f"{heaviest}, {found.weight[heaviest] / opacity:.1%}" if seen else "none"
    figures["Step"] = step_of(params, chosen)
    figures["Direction's length"] = norm
    if isinstance(medium, Volume):
        figures["Extent"] = f"±{medium.extent[0]:.5f}"
    figures["Voxel spacing"] = medium.voxel
    figures["p = 0.3, ten times"] = 1.0 - 0.7**10
    return figures


def step_of(params: MarchingParams, chosen: Chosen) -> float:
    """Metres along the chosen ray from one even depth to the next."""
    return float(chosen.ray.norms[0]) * (params.far - params.near) / (params.samples - 1)


def notes_of(params: MarchingParams, medium: Medium, form: Form, chosen: Chosen) -> Iterator[Note]:
    """What the person should know about this ray."""
    lower, upper = medium.box
    last = chosen.ray.points[0, -1]
    if ((last > lower) & (last < upper)).all():
        yield Note(
            "info", "This ray's samples end inside the volume: what is beyond far is never seen.", "Move far away."
        )
    if chosen.sample != params.sample:
        yield Note("info", f"There are {params.samples} samples; the last one is chosen.")
    if params.form == PHYSICAL and form.infinite and chosen.march.density[-1] > 0:
        yield Note("warning", "The last sample is inside the volume, and its step is infinite: it is opaque.")
    if isinstance(medium, Volume) and not medium.align_corners:
        yield Note(
            "info",
            f"The voxels are {medium.voxel:.4g} m apart and not {params.voxel:.4g} m: without aligned corners, "
            "PyTorch3D puts the outer faces where the outer centres would be.",
        )
    step = step_of(params, chosen)
    if step > 2 * medium.voxel:
        yield Note(
            "info",
            f"A step ({step:.3g} m) passes over {step / medium.voxel:.1f} voxels, so thin things are missed.",
            "Take more samples, or move near and far together.",
        )
