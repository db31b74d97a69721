"""Statistical tests by scipy and by exhaustive enumeration."""

import itertools

import numpy as np
from scipy import stats

from common import write

random = np.random.default_rng(7)


def flips():
    for differences in (random.normal(0.4, 1, 9), random.integers(-3, 5, 8) / 10, np.array([0.2]), np.zeros(3)):
        differences = list(map(float, differences))
        observed = abs(sum(differences))
        sums = [sum(s * d for s, d in zip(signs, differences)) for signs in itertools.product((1, -1), repeat=len(differences))]
        yield dict(differences=differences, upper=np.mean([s >= sum(differences) - 1e-12 for s in sums]),
                   two_sided=np.mean([abs(s) >= observed - 1e-12 for s in sums]))


def annotators():
    """The definition of Calderon et al. (2025), with scipy's t-test and Benjamini and Yekutieli's adjustment."""
    alignments = [[(float(m), float(a)) for m, a in zip(random.integers(0, 4, n), random.integers(0, 4, n))] for n in (30, 12, 45, 8)]
    epsilon = 0.15
    p, model = [], []
    for pairs in alignments:
        m, a = np.array(pairs).T
        p.append(stats.ttest_1samp((a >= m).astype(float) - (m >= a), epsilon, alternative="less").pvalue)
        model.append(np.mean(m >= a))
    corrected = stats.false_discovery_control(p, method="by")
    yield dict(alignments=alignments, epsilon=epsilon, p=p, adjusted=corrected, winning=np.mean(corrected < 0.05), advantage=np.mean(model))


write("tests", dict(flips=list(flips()), annotators=list(annotators())))
