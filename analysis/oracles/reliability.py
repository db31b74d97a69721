"""Reliability from the krippendorff package, scipy, and explicit projections, on generated tables with missing
ratings."""

import itertools

import krippendorff
import numpy as np
from scipy import stats

from common import write

random = np.random.default_rng(6)


def table(raters, units, missing, top):
    quality = random.uniform(0, top, units)
    rows = np.clip(np.round(quality + random.normal(size=(raters, units)) * top / 5 + random.normal(size=(raters, 1))), 0, top)
    rows[random.random((raters, units)) < missing] = np.nan
    return rows


def pairwise(rows, measure):
    values = []
    for a, b in itertools.combinations(rows, 2):
        both = ~np.isnan(a) & ~np.isnan(b)
        a, b = a[both], b[both]
        if len(a) > 1 and len(set(a)) > 1 and len(set(b)) > 1:
            values.append(measure(a, b).statistic)
    return [np.mean(values), len(values)] if values else None


def alpha_distinct(rows, w, v):
    """Interval alpha with weights, written out over every pair of ratings, except that no rating is compared with a
    copy of itself."""
    raters, units = rows.shape
    observed = expected = total = pairs_total = 0.0
    cells = []
    for u in range(units):
        rated = [r for r in range(raters) if not np.isnan(rows[r, u]) and w[r]]
        pairs = [(a, b) for a in rated for b in rated if a != b]
        if not pairs or not v[u]:
            continue
        m = sum(w[r] for r in rated)
        weight = sum(w[a] * w[b] for a, b in pairs)
        observed += v[u] * m * sum(w[a] * w[b] * (rows[a, u] - rows[b, u]) ** 2 for a, b in pairs) / weight
        total += v[u] * m
        cells += [(w[r] * v[u], rows[r, u]) for r in rated]
    for i, (wi, x) in enumerate(cells):
        for j, (wj, y) in enumerate(cells):
            if i != j:
                expected += wi * wj * (x - y) ** 2
                pairs_total += wi * wj
    return 1 - (observed / total) / (expected / pairs_total)


def components(rows):
    """Henderson's method III, by projections on the full design matrices."""
    cells = [(r, u) for r in range(rows.shape[0]) for u in range(rows.shape[1]) if not np.isnan(rows[r, u])]
    y = np.array([rows[c] for c in cells])
    raters = np.array([[r == c[0] for r in sorted({c[0] for c in cells})] for c in cells], float)
    units = np.array([[u == c[1] for u in sorted({c[1] for c in cells})] for c in cells], float)

    def project(x):
        q, s, _ = np.linalg.svd(x, full_matrices=False)
        return q[:, s > 1e-9] @ q[:, s > 1e-9].T, int(np.sum(s > 1e-9))

    eye = np.eye(len(y))
    both, rank = project(np.hstack([raters, units]))
    for_raters, rank_raters = project(raters)
    for_units, rank_units = project(units)
    residual = y @ (eye - both) @ y / (len(y) - rank)
    of_raters = (y @ (both - for_units) @ y - (rank - rank_units) * residual) / np.trace(raters.T @ (eye - for_units) @ raters)
    of_units = (y @ (both - for_raters) @ y - (rank - rank_raters) * residual) / np.trace(units.T @ (eye - for_raters) @ units)
    return [of_units, of_raters, residual]


def cases():
    for raters, units, missing, top in ((4, 12, 0.2, 5), (6, 10, 0, 10), (12, 20, 0.5, 100), (2, 6, 0.1, 3), (5, 30, 0.7, 7)):
        rows = table(raters, units, missing, top)
        complete = not np.isnan(rows).any()
        draws = [(random.integers(0, raters, raters), random.integers(0, units, units)) for _ in range(4)]
        resamples = []
        for listeners, chosen in draws:
            w, v = np.bincount(listeners, minlength=raters), np.bincount(chosen, minlength=units)
            again = rows[listeners][:, chosen]
            def counted(level):
                try:
                    return krippendorff.alpha(again, level_of_measurement=level)
                except ValueError:
                    return None
            resamples.append(dict(
                listeners=listeners, queries=chosen,
                distinct=alpha_distinct(rows, w, v) if len(set(listeners)) > 1 else None,
                counted=[counted(level) for level in ("nominal", "ordinal", "interval", "ratio")]))
        yield dict(
            rows=rows,
            alpha=[krippendorff.alpha(rows, level_of_measurement=level) for level in ("nominal", "ordinal", "interval", "ratio")],
            spearman=pairwise(rows, stats.spearmanr), kendall=pairwise(rows, stats.kendalltau),
            friedman=list(stats.friedmanchisquare(*rows.T)) if complete else None,
            components=components(rows), resamples=resamples)


def retests():
    first = np.round(random.uniform(0, 100, 15))
    second = np.round(np.clip(first + random.normal(size=15) * 10, 0, 100))
    d = first - second
    yield dict(first=first, second=second, pearson=stats.pearsonr(first, second).statistic,
               spearman=stats.spearmanr(first, second).statistic, difference=np.mean(np.abs(d)),
               deviation=np.sqrt(np.sum(d**2) / 30))


write("reliability", dict(cases=list(cases()), retests=list(retests())))
