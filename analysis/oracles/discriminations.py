"""Discrimination tests by scipy: exact binomial tests and Clopper–Pearson intervals; the share of correct answers in
ABX from the joint distribution of its decision variables; beta-binomial fits with another optimiser and another
parametrisation."""

import numpy as np
from scipy import optimize, stats

from common import write

random = np.random.default_rng(19)


def shares():
    for correct, trials in ((0, 10), (5, 10), (9, 10), (10, 10), (61, 100), (530, 1000), (1, 1)):
        test = stats.binomtest(correct, trials, 0.5, alternative="greater")
        both = stats.binomtest(correct, trials, 0.5).proportion_ci(0.95, "exact")
        most = stats.binomtest(correct, trials, 0.5, alternative="less").proportion_ci(0.95, "exact").high
        yield dict(correct=correct, trials=trials, p=test.pvalue, low=both.low, high=both.high, most=most)


def abx():
    """A and B are at ±d'/2, X equals one of them, and all have a variance of 1. An answer is right if two linear forms
    have the same sign: which of A and B is which, and either which one X is (independent observation) or which one X is
    nearer to (differencing)."""
    for d in (0.0, 0.2, 0.75, 1.0, 1.5, 2.3, 4.0):
        mean = np.array([d / 2, -d / 2, d / 2])  # A, B, X = A
        found = {}
        for name, form in (("independent", [0, 0, 1]), ("differencing", [-0.5, -0.5, 1])):
            forms = np.array([[1, -1, 0], form])
            joint = stats.multivariate_normal(mean=forms @ mean, cov=forms @ forms.T)
            mirrored = stats.multivariate_normal(mean=-(forms @ mean), cov=forms @ forms.T)
            found[name] = joint_tail(mirrored) + joint_tail(joint)
        yield dict(d_prime=d, **found)


def joint_tail(distribution):
    return distribution.cdf(np.zeros(2))


def betabinomials():
    for a, b, listeners, trials in ((6, 4, 30, 20), (2, 1, 25, 12), (400, 300, 40, 30), (0.8, 0.8, 15, 8)):
        n = random.integers(trials // 2, trials + 1, listeners)
        k = random.binomial(n, random.beta(a, b, listeners))

        share = k.sum() / n.sum()
        plain = stats.binom.logpmf(k, n, share).sum()

        def loss(p):
            # As the parameters go to infinity, where digits are lost, the distribution becomes the binomial.
            if max(p) > 10:
                return -plain
            return -stats.betabinom.logpmf(k, n, np.exp(p[0]), np.exp(p[1])).sum()

        best = min((optimize.minimize(loss, start, method="Nelder-Mead", options=dict(xatol=1e-10, fatol=1e-12, maxiter=20000, maxfev=20000))
                    for start in ([0, 0], [1, 1], [3, 3])), key=lambda r: r.fun)
        alpha, beta = np.exp(best.x)
        # On that plateau the parameters are not identified: all listeners have the same share.
        mean, spread = (share, 0.0) if max(best.x) > 9.99 or -best.fun <= plain else (alpha / (alpha + beta), 1 / (alpha + beta + 1))
        yield dict(correct=k, trials=n, mean=mean, spread=spread, log_likelihood=-best.fun, binomial=plain)


if __name__ == "__main__":
    write("discriminations", dict(shares=list(shares()), abx=list(abx()), betabinomials=list(betabinomials())))
