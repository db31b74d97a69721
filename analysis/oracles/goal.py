"""Simulates what it costs to stop once the intervals are as narrow as the plan's goal. Listeners come one by one, and
after each the widest half-width among the six differences of four systems is checked, as `analyze --watch` does. For
contrast, it also simulates stopping as soon as two equal systems differ significantly. The dual-factor variance of a
complete crossed design is computed from its formula instead of from resamples. Prints a table; nothing is compared with
it.

    python3 analysis/oracles/goal.py --studies 2000
"""

import sys
from itertools import combinations

import numpy as np
from scipy.stats import t
from shares import parts

FIRST, LAST = 6, 40


def main(studies):
    draw = np.random.default_rng(1)
    print(
        "| items | goal | listeners at the stop | goal not reached | coverage | coverage with 16 listeners | found different | falsely better | found different by stopping then |"
    )
    print("|--:|--:|---|--:|--:|--:|--:|--:|--:|")
    for items, goal in [(8, 7.5), (12, 6), (24, 4.5), (4, 12)]:
        scores = 5 * draw.standard_normal((studies, 4, LAST, 1)) + 4 * draw.standard_normal((studies, 4, 1, items))
        scores = scores + 10 * draw.standard_normal((studies, 4, LAST, items))
        # All systems are equal, so an interval of a difference misses 0 exactly when the difference exceeds its
        # half-width.
        cells = np.stack([scores[:, a] - scores[:, b] for a, b in combinations(range(4), 2)], 1)
        stopped = np.full(studies, LAST)
        kept = np.zeros((studies, 6, 2))
        fixed, significant, open_ = np.zeros((studies, 6)), np.zeros(studies, bool), np.ones(studies, bool)
        for n in range(FIRST, LAST + 1):
            mean, _, _, whole = parts(cells[:, :, :n])
            error = np.sqrt(whole)
            freedom = min(n, items) - 1
            half = t.ppf(0.975, freedom) * error
            significant |= np.abs(mean[:, 0]) > half[:, 0]
            if n == 16:
                fixed = np.abs(mean) <= half
            reached = open_ & ((half.max(1) <= goal) | (n == LAST))
            kept[reached, :, 0] = np.abs(mean[reached]) <= half[reached]
            kept[reached, :, 1] = mean[reached] > t.ppf(0.95, freedom) * error[reached]
            stopped[reached] = n
            if n == LAST:
                missed = np.mean(reached & (half.max(1) > goal))
            open_ &= ~reached
        low, middle, high = np.percentile(stopped, [10, 50, 90])
        print(
            f"| {items} | ±{goal} | {middle:.0f} ({low:.0f} to {high:.0f}) | {100 * missed:.1f} | {100 * kept[..., 0].mean():.1f} "
            f"| {100 * fixed.mean():.1f} | {100 - 100 * kept[:, 0, 0].mean():.1f} | {100 * kept[..., 1].mean():.1f} "
            f"| {100 * significant.mean():.1f} |",
            flush=True,
        )


if __name__ == "__main__" and "--studies" in sys.argv:
    main(int(sys.argv[sys.argv.index("--studies") + 1]))
