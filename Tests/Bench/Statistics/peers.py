"""Compares the speed of resampling statistics with peers: same run, same data, and the same estimates.

usage: peers.py PATH_OF_StatisticsBench [RESAMPLES]

Earshot makes all resamples on all cores. The peers' loops would take hours, so they make as many resamples as fit into
a few seconds, and the time per resample is compared. Prints a table in Markdown.
"""

import contextlib
import importlib.metadata
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import krippendorff
import numpy as np
import rsatoolbox
from scipy import stats

BINARY = sys.argv[1]
RESAMPLES = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
BUDGET = 6.0  # longest time of a loop, in seconds
random = np.random.default_rng(1)


def data(listeners, items, folder):
    """Slider ratings from 0 to 100, and five systems of decreasing quality."""
    quality = random.normal(size=items)
    noise = random.normal(size=(listeners, items)) + random.normal(size=(listeners, 1)) * 0.5
    ratings = np.clip(np.round(50 + 18 * (quality + noise)), 0, 100)
    systems = quality + np.array([0.3, 0.6, 1, 2, 8])[:, None] * random.normal(size=(5, items))
    np.savetxt(folder / "ratings.csv", ratings, delimiter=",", fmt="%d")
    np.savetxt(folder / "systems.csv", systems, delimiter=",", fmt="%.17g")
    return ratings, systems


def earshot(folder):
    out = subprocess.run([BINARY, folder, str(RESAMPLES)], check=True, capture_output=True, text=True).stdout
    return json.loads(out)


class Clock:
    """Wall-clock and processor time since its creation, in seconds; the latter is less affected by other load."""

    def __init__(self):
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def per(self, count):
        return (time.perf_counter() - self.wall) / count, (time.process_time() - self.processor) / count


def loop(body, shape):
    """Time per resample of `body(listeners, items)`, and its value on the original sample."""
    estimate = body(*(np.arange(n) for n in shape))
    count, clock = 0, Clock()
    while count < 3 or clock.per(1)[0] < BUDGET:
        body(*(random.integers(0, n, n) for n in shape))
        count += 1
    return clock.per(count), np.atleast_1d(estimate)


def scipy_consensus(ratings, systems):
    def body(listeners, items):
        means = ratings[listeners][:, items].sum(axis=0)
        return [stats.spearmanr(means, s[items]).statistic for s in systems]
    return loop(body, ratings.shape)


def scipy_ceilings(ratings):
    def body(listeners, items):
        rows = ratings[listeners][:, items]
        total, lower, upper = rows.sum(axis=0), [], []
        for listener, row in zip(listeners, rows):
            others = total - np.count_nonzero(listeners == listener) * row
            lower.append(stats.spearmanr(row, others).statistic)
            upper.append(stats.spearmanr(row, total).statistic)
        return [np.mean(lower), np.mean(upper)]
    return loop(body, ratings.shape)


def scipy_lower_ceiling(ratings):
    """Only the lower bound, as a conservative estimate of the loop's time."""
    def body(listeners, items):
        rows = ratings[listeners][:, items]
        total = rows.sum(axis=0)
        return [np.mean([stats.spearmanr(row, total - np.count_nonzero(listeners == l) * row).statistic
                         for l, row in zip(listeners, rows)])]
    return loop(body, ratings.shape)


def numpy_consensus(ratings, systems, block=500):
    """All resamples of a block at once: sums as a matrix product (BLAS), ranks along an axis, correlations with
    einsum."""
    listeners, items = ratings.shape

    def correlations(weights, chosen):
        sums = np.take_along_axis(weights @ ratings, chosen, axis=1)
        a = stats.rankdata(sums, axis=1) - (items + 1) / 2
        aa, out = np.einsum("ij,ij->i", a, a), []
        for s in systems:
            b = stats.rankdata(s[chosen], axis=1) - (items + 1) / 2
            out.append(np.einsum("ij,ij->i", a, b) / np.sqrt(aa * np.einsum("ij,ij->i", b, b)))
        return np.array(out)

    estimate = correlations(np.ones((1, listeners)), np.arange(items)[None])[:, 0]
    clock = Clock()
    for _ in range(0, RESAMPLES, block):
        weights = random.multinomial(listeners, np.full(listeners, 1 / listeners), size=block).astype(float)
        correlations(weights, random.integers(0, items, (block, items)))
    return clock.per(RESAMPLES), estimate


def krippendorff_alpha(ratings):
    return loop(lambda l, i: krippendorff.alpha(ratings[l][:, i], level_of_measurement="interval"), ratings.shape)


def rsatoolbox_bootstrap(ratings, systems):
    """40 dissimilarity matrices of 12 patterns have 40 × 66 numbers. Its models are compared with each subject."""
    rdms = rsatoolbox.rdm.RDMs(ratings)
    models = [rsatoolbox.model.ModelFixed(f"m{i}", s) for i, s in enumerate(systems)]
    count = 40
    with contextlib.redirect_stderr(io.StringIO()):
        clock = Clock()
        rsatoolbox.inference.eval_bootstrap(models, rdms, method="spearman", N=count)
        seconds = clock.per(count)
        fixed = rsatoolbox.inference.eval_fixed(models, rdms, method="spearman")
    return seconds, fixed.evaluations.mean(axis=-1).ravel()


def main():
    rows = []

    def compare(what, peer, ours, theirs, part=slice(None)):
        (wall, processor), estimate = theirs
        assert np.allclose(ours["estimate"][part], estimate, atol=1e-10), (what, peer, ours["estimate"][part], estimate)
        own, used = ours["seconds"] / RESAMPLES, ours["processor"] / RESAMPLES
        rows.append(f"| {what} | {peer} | {own * 1e6:,.1f} | {wall * 1e6:,.1f} | {wall / own:,.1f} | {processor / used:,.1f} |")

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ratings, systems = data(200, 500, folder)
        ours = earshot(folder)
        what = "Spearman with the consensus, 5 systems, 200 × 500"
        compare(what, "scipy, loop", ours["consensus"], scipy_consensus(ratings, systems))
        compare(what, "numpy with BLAS", ours["consensus"], numpy_consensus(ratings, systems))
        what = "both crowd ceilings, 200 × 500"
        compare(what, "scipy, loop, both", ours["ceilings"], scipy_ceilings(ratings))
        compare(what, "scipy, loop, lower one only", ours["ceilings"], scipy_lower_ceiling(ratings), slice(0, 1))
        compare("Krippendorff's alpha, interval, 200 × 500", "krippendorff, loop", ours["alpha"], krippendorff_alpha(ratings))
        ratings, systems = data(40, 66, folder)
        ours = earshot(folder)
        compare("5 systems and both ceilings, 40 × 66", "rsatoolbox eval_bootstrap", ours["everything"],
                rsatoolbox_bootstrap(ratings, systems), slice(0, 5))
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("numpy", "scipy", "krippendorff", "rsatoolbox"))
    print(f"{RESAMPLES:,} crossed resamples on {os.cpu_count()} cores; {versions}\n")
    print("| statistic | peer | Earshot, µs a resample | peer, µs a resample | times faster | by processor time |")
    print("|---|---|--:|--:|--:|--:|")
    print("\n".join(rows))


main()
