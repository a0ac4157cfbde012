"""What the doctor says, and that it is silent about fits that are well."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lab.examples import examples
from lab.experiment import Notice
from lab.fitting.doctor import Doctor, Look, examine_target, examine_weights, outlier_mask
from lab.fitting.fitter import CpuFitter, start_state
from lab.fitting.target import Target
from lab.formats import read, transform
from lab.kernels.crew import Crew
from lab.scene import Mesh, Points
from tests.lab.fitting.fitting_help import blob, bumpy_mesh, cube, fit, noisy_sphere, pedestrian

WEIGHT = {"chamfer": 1.0, "normals": 0.0, "edge": 1.0, "normal": 0.01, "laplacian": 0.1}
GOOD = {"chamfer": 0.5, "edge": 0.01, "normal": 0.1, "laplacian": 0.01}


def look(step: int, setting: str = "", rate: float = 1.0, **values: float) -> Look:
    return Look(step, {**GOOD, **values}, WEIGHT, rate, setting)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
@pytest.mark.parametrize("preset", [{}, {"edge_weight": 0.0, "normal_weight": 0.0, "laplacian_weight": 0.0}])
def test_the_bundled_examples_are_well(example, preset) -> None:  # type: ignore[no-untyped-def]
    run = fit(transform(read(example.path).entity, up=example.up), samples=500, template_level=3, steps=260, **preset)
    assert run.run().notices == []


@pytest.mark.parametrize("far", [0, 1, 5])
def test_outliers_are_found(far: int) -> None:
    cloud = blob(1000)
    away = np.random.default_rng(1).uniform(-1, 1, (far, 3)) + np.array([6.0, 0.0, 0.0])
    verts = np.concatenate([cloud.verts, away.astype(np.float32)])
    mask = outlier_mask(verts)
    assert mask[:1000].sum() == 0
    assert mask[1000:].all()
    notices = examine_target(Target(Points(verts)), 0)
    assert [notice.text.split(" ")[0] for notice in notices] == ([str(far)] if far else [])


def test_scattered_noise_is_found() -> None:
    cloud = blob(2000)
    noise = np.random.default_rng(2).uniform(-3, 3, (20, 3)) + cloud.verts.mean(axis=0)
    mask = outlier_mask(np.concatenate([cloud.verts, noise]))
    assert mask[2000:].sum() > 10
    assert not mask[:2000].any()


def test_few_points_are_told_and_the_courses_scan_is_enough() -> None:
    (notice,) = examine_target(Target(blob(40)), 0)
    assert "only 40 points" in notice.text
    assert examine_target(Target(pedestrian(239)), 0) == []
    assert examine_target(Target(Mesh(*cube())), 0) == []


def test_weights_that_cannot_work_are_told() -> None:
    assert examine_weights(WEIGHT, has_normals=False, step=0) == []
    (none,) = examine_weights(dict.fromkeys(WEIGHT, 0.0), has_normals=True, step=3)
    assert "nothing moves" in none.text
    (no_pull,) = examine_weights(WEIGHT | {"chamfer": 0.0}, has_normals=True, step=3)
    assert no_pull.term == "chamfer"
    (no_normals,) = examine_weights(WEIGHT | {"normals": 0.1}, has_normals=False, step=3)
    assert no_normals.term == "normals"


def test_a_loss_that_is_no_number_names_its_term() -> None:
    doctor = Doctor("SGD", fresh=True)
    assert doctor.illness(look(0)) is None
    notice = doctor.illness(look(1, laplacian=math.nan))
    assert notice is not None
    assert notice.stop
    assert notice.level == "error"
    assert notice.term == "laplacian"
    assert "step 1" in notice.text
    assert "Laplacian" in notice.advice


def test_when_all_are_no_numbers_the_term_that_grew_is_named() -> None:
    doctor = Doctor("SGD", fresh=True)
    doctor.illness(look(0))
    doctor.illness(look(1, edge=3.0))
    notice = doctor.illness(look(2, **dict.fromkeys(GOOD, math.nan)))
    assert notice is not None
    assert notice.term == "edge"


def test_a_term_without_weight_may_be_anything() -> None:
    doctor = Doctor("SGD", fresh=True)
    values = {**GOOD, "normals": math.nan}
    assert doctor.illness(Look(0, values, WEIGHT, 1.0, "")) is None


def test_an_explosion_names_its_term_and_the_rate() -> None:
    doctor = Doctor("Adam", fresh=True)
    doctor.illness(look(0))
    assert doctor.illness(look(1, chamfer=5.0)) is None  # bad, but it may come back
    notice = doctor.illness(look(2, chamfer=40.0, rate=3.0))
    assert notice is not None
    assert notice.term == "chamfer"
    assert "0.5 to 40" in notice.text
    assert "now 3" in notice.advice
    assert "0.01" in notice.advice


def test_a_new_setting_is_a_new_start() -> None:
    doctor = Doctor("SGD", fresh=True)
    doctor.illness(look(0))
    assert doctor.illness(look(1, setting="cotcurv", laplacian=900.0)) is None
    assert doctor.illness(look(2, setting="cotcurv", laplacian=950.0)) is None


def test_a_fit_that_does_not_move_is_told_once() -> None:
    run = fit(bumpy_mesh(), learning_rate=1e-4, steps=420).run()
    (notice,) = run.notices
    assert "hardly changed in 200 steps" in notice.text
    assert notice.step == 200
    assert not notice.stop


def test_a_template_that_fits_already_is_no_trouble() -> None:
    mesh = bumpy_mesh()
    assert fit(mesh, own=mesh, learning_rate=1e-4, steps=210).run().notices == []


def test_a_template_inside_out_is_told() -> None:
    mesh = bumpy_mesh()
    turned = Mesh(mesh.verts, mesh.faces[:, ::-1])
    (notice,) = fit(mesh, own=turned, steps=60).run().notices
    assert "inside out" in notice.text


def test_a_surface_that_turns_inside_out_is_told_once() -> None:
    verts, topology = noisy_sphere(2)
    target = Target(bumpy_mesh())
    doctor = Doctor("SGD", fresh=True)
    assert doctor.begin(topology, verts, 0) == []
    state = start_state(verts, topology.faces)
    state["offsets"] = -2.0 * verts  # mirrored through the origin
    fitter = CpuFitter(state, target, "SGD", 0, Crew(1))
    heard: list[Notice] = []
    for step in range(0, 200, 10):
        heard += doctor.remarks(look(step), fitter)
    (notice,) = heard
    assert "turned inside out" in notice.text


def test_an_open_template_has_no_inside() -> None:
    verts, topology = noisy_sphere(2)
    half = topology.faces[verts[topology.faces].mean(axis=1)[:, 1] > 0.0][:, ::-1]
    own = Mesh(verts * np.float32(0.5) + np.float32([2.0, 0.0, 1.0]), half)
    assert fit(bumpy_mesh(), own=own, steps=60).run().notices == []
