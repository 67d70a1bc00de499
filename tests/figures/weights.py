"""Figures of scikit-learn's StandardScaler with weights, for tests/weights.rs.

Writes weights.json beside itself: `python weights.py`.
"""

import json
import pathlib
import platform

import numpy as np
import sklearn
from figures import Random
from sklearn.preprocessing import StandardScaler

CASES = [
    ("op = 'standardize'", StandardScaler()),
    ("op = 'standardize'\nwith_mean = false", StandardScaler(with_mean=False)),
    ("op = 'standardize'\nwith_std = false", StandardScaler(with_std=False)),
]


def batch(seed, samples, timesteps):
    """Two features of different place and size, as in tests/weights.rs."""
    random = Random(seed)
    x = np.empty((samples, timesteps, 2))
    for sample in range(samples):
        for t in range(timesteps):
            for feature, (place, size) in enumerate([(0.0, 1.0), (250.0, 40.0)]):
                x[sample, t, feature] = place + size * (random.next() - 0.5)
    return x


def weights(seed, samples, timesteps):
    """Every third is 0, as in tests/weights.rs."""
    random = Random(seed)
    w = np.array([[4.0 * random.next() for _ in range(timesteps)] for _ in range(samples)])
    w.reshape(-1)[::3] = 0.0
    return w


def main():
    x = batch(1, 23, 14)
    found = []
    for step, scaler in CASES:
        for timesteps in [1, 14]:
            w = weights(2, 23, timesteps)
            flat = np.broadcast_to(w, (23, 14)).ravel()
            scaler.fit(x.reshape(-1, 2), sample_weight=flat)
            y = scaler.transform(x[:2].reshape(-1, 2)).ravel().tolist()
            found.append({"step": step, "timesteps": timesteps, "fitted": y})
    origin = {
        "script": "tests/figures/weights.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    }
    path = pathlib.Path(__file__).with_name("weights.json")
    text = json.dumps({"origin": origin, "cases": found}, indent=1)
    path.write_text(text.replace(",\n    ", ", ") + "\n")


main()
