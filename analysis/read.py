"""Loads an export of Earshot into tidy tables and recomputes individual agreement with scipy.

    python3 analysis/read.py FOLDER            the folder that holds ratings.csv and rankings.csv
    python3 analysis/read.py FOLDER BLOCK      one block, where the study has several (column block_name)

Needs pandas and scipy. Encodings, separators, decimal commas, words for yes, no and missing, and names are read as Earshot
reads them (docs/tables.md). Excluded sessions are left out. Several blocks are never combined: the figures are printed block by
block, as `earshot analyze` writes them in blocks/NAME. The figures are those of results.json, table `agreement`, level
`individual`, metric `spearman`, for a plan without screening and with `pooling: none`. Where systems chose what the pages show,
they are the column `raw` of table `pooling`, which favours those systems.
"""

import csv
import io
import math
import pathlib
import re
import sys
import unicodedata

try:
    import pandas
    from scipy.stats import spearmanr
except ImportError as error:
    sys.exit(f"{error}. Install what is missing: pip install pandas scipy")

MINIMUM = 3  # the plan's min_candidates

NAMES = ["participant", "query", "candidate", "condition", "system", "session", "trial", "block_name"]
NUMBERS = ["rating", "rank", "distance"]
FLAGS = ["is_reference", "is_anchor", "is_catch", "is_repeat", "is_training"]

YES = {"true", "t", "yes", "y", "wahr", "ja", "vrai", "oui", "verdadero", "vero"}
NO = {"false", "f", "no", "n", "falsch", "nein", "faux", "non", "falso"}
# In numbers and flags, in any case.
MISSING = {"", "na", "n/a", "#n/a", "#nv", "<na>", "n.a.", "nan", "-nan", "null", "none", "nil", "missing", ".", "-", "–", "—"}
# In names, without quotation marks. In quotation marks they are names.
MISSING_NAMES = {"NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "NULL"}

# How numbers are written, in the order in which the patterns are tried: `either` may mean decimals or thousands.
EXPONENT = r"(?:e[+-]?\d+)?"
WRITTEN = [(kind, re.compile(r"[+-]?" + pattern, re.ASCII | re.IGNORECASE)) for kind, pattern in [
    ("point", r"(?:\d+\.?\d*|\.\d+)" + EXPONENT),
    ("either", r"(?!0,)\d{1,3},\d{3}"),
    ("comma", r"(?:\d+,\d*|,\d+)" + EXPONENT),
    ("thousands", r"(?!0,)\d{1,3}(?:,\d{3})+(?:\.\d*)?" + EXPONENT),
    ("comma", r"(?!0\.)\d{1,3}(?:\.\d{3})+(?:,\d*)?" + EXPONENT)]]
# A point that may separate thousands as well.
UNCLEAR_POINT = re.compile(r"[+-]?(?!0\.)\d{1,3}\.\d{3}", re.ASCII)

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    # Joiners do something only between letters of some scripts and between emoji.
    "|(?<![\u0300-\U0010ffff])[\u200c\u200d]|[\u200c\u200d](?![\u0300-\U0010ffff])")


def name(text):
    """A name as Earshot reads it: NFC-normalised, without invisible characters, with single blanks between words."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    blank = "".join(" " if sign == "\u2800" or unicodedata.category(sign) == "Cc" else sign for sign in text)
    return unicodedata.normalize("NFC", " ".join(INVISIBLE.sub("", " ".join(blank.split())).split()))


def text_of(path):
    """What a file says, in UTF-8 or UTF-16, without a byte-order mark."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise ValueError(f"{path.name}, line {line}: the table is not UTF-8. Save it again as UTF-8.") from None


def separator(lines):
    """The separator of the cells, and the number of lines before the header."""
    first = lines[0].strip('"\r\n') if lines else ""
    if first.lower().startswith("sep=") and len(first) > 4:
        return first[4], 1
    return max(",;\t|", key=lambda sign: len(next(csv.reader([first], delimiter=sign), []))), 0


