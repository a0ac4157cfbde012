"""A motion in numbers and words: as code, as figures, and what is special about its place."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from lab.motions import euler, so3
from lab.motions.code import assign
from lab.motions.motion import Motion
from lab.motions.singular import log_errors
from lab.study import Note

NEAR_ZERO = 1e-3  # radians
NEAR_PI = math.radians(1.0)
NEAR_LOCK = math.radians(5.0)


def numbers(motion: Motion) -> str:
    """Everything about the motion at time t as code that runs; torch's own function is named for comparison."""
    angles = np.degrees(motion.angles)
    parts = [
        "import numpy as np\n",
        f"# at t = {motion.t:.3f}; matrices are for column vectors, x' = R @ x",
        assign("omega", motion.omega, f"rotation vector, {math.degrees(motion.theta):.2f}°"),
        assign("rho", motion.rho, "translation part of the twist, m"),
        "",
        assign("hat", so3.hat(motion.omega), "hat(omega)"),
        assign("R", motion.rotation, "exp(hat)"),
        assign("log_R", motion.log, f"log(R), {math.degrees(np.linalg.norm(motion.log)):.2f}°"),
        "",
        assign("J", so3.left_jacobian(motion.omega)),
        assign("T", motion.pose, "translation J @ rho; PyTorch3D's se3_exp_map gives T.T"),
        "",
        assign("q", so3.to_quaternion(motion.rotation), "quaternion, wxyz"),
        assign("euler", angles, f"{motion.order}, degrees", digits=2),
    ]
    return "\n".join(parts)


def figures(motion: Motion) -> dict[str, float | str]:
    """What the page "Results" tells."""
    screw = motion.screw
    turn, pitch = motion.theta, screw.pitch * 2 * math.pi
    folded = np.array([float(np.linalg.norm(motion.log))])
    direction = motion.log / folded[0] if folded[0] else np.array([0.0, 1.0, 0.0])
    textbook, quaternion = log_errors(direction, folded)
    return {
        "Angle (°)": math.degrees(turn),
        "Angle of log R (°)": math.degrees(folded[0]),
        "Shift along the axis (m)": screw.shift * motion.t,
        "Pitch (m per turn)": pitch if math.isfinite(pitch) else "none: no turn",
        "|log(exp ω) − ω| (rad)": float(np.linalg.norm(motion.log - motion.omega)),
        "Textbook log, float32 error (rad)": float(textbook[0]),
        "Quaternion log, float32 error (rad)": float(quaternion[0]),
        "From gimbal lock (°)": math.degrees(float(euler.lock_distance(motion.angles, motion.order))),
        "Rotation error": float(so3.orthogonality_error(motion.rotation)),
    }


def notes(motion: Motion) -> Iterator[Note]:
    """What is special about this place."""
    degrees = math.degrees(motion.theta)
    if 0 < motion.theta < NEAR_ZERO:
        yield Note(
            "info",
            f"A turn of only {degrees:.2g}°: R is I + hat(ω) but for {motion.theta**2 / 2:.0e}.",
            "Code has to use the series of sin(θ)/θ here; dividing 0 by 0 is the usual NaN in a gradient.",
        )
    if abs(motion.theta - math.pi) < NEAR_PI:
        yield Note(
            "info",
            "Half a turn: two opposite rotation vectors are equally good, and the log has to choose one.",
            "Do not compare or average rotation vectors here; compare the rotations.",
        )
    elif motion.theta > 2 * math.pi - NEAR_PI:
        yield Note(
            "warning",
            "A full turn: R is the identity, and J is singular, so only the shift along the axis is left of ρ.",
            "Keep rotation vectors below 180° by taking the log of their rotation.",
        )
    elif motion.theta > math.pi:
        yield Note(
            "info",
            f"{degrees:.0f}° is beyond half a turn: log R is the shorter way, {360 - degrees:.0f}° about the "
            "opposite axis.",
        )
    lock = math.degrees(float(euler.lock_distance(motion.angles, motion.order)))
    if lock < math.degrees(NEAR_LOCK):
        first, _, last = motion.order
        same = "the first and the last axis" if first == last else f"the axes of {first} and {last}"
        yield Note(
            "warning",
            f"Gimbal lock: {same} lie {'on one line' if lock < 0.1 else f'{lock:.1f}° from one line'}, so two of the "
            "angles turn the object the same way and one way to turn is lost.",
            "Rotation vectors and quaternions have no such place; another Euler order has it elsewhere.",
        )
