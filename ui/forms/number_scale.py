"""How a number is moved by a slider, stepped by a key and written in a field. Plain arithmetic, no widgets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lab.params import Param

_DECADES_FROM = 1000.0  # a whole range of this ratio or more moves in decades, declared or not
_NICE = (1.0, 2.0, 5.0)


def format_number(value: float) -> str:
    """A number in plain notation with up to six significant figures: 0.00005, 0.1, 2000."""
    return np.format_float_positional(value, precision=6, fractional=False, trim="-")


def parse_number(text: str) -> float:
    """The number that a person typed, with a point or a comma. Raises ValueError."""
    cleaned = text.strip().replace("−", "-").replace(" ", "")
    if "," in cleaned and "." not in cleaned:
        cleaned = cleaned.replace(",", ".")
    return float(cleaned)


def significant(value: float, figures: int) -> float:
    """``value`` rounded to so many significant figures."""
    if value == 0.0:
        return 0.0
    return round(value, figures - 1 - math.floor(math.log10(abs(value))))


def nice_below(value: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is smaller than a positive ``value``."""
    exponent = math.floor(math.log10(value)) + 1
    steps = (nice * 10.0**power for power in (exponent, exponent - 1, exponent - 2) for nice in reversed(_NICE))
    return float(f"{next(step for step in steps if step < value * (1 - 1e-9)):.0e}")


def nice_above(value: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is larger than a positive ``value``."""
    exponent = math.floor(math.log10(value))
    steps = (nice * 10.0**power for power in (exponent, exponent + 1) for nice in _NICE)
    return float(f"{next(step for step in steps if step > value * (1 + 1e-9)):.0e}")


def limits(param: Param) -> tuple[float, float]:
    """The least and the greatest number of a parameter, which must have both. Raises ValueError."""
    if param.minimum is None or param.maximum is None:
        raise ValueError(f"{param.name}: a slider needs a minimum and a maximum")
    return param.minimum, param.maximum


@dataclass(frozen=True)
class Scale:
    """The way between a slider's position in [0, 1] and a value in [minimum, maximum].

    decades: equal ways are equal ratios. cubic: fine near zero, and zero itself can be reached. linear: even.
    """

    minimum: float
    maximum: float
    kind: Literal["linear", "decades", "cubic"]
    integer: bool = False

    @classmethod
    def of(cls, param: Param) -> Scale:
        """The scale for a number or integer parameter, which must have both limits."""
        low, high = limits(param)
        integer = param.kind == "integer"
        if low > 0 and (param.log or high / low >= _DECADES_FROM):
            return cls(low, high, "decades", integer)
        if low == 0 and param.term is not None:
            return cls(low, high, "cubic", integer)
        return cls(low, high, "linear", integer)

    def position(self, value: float) -> float:
        """Where ``value`` lies on the slider, in [0, 1]."""
        value = min(max(value, self.minimum), self.maximum)
        if self.kind == "decades":
            return math.log(value / self.minimum) / math.log(self.maximum / self.minimum)
        share = (value - self.minimum) / (self.maximum - self.minimum)
        return share ** (1 / 3) if self.kind == "cubic" else share

    def value(self, position: float) -> float:
        """The value at a position, rounded as one would write it."""
        position = min(max(position, 0.0), 1.0)
        if position in (0.0, 1.0):
            return self.maximum if position else self.minimum
        if self.kind == "decades":
            value = significant(self.minimum * (self.maximum / self.minimum) ** position, 2)
        elif self.kind == "cubic":
            value = significant(self.maximum * position**3, 2)
        else:
            value = self.minimum + (self.maximum - self.minimum) * position
            value = round(value / self._grain()) * self._grain()
        value = round(value) if self.integer else float(format_number(value))
        return min(max(value, self.minimum), self.maximum)

    def step(self, value: float, direction: int) -> float:
        """The next value up (+1) or down (-1) for an arrow key."""
        if self.kind == "linear":
            way = nice_above((self.maximum - self.minimum) / 100)
            stepped = value + direction * (max(1.0, way) if self.integer else way)
        elif direction > 0:
            stepped = nice_above(value) if value > 0 else self.maximum * 1e-4
        else:
            stepped = nice_below(value) if value > self.maximum * 1e-4 else self.minimum
        stepped = round(stepped) if self.integer else float(format_number(stepped))
        return min(max(stepped, self.minimum), self.maximum)

    def _grain(self) -> float:
        """The smallest difference that a linear slider makes: about a thousandth of the range."""
        grain = nice_above((self.maximum - self.minimum) / 1000)
        return max(1.0, grain) if self.integer else grain
