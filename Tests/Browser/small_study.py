"""Small studies with generated sounds, so that the browser tests need no downloads.

The names of systems and sounds are words that no page uses otherwise: if one of them shows up in the browser, it
leaked.
"""

import csv
import json
import wave
from pathlib import Path

import numpy as np

RATE = 44100
SYSTEMS = ("quokkarank", "wombatrank")
QUERY_NAMES = ("lemurloop", "ibexloop")
CANDIDATES = {
    "kick": [f"zebrakick{i:02d}" for i in range(16)],
    "snare": [f"yaksnare{i:02d}" for i in range(16)],
}
TELLTALES = (*SYSTEMS, *QUERY_NAMES, "zebrakick", "yaksnare", "reference", "anchor", "catch")


def write_wav(path: Path, channels: np.ndarray, rate: int = RATE) -> None:
    """Writes floats, one row per channel, as 16-bit samples."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(channels.T, -1, 1) * 32767).astype("<i2").tobytes())


def one_shot(frequency: float, seconds: float, seed: int) -> np.ndarray:
    """A decaying tone with a click: loud from its very first samples, as drums are."""
    t = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(seed).uniform(-1, 1, t.size) * np.exp(-t * 120)
    return 0.5 * np.cos(2 * np.pi * frequency * t) * np.exp(-t * 18) + 0.3 * noise


def _loop(seconds: float, seed: int) -> np.ndarray:
    """Two different channels that are never silent, and whose values identify the position in the loop."""
    t = np.arange(int(seconds * RATE)) / RATE
    left = 0.3 * np.sin(2 * np.pi * (90 + 10 * seed) * t) + 0.1 * np.sin(2 * np.pi * 1.0 / seconds * t)
    right = 0.3 * np.sin(2 * np.pi * (130 + 10 * seed) * t)
    return np.stack([left, right])


def write_table(path: Path, columns: list[str], rows: list[list]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def make_study(folder: Path, *, scale: dict | None = None, languages: tuple[str, ...] = ("en", "de"), top_k: int = 1, random_fillers: int = 0,
               max_per_trial: int = 4, redirect: str | None = None, headphones_required: bool = False, joining: dict | None = None) -> Path:
    """Makes a study folder with two loops, two drums and two systems: one training trial, two main trials and one
    attention check."""
    sounds = folder / "sounds"
    for i, query in enumerate(QUERY_NAMES):
        write_wav(sounds / f"{query}.wav", _loop(1.2 + 0.1 * i, i))
    for c, (_, names) in enumerate(CANDIDATES.items()):
        for i, name in enumerate(names):
            write_wav(sounds / f"{name}.wav", one_shot(60 + 100 * c + 12 * i, 0.25 + 0.01 * i, 100 * c + i)[None, :])
    write_table(sounds / "mixes.csv", ["query", "condition", "file", "reference"], [
        [query, condition, f"{query}.wav", names[q]]
        for q, query in enumerate(QUERY_NAMES) for condition, names in CANDIDATES.items()])
    write_table(sounds / "library.csv", ["candidate", "condition", "file", "licence", "source"], [
        [name, condition, f"{name}.wav", "CC0-1.0", "made by the test"]
        for condition, names in CANDIDATES.items() for name in names])
    write_table(sounds / "rankings.csv", ["query", "condition", "system", "rank", "candidate"], [
        [query, condition, system, rank, names[(2 + 7 * s + 3 * q + rank) % len(names)]]
        for q, query in enumerate(QUERY_NAMES) for condition, names in CANDIDATES.items()
        for s, system in enumerate(SYSTEMS) for rank in range(1, 6)])

    def told(english: str, german: str) -> dict[str, str]:
        return {code: text for code, text in (("en", english), ("de", german)) if code in languages}

    study = {
        "title": "Which drums sound alike?",
        "languages": list(languages),
        "texts": {
            "welcome": told("Samples can be **close cousins** or strangers.", "Klänge können **nahe Verwandte** sein oder Fremde."),
            "instructions": told("Play the loop, then each sample.", "Spielen Sie den Loop, dann jeden Klang."),
            "question": told("How similar is each sample to the {condition} in this loop?",
                             "Wie ähnlich ist jeder Klang der {condition} in diesem Loop?"),
            "finish": told("You have helped us.", "Sie haben uns geholfen."),
            "conditions": {"kick": told("kick", "Bassdrum"), "snare": told("snare", "Snaredrum")},
        },
        "sounds": {"queries": "sounds/mixes.csv", "candidates": "sounds/library.csv", "rankings": "sounds/rankings.csv"},
        "pool": {"top_k": top_k, "random_fillers": random_fillers, "hidden_reference": True, "anchor_lowpass_hz": 3500,
                 "max_per_trial": max_per_trial},
        "trials": {"per_participant": 2, "training": 1, "repeats": 0, "catches": 1, "seconds_per_candidate": 10},
        "scale": {
            "low": told("not at all alike", "überhaupt nicht miteinander vergleichbar"),
            "high": told("the same sound", "vollkommen ununterscheidbar"), **(scale or {}),
        },
        # Most tests are about something else and should not have to wait.
        "must_hear_s": 0,
        "consent": {"text": told("Your answers are stored without your name.", "Ihre Antworten werden ohne Namen gespeichert."),
                    "agree": told("I take part of my own free will.", "Ich nehme freiwillig teil.")},
        "questionnaire": [
            {"id": "age", "kind": "number", "text": told("How old are you?", "Wie alt sind Sie?"), "required": True, "min": 16, "max": 99},
            {"id": "music", "kind": "choice", "text": told("Do you make music?", "Machen Sie Musik?"), "required": True,
             "options": [{"value": "yes", "text": told("Yes", "Ja")}, {"value": "no", "text": told("No", "Nein")}]},
            {"id": "remark", "kind": "text", "text": told("Anything we should know?", "Sollten wir etwas wissen?"), "required": False},
        ],
        "headphones": {"check": True, "trials": 2, "pass": 2, "required": headphones_required},
        "finish": {"redirect": redirect} if redirect else {},
        **({"joining": joining} if joining else {}),
    }
    # JSON is valid YAML.
    (folder / "study.yaml").write_text(json.dumps(study, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder
