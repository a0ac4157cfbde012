"""The local model of a term: its value, gradient and Gauss-Newton matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.scene import Array


@dataclass(frozen=True, eq=False)
class Quadratic:
    """value; gradient (U,); hessian (U, U), positive semidefinite."""

    value: float
    gradient: Array
    hessian: Array

    @classmethod
    def of(cls, residuals: Array, jacobian: Array, columns: slice, unknowns: int) -> Quadratic:
        """Of a sum of squares |r|²: residuals (N,), jacobian (N, C) with respect to the unknowns in ``columns``."""
        gradient, hessian = np.zeros(unknowns), np.zeros((unknowns, unknowns))
        gradient[columns] = 2.0 * (residuals @ jacobian)
        hessian[columns, columns] = 2.0 * (jacobian.T @ jacobian)
        return cls(float(residuals @ residuals), gradient, hessian)

    def add_to(self, weight: float, gradient: Array, hessian: Array) -> None:
        """Add it, weighted, to a sum."""
        gradient += weight * self.gradient
        hessian += weight * self.hessian