def cells(path):
    """The cells of each column, as text, and the line of each row. Words for missing names become empty cells, and empty
    rows and columns without a name are skipped."""
    lines = io.StringIO(text_of(path), newline="").readlines()
    sign, before = separator(lines)
    cell = re.compile(rf' *"[^"]*(?:""[^"]*)*"|[^{re.escape(sign)}\r\n]+')
    text = cell.sub(lambda found: "" if found[0].strip(" ") in MISSING_NAMES else found[0], "".join(lines[before:]))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, skipinitialspace=True)
    header = [name(column) for column in next(reader, [])]
    named = [column for column in header if column]
    if len(set(named)) < len(named):
        twice = next(column for column in named if named.count(column) > 1)
        raise ValueError(f"{path.name}: two columns are called '{twice}'")
    rows, places = [], []
    for row in reader:
        if not any(row):
            continue
        if len(row) != len(header):
            raise ValueError(f"{path.name}, line {reader.line_num + before}: {len(row)} cells under {len(header)} columns")
        rows.append(row)
        places.append(reader.line_num + before)
    return {column: [row[i] for row in rows] for i, column in enumerate(header) if column}, places


def written(text):
    """How a number is written, or None if it is none."""
    return next((kind for kind, pattern in WRITTEN if pattern.fullmatch(text)), None)


def decimal_signs(columns):
    """The columns that show how their numbers are written: by kind, the names of the columns."""
    seen = {kind: set() for kind in ["point", "either", "comma", "thousands", "unclear"]}
    for column, texts in columns.items():
        for text in {name(text).replace("−", "-") for text in set(texts) if "," in text or "." in text}:
            kind = written(text)
            if kind == "point" and UNCLEAR_POINT.fullmatch(text):
                kind = "unclear"
            if kind and (kind != "point" or "." in text):
                seen[kind].add(column)
    return seen


def number(text, column, seen):
    """A number with a decimal point or, if it is unambiguous, a decimal comma; NaN if it is missing.

    `seen` is what `decimal_signs` found in the table."""
    text = name(text).replace("−", "-")
    if text.lower() in MISSING:
        return math.nan
    kind = written(text)
    if kind is None:
        raise ValueError(f"'{column}' is '{text}', which is not a number")
    has_unclear_point = kind == "point" and UNCLEAR_POINT.fullmatch(text) and seen["comma"]
    if (
        (has_unclear_point and (column in seen["comma"] or column not in seen["point"]))
        or (kind == "comma" and column in seen["unclear"])
        or (kind == "either" and bool(seen["comma"]) == bool(seen["thousands"]))
    ):
        raise ValueError(f"'{column}' is '{text}', which may have decimals or thousands. Write it as in 1234.5")
    has_comma = kind == "comma" or (kind == "either" and seen["comma"])
    value = float(text.replace(".", "").replace(",", ".") if has_comma else text.replace(",", ""))
    if not math.isfinite(value):
        raise ValueError(f"'{column}' is '{text}', which is too large")
    return value


def flag(text, column):
    """Whether a cell says yes, in the words of Earshot's tables. A missing value is no."""
    said = name(text).lower()
    if said in YES or said in NO or said in MISSING:
        return said in YES
    if written(said) in ("point", "comma") and (value := float(said.replace(",", "."))) in (0, 1):
        return value == 1
    raise ValueError(f"'{column}' is '{name(text)}'. Write true or false")


def read_cells(path, needed, flags=()):
    """The columns of a table, with names as text (None if missing), numbers as numbers and flags as booleans.

    `needed` are the columns that every row must fill, and `rank`, if it is among them, with a number."""
    columns, places = cells(path)
    for column in needed:
        if column not in columns:
            raise ValueError(f"{path.name} has no column '{column}'. It has {', '.join(columns)}.")
    seen = decimal_signs(columns)
    found = {}
    for column, texts in columns.items():
        known = {}
        for place, text in zip(places, texts):
            if text in known:
                continue
            try:
                if column in NUMBERS:
                    known[text] = number(text, column, seen)
                elif column in flags:
                    known[text] = flag(text, column)
                else:
                    known[text] = (name(text) if column in NAMES else text) or None
                # NaN is not equal to itself.
                is_missing = known[text] is None or known[text] != known[text]
                if is_missing and column in needed and column != "rating":
                    raise ValueError(f"'{column}' is missing. A name such as NA needs quotation marks")
            except ValueError as problem:
                raise ValueError(f"{path.name}, line {place}: {problem}.") from None
        found[column] = [known[text] for text in texts]
    return found


