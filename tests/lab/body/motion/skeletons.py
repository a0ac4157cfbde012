"""BVH files made by hand for the tests: a person with the names of one program or another."""

from __future__ import annotations

from collections.abc import Sequence

JOINTS = {
    "Hips": (None, (0.0, 90.0, 0.0)),
    "Spine": ("Hips", (0.0, 12.0, 0.0)),
    "Spine1": ("Spine", (0.0, 12.0, 0.0)),
    "Spine2": ("Spine1", (0.0, 12.0, 0.0)),
    "Neck": ("Spine2", (0.0, 18.0, 0.0)),
    "Head": ("Neck", (0.0, 10.0, 0.0)),
    "LeftShoulder": ("Spine2", (4.0, 14.0, 0.0)),
    "LeftArm": ("LeftShoulder", (13.0, 0.0, 0.0)),
    "LeftForeArm": ("LeftArm", (26.0, 0.0, 0.0)),
    "LeftHand": ("LeftForeArm", (24.0, 0.0, 0.0)),
    "RightShoulder": ("Spine2", (-4.0, 14.0, 0.0)),
    "RightArm": ("RightShoulder", (-13.0, 0.0, 0.0)),
    "RightForeArm": ("RightArm", (-26.0, 0.0, 0.0)),
    "RightHand": ("RightForeArm", (-24.0, 0.0, 0.0)),
    "LeftUpLeg": ("Hips", (9.0, -5.0, 0.0)),
    "LeftLeg": ("LeftUpLeg", (0.0, -40.0, 0.0)),
    "LeftFoot": ("LeftLeg", (0.0, -41.0, 0.0)),
    "LeftToeBase": ("LeftFoot", (0.0, -6.0, 13.0)),
    "RightUpLeg": ("Hips", (-9.0, -5.0, 0.0)),
    "RightLeg": ("RightUpLeg", (0.0, -40.0, 0.0)),
    "RightFoot": ("RightLeg", (0.0, -41.0, 0.0)),
    "RightToeBase": ("RightFoot", (0.0, -6.0, 13.0)),
}
"""A T-pose in centimetres, Y up, facing +Z: name -> (parent, offset)."""

SMPL_NAMES = {
    "Hips": "Pelvis",
    "Spine": "Spine1",
    "Spine1": "Spine2",
    "Spine2": "Spine3",
    "Neck": "Neck",
    "Head": "Head",
    **{
        f"{long}{name}": f"{short}_{smpl}"
        for long, short in (("Left", "L"), ("Right", "R"))
        for name, smpl in {
            "UpLeg": "Hip",
            "Leg": "Knee",
            "Foot": "Ankle",
            "ToeBase": "Foot",
            "Shoulder": "Collar",
            "Arm": "Shoulder",
            "ForeArm": "Elbow",
            "Hand": "Wrist",
        }.items()
    },
}


def bvh(
    frames: Sequence[dict[str, tuple[float, float, float]]],
    *,
    order: str = "ZXY",
    prefix: str = "",
    names: dict[str, str] | None = None,
    scale: float = 1.0,
    z_up: bool = False,
    root: Sequence[tuple[float, float, float]] | None = None,
    seconds: float = 1 / 30,
) -> str:
    """A file. frames: rotations by joint, degrees about X, Y and Z, applied in ``order``. root: its places."""
    lines = ["HIERARCHY"]
    columns: list[str] = []

    def turned(x: float, y: float, z: float) -> tuple[float, float, float]:
        return (x * scale, -z * scale, y * scale) if z_up else (x * scale, y * scale, z * scale)

    def write(name: str, depth: int) -> None:
        parent, offset = JOINTS[name]
        pad = "\t" * depth
        called = prefix + (names or {}).get(name, name)
        lines.append(f"{pad}{'JOINT' if parent else 'ROOT'} {called}")
        lines.append(pad + "{")
        lines.append(f"{pad}\tOFFSET {' '.join(f'{value:.6f}' for value in turned(*offset))}")
        rotations = " ".join(f"{axis}rotation" for axis in order)
        lines.append(
            f"{pad}\tCHANNELS {3 if parent else 6} {'' if parent else 'Xposition Yposition Zposition '}{rotations}"
        )
        columns.append(name)
        children = [child for child, (above, _) in JOINTS.items() if above == name]
        for child in children:
            write(child, depth + 1)
        if not children:
            lines.extend([f"{pad}\tEnd Site", pad + "\t{", f"{pad}\t\tOFFSET 0 0 0", pad + "\t}"])
        lines.append(pad + "}")

    write("Hips", 0)
    lines += ["MOTION", f"Frames: {len(frames)}", f"Frame Time: {seconds:.7f}"]
    for number, frame in enumerate(frames):
        row: list[float] = []
        for name in columns:
            if name == "Hips":
                row += turned(*(root[number] if root else JOINTS["Hips"][1]))
            angles = dict(zip("XYZ", frame.get(name, (0.0, 0.0, 0.0)), strict=True))
            row += [angles[axis] for axis in order]
        lines.append(" ".join(f"{value:.6f}" for value in row))
    return "\n".join(lines) + "\n"
