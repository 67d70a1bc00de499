"""Figures of pandas, bottleneck, SciPy and NumPy for tests/rolling_figures.rs.

Writes rolling.json beside itself: `python rolling.py`. The file holds the inputs with the figures;
every float is written so that its bits come back.
"""

import json
import math
import pathlib
import platform

import bottleneck
import numpy as np
import pandas as pd
import scipy
import scipy.stats

generator = np.random.default_rng(20261124)


def walk(n, at):
    return at * np.cumprod(1.0 + 0.02 * generator.standard_normal(n))


A, B = walk(64, 100.0), walk(64, 40.0)
# Values that are equal, for ties.
TICKS = np.round(generator.uniform(0.0, 6.0, 64))
HOLES, OTHER = A.copy(), B.copy()
HOLES[[0, 1, 9, 10, 11, 12, 13, 20, 31, 33, 35, 50, 63]] = np.nan
OTHER[[5, 10, 20, 21, 22, 40]] = np.nan
FACTORS = A / np.roll(A, 1)
INPUTS = {"a": A, "b": B, "ticks": TICKS, "holes": HOLES, "other": OTHER, "factors": FACTORS}

# Window and min_periods; 0 for none. The last is longer than the series.
SIZES = [(1, 0), (2, 0), (3, 0), (3, 1), (5, 2), (8, 7), (20, 0), (20, 4), (100, 3)]


def cells(values):
    return [None if math.isnan(v) else float(v) for v in np.asarray(values, dtype=float)]


def slope(x, window, least):
    y = np.full(len(x), np.nan)
    for t in range(len(x)):
        times = np.arange(max(0, t + 1 - window), t + 1)
        kept = times[~np.isnan(x[times])]
        if len(kept) >= max(least, 2):
            y[t] = np.polyfit(kept - kept[0], x[kept] - x[kept[0]], 1)[0]
    return y


def windows(names, window, least, of, pandas=None):
    """NumPy's and SciPy's, window by window, of the timesteps at which all series have a value.

    pandas updates from window to window and is off by up to 1e-10 of such figures; it says what has
    no value, and vouches for the rest.
    """
    series = [INPUTS[name] for name in names]
    y = np.full(len(series[0]), np.nan)
    for t in range(len(y)):
        times = np.arange(max(0, t + 1 - window), t + 1)
        kept = times[~np.isnan(sum(x[times] for x in series))]
        if len(kept) >= least:
            y[t] = of(*(x[kept] for x in series))
    if pandas is not None:
        assert np.allclose(y, pandas, rtol=1e-6, atol=1e-9, equal_nan=True), (names, window, least)
    return y


def rolling():
    for window, min_periods in SIZES:
        given = {"window": window, "min_periods": min_periods}
        least = min_periods or window
        for name in ["ticks", "holes"]:
            x = pd.Series(INPUTS[name])
            of = x.rolling(window, min_periods=least)
            for kind in ["sum", "mean", "min", "max", "median", "count"]:
                yield f"rolling_{kind}", given, [name], getattr(of, kind)()
            yield "rolling_range", given, [name], of.max() - of.min()
            for ddof in [0, 1]:
                some = {**given, "ddof": ddof}
                var = windows(
                    [name], window, max(least, ddof + 1), lambda a: a.var(ddof=ddof), of.var(ddof=ddof)
                )
                yield "rolling_var", some, [name], var
                yield "rolling_std", some, [name], np.sqrt(var)
                yield "rolling_zscore", some, [name], (x - of.mean()) / np.sqrt(var)
            for kind, needs, function in [
                ("skew", 3, scipy.stats.skew),
                ("kurt", 4, scipy.stats.kurtosis),
            ]:
                figures = windows(
                    [name],
                    window,
                    max(least, needs),
                    # Nothing of values that are all equal.
                    lambda a: function(a - a[0], bias=False) if a.any() and np.ptp(a) else np.nan,
                    getattr(of, kind)(),
                )
                yield f"rolling_{kind}", given, [name], figures
            for quantile in [0.1, 0.75]:
                some = {**given, "quantile": quantile}
                yield "rolling_quantile", some, [name], of.quantile(quantile)
            yield "rolling_rank", given, [name], of.rank()
            yield "rolling_rank", {**given, "pct": 1}, [name], of.rank(pct=True)
            if window <= len(x):
                for kind, move in [
                    ("argmin", bottleneck.move_argmin),
                    ("argmax", bottleneck.move_argmax),
                ]:
                    yield f"rolling_{kind}", given, [name], move(x.to_numpy(), window, least)
            yield "rolling_slope", given, [name], slope(x.to_numpy(), window, least)
        for one, other in [("a", "b"), ("holes", "other")]:
            x, y = pd.Series(INPUTS[one]), pd.Series(INPUTS[other])
            missing = x.isna() | y.isna()
            x, y = x.mask(missing), y.mask(missing)
            of, names, two = x.rolling(window, min_periods=least), [one, other], max(least, 2)
            for ddof in [0, 1]:
                figures = windows(
                    names,
                    window,
                    max(least, ddof + 1),
                    lambda a, b: np.cov(a, b, ddof=ddof)[0, 1],
                    of.cov(y, ddof=ddof),
                )
                yield "rolling_cov", {**given, "ddof": ddof}, names, figures
            figures = windows(
                names, window, two, lambda a, b: np.corrcoef(a, b)[0, 1], of.corr(y)
            )
            yield "rolling_corr", given, names, figures
            figures = windows(
                names,
                window,
                two,
                lambda a, b: np.cov(a, b)[0, 1] / a.var(ddof=1),
                of.cov(y) / of.var(),
            )
            yield "rolling_beta", given, names, figures


