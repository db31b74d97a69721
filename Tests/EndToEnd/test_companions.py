"""The companion scripts read tables as Earshot does, and print its figures. What needs pandas, or R, is tried where they are
installed."""

import importlib.util
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import types

import pytest
import typed

ANALYSIS = typed.REPOSITORY / "analysis"
HAS_PANDAS = importlib.util.find_spec("pandas") is not None
RSCRIPT = shutil.which("Rscript")


@pytest.fixture(scope="module")
def read():
    """read.py. Its reading of tables does not need pandas."""
    with pytest.MonkeyPatch.context() as patch:
        if not HAS_PANDAS:
            patch.setitem(sys.modules, "pandas", types.ModuleType("pandas"))
        spec = importlib.util.spec_from_file_location("read", ANALYSIS / "read.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module


def words(text: str, before: str, after: str) -> set[str]:
    """The words in quotation marks between two texts."""
    found = re.search(re.escape(before) + r"(.*?)" + re.escape(after), text, re.DOTALL)
    assert found, before
    return set(json.loads("[" + ",".join(re.findall(r'"[^"]*"', found[1])) + "]"))


def test_the_scripts_know_the_words_that_earshot_knows(read):
    swift = (typed.REPOSITORY / "Sources/Basics/TableRow.swift").read_text(encoding="utf-8")
    r = (ANALYSIS / "read.R").read_text(encoding="utf-8")
    assert words(swift, "switch text.lowercased() {\n    case", ": flag = true") == read.YES == words(r, "yes <- c(", ")")
    assert words(swift, "flag = true\n    case", ": flag = false") == read.NO == words(r, "\nno <- c(", ")")
    missing = words(swift, "values: Set = [", "]")
    assert missing | {""} == read.MISSING and missing == words(r, "missing_words <- c(", ")")
    names = words(swift, "else { return false }\n    return ", ".contains(text)")
    assert names == read.MISSING_NAMES == set(re.search(r"\(\?:(NA\|[^)]*)\)", r)[1].split("|"))


@pytest.mark.parametrize("text, expected", [
    ("WAHR", True), (" wahr ", True), ("VRAI", True), ("Ja", True), ("oui", True), ("VERDADERO", True), ("VERO", True), ("1,0", True),
    ("1.0", True), ("FALSCH", False), ("FAUX", False), ("FALSO", False), ("nein", False), ("0", False), ("", False), ("N/A", False)])
def test_words_for_yes_and_no(read, text, expected):
    assert read.flag(text, "is_catch") is expected


@pytest.mark.parametrize("text", ["maybe", "WAR", "2", "1,000"])
def test_any_other_word_is_refused(read, text):
    with pytest.raises(ValueError, match=f"'is_catch' is '{text}'. Write true or false"):
        read.flag(text, "is_catch")


@pytest.mark.parametrize("cells, expected", [
    (["26,1", "3"], [26.1, 3]), (["1.234,5", "26,1"], [1234.5, 26.1]), (["1,234.5", "1,234"], [1234.5, 1234]),
    (["1,234", "0,5"], [1.234, 0.5]), (["1.234", "5.5"], [1.234, 5.5]), (["−3", "+2e1"], [-3, 20]), (["1.234.567"], [1234567]),
    (["", "NaN", "#NV", "None", ".", "–"], [math.nan] * 6)])
def test_numbers(read, cells, expected):
    found = [read.number(text, "rating", read.decimal_signs({"rating": cells})) for text in cells]
    assert found == pytest.approx(expected, abs=0, nan_ok=True)


def test_another_column_shows_which_the_decimal_sign_is(read):
    assert read.number("3,125", "rating", read.decimal_signs({"rating": ["3,125"], "listened_s": ["0,6"]})) == 3.125


@pytest.mark.parametrize("cells", [["1,234"], ["1,234", "26,1", "1,234.5"], ["1.234", "26,1"], ["26,1", "1.234"], ["0x1F"], ["1_000"], ["1e999"]])
def test_ambiguous_numbers_and_what_is_none_are_refused(read, cells):
    with pytest.raises(ValueError, match="'rating' is '"):
        for text in cells:
            read.number(text, "rating", read.decimal_signs({"rating": cells}))


def table(path, text: str, encoding: str = "utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


NEEDED = ["participant", "query", "candidate", "rating"]
HEADER = "participant,query,condition,candidate,rating,is_reference\n"


def test_words_for_missing_are_names_where_a_name_is_due(read, tmp_path):
    rows = 'None,null,n/a,"nan",5,true\nNa,None,NA,"NULL",null,\n'
    found = read.read_cells(table(tmp_path / "ratings.csv", HEADER + rows), NEEDED, read.FLAGS)
    assert found["participant"] == ["None", "Na"] and found["query"] == ["null", "None"]
    # As docs/tables.md says, NA without quotation marks is missing in a condition.
    assert found["condition"] == ["n/a", None] and found["candidate"] == ["nan", "NULL"]
    assert found["rating"] == pytest.approx([5, math.nan], nan_ok=True) and found["is_reference"] == [True, False]


@pytest.mark.parametrize("row, problem", [
    ("ann,q,,nan,5,true", "line 3: 'candidate' is missing"), ("NA,q,,a,5,true", "line 3: 'participant' is missing"),
    ("ann,q,,a,5,perhaps", "line 3: 'is_reference' is 'perhaps'"), ("ann,q,,a,five,true", "line 3: 'rating' is 'five'"),
    ("ann,q,,a,5", "line 3: 5 cells under 6 columns")])
def test_what_earshot_refuses_is_refused(read, tmp_path, row, problem):
    with pytest.raises(ValueError, match=f"ratings.csv, {problem}"):
        read.read_cells(table(tmp_path / "ratings.csv", f"{HEADER}ann,q,,b,1,false\n{row}\n"), NEEDED, read.FLAGS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_spreadsheet_of_another_country(read, tmp_path, encoding):
    rows = 'participant;query;candidate;rating;is_catch\r\nJo\u0308rg\u200b;q 1 ; "a ""b""; c";1.234,5;WAHR\r\n;;;;\r\n'
    found = read.read_cells(table(tmp_path / "ratings.csv", rows, encoding), NEEDED, read.FLAGS)
    assert found == {"participant": ["Jörg"], "query": ["q 1"], "candidate": ['a "b"; c'], "rating": [1234.5], "is_catch": [True]}


def test_exclusions_are_read_by_the_same_words(read, tmp_path):
    # The first column of this name is a question of the study.
    people = "session;excluded;link_excluded\n1;perhaps;WAHR\n2;WAHR;FALSCH\n3;;true\n"
    table(tmp_path / "participants.csv", people)
    assert read.excluded_sessions(tmp_path) == {"1", "3"}
    table(tmp_path / "participants.csv", people + "4;;perhaps\n")
    with pytest.raises(ValueError, match="participants.csv, line 5: 'link_excluded' is 'perhaps'"):
        read.excluded_sessions(tmp_path)


def study(folder, *, is_abroad: bool, blocks: list[str]):
    """Ratings and rankings with odd names, references, attention checks, repeats and an excluded session. Abroad, they are
    written as a spreadsheet does there."""
    random.seed(7)
    candidates = ["None", "null", "a b", "Löwe", "c,d", "Ünal"]
    queries = ["None", "q é", "null", "q4"]
    yes, no = ("WAHR", "FALSCH") if is_abroad else ("true", "false")
    sign = ";" if is_abroad else ","

    def write(file: str, rows: list) -> None:
        def cell(value) -> str:
            text = {True: yes, False: no}[value] if isinstance(value, bool) else str(value)
            if is_abroad and isinstance(value, float):
                text = text.replace(".", ",")
            return f'"{text}"' if sign in text or '"' in text else text
        text = "".join(sign.join(map(cell, row)) + "\n" for row in rows)
        table(folder / file, text, "utf-8-sig" if is_abroad else "utf-8")

    ratings = [["participant", "session", "trial", "query", "condition", "candidate", "rating", "is_reference", "is_catch",
                "is_repeat", "block_name"]]
    for block in blocks:
        for session, person in enumerate(["None", "Zoë", "nil", "Na", "eva", "left out"]):
            for trial, query in enumerate(queries + queries[:2]):
                is_catch, is_repeat = trial == 4, trial == 5
                for candidate in candidates:
                    ratings.append([person, session, f"{block}{trial}", query, "None" if trial % 2 else "nass", candidate,
                                    random.randint(0, 1000) / 10, candidate == "a b" and trial % 4 == 0, is_catch, is_repeat, block])
    write("ratings.csv", ratings)
    write("rankings.csv", [["query", "condition", "system", "rank", "candidate", "distance"]] + [
        [query, condition, system, rank, candidate, rank + random.randint(1, 9) / 10]
        for query in queries for condition in ["None", "nass"] for system in ["None", "null", "Größe"]
        for rank, candidate in enumerate(random.sample(candidates, len(candidates)), 1)])
    write("participants.csv", [["participant", "session", "excluded"]] + [[i, i, i == 5] for i in range(6)])


def analysed(folder, blocks: list[str]) -> dict:
    """By block, condition and system: the agreement that Earshot finds, and the number of pages."""
    # Earshot leaves out excluded sessions by the word that it writes.
    people = (folder / "participants.csv").read_text(encoding="utf-8-sig")
    table(folder / "participants.csv", people.replace(";", ",").replace("WAHR", "true").replace("FALSCH", "false"))
    table(folder / "plan.yaml", "pooling: none\nscreening: {apply: []}\nintervals: {resamples: 100}\npermutations: 100\nmodels: {linear: never}\n")
    typed.run(["analyze", "--ratings", "ratings.csv", "--rankings", "rankings.csv", "--plan", "plan.yaml", "--out", "out"], folder)
    found = {}
    for block in blocks:
        plain = re.sub(r"[^A-Za-z0-9_-]", "-", block)
        out = folder / "out" / (f"blocks/{plain}" if len(blocks) > 1 else "")
        for row in json.loads((out / "results.json").read_text(encoding="utf-8"))["tables"]["agreement"]["rows"]:
            if row["level"] == "individual" and row["metric"] == "spearman":
                found[block, row["condition"], row["system"]] = (row["value"], row["pages"])
    table(folder / "participants.csv", people)
    assert len(found) == 9 * len(blocks)
    return found


def run(command: list, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, encoding="utf-8", env={**os.environ, **environment}, timeout=120)


@pytest.mark.skipif(not HAS_PANDAS, reason="pandas is not installed")
@pytest.mark.parametrize("is_abroad", [False, True])
@pytest.mark.parametrize("blocks", [["one"], ["one", "two"]])
def test_python_finds_what_earshot_finds(read, tmp_path, is_abroad, blocks):
    study(tmp_path, is_abroad=is_abroad, blocks=blocks)
    expected = analysed(tmp_path, blocks)
    ratings, rankings = read.load(tmp_path)
    for block in blocks:
        for (condition, system), row in read.individual_agreement(read.of_block(ratings, block), rankings).iterrows():
            value, pages = expected.pop((block, condition, system))
            assert row["mean"] == pytest.approx(value, abs=1e-12) and row["count"] == pages
    assert expected == {}
    if len(blocks) > 1:
        with pytest.raises(ValueError, match="2 blocks, which are never combined. Name one: one, two"):
            read.individual_agreement(ratings, rankings)
    said = run([sys.executable, ANALYSIS / "read.py", tmp_path]).stdout
    assert re.findall("Block (.*):", said) == (blocks if len(blocks) > 1 else [])


R_AGREEMENT = """
source(file.path(commandArgs(TRUE)[1], "read.R"), encoding = "UTF-8")
export <- load_export(commandArgs(TRUE)[2])
for (block in block_names(export$ratings)) {
  both <- merge(main_pages(of_block(export$ratings, block)), export$rankings, by = c("query", "condition", "candidate"))
  found <- individual_agreement(both)
  writeLines(paste(block, found$condition, found$system, format(found$rho[, 1], digits = 17), found$rho[, 2], sep = "\t"), useBytes = TRUE)
}
"""


@pytest.mark.skipif(RSCRIPT is None, reason="R is not installed")
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
@pytest.mark.parametrize("is_abroad", [False, True])
def test_r_finds_what_earshot_finds_in_every_locale(tmp_path, is_abroad, locale):
    study(tmp_path, is_abroad=is_abroad, blocks=["one", "zwölf"])
    expected = analysed(tmp_path, ["one", "zwölf"])
    script = table(tmp_path / "try.R", R_AGREEMENT)
    said = run([RSCRIPT, script, ANALYSIS, tmp_path], LC_ALL=locale)
    assert said.returncode == 0, said.stderr
    for line in said.stdout.splitlines():
        block, condition, system, value, pages = line.split("\t")
        found = expected.pop((block, condition, system))
        assert float(value) == pytest.approx(found[0], abs=1e-12) and int(pages) == found[1]
    assert expected == {}


@pytest.mark.skipif(RSCRIPT is None, reason="R is not installed")
@pytest.mark.parametrize("row, problem", [
    ("ann,q,,nan,5,true", "'candidate' is missing"), ("ann,q,,a,5,perhaps", "'is_reference' is 'perhaps'"),
    ("ann,q,,a,five,true", "'rating' is 'five', which is not a number"), ('ann,q,,a,"1,234",true', "may have decimals or thousands")])
def test_r_refuses_what_earshot_refuses(tmp_path, row, problem):
    table(tmp_path / "ratings.csv", f"{HEADER}ann,q,,b,1,false\n{row}\n")
    said = run([RSCRIPT, ANALYSIS / "read.R", tmp_path])
    assert said.returncode != 0 and problem in said.stderr
