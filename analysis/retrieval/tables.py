"""Prints the tables of docs/retrieval.md from what `run` wrote into a folder: evaluations, model files and their
cards."""

import csv
import json
import re
import struct
import sys
from itertools import combinations
from pathlib import Path
from statistics import mean

world = Path(sys.argv[1])
CLASSES = ["kick", "snare", "hihat"]
SHARES = [25, 50, 100]


def evaluation(name: str) -> dict[str, list[dict]]:
    """The rows of each table of an evaluation."""
    found = json.loads((world / name / "evaluation.json").read_text(encoding="utf-8"))
    return {table: content["rows"] for table, content in found["tables"].items()}


def configuration(model: str) -> dict:
    """What a model file says about its training."""
    with open(world / f"models/{model}.safetensors", "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        return json.loads(json.loads(file.read(length))["__metadata__"]["configuration"])


def training_sounds(model: str) -> list[str]:
    card = (world / f"models/{model}.md").read_text(encoding="utf-8")
    return re.search(r"^\| train \| (.*) \|$", card, re.MULTILINE)[1].split(" | ")


def number(value: float, signed: bool = False) -> str:
    text = f"{abs(value):.3f}".removeprefix("0")
    return ("−" if value < 0 else "+" if signed else "") + text


def interval(row: dict, key: str = "value", signed: bool = False) -> str:
    if row["low"] is None:
        return number(row[key], signed)
    return f"{number(row[key], signed)} [{number(row['low'], signed)}, {number(row['high'], signed)}]"


def seeds(row: dict) -> list[float]:
    return [float(one.split()[-1]) for one in row["values"].split(", ")]


def permutation(a: list[float], b: list[float]) -> float:
    """Exact two-sided p-value of a permutation test of the difference of means: the share of all assignments of the
    seeds to the two kinds of training whose difference is at least as large."""
    every, observed = a + b, abs(mean(a) - mean(b))
    dealt = [abs(mean(chosen) - (sum(every) - sum(chosen)) / len(b))
             for chosen in ([every[i] for i in taken] for taken in combinations(range(len(every)), len(a)))]
    return sum(one >= observed - 1e-12 for one in dealt) / len(dealt)


def table(title: str, head: list[str], rows: list[list[str]], words: int = 1) -> None:
    print(f"## {title}\n\n| {' | '.join(head)} |")
    print("|" + "|".join(["---"] * words + ["--:"] * (len(head) - words)) + "|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print()


main = evaluation("evaluation")
score = {(r["system"], r["condition"], r["measure"]): r for r in main["scores"]}
families = sorted({r["system"] for r in main["scores"]}, key=lambda f: -score[f, "all", "mrr"]["value"])
measures = ["recall_1", "recall_5", "recall_10", "median_normalised_rank", "wrong_class_first_10"]
head = ["system", "MRR", "kick", "snare", "hi-hat", "R@1", "R@5", "R@10", "median rank", "wrong class in first ten"]
rows = [
    [f"`{f}`" + (f", {score[f, 'all', 'mrr']['runs']} seeds" if score[f, "all", "mrr"]["runs"] > 1 else ""),
     interval(score[f, "all", "mrr"]), *(number(score[f, c, "mrr"]["value"]) for c in CLASSES),
     *(number(score[f, "all", m]["value"]) for m in measures)]
    for f in families]
first = families[0]
rows.append(["chance", *(number(score[first, c, "mrr"]["chance"]) for c in ["all", *CLASSES]),
             *(number(score[first, "all", m]["chance"]) for m in measures)])
table("Results", head, rows)

several = [s for s in main["seeds"] if s["measure"] in ("mrr", "recall_5") and s["runs"] > 1]
rows = [[f"`{s['system']}`", f"{'MRR' if s['measure'] == 'mrr' else 'R@5'}, {s['condition']}", str(s["runs"]),
         number(s["mean"]), number(s["sd"]), number(s["lowest"]), number(s["highest"])]
        for s in several if s["system"] == "conditional" or (s["condition"], s["measure"]) == ("all", "mrr")]
table("Seeds", ["system", "measure", "seeds", "mean", "deviation", "lowest", "highest"], rows, 2)
mrr = {s["system"]: seeds(s) for s in several if (s["condition"], s["measure"]) == ("all", "mrr")}
table("Each seed: MRR over all", ["system", "by seed", "p of a difference from conditional"],
      [[f"`{f}`", " ".join(number(v) for v in values),
        number(permutation(mrr["conditional"], values)) if f != "conditional" else ""] for f, values in mrr.items()], 2)

difference = {(r["rival"], r["condition"]): r for r in main["differences"] if r["measure"] == "mrr"}
rows = [[f"`{f}`", *(interval(difference[f, c], "difference", True) for c in ["all", *CLASSES])]
        for f in families if (f, "all") in difference]
table("Against each rival", ["rival", "all", "kick", "snare", "hi-hat"], rows)

files = sorted(f.stem for f in (world / "models").glob("*-s[0-9].safetensors"))
rows = []
for file in files:
    c = configuration(file)
    t = c["training"]
    rows.append([f"`{file}`", f"{int(t['parameters']):,}", f"{int(t['steps']):,}", f"{float(t['minutes']):.0f}",
                 number(c["metrics"]["validation_mrr"]), number(c["metrics"]["validation_hit5"])])
table("What each model cost, and its validation",
      ["model", "parameters", "steps", "minutes of one core", "MRR", "hit@5"], rows)

rows = []
for share in SHARES:
    found = evaluation(f"curve-{share}")
    s = {(r["system"], r["condition"]): r for r in found["scores"] if r["measure"] == "mrr"}
    d = next(r for r in found["differences"]
             if r["measure"] == "mrr" and r["condition"] == "all" and r["rival"] == "per-class")
    rows.append([f"{share} %", " / ".join(training_sounds(f"conditional-{share}")[:3]),
                 interval(s["conditional", "all"]), *(number(s["conditional", c]["value"]) for c in CLASSES),
                 interval(s["per-class", "all"]), interval(d, "difference", True)])
table("How many sounds it takes",
      ["training instruments", "one-shots (kick / snare / hi-hat)", "conditional", "kick", "snare", "hi-hat",
       "per-class", "difference"], rows)

for title, name, model_of in (
        ("Variants of the model", "variants",
         {"conditional": "conditional-s1", "learned": "learned-s1", "triplet": "triplet-s1"}),
        ("At the same 600 steps, one seed", "same-steps",
         {"conditional": "conditional-100", "per-class": "per-class-s1", "twins": "twins-100"})):
    found = evaluation(name)
    s = {(r["system"], r["condition"]): r for r in found["scores"] if r["measure"] == "mrr"}
    d = {r["rival"]: r for r in found["differences"] if r["measure"] == "mrr" and r["condition"] == "all"}
    rows = [[f"`{f}`", interval(s[f, "all"]), *(number(s[f, c]["value"]) for c in CLASSES),
             interval(d[f], "difference", True) if f in d else "",
             number(configuration(file)["metrics"]["validation_mrr"])] for f, file in model_of.items()]
    table(title, ["system", "MRR", "kick", "snare", "hi-hat", "conditional less it", "validation MRR"], rows)

wrong = [r for r in main["leakage_summary"] if r["measure"] == "mrr" and r["asked"] == "wrong"]
table("A wrong class asked for: MRR of the drum", ["system", "MRR", "chance"],
      [[f"`{r['system']}`", interval(r), number(r["chance"])]
       for r in sorted(wrong, key=lambda r: r["value"]) if r["takes_condition"] and not r["system"] == "random"])
table("Among its own class alone: MRR", ["system", "MRR"],
      [[f"`{f}`", interval(score[f, "all", "mrr_own_class"])] for f in families])

library = {r["candidate"]: r for r in csv.DictReader(open(world / "library/library.csv", encoding="utf-8"))}
targets = [r for r in csv.DictReader(open(world / "evaluation/targets.csv", encoding="utf-8"))
           if r["system"] == "conditional"]
rows = []
for title, wanted in (("recorded and sampled", False), ("presets", True)):
    cells = []
    for condition in CLASSES:
        found = [float(r["reciprocal_rank"]) for r in targets if r["condition"] == condition
                 and library[r["reference"]]["source"].startswith("drumsynth:") == wanted]
        cells.append(number(mean(found)))
    rows.append([title, *cells])
table("By source: MRR of conditional", ["", "kick", "snare", "hi-hat"], rows)
changes = {(r["system"], r["circumstance"]): r for r in main["robustness_differences"] if r["measure"] == "mrr"}
circumstances = list(dict.fromkeys(r["circumstance"] for r in main["robustness_differences"]))
trained = [f for f in families if (f, circumstances[0]) in changes and not score[f, "all", "mrr"]["handmade"]
           and f != "random"]
table("From the lowest to the highest third: change of MRR", ["circumstance", *(f"`{f}`" for f in trained)],
      [[c, *(interval(changes[f, c], "difference", True) for f in trained)] for c in circumstances])

for title, name in (("In songs", "songs-both"), ("The same models on the test above", "test-both")):
    found = evaluation(name)
    s = {(r["system"], r["condition"]): r for r in found["scores"] if r["measure"] == "mrr"}
    d = {(r["rival"], r["condition"]): r for r in found["differences"] if r["measure"] == "mrr"}
    systems = [f for f in dict.fromkeys(r["system"] for r in found["scores"]) if f != "random"]
    table(title, ["system", "MRR", "kick", "snare", "hi-hat"],
          [[f"`{f}`", *(interval(s[f, c]) for c in ["all", *CLASSES])] for f in systems])
    table(title + ": mixed minus it", ["rival", "all", "kick", "snare", "hi-hat"],
          [[f"`{f}`", *(interval(d[f, c], "difference", True) for c in ["all", *CLASSES])]
           for f in systems if (f, "all") in d])

for title, name in (("Matched filter, in songs", "songs-refined"), ("Matched filter, on the test above", "test-refined")):
    found = evaluation(name)
    for words, measure in (("", "mrr"), (", among its own class alone", "mrr_own_class")):
        s = {(r["system"], r["condition"]): r for r in found["scores"] if r["measure"] == measure}
        d = {(r["rival"], r["condition"]): r for r in found["differences"] if r["measure"] == measure}
        rows = [[f"`{f}`", *(interval(s[f, c]) for c in ["all", *CLASSES])] for f in dict.fromkeys(f for f, _ in s)]
        rows += [[f"refined minus `{f}`", *(interval(d[f, c], "difference", True) for c in ["all", *CLASSES])]
                 for f in dict.fromkeys(f for f, _ in d)]
        table(title + words, ["system", "MRR", "kick", "snare", "hi-hat"], rows)
