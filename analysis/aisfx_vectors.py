"""Embeds sounds with aiSFX, a public rival, for `earshot rank --vectors` and `earshot evaluate --vectors`.

    python3 analysis/aisfx_vectors.py --library world/library --mixes world/test --split test --out aisfx.npy
    earshot evaluate --library world/library --mixes world/test --vectors aisfx=aisfx.npy --metric cosine

aiSFX (A. B. Ma & A. Lerch, "Representation Learning for the Automatic Indexing of Sound Effects Libraries", ISMIR 2022,
MIT licence) is a convolutional network trained on sound-effects libraries. The PyPI package `aisfx` 0.1.2 contains its
weights, so nothing is downloaded at run time. Its requirements are pinned to old versions: install it with `pip install
--no-deps aisfx`, together with torch, numpy, scipy and soundfile.

The network knows nothing of drum classes. With --hear hits (the default), a mix has one vector per class: the median
over up to five hits of 200 ms, cut out where the power in the bands of the class rises most. One-shots are cut to the
same length. With --hear whole, mixes and one-shots are embedded whole, and a mix has one vector.
"""

import argparse
import csv
import pathlib

import aisfx.inference
import numpy as np
import scipy.signal
import soundfile
import torch

RATE, SIZE, HOP, MELS = 44100, 2048, 1024, 96
BANDS = {"kick": [(30, 150)], "snare": [(150, 450), (2000, 7000)], "hihat": [(7000, 16000)]}
HIT, COUNT, BLOCK = int(0.2 * RATE), 5, 100


def mel_filters():
    """HTK's mel scale; filters are triangles in mel whose weights sum to one, as in Essentia's MelBands with
    `unit_sum`."""
    mel = lambda f: 1127.01048 * np.log1p(np.asarray(f) / 700)
    edges = np.linspace(mel(0), mel(RATE / 2), MELS + 2)
    place = mel(np.fft.rfftfreq(SIZE, 1 / RATE))
    rows = np.array([np.interp(place, edges[b : b + 3], [0, 1, 0], left=0, right=0) for b in range(MELS)])
    return rows / np.maximum(rows.sum(axis=1, keepdims=True), 1e-9)


FILTERS = mel_filters()


def heard(path):
    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    mono = samples.mean(axis=1)
    if rate != RATE:
        mono = scipy.signal.resample_poly(mono, RATE, rate)
    return mono / max(np.abs(mono).max(), 1e-9)


def spectrogram(samples):
    padded = np.concatenate([np.zeros(SIZE // 2), samples, np.zeros(SIZE)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, SIZE)[::HOP]
    power = np.abs(np.fft.rfft(frames * scipy.signal.get_window("hann", SIZE))) ** 2
    return np.log10(1e4 * power @ FILTERS.T + 1) / 9.457798957824707


def hits(samples, condition):
    """Where the power in the bands of a class rises most: start samples of at most COUNT hits, at least 100 ms
    apart."""
    spectrum = np.log1p(1000 * np.abs(scipy.signal.stft(samples, RATE, nperseg=1024, noverlap=896)[2]) ** 2)
    frequency = np.fft.rfftfreq(1024, 1 / RATE)
    rises = []
    for low, high in BANDS.get(condition, [(30, 16000)]):
        band = spectrum[(frequency >= low) & (frequency < high)]
        rises.append(np.maximum(band[:, 3:] - band[:, :-3], 0).mean(axis=0))
    novelty = np.prod(rises, axis=0) ** (1 / len(rises))
    places, _ = scipy.signal.find_peaks(novelty, distance=int(0.1 * RATE / 128))
    best = sorted(sorted(places, key=lambda i: -novelty[i])[:COUNT])
    return [max(0, int((i + 1) * 128) - 88) for i in best] or [0]


def cut(samples, start):
    piece = np.zeros(HIT)
    part = samples[start : start + HIT]
    piece[: part.size] = part
    fade = HIT // 5
    piece[-fade:] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(fade, 0, -1) / fade)
    return piece / max(np.abs(piece).max(), 1e-9)


def attack(samples):
    return max(0, int(np.argmax(np.abs(samples) >= 0.05 * np.abs(samples).max())) - 88)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=pathlib.Path, required=True)
    parser.add_argument("--mixes", type=pathlib.Path, required=True)
    parser.add_argument("--split", help="only the one-shots of this split")
    parser.add_argument("--hear", choices=["hits", "whole"], default="hits")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the .npy file; its names go beside it as .csv")
    options = parser.parse_args()

    weights, sets = aisfx.inference.load_weights("cpu")
    model = aisfx.inference.load_bestModel(weights, sets, "cpu")

    def embed(pieces):
        """One vector per piece: the mean over blocks of 100 frames. Short pieces are padded with silence to 24
        frames."""
        vectors = []
        for piece in pieces:
            image = spectrogram(piece)
            image = np.pad(image, ((0, max(0, 24 - len(image))), (0, 0)))
            blocks = [image[i : i + BLOCK] for i in range(0, max(1, len(image) - BLOCK + 1), BLOCK // 2)]
            with torch.no_grad():
                vectors.append(model.get_embedding(torch.tensor(np.stack(blocks), dtype=torch.float32)).mean(axis=0).numpy())
        return vectors

    names, vectors = [], []
    with open(options.library / "library.csv", newline="") as file:
        for row in csv.DictReader(file):
            if options.split and row.get("split") not in (None, "", options.split):
                continue
            samples = heard(options.library / row["file"])
            piece = samples if options.hear == "whole" else cut(samples, attack(samples))
            names.append((row["candidate"], ""))
            vectors += embed([piece])
    done = set()
    with open(options.mixes / "mixes.csv", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["query"], "" if options.hear == "whole" else row["condition"])
            if key in done:
                continue
            done.add(key)
            samples = heard(options.mixes / row["file"])
            pieces = [samples] if options.hear == "whole" else [cut(samples, at) for at in hits(samples, row["condition"])]
            names.append(key)
            vectors.append(np.median(embed(pieces), axis=0))
    np.save(options.out, np.array(vectors, dtype="float32"))
    with open(options.out.with_suffix(".csv"), "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "condition"])
        writer.writerows(names)
    print(f"{len(names)} vectors of {len(vectors[0])} dimensions are in {options.out}")


if __name__ == "__main__":
    main()
