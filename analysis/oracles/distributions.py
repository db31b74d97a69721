"""Tail probabilities from mpmath with 50 digits, and quantiles from scipy."""

import mpmath as mp
from scipy import stats

from common import write

mp.mp.dps = 50


def tails(name, parameters, x):
    x = mp.mpf(x)
    if name == "normal":
        lower, upper = mp.erfc(-x / mp.sqrt(2)) / 2, mp.erfc(x / mp.sqrt(2)) / 2
    elif name == "t":
        v = mp.mpf(parameters[0])
        tail = mp.betainc(v / 2, mp.mpf(1) / 2, 0, v / (v + x * x), regularized=True) / 2
        lower, upper = (1 - tail, tail) if x > 0 else (tail, 1 - tail)
    elif name == "f":
        m, n = map(mp.mpf, parameters)
        lower = mp.betainc(m / 2, n / 2, 0, m * x / (m * x + n), regularized=True)
        upper = mp.betainc(n / 2, m / 2, 0, n / (m * x + n), regularized=True)
    else:
        a = mp.mpf(parameters[0]) / 2
        lower = mp.gammainc(a, 0, x / 2, regularized=True)
        upper = mp.gammainc(a, x / 2, mp.inf, regularized=True)
    return float(lower), float(upper)


def cases():
    grid = [("normal", []), *(("t", [v]) for v in (1, 2, 3.5, 10, 39, 1000)),
            *(("f", [m, n]) for m, n in ((1, 1), (3, 5), (5, 15), (2.5, 37.2), (39, 2301), (500, 90000))),
            *(("chi2", [v]) for v in (1, 2, 3.5, 10, 59, 1000))]
    for name, parameters in grid:
        points = {"normal": (-8, -2.5, -0.3, 0, 1, 1.96, 6), "t": (-40, -2.1, -0.2, 0, 0.7, 1.96, 12),
                  "f": (0.05, 0.7, 0.98, 1, 1.3, 4, 60), "chi2": (0.02, 1, 3.84, 9.5, 60, 980, 1100)}[name]
        for x in points:
            lower, upper = tails(name, parameters, x)
            yield dict(name=name, parameters=parameters, x=x, lower=lower, upper=upper)


def quantiles():
    for case in ({"t": [3.5]}, {"t": [39]}, {"f": [5, 15]}, {"f": [39, 2301]}, {"chi2": [1]}, {"chi2": [59]}, {"norm": []}):
        (name, parameters), = case.items()
        for p in (1e-10, 0.001, 0.025, 0.4, 0.5, 0.8, 0.975, 0.999):
            value = getattr(stats, name).ppf(p, *parameters)
            yield dict(name="normal" if name == "norm" else name, parameters=parameters, p=p, value=value)


write("distributions", dict(tails=list(cases()), quantiles=list(quantiles())))
