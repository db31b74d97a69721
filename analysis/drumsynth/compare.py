"""Compares Earshot's DrumSynth renderer with LMMS, preset by preset.

    python3 analysis/drumsynth/compare.py LIBRARY [TABLE.csv]

LIBRARY is a folder made by 'earshot library build --set full'. It holds Earshot's rendering of every preset that is a
kick, a snare or a hi-hat by its name. LMMS renders each of them twice, with different noise: the distance between the
two is the best that any renderer can achieve. Needs the package lmms, and numpy, scipy and soundfile from PyPI.
"""

import csv
import pathlib
import sys

import numpy as np
import soundfile

import lmms

PRESETS = pathlib.Path("/usr/share/lmms/samples/drumsynth")


def main(library, table=None):
    rows = []
    with open(library / "library.csv", newline="", encoding="utf-8") as file:
        shots = [r for r in csv.DictReader(file) if r["source"].startswith("drumsynth: ") and "variant" not in r["tags"]]
    for i, shot in enumerate(shots):
        preset = shot["source"].removeprefix("drumsynth: ")
        first, second = lmms.render(PRESETS / preset), lmms.render(PRESETS / preset)
        ours = soundfile.read(library / shot["file"])[0]
        rows.append((lmms.distance(first, ours), lmms.distance(first, second), shot["condition"], preset))
        print(f"\r{i + 1}/{len(shots)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    print("| class | presets | median, dB | 90th percentile, dB | LMMS from itself, median, dB |\n|---|---|---|---|---|")
    for condition in ["kick", "snare", "hihat", "all"]:
        chosen = [r for r in rows if condition in (r[2], "all")]
        ours, itself = np.array([r[0] for r in chosen]), np.array([r[1] for r in chosen])
        print(f"| {condition} | {len(chosen)} | {np.median(ours):.1f} | {np.quantile(ours, 0.9):.1f} | "
              f"{np.median(itself):.1f} |")
    print("\nThe worst ten:\n\n| preset | class | distance, dB | LMMS from itself, dB |\n|---|---|---|---|")
    for ours, itself, condition, preset in sorted(rows, reverse=True)[:10]:
        print(f"| {preset} | {condition} | {ours:.1f} | {itself:.1f} |")
    if table:
        with open(table, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["preset", "condition", "distance_db", "lmms_from_itself_db"])
            writer.writerows([p, c, f"{o:.3f}", f"{s:.3f}"] for o, s, c, p in sorted(rows, reverse=True))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), *sys.argv[2:])
