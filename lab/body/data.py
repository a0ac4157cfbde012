"""A body model as plain arrays, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass, field

from scipy.sparse import csr_matrix

from lab.scene import Array


@dataclass(frozen=True, eq=False)
class BodyData:
    """SMPL's arrays (REFERENCE IV.2). V vertices, J joints, B betas, P = 9 (J - 1).

    name: of the model. gender: "neutral", "female" or "male". family: "SMPL", "SMPL-H" or "SMPL-X".
    v_template: (V, 3) float32, metres, Y up, the face towards +Z, the left hand towards +X.
    faces: (F, 3) int32. shapedirs: (V, 3, B) float32. posedirs: (V, 3, P) float32, or None without pose correctives.
    weights: (V, J) float32, rows sum to 1. J_regressor: (J, V) sparse, float32.
    parents: (J,) int64, -1 for the root. joint_names: (J,).
    uvs: (F, 3, 2) float32 or None. beta_words: what each beta does, for sliders. symmetry: (V,) int64, the vertex of
    the other side, or None. landmarks: name -> vertex: nose, left_eye, right_eye, left_ear, right_ear, left_big_toe,
    left_small_toe, left_heel, right_big_toe, right_small_toe, right_heel, head_top, and left and right _thumb, _index
    and _pinky, the tips of the fingers.
    """

    name: str
    v_template: Array
    faces: Array
    shapedirs: Array
    posedirs: Array | None
    weights: Array
    J_regressor: csr_matrix
    parents: Array
    joint_names: tuple[str, ...]
    gender: str = "neutral"
    family: str = "SMPL"
    uvs: Array | None = None
    beta_words: tuple[str, ...] = ()
    symmetry: Array | None = None
    landmarks: dict[str, int] = field(default_factory=dict)
