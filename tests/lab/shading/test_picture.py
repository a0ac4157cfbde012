"""The render: PyTorch3D's hard shaders pixel by pixel, the checks of REFERENCE II.1, and what a renderer keeps."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest
import torch
from pytorch3d.renderer import (
    BlendParams,
    HardFlatShader,
    HardGouraudShader,
    HardPhongShader,
    MeshRasterizer,
    RasterizationSettings,
    TexturesUV,
)

from lab.cameras.model import CameraModel, look_at
from lab.formats import read, write
from lab.scene import Array, Mesh
from lab.shading.exr import read_exr, write_exr
from lab.shading.lights import AmbientLights
from lab.shading.look import Look
from lab.shading.materials import Interpolation
from lab.shading.picture import Renderer
from tests.lab.shading.shading_help import LOOK, camera, colored_ball, torch_scene

SHADERS = {"Phong": HardPhongShader, "Gouraud": HardGouraudShader, "flat": HardFlatShader}


def theirs(mesh: Mesh, view: CameraModel, look: Look, textures: TexturesUV | None = None) -> tuple[Array, Array]:
    """PyTorch3D's (H, W, 3) picture, and the (H, W) faces that its pixels see."""
    meshes, cameras, others = torch_scene(mesh, view, look)
    if textures is not None:
        meshes.textures = textures
    settings = RasterizationSettings(image_size=(view.height, view.width))
    fragments = MeshRasterizer(cameras, settings)(meshes)
    shader = SHADERS[look.interpolation](
        cameras=cameras, blend_params=BlendParams(background_color=look.background), **others
    )
    return shader(fragments, meshes)[0, ..., :3].numpy(), fragments.pix_to_face[0, ..., 0].numpy()


@pytest.mark.parametrize("size", [(64, 64), (48, 30)])
@pytest.mark.parametrize("interpolation", ["flat", "Gouraud", "Phong"])
def test_pixels_are_those_of_pytorch3d(interpolation: Interpolation, size: tuple[int, int]) -> None:
    mesh, view, look = colored_ball(), camera(*size), replace(LOOK, interpolation=interpolation)
    found = Renderer().render(mesh, view, look)
    picture, faces = theirs(mesh, view, look)
    same = found.face == faces
    assert same.mean() > 0.998  # where two faces meet exactly at a pixel's centre, either may be taken
    assert 0.1 < (faces >= 0).mean() < 0.9
    np.testing.assert_allclose(found.rgb[same], picture[same], atol=1e-4)


