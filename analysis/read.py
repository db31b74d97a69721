"""Loads an export of Earshot into tidy tables and recomputes individual agreement with scipy.

    python3 analysis/read.py FOLDER        the folder that holds ratings.csv and rankings.csv

Needs pandas and scipy. Separators (comma, semicolon, tab, bar), decimal commas, byte-order marks, words for missing
values and names with blanks are read as Earshot reads them (docs/tables.md). Excluded sessions are left out. The figures are
those of results.json, table `agreement`, level `individual`, metric `spearman`, for a plan without screening and with
`pooling: none`. Where systems chose what the pages show, they are the column `raw` of table `pooling`, which favours those systems.
"""

import csv
import pathlib
import sys
import unicodedata

import pandas
from scipy.stats import spearmanr

MINIMUM = 3  # the plan's min_candidates


def separator(path):
    """The separator of the cells, and the number of lines before the header."""
    with open(path, encoding="utf-8-sig", newline=None) as file:
        lines = [file.readline() for _ in range(2)]
    if lines[0].strip('"\n').lower().startswith("sep="):
        return lines[0].strip('"\n')[4], 1
    return max(",;\t|", key=lambda sign: len(next(csv.reader([lines[0]], delimiter=sign), []))), 0


def name(text):
    """A name as Earshot reads it: NFC-normalised, without invisible characters, with single blanks between words."""
    if not isinstance(text, str):
        return text
    seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def table(path, names):
    """Reads a table, with names as text and numbers as numbers, with a decimal point or comma."""
    sign, before = separator(path)
    found = pandas.read_csv(path, sep=sign, skiprows=before, dtype=str, encoding="utf-8-sig", skipinitialspace=True)
    found.columns = [name(column) for column in found.columns]
    found = found.dropna(how="all")
    for column in names:
        if column in found:
            found[column] = found[column].map(name, na_action="ignore")
    for column in ["rating", "rank", "distance"]:
        if column in found:
            texts = found[column].str.strip().str.replace(",", ".", regex=False)
            found[column] = pandas.to_numeric(texts.mask(texts.isin(["", ".", "-"])))
    return found


def excluded_sessions(folder):
    """The sessions that the people who run the study have excluded, by the participants table beside the ratings."""
    if not (folder / "participants.csv").exists():
        return set()
    people = table(folder / "participants.csv", ["session"])
    column = next((one for one in reversed(people.columns) if one.removeprefix("link_") == "excluded"), None)
    if column is None or "session" not in people:
        return set()
    return set(people["session"][people[column].str.strip().str.lower() == "true"])


def is_pooled(folder):
    """Whether systems chose what the pages show, by the export's description."""
    package = pathlib.Path(folder) / "datapackage.json"
    return package.exists() and '"candidate_pools"' in package.read_text(encoding="utf-8")


def load(folder):
    """Returns (ratings, rankings) as data frames. Flags are booleans, and both tables have a condition."""
    folder = pathlib.Path(folder)
    names = ["participant", "query", "candidate", "condition", "system", "trial", "session"]
    ratings, rankings = (table(folder / file, names) for file in ["ratings.csv", "rankings.csv"])
    if "session" in ratings:
        ratings = ratings[~ratings["session"].isin(excluded_sessions(folder))].copy()
    for flag in ["is_reference", "is_anchor", "is_catch", "is_repeat", "is_training"]:
        column = ratings[flag] if flag in ratings else False
        said = ["true", "t", "1", "1.0", "yes", "y"]
        ratings[flag] = column if isinstance(column, bool) else column.astype(str).str.strip().str.lower().isin(said)
    for rows in (ratings, rankings):
        if "condition" not in rows:
            rows["condition"] = ""
        rows["condition"] = rows["condition"].fillna("")
    for column in ["session", "trial"]:
        if column not in ratings:
            ratings[column] = ""
        ratings[column] = ratings[column].fillna("")
    return ratings, rankings


def main_pages(ratings):
    """The ratings that the figures are computed from: no training, attention-check or repeat trials, no reference, no
    anchor."""
    left_out = ["is_reference", "is_anchor", "is_catch", "is_repeat", "is_training"]
    return ratings[~ratings[left_out].any(axis=1) & ratings["rating"].notna()]


def individual_agreement(ratings, rankings):
    """Per condition and system: Spearman's rho between ratings and ranks, averaged over pages, and the number of
    pages."""
    both = main_pages(ratings).merge(rankings, on=["query", "condition", "candidate"])
    found = []
    page = ["condition", "system", "participant", "session", "trial", "query"]
    for key, rows in both.groupby(page, sort=False):
        if len(rows) >= MINIMUM and rows["rating"].nunique() > 1 and rows["rank"].nunique() > 1:
            found.append((key[0], key[1], spearmanr(rows["rating"], -rows["rank"]).statistic))
    table = pandas.DataFrame(found, columns=["condition", "system", "rho"])
    everything = table.assign(condition="all")
    parts = [everything] if table["condition"].nunique() == 1 else [everything, table]
    return pandas.concat(parts).groupby(["condition", "system"])["rho"].agg(["mean", "count"])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(individual_agreement(*load(sys.argv[1])).to_string())
    if is_pooled(sys.argv[1]):
        print("\nSystems chose what the pages show: these are the figures of column 'raw' in pooling.csv, which favour them.", file=sys.stderr)
