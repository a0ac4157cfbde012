"""Tells when a field learns nothing, and why."""

from __future__ import annotations

from collections.abc import Iterator

from lab.experiment import Notice

_PATIENCE = 100  # steps before it says anything
_NEAR = 0.3  # dB around the PSNR of black pictures
_GAIN = 1.0  # dB above its first value


class Doctor:
    """Looks at the PSNR of held-out views. black: what black pictures would get, dB."""

    def __init__(self, black: float) -> None:
        self._black = black
        self._first: float | None = None
        self._said = False

    def look(self, step: int, psnr: float) -> Iterator[Notice]:
        """What there is to say after a step."""
        self._first = psnr if self._first is None else self._first
        if self._said or step < _PATIENCE:
            return
        if abs(psnr - self._black) < _NEAR:
            self._said = True
            yield Notice(
                step,
                "warning",
                f"The field has become all black: {psnr:.1f} dB is what black pictures get.",
                "Where most of a picture is black, an empty field is a comfortable answer. Use masks or a random "
                "background, or a lower learning rate.",
            )
        elif psnr < self._first + _GAIN and psnr < self._black + _GAIN:
            self._said = True
            yield Notice(
                step,
                "warning",
                f"The field learns nothing: {psnr:.1f} dB after {step} steps.",
                "Do the cameras look at the object, and in the right convention? The study “Posed images” shows them.",
            )
