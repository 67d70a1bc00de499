"""Figures of scikit-learn's scalers of each sample and of each timestep, for tests/scopes.rs.

Writes scopes.json beside itself: `python scopes.py`. A scaler of a sample is fitted on its timesteps
alone, as tslearn's are; one of a timestep on that timestep of all samples.
"""

import json
import math
import pathlib
import platform

import numpy as np
import sklearn
from figures import Random
from sklearn.base import clone
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

CASES = [
    ("op = 'standardize'", StandardScaler()),
    ("op = 'standardize'\nwith_mean = false", StandardScaler(with_mean=False)),
    ("op = 'standardize'\nwith_std = false", StandardScaler(with_std=False)),
    ("op = 'minmax'\nrange = [-3, 0.5]", MinMaxScaler(feature_range=(-3, 0.5))),
    ("op = 'minmax'\nclip = true", MinMaxScaler(clip=True)),
    ("op = 'maxabs'", MaxAbsScaler()),
    ("op = 'robust'", RobustScaler()),
    ("op = 'robust'\nquantile_range = [5, 90.5]", RobustScaler(quantile_range=(5, 90.5))),
]


def batch(seed, samples, timesteps):
    """Three features of different place and size, the last constant, as in tests/scopes.rs."""
    random = Random(seed)
    x = np.empty((samples, timesteps, 3))
    for sample in range(samples):
        for t in range(timesteps):
            for feature, (place, size) in enumerate([(0.0, 1.0), (250.0, 40.0), (-3e3, 0.0)]):
                x[sample, t, feature] = place + size * (random.next() - 0.5)
    return x


def holes(x):
    """NaN in every seventh cell from the fourth on, as in tests/scopes.rs."""
    x = x.copy()
    x.reshape(-1)[3::7] = np.nan
    return x


def cells(values):
    return [None if math.isnan(v) else v for v in np.asarray(values).ravel().tolist()]


def main():
    x, unseen = batch(1, 29, 12), 2.0 * batch(2, 1, 12) - 60.0
    found = []
    for step, scaler in CASES:
        for nan, seen in [("", x), ("\nnan = 'ignore'", holes(x))]:
            y = [clone(scaler).fit_transform(sample) for sample in seen[:2]]
            found.append({"step": step + "\nper = 'sample'" + nan, "fitted": cells(y)})
            each = [clone(scaler).fit(seen[:, t]) for t in range(x.shape[1])]

            def of(x):
                return np.stack([each[t].transform(x[:, t]) for t in range(x.shape[1])], axis=1)

            figures = {"fitted": cells(of(seen[:2])), "unseen": cells(of(unseen))}
            found.append({"step": step + "\nper = 'timestep'" + nan, **figures})
    origin = {
        "script": "tests/figures/scopes.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    }
    path = pathlib.Path(__file__).with_name("scopes.json")
    text = json.dumps({"origin": origin, "cases": found}, indent=1)
    path.write_text(text.replace(",\n    ", ", ") + "\n")


main()
