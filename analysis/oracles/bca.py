"""A BCa interval from scipy, with the resamples that it was made from."""

import numpy as np
from scipy import stats

from common import write

random = np.random.default_rng(3)
values = random.exponential(size=25)
result = stats.bootstrap((values,), np.mean, n_resamples=500, method="BCa", random_state=random)
distribution = result.bootstrap_distribution
write("bca", dict(
    values=list(values), estimate=values.mean(), resamples=distribution,
    jackknife=[np.delete(values, i).mean() for i in range(len(values))],
    bca=list(result.confidence_interval), percentile=np.percentile(distribution, [2.5, 97.5])))
