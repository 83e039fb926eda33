"""What would a run answer that was never played? A smooth function of the parameters, fitted to the bank, with its own error held out.

Every output is a quadratic of the parameters whose coefficients are shrunk by as much as serves held-out runs best (`RidgeCV`, one penalty for each
output). Of thirty parameters few matter to any one output, so a first, straight fit says how much each does, and in the second each is shrunk the more, the less it
did; a square or product is shrunk by both of its parameters. With all treated alike, six hundred products of noise drown thirty slopes: on the first 180 plays of
the large force held-out R2 was 0.3 at the median, and 0.6 with slopes alone. What is left over is smoothed by a Gaussian process in the few parameters that matter most to that
output, and that is kept only where it makes held-out runs better. Runs left out in turn (`FOLDS`) give the error of a prediction of one run: that of the emulator and the
chance of one future together, with what they have in common between outputs.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import RidgeCV

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FOLDS = 10
PENALTIES = tuple(10.0**power for power in np.arange(-3, 4.1, 0.5))
CURVES = 0.5
"""Size of squares and products beside that of the parameters themselves."""
LEAST = 0.02
"""Size of a parameter that did nothing in the first fit, beside the one that did most."""
MATTER = 5
"""Parameters that the smoothing of what is left over looks at."""
WORTH = 0.95
"""Smoothing is kept where it brings the held-out squared error to this part or less."""
NORMAL_95 = 1.959964
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class _Smooth:
    """What is left over of one output, by the parameters that matter to it."""

    output: int
    which: Ints
    process: GaussianProcessRegressor


@dataclass(frozen=True, eq=False)
class Fit:
    """Predicts outputs from points of the unit cube."""

    slopes: Floats
    """Features by outputs."""
    level: Floats
    smooth: tuple[_Smooth, ...]

    def __call__(self, points: Floats) -> Floats:
        """Mean outputs over futures: points by outputs."""
        found: Floats = features(points) @ self.slopes + self.level
        for one in self.smooth:
            found[:, one.output] += one.process.predict(points[:, one.which])
        return found


@dataclass(frozen=True, eq=False)
class Emulator:
    """A fit, and how well it does where it was not fitted."""

    fit: Fit
    residuals: Floats
    """Runs by outputs: what was played less what the runs of the other folds predict."""
    covariance: Floats
    """Of these residuals between outputs, shrunk: the error of predicting one run."""
    r2: Floats
    """By output: the part of its variance over held-out runs that is predicted."""
    coverage: Floats
    """By output: the part of held-out runs inside the interval of 95 in 100."""
    smoothed: NDArray[np.bool_]
    """By output: whether what the quadratic leaves over is smoothed."""


def features(points: Floats) -> Floats:
    """Points of the unit cube as the numbers that a quadratic adds up."""
    at = 2 * points - 1
    first, second = np.triu_indices(at.shape[1])
    return np.hstack([at, CURVES * (at[:, first] * at[:, second])])


def fit_emulator(points: Floats, outputs: Floats, seed: int, weigh: Floats | None = None) -> Emulator:
    """An emulator of runs.

    Args:
        points: runs by parameters, each from 0 to 1.
        outputs: runs by outputs, scaled; where one is missing the mean of the others stands for it.
        seed: by which runs are put into folds.
        weigh: what each run counts for, in the fit and in its error; all alike if not given.
    """
    known = np.where(np.isnan(outputs), np.nanmean(outputs, axis=0), outputs)
    weights = np.ones(len(points)) if weigh is None else weigh
    folds = folds_of(len(points), seed)
    plain = _held_out(points, known, weights, folds, ())
    full = _fit(points, known, weights, ())
    left = known - full(points)
    tried = tuple(
        one for at in range(known.shape[1]) if (one := _smoothing(points, left[:, at], full.slopes[:, at], at))
    )
    smooth = _held_out(points, known, weights, folds, tried)
    error = np.average(plain**2, axis=0, weights=weights), np.average(smooth**2, axis=0, weights=weights)
    kept = error[1] <= WORTH * error[0]
    kept &= np.isin(np.arange(len(kept)), [one.output for one in tried])
    residuals = np.where(kept, smooth, plain)
    fitted = Fit(full.slopes, full.level, tuple(one for one in tried if kept[one.output]))
    spread = np.sqrt(np.average(residuals**2, axis=0, weights=weights))
    mean = np.average(known, axis=0, weights=weights)
    variance = np.average((known - mean) ** 2, axis=0, weights=weights)
    r2 = 1 - np.divide(spread**2, variance, out=np.ones_like(variance), where=variance > 0)
    inside = np.average(np.abs(residuals) <= NORMAL_95 * np.maximum(spread, 1e-12), axis=0, weights=weights)
    return Emulator(fitted, residuals, _covariance(residuals, weights), r2, inside, kept)


def folds_of(count: int, seed: int) -> Ints:
    """The fold of each run, from 0 to `FOLDS` less one."""
    folds = np.arange(count) % min(FOLDS, count)
    return np.random.default_rng([seed, count]).permutation(folds)


def _covariance(residuals: Floats, weights: Floats) -> Floats:
    """The covariance of held-out errors, shrunk towards none between outputs by as much as their number asks for."""
    sizes = np.sqrt(np.average(residuals**2, axis=0, weights=weights))
    sizes = np.where(sizes > 0, sizes, 1e-9)
    unit = residuals / sizes * np.sqrt(weights / weights.mean())[:, None]
    together = LedoitWolf(assume_centered=True).fit(unit).covariance_
    scale = sizes / np.sqrt(np.diag(together))
    found: Floats = together * np.outer(scale, scale)
    return found


def _fit(points: Floats, outputs: Floats, weights: Floats, smooth: tuple[_Smooth, ...]) -> Fit:
    known = features(points)
    count = points.shape[1]
    first, second = np.triu_indices(count)
    plain = RidgeCV(alphas=PENALTIES, alpha_per_target=True)
    plain.fit(known[:, :count], outputs, sample_weight=weights)
    slopes, level = np.empty((known.shape[1], outputs.shape[1])), np.empty(outputs.shape[1])
    for at, did in enumerate(np.abs(plain.coef_.reshape(-1, count))):
        size = np.maximum(np.sqrt(did / max(float(did.max()), TINY)), LEAST)
        sizes = np.concatenate([size, size[first] * size[second]])
        ridge = RidgeCV(alphas=PENALTIES).fit(known * sizes, outputs[:, at], sample_weight=weights)
        slopes[:, at], level[at] = ridge.coef_ * sizes, ridge.intercept_
    straight = Fit(slopes, level, ())
    if not smooth:
        return straight
    left = outputs - straight(points)
    again = []
    for one in smooth:
        process = GaussianProcessRegressor(one.process.kernel_, optimizer=None)
        process.fit(points[:, one.which], left[:, one.output])
        again.append(_Smooth(one.output, one.which, process))
    return Fit(slopes, level, tuple(again))


def _held_out(points: Floats, outputs: Floats, weights: Floats, folds: Ints, smooth: tuple[_Smooth, ...]) -> Floats:
    residuals = np.empty_like(outputs)
    for fold in range(folds.max() + 1):
        out = folds == fold
        residuals[out] = outputs[out] - _fit(points[~out], outputs[~out], weights[~out], smooth)(points[out])
    return residuals


def _smoothing(points: Floats, left: Floats, slopes: Floats, output: int) -> _Smooth | None:
    """A process for what is left over of an output; None where there is nothing."""
    size = left.std()
    if not size > 0:
        return None
    count = points.shape[1]
    which = np.sort(np.argsort(-np.abs(slopes[:count]), kind="stable")[:MATTER])
    kernel = ConstantKernel(0.5 * size**2, (1e-3 * size**2, 10 * size**2)) * RBF(0.6, (0.15, 10)) + WhiteKernel(
        0.5 * size**2, (1e-3 * size**2, 2 * size**2)
    )
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ConvergenceWarning
        )  # a length at its bound is an answer: nothing is left to be smoothed
        process = GaussianProcessRegressor(kernel).fit(points[:, which], left)
    return _Smooth(output, which, process)
