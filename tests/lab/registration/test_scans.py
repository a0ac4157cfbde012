"""The scans: how they are drawn, what they have in common, and the motion between them."""

from __future__ import annotations

import numpy as np
import pytest

from lab.chapters.cameras.registration import RegistrationParams
from lab.experiment import ExperimentError
from lab.motions import se3, so3
from lab.params import build
from lab.registration.scans import Scans, make_scans
from lab.run.state import freeze, thaw
from lab.scene import Mesh, Points
from tests.lab.registration.registration_help import spot

FAR = np.array([500_000.0, 100.0, 4_000_000.0])


def scans(target, source=None, **values) -> Scans:
    inputs = {"target": target} if source is None else {"target": target, "source": source}
    params = build(RegistrationParams, {"target": "t", "points": 400, **values})
    return make_scans(params, inputs, np.random.default_rng(0))


def test_a_known_motion_is_undone_by_the_truth() -> None:
    made = scans(spot(), noise=0.0, angle=70.0, shift_x=15.0)
    assert made.truth is not None
    assert np.degrees(so3.angle(made.truth[:3, :3])) == pytest.approx(70.0)
    assert se3.inverse(made.truth)[:3, 3] == pytest.approx([0.15, 0.1, 0.0])
    back = se3.apply(made.truth, made.source)
    distances = np.linalg.norm(back[:, None] - made.target[None], axis=2).min(axis=1)
    assert distances.max() < 0.1  # on the same surface, at points of their own
    assert distances.min() > 0.0
    assert len(made.target) == 3 * len(made.source) == 1200


def test_the_frame_has_the_diagonal_one_and_leads_back_to_the_world() -> None:
    mesh = spot()
    made = scans(Mesh(mesh.verts * 7.0, mesh.faces, origin=FAR), noise=0.0)
    assert np.linalg.norm(np.ptp(made.target, axis=0)) == pytest.approx(1.0, abs=0.02)
    motion = se3.exp(np.array([0.1, 0.2, 0.3, 0.5, -0.2, 0.1]))
    world = made.diagonal * made.source + made.centre
    moved = made.diagonal * se3.apply(motion, made.source) + made.centre
    assert np.allclose(se3.apply(made.to_world(motion), world), moved, atol=1e-6)


@pytest.mark.parametrize("overlap", [40.0, 70.0, 100.0])
def test_overlap_is_the_share_that_both_have_seen(overlap) -> None:
    made = scans(spot(), noise=0.0, overlap=overlap, points=2000)
    back = se3.apply(made.truth, made.source)
    near = np.linalg.norm(back[:, None] - made.target[None], axis=2).min(axis=1) < 0.02
    assert near.mean() == pytest.approx(overlap / 100.0, abs=0.08)


def test_noise_has_its_size() -> None:
    flat = Mesh(
        np.array([[0.0, 0, 0], [3, 0, 0], [3, 0, 4], [0, 0, 4]], np.float32), np.array([[0, 2, 1], [0, 3, 2]], np.int32)
    )
    made = scans(flat, noise=1.0, angle=0.0, shift_x=0.0, shift_y=0.0)
    assert made.target[:, 1].std() == pytest.approx(0.01, rel=0.1)


def test_normals_face_as_the_surface_does_and_turn_with_it() -> None:
    made = scans(spot(), noise=0.0, angle=120.0)
    near = np.linalg.norm(se3.apply(made.truth, made.source)[:, None] - made.target[None], axis=2).argmin(axis=1)
    agree = ((made.source_normals @ made.truth[:3, :3].T) * made.target_normals[near]).sum(axis=1)
    assert np.median(agree) > 0.95
    assert (agree > 0.0).mean() > 0.95


def test_two_inputs_are_taken_as_they_are() -> None:
    rng = np.random.default_rng(1)
    target = Points(rng.random((900, 3)).astype(np.float32), origin=FAR)
    source = Points(rng.random((250, 3)).astype(np.float32), origin=FAR + 0.5)
    made = scans(target, source)
    assert made.truth is None
    assert len(made.source) == 250
    assert len(made.target) == 900
    offset = (made.source.mean(axis=0) - made.target.mean(axis=0)) * made.diagonal
    assert offset == pytest.approx([0.5] * 3, abs=0.1)


def test_a_cloud_is_split_between_both_scans() -> None:
    cloud = Points(np.random.default_rng(2).random((100, 3)).astype(np.float32))
    made = scans(cloud, noise=0.0)
    assert len(made.source) == 25
    assert len(made.target) == 75


def test_a_checkpoint_keeps_the_scans() -> None:
    made = scans(spot())
    again = Scans.restored(thaw(freeze(made.state())))
    for name, value in vars(made).items():
        assert np.array_equal(getattr(again, name), value)
    assert made.state()["target"] is made.target


@pytest.mark.parametrize(
    ("target", "values", "words"),
    [
        (Points(np.zeros((5, 3), np.float32)), {}, "has 5 points"),
        (Points(np.zeros((50, 3), np.float32)), {}, "same place"),
        (Points(np.full((50, 3), np.nan, np.float32)), {}, "not finite"),
        (Points(np.random.default_rng(0).random((20, 3)).astype(np.float32)), {}, "too few points for two scans"),
        (Mesh(np.eye(3, dtype=np.float32), np.array([[0, 0, 1]], np.int32)), {}, "no area"),
        (spot(), {"axis_x": 0.0, "axis_y": 0.0, "axis_z": 0.0}, "no direction"),
    ],
)
def test_what_cannot_be_registered_is_said(target, values, words) -> None:
    with pytest.raises(ExperimentError, match=words):
        scans(target, **values)
