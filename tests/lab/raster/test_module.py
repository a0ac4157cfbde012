"""The drop-in for PyTorch3D's MeshRasterizer: everything that PyTorch3D puts before and after it works as before."""

from __future__ import annotations

import copy
import itertools
import math

import numpy as np
import pytest
import torch
from pytorch3d.renderer import (
    BlendParams,
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
    HardFlatShader,
    HardGouraudShader,
    HardPhongShader,
    MeshRenderer,
    OrthographicCameras,
    PerspectiveCameras,
    PointLights,
    RasterizationSettings,
    SoftGouraudShader,
    SoftPhongShader,
    SoftSilhouetteShader,
    TexturesUV,
    TexturesVertex,
    look_at_rotation,
    look_at_view_transform,
)
from pytorch3d.renderer import MeshRasterizer as PyTorch3DRasterizer
from pytorch3d.renderer.fisheyecameras import FishEyeCameras
from pytorch3d.structures import Meshes

from lab.examples import example_path
from lab.fitting.templates import ico_sphere
from lab.formats import read
from lab.raster.fragments import Rules
from lab.raster.module import MeshRasterizer, rasterize_meshes
from tests.lab.raster.raster_help import ball, soup

SIZE = (32, 48)
BLUR = math.log(1 / 1e-4 - 1) * 1e-4
SCREEN = {
    "focal_length": ((40.0, 44.0),),
    "principal_point": ((24.0, 16.0),),
    "in_ndc": False,
    "image_size": (SIZE,),
}
CAMERAS = {
    "fov": (FoVPerspectiveCameras, {}),
    "across the near plane": (FoVPerspectiveCameras, {"znear": 4.0, "aspect_ratio": 1.3}),
    "perspective": (PerspectiveCameras, {"focal_length": 1.7}),
    "screen": (PerspectiveCameras, SCREEN),
    "orthographic": (OrthographicCameras, {"focal_length": 0.8}),
    "fov orthographic": (FoVOrthographicCameras, {}),
}
SETTINGS = {
    "hard": {},
    "soft": {"blur_radius": 2e-3, "faces_per_pixel": 6},
    "affine": {"blur_radius": 2e-3, "faces_per_pixel": 6, "perspective_correct": False, "cull_to_frustum": True},
    "culled": {"cull_backfaces": True, "faces_per_pixel": 3, "clip_barycentric_coords": True},
}


def batch():
    """Two meshes of different sizes, whose vertices can have gradients: (Meshes, [verts])."""
    spheres = [ico_sphere(1), ico_sphere(2)]
    verts = [torch.tensor(verts, dtype=torch.float32, requires_grad=True) for verts, _ in spheres]
    return Meshes(verts, [torch.tensor(faces).long() for _, faces in spheres]), verts


def looking(kind, keywords, count=2):
    R, T = look_at_view_transform(2.7, 20.0, torch.tensor([30.0, 80.0])[:count])
    T.requires_grad_()
    return kind(R=R, T=T, **keywords), T


def gradients(rasterizer_type, camera, settings, loss_of, **keywords):
    meshes, verts = batch()
    cameras, T = looking(*CAMERAS[camera])
    fragments = rasterizer_type(cameras, settings, **keywords)(meshes)
    loss_of(fragments).backward()
    return fragments, [*(v.grad for v in verts), T.grad]


@pytest.mark.parametrize(
    ("camera", "setting"),
    # With blur, rounding decides which half of a cut face PyTorch3D takes: see test_clipping.
    [pair for pair in itertools.product(CAMERAS, SETTINGS) if pair != ("across the near plane", "soft")],
)
def test_fragments_and_gradients_to_meshes_and_cameras_are_pytorch3ds(camera, setting):
    settings = RasterizationSettings(SIZE, **SETTINGS[setting])
    noisy = setting == "soft" and "orthographic" not in camera  # PyTorch3D's own gradient is rounding, outside a face

    def loss_of(fragments):
        draw = torch.Generator().manual_seed(1)
        parts = (fragments.dists,) if noisy else (fragments.dists, fragments.zbuf, fragments.bary_coords)
        taken = fragments.pix_to_face >= 0
        pulls = [torch.randn(part.shape, generator=draw) for part in parts]
        return sum(
            (part * pull * (taken if part.ndim == 4 else taken[..., None])).sum()
            for part, pull in zip(parts, pulls, strict=True)
        )

    theirs, expected = gradients(PyTorch3DRasterizer, camera, settings, loss_of)
    ours, found = gradients(MeshRasterizer, camera, settings, loss_of)
    assert type(ours) is type(theirs)
    assert (theirs.pix_to_face >= 80).any()  # faces of the second mesh
    same = ours.pix_to_face == theirs.pix_to_face
    assert same.float().mean() > 0.99
    torch.testing.assert_close(ours.zbuf, theirs.zbuf, rtol=1e-5, atol=1e-5)  # where not the same, they are as far
    for name in ("pix_to_face", "zbuf", "bary_coords", "dists"):
        mine, their = getattr(ours, name), getattr(theirs, name)
        assert mine.dtype == their.dtype
        assert mine.shape == their.shape
        torch.testing.assert_close(mine[same], their[same], rtol=1e-5, atol=1e-5)
    for mine, their in zip(found, expected, strict=True):
        assert (mine - their).norm() <= 1e-4 * their.norm()


