"""Mesh fitting against PyTorch3D's own operators and the loop of its tutorial "Deform a source mesh to form a target".

Both fit the same sphere to the same target with the course's weights and optimiser. PyTorch has the number of threads
with which it is faster here: one, or as many as the lab.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch
from pytorch3d.loss import chamfer_distance, mesh_edge_loss, mesh_laplacian_smoothing, mesh_normal_consistency
from pytorch3d.ops import sample_points_from_meshes
from pytorch3d.structures import Meshes

from lab.bench import Figure, alternate
from lab.chapters.mesh_fitting import MeshFittingParams
from lab.examples import example_path
from lab.experiment import RunContext, Step
from lab.fitting.chamfer import TargetPoints, chamfer
from lab.fitting.evaluate import measure
from lab.fitting.experiment import MeshFitting, warm_up
from lab.fitting.neighbours import PointTree
from lab.fitting.regularisers import edge_loss, laplacian_smoothing, normal_consistency
from lab.fitting.sampling import SurfaceSampler
from lab.fitting.target import Target
from lab.fitting.templates import ico_sphere
from lab.fitting.topology import Topology, build_topology
from lab.formats import read
from lab.kernels.crew import Crew, usable_threads
from lab.scene import Array, Mesh

SAMPLES = 5000
LEVEL = 4
STEP_ROUNDS = 8
STEPS_A_ROUND = 50
QUALITY_STEPS = 80
QUALITY_SAMPLES = 20_000
TOPOLOGY_LEVEL = 6


def fitting_step() -> Iterator[Figure]:
    """Whole steps of both loops from the same start; the lab's are those of its experiment, with all that it does."""
    warm_up()
    target = Target(target_mesh())
    ours, peer = _our_steps(target, STEP_ROUNDS * STEPS_A_ROUND + 1), _TutorialLoop(target)
    threads = _best_threads(peer.step)
    ours_ms, peer_ms = alternate(lambda: next(ours), peer.step, rounds=STEP_ROUNDS, ours_a_round=STEPS_A_ROUND)
    note = f"{len(peer.faces):,} faces, {SAMPLES:,} samples, {usable_threads()} threads against {threads}"
    yield Figure("fitting-step", ours_ms, peer_ms, note=note)


def fitting_quality() -> Iterator[Figure]:
    """The Chamfer distance of the surfaces after the same number of steps, by the same 20,000 samples of either."""
    warm_up()
    target = Target(target_mesh())
    _best_threads(_TutorialLoop(target).step)
    start = time.perf_counter()
    steps = list(_our_steps(target, QUALITY_STEPS))
    middle = time.perf_counter()
    peer = _TutorialLoop(target)
    for _ in range(QUALITY_STEPS):
        peer.step()
    end = time.perf_counter()
    fitted = steps[-1].snapshot()["fitted"]
    assert isinstance(fitted, Mesh)
    ours_value = surface_distance(target.frame.normalise(fitted.verts), fitted.faces, target)
    peer_value = surface_distance(peer.verts(), peer.faces, target)
    note = f"Chamfer distance after {QUALITY_STEPS} steps, {middle - start:.2g} s against {end - middle:.2g} s"
    yield Figure("fitting-quality", ours_value, peer_value, unit="", note=note)


def chamfer_loss() -> Iterator[Figure]:
    """The loss and its gradient by the vertices; the samples are the same, and drawn beforehand."""
    warm_up()
    target, (verts, topology), rng = Target(target_mesh()), _noisy_sphere(LEVEL), np.random.default_rng(0)
    samples = SurfaceSampler(verts, topology.faces).draw(SAMPLES, rng)
    points, _ = target.points(target.pick(SAMPLES, rng))
    tree = TargetPoints(PointTree(points))
    moving, faces = torch.tensor(verts, requires_grad=True), torch.tensor(topology.faces).long()
    corners, bary = faces[torch.tensor(samples.face_ids).long()], torch.tensor(samples.bary)[..., None]
    goal = torch.tensor(points)[None]

    def peer() -> None:
        loss, _ = chamfer_distance((bary * moving[corners]).sum(dim=1)[None], goal)
        torch.autograd.grad(loss, moving)

    _best_threads(peer)
    with Crew() as crew:
        yield Figure("chamfer", *alternate(lambda: chamfer(verts, topology.faces, samples, tree, crew), peer))


def edge() -> Iterator[Figure]:
    """mesh_edge_loss."""
    yield _shape_figure("edge", edge_loss, mesh_edge_loss)


def normal() -> Iterator[Figure]:
    """mesh_normal_consistency."""
    yield _shape_figure("normal", normal_consistency, mesh_normal_consistency)


def laplacian() -> Iterator[Figure]:
    """mesh_laplacian_smoothing, two of its kinds."""
    for kind in ("uniform", "cot"):
        ours = partial(laplacian_smoothing, kind=kind)
        yield _shape_figure(f"laplacian {kind}", ours, partial(mesh_laplacian_smoothing, method=kind))


