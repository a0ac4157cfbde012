"""A body in an outline: the gradient, the search, the result on a picture whose truth is known."""

import imageio.v3 as imageio
import numpy as np
import pytest
import torch

from lab.body.library import load_body
from lab.body.outline.objective import NAMES, Objective
from lab.body.outline.picture import camera_for, load_target, place_of
from lab.body.posing import Poser
from lab.body.prior import PosePrior
from lab.cameras.model import CameraModel
from lab.chapters.body.outline import OUTLINE, OutlineParams
from lab.experiment import ExperimentError
from lab.kernels.crew import Crew
from lab.params import build
from lab.pose.target import Target
from lab.raster.fragments import rasterize
from lab.raster.projection import to_ndc
from tests.lab.pose.runs_help import Made

SIZE = (240, 200)


@pytest.fixture(scope="module")
def person(tmp_path_factory):
    """(file of a picture, its camera, the true vertices): the left arm half down, the right one nearly down."""
    data = load_body("neutral")
    poser = Poser(data)
    pose = np.zeros((24, 3))
    pose[16], pose[17], pose[1], pose[2] = [0, 0, -0.5], [0, 0, 1.0], [0, 0, 0.15], [0, 0, -0.15]
    verts = poser.pose(poser.shape([0.5]), pose, [0.1, 0.9, 0.0]).verts
    c2w = np.eye(4)
    c2w[:3, 3] = 0.0, 0.9, 3.4
    height, width = SIZE
    camera = CameraModel(c2w, 300.0, 300.0, width / 2, height / 2, width, height)
    seen = rasterize(to_ndc(verts, camera), np.asarray(data.faces, np.int32), SIZE).pix_to_face[..., 0] >= 0
    pixels = np.full((*SIZE, 3), 230, np.uint8)
    pixels[seen] = 90, 110, 140
    path = tmp_path_factory.mktemp("outline") / "person.png"
    imageio.imwrite(path, pixels)
    return path, camera, verts


def params(path, **values):
    return build(OutlineParams, {"image": str(path), "fov": 36.9, "size": 96, **values})


def test_the_camera_puts_a_person_where_the_mask_is(person):
    path, true, verts = person
    target, size = load_target(params(path), str(path))
    assert size == SIZE
    camera = camera_for(target, 36.9)
    assert camera.c2w[2, 3] == pytest.approx(true.c2w[2, 3], rel=0.1)
    lower, upper = verts.min(axis=0) - [0, 0.9, 0], verts.max(axis=0) - [0, 0.9, 0]
    place = place_of(target, camera, lower.astype(float), upper.astype(float))
    pixel = camera.fy * (camera.c2w[1, 3] - (place + (lower + upper) / 2)[1]) / camera.c2w[2, 3] + camera.cy
    top, bottom, _, _ = target.box
    assert pixel == pytest.approx((top + bottom) / 2, abs=0.5)


def test_the_gradient_is_that_of_the_terms(person):
    path, _, _ = person
    target, _ = load_target(params(path), str(path))
    small = Target(target.mask[::2, ::2])
    camera = camera_for(small, 36.9)
    weights = {"silhouette": 1.0, "pose": 0.7, "shape": 0.5}
    with Crew() as crew:
        objective = Objective(load_body("neutral"), small, camera, PosePrior.load(None), crew)
        values = {"betas": np.full(10, 0.3), "body_pose": np.full(69, 0.05), "global_orient": np.array([0.1, 0.2, 0.0])}
        values["transl"] = np.array([0.05, 0.9, 0.1])

        def total(changed):
            seen = objective.evaluate({n: torch.tensor(changed[n], dtype=torch.float32) for n in NAMES}, weights, 5e-3)
            return sum(weights[name] * value for name, value in seen.terms.items())

        variables = {n: torch.tensor(values[n], dtype=torch.float32, requires_grad=True) for n in NAMES}
        for tensor in variables.values():
            tensor.grad = torch.zeros_like(tensor)
        objective.evaluate(variables, weights, 5e-3)
        for name, index in (("betas", 0), ("transl", 0), ("transl", 1), ("global_orient", 2), ("body_pose", 47)):
            step = np.zeros_like(values[name])
            step[index] = 4e-3
            up, down = ({**values, name: values[name] + sign * step} for sign in (1, -1))
            slope = (total(up) - total(down)) / 8e-3
            assert float(variables[name].grad[index]) == pytest.approx(slope, rel=0.1, abs=3.0), name


@pytest.fixture(scope="module")
def made(person):
    values = {"image": str(person[0]), "fov": 36.9, "size": 96, "steps": 40}
    return Made(OUTLINE, {}, values, keep=(0, 20)).make()


def test_the_body_fills_the_outline(made, person):
    _, _, verts = person
    assert made.figures["IoU"] > 0.8
    assert made.metric("loss")[-1] < 0.8 * made.metric("loss")[0]
    found = made.outcomes[-1].entities["body"].verts
    mean = np.linalg.norm((found - verts)[:, :2], axis=1).mean()
    assert mean < 0.08, "across the line of sight; an outline does not tell the depth"
    assert set(made.snapshots[0]) == {"body", "camera", "target", "overlay", "difference"}


def test_a_run_goes_on_from_its_checkpoint(made, person):
    values = {"image": str(person[0]), "fov": 36.9, "size": 96, "steps": 22}
    again = Made(OUTLINE, {}, values, resume=made.states[20]).make()
    assert again.steps[0].index == 20
    assert again.metric("pose")[0] == pytest.approx(made.metric("pose")[20], rel=1e-5)


def test_without_a_photo_there_is_an_example():
    made = Made(OUTLINE, {}, {"steps": 1, "size": 64}).make()
    assert made.figures["Picture"] == "example_person.png"


def test_a_picture_without_a_person_is_refused(tmp_path):
    imageio.imwrite(tmp_path / "empty.png", np.full((80, 80, 3), 200, np.uint8))
    with pytest.raises(ExperimentError, match="mask"):
        Made(OUTLINE, {}, {"image": str(tmp_path / "empty.png"), "steps": 1}).make()
