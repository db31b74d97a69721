"""Writes a small study with noise as its sounds into a folder: enough to put load on a server."""
import csv
import random
import struct
import sys
import wave
from pathlib import Path


def noise(path, seconds, channels, seed, decay):
    rng = random.Random(seed)
    rate, frames = 44100, bytearray()
    count = int(seconds * rate)
    for i in range(count):
        level = 8000 * (1 - i / count if decay else 1)
        frames += struct.pack("<h", int(rng.uniform(-level, level))) * channels
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(frames))


def table(path, columns, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def write(folder, queries=4, candidates=12):
    folder = Path(folder)
    sounds = folder / "sounds"
    conditions = ["kick", "snare"]
    library, mixes, rankings = [], [], []
    for c, condition in enumerate(conditions):
        for i in range(candidates):
            name = f"{condition}-{i + 1}"
            noise(sounds / f"{name}.wav", 0.6, 1, 100 * c + i, True)
            library.append([name, condition, f"{name}.wav", "CC0", "generated"])
    for q in range(queries):
        noise(sounds / f"loop-{q + 1}.wav", 1.0, 2, 1000 + q, False)
        for condition in conditions:
            reference = f"{condition}-{q + 1}"
            mixes.append([f"loop-{q + 1}", condition, f"loop-{q + 1}.wav", reference])
            for s, system in enumerate(["random", "mfcc"]):
                order = [f"{condition}-{i + 1}" for i in range(candidates)]
                random.Random(10 * q + s).shuffle(order)
                rankings += [[f"loop-{q + 1}", condition, system, r + 1, name] for r, name in enumerate(order)]
    table(sounds / "library.csv", ["candidate", "condition", "file", "licence", "source"], library)
    table(sounds / "mixes.csv", ["query", "condition", "file", "reference"], mixes)
    table(sounds / "rankings.csv", ["query", "condition", "system", "rank", "candidate"], rankings)
    (folder / "study.yaml").write_text(
        """title: A small study
consent:
  text: We keep your answers.
joining:
  per_minute: 0
sounds:
  queries: sounds/mixes.csv
  candidates: sounds/library.csv
  rankings: sounds/rankings.csv
pool:
  systems: [mfcc]
  top_k: 6
  hidden_reference: false
trials:
  repeats: 0
  catches: 0
headphones:
  check: false
"""
    )


if __name__ == "__main__":
    write(sys.argv[1])
