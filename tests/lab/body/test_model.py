"""The PyTorch module: equal to numpy's, in batches, and its gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck

from lab.body.model import BodyModel, axis_angle_to_matrix
from lab.body.posing import Poser
from lab.motions import so3
from tests.lab.body.synthetic import body

DATA = body(verts=120)


def draw(count: int, joints: int = 24, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """betas, body_pose, global_orient, transl."""
    rng = np.random.default_rng(count)
    shapes = ((count, 10), (count, joints - 1, 3), (count, 3), (count, 3))
    parts = [torch.tensor(rng.normal(scale=0.6, size=shape), dtype=dtype) for shape in shapes]
    return parts[0], parts[1], parts[2], parts[3]


@pytest.mark.parametrize("family", ["SMPL", "SMPL-H", "SMPL-X"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_is_the_body_of_the_sliders(family: str, dtype: torch.dtype) -> None:
    data = body(family, verts=220, landmark_names=np.array(["nose"]), landmark_verts=np.array([7]))
    model, poser = BodyModel(data, dtype), Poser(data)
    betas, pose, root, transl = draw(2, len(data.parents), dtype)
    out = model(betas, pose, root, transl)
    for row in range(2):
        whole = np.concatenate([root[row][None], pose[row]])
        posed = poser.pose(poser.shape(betas[row]), whole, transl[row])
        np.testing.assert_allclose(out.verts[row], posed.verts, atol=2e-6 if dtype == torch.float32 else 1e-6)
        np.testing.assert_allclose(out.joints[row], posed.joints, atol=2e-6 if dtype == torch.float32 else 1e-7)
    np.testing.assert_array_equal(out.landmarks[:, 0], out.verts[:, 7])
    assert model.landmark_names == ("nose",)
    assert out.verts.dtype == dtype


def test_at_rest_it_is_the_template_exactly() -> None:
    for dtype in (torch.float32, torch.float64):
        zeros = [torch.zeros(1, size, dtype=dtype) for size in (10, 69, 3)]
        out = BodyModel(DATA, dtype)(*zeros)
        np.testing.assert_array_equal(out.verts[0], DATA.v_template)


def test_a_batch_is_its_rows_and_one_row_serves_all() -> None:
    model = BodyModel(DATA, torch.float64)
    betas, pose, root, transl = draw(5)
    together = model(betas, pose, root, transl)
    for row in range(5):
        alone = model(betas[row : row + 1], pose[row : row + 1], root[row : row + 1], transl[row : row + 1])
        torch.testing.assert_close(alone.verts[0], together.verts[row], rtol=0, atol=1e-12)
    shared = model(betas[:1], pose.flatten(1), root[:1], transl[:1])
    expected = model(betas[:1].expand(5, -1), pose, root[:1].expand(5, -1), transl[:1].expand(5, -1))
    torch.testing.assert_close(shared.verts, expected.verts, rtol=0, atol=1e-12)
    torch.testing.assert_close(shared.joints, expected.joints, rtol=0, atol=1e-12)
    shapes_only = model(betas, pose[:1], root[:1])
    torch.testing.assert_close(shapes_only.verts[3], model(betas[3:4], pose[:1], root[:1]).verts[0])


def test_without_correctives_and_with_fewer_betas() -> None:
    model, poser = BodyModel(DATA, torch.float64), Poser(DATA)
    betas, pose, root, _ = draw(1)
    out = model(betas[:, :4], pose, root, pose_correctives=False)
    posed = poser.pose(poser.shape(betas[0, :4]), np.concatenate([root, pose[0]]), correctives=False)
    np.testing.assert_allclose(out.verts[0], posed.verts, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_correctives_that_are_mostly_zero(dtype: torch.dtype) -> None:
    """The open model's are multiplied as a sparse matrix: the same values and gradients as with a dense one."""
    posedirs = np.random.default_rng(0).normal(scale=0.01, size=(120, 3, 207))
    posedirs[np.random.default_rng(1).random(posedirs.shape) < 0.95] = 0
    data = body(verts=120, posedirs=posedirs)
    model = BodyModel(data).to(dtype)
    betas, pose, root, _ = draw(3, dtype=dtype)
    out = model(betas, pose, root)
    poser = Poser(data)
    for row in range(3):
        whole = np.concatenate([root[row][None], pose[row]])
        np.testing.assert_allclose(out.verts[row], poser.pose(poser.shape(betas[row]), whole).verts, atol=2e-6)
    if dtype == torch.float64:
        pose = pose[:1].requires_grad_()
        assert gradcheck(lambda pose: model(betas[:1], pose, root[:1]).verts[:, :12], (pose,), eps=1e-6, atol=1e-6)


def test_shapes_that_do_not_fit_are_refused() -> None:
    model = BodyModel(DATA)
    with pytest.raises(ValueError, match="body_pose: expected"):
        model(torch.zeros(1, 10), torch.zeros(1, 72), torch.zeros(1, 3))
    with pytest.raises(ValueError, match="betas: expected"):
        model(torch.zeros(1, 11), torch.zeros(1, 69), torch.zeros(1, 3))
    with pytest.raises(ValueError, match="global_orient: expected"):
        model(torch.zeros(1, 10), torch.zeros(1, 69), torch.zeros(1, 4))


@pytest.mark.parametrize("scale", [0.0, 1e-6, 0.5])
def test_gradients_also_at_the_rest_pose(scale: float) -> None:
    data = body(verts=24, betas=2)
    model = BodyModel(data, torch.float64)
    _, pose, root, transl = draw(1)
    inputs = [torch.tensor([[0.3, -0.2]], dtype=torch.float64), scale * pose, scale * root, transl]
    for tensor in inputs:
        tensor.requires_grad_()
    chosen = torch.tensor([0, 7, 20, 23])

    def outputs(*parts: Tensor) -> tuple[Tensor, Tensor]:
        out = model(*parts)
        return out.verts[:, chosen], out.joints[:, chosen]

    assert gradcheck(outputs, tuple(inputs), eps=1e-6, atol=1e-6)


@pytest.mark.parametrize("length", [0.0, 1e-9, 1e-4, 0.0316, 0.0317, 0.5, 3.0, 7.0])
def test_rodrigues_formula(length: float) -> None:
    vector = torch.tensor([[0.6, 0.0, -0.8]], dtype=torch.float64) * length
    np.testing.assert_allclose(axis_angle_to_matrix(vector), so3.exp(vector.numpy()), atol=1e-14)
    single = axis_angle_to_matrix(vector.float())
    np.testing.assert_allclose(single, so3.exp(vector.numpy()), atol=5e-7)
    assert gradcheck(axis_angle_to_matrix, (vector.clone().requires_grad_(),), eps=1e-6, atol=1e-8)


def test_gradients_of_rodrigues_formula_are_finite_everywhere() -> None:
    for dtype in (torch.float32, torch.float64):
        vectors = torch.zeros(4, 3, dtype=dtype)
        vectors[1:, 0] = torch.tensor([1e-30, 1e-12, 1e-3], dtype=dtype)
        vectors.requires_grad_()
        (gradient,) = torch.autograd.grad(axis_angle_to_matrix(vectors).square().sum(), vectors)
        assert torch.isfinite(gradient).all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_the_same_on_a_graphics_card() -> None:
    model = BodyModel(DATA, torch.float64)
    parts = draw(3)
    expected = model(*parts)
    out = model.cuda()(*(part.cuda() for part in parts))
    torch.testing.assert_close(out.verts.cpu(), expected.verts, rtol=0, atol=1e-9)
    torch.testing.assert_close(out.joints.cpu(), expected.joints, rtol=0, atol=1e-9)