def excluded_sessions(folder):
    """The sessions that the people who run the study have excluded, by the participants table beside the ratings."""
    path = folder / "participants.csv"
    if not path.exists():
        return set()
    columns = list(cells(path)[0])
    # Behind a question of the same name, the export puts "link_" before it.
    column = next((one for one in reversed(columns) if one.replace("link_", "") == "excluded"), None)
    if column is None or "session" not in columns:
        return set()
    people = read_cells(path, [], flags=[column])
    return {session for session, is_excluded in zip(people["session"], people[column]) if is_excluded}


def is_pooled(folder):
    """Whether systems chose what the pages show, by the export's description."""
    package = pathlib.Path(folder) / "datapackage.json"
    return package.exists() and '"candidate_pools"' in package.read_text(encoding="utf-8")


def load(folder, block=None):
    """Returns (ratings, rankings) as data frames. Flags are booleans, and both tables have a condition. If a block is named,
    only its ratings are returned."""
    folder = pathlib.Path(folder)
    ratings = pandas.DataFrame(read_cells(folder / "ratings.csv", ["participant", "query", "candidate", "rating"], FLAGS))
    rankings = pandas.DataFrame(read_cells(folder / "rankings.csv", ["query", "system", "rank", "candidate"]))
    if "session" in ratings:
        ratings = ratings[~ratings["session"].isin(excluded_sessions(folder))].copy()
    for column in FLAGS:
        ratings[column] = ratings[column].astype(bool) if column in ratings else False
    for rows, names in [(ratings, ["condition", "session", "trial"]), (rankings, ["condition"])]:
        for column in names:
            rows[column] = rows[column].where(rows[column].notna(), "") if column in rows else ""
    return (of_block(ratings, name(block)) if block else ratings), rankings


def blocks(ratings):
    """The blocks that the table names, in the order of its rows."""
    return list(ratings["block_name"].dropna().unique()) if "block_name" in ratings else []


def of_block(ratings, block=None):
    """The ratings of one block. It must be named if there are several."""
    known = blocks(ratings)
    if block is None and len(known) > 1:
        raise ValueError(f"The ratings are from {len(known)} blocks, which are never combined. Name one: {', '.join(known)}.")
    if block is not None and block not in known:
        raise ValueError(f"There are no ratings from a block '{block}'. The blocks are: {', '.join(known) or 'not named'}.")
    return ratings if block is None else ratings[ratings["block_name"] == block].copy()


def main_pages(ratings):
    """The ratings that the figures are computed from: no training, attention-check or repeat trials, no reference, no
    anchor."""
    return ratings[~ratings[FLAGS].any(axis=1) & ratings["rating"].notna()]


def individual_agreement(ratings, rankings):
    """Per condition and system: Spearman's rho between ratings and ranks, averaged over pages, and the number of
    pages. The ratings must be of one block."""
    both = main_pages(of_block(ratings)).merge(rankings, on=["query", "condition", "candidate"])
    found = []
    page = ["condition", "system", "participant", "session", "trial", "query"]
    for key, rows in both.groupby(page, sort=False):
        if len(rows) >= MINIMUM and rows["rating"].nunique() > 1 and rows["rank"].nunique() > 1:
            found.append((key[0], key[1], spearmanr(rows["rating"], -rows["rank"]).statistic))
    table = pandas.DataFrame(found, columns=["condition", "system", "rho"])
    everything = table.assign(condition="all")
    parts = [everything] if table["condition"].nunique() == 1 else [everything, table]
    return pandas.concat(parts).groupby(["condition", "system"])["rho"].agg(["mean", "count"])


def main(folder, block=None):
    ratings, rankings = load(folder, block)
    named = blocks(ratings)
    for one in named if len(named) > 1 else [None]:
        if one:
            print(f"\nBlock {one}:")
        print(individual_agreement(of_block(ratings, one), rankings).to_string())
    if is_pooled(folder):
        told = "Systems chose what the pages show: these are the figures of column 'raw' in pooling.csv, which favour them."
        print("\n" + told, file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (ValueError, OSError, csv.Error) as problem:
        sys.exit(str(problem))
