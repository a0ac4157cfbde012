"""A body laid into points: the objective falls, the truth is found, outliers do not pull."""

import numpy as np
import pytest

from lab.body.joint_model import JointModel
from lab.body.library import load_body
from lab.body.posing import Poser
from lab.body.prior import PosePrior
from lab.body.scan.fit import Body, ScanFit, Weights
from lab.body.scan.start import best_start, first_bodies, scale_of, turned_back
from lab.chapters.body.scan import AUTO, MILLIMETRES
from lab.experiment import ExperimentError


@pytest.fixture(scope="module")
def data():
    return load_body("neutral")


@pytest.fixture(scope="module")
def prior():
    return PosePrior.load(None)


def a_person(data, seed, side=0.0):
    """A standing body: (Body, its vertices, points with 2 mm of noise)."""
    rng = np.random.default_rng(seed)
    pose = 0.08 * rng.normal(size=(24, 3))
    pose[0] = [0.0, side, 0.0]
    pose[16], pose[17], pose[18] = [0, 0, -0.9], [0, 0, 1.1], [0, -0.7, 0]
    body = Body(0.8 * rng.normal(size=10), pose, np.array([0.4, 1.0, -0.3]))
    poser = Poser(data)
    verts = poser.pose(poser.shape(body.betas), body.pose, body.transl).verts.astype(np.float64)
    points = verts[rng.choice(len(verts), 2500)] + 0.002 * rng.normal(size=(2500, 3))
    return body, verts, points


def disturbed(body, amount=0.06):
    rng = np.random.default_rng(9)
    pose = body.pose + amount * rng.normal(size=body.pose.shape)
    return Body(np.zeros(10), pose, body.transl + 0.03)


def followed(fit, body, steps, weights=Weights()):  # noqa: B008 - frozen
    for _ in range(steps):
        body = fit.step(fit.look(body), weights)
    return body


def error(fit, body, verts):
    return float(np.linalg.norm(fit.look(body).verts - verts, axis=1).mean())


def test_from_nearby_the_body_is_found(data, prior):
    body, verts, points = a_person(data, 1)
    fit = ScanFit(data, points[:600], points, prior, vertices=400)
    start = disturbed(body)
    found = followed(fit, start, 15)
    assert error(fit, start, verts) > 0.03
    assert error(fit, found, verts) < 0.012
    weights = Weights()
    assert sum(fit.terms(fit.look(found), weights).values()) < 0.2 * sum(fit.terms(fit.look(start), weights).values())


def test_far_points_do_not_pull(data, prior):
    body, verts, points = a_person(data, 2)
    floor = np.random.default_rng(0).uniform([-1.5, -0.4, -1.5], [1.5, -0.35, 1.5], (200, 3))
    fit = ScanFit(data, np.concatenate([points[:600], floor]), points, prior, vertices=400)
    assert error(fit, followed(fit, disturbed(body), 20), verts) < 0.02


def test_without_weights_only_the_priors_speak(data, prior):
    body, _, points = a_person(data, 3)
    fit = ScanFit(data, points[:300], points, prior, vertices=300)
    found = followed(fit, disturbed(body), 40, Weights(scan=0.0, body=0.0))
    assert np.abs(found.betas).max() < 1e-6
    component = prior.nearest(found.pose[1:].ravel())
    assert found.pose[1:].ravel() == pytest.approx(prior.means[component], abs=1e-3)


def test_a_step_brings_the_pairs_together(data, prior):
    """With pairs held fixed, one step of Gauss-Newton takes away a good part of the distance along the normals."""
    body, _, points = a_person(data, 4)
    fit = ScanFit(data, points[:300], points, prior, vertices=300)
    look = fit.look(disturbed(body))
    step = fit.step(look, Weights(body=0.0, reach=1.0))
    model = JointModel(data, verts=look.nearest.tolist())

    def squares(state):
        verts = model.forward(state.betas, state.pose, state.transl).points[24:]
        across = (look.normals[look.nearest] * (verts - fit.points)).sum(axis=1)
        return float((across**2).mean())

    assert squares(step) < 0.8 * squares(look.body)


@pytest.mark.parametrize("side", [0.4, 2.6])
def test_the_search_finds_the_side(data, prior, side):
    _, verts, points = a_person(data, 5, side)
    fit = ScanFit(data, points[:250], points, prior, vertices=250)
    found = best_start(fit, first_bodies(points, fit, prior, 10), lambda share: None)
    assert error(fit, found, verts) < 0.05


def test_turned_back_looks_the_other_way_in_the_same_place(data):
    body, verts, _ = a_person(data, 6)
    poser = Poser(data)
    turned = turned_back(body)
    other = poser.pose(poser.shape(turned.betas), turned.pose, turned.transl)
    nose = data.landmarks["nose"]
    pelvis = verts.mean(axis=0)
    assert (verts[nose] - pelvis)[2] * (other.verts[nose] - pelvis)[2] < 0
    again = turned_back(turned)
    assert again.pose == pytest.approx(body.pose, abs=1e-9)


@pytest.mark.parametrize(("factor", "unit"), [(1.0, "metres"), (100.0, "centimetres"), (1000.0, "millimetres")])
def test_the_unit_is_found_by_the_height(factor, unit):
    points = factor * np.array([[0, 0, 0], [0.3, 1.8, 0.2]])
    assert scale_of(points, AUTO) == (pytest.approx(1 / factor), unit)


def test_a_unit_that_is_chosen_is_taken():
    assert scale_of(np.array([[0, 0, 0], [0, 1.8, 0]]), MILLIMETRES) == (0.001, MILLIMETRES)


def test_a_house_is_no_person():
    with pytest.raises(ExperimentError, match="12 tall"):
        scale_of(np.array([[0, 0, 0], [0.0, 12.0, 0]]), AUTO)