@pytest.mark.parametrize("kind", ["obj", "glb"])
def test_a_textured_file_is_pytorch3ds_picture(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(8)
    ball = colored_ball()
    texture = rng.integers(0, 256, (6, 9, 3), np.uint8)
    uvs = rng.random((len(ball.faces), 3, 2), np.float32)
    path = tmp_path / f"ball.{kind}"
    write(path, Mesh(ball.verts, ball.faces, uvs=uvs))
    (with_paint_obj if kind == "obj" else with_paint_glb)(path, texture)
    mesh = read(path).entity
    assert isinstance(mesh, Mesh)
    assert len(mesh.faces) == len(ball.faces)
    look = replace(LOOK, interpolation="flat")  # a file may split vertices, and smooth normals with them
    found = Renderer().render(mesh, camera(), look)
    maps = torch.tensor(texture / 255.0, dtype=torch.float32)[None]
    textures = TexturesUV(maps, torch.arange(uvs[..., 0].size).reshape(1, -1, 3), torch.tensor(uvs.reshape(1, -1, 2)))
    picture, faces = theirs(mesh, camera(), look, textures)
    same = found.face == faces
    assert same.mean() > 0.998
    np.testing.assert_allclose(found.rgb[same], picture[same], atol=2e-3)


def with_paint_obj(path: Path, texture: Array) -> None:
    """Give all faces of an OBJ file a material with a texture."""
    imageio.imwrite(path.with_name("paint.png"), texture)
    path.with_name("paint.mtl").write_text("newmtl paint\nmap_Kd paint.png\n")
    path.write_text("mtllib paint.mtl\nusemtl paint\n" + path.read_text())


def with_paint_glb(path: Path, texture: Array) -> None:
    """Give all faces of a GLB file a material with a texture, embedded as PNG."""
    data = path.read_bytes()
    length = int.from_bytes(data[12:16], "little")
    document, rest = json.loads(data[20 : 20 + length]), data[20 + length :]
    png = base64.b64encode(imageio.imwrite("<bytes>", texture, extension=".png")).decode()
    document |= {"images": [{"uri": f"data:image/png;base64,{png}"}], "textures": [{"source": 0}]}
    document["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]
    document["meshes"][0]["primitives"][0]["material"] = 0
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    head = data[:8] + (20 + len(text) + len(rest)).to_bytes(4, "little")
    path.write_bytes(head + len(text).to_bytes(4, "little") + b"JSON" + text + rest)


def test_a_textured_quad_by_hand(tmp_path: Path) -> None:
    """A square before the camera, its texture's four colours in their corners: upright, and not mirrored."""
    folder = tmp_path
    (folder / "quad.mtl").write_text("newmtl paint\nKd 1 1 1\nmap_Kd paint.png\n")
    red, green, blue, white = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
    imageio.imwrite(folder / "paint.png", np.array([[red, green], [blue, white]], np.uint8))
    (folder / "quad.obj").write_text(
        "mtllib quad.mtl\nusemtl paint\nv -1 -1 0\nv 1 -1 0\nv 1 1 0\nv -1 1 0\n"
        "vt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nf 1/1 2/2 3/3 4/4\n"
    )
    mesh = read(folder / "quad.obj").entity
    assert isinstance(mesh, Mesh)
    c2w = look_at(np.array([0.0, 0.0, 2.0]), np.zeros(3))
    view = CameraModel(c2w, 32, 32, 16.01, 16, 32, 32)  # just the square; no pixel's centre lies on its diagonal
    rgb = Renderer().render(mesh, view, Look(lights=(AmbientLights(),))).rgb
    np.testing.assert_allclose(rgb[0, 0], [1, 0, 0], atol=0.04)
    np.testing.assert_allclose(rgb[0, -1], [0, 1, 0], atol=0.04)
    np.testing.assert_allclose(rgb[-1, 0], [0, 0, 1], atol=0.04)
    np.testing.assert_allclose(rgb[-1, -1], [1, 1, 1], atol=0.04)
    np.testing.assert_allclose(rgb.mean(axis=(0, 1)), [0.5, 0.5, 0.5], atol=0.02)


def triangle(*corners: tuple[float, float, float]) -> Mesh:
    return Mesh(np.array(corners, np.float32), np.array([[0, 1, 2]]))


def test_a_triangle_of_positive_ndc_is_in_the_upper_left() -> None:
    """REFERENCE II.1: x, y in (0.1, 0.9) of PyTorch3D's NDC; its +X is the image's left."""
    mesh = triangle((-0.1, 0.1, 0.0), (-0.9, 0.1, 0.0), (-0.1, 0.9, 0.0))  # the lab's +X is the image's right
    c2w = look_at(np.array([0.0, 0.0, 1.0]), np.zeros(3))
    alpha = Renderer().render(mesh, CameraModel(c2w, 32, 32, 32, 32, 64, 64), Look()).alpha
    assert alpha[:32, :32].any()
    assert not alpha[32:].any()
    assert not alpha[:, 32:].any()


def test_depth_and_barycentrics_are_perspective_correct() -> None:
    """REFERENCE II.1's example: corners at NDC (-1,-1), (1,-1), (0,1) and depths 1, 3, 1; pixel centre (0.5, -0.5)."""
    depths = np.array([1.0, 3.0, 1.0])
    x, y = -np.array([-1, 1, 0]) * depths, np.array([-1, -1, 1]) * depths
    mesh = triangle(*(tuple(corner) for corner in np.stack([x, y, -depths], axis=1)))
    view = CameraModel(np.eye(4), 1, 1, 1, 1, 2, 2)
    found = Renderer().render(mesh, view, Look())
    np.testing.assert_allclose(found.bary[1, 0], [0.2143, 0.3571, 0.4286], atol=5e-5)
    np.testing.assert_allclose(found.depth[1, 0], 1.7143, atol=5e-5)
    assert np.isnan(found.depth[found.face < 0]).all()


def test_ambient_only_is_texel_times_ambient() -> None:
    mesh = colored_ball()
    plain = Renderer().render(mesh, camera(), Look(lights=(AmbientLights((1, 1, 1)),)))
    half = Renderer().render(mesh, camera(), Look(lights=(AmbientLights((0.5, 0.25, 1.0)),)))
    seen = plain.face >= 0
    np.testing.assert_allclose(half.rgb[seen], plain.rgb[seen] * [0.5, 0.25, 1.0], atol=1e-6)
    corners = mesh.colors[mesh.faces[plain.face[seen]]]  # type: ignore[index]
    np.testing.assert_allclose(plain.rgb[seen], np.einsum("nk,nkc->nc", plain.bary[seen], corners), atol=1e-5)


@pytest.mark.parametrize("samples", [2, 3])
def test_samples_are_the_mean_of_a_larger_picture(samples: int) -> None:
    mesh, view = colored_ball(), camera(24, 16)
    fine = Renderer().render(mesh, view.resized(24 * samples, 16 * samples), LOOK)
    found = Renderer().render(mesh, view, replace(LOOK, samples=samples))
    blocks = fine.rgb.reshape(16, samples, 24, samples, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(found.rgb, blocks, atol=1e-5)
    np.testing.assert_allclose(
        found.alpha, (fine.face >= 0).reshape(16, samples, 24, samples).mean(axis=(1, 3)), atol=1e-6
    )
    plain = Renderer().render(mesh, view, LOOK)
    np.testing.assert_array_equal(found.face, plain.face)  # of the pixels' centres, whatever the samples
    np.testing.assert_array_equal(found.depth, plain.depth)


def test_back_faces_can_be_left_out() -> None:
    front = triangle((0, 0, 0), (1, 0, 0), (0, 1, 0))
    back = Mesh(front.verts, front.faces[:, ::-1])
    look = Look(cull_backfaces=True)
    assert Renderer().render(front, camera(), look).alpha.any()
    assert not Renderer().render(back, camera(), look).alpha.any()
    assert Renderer().render(back, camera(), Look()).alpha.any()


def test_faces_are_clipped_at_half_of_near() -> None:
    """REFERENCE I.3: with znear = 1, z = 0.6 is drawn, z = 0.4 is not."""
    view = CameraModel(np.eye(4), 8, 8, 8, 8, 16, 16, near=1.0)
    for depth, drawn in ((0.6, True), (0.4, False)):
        mesh = triangle((-1, -1, -depth), (1, -1, -depth), (0, 1, -depth))
        assert Renderer().render(mesh, view, Look()).alpha.any() == drawn


def test_a_floor_through_the_camera_is_cut_and_fills_the_lower_half() -> None:
    floor = Mesh(np.array([[-50, -1, 50], [50, -1, 50], [0, -1, -500]], np.float32), np.array([[0, 1, 2]]))
    view = CameraModel(np.eye(4), 16, 16, 16, 16, 32, 32)
    found = Renderer().render(floor, view, Look(lights=(AmbientLights(),), background=(0.0, 0.0, 0.0)))
    assert (found.rgb[18:] == 1).all()
    assert not found.alpha[:15].any()
    np.testing.assert_allclose(found.depth[-1], 16 / 15.5, rtol=1e-4)


def test_no_background_shows_along_an_edge() -> None:
    """The square's diagonal runs through pixels' centres, which are inside of neither face."""
    verts = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
    square = Mesh(verts, np.array([[0, 1, 2], [0, 2, 3]]))
    view = CameraModel(look_at(np.array([0.0, 0.0, 2.0]), np.zeros(3)), 32, 32, 16, 16, 32, 32)
    assert (Renderer().render(square, view, Look()).alpha == 1).all()


def test_an_orthographic_picture_does_not_shrink_with_depth() -> None:
    def covered(depth: float) -> int:
        mesh = triangle((-1, -1, -depth), (1, -1, -depth), (0, 1, -depth))
        view = CameraModel(np.eye(4), 10, 10, 16, 16, 32, 32, orthographic=True)
        return int(Renderer().render(mesh, view, Look()).alpha.sum())

    assert covered(2.0) == covered(9.0) > 100


def test_far_from_the_origin_the_picture_is_the_same() -> None:
    far = np.array([4.5e6, 120.0, 5.0e6])
    mesh, view = colored_ball(), camera()
    away = view.moved(np.block([[view.rotation, (view.center + far)[:, None]], [np.zeros((1, 3)), np.ones((1, 1))]]))
    look = Look(lights=(AmbientLights(),))
    found = Renderer().render(replace(mesh, origin=far), away, look)
    np.testing.assert_allclose(found.rgb, Renderer().render(mesh, view, look).rgb, atol=1e-4)


def test_a_renderer_keeps_nothing_stale() -> None:
    """The same renderer, asked one thing after the other, answers as a new one does."""
    kept, ball = Renderer(), colored_ball()
    turned = replace(ball, faces=ball.faces[::-1])
    for mesh in (ball, turned, ball):
        for view in (camera(), camera(40, 30), camera(distance=3.0)):
            for look in (LOOK, replace(LOOK, samples=2), replace(LOOK, lights=(AmbientLights(),), cull_backfaces=True)):
                again, fresh = kept.render(mesh, view, look), Renderer().render(mesh, view, look)
                for name in ("rgb", "alpha", "face", "depth", "normals"):
                    np.testing.assert_array_equal(getattr(again, name), getattr(fresh, name))


def test_colours_and_depth_go_through_a_file(tmp_path: Path) -> None:
    picture = Renderer().render(colored_ball(), camera(40, 30), replace(LOOK, samples=2))
    write_exr(tmp_path / "ball.exr", picture.channels())
    found = read_exr(tmp_path / "ball.exr")
    np.testing.assert_array_equal(np.stack([found[name] for name in "RGB"], axis=-1), picture.rgb)
    np.testing.assert_array_equal(found["A"], picture.alpha)
    np.testing.assert_array_equal(found["Z"], picture.depth)


def test_a_mesh_without_faces_is_the_background() -> None:
    empty = Mesh(np.zeros((3, 3), np.float32), np.zeros((0, 3), np.int32))
    for interpolation in ("flat", "Gouraud", "Phong"):
        found = Renderer().render(empty, camera(8, 8), replace(LOOK, interpolation=interpolation))
        np.testing.assert_allclose(found.rgb, np.broadcast_to(np.float32(LOOK.background), (8, 8, 3)))


def test_nothing_in_view_is_the_background() -> None:
    mesh = triangle((50, 50, 0), (51, 50, 0), (50, 51, 0))
    found = Renderer().render(mesh, camera(), Look(background=(0.1, 0.2, 0.3)))
    np.testing.assert_allclose(found.rgb, np.broadcast_to(np.float32([0.1, 0.2, 0.3]), (64, 64, 3)), atol=1e-7)
    assert not found.alpha.any()
