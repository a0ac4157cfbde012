"""A differentiable product with a constant sparse matrix: pose correctives are zero for most vertices and joints."""

from __future__ import annotations

import warnings
from typing import Any, cast

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Tensor

from lab.scene import Array


class SparseProduct(torch.nn.Module):
    """x (N, A) -> x @ matrix (N, B). ``to`` moves it, as any module."""

    def __init__(self, matrix: Array, dtype: torch.dtype) -> None:
        """matrix: (A, B) dense."""
        super().__init__()
        columns = csr_matrix(matrix.T)
        self._forward = _Csr(columns, dtype)
        self._backward = _Csr(csr_matrix(matrix), dtype)

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, A), of the matrix' dtype and device."""
        return cast(Tensor, _Product.apply(x, self._forward.tensor(), self._backward.tensor()))


class _Csr(torch.nn.Module):
    """The arrays of a matrix as buffers; PyTorch moves those more surely than sparse tensors."""

    starts: Tensor
    columns: Tensor
    values: Tensor

    def __init__(self, matrix: csr_matrix, dtype: torch.dtype) -> None:
        super().__init__()
        self.size = matrix.shape
        self.register_buffer("starts", torch.from_numpy(matrix.indptr.astype(np.int32)), persistent=False)
        self.register_buffer("columns", torch.from_numpy(matrix.indices.astype(np.int32)), persistent=False)
        self.register_buffer("values", torch.from_numpy(matrix.data).to(dtype), persistent=False)

        with warnings.catch_warnings():  # said once in a process: that CSR is in beta, that indices are not checked
            warnings.filterwarnings("ignore", message=r"Sparse (CSR tensor support|invariant checks)")
            self.tensor()

    def tensor(self) -> Tensor:
        """The matrix, over the buffers as they are now."""
        return torch.sparse_csr_tensor(self.starts, self.columns, self.values, size=self.size, check_invariants=False)


class _Product(torch.autograd.Function):
    """rows @ forward^T, whose gradient is the same with the matrices changed round."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, forward: Tensor, backward: Tensor) -> Tensor:
        ctx.matrices = forward, backward
        return (forward @ rows.T).T

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[override]
        forward, backward = ctx.matrices
        return _Product.apply(gradient, backward, forward), None, None
