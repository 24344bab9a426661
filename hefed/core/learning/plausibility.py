"""What opened gradients and Hessians cannot be, whatever the data: how rows outside the sigmoid's interval show.

A polynomial grows like a power outside its interval, so that a few rows there spoil a total.
Source: docs/circuits/optimiser.md
"""

import numpy as np
from numpy.typing import NDArray

from hefed.core.learning.moments import CLIP, Moments, first_curvature

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

STEEPEST = 0.25  # slope of the sigmoid
MOST_INFORMATION = 6.0  # Hessian against the moments' own: 0.14 to 2.6 in any direction on 160 cohorts


def exploded(gradient: Vector, moments: Moments) -> bool:
    """Whether some |sum x_j (p - y)| is beyond its bound: the ones of a 0/1 column, else Cauchy-Schwarz; or NaN."""
    second = np.diag(moments.pooled)
    continuous = np.array([column.kind == "continuous" for column in moments.columns])
    bound = moments.n * np.where(continuous, np.minimum(np.sqrt(second), CLIP), second)
    return not bool(np.all(np.abs(gradient) <= 1.1 * bound + 1.0))


def contradicts(change: Vector, moved: Vector, moments: Moments, bias: float) -> bool:
    """Whether two gradients cannot both belong to one log-likelihood.

    Its gradient is monotone and its Hessian at most n M / 4, so dg' (n M / 4)^-1 dg <= dbeta' dg (Baillon and Haddad
    1977). A few rows a little outside the interval break this long before a component is impossibly large.
    ``bias``: predicted for both sigmoids together, in standard errors.
    """
    left = float(change @ np.linalg.solve(moments.pooled * (moments.n * STEEPEST), change))
    return left > 1.5 * max(float(moved @ change), 0.0) + 4.0 * bias**2 + 1e-3


def hessian_impossible(hessian: Matrix, moments: Moments) -> bool:
    """Not finite, not positive definite, or larger than the steepest slope allows."""
    if not np.all(np.isfinite(hessian)):
        return True
    share = _relative(hessian, moments.pooled * moments.n)
    return bool(share[0] <= 0.0 or share[-1] > 1.04 * STEEPEST)


def hessian_too_large(hessian: Matrix, beta: Vector, moments: Moments) -> bool:
    """Far more information in some direction than the moments let expect."""
    if not np.all(np.isfinite(hessian)):
        return True
    return bool(_relative(hessian, first_curvature(beta, moments))[-1] > MOST_INFORMATION)


def _relative(matrix: Matrix, to: Matrix) -> Vector:
    """Eigenvalues of the one symmetric matrix in units of the other, ascending."""
    factor = np.linalg.cholesky(to)
    half = np.linalg.solve(factor, matrix)
    return np.linalg.eigvalsh(np.linalg.solve(factor, half.T))
