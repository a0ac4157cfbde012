"""The lab's fitter and PyTorch3D's, through the same interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from lab.fitting.fitter import CpuFitter, Fitter, start_state
from lab.fitting.target import Target
from lab.fitting.terms import TERMS, weighted_sum
from lab.fitting.torch_fitter import TorchFitter
from lab.kernels.crew import Crew
from lab.scene import Geometry
from tests.lab.fitting.fitting_help import blob, bumpy_mesh, noisy_sphere

Make = Callable[..., Fitter]
WEIGHT = {"chamfer": 1.0, "normals": 0.0, "edge": 1.0, "normal": 0.01, "laplacian": 0.1}


@pytest.fixture(params=["the lab", "torch on cpu", "torch on cuda"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes a fitter of either kind."""
    if request.param == "torch on cuda" and not torch.cuda.is_available():
        pytest.skip("no GPU")
    with Crew(2) as crew:

        def fitter(state: Any, target: Target, optimiser: str = "SGD", seed: int = 0) -> Fitter:
            if request.param == "the lab":
                return CpuFitter(state, target, optimiser, seed, crew)
            return TorchFitter(state, target, optimiser, seed, request.param.rsplit(" ", 1)[1])

        yield fitter


def sphere_state(level: int = 2) -> dict[str, Any]:
    verts, topology = noisy_sphere(level)
    return start_state(verts, topology.faces)


@pytest.mark.parametrize("kind", ["uniform", "cot", "cotcurv"])
def test_every_term_and_its_gradient_are_those_of_pytorch3d(kind: str) -> None:
    """The cloud is taken whole and the samples are many, so only the mesh's samples differ."""
    target = Target(blob(400, normals=True))
    ours = CpuFitter(sphere_state(), target, "SGD", 0, Crew(1))
    theirs = TorchFitter(sphere_state(), target, "SGD", 0, "cpu")
    values, expected = ours.evaluate(40_000, kind), theirs.evaluate(40_000, kind)
    assert list(values) == list(expected) == list(TERMS)
    gradients, expected_gradients = ours.gradients(), theirs.gradients()
    for term in TERMS:
        exact = term in ("edge", "normal", "laplacian")
        assert values[term] == pytest.approx(expected[term], rel=1e-5 if exact else 0.02), term
        peak = np.abs(expected_gradients[term]).max()
        tolerance = 5e-4 if exact else 0.2  # samples differ, so their pulls do
        assert np.allclose(gradients[term], expected_gradients[term], atol=tolerance * peak), term


def test_a_step_moves_against_the_weighted_gradients(make: Make) -> None:
    fitter = make(sphere_state(), Target(bumpy_mesh()))
    before = fitter.verts()
    fitter.evaluate(500, "uniform")
    gradients = fitter.gradients()
    fitter.update(WEIGHT, 0.5, 0.9)
    total = sum(WEIGHT[term] * gradients[term] for term in gradients)
    assert np.allclose(fitter.verts(), before - 0.5 * total, atol=1e-6)
    assert np.allclose(fitter.offsets(), fitter.verts() - before, atol=1e-6)


def test_terms_without_weight_do_not_move(make: Make) -> None:
    fitter = make(sphere_state(), Target(bumpy_mesh()))
    before = fitter.verts()
    fitter.evaluate(500, "uniform")
    fitter.update(dict.fromkeys(TERMS, 0.0), 1.0, 0.9)
    assert np.array_equal(fitter.verts(), before)


@pytest.mark.parametrize("target", [bumpy_mesh(), blob(3000), blob(100)], ids=["mesh", "large cloud", "small cloud"])
def test_a_fit_gets_closer(make: Make, target: Geometry) -> None:
    fitter = make(sphere_state(), Target(target))
    first = fitter.evaluate(400, "uniform")
    assert ("normals" in first) == (target.__class__.__name__ == "Mesh")
    for _ in range(40):
        fitter.update(WEIGHT, 0.5, 0.9)
        values = fitter.evaluate(400, "uniform")
    assert values["chamfer"] < 0.3 * first["chamfer"]
    assert weighted_sum(values, WEIGHT) < weighted_sum(first, WEIGHT)


@pytest.mark.parametrize("optimiser", ["SGD", "Adam"])
def test_a_state_goes_on_bit_by_bit(make: Make, optimiser: str, request: pytest.FixtureRequest) -> None:
    if "cuda" in request.node.name:
        pytest.skip("PyTorch3D adds in no fixed order there")
    target = Target(bumpy_mesh())
    rate = 0.5 if optimiser == "SGD" else 0.01
    fitter = make(sphere_state(), target, optimiser)
    fitter.evaluate(300, "uniform")
    for _ in range(5):
        fitter.update(WEIGHT, rate, 0.9)
        values = fitter.evaluate(300, "uniform")
    again = make(fitter.state(), target, optimiser, seed=99)
    assert again.evaluate(300, "uniform") == values
    for _ in range(5):
        fitter.update(WEIGHT, rate, 0.9)
        again.update(WEIGHT, rate, 0.9)
        assert again.evaluate(300, "uniform") == fitter.evaluate(300, "uniform")
    assert np.array_equal(again.verts(), fitter.verts())