def test_one_camera_serves_a_batch_and_calls_may_bring_their_own():
    meshes, _ = batch()
    camera, _ = looking(FoVPerspectiveCameras, {}, 1)
    settings = RasterizationSettings(24)
    expected = PyTorch3DRasterizer(camera, settings)(meshes)
    found = MeshRasterizer()(meshes, cameras=camera, raster_settings=settings)
    assert found.pix_to_face.shape == (2, 24, 24, 1)
    assert torch.equal(found.pix_to_face, expected.pix_to_face)
    with pytest.raises(ValueError, match="Cameras must be specified"):
        MeshRasterizer()(meshes)


def test_a_fish_eye_sees_the_same():
    verts, faces = ico_sphere(2)
    moved = torch.tensor(verts * 0.7 + 0.013, dtype=torch.float32)  # on the axes PyTorch3D's fish-eye gives NaN
    meshes = Meshes([moved], [torch.tensor(faces).long()])
    camera, _ = looking(FishEyeCameras, {"focal_length": torch.tensor([[1.5]])}, 1)
    settings = RasterizationSettings(24)
    expected = PyTorch3DRasterizer(camera, settings)(meshes)
    found = MeshRasterizer(camera, settings)(meshes)
    assert len(expected.pix_to_face.unique()) > 50
    assert torch.equal(found.pix_to_face, expected.pix_to_face)


def test_vertices_that_are_no_numbers_are_left_out():
    """PyTorch3D draws such a face everywhere."""
    ndc, faces = ball(1)
    ndc[faces[3, 0]] = np.nan
    found = rasterize_meshes(Meshes([torch.tensor(ndc)], [torch.tensor(faces).long()]), (24, 24), Rules(2), None, False)
    broken = (faces == faces[3, 0]).any(axis=1).nonzero()[0]
    assert found.zbuf.isfinite().all()
    assert (found.pix_to_face >= 0).any()
    assert not np.isin(found.pix_to_face.numpy(), broken).any()


def textured(kind):
    verts, faces = ico_sphere(2)
    verts, faces = torch.tensor(verts, dtype=torch.float32), torch.tensor(faces).long()
    if kind == "vertex":
        return Meshes([verts], [faces], TexturesVertex([(verts + 1) / 2]))
    image = torch.rand(1, 16, 16, 3, generator=torch.Generator().manual_seed(0))
    return Meshes([verts], [faces], TexturesUV(image, [faces], [(verts[:, :2] + 1) / 2]))


SHADERS = {
    "hard phong": (HardPhongShader, 0.0, 1),
    "hard flat": (HardFlatShader, 0.0, 1),
    "hard gouraud": (HardGouraudShader, 0.0, 1),
    "soft phong": (SoftPhongShader, BLUR, 20),
    "soft gouraud": (SoftGouraudShader, BLUR, 20),
    "silhouette": (SoftSilhouetteShader, BLUR, 20),
}


@pytest.mark.parametrize(
    ("shader", "texture"),
    [pair for pair in itertools.product(SHADERS, ["vertex", "uv"]) if "gouraud" not in pair[0] or pair[1] == "vertex"],
)
def test_pytorch3ds_shaders_and_textures_work_on_it(shader, texture):
    kind, blur, depth = SHADERS[shader]
    cameras, _ = looking(FoVPerspectiveCameras, {}, 1)
    more = {} if kind is SoftSilhouetteShader else {"cameras": cameras, "lights": PointLights(location=((2.0, 2, -2),))}
    settings = RasterizationSettings(40, blur, depth)
    images = [
        MeshRenderer(rasterizer(cameras, settings), kind(blend_params=BlendParams(1e-4, 1e-4), **more))(
            textured(texture)
        )
        for rasterizer in (PyTorch3DRasterizer, MeshRasterizer)
    ]
    assert images[0].std() > 0.05
    torch.testing.assert_close(images[1], images[0], rtol=1e-4, atol=1e-4)


