"""The picture of the study with PyTorch3D's own classes, as code that runs."""

from __future__ import annotations

from lab.cameras.code import code as camera_code
from lab.cameras.model import CameraModel
from lab.volumes.marching.compositing import Form
from lab.volumes.marching.rays import Sampling

_DENSITY_MARCHER = '''
class DensityRaymarcher(torch.nn.Module):
    """PyTorch3D has none for densities per metre."""

    def forward(self, rays_densities, rays_features, ray_bundle, **kwargs):
        depth = ray_bundle.lengths
        norm = ray_bundle.directions.norm(dim=-1, keepdim=True)
        last = torch.full_like(depth[..., :1], {last})
        step = torch.cat([depth, last], -1).diff(dim=-1) * norm
        p = 1 - torch.exp(-rays_densities[..., 0] * step)
        T = torch.cumprod(1 - p, -1).roll(1, -1)
        T[..., 0] = 1
        color = ((T * p)[..., None] * rays_features).sum(-2)
        opacity = 1 - torch.prod(1 - p, -1, keepdim=True)
        return torch.cat([color, opacity], -1)

'''

_PLAIN = "EmissionAbsorptionRaymarcher"


def pytorch3d_code(
    camera: CameraModel, sampling: Sampling, form: Form, size: float, align_corners: bool, absorption: bool
) -> str:
    """Code that renders ``densities`` (1, 1, D, H, W) and ``features`` (1, 3, D, H, W) into ``image`` (H, W, 4).

    For absorption only, ``image`` is (H, W, 1). size: voxel_size, metres.
    """
    marcher = "AbsorptionOnlyRaymarcher" if absorption else _PLAIN
    own = form.physical
    names = ["NDCMultinomialRaysampler", "VolumeRenderer"] + ([] if own else [marcher])
    parts = [
        camera_code(camera, "PyTorch3D", "y"),
        "from pytorch3d.renderer import " + ", ".join(sorted(names)),
        "from pytorch3d.structures import Volumes",
        _DENSITY_MARCHER.format(last=repr(form.last(sampling.far))) if own else "",
        "raysampler = NDCMultinomialRaysampler(",
        f"    image_width={camera.width},",
        f"    image_height={camera.height},",
        f"    n_pts_per_ray={sampling.count},",
        f"    min_depth={sampling.near:g},",
        f"    max_depth={sampling.far:g},",
        *(["    stratified_sampling=True,"] if sampling.stratified else []),
        ")",
        "volumes = Volumes(",
        f"    densities={form.amount:g} * densities,  # (1, 1, D, H, W)",
        "    features=features,  # (1, 3, D, H, W)",
        f"    voxel_size={size:g},",
        *([] if align_corners else ["    align_corners=False,"]),
        ")",
        f"renderer = VolumeRenderer(raysampler, {'DensityRaymarcher' if own else marcher}())",
        "image, rays = renderer(cameras=cameras, volumes=volumes)",
        _taken(own, absorption),
        "",
    ]
    return "\n".join(part for i, part in enumerate(parts) if part or i == len(parts) - 1)


def _taken(own: bool, absorption: bool) -> str:
    if not absorption:
        return "image = image[0]  # red, green, blue, opacity"
    return "image = image[0][..., 3:]  # opacity" if own else "image = image[0]  # opacity"
