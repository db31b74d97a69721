"""Results on the reference data, which are not part of the repository: only computed figures are written."""

import csv
import itertools

import krippendorff
import numpy as np
from scipy import stats

from common import REFERENCE, write


def mushra(name):
    with open(REFERENCE / "mushra_codec" / name, newline="") as file:
        rows = list(csv.DictReader(file))
    listeners = sorted({r["participant"] for r in rows}, key=int)
    units = sorted({(r["signal"], r["condition"]) for r in rows})
    table = np.full((len(listeners), len(units)), np.nan)
    for r in rows:
        table[listeners.index(r["participant"]), units.index((r["signal"], r["condition"]))] = float(r["rating"])
    return table


def agreement(table, measure):
    values = []
    for a, b in itertools.combinations(table, 2):
        both = ~np.isnan(a) & ~np.isnan(b)
        if both.sum() > 1 and len(set(a[both])) > 1 and len(set(b[both])) > 1:
            values.append(measure(a[both], b[both]).statistic)
    return [np.mean(values), len(values)]


def figures(name):
    table = mushra(name)
    return dict(
        name=name, shape=table.shape, ratings=int((~np.isnan(table)).sum()),
        alpha=[krippendorff.alpha(table, level_of_measurement=m) for m in ("nominal", "ordinal", "interval", "ratio")],
        spearman=agreement(table, stats.spearmanr), kendall=agreement(table, stats.kendalltau))


write("reference", dict(mushra=[figures("ratings.csv"), figures("ratings_filtered_by_authors.csv")]))
