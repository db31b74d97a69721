"""Ranks, correlations and ranking measures from scipy and scikit-learn, and by brute force over all ways to break
ties."""

import itertools

import numpy as np
from scipy import stats
from sklearn.metrics import ndcg_score

from common import write

random = np.random.default_rng(1)


def pairs():
    """Pairs of lists: without ties, with few and with many ties; short ones (counted pair by pair) and long ones
    (sorted)."""
    for n in (2, 3, 5, 8, 20, 39, 40, 41, 64, 65, 200):
        a = random.normal(size=n)
        yield a, a + random.normal(size=n)
        yield random.integers(0, 4, n), random.integers(0, 3, n)
        yield random.integers(0, 101, n), random.integers(0, n, n)
    yield np.array([1, 1, 1]), np.array([1, 2, 3])


def rho_a(a, b):
    n = len(a)
    return 12 * np.sum(stats.rankdata(a) * stats.rankdata(b)) / (n**3 - n) - 3 * (n + 1) / (n - 1)


def tau_a(a, b):
    n = len(a)
    return sum(np.sign(a[i] - a[j]) * np.sign(b[i] - b[j]) for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


def correlation(a, b):
    constant = len(set(a)) == 1 or len(set(b)) == 1
    return dict(
        a=a, b=b,
        ranks=stats.rankdata(a),
        pearson=None if constant else stats.pearsonr(a, b).statistic,
        spearman=None if constant else stats.spearmanr(a, b).statistic,
        rho_a=rho_a(a, b),
        tau_b=None if constant else stats.kendalltau(a, b).statistic,
        tau_a=tau_a(a, b),
    )


def orders(scores):
    """All orders, best first, that are consistent with `scores`, which may be tied."""
    groups = [[i for i, s in enumerate(scores) if s == v] for v in sorted(set(scores), reverse=True)]
    for parts in itertools.product(*(itertools.permutations(g) for g in groups)):
        yield [i for part in parts for i in part]


def overlap(a, b, p):
    total, depth = 0.0, len(a)
    for d in range(1, depth + 1):
        share = len(set(a[:d]) & set(b[:d])) / d
        total += share * p**d
    return share * p**depth + (1 - p) / p * total


def measures():
    for n in (1, 2, 4, 6, 7):
        for _ in range(4):
            ratings = random.integers(0, 101, n) if random.random() < 0.5 else random.integers(0, 4, n)
            scores = random.integers(0, 3, n)
            relevant = ratings >= np.median(ratings)
            k = int(random.integers(1, n + 2))
            inside = min(k, n)
            all_orders = list(orders(scores))
            first = [next(p for p, i in enumerate(o, 1) if relevant[i]) for o in all_orders]
            graded = ratings / 20
            yield dict(
                ratings=ratings, scores=scores, relevant=relevant, k=k,
                ndcg_linear=None if n == 1 or not ratings.any() else ndcg_score([ratings], [scores], k=k),
                ndcg_exponential=None if n == 1 or not ratings.any()
                else ndcg_score([2**graded - 1], [scores], k=k),
                top_mean=np.mean([np.mean(ratings[o[:inside]]) for o in all_orders]),
                precision=np.mean([np.mean(relevant[o[:inside]]) for o in all_orders]),
                reciprocal_rank=np.mean([1 / f for f in first]),
                hit=np.mean([f <= k for f in first]),
                overlap=np.mean([overlap(a, b, 0.8) for a in all_orders for b in orders(ratings)]),
            )


write("ranks", dict(correlations=[correlation(a, b) for a, b in pairs()], measures=list(measures())))
