"""Figures of scikit-learn's scalers, with their options, for tests/scalers.rs.

Writes scalers.json beside itself: `python scalers.py`. f32 is given to them as f64, as in figures.py.
"""

import json
import math
import pathlib
import platform

import numpy as np
import sklearn
from figures import Random
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

# Steps of a pipeline file, and what they mean.
CASES = [
    ("op = 'standardize'", StandardScaler()),
    ("op = 'standardize'\nwith_mean = false", StandardScaler(with_mean=False)),
    ("op = 'standardize'\nwith_std = false", StandardScaler(with_std=False)),
    ("op = 'minmax'", MinMaxScaler()),
    ("op = 'minmax'\nrange = [-3, 0.5]", MinMaxScaler(feature_range=(-3, 0.5))),
    ("op = 'minmax'\nclip = true", MinMaxScaler(clip=True)),
    ("op = 'minmax'\nrange = [1, 2]\nclip = true", MinMaxScaler(feature_range=(1, 2), clip=True)),
    ("op = 'maxabs'", MaxAbsScaler()),
    ("op = 'maxabs'\nclip = true", MaxAbsScaler(clip=True)),
    ("op = 'robust'", RobustScaler()),
    ("op = 'robust'\nquantile_range = [5, 90.5]", RobustScaler(quantile_range=(5, 90.5))),
    ("op = 'robust'\nquantile_range = [0, 100]", RobustScaler(quantile_range=(0, 100))),
    ("op = 'robust'\nwith_centering = false", RobustScaler(with_centering=False)),
    ("op = 'robust'\nwith_scaling = false", RobustScaler(with_scaling=False)),
    ("op = 'robust'\nunit_variance = true", RobustScaler(unit_variance=True)),
    (
        "op = 'robust'\nunit_variance = true\nquantile_range = [5, 90.5]",
        RobustScaler(unit_variance=True, quantile_range=(5, 90.5)),
    ),
]


def batch(seed, samples, timesteps):
    """Three features of different place and size, as `batch` in tests/scalers.rs."""
    random = Random(seed)
    x = np.empty((samples, timesteps, 3))
    for sample in range(samples):
        for t in range(timesteps):
            for feature, (place, size) in enumerate([(0.0, 1.0), (250.0, 40.0), (-3e3, 2e3)]):
                x[sample, t, feature] = place + size * (random.next() - 0.5)
    return x


def values(scaler, x):
    flat = scaler.transform(x.reshape(-1, 3)).ravel().tolist()
    return [None if math.isnan(v) else v for v in flat]


def holes(x):
    """NaN in every seventh cell from the fourth on, as in tests/scalers.rs."""
    x = x.copy()
    x.reshape(-1)[3::7] = np.nan
    return x


def figures(widened):
    x, unseen = widened(batch(1, 61, 20)), widened(2.0 * batch(2, 2, 7) - 60.0)
    found = []
    ignoring = [(step + "\nnan = 'ignore'", scaler, holes(x)) for step, scaler in CASES]
    for step, scaler, seen in [(*case, x) for case in CASES] + ignoring:
        scaler = scaler.fit(seen.reshape(-1, 3))
        fitted = values(scaler, seen[:2])
        found.append({"step": step, "fitted": fitted, "unseen": values(scaler, unseen)})
    return found


def main():
    origin = {
        "script": "tests/figures/scalers.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    }
    found = {
        "origin": origin,
        "f64": figures(lambda x: x),
        "f32": figures(lambda x: x.astype(np.float32).astype(np.float64)),
    }
    path = pathlib.Path(__file__).with_name("scalers.json")
    text = json.dumps(found, indent=1).replace(",\n     ", ", ").replace(",\n    ", ", ")
    path.write_text(text + "\n")


main()
