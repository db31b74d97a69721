"""Orders, groups and triangle tests by other means: Plackett–Luce strengths with a general-purpose optimiser that sums
over all sets that can be chosen, and with choix if there are no ties; adjusted Rand indices from scikit-learn; trees
from scipy; the share of correct answers in a triangle test from the noncentral F distribution."""

import itertools

import choix
import numpy as np
from scipy import cluster, optimize, spatial, stats
from sklearn import metrics

from common import write

random = np.random.default_rng(41)


def drawn_orders(strengths, count, ties):
    """Draws orders with Gumbel noise. Some neighbours are tied at random."""
    for _ in range(count):
        kept = random.permutation(len(strengths))[: random.integers(2, len(strengths) + 1)]
        noisy = strengths[kept] + random.gumbel(size=len(kept))
        order = [[int(i)] for i in kept[np.argsort(-noisy)]]
        while ties and len(order) > 1 and random.random() < 0.4:
            at = random.integers(0, len(order) - 1)
            if len(order[at]) + len(order[at + 1]) > 3:
                break
            order[at : at + 2] = [sorted(order[at] + order[at + 1])]
        yield order


def fit(orders, n):
    sizes = sorted({len(place) for order in orders for place in order} - {1})

    def loss(x):
        theta, delta = np.concatenate([[0], x[: n - 1]]), dict(zip(sizes, x[n - 1 :])) | {1: 0.0}
        total = 0.0
        for order in orders:
            left = [i for place in order for i in place]
            for place in order:
                if len(left) == 1:
                    break
                weights = [
                    delta[k] + np.mean(theta[list(chosen)])
                    for k in [1, *sizes] if k <= len(left)
                    for chosen in itertools.combinations(left, k)
                ]
                total += delta[len(place)] + np.mean(theta[place]) - np.logaddexp.reduce(weights)
                left = [i for i in left if i not in place]
        return -total

    best = optimize.minimize(loss, np.zeros(n - 1 + len(sizes)), method="BFGS", options=dict(gtol=1e-9))
    best = optimize.minimize(loss, best.x, method="Nelder-Mead", options=dict(xatol=1e-11, fatol=1e-13, maxiter=40000, maxfev=40000))
    theta = np.concatenate([[0], best.x[: n - 1]])
    return theta - theta.mean(), sizes, best.x[n - 1 :], -best.fun


def plackett_luce():
    for n, count, ties in ((3, 30, False), (5, 60, False), (7, 80, False), (2, 25, False), (4, 60, True), (5, 80, True)):
        orders = list(drawn_orders(np.linspace(-0.8, 0.8, n), count, ties))
        strengths, sizes, deltas, likelihood = fit(orders, n)
        if not ties:
            # Maximum likelihood by another algorithm.
            other = choix.ilsr_rankings(n, [[i for place in order for i in place] for order in orders], max_iter=1000, tol=1e-12)
            assert np.max(np.abs(other - other.mean() - strengths)) < 1e-5, other - strengths
            strengths = other - other.mean()
        yield dict(items=n, orders=orders, strengths=strengths, sizes=sizes, deltas=deltas, log_likelihood=likelihood)


def rand():
    cases = [([0, 0, 1, 1], [0, 0, 1, 1]), ([0, 0, 0, 0], [0, 1, 2, 3]), ([0, 0, 0], [0, 0, 0]), ([0, 1, 2], [2, 1, 0])]
    for n, k in ((6, 2), (12, 3), (30, 5), (60, 8)):
        a = random.integers(0, k, n)
        cases.append((a, np.where(random.random(n) < 0.7, a, random.integers(0, k, n))))
    for a, b in cases:
        yield dict(a=np.asarray(a), b=np.asarray(b), value=metrics.adjusted_rand_score(a, b))


def trees():
    for n in (3, 6, 12, 25):
        points = random.normal(size=(n, 3))
        distances = spatial.distance.squareform(spatial.distance.pdist(points))
        links = cluster.hierarchy.linkage(spatial.distance.pdist(points), "average")
        cophenetic = spatial.distance.squareform(cluster.hierarchy.cophenet(links))
        yield dict(distances=distances, heights=links[:, 2], sizes=links[:, 3].astype(int), cophenetic=cophenetic)


def triangles():
    for d in (0.0, 0.3, 1.0, 1.47, 2.0, 3.5, 5.0):
        share = 1 / 3 if d == 0 else stats.ncf.sf(3, 1, 1, d * d * 2 / 3)
        yield dict(d_prime=d, share=share)


if __name__ == "__main__":
    write("groups", dict(
        plackett_luce=list(plackett_luce()), rand=list(rand()), trees=list(trees()), triangles=list(triangles())))
