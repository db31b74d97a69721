"""The oracle for the figures of `earshot evaluate`: rankings with ties, each figure averaged over all ways to break the
ties, enumerated one by one (scikit-learn's label ranking measure scores each order)."""

import itertools

import numpy as np
from sklearn.metrics import label_ranking_average_precision_score

from common import write

CLASSES = ["kick", "snare", "hihat"]


def orders(distances):
    """Every order, nearest first, that is consistent with the distances."""
    levels = sorted(set(distances))
    groups = [[i for i, d in enumerate(distances) if d == level] for level in levels]
    for parts in itertools.product(*(itertools.permutations(group) for group in groups)):
        yield [i for part in parts for i in part]


def figures(distances, target, conditions, asked):
    sums = np.zeros(8)
    count = 0
    own = [i for i, c in enumerate(conditions) if c == conditions[target]]
    for order in orders(distances):
        place = order.index(target) + 1
        truth = np.zeros((1, len(order)), int)
        truth[0, target] = 1
        scores = -np.argsort(order)[None, :].astype(float)
        reciprocal = label_ranking_average_precision_score(truth, scores)
        own_place = [i for i in order if i in own].index(target) + 1
        first = order[:10]
        wrong = sum(conditions[i] != asked for i in first) / len(first)
        sums += [reciprocal, place <= 1, place <= 5, place <= 10, place, (place - 1) / (len(order) - 1), wrong, 1 / own_place]
        count += 1
    names = ["reciprocal_rank", "first_1", "first_5", "first_10", "place", "normalised_rank", "wrong_class", "own_class"]
    return dict(zip(names, sums / count))


def main():
    random = np.random.default_rng(20)
    cases = []
    for size, levels in [(12, 100), (12, 100), (12, 6), (11, 5), (9, 4), (6, 2), (5, 1), (14, 9)]:
        conditions = [CLASSES[i % 3] for i in range(size)]
        distances = (random.integers(0, levels, size) / 8).tolist()
        # At most 20,000 orders, so that all can be enumerated.
        while np.prod([float(np.prod(range(1, distances.count(d) + 1))) for d in set(distances)]) > 20000:
            distances = (random.integers(0, levels, size) / 8).tolist()
        target = int(random.integers(size))
        asked = CLASSES[int(random.integers(3))]
        cases.append({"distances": distances, "conditions": conditions, "target": target, "asked": asked,
                      **figures(distances, target, conditions, asked)})
    write("retrieval", {"cases": cases})


main()
