"""Figures of scikit-learn's maps that are no straight lines, and of its rows by their norms, for
tests/maps.rs.

Writes maps.json beside itself: `python maps.py`. Needs mpmath (1.3.0) beside scikit-learn.

Quantiles are taken at exact places: scikit-learn's own are rounded, so that among equal values one
may lie beside them, which moves their middle by half a step. scikit-learn transforms by the exact ones.

The exponent of a power transform maximises a likelihood. scikit-learn looks for it by Brent's method
on the likelihood itself, which is flat there: half of the digits. Here mpmath finds where the
derivative vanishes, and scikit-learn transforms by that exponent.
"""

import json
import math
import pathlib
import platform
from fractions import Fraction

import mpmath
import numpy as np
import sklearn
from figures import Random
from sklearn.preprocessing import Normalizer, PowerTransformer, QuantileTransformer

mpmath.mp.prec = 200


def batch(seed, samples, timesteps, positive):
    """Four skewed features, as `batch` in tests/maps.rs."""
    random = Random(seed)
    x = np.empty((samples, timesteps, 4))
    for sample in range(samples):
        for t in range(timesteps):
            u = [random.next() for _ in range(4)]
            row = [u[0] ** 3, 250.0 + 40.0 * u[1] * u[1], 0.001 * u[2], math.floor(6.0 * u[3])]
            if not positive:
                row = [row[0] - 0.2, row[1] - 260.0, row[2], row[3] - 2.0]
            else:
                row[1] -= 249.0
                row[3] += 1.0
            x[sample, t] = row
    return x


def exponent(values, method):
    """Where the derivative of the likelihood of an exponent vanishes."""
    values = [mpmath.mpf(float(v)) for v in values]
    n = len(values)
    if method == "box-cox":
        parts = [(1, mpmath.log(v)) for v in values]
    else:
        parts = [(1 if v >= 0 else -1, mpmath.log1p(abs(v))) for v in values]
    logs = sum(sign * log for sign, log in parts)

    def slope(power):
        y, dy = [], []
        for sign, log in parts:
            own = power if sign > 0 else 2 - power
            y.append(sign * mpmath.expm1(own * log) / own)
            dy.append((log * mpmath.exp(own * log) - mpmath.expm1(own * log) / own) / own)
        mean, slant = sum(y) / n, sum(dy) / n
        both = sum((a - mean) * (b - slant) for a, b in zip(y, dy))
        return logs - n * both / sum((a - mean) ** 2 for a in y)

    start = PowerTransformer(method=method).fit(np.array(values, dtype=float)[:, None]).lambdas_[0]
    found = mpmath.findroot(slope, (start - 1e-3, start + 1e-3))
    assert abs(found - start) < 1e-5 * max(1, abs(start)), (found, start)
    return float(found)


def numbers(x):
    return [None if math.isnan(v) else v for v in np.asarray(x).ravel().tolist()]


def power(method, standardize, x, unseen):
    flat = x.reshape(-1, 4)
    exponents = np.array([exponent(column[~np.isnan(column)], method) for column in flat.T])
    scaler = PowerTransformer(method=method, standardize=standardize).fit(flat)
    raw = PowerTransformer(method=method, standardize=False).fit(flat)
    scaler.lambdas_ = raw.lambdas_ = exponents
    if standardize:
        scaler._scaler.fit(raw.transform(flat))
    return {
        "step": f"op = 'power'\nmethod = '{method}'\nstandardize = {str(standardize).lower()}",
        "exponents": exponents.tolist(),
        "fitted": numbers(scaler.transform(x[:2].reshape(-1, 4))),
        "unseen": numbers(scaler.transform(unseen.reshape(-1, 4))),
    }


def quantiles(values, n):
    """Quantiles of evenly spread shares, between two values as NumPy's `linear`."""
    values = np.sort(values[~np.isnan(values)])
    places = [Fraction(i * (len(values) - 1), n - 1) for i in range(n)]
    below = [math.floor(place) for place in places]
    gaps = [values[min(i + 1, len(values) - 1)] - values[i] for i in below]
    return [values[i] + gap * float(place - i) for i, gap, place in zip(below, gaps, places)]


def quantile(output, n_quantiles, x, unseen):
    flat = x.reshape(-1, 4)
    # No sample of the values: all of them.
    scaler = QuantileTransformer(
        n_quantiles=n_quantiles, output_distribution=output, subsample=None
    ).fit(flat)
    exact = np.array([quantiles(column, scaler.n_quantiles_) for column in flat.T]).T
    assert np.allclose(exact, scaler.quantiles_, rtol=0, atol=1e-9), "not the same quantiles"
    scaler.quantiles_ = exact
    seen = scaler.transform(x[:2].reshape(-1, 4))
    other = scaler.transform(unseen.reshape(-1, 4))
    return {
        "step": f"op = 'quantile'\noutput = '{output}'\nn_quantiles = {n_quantiles}",
        "fitted": numbers(seen),
        "unseen": numbers(other),
        "back": numbers(scaler.inverse_transform(other)),
    }


def holes(x):
    """NaN in every seventh cell from the fourth on, as in tests/maps.rs."""
    x = x.copy()
    x.reshape(-1)[3::7] = np.nan
    return x


def figures(widened):
    found = []
    x, unseen = widened(batch(1, 31, 20, False)), widened(batch(2, 2, 7, False) * 1.5)
    for norm in ["l1", "l2", "max"]:
        rows = Normalizer(norm=norm).transform(x[:2].reshape(-1, 4))
        found.append({"step": f"op = 'normalize'\nnorm = '{norm}'", "fitted": numbers(rows)})
    logged = x[:2].copy()
    logged[..., ::2] = np.log1p(logged[..., ::2])
    step = "op = 'log1p'\ncolumns = ['a', 'c']"
    found.append({"step": step, "fitted": numbers(logged)})
    for output in ["uniform", "normal"]:
        for n_quantiles in [1000, 100, 7, 2]:
            found.append(quantile(output, n_quantiles, x, unseen))
    gaps = quantile("normal", 50, holes(x), unseen)
    found.append({**gaps, "step": gaps["step"] + "\nnan = 'ignore'", "holes": True})
    for standardize in [True, False]:
        found.append(power("yeo-johnson", standardize, x, unseen))
    gaps = power("yeo-johnson", True, holes(x), unseen)
    found.append({**gaps, "step": gaps["step"] + "\nnan = 'ignore'", "holes": True})
    x, unseen = widened(batch(3, 31, 20, True)), widened(batch(4, 2, 7, True) * 1.5)
    found.append({**power("box-cox", True, x, unseen), "positive": True})
    found.append({**power("box-cox", False, x, unseen), "positive": True})
    return found


def main():
    origin = {
        "script": "tests/figures/maps.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "mpmath": mpmath.__version__,
    }
    found = {
        "origin": origin,
        "f64": figures(lambda x: x),
        "f32": figures(lambda x: x.astype(np.float32).astype(np.float64)),
    }
    path = pathlib.Path(__file__).with_name("maps.json")
    text = json.dumps(found, indent=1).replace(",\n     ", ", ").replace(",\n    ", ", ")
    path.write_text(text + "\n")


if __name__ == "__main__":
    main()