def topology() -> Iterator[Figure]:
    """What PyTorch3D works out for each new mesh that the shape losses see."""
    sphere, faces = ico_sphere(TOPOLOGY_LEVEL)
    verts_tensor, faces_tensor = torch.tensor(sphere), torch.tensor(faces).long()

    def peer() -> None:
        mesh = Meshes([verts_tensor], [faces_tensor])
        mesh.edges_packed()
        mesh_normal_consistency(mesh)  # its face pairs are not kept apart
        mesh.laplacian_packed()

    _best_threads(peer)
    times = alternate(lambda: build_topology(faces, len(sphere)).hinges, peer, ours_a_round=3)
    yield Figure("topology", *times, note=f"{len(faces):,} faces")


class _TutorialLoop:
    """PyTorch3D's tutorial, with the target in the normalised frame."""

    def __init__(self, target: Target) -> None:
        sphere, self.faces = ico_sphere(LEVEL)
        self._source = Meshes([torch.tensor(sphere)], [torch.tensor(self.faces).long()])
        self._target = Meshes([torch.tensor(target.verts)], [torch.tensor(np.asarray(target.faces)).long()])
        self._offsets = torch.full(sphere.shape, 0.0, requires_grad=True)
        self._optimiser = torch.optim.SGD([self._offsets], lr=1.0, momentum=0.9)
        torch.manual_seed(0)

    def step(self) -> None:
        self._optimiser.zero_grad()
        mesh = self._source.offset_verts(self._offsets)
        own = sample_points_from_meshes(mesh, SAMPLES)
        goal = sample_points_from_meshes(self._target, SAMPLES)
        loss = chamfer_distance(goal, own)[0] + 1.0 * mesh_edge_loss(mesh)
        loss = loss + 0.01 * mesh_normal_consistency(mesh) + 0.1 * mesh_laplacian_smoothing(mesh, method="uniform")
        loss.backward()
        self._optimiser.step()

    def verts(self) -> Array:
        verts: Array = self._source.offset_verts(self._offsets).verts_packed().detach().numpy().copy()
        return verts


def _our_steps(target: Target, steps: int) -> Iterator[Step]:
    """The steps of the experiment; the first is the state before the first update, as it takes as long."""
    params = MeshFittingParams(template_level=LEVEL, samples=SAMPLES, steps=steps)
    quiet: Callable[..., None] = lambda *_: None  # noqa: E731 - nobody watches
    ctx = RunContext({"target": target.geometry}, "cpu", 0, params, None, quiet, lambda: None, quiet, quiet)
    return MeshFitting().run(params, ctx)


def _shape_figure(
    name: str, ours: Callable[[Array, Topology], object], peer: Callable[[Meshes], torch.Tensor]
) -> Figure:
    """A shape loss and its gradient; the peer's mesh is made anew by ``offset_verts``, as in the tutorial's loop."""
    warm_up()
    verts, shape = _noisy_sphere(LEVEL)
    source = Meshes([torch.tensor(verts)], [torch.tensor(shape.faces).long()])
    offsets = torch.zeros(verts.shape, requires_grad=True)

    def peer_step() -> None:
        torch.autograd.grad(peer(source.offset_verts(offsets)), offsets)

    _best_threads(peer_step)
    return Figure(name, *alternate(lambda: ours(verts, shape), peer_step, rounds=15, ours_a_round=20))


def _best_threads(peer: Callable[[], object]) -> int:
    """Give PyTorch the number of threads with which ``peer`` is faster, one or all, and return it."""
    times = {}
    for threads in sorted({1, usable_threads()}):
        torch.set_num_threads(threads)
        peer()
        start = time.perf_counter()
        peer()
        peer()
        times[threads] = time.perf_counter() - start
    best = min(times, key=lambda threads: times[threads])
    torch.set_num_threads(best)
    return best


def target_mesh() -> Mesh:
    """Spot the cow."""
    entity = read(example_path("spot")).entity
    assert isinstance(entity, Mesh)
    return entity


def _noisy_sphere(level: int) -> tuple[Array, Topology]:
    sphere, faces = ico_sphere(level)
    noise = np.random.default_rng(0).normal(scale=0.02, size=sphere.shape)
    return (sphere + noise).astype(np.float32), build_topology(faces, len(sphere))


def surface_distance(verts: Array, faces: Array, target: Target) -> float:
    """The Chamfer distance of a mesh in the normalised frame from the target, by 20,000 samples of either."""
    rng = np.random.default_rng(0)
    fitted = SurfaceSampler(verts, faces).draw(QUALITY_SAMPLES, rng).points(verts, faces)
    points, _ = target.points(target.pick(QUALITY_SAMPLES, rng))
    return measure(TargetPoints(PointTree(fitted)), TargetPoints(PointTree(points))).chamfer
