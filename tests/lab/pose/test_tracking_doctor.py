"""Notices of a track."""

from __future__ import annotations

import numpy as np

from lab.pose.tracking_doctor import TrackingDoctor

MIDDLE = np.zeros((20, 20), np.float32)
MIDDLE[5:15, 5:15] = 1
CUT = np.zeros((20, 20), np.float32)
CUT[5:15, :8] = 1


def say(doctor: TrackingDoctor, step: int, **what) -> list[str]:
    values = {"lost": False, "seen": True, "iou": 0.95, "turn_deg": 1.0, "mask": MIDDLE} | what
    return [notice.text for notice in doctor.look(step, **values)]


def test_a_good_track_is_not_talked_about() -> None:
    assert say(TrackingDoctor(), 3) == []


def test_lost_and_found_are_told_each_time_once() -> None:
    doctor = TrackingDoctor()
    assert "share only 40%" in say(doctor, 5, lost=True, iou=0.4)[0]
    assert say(doctor, 6, lost=True, iou=0.3) == []
    assert "Found again at picture 7" in say(doctor, 7)[0]
    assert "cannot be seen in picture 9" in say(doctor, 9, lost=True, seen=False, iou=0.0)[0]


def test_a_look_alike_is_told_once_and_only_with_the_truth() -> None:
    doctor = TrackingDoctor()
    assert say(doctor, 1, turn_deg=None) == []
    assert "rotation is 160° off" in say(doctor, 2, turn_deg=160.0)[0]
    assert say(doctor, 3, turn_deg=160.0) == []


def test_an_object_at_the_border_is_told() -> None:
    assert "reaches the border of picture 4" in say(TrackingDoctor(), 4, mask=CUT)[0]


def test_a_resumed_doctor_does_not_say_it_again() -> None:
    doctor, other = TrackingDoctor(), TrackingDoctor()
    say(doctor, 1, lost=True, iou=0.4, mask=CUT)
    say(doctor, 2, mask=CUT)
    other.restore(doctor.state())
    assert say(other, 3, mask=CUT) == []
