"""Simulates how often the mixed model of systems finds a difference between two equal systems on complete designs.
There, restricted maximum likelihood with positive variances equals the analysis of variance, so mean squares suffice,
with Satterthwaite's degrees of freedom. As in Earshot, covariances are free if they are positive definite, and the
simpler terms are used otherwise. The population is that of Tests/Calibration/Systems.swift. Prints one line per design.

    python3 analysis/oracles/balanced.py [STUDIES]
"""

import sys

import numpy as np
from scipy import stats

SYSTEMS = 4
CONTRAST = np.array([0, 1, -1, 0.0])


def p_value(difference, cells, parts):
    """Two-sided p-value of a difference with variance (a + b - e) / cells, where each is a mean square with its degrees
    of freedom."""
    (a, fa), (b, fb), (e, fe) = parts
    variance = a + b - e
    if variance <= 0:
        return 1.0
    freedom = variance**2 / (a * a / fa + b * b / fb + e * e / fe)
    return 2 * stats.t.sf(abs(difference) / np.sqrt(variance / cells), freedom)


def told_apart(rng, listeners, items):
    scores = (
        5 * rng.standard_normal((listeners, 1, 1))
        + 5 * rng.standard_normal((1, items, 1))
        + 5 * rng.standard_normal((listeners, 1, SYSTEMS))
        + 5 * rng.standard_normal((1, items, SYSTEMS))
        + 8 * rng.standard_normal((listeners, items, SYSTEMS))
    )
    by_listener, by_item, means = scores.mean(1), scores.mean(0), scores.mean((0, 1))
    of_listeners, of_items = items * np.cov(by_listener.T), listeners * np.cov(by_item.T)
    rest = scores - by_listener[:, None] - by_item[None] + means
    free = (listeners - 1) * (items - 1)
    noise = (rest**2).sum() / (SYSTEMS * free)
    difference, cells = CONTRAST @ means, listeners * items
    if min(np.linalg.eigvalsh(of_listeners).min(), np.linalg.eigvalsh(of_items).min()) > noise:
        parts = [
            (CONTRAST @ of_listeners @ CONTRAST, listeners - 1),
            (CONTRAST @ of_items @ CONTRAST, items - 1),
            (2 * noise, SYSTEMS * free),
        ]
    else:
        within = np.eye(SYSTEMS) - 1 / SYSTEMS
        more = SYSTEMS - 1
        inside = rest @ within
        parts = [
            (2 * np.trace(within @ of_listeners) / more, more * (listeners - 1)),
            (2 * np.trace(within @ of_items) / more, more * (items - 1)),
            (2 * (inside**2).sum() / (more * free), more * free),
        ]
    return p_value(difference, cells, parts) < 0.05


def main():
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    rng = np.random.default_rng(1)
    for listeners, items in [(10, 8), (20, 12), (20, 4), (50, 10)]:
        share = np.mean([told_apart(rng, listeners, items) for _ in range(studies)])
        print(f"{listeners} x {items}: {100 * share:.1f} % found different, 5 is right")


main()
