"""Writes a small fixed test set of songs, played as a tracker plays samples, for 'earshot evaluate'.

    python3 analysis/retrieval/songs.py LIBRARY OUT [--split test] [--songs 60] [--seed 7]

LIBRARY is a folder made by 'earshot library build'; the sounds of one split play. OUT gets mixes.csv and one FLAC file
per song: four bars of patterns with one to three samples per class, each at its own pitches, with volumes, offsets,
cuts and retriggers note by note, envelopes, filters, 8 bits and low sample rates, together with bass, chords, lead and
percussion of no class. Apart from the library, nothing is shared with the mixes that models are trained on: rhythms,
effects and backings are different. Needs numpy and soundfile (./setup.sh retrieval). The same arguments give the same songs.
"""

import argparse
import csv
import pathlib

import numpy as np
import soundfile

RATE = 44100
CLASSES = ["kick", "snare", "hihat"]
# Sixteen rows per bar. A capital letter is a full stroke, a small one a softer stroke, r a roll, a dot a rest.
RHYTHMS = {
    "floor": ("X...X...X...X...", "....X.......X...", "..x...x...x...x."),
    "break": ("X.X.......XX....", "....X..x.x..X..x", "x.x.x.x.x.x.x.x."),
    "two step": ("X.........X.....", "....X.......X...", "x.x.x.xxx.x.x.x."),
    "half": ("X.....X.........", "........X.......", "X.x.X.x.X.x.Xrxr"),
    "march": ("X...X...X.X.X...", "X.xxX.xxX.xxX.rr", "x...x...x...x..."),
    "electro": ("X..X..X...X..X..", "....X.......X.x.", "xxxxxxxxxxxxxxxx"),
    "slow": ("X......xX.......", "....X.......X...", "X.x.x.x.X.x.x.x."),
    "offbeat": ("X...X...X...X...", "....X..x....X...", "..X...X...X...X."),
}


def decibels(level):
    return 10 ** (level / 20)


def read(path):
    sound, rate = soundfile.read(path, always_2d=True)
    mono = sound.mean(axis=1)
    if rate != RATE:
        mono = at_pitch(mono, rate / RATE, False)
    first = np.argmax(np.abs(mono) > 0.01 * np.abs(mono).max())
    mono = mono[max(0, first - 20):][: 2 * RATE]
    return mono / max(np.abs(mono).max(), 1e-9)


def at_pitch(sound, step, smooth=True):
    """Resamples as a tracker's mixer does: by linear interpolation, or with none at all."""
    at = np.arange(0, len(sound) - 1, step)
    whole = at.astype(int)
    if not smooth:
        return sound[whole]
    share = at - whole
    return sound[whole] * (1 - share) + sound[np.minimum(whole + 1, len(sound) - 1)] * share


def lowpass(sound, cutoff, resonance):
    """A resonant two-pole low-pass in the style of Impulse Tracker's: y = a x + b y₁ + c y₂."""
    w = 2 * np.pi * min(cutoff, 0.22 * RATE) / RATE
    damping = 1 / max(resonance, 0.5)
    d = (1 - damping * w) / w if damping * w < 1 else 0.0
    d = min(d, 20)
    e = 1 / (w * w)
    a, b, c = 1 / (1 + d + e), (d + 2 * e) / (1 + d + e), -e / (1 + d + e)
    out, y1, y2 = np.empty_like(sound), 0.0, 0.0
    for i, x in enumerate(sound):
        y = a * x + b * y1 + c * y2
        out[i], y2, y1 = y, y1, y
    return out


class Instrument:
    """A sample, with the effects that the song applies to all of its notes."""

    def __init__(self, sample, plain, old, random):
        self.smooth = not old
        if old:  # 8 bits at a low rate
            step = random.uniform(1.5, 4.0)
            low = at_pitch(sample, step)
            sample = np.round(low * 127) / 127
            sample = at_pitch(sample, 1 / step, random.random() < 0.5)
        draw = random.random(6)
        self.pitch = 0.0
        if not plain:
            if draw[0] < 0.4:
                self.pitch = float(random.integers(-7, 8))
            elif draw[0] < 0.55:
                self.pitch = float(random.integers(-24, 25))
            if draw[1] < 0.2:
                sample = lowpass(sample, 300 * 20 ** random.random(), random.uniform(0.7, 5))
        self.fall = random.uniform(10, 90) if draw[2] < 0.25 and not plain else 0.0
        self.wanders = draw[3] < 0.15 and not plain
        self.pan = random.uniform(-0.6, 0.6) if draw[4] < 0.5 else 0.0
        self.echo = int(random.uniform(0.1, 0.35) * RATE) if draw[5] < 0.1 and not plain else 0
        self.sample = sample / max(np.abs(sample).max(), 1e-9)

    def note(self, volume, random, plain):
        draw = random.random(4)
        pitch = self.pitch + (float(random.choice([-5, -3, 3, 5, 7, 12])) if self.wanders and draw[0] < 0.4 else 0)
        sound = self.sample
        if not plain and draw[1] < 0.04:  # an offset
            sound = sound[int(len(sound) * random.uniform(0.02, 0.25)):]
        sound = at_pitch(sound, 2 ** (pitch / 12), self.smooth).copy()
        if not plain and draw[2] < 0.06:  # a cut
            sound = sound[: int(random.uniform(0.04, 0.2) * RATE)]
        t = np.arange(len(sound)) / RATE
        sound *= decibels(-self.fall * t)
        fade = min(100, len(sound))
        sound[len(sound) - fade:] *= np.linspace(1, 0, fade)
        return volume * sound