def test_the_gradient_of_a_soft_textured_picture_is_sane():
    """REFERENCE III.2: PyTorch3D's is far too large unless correction for perspective is off. Ours is not."""
    spot = read(example_path("spot")).entity
    verts = torch.tensor(np.asarray(spot.verts, np.float32))
    mesh = Meshes([verts], [torch.tensor(np.asarray(spot.faces)).long()], TexturesVertex([(verts + 1) / 2]))
    pull = torch.randn(1, 32, 32, 3, generator=torch.Generator().manual_seed(0))

    def gradient(rasterizer, **setting):
        """By the camera's position, of the course's soft Phong picture."""
        position = torch.tensor([1.0, 1.2, 1.5], requires_grad=True)
        R = look_at_rotation(position[None])
        cameras = FoVPerspectiveCameras(R=R, T=-(position[None, None] @ R)[:, 0])
        lights = PointLights(location=((2.0, 2.0, -2.0),))
        shader = SoftPhongShader(cameras=cameras, lights=lights, blend_params=BlendParams(1e-4, 1e-4))
        image = MeshRenderer(rasterizer(cameras, RasterizationSettings(32, BLUR, 50, **setting)), shader)(mesh)
        (image[..., :3] * pull).sum().backward()
        return position.grad

    ours, reference = gradient(MeshRasterizer), gradient(PyTorch3DRasterizer, perspective_correct=False)
    assert (ours - reference).norm() < 0.05 * reference.norm()
    assert gradient(PyTorch3DRasterizer).norm() > 1000 * reference.norm()


def test_double_precision_passes_gradcheck():
    ndc, faces = soup(np.random.default_rng(1), count=5, extent=0.9, near=1.0)
    verts = torch.tensor(ndc, dtype=torch.float64, requires_grad=True)

    def values(moved):
        meshes = Meshes([moved], [torch.tensor(faces).long()])
        found = rasterize_meshes(meshes, (5, 6), Rules(5, 0.05, clip_barycentric=True), None, False)
        return found.zbuf, found.bary_coords, found.dists

    assert (values(verts)[0] > 0).sum() > 20
    assert torch.autograd.gradcheck(values, (verts,), eps=1e-7, atol=1e-4)


def test_other_precisions_are_refused():
    ndc, faces = soup(np.random.default_rng(0), near=-0.3)
    meshes = [Meshes([torch.tensor(ndc).to(kind)], [torch.tensor(faces).long()]) for kind in (torch.half, torch.double)]
    with pytest.raises(ValueError, match="float16"):
        rasterize_meshes(meshes[0], (16, 16), Rules(), None, False)
    with pytest.raises(ValueError, match="float32 where faces cross the near plane"):
        rasterize_meshes(meshes[1], (16, 16), Rules(), 0.3, False)
    assert rasterize_meshes(meshes[1], (16, 16), Rules(), None, False).zbuf.dtype == torch.float64


def test_an_empty_mesh_in_a_batch_stays_empty():
    _, verts = batch()
    full = (verts[0].detach() * 0.5 + torch.tensor([0.0, 0.0, 2.0]), torch.tensor(ico_sphere(1)[1]).long())
    meshes = Meshes([torch.zeros(0, 3), full[0]], [torch.zeros(0, 3, dtype=torch.long), full[1]])
    found = MeshRasterizer(PerspectiveCameras(), RasterizationSettings(16))(meshes)
    assert (found.pix_to_face[0] == -1).all()
    assert (found.pix_to_face[1] >= 0).any()


def test_it_can_be_copied_as_models_are():
    camera, _ = looking(FoVPerspectiveCameras, {}, 1)
    rasterizer = MeshRasterizer(camera, RasterizationSettings(24), sane_barycentrics=False)
    meshes, _ = batch()
    twin = copy.copy(rasterizer)
    assert twin.sane_barycentrics is False
    assert torch.equal(twin(meshes).zbuf, rasterizer(meshes).zbuf)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_tensors_on_cuda_go_to_pytorch3d():
    camera, _ = looking(FoVPerspectiveCameras, {}, 1)
    settings = RasterizationSettings(24)
    meshes, _ = batch()
    there = MeshRasterizer(camera.to("cuda"), settings)(meshes.to("cuda"))
    assert there.zbuf.is_cuda
    assert torch.equal(there.pix_to_face.cpu(), MeshRasterizer(camera.to("cpu"), settings)(meshes).pix_to_face)
