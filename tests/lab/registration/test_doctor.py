"""The doctor speaks once, and only where a method stands still at a wrong place."""

from __future__ import annotations

from lab.registration.doctor import WINDOW, Doctor


def listen(distances, turn=40.0, overlap=0.3, patience=0) -> list[int]:
    doctor = Doctor("point_to_point", "Point to point", patience=patience)
    looks = [doctor.look(step, distance, overlap, turn) for step, distance in enumerate(distances)]
    return [step for step, notice in enumerate(looks) if notice is not None]


def test_a_method_that_stands_still_far_off_is_stuck_once() -> None:
    assert listen([1.0] * 60) == [WINDOW]


def test_a_method_that_still_falls_is_not() -> None:
    assert listen([0.99**step for step in range(60)]) == []


def test_a_method_that_arrived_is_not() -> None:
    assert listen([1.0] * 60, turn=1.0) == []


def test_without_the_truth_the_overlap_decides() -> None:
    assert listen([1.0] * 60, turn=None, overlap=0.2) == [WINDOW]
    assert listen([1.0] * 60, turn=None, overlap=0.9) == []


def test_patience_puts_it_off() -> None:
    assert listen([1.0] * 60, patience=15) == [WINDOW + 15]


def test_the_notice_says_what_to_do() -> None:
    doctor = Doctor("features", "Global")
    notices = [doctor.look(step, 1.0, 0.1, 77.0) for step in range(WINDOW + 1)]
    assert notices[-1] is not None
    assert "77°" in notices[-1].text
    assert "rounds" in notices[-1].advice
    assert notices[-1].text.startswith("Global is stuck")


def test_a_resumed_doctor_goes_on() -> None:
    first = Doctor("gradient", "Gradient descent")
    for step in range(16):
        assert first.look(step, 1.0, 0.1, 50.0) is None
    second = Doctor("gradient", "Gradient descent")
    second.restore(first.state())
    found = [step for step in range(15, 40) if second.look(step, 1.0, 0.1, 50.0)]
    assert found == [WINDOW]