def put(track, at, sound):
    end = min(len(track), at + len(sound))
    if end > at:
        track[at:end] += sound[: end - at]


def tone(frequency, seconds, kind, random):
    """A note of a bass, a lead or a chord: a pulse, a sawtooth made of harmonics, a plucked string, or two-operator
    FM."""
    t = np.arange(int(seconds * RATE)) / RATE
    if kind == "string":
        ring = random.uniform(-1, 1, max(2, int(RATE / frequency)))
        out = np.empty(len(t))
        n = len(ring)
        for start in range(0, len(t), n):
            out[start: start + n] = ring[: len(out[start: start + n])]
            ring = 0.498 * (ring + np.roll(ring, 1))
        return out
    if kind == "fm":
        index = 3 * np.exp(-t / 0.2)
        return np.sin(2 * np.pi * frequency * t + index * np.sin(4 * np.pi * frequency * t)) * np.exp(-t / 0.6)
    top = min(24, int(0.4 * RATE / frequency))
    harmonics = range(1, top + 1, 2 if kind == "pulse" else 1)
    out = sum(np.sin(2 * np.pi * h * frequency * t) / h for h in harmonics)
    return out * np.minimum(1, t / 0.005) * np.minimum(1, (seconds - t) / 0.01).clip(0)


def accompaniment(rows, row, random):
    """The bass, chords and lead of a song on its rows, and a description of what plays."""
    total = int(rows * row)
    out = np.zeros((total, 2))
    root = 32.7 * 2 ** (random.integers(0, 12) / 12)
    scale = [0, 3, 5, 7, 10] if random.random() < 0.6 else [0, 2, 4, 7, 9]
    bars = random.choice(scale, 4)
    words = []
    for part, share in (("bass", 0.9), ("chords", 0.6), ("lead", 0.6), ("arpeggio", 0.4)):
        if random.random() > share:
            continue
        kind = str(random.choice(["string", "fm", "saw", "pulse"]))
        words.append(f"{part} ({kind})")
        level, pan = random.uniform(-9, 0), random.uniform(-0.5, 0.5) if part != "bass" else 0.0
        track = np.zeros(total)
        for r in range(rows):
            if part == "chords" and r % 8 or part == "lead" and random.random() < 0.6 or part == "bass" and random.random() < 0.5:
                continue
            base = root * 2 ** (bars[(r // 16) % 4] / 12)
            if part == "bass":
                notes, length = [base * (2 if random.random() < 0.2 else 1)], random.uniform(1, 4)
            elif part == "chords":
                notes, length = [4 * base * 2 ** (scale[k] / 12) for k in (0, 2, 3)], 7.5
            else:
                notes, length = [8 * base * 2 ** (random.choice(scale) / 12)], 1 if part == "arpeggio" else random.uniform(1, 4)
            for frequency in notes:
                put(track, int(r * row), tone(frequency, length * row / RATE, kind, random))
        loud = np.sqrt(np.mean(track**2))
        track *= decibels(level) / max(loud, 1e-9)
        out += np.stack([track * (1 - pan), track * (1 + pan)], axis=1)
    return out, ", ".join(words) or "none"


def other_percussion(random):
    """Percussion of no class: a tom, a clap, a cymbal or a block."""
    kind = random.integers(0, 4)
    t = np.arange(int(0.8 * RATE)) / RATE
    noise = random.normal(0, 1, len(t))
    if kind == 0:
        return np.sin(2 * np.pi * np.cumsum(random.uniform(80, 220) * (1 + 0.4 * np.exp(-t / 0.05))) / RATE) * np.exp(-t / 0.15)
    if kind == 1:
        return np.diff(noise, append=0) * np.exp(-t / 0.06) * (1 + (t < 0.025) * np.sin(2 * np.pi * 110 * t)) * 0.3
    if kind == 2:
        return np.diff(noise, n=2, append=[0, 0]) * np.exp(-t / 0.35) * 0.15
    return np.sin(2 * np.pi * random.uniform(500, 1600) * t) * np.exp(-t / 0.03)


def song(number, shots, library, random):
    bpm = float(np.round(random.uniform(75, 175)))
    row = 60 / bpm / 4 * RATE
    rows = 64
    total = int(rows * row)
    style = str(random.choice(sorted(RHYTHMS)))
    plain, old = random.random() < 0.2, random.random() < 0.25
    drums = np.zeros((total, 2))
    parts = []
    kicks = []
    for c, condition in enumerate(CLASSES):
        own = [s for s in shots if s["condition"] == condition]
        count = 1 + int(random.random() < (0.35, 0.35, 0.5)[c]) + int(random.random() < 0.1)
        chosen = random.choice(len(own), count, replace=False)
        level = (random.uniform(-6, 0), random.uniform(-10, -1), random.uniform(-22, -8))[c]
        for place, index in enumerate(chosen):
            shot = own[index]
            instrument = Instrument(read(library / shot["file"]), plain, old, random)
            pattern = RHYTHMS[style][c] if place == 0 else RHYTHMS[str(random.choice(sorted(RHYTHMS)))][c]
            loud = decibels(level - (random.uniform(0, 8) if place else 0))
            track, onsets, volumes = np.zeros(total), [], []
            starts = []
            for r in range(rows):
                sign = pattern[r % 16]
                # A further drum of a class plays where the first one does not, in two of the four bars or in all.
                if place and (sign == RHYTHMS[style][c][r % 16] or (r // 16) % 2 and number % 2):
                    sign = "."
                if random.random() < 0.04:
                    sign = "x" if sign == "." else "."
                if sign == ".":
                    continue
                times = 3 if sign == "r" else 1
                for k in range(times):
                    volume = {"X": 0.0, "x": random.uniform(-10, -2), "r": -6.0 + 2 * k}[sign]
                    starts.append((int((r + k / times) * row), volume))
            if not starts:
                starts = [(int(random.integers(0, rows) * row), 0.0)]
            for k, (at, volume) in enumerate(starts):
                sound = instrument.note(loud * decibels(volume), random, plain)
                if k + 1 < len(starts):
                    sound = sound[: max(200, starts[k + 1][0] - at)]
                put(track, at, sound)
                onsets.append(at / RATE)
                volumes.append(volume)
                if condition == "kick":
                    kicks.append(at)
            if instrument.echo:
                put(track, instrument.echo, 0.35 * track[: total - instrument.echo].copy())
            drums += np.stack([track * (1 - instrument.pan), track * (1 + instrument.pan)], axis=1)
            parts.append((condition, shot, onsets, volumes, instrument.pan))
    extra = np.zeros(total)
    for _ in range(random.integers(0, 4)):
        sound, level = other_percussion(random), random.uniform(-20, -4)
        for r in np.flatnonzero(random.random(rows) < 0.12):
            put(extra, int(r * row), decibels(level) * sound)
    drums += extra[:, None]
    backing, words = accompaniment(rows, row, random)
    loud, beside = np.sqrt(np.mean(drums**2)), np.sqrt(np.mean(backing**2))
    if beside > 0:
        backing *= loud / beside * decibels(random.uniform(-9, 4))
        if random.random() < 0.2:  # the kick pushes the rest aside
            dip = np.ones(total)
            for at in kicks:
                length = min(int(0.2 * RATE), total - at)
                dip[at: at + length] = np.minimum(dip[at: at + length], np.linspace(0.2, 1, length))
            backing *= dip[:, None]
    mix = drums + backing
    mix = np.tanh(mix / np.abs(mix).max() * decibels(random.uniform(-6, 6)))
    mix *= 0.9 / np.abs(mix).max()
    return mix, parts, bpm, style, words, plain


def main():
    options = argparse.ArgumentParser()
    options.add_argument("library", type=pathlib.Path)
    options.add_argument("out", type=pathlib.Path)
    options.add_argument("--split", default="test")
    options.add_argument("--songs", type=int, default=60)
    options.add_argument("--seed", type=int, default=7)
    options = options.parse_args()
    with open(options.library / "library.csv", newline="", encoding="utf-8") as file:
        shots = [s for s in csv.DictReader(file) if s["split"] == options.split and "variant" not in s["tags"].split()]
    (options.out / "songs").mkdir(parents=True, exist_ok=True)
    with open(options.out / "mixes.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(
            "query condition file reference onsets_s velocities_db pan bpm bars style backing licence source".split()
        )
        for number in range(options.songs):
            random = np.random.default_rng([options.seed, number])
            mix, parts, bpm, style, words, plain = song(number, shots, options.library, random)
            name = f"song{number + 1:03}"
            soundfile.write(options.out / "songs" / f"{name}.flac", mix, RATE, subtype="PCM_16")
            licences = "; ".join(sorted({shot["licence"] for _, shot, *_ in parts}))
            for condition, shot, onsets, volumes, pan in parts:
                table.writerow([
                    name, condition, f"songs/{name}.flac", shot["candidate"], " ".join(f"{o:.5f}" for o in onsets),
                    " ".join(f"{v:.1f}" for v in volumes), f"{pan:.2f}", bpm, 4, style + (" plain" if plain else ""),
                    words, licences, "analysis/retrieval/songs.py",
                ])


if __name__ == "__main__":
    main()
