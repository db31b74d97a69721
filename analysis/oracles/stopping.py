"""Simulates how often findings are false if a study is analysed repeatedly, with Earshot's stopping rule (O'Brien and
Fleming's boundary for continuous monitoring) and without one. The dual-factor variance of a complete crossed design is
computed from its formula instead of from resamples (shares.py). As in Earshot, t has the number of the fewest units
less one as its degrees of freedom. Prints a table; nothing is compared with it.

    python3 analysis/oracles/stopping.py --studies 2000
"""

import sys

import numpy as np
from scipy.stats import norm, t
from shares import parts

MARGIN, FAR, LOOKS = 5.0, 12.0, range(8, 49, 4)


def tails(look, error, rule):
    """The one-sided tail probability that a look spends of an error probability."""
    return norm.sf(-norm.ppf(error / 2) / np.sqrt(look / LOOKS[-1])) if rule else error


def one(studies, items, of_items, rule, draw):
    """Simulated differences of two systems: none, one of the size of the margin, and a large one."""
    n = LOOKS[-1]
    told, equivalent, better, end, held = (np.zeros(studies, bool) for _ in range(5))
    stopped, over = np.full(studies, n), np.zeros(studies, bool)
    cells = {}
    for truth in (0.0, MARGIN, FAR):
        cells[truth] = (
            truth
            + np.sqrt(2) * 6 * draw.standard_normal((studies, n, 1))
            + np.sqrt(2) * of_items * draw.standard_normal((studies, 1, items))
            + np.sqrt(2) * 8 * draw.standard_normal((studies, n, items))
        )
    for look in LOOKS:
        found = {}
        for truth, all_cells in cells.items():
            mean, _, _, whole = parts(all_cells[:, :look])
            found[truth] = mean, np.sqrt(whole), min(look, items) - 1

        def ends(truth, error):
            mean, deviation, freedom = found[truth]
            half = t.isf(tails(look, error, rule), freedom) * deviation
            return mean - half, mean + half

        low, high = ends(0.0, 0.025)
        told |= (low > 0) | (high < 0)
        low, high = ends(MARGIN, 0.05)
        equivalent |= (low > -MARGIN) & (high < MARGIN)
        better |= low > MARGIN
        is_end = (ends(FAR, 0.05)[0] > MARGIN) & ~over
        last = ~over & ~is_end & (look == n)
        low, high = ends(FAR, 0.025)
        held = np.where(is_end | last, (low <= FAR) & (FAR <= high), held)
        stopped[is_end] = look
        over |= is_end
    return [100 * told.mean(), 100 * equivalent.mean(), 100 * better.mean(), stopped.mean(), 100 * held.mean()]


def main(studies):
    print(
        "| items | items differ by | rule | found different | falsely equivalent | falsely better | listeners at the end | coverage |"
    )
    print("|--:|--:|---|--:|--:|--:|--:|--:|")
    for items, of_items in [(12, 5), (24, 1)]:
        for rule in (False, True):
            found = one(studies, items, of_items, rule, np.random.default_rng(1))
            print(
                f"| {items} | {of_items} | {'stopping' if rule else 'none'} | "
                + " | ".join(f"{value:.1f}" for value in found)
                + " |"
            )


if __name__ == "__main__" and "--studies" in sys.argv:
    main(int(sys.argv[sys.argv.index("--studies") + 1]))
