"""Loads an export of Earshot into tidy tables and recomputes individual agreement with scipy.

    python3 analysis/read.py FOLDER        the folder that holds ratings.csv and rankings.csv

Needs pandas and scipy. The figures are those of results.json, table `agreement`, level `individual`, metric
`spearman`, for a plan without screening.
"""

import pathlib
import sys

import pandas
from scipy.stats import spearmanr

MINIMUM = 3  # the plan's min_candidates


def load(folder):
    """Returns (ratings, rankings) as data frames; flags are booleans, and both have a condition."""
    folder = pathlib.Path(folder)
    names = {"participant": str, "query": str, "candidate": str, "condition": str, "trial": str, "session": str}
    ratings = pandas.read_csv(folder / "ratings.csv", dtype=names, keep_default_na=True)
    rankings = pandas.read_csv(folder / "rankings.csv", dtype={"query": str, "candidate": str, "condition": str})
    for flag in ["is_reference", "is_anchor", "is_catch", "is_repeat", "is_training"]:
        column = ratings[flag] if flag in ratings else False
        ratings[flag] = column if isinstance(column, bool) else column.astype(str).str.lower().isin(["true", "1", "yes"])
    for table in (ratings, rankings):
        if "condition" not in table:
            table["condition"] = ""
        table["condition"] = table["condition"].fillna("")
    for column in ["session", "trial"]:
        if column not in ratings:
            ratings[column] = ""
    return ratings, rankings


def main_pages(ratings):
    """The ratings that the figures are about: no training, catch or repeat trials, no reference, no anchor."""
    left_out = ["is_reference", "is_anchor", "is_catch", "is_repeat", "is_training"]
    return ratings[~ratings[left_out].any(axis=1) & ratings["rating"].notna()]


def individual_agreement(ratings, rankings):
    """By condition and system: the mean over pages of Spearman's rho between ratings and ranks, and the pages."""
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
