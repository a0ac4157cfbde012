"""Each notice comes when it should, once, and not otherwise."""

from __future__ import annotations

import numpy as np

from lab.experiment import Notice
from lab.pose.doctor import WINDOW, Doctor
from lab.pose.search import Candidate
from lab.pose.variables import Pose


def look(doctor: Doctor, step: int = 0, **changed: object) -> list[Notice]:
    values: dict[str, object] = {"loss": 100.0 / (step + 1), "overlap": 0.5, "drawn": 1.0, "colors": True, "skipped": 0}
    values |= changed
    return doctor.look(step, single=True, **values)  # type: ignore[arg-type]


def candidate(turn_deg: float, cost: float) -> Candidate:
    pose = Pose.looking_at([0.0, 0.0, 4.0], np.zeros(3), 1.7)
    return Candidate(pose.turned(np.radians([0.0, turn_deg, 0.0]), np.zeros(3), np.zeros(3)), 0.9, cost)


def test_a_run_that_goes_well_is_left_alone() -> None:
    doctor = Doctor()
    assert not [notice for step in range(100) for notice in look(doctor, step)]


def test_no_overlap_is_said_once() -> None:
    doctor = Doctor()
    assert "no overlap between the silhouettes" in look(doctor, overlap=0.0)[0].text
    assert not look(doctor, 1, overlap=0.0)


def test_an_empty_white_picture_is_a_minimum_of_the_colours_only() -> None:
    (notice,) = look(Doctor(), overlap=0.0, drawn=0.01)
    assert "white background minimum" in notice.text
    assert notice.term == "rgb"
    (notice,) = look(Doctor(), overlap=0.0, drawn=0.01, colors=False)
    assert "left the picture" in notice.text
    assert "white" not in notice.text


def test_an_explosion_is_told_of() -> None:
    assert "gradient exploded" in look(Doctor(), skipped=1)[0].text


def test_a_loss_that_stands_at_a_poor_overlap_is_a_local_minimum() -> None:
    doctor = Doctor()
    said = [notice for step in range(WINDOW + 5) for notice in look(doctor, step, loss=100.0 - 0.001 * step)]
    assert len(said) == 1
    assert "local minimum" in said[0].text
    assert said[0].step == WINDOW
    good = Doctor()
    assert not [n for step in range(WINDOW + 5) for n in look(good, step, loss=100.0, overlap=0.97)]


def test_another_answer_that_is_as_good() -> None:
    doctor = Doctor()
    assert doctor.compare(9, candidate(0.0, 100.0), [candidate(2.0, 100.0), candidate(90.0, 200.0)]) is None
    found = doctor.compare(9, candidate(0.0, 100.0), [candidate(2.0, 100.0), candidate(90.0, 110.0)])
    assert found is not None
    assert "symmetric object" in found.text
    assert "90°" in found.text


def test_a_poor_result() -> None:
    assert Doctor().poor(9, 0.95) is None
    found = Doctor().poor(9, 0.5)
    assert found is not None
    assert "50%" in found.text


def test_a_doctor_goes_on_from_a_checkpoint() -> None:
    first, second = Doctor(), Doctor()
    for step in range(30):
        look(first, step, loss=100.0, overlap=0.0)
    second.restore(first.state())
    rest = range(29, WINDOW + 5)
    again = [notice for step in rest for notice in look(second, step, loss=100.0, overlap=0.0)]
    assert [notice.step for notice in again] == [WINDOW]
    assert "local minimum" in again[0].text
