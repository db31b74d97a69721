"""Simulates the coverage of intervals for shares with two choices of degrees of freedom: the number of the fewest units
less one, and Satterthwaite's, as Earshot computes them. The dual-factor variance of a complete crossed design is
computed from its formula instead of from resamples. The designs are those of `Calibration … answers`. Prints a table;
nothing is compared with it.

    python3 analysis/oracles/shares.py --studies 8000
"""

import sys

import numpy as np
from scipy.stats import norm, t


def parts(cells):
    """The mean; its variance due to the choice of listeners, and that due to the choice of items (each including the
    noise of cells); and its total variance."""
    n, m = cells.shape[-2:]
    by_listener, by_item, mean = cells.mean(-1), cells.mean(-2), cells.mean((-1, -2))
    left = cells - by_listener[..., :, None] - by_item[..., None, :] + mean[..., None, None]
    f, g = n / (n - 1), m / (m - 1)
    noise = f * g * (left**2).mean((-1, -2)) / (n * m)
    listeners, items = f * by_listener.var(-1) / n, g * by_item.var(-1) / m
    both = listeners / f + items / g + noise / (f * g)
    whole = np.minimum(np.maximum.reduce([listeners + items - noise, listeners, items]), both)
    return mean, listeners, items, whole


def coverage(cells, truth):
    n, m = cells.shape[-2:]
    mean, listeners, items, whole = parts(cells)
    fewest = np.full_like(whole, min(n, m) - 1)
    combined = np.maximum(fewest, whole**2 / np.maximum(listeners**2 / (n - 1) + items**2 / (m - 1), 1e-300))
    # On the scale of log odds.
    slope = np.maximum(mean * (1 - mean), 1e-300)
    odds = np.log(np.clip(mean, 1e-12, 1 - 1e-12) / np.clip(1 - mean, 1e-12, 1)) - np.log(truth / (1 - truth))
    held = [np.abs(mean - truth) <= t.ppf(0.975, freedom) * np.sqrt(whole) for freedom in (fewest, combined)]
    held += [np.abs(odds) <= t.ppf(0.975, freedom) * np.sqrt(whole) / slope for freedom in (fewest, combined)]
    return [100 * np.mean(one) for one in held]


def main(studies):
    draw = np.random.default_rng(1)
    print("| share of | listeners × items | fewest | Satterthwaite | fewest, log odds | Satterthwaite, log odds |\n|---|---|--:|--:|--:|--:|")
    for n, m in [(10, 8), (20, 12), (20, 4), (50, 10)]:
        chance = 0.75 + 0.15 * (2 * draw.random((studies, n, 1)) - 1) + 0.1 * (2 * draw.random((studies, 1, m)) - 1)
        rows = [("ABX, 75 %", draw.binomial(2, chance) / 2, 0.75)]
        for share in (0.5, 0.65, 0.8):
            heard = norm.ppf(share) * np.sqrt(1.5) + 0.5 * draw.standard_normal((studies, n, 1)) + 0.5 * draw.standard_normal((studies, 1, m))
            rows.append((f"preference, {100 * share:.0f} %", (heard + draw.standard_normal((studies, n, m)) > 0).astype(float), share))
        for name, cells, truth in rows:
            print(f"| {name} | {n} × {m} | " + " | ".join(f"{value:.1f}" for value in coverage(cells, truth)) + " |")


if __name__ == "__main__" and "--studies" in sys.argv:
    main(int(sys.argv[sys.argv.index("--studies") + 1]))
