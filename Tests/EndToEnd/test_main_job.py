"""The main job, from sounds to findings, with the commands that a researcher types.

A library and mixes are made, systems rank them, a study is served to thirty simulated listeners with known perception,
and the analysis of the exported tables must recover what was planted. Run with `python -m pytest Tests/EndToEnd`;
EARSHOT_BIN names the program (default: the release build).
"""

import csv
import json
import os
import subprocess
from collections import defaultdict
from pathlib import Path

import frictionless
import numpy as np
import pytest
from scipy import stats

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("EARSHOT_BIN", REPOSITORY / ".build/release/earshot"))
RANKED_HERE = ["random", "mfcc-hit", "auditory-image-hit"]
# Rankings that the test writes, of systems that must come out as good and bad.
OWN = ["alike", "unlike"]
SYSTEMS = RANKED_HERE + OWN
STUDY = """
title: Drums in loops
languages: [en]
texts:
  welcome: Welcome.
  instructions: Listen and rate.
  question: "How similar is each sample to the {condition} in this loop?"
  finish: Thank you.
consent: {text: You may stop at any time., agree: I agree}
sounds: {queries: mixes/mixes.csv, candidates: library/library.csv, rankings: rankings.csv}
pool: {top_k: 2, random_fillers: 1, hidden_reference: true, max_per_trial: 8}
trials: {per_participant: 12, training: 1, repeats: 2, catches: 1, seed: 5}
"""
# Nobody is screened out: a listener who hears nothing fails every check, and the group must stay complete.
# All candidates of a page are compared, as in `planted`. Confounding by pooling has tests of its own.
PLAN = """
screening: {apply: []}
pooling: none
intervals: {resamples: 2000, seed: 3}
"""


def earshot(*words: str | Path, cache: Path) -> str:
    done = subprocess.run(
        [str(PROGRAM), *map(str, words)], capture_output=True, text=True, timeout=600,
        env={**os.environ, "EARSHOT_CACHE": str(cache), "EARSHOT_HOME": str(REPOSITORY)})
    assert done.returncode == 0, f"earshot {' '.join(map(str, words))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def rows(file: Path) -> list[dict[str, str]]:
    with open(file, newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def own_rankings(folder: Path) -> Path:
    """Rankings of two systems: `alike` knows which sample plays and ranks samples of its kit and tags first; `unlike`
    is the reverse."""
    library = {r["candidate"]: r for r in rows(folder / "library/library.csv")}
    own = folder / "own.csv"
    with open(own, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["query", "condition", "system", "rank", "candidate"])
        for mix in rows(folder / "mixes/mixes.csv"):
            target = library[mix["reference"]]

            def shared(candidate: dict[str, str]) -> int:
                same_kit = candidate["group"].rsplit("-", 1)[0] == target["group"].rsplit("-", 1)[0]
                return 2 * same_kit + len(set(candidate["tags"].split()) & set(target["tags"].split()))

            order = sorted(
                (c for c in library.values() if c["condition"] == mix["condition"]),
                key=lambda c: (-shared(c), c["candidate"]))
            for system, ranked in (("alike", order), ("unlike", order[::-1])):
                for rank, candidate in enumerate(ranked, 1):
                    table.writerow([mix["query"], mix["condition"], system, rank, candidate["candidate"]])
    return own


@pytest.fixture(scope="session")
def study(tmp_path_factory) -> Path:
    """A study with generated sounds, ready to be served. Its commands keep their cache inside it."""
    folder = tmp_path_factory.mktemp("study")
    cache = folder / "cache"
    earshot("library", "build", "--set", "synth", "--out", folder / "library", cache=cache)
    earshot("mix", "--library", folder / "library", "--out", folder / "mixes", "--count", "8", "--seed", "2", cache=cache)
    earshot(
        "rank", "--library", folder / "library", "--mixes", folder / "mixes", "--out", folder / "rankings.csv",
        "--add", own_rankings(folder), *[word for system in RANKED_HERE for word in ("--system", system)], cache=cache)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "analysis.yaml").write_text(PLAN, encoding="utf-8")
    earshot("check", folder, cache=cache)
    return folder


def take_part(study: Path, group: str, *options: str) -> Path:
    """Thirty simulated listeners take part, and their tables are exported and analysed."""
    data = study / group
    cache = study / "cache"
    earshot("simulate", study, "--listeners", "30", "--seed", "11", "--data", data, *options, cache=cache)
    earshot("export", study, "--data", data, "--out", data / "export", cache=cache)
    earshot(
        "analyze", "--ratings", data / "export/ratings.csv", "--rankings", data / "export/rankings.csv",
        "--plan", study / "analysis.yaml", "--out", data / "findings", cache=cache)
    return data


