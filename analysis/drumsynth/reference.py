"""Writes presets/lmms.csv: log-mel energies of LMMS's renderings of the presets there, with which the tests compare
Earshot's renderer.

    python3 analysis/drumsynth/reference.py

Energies are the mean of four renderings, since LMMS draws new noise each time.
"""

import csv
import pathlib

import numpy as np

import lmms

FOLDER = pathlib.Path(__file__).resolve().parent / "presets"

with open(FOLDER / "lmms.csv", "w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["preset", "span", *[f"band{b + 1}_db" for b in range(20)]])
    for preset in sorted(FOLDER.glob("*.ds")):
        power = np.mean([lmms.spans(lmms.render(preset)) for _ in range(4)], axis=0)
        for span, row in enumerate(10 * np.log10(np.maximum(power, 1e-12))):
            writer.writerow([preset.stem, span, *[f"{x:.1f}" for x in row]])