def expanding():
    x = pd.Series(A)
    for least in [1, 4]:
        given = {"min_periods": least}
        of = x.expanding(least)
        for kind in ["sum", "mean", "min", "max", "count"]:
            yield f"expanding_{kind}", given, ["a"], getattr(of, kind)()
        for ddof in [0, 1]:
            needs = max(least, ddof + 1)
            var = windows(["a"], 1000, needs, lambda a: a.var(ddof=ddof), of.var(ddof=ddof))
            yield "expanding_var", {**given, "ddof": ddof}, ["a"], var
            yield "expanding_std", {**given, "ddof": ddof}, ["a"], np.sqrt(var)
            score = (x - of.mean()) / np.sqrt(var)
            yield "expanding_zscore", {**given, "ddof": ddof}, ["a"], score


def fading():
    for weights in [{"span": 5.0}, {"halflife": 2.5}, {"alpha": 0.3}, {"alpha": 1.0}]:
        for adjust in [False, True]:
            for ignore_na in [False, True]:
                least = 1 if adjust == ignore_na else 3
                for name in ["holes", "ticks"] if adjust and not ignore_na else ["holes"]:
                    given = {
                        **weights,
                        "adjust": int(adjust),
                        "ignore_na": int(ignore_na),
                        "min_periods": least,
                    }
                    of = pd.Series(INPUTS[name]).ewm(
                        **weights, adjust=adjust, ignore_na=ignore_na, min_periods=least
                    )
                    yield "ewm_mean", given, [name], of.mean()
                    for bias in [False, True]:
                        some = {**given, "bias": int(bias)}
                        yield "ewm_var", some, [name], of.var(bias=bias)
                        yield "ewm_std", some, [name], of.std(bias=bias)


def changes():
    for period in [1, 3]:
        for name in ["a", "holes"]:
            x = pd.Series(INPUTS[name])
            yield "diff", {"period": period}, [name], x.diff(period)
            yield "pct_change", {"period": period}, [name], x.pct_change(period, fill_method=None)
            yield "log_return", {"period": period}, [name], np.log(x / x.shift(period))
    yield "cumsum", {}, ["a"], pd.Series(A).cumsum()
    yield "cumprod", {}, ["factors"], pd.Series(FACTORS).cumprod()


def main():
    origin = {
        "script": "tests/figures/rolling.py",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "scipy": scipy.__version__,
        "bottleneck": bottleneck.__version__,
    }
    cases = [
        {"row": row, "params": params, "inputs": inputs, "figures": cells(figures)}
        for make in [rolling, expanding, fading, changes]
        for row, params, inputs, figures in make()
    ]
    inputs = {name: cells(x) for name, x in INPUTS.items()}
    lines = ",\n".join(json.dumps(case) for case in cases)
    head = json.dumps({"origin": origin, "inputs": inputs})[:-1]
    path = pathlib.Path(__file__).with_name("rolling.json")
    path.write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


main()
