"""What is said when a field does not learn."""

from __future__ import annotations

from lab.fields.doctor import Doctor


def said(*history: tuple[int, float]) -> list[str]:
    doctor = Doctor(16.9)
    return [notice.text for step, psnr in history for notice in doctor.look(step, psnr)]


def test_a_black_field_is_named_once() -> None:
    (text,) = said((0, 12.0), (50, 16.8), (150, 16.95), (200, 16.95))
    assert "all black" in text


def test_fog_that_stays_is_named() -> None:
    (text,) = said((0, 9.0), (100, 9.3), (150, 9.2))
    assert "learns nothing" in text


def test_a_field_that_learns_is_left_alone() -> None:
    assert said((0, 12.0), (50, 25.0), (100, 30.0), (1000, 36.0)) == []
