"""Names the collapse in which the whole field becomes empty."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from lab.experiment import Notice

WINDOW = 10  # steps that are looked at together
_EMPTY = 0.02  # of opacity, the mean of a step's rays
_STILL = 0.1  # of the loss: half of the window against the other half


class Doctor:
    """Looks at each step's mean opacity and loss, and says once what it finds."""

    def __init__(self) -> None:
        self._opacity: deque[float] = deque(maxlen=WINDOW)
        self._loss: deque[float] = deque(maxlen=WINDOW)
        self._said = False

    def look(self, step: int, opacity: float, loss: float) -> Iterator[Notice]:
        """What there is to say after a step. opacity: the mean over its rays; loss: of the colours."""
        self._opacity.append(opacity)
        self._loss.append(loss)
        if self._said or not self.collapsed:
            return
        self._said = True
        yield Notice(
            step,
            "warning",
            f"The field is empty: for {WINDOW} steps the rays met less than {_EMPTY:.0%} of opacity, and the loss "
            "stands still.",
            "Where a network says “nothing here”, its densities have hardly a gradient, so it stays empty. Use the "
            "preset “Learns on a CPU”: rays on the object, a random background that does not reward black, softplus "
            "instead of relu. Or lower the learning rate, and begin again.",
        )

    @property
    def collapsed(self) -> bool:
        """Whether all of the last steps were nearly empty, and no better at their end than at their beginning."""
        if len(self._loss) < WINDOW or max(self._opacity) >= _EMPTY:
            return False
        losses, half = list(self._loss), WINDOW // 2
        before, after = sum(losses[:half]) / half, sum(losses[-half:]) / half
        return after >= (1.0 - _STILL) * before
