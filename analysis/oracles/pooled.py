"""Spearman over pooled units with both ceilings. The resampled table is rebuilt for each draw, and all copies of a
listener are left out together."""

import numpy as np
from scipy import stats

from common import write

random = np.random.default_rng(9)


def rho(a, b):
    if len(a) < 2 or len(set(a)) == 1 or len(set(b)) == 1:
        return np.nan
    return stats.spearmanr(a, b).statistic


def mean(rows, start):
    """Means computed as sums first, so that equal means tie. `start` shapes the result if there are no rows."""
    counts = (~np.isnan(rows)).sum(axis=0) if len(rows) else np.zeros(start)
    with np.errstate(invalid="ignore"):
        return np.where(counts > 0, np.nansum(rows, axis=0) / np.maximum(counts, 1), np.nan)


def evaluate(table, systems, listeners, units):
    rows = table[listeners][:, units]
    crowd = mean(rows, len(units))

    def over(a, b, keep):
        return rho(a[keep], b[keep])

    consensus = [over(crowd, s[units], ~np.isnan(crowd)) for s in systems]
    individual = [np.nanmean([over(row, s[units], ~np.isnan(row)) for row in rows]) for s in systems]
    lower, upper = [], []
    for listener, row in zip(listeners, rows):
        others = mean(rows[listeners != listener], len(units))
        keep = ~np.isnan(row) & ~np.isnan(others)
        lower.append(over(row, others, keep))
        upper.append(over(row, crowd, keep))
    return consensus + individual + [np.nanmean(lower), np.nanmean(upper)]


def cases():
    for raters, units, top, missing in ((6, 9, 4, 0), (30, 15, 100, 0), (8, 12, 100, 0.4), (40, 12, 1000, 0)):
        quality = random.uniform(0, top, units)
        table = np.clip(np.round(quality + random.normal(size=(raters, units)) * top / 3), 0, top)
        table[random.random((raters, units)) < missing] = np.nan
        systems = [quality + random.normal(size=units) * top / 2, np.round(quality * 4 / top), random.normal(size=units)]
        draws = [(np.arange(raters), np.arange(units))]
        draws += [(random.integers(0, raters, raters), random.integers(0, units, units)) for _ in range(6)]
        yield dict(table=table, systems=systems,
                   draws=[dict(listeners=a, queries=b) for a, b in draws],
                   figures=[evaluate(table, systems, a, b) for a, b in draws])


write("pooled", dict(cases=list(cases())))
