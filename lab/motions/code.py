"""Numbers as numpy code that can be pasted and run."""

from __future__ import annotations

import numpy as np

from lab.scene import Array


def assign(name: str, array: Array, note: str = "", digits: int = 4) -> str:
    """``name = np.array(...)`` with as many decimals, aligned, and a comment behind the first line.

    Zeros have no sign, so that a number that changes a little around 0 does not flicker.
    """
    head = f"{name} = np.array("
    rounded = np.round(np.asarray(array, np.float64), digits) + 0.0
    body = np.array2string(
        rounded,
        separator=", ",
        prefix=head,
        max_line_width=1000,
        formatter={"float_kind": lambda value: f"{value: .{digits}f}"},
    )
    lines = f"{head}{body})".split("\n")
    if note:
        lines[0] += f"  # {note}"
    return "\n".join(lines)
