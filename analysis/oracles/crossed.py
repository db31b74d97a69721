"""Agreement, ceilings and their crossed bootstrap on a sparse design, written out rating by rating, with given
draws."""

import itertools
from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
from scipy import stats

from common import write

random = np.random.default_rng(4)
LISTENERS, QUERIES, ITEMS = 7, 6, 5
lists = [dict(query=q, items=ITEMS) for q in range(QUERIES)] + [dict(query=q, items=ITEMS - 1) for q in (0, 3)]
quality = [random.normal(size=l["items"]) for l in lists]
pages = []
for listener in range(LISTENERS):
    for l, entry in enumerate(lists):
        if random.random() < 0.65:
            items = sorted(random.choice(entry["items"], entry["items"] - int(random.integers(0, 2)), replace=False))
            values = [round(float(np.clip(5 + 2 * (quality[l][i] + random.normal()), 0, 10))) / 2 for i in items]
            pages.append(dict(listener=listener, list=l, items=items, values=values))
systems = [[[float(x) if random.random() > 0.1 else None for x in np.round(q + s * random.normal(size=len(q)), 1)]
            for q in quality] for s in (0.3, 1, 3)]


def rho(a, b):
    if len(a) < 2 or len(set(a)) == 1 or len(set(b)) == 1:
        return None
    return stats.spearmanr([float(x) for x in a], [float(x) for x in b]).statistic


def mean(pairs):
    pairs = [(w, v) for w, v in pairs if v is not None and w > 0]
    total = sum(w for w, _ in pairs)
    return sum(w * v for w, v in pairs) / total if total else None


def evaluate(w, v):
    """All figures if listener l counts w[l] times and query q counts v[q] times."""
    of_list = defaultdict(list)
    for page in pages:
        of_list[page["list"]].append((w[page["listener"]], dict(zip(page["items"], page["values"])), page["listener"]))

    def crowd(l, without=None):
        sums, counts = Counter(), Counter()
        for weight, ratings, listener in of_list[l]:
            for item, value in ratings.items():
                if listener != without and weight:
                    sums[item] += weight * Fraction(value)
                    counts[item] += weight
        return {i: sums[i] / counts[i] for i in counts}

    individual, consensus = [], []
    for system in systems:
        cells = []
        for page in pages:
            shared = [(value, system[page["list"]][i]) for i, value in zip(page["items"], page["values"])
                      if system[page["list"]][i] is not None]
            cells.append((w[page["listener"]] * v[lists[page["list"]]["query"]], rho(*zip(*shared))))
        individual.append(mean(cells))
        cells = []
        for l, entry in enumerate(lists):
            means = crowd(l)
            items = [i for i in means if system[l][i] is not None]
            cells.append((v[entry["query"]], rho([means[i] for i in items], [system[l][i] for i in items])))
        consensus.append(mean(cells))
    single, lower, upper = [], [], []
    for l, entry in enumerate(lists):
        for (wa, a, _), (wb, b, _) in itertools.combinations(of_list[l], 2):
            shared = sorted(set(a) & set(b))
            single.append((wa * wb * v[entry["query"]], rho([a[i] for i in shared], [b[i] for i in shared])))
        everyone = crowd(l)
        for weight, ratings, listener in of_list[l]:
            others = crowd(l, without=listener)
            items = [i for i in ratings if i in others] if weight else []
            people = [ratings[i] for i in items]
            lower.append((weight * v[entry["query"]], rho(people, [others[i] for i in items])))
            upper.append((weight * v[entry["query"]], rho(people, [everyone[i] for i in items]) if weight else None))
    return individual + consensus + [mean(single), mean(lower), mean(upper)]


draws = [dict(listeners=random.integers(0, LISTENERS, LISTENERS), queries=random.integers(0, QUERIES, QUERIES))
         for _ in range(30)]
weights = [(np.bincount(d["listeners"], minlength=LISTENERS).tolist(), np.bincount(d["queries"], minlength=QUERIES).tolist())
           for d in draws]
write("crossed", dict(
    listeners=LISTENERS, queries=QUERIES, lists=lists, pages=pages, systems=systems, draws=draws,
    estimate=evaluate([1] * LISTENERS, [1] * QUERIES), resamples=[evaluate(w, v) for w, v in weights]))
