"""Figures of scikit-learn, NumPy and TA-Lib for tests/figures.rs.

Writes figures.json beside itself: `python figures.py`. Input is made by SplitMix64 and plain
arithmetic, the same in tests/common/mod.rs, so that both sides hold the same bits. The three
examples are the code that their users write, unchanged; f32 input is given to them as f64, as
scikit-learn rounds means to f32 first and TA-Lib takes f64 only.
"""

import json
import math
import pathlib
import platform

import numpy as np
import sklearn
import talib
from sklearn.preprocessing import MinMaxScaler, StandardScaler

MASK = (1 << 64) - 1


class Random:
    """SplitMix64, as in tests/common/mod.rs."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return ((z ^ (z >> 31)) >> 11) / (1 << 53)


def batch(seed, samples, timesteps):
    """Three features of different place and size, as `batch` in tests/figures.rs."""
    random = Random(seed)
    x = np.empty((samples, timesteps, 3))
    for sample in range(samples):
        for t in range(timesteps):
            for feature, (place, size) in enumerate([(0.0, 1.0), (250.0, 40.0), (1e4, 3.0)]):
                x[sample, t, feature] = place + size * (random.next() - 0.5)
    return x


def bars(seed, samples, timesteps):
    """Open, high, low, close, volume, as `bars` in tests/common/mod.rs."""
    random = Random(seed)
    x = np.empty((samples, timesteps, 5))
    for sample in range(samples):
        close = 20.0 + 200.0 * random.next()
        for t in range(timesteps):
            open_ = close * (1.0 + 0.004 * (random.next() - 0.5))
            close = open_ * (1.0 + 0.03 * (random.next() - 0.5))
            high = max(open_, close) * (1.0 + 0.01 * random.next())
            low = min(open_, close) * (1.0 - 0.01 * random.next())
            volume = float(math.floor(1e6 * random.next()))
            x[sample, t] = [open_, high, low, close, volume]
    return x


def scale(scaler, x):
    return scaler.transform(x.reshape(-1, x.shape[-1])).reshape(x.shape)


def lagged(x, lags):
    n, _, features = x.shape
    parts = [np.concatenate([np.zeros((n, k, features)), x[:, :-k, :]], axis=1) for k in lags]
    return np.concatenate(parts + [x], axis=2)


def indicators(close):
    """Rows of close, one series a sample, to (samples, timesteps, 5)."""
    series = [
        np.stack([talib.SMA(c, timeperiod=20), talib.RSI(c, timeperiod=14), *talib.MACD(c)], axis=1)
        for c in close
    ]
    return np.stack(series)


def cells(x):
    """Shape and values, None for NaN; repr() of a float gives its bits back."""
    flat = [None if math.isnan(v) else v for v in x.ravel().tolist()]
    return {"shape": list(x.shape), "values": flat}


def figures(widened):
    """All figures, on input of f64 or f32; `widened` makes the second from the first."""
    x, unseen = widened(batch(1, 100, 20)), widened(batch(2, 2, 7))
    standard = StandardScaler().fit(x.reshape(-1, 3))
    minmax = MinMaxScaler(feature_range=(-1.0, 2.5)).fit(x.reshape(-1, 3))
    prices, unseen_prices = widened(bars(3, 24, 60)), widened(bars(4, 2, 60))
    scaler = StandardScaler().fit(prices.reshape(-1, 5))
    whole = np.concatenate(
        [lagged(scale(scaler, unseen_prices), [1, 2]), indicators(unseen_prices[:, :, 3].copy())],
        axis=2,
    )
    kept = [0, 57, 99]
    return {
        "standard": {
            "mean": standard.mean_.tolist(),
            "scale": standard.scale_.tolist(),
            "transformed": cells(scale(standard, x)[kept]),
            "unseen": cells(scale(standard, unseen)),
        },
        "minmax": {
            "min": minmax.data_min_.tolist(),
            "max": minmax.data_max_.tolist(),
            "transformed": cells(scale(minmax, x)[kept]),
            "unseen": cells(scale(minmax, unseen)),
        },
        "lagged": cells(lagged(x, [1, 2])[kept]),
        "indicators": cells(indicators(prices[:3, :, 3].copy())),
        "pipeline": cells(whole),
    }


def main():
    origin = {
        "script": "tests/figures/figures.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "TA-Lib (Python)": talib.__version__,
        "TA-Lib (C)": talib.__ta_version__.decode().split()[0],
        "kept samples": [0, 57, 99],
    }
    found = {
        "origin": origin,
        "f64": figures(lambda x: x),
        "f32": figures(lambda x: x.astype(np.float32).astype(np.float64)),
    }
    path = pathlib.Path(__file__).with_name("figures.json")
    path.write_text(json.dumps(found, indent=1).replace(",\n     ", ", ").replace(",\n    ", ", ") + "\n")


if __name__ == "__main__":
    main()
