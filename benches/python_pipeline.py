"""The flagship pipeline as it is written in Python today, timed: scikit-learn, NumPy and TA-Lib.

    pip install numpy scikit-learn TA-Lib
    windrow demo && windrow build benches/common/flagship.toml windrow-demo/train.npy -o ours.npy
    python benches/python_pipeline.py windrow-demo/train.npy ours.npy

Prints the time of fit and transform together, in nanoseconds for each (sample, timestep), and by
how much the two results differ, in parts of each column's largest value.
"""

import sys
import time

import numpy as np
import talib
from sklearn.preprocessing import StandardScaler


def pipeline(x):
    n, t, f = x.shape
    scaled = StandardScaler().fit_transform(x.reshape(-1, f)).reshape(n, t, f)
    lagged = [
        np.concatenate([np.zeros((n, k, f), x.dtype), scaled[:, :-k, :]], axis=1) for k in (1, 2)
    ]
    indicators = np.empty((n, t, 5), x.dtype)
    for i in range(n):
        close = x[i, :, 3].astype(np.float64)
        indicators[i, :, 0] = talib.SMA(close, 20)
        indicators[i, :, 1] = talib.RSI(close, 14)
        macd, signal, hist = talib.MACD(close)
        indicators[i, :, 2], indicators[i, :, 3], indicators[i, :, 4] = macd, signal, hist
    return np.concatenate([*lagged, scaled, indicators], axis=2)


x = np.load(sys.argv[1])
times = []
for _ in range(3):
    start = time.perf_counter()
    y = pipeline(x)
    times.append(time.perf_counter() - start)
print(f"{x.shape} {x.dtype}: {sorted(times)[1] / (x.shape[0] * x.shape[1]) * 1e9:.0f} ns a step")

if len(sys.argv) > 2:
    ours = np.load(sys.argv[2])
    assert ours.shape == y.shape and (np.isnan(ours) == np.isnan(y)).all()
    scale = np.nanmax(np.abs(y), axis=(0, 1))
    apart = np.nanmax(np.abs(ours.astype(np.float64) - y), axis=(0, 1)) / scale
    print(f"apart by at most {apart.max():.1e} of a column's largest value")