@pytest.fixture(scope="session")
def hearing(study) -> Path:
    return take_part(study, "hearing")


@pytest.fixture(scope="session")
def deaf(study) -> Path:
    return take_part(study, "deaf", "--ear", "none", "--group", "campus")


def agreement(data: Path) -> dict[str, dict[str, float]]:
    """Consensus Spearman of each system over all conditions, with its crossed interval."""
    found = {}
    for row in rows(data / "findings/agreement.csv"):
        if row["level"] == "consensus" and row["metric"] == "spearman" and row["condition"] == "all":
            found[row["system"]] = {key: float(row[key]) for key in ("value", "low", "high")}
    return found


def planted(study: Path, data: Path) -> dict[str, float]:
    """The agreement of noise-free listeners with each system: its Spearman correlation with the truth, over the
    candidates that were shown and that it ranked (without the hidden reference, which only checks listeners), averaged
    over items."""
    truth = {(r["query"], r["condition"], r["candidate"]): float(r["similarity"]) for r in rows(data / "truth.csv")}
    shown = defaultdict(set)
    for r in rows(data / "export/ratings.csv"):
        if "true" not in (r["is_training"], r["is_catch"], r["is_repeat"], r["is_reference"], r["is_anchor"]):
            shown[r["query"], r["condition"]].add(r["candidate"])
    ranks = {(r["system"], r["query"], r["condition"], r["candidate"]): int(r["rank"]) for r in rows(study / "rankings.csv")}
    found = {}
    for system in SYSTEMS:
        correlations = []
        for (query, condition), candidates in shown.items():
            both = [c for c in sorted(candidates) if (system, query, condition, c) in ranks]
            order = [-ranks[system, query, condition, c] for c in both]
            heard = [truth[query, condition, c] for c in both]
            if len(both) > 2 and len(set(heard)) > 1:
                correlations.append(stats.spearmanr(order, heard).statistic)
        found[system] = float(np.mean(correlations))
    return found


def test_every_listener_is_recorded_once_and_whole(hearing):
    finished = [r for r in rows(hearing / "export/participants.csv") if r["state"] == "finished"]
    pages = defaultdict(set)
    for rating in rows(hearing / "export/ratings.csv"):
        key = (rating["trial"], rating["position"])
        assert key not in pages[rating["participant"]], "a rating counted twice"
        pages[rating["participant"]].add(key)
    assert len(finished) >= 24
    # 1 training trial, 12 main trials, 2 repeats, 1 attention check.
    for participant in finished:
        assert len({trial for trial, _ in pages[participant["participant"]]}) == 16


def test_the_export_is_a_valid_data_package(hearing):
    report = frictionless.validate(str(hearing / "export/datapackage.json"))
    assert report.valid, report.flatten(["type", "note", "rowNumber", "fieldName"])


def test_the_export_gives_the_same_bytes_again(study, hearing):
    again = hearing / "again"
    earshot("export", study, "--data", hearing, "--out", again, cache=study / "cache")
    for file in sorted((hearing / "export").iterdir()):
        assert file.read_bytes() == (again / file.name).read_bytes(), file.name


def test_the_planted_agreement_lies_in_its_interval(study, hearing):
    found, truth = agreement(hearing), planted(study, hearing)
    assert set(found) == set(SYSTEMS)
    for system in SYSTEMS:
        assert found[system]["low"] <= truth[system] <= found[system]["high"], (system, truth[system], found[system])


def test_the_planted_order_is_found(study, hearing):
    """Systems whose planted agreements differ by more than the widest half interval come out in the right order."""
    found, truth = agreement(hearing), planted(study, hearing)
    margin = max((found[s]["high"] - found[s]["low"]) / 2 for s in SYSTEMS)
    pairs = [(a, b) for a in SYSTEMS for b in SYSTEMS if truth[a] - truth[b] > margin]
    assert pairs, "nothing was planted that could be told apart"
    for better, worse in pairs:
        assert found[better]["value"] > found[worse]["value"], (better, worse)


def test_who_hears_nothing_agrees_with_nothing(deaf):
    for system, figure in agreement(deaf).items():
        assert figure["low"] <= 0 <= figure["high"], (system, figure)


def test_the_report_stands_alone(hearing):
    report = (hearing / "findings/report.html").read_text(encoding="utf-8")
    results = json.loads((hearing / "findings/results.json").read_text(encoding="utf-8"))
    assert results
    for source in ("src=\"http", "href=\"http://", "@import", "url(http"):
        assert source not in report


