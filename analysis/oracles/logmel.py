"""The oracle for the input of networks: librosa's log-mel spectrograms of a fixed sound.

    python3 analysis/oracles/logmel.py > analysis/oracles/fixtures/logmel.json

Needs librosa.
"""

import json
import sys

import librosa
import numpy as np

RATE = 44100
SETTINGS = [
    dict(size=1024, hop=256, mels=32, low=30, high=16000, scale="slaney", unitArea=True, normalisation="none",
         compression="floor", constant=1e-5, mean=-2.0, deviation=3.0),
    dict(size=2048, hop=441, mels=24, low=50, high=18000, scale="htk", unitArea=False, normalisation="peak",
         compression="floor", constant=1e-3, mean=0.0, deviation=1.0),
    dict(size=512, hop=200, mels=16, low=0, high=22050, scale="slaney", unitArea=False, normalisation="rms",
         compression="gain", constant=10.0, mean=1.0, deviation=2.0),
]  # fmt: skip


def sound():
    """A decaying, falling tone with a noisy attack, 100 ms long."""
    t = np.arange(4410) / RATE
    tone = np.sin(2 * np.pi * (60 * t + 40 / 25 * (1 - np.exp(-25 * t)))) * np.exp(-t * 20)
    noise = np.random.default_rng(5).standard_normal(t.size) * np.exp(-t * 90) * 0.3
    return np.round((tone + noise) * 0.4 * 2**15) / 2**15


def image(x, s):
    level = {"none": 1, "peak": np.abs(x).max(), "rms": 10 * np.sqrt(np.mean(x**2))}[s["normalisation"]]
    power = librosa.feature.melspectrogram(
        y=x / level, sr=RATE, n_fft=s["size"], hop_length=s["hop"], window="hann", center=True, pad_mode="constant",
        power=2.0, n_mels=s["mels"], fmin=s["low"], fmax=s["high"], htk=s["scale"] == "htk",
        norm="slaney" if s["unitArea"] else None,
    )  # fmt: skip
    c = s["constant"]
    level = np.log(np.maximum(power, c)) if s["compression"] == "floor" else np.log1p(c * power)
    return (level - s["mean"]) / s["deviation"]


x = sound()
images = [{"settings": {**s, "fillsNarrow": False, "hitFrames": 10}, "rows": np.round(image(x, s), 6).tolist()} for s in SETTINGS]
json.dump(
    {"samples_16bit": [int(v) for v in np.round(x * 2**15)], "images": images}, sys.stdout, separators=(",", ":")
)
