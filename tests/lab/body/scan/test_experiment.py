"""The experiment on the bundled scan, and on scans that are none."""

import numpy as np
import pytest

from lab.body.library import load_body
from lab.body.measure import measure
from lab.body.record import BodyPose
from lab.body.scan.example import SOURCE, truth
from lab.chapters.body.scan import SCAN
from lab.examples import example_path
from lab.experiment import ExperimentError
from lab.formats import read
from lab.scene import Mesh, Points
from tests.lab.pose.runs_help import Made


@pytest.fixture(scope="module")
def made():
    scan = read(example_path("person")).entity
    return Made(SCAN, {"scan": scan}, {"steps": 14, "points": 600}, keep=(0, 10)).make()


def test_the_example_is_fitted(made):
    assert made.figures["Scan to body, median (mm)"] < 5
    betas, _ = truth()
    height = measure(load_body(SOURCE), betas)["height"]  # the scanned body is another model than the fitted one
    assert made.document["measurements"]["height"] == pytest.approx(height, abs=0.03)
    assert made.metric("loss")[-1] < made.metric("loss")[0]
    assert not made.notices


def test_the_body_is_one_mesh_that_moves(made):
    first, later = made.snapshots[0]["body"], made.snapshots[10]["body"]
    assert isinstance(first, Mesh)
    assert first.faces is later.faces
    assert not np.array_equal(first.verts, later.verts)


def test_the_result_can_be_taken_up_again(made):
    document = made.document["body"]
    assert len(document["betas"]) == 10
    assert made.document["measurements"]["height"] == pytest.approx(made.figures["Height (cm)"] / 100)
    arrays = made.outcomes[-1].arrays
    assert BodyPose("neutral", arrays["betas"], np.reshape(arrays["poses"], (24, 3)), np.ravel(arrays["trans"]))


def test_a_run_goes_on_from_its_checkpoint(made):
    scan = read(example_path("person")).entity
    again = Made(SCAN, {"scan": scan}, {"steps": 14, "points": 600}, resume=made.states[10]).make()
    assert [step.index for step in again.steps] == [10, 11, 12, 13, 14]
    assert again.metric("loss") == pytest.approx(made.metric("loss")[10:])


def test_a_scan_in_millimetres_far_away_stays_there():
    scan = read(example_path("person")).entity
    moved = Points(1000 * scan.verts[:3000], origin=np.array([5e5, 0.0, 2e6]))
    made = Made(SCAN, {"scan": moved}, {"steps": 6, "points": 300}).make()
    assert made.figures["Unit of the scan"] == "millimetres"
    body = made.outcomes[-1].entities["body"]
    assert body.origin == pytest.approx([5e5, 0.0, 2e6])
    assert np.ptp(body.verts[:, 1]) == pytest.approx(np.ptp(moved.verts[:, 1]), rel=0.05)


def test_what_is_no_person_is_refused():
    with pytest.raises(ExperimentError, match="no person"):
        Made(SCAN, {"scan": Points(np.random.default_rng(0).random((100, 3)) * 9)}, {"steps": 1}).make()
    with pytest.raises(ExperimentError, match="too few"):
        Made(SCAN, {"scan": Points(np.array([[0, 0, 0], [0, 1.8, 0]]))}, {"steps": 1}).make()