def test_a_model_hears_windows_if_asked_and_says_in_which_it_found_a_sample(study):
    """`--window` counts over what the model was trained with; the distance is that to the nearest window."""
    places = ["--library", study / "library", "--mixes", study / "mixes"]

    def ranked(*options: str) -> dict[tuple[str, str], dict[str, str]]:
        out = study / "windows.csv"
        earshot("rank", *places, "--system", "conditional", "--out", out, *options, cache=study / "cache")
        return {(r["query"], r["condition"], r["candidate"]): r for r in rows(out)}

    whole, windows = ranked("--window", "0"), ranked("--window", "1")
    assert whole.keys() == windows.keys()
    assert not any("excerpt_start_s" in row for row in whole.values())
    lengths = {r["query"]: float(r["bars"]) * 4 * 60 / float(r["bpm"]) for r in rows(study / "mixes/mixes.csv")}
    starts = {key: float(row["excerpt_start_s"]) for key, row in windows.items()}
    assert len(set(starts.values())) > 3
    # Windows are measured in frames of some 40 ms.
    assert all(0 <= start <= lengths[query] - 1 + 0.09 for (query, *_), start in starts.items())
    assert any(windows[key]["distance"] != whole[key]["distance"] for key in windows)

    earshot("evaluate", *places, "--system", "conditional", "--window", "1.5", "--out", study / "ev", cache=study / "cache")
    assert "in windows of 1.5 s" in (study / "ev/evaluation.html").read_text(encoding="utf-8")
    done = subprocess.run([str(PROGRAM), "rank", *map(str, places), "--window", "0.05"], capture_output=True, text=True)
    assert done.returncode != 0 and "--window must be 0, or between 0.1 and 60" in done.stderr


def test_a_refined_model_takes_part_beside_the_model(study):
    """`--refine` looks for the nearest samples in the mix itself; they only come nearer, and the page says what was done."""
    places = ["--library", study / "library", "--mixes", study / "mixes"]
    out = study / "refined.csv"
    earshot("rank", *places, "--system", "conditional", "--system", "mfcc", "--refine", "3", "--out", out, cache=study / "cache")
    distances: dict[str, dict[tuple[str, str, str], float]] = {}
    for row in rows(out):
        sample = (row["query"], row["condition"], row["candidate"])
        distances.setdefault(row["system"], {})[sample] = float(row["distance"])
    assert set(distances) == {"conditional", "mfcc", "conditional-refined"}
    plain, refined = distances["conditional"], distances["conditional-refined"]
    nearer = [sample for sample in plain if refined[sample] < plain[sample]]
    asked = {sample[:2] for sample in plain}
    assert plain.keys() == refined.keys() and 0 < len(nearer) <= 3 * len(asked)
    assert all(refined[sample] == plain[sample] for sample in plain if sample not in nearer)

    earshot("evaluate", *places, "--system", "conditional", "--refine", "3", "--out", study / "ev", cache=study / "cache")
    page = (study / "ev/evaluation.html").read_text(encoding="utf-8")
    assert "conditional-refined" in page and "(--refine)" in page
    # A model's own refinement is compared with it, but is no rival of it.
    assert "conditional-refined" in {row["system"] for row in rows(study / "ev/scores.csv")}
    assert "conditional-refined" in {row["rival"] for row in rows(study / "ev/differences.csv")}
    assert not any("refined" in row["compared_with"] for row in rows(study / "ev/bars.csv"))
    for wrong, said in (
        (["--refine", "0"], "--refine must be at least 1"),
        (["--refine", "9", "--refine-transpose", "25"], "--refine-transpose must be between 0 and 24"),
        (["--refine-transpose", "2"], "--refine-transpose needs --refine"),
        (["--refine", "9", "--system", "mfcc"], "--refine has no model to refine"),
    ):
        done = subprocess.run([str(PROGRAM), "rank", *map(str, places), *wrong], capture_output=True, text=True)
        assert done.returncode != 0 and said in done.stderr


def test_simulated_listeners_are_known_whatever_their_group(deaf):
    """They identify themselves as simulated when they join, and the findings say so first."""
    joined = rows(deaf / "export/participants.csv")
    assert {(row["recruited_from"], row["user_agent_family"]) for row in joined} == {("campus", "simulation")}
    results = json.loads((deaf / "findings/results.json").read_text(encoding="utf-8"))
    assert results["inputs"]["simulated_listeners"] == len(joined) == 30