def test_subdividing_keeps_the_surface_and_carries_the_momentum(make: Make) -> None:
    fitter = make(sphere_state(1), Target(bumpy_mesh()))
    fitter.evaluate(300, "uniform")
    fitter.update(WEIGHT, 1.0, 0.9)
    before, state = fitter.verts(), fitter.state()
    edges = fitter.topology.edges
    fitter.subdivide()
    after = fitter.verts()
    assert len(fitter.topology.faces) == 4 * 80
    assert np.allclose(after[: len(before)], before, atol=1e-6)
    assert np.allclose(after[len(before) :], before[edges].mean(axis=1), atol=1e-6)
    momentum = fitter.state()["first"]
    assert np.allclose(momentum[len(before) :], state["first"][edges].mean(axis=1), atol=1e-7)
    values = fitter.evaluate(300, "cot")
    fitter.update(WEIGHT, 0.1, 0.9)
    assert all(np.isfinite(value) for value in values.values())


def test_a_mesh_that_is_not_finite_is_told_by_nan(make: Make) -> None:
    state = sphere_state()
    state["offsets"][3] = np.inf
    values = make(state, Target(bumpy_mesh())).evaluate(300, "uniform")
    assert np.isnan(values["chamfer"])
    assert not np.isfinite(values["edge"])


def test_rewinding_goes_back_and_forgets_the_momentum(make: Make) -> None:
    fitter = make(sphere_state(), Target(bumpy_mesh()))
    fitter.evaluate(300, "uniform")
    start = fitter.offsets()
    for _ in range(3):
        fitter.update(WEIGHT, 1.0, 0.9)
        fitter.evaluate(300, "uniform")
    fitter.rewind(start)
    assert np.array_equal(fitter.offsets(), start)
    state = fitter.state()
    assert not state["first"].any()
    assert state["updates"] == 0


def test_what_is_handed_out_is_not_written_to_again(make: Make) -> None:
    fitter = make(sphere_state(), Target(bumpy_mesh()))
    fitter.evaluate(300, "uniform")
    held = {"verts": fitter.verts(), "offsets": fitter.offsets(), **fitter.gradients()}
    held |= {key: value for key, value in fitter.state().items() if isinstance(value, np.ndarray)}
    copies = {key: value.copy() for key, value in held.items()}
    fitter.update(WEIGHT, 1.0, 0.9)
    fitter.evaluate(300, "uniform")
    for key, value in held.items():
        assert np.array_equal(value, copies[key]), key


def test_each_kind_goes_on_from_the_others_state() -> None:
    target = Target(bumpy_mesh())
    ours = CpuFitter(sphere_state(), target, "SGD", 0, Crew(1))
    ours.evaluate(300, "uniform")
    ours.update(WEIGHT, 1.0, 0.9)
    theirs = TorchFitter(ours.state(), target, "SGD", 0, "cpu")
    assert np.allclose(theirs.verts(), ours.verts(), atol=1e-6)
    theirs.evaluate(300, "uniform")
    theirs.update(WEIGHT, 1.0, 0.9)
    back = CpuFitter(theirs.state(), target, "SGD", 0, Crew(1))
    assert np.allclose(back.verts(), theirs.verts(), atol=1e-6)
    assert back.state()["updates"] == 2


def test_another_optimiser_begins_anew() -> None:
    fitter = CpuFitter(sphere_state(), Target(bumpy_mesh()), "SGD", 0, Crew(1))
    fitter.evaluate(300, "uniform")
    fitter.update(WEIGHT, 1.0, 0.9)
    other = CpuFitter(fitter.state(), Target(bumpy_mesh()), "Adam", 0, Crew(1)).state()
    assert other["optimiser"] == "Adam"
    assert other["updates"] == 0
    assert not other["first"].any()


def test_threads_do_not_change_a_bit() -> None:
    results = []
    for threads in (1, 3):
        with Crew(threads) as crew:
            fitter = CpuFitter(sphere_state(3), Target(bumpy_mesh()), "SGD", 0, crew)
            for _ in range(5):
                fitter.evaluate(3000, "uniform")
                fitter.update(WEIGHT, 1.0, 0.9)
            results.append(fitter.verts())
    assert np.array_equal(*results)
