"""A mesh, a camera and a look that the tests of shading share; and PyTorch3D's names for them."""

from __future__ import annotations

import numpy as np
import torch
from pytorch3d.renderer import Materials as TorchMaterials
from pytorch3d.renderer import PerspectiveCameras, TexturesVertex
from pytorch3d.renderer import PointLights as TorchPointLights
from pytorch3d.structures import Meshes

from lab.cameras.conventions import to_pytorch3d
from lab.cameras.model import CameraModel, look_at
from lab.examples import example_path
from lab.formats import read
from lab.scene import Array, Mesh
from lab.shading.lights import PointLights
from lab.shading.look import Look
from lab.shading.materials import Materials

LIGHT = PointLights((1.0, 2.0, 2.5), (0.4, 0.3, 0.5), (0.5, 0.6, 0.4), (0.7, 0.2, 0.6))
MATERIAL = Materials((0.9, 0.8, 0.7), (0.8, 0.9, 0.6), (0.5, 0.9, 0.8), 12.0)
LOOK = Look(lights=(LIGHT,), material=MATERIAL, background=(0.2, 0.5, 0.9))


def colored_ball() -> Mesh:
    """An icosahedron's first refinement, 80 faces, no normals of its own, with colours at the vertices."""
    from pytorch3d.utils import ico_sphere

    ball = ico_sphere(1)
    verts, faces = ball.verts_packed().numpy(), ball.faces_packed().numpy()
    verts = verts * np.array([1.0, 0.7, 0.9]) + np.array([0.1, 0.0, -0.05])
    return Mesh(verts, faces, colors=np.random.default_rng(4).random((len(verts), 3), np.float32))


def example(name: str) -> Mesh:
    """A bundled mesh, without normals of its own."""
    mesh = read(example_path(name)).entity
    assert isinstance(mesh, Mesh)
    return Mesh(mesh.verts, mesh.faces)


def camera(width: int = 64, height: int = 64, distance: float = 2.5) -> CameraModel:
    """A camera that looks at the origin from the upper right."""
    eye = distance * np.array([0.48, 0.36, 0.8])
    focal = 1.1 * min(width, height)
    return CameraModel(look_at(eye, np.zeros(3)), focal, focal, width / 2, height / 2, width, height)


def torch_scene(mesh: Mesh, camera: CameraModel, look: Look) -> tuple[Meshes, PerspectiveCameras, dict[str, object]]:
    """The same for PyTorch3D: mesh, camera, and lights and materials by the shaders' names."""
    colors = np.ones_like(mesh.verts) if mesh.colors is None else np.array(mesh.colors)
    meshes = Meshes(
        [torch.tensor(np.array(mesh.verts))],
        [torch.tensor(np.array(mesh.faces, np.int64))],
        TexturesVertex(torch.tensor(colors)[None]),
    )
    other = to_pytorch3d(camera)
    as_batch = [torch.tensor(np.asarray(x, np.float32))[None] for x in (other.R, other.T)]
    cameras = PerspectiveCameras(
        R=as_batch[0],
        T=as_batch[1],
        focal_length=torch.tensor(other.focal_length, dtype=torch.float32)[None],
        principal_point=torch.tensor(other.principal_point, dtype=torch.float32)[None],
    )
    light, material = look.lights[0], look.material
    assert isinstance(light, PointLights)
    lights = TorchPointLights(
        location=(light.location,),
        ambient_color=(light.ambient,),
        diffuse_color=(light.diffuse,),
        specular_color=(light.specular,),
    )
    materials = TorchMaterials(
        ambient_color=(material.ambient,),
        diffuse_color=(material.diffuse,),
        specular_color=(material.specular,),
        shininess=material.shininess,
    )
    return meshes, cameras, {"lights": lights, "materials": materials}


def random_points(mesh: Mesh, count: int, seed: int = 0) -> tuple[Array, Array]:
    """Faces (N,) and barycentrics (N, 3) float64 of points of a mesh."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, len(mesh.faces), count), rng.dirichlet((1, 1, 1), count)
