"""The inner loops of posing: the joints' motions, pose correctives, linear blend skinning.

Motions are kept as what they change, [R - I | t]: where nothing moves they are exactly zero, so that a body at rest is
exactly its template, and weights that sum to 1 only nearly do no harm.
"""

from __future__ import annotations

from lab.kernels.jit import kernel
from lab.scene import Array


@kernel
def move_joints(rotations: Array, joints: Array, parents: Array, transforms: Array, motions: Array) -> None:
    """Forward kinematics. rotations: (J, 3, 3) relative to the parent, float64; joints: (J, 3) at rest, metres.

    Writes transforms (J, 4, 4), from each joint's frame to the root's world, and motions (J, 3, 4): G' - [I | 0], what
    skinning adds to a vertex, where G' is SMPL's transform with the rest pose removed.
    """
    for joint in range(len(parents)):
        above = parents[joint]
        for i in range(3):
            moved = 0.0
            if above >= 0:  # where the parent has carried this joint
                moved = transforms[above, i, 3] - joints[above, i]
                for k in range(3):
                    turned = transforms[above, i, k] - (1.0 if i == k else 0.0)
                    moved += turned * (joints[joint, k] - joints[above, k])
            transforms[joint, i, 3] = joints[joint, i] + moved
            motions[joint, i, 3] = moved
            for k in range(3):
                total = 0.0
                if above >= 0:
                    for m in range(3):
                        total += transforms[above, i, m] * rotations[joint, m, k]
                else:
                    total = rotations[joint, i, k]
                transforms[joint, i, k] = total
                motions[joint, i, k] = total - (1.0 if i == k else 0.0)
        for i in range(3):
            for k in range(3):
                motions[joint, i, 3] -= motions[joint, i, k] * joints[joint, k]


@kernel
def correct(
    features: Array, moved: Array, starts: Array, rows: Array, bases: Array, parts: Array, offsets: Array
) -> None:
    """Pose correctives: refresh the parts of the joints that ``moved``, and sum the parts of all.

    features: (J - 1, 9) float32, R - I row by row. starts: (J,) where each joint's vertices begin in ``rows``.
    bases: for each joint 9 x 3 n numbers, one after the other. parts: (3 N,), what each joint adds, kept between calls.
    offsets: (V, 3), written.
    """
    offsets[:] = 0.0
    for joint in range(len(features)):
        first, count = starts[joint], starts[joint + 1] - starts[joint]
        part, width = parts[3 * first : 3 * (first + count)], 3 * count
        if moved[joint]:
            part[:] = 0.0
            for k in range(9):
                factor, base = features[joint, k], bases[27 * first + k * width : 27 * first + (k + 1) * width]
                if factor != 0.0:
                    for i in range(width):
                        part[i] += factor * base[i]
        still = True
        for k in range(9):
            still = still and features[joint, k] == 0.0
        if not still:
            for n in range(count):
                row = rows[first + n]
                offsets[row, 0] += part[3 * n]
                offsets[row, 1] += part[3 * n + 1]
                offsets[row, 2] += part[3 * n + 2]


@kernel
def skin(verts: Array, motions: Array, bones: Array, weights: Array, transl: Array, posed: Array) -> None:
    """Linear blend skinning: v + sum of w (R - I | t) v, then the translation.

    verts: (V, 3) float32. motions: (J, 3, 4) float32 as from ``move_joints``. bones, weights: (V, K), the joints that
    hold a vertex, padded with weight 0. transl: (3,). posed: (V, 3), written.
    """
    for v in range(len(verts)):
        x, y, z = verts[v, 0], verts[v, 1], verts[v, 2]
        dx = dy = dz = verts[v, 0] * 0
        for k in range(bones.shape[1]):
            weight, move = weights[v, k], motions[bones[v, k]]
            dx += weight * (move[0, 0] * x + move[0, 1] * y + move[0, 2] * z + move[0, 3])
            dy += weight * (move[1, 0] * x + move[1, 1] * y + move[1, 2] * z + move[1, 3])
            dz += weight * (move[2, 0] * x + move[2, 1] * y + move[2, 2] * z + move[2, 3])
        posed[v, 0] = x + dx + transl[0]
        posed[v, 1] = y + dy + transl[1]
        posed[v, 2] = z + dz + transl[2]
