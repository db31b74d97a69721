"""The oracle for Earshot's MFCC, which computes them with numpy and scipy, independently of the Swift code.

    python3 analysis/oracles/mfcc.py > analysis/oracles/fixtures/mfcc.json

Writes a fixed sound and its coefficients and deltas, frame by frame. Needs numpy and scipy.
"""

import json
import sys

import numpy as np
import scipy.fft
import scipy.signal

RATE, SIZE, HOP, BANDS, KEPT, RANGE_DB, REACH = 44100, 1024, 256, 40, 13, 80.0, 2


def sound():
    """A decaying, falling tone with a noisy attack: 60 ms with energy in low, middle and high bands."""
    t = np.arange(2646) / RATE
    tone = np.sin(2 * np.pi * (60 * t + 40 / 25 * (1 - np.exp(-25 * t)))) * np.exp(-t * 20)
    noise = np.random.default_rng(4).standard_normal(t.size) * np.exp(-t * 120) * 0.2
    return np.round((tone + noise) * 0.5 * 2**15) / 2**15


def mel(hertz):
    """Slaney's mel scale, as in librosa's `hz_to_mel(htk=False)`."""
    hertz = np.asarray(hertz, float)
    return np.where(hertz < 1000, hertz * 3 / 200, 15 + 27 * np.log(np.maximum(hertz, 1e-9) / 1000) / np.log(6.4))


def filters():
    grid = np.linspace(0, RATE / 2, 2_000_001)  # the inverse by interpolation, so that no formula is shared
    edges = np.interp(np.linspace(0, mel(RATE / 2), BANDS + 2), mel(grid), grid)
    f = scipy.fft.rfftfreq(SIZE, 1 / RATE)
    rows = [np.interp(f, edges[b : b + 3], [0, 1, 0]) * 2 / (edges[b + 2] - edges[b]) for b in range(BANDS)]
    return np.array(rows)


def coefficients(x):
    padded = np.concatenate([np.zeros(SIZE // 2), x, np.zeros(SIZE)])
    count = 1 + x.size // HOP
    frames = np.array([padded[i * HOP : i * HOP + SIZE] for i in range(count)])
    power = np.abs(scipy.fft.rfft(frames * scipy.signal.get_window("hann", SIZE), axis=1)) ** 2
    bands = np.maximum(power @ filters().T, 1e-10)
    decibels = np.maximum(10 * np.log10(bands / bands.max()), -RANGE_DB)
    return scipy.fft.dct(decibels, type=2, norm="ortho", axis=1)[:, :KEPT]


def deltas(c):
    """The slope of the least-squares line through 2 * REACH + 1 frames. The edge frames are repeated."""
    padded = np.pad(c, ((REACH, REACH), (0, 0)), mode="edge")
    n = np.arange(-REACH, REACH + 1)
    return np.array([np.polyfit(n, padded[t : t + n.size], 1)[0] for t in range(len(c))])


x = sound()
c = coefficients(x)
json.dump(
    {
        "rate": RATE,
        "samples_16bit": [int(v) for v in np.round(x * 2**15)],
        "coefficients": np.round(c, 6).tolist(),
        "deltas": np.round(deltas(c), 6).tolist(),
    },
    sys.stdout,
    separators=(",", ":"),
)
