"""The JSON Schemas of study.yaml, analysis.yaml and training settings agree with the program, as far as single keys decide:
ready files are valid by both, and files with one thing wrong are refused by both. Run with
`python -m pytest Tests/EndToEnd/test_schema.py`."""

import json
import os
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("EARSHOT_BIN", REPOSITORY / ".build/release/earshot"))


class Loader(yaml.SafeLoader):
    """Reads YAML as editors do: a date is text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}

WHOLE = """
title: T
languages: [en, de]
texts: {conditions: {kick: {en: kick, de: Bassdrum}}, question: {en: "The {condition}?", de: {file: frage.md}}, finish: {file: "{language}.md"}}
pool: {top_k: 2, anchor_lowpass_hz: none}
trials: {per_participant: all, seed: 7}
consent: {text: {file: c.md}, agree: {en: Yes, de: Ja}}
headphones: {check: no}
block_order: balanced
blocks:
  - {name: one, question: Q, pool: {anchor_lowpass_hz: 500}}
  - name: two
    type: triplet
    question: {en: Q, de: Q}
    break: Rest.
    questionnaire: [{id: ease, kind: scale, text: Easy, min: -2, max: 2, low: no, high: yes}]
questionnaire:
  - {id: name, text: Name, min: 2, max: 40}
  - {id: musician, kind: choice, text: Music, options: [{value: yes, text: Yes}, 2, three]}
  - {id: plays, kind: choices, text: What, options: [a, {value: none, text: None, exclusive: true}], shown_if: {musician: [yes, 2]}}
  - {id: born, kind: date, text: When, min: 1920-01-01, max: none}
finish: {redirect: none}
joining: {keep: [batch], repeats: true}
"""

# One thing wrong in each: which text of WHOLE becomes which, and a word that `check` says about it.
WRONG = [
    ("title: T", "titel: T", "titel"),
    ("title: T", "title: ''", "title"),
    ("languages: [en, de]", "languages: en", "not a list"),
    ("languages: [en, de]", "languages: [en, en]", "occurs twice"),
    ("top_k: 2", "top_k: 99", "top_k"),
    ("top_k: 2", "top_k: two", "top_k"),
    ("top_k: 2", "top_k: 2.5", "top_k"),
    ("top_k: 2", "topk: 2", "topk"),
    ("anchor_lowpass_hz: none", "anchor_lowpass_hz: never", "anchor_lowpass_hz"),
    ("anchor_lowpass_hz: 500", "anchor_lowpass_hz: 5", "anchor_lowpass_hz"),
    ("per_participant: all", "per_participant: 0", "per_participant"),
    ("seed: 7", "seed: -7", "seed"),
    ("consent: {text: {file: c.md}, ", "consent: {", "'consent.text' is missing"),
    ("{file: c.md}", "{file: c.md, en: x}", "neither a text nor a file"),
    ("{file: c.md}", "[a, b]", "not a text"),
    ("check: no", "check: perhaps", "headphones.check"),
    ("block_order: balanced", "block_order: random", "block_order"),
    ("type: triplet", "type: triplets", "there is no trial type"),
    ("name: two", "names: two", "blocks[1].names"),
    ("    question: {en: Q, de: Q}\n", "", "'blocks[1].question' is missing"),
    ("kind: scale", "kind: scales", "questionnaire[0].kind"),
    ("min: -2", "min: low", "questionnaire[0].min"),
    ("{id: name, text: Name", "{id: name", "'questionnaire[0].text' is missing"),
    ("{id: name, text", "{text", "'questionnaire[0].id' is missing"),
    ("exclusive: true", "exclusive: 3", "exclusive"),
    ("exclusive: true", "alone: true", "alone"),
    ("{musician: [yes, 2]}", "musician", "shown_if"),
    ("{musician: [yes, 2]}", "{musician: {a: b}}", "shown_if"),
    ("min: 1920-01-01", "min: 1.1.1920", "questionnaire[3].min"),
    ("repeats: true", "repeats: twice", "joining.repeats"),
    ("joining: {keep: [batch], repeats: true}", "joining: [batch]", "section of keys"),
]


@pytest.fixture(scope="module")
def schema() -> dict:
    told = subprocess.run([str(PROGRAM), "schema"], capture_output=True, text=True, check=True).stdout
    schema = json.loads(told)
    jsonschema.Draft7Validator.check_schema(schema)
    return schema


def faults(schema: dict, text: str) -> list[str]:
    # Unlike YAML itself, this reader accepts no question mark at the end of a plain text in braces.
    read = yaml.load(re.sub(r"\?(?=[,}])", ".", text), Loader)
    return [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(read)]


def problems(folder: Path, text: str) -> list[str]:
    """Checks study.yaml alone: the tables and texts do not exist."""
    folder.mkdir(exist_ok=True)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    told = subprocess.run([str(PROGRAM), "check", str(folder), "--json"], capture_output=True, text=True,
                          env={**os.environ, "EARSHOT_HOME": str(REPOSITORY)}).stdout
    return [one["what"] for one in json.loads(told)["problems"] if one["severity"] == "error" and "there is no " not in one["what"]
            or "key" in one["what"] or "trial type" in one["what"]]


@pytest.mark.parametrize("study", sorted((REPOSITORY / "studies").glob("*/study.yaml")), ids=lambda path: path.parent.name)
def test_ready_studies_are_valid(schema, study):
    assert faults(schema, study.read_text(encoding="utf-8")) == []


def test_what_is_right_is_valid_by_both(schema, tmp_path):
    assert faults(schema, WHOLE) == []
    assert [one for one in problems(tmp_path / "study", WHOLE) if "is missing in" not in one] == []


def test_what_is_wrong_is_refused_by_both(schema, tmp_path):
    for old, new, told in WRONG:
        assert old in WHOLE, old
        text = WHOLE.replace(old, new)
        assert faults(schema, text) != [], new
        assert any(told in one for one in problems(tmp_path / "study", text)), (new, problems(tmp_path / "study", text))


def test_every_key_is_told_with_its_meaning_and_default(schema):
    def look(one: dict, path: str) -> int:
        below = one.get("properties", {})
        if "items" in one:
            below = {**below, **one["items"].get("properties", {})}
        for name, key in below.items():
            assert key["description"], f"{path}.{name}"
        return len(below) + sum(look(key, f"{path}.{name}") for name, key in below.items())

    assert look(schema, "") > 100
    pool = schema["properties"]["pool"]["properties"]
    assert pool["top_k"]["default"] == 3 and pool["top_k"]["maximum"] == 50
    assert pool["hidden_reference"]["default"] is True
    assert schema["properties"]["languages"]["default"] == ["en"]
    assert schema["required"] == ["title", "consent"]
    block = schema["properties"]["blocks"]["items"]["properties"]
    assert {"similarity", "triplet"} <= set(block["type"]["enum"])
    # A block inherits from the study what it does not state, so the schema gives no default there.
    assert "default" not in block["pool"]["properties"]["top_k"]
    documented = set(re.findall(r"^\| `(\w+)` \|", (REPOSITORY / "docs/study.md").read_text(encoding="utf-8"), re.MULTILINE))
    said = json.dumps(schema)
    assert all(f'"{name}"' in said for name in documented)


PLAN = "screening: {apply: [catches], speed: {share: 0.5}}\npooling: {top_k: 2}\nscale: [1, 7]\nstopping: {listeners: 8}\n"
WRONG_PLAN = ["metric: ndcg", "top_k: many", "scale: [1, 2, 3]", "columns: {participnt: a}", "pooling: {random_fillers: 2}",
              "screening: {apply: [taste]}", "verdict: {margin: -1}", "models: {linear: always}", "metrik: spearman"]


def test_plans_are_valid_by_the_schema_of_analysis_yaml_as_by_check(tmp_path):
    def run(*command: str) -> str:
        return subprocess.run([str(PROGRAM), *command], capture_output=True, text=True,
                              env={**os.environ, "EARSHOT_HOME": str(REPOSITORY)}).stdout

    schema = json.loads(run("schema", "analysis"))
    jsonschema.Draft7Validator.check_schema(schema)
    ready = [plan.read_text(encoding="utf-8") for plan in (REPOSITORY / "studies").glob("*/analysis.yaml")]
    for right in [run("analyze", "--print-plan"), PLAN, *ready]:
        assert faults(schema, right) == [], right
    study = tmp_path / "study"
    study.mkdir()
    (study / "study.yaml").write_text(WHOLE, encoding="utf-8")
    for wrong in WRONG_PLAN:
        assert faults(schema, wrong) != [], wrong
        (study / "analysis.yaml").write_text(wrong + "\n", encoding="utf-8")
        told = json.loads(run("check", str(study), "--json"))["problems"]
        assert [one for one in told if one["severity"] == "error" and "analysis.yaml" in json.dumps(one)] != [], (wrong, told)


WRONG_SETTINGS = ["batch: 1", "kind: conditionl", "mel: {hopp: 3}", "mixing: {bits: [8]}", "mixing: {songs: 1.5}",
                  "length: {steps: 1, minutes: 2}", "shape: {blocks: {channels: 8}}", "objective: {loss: none}", "seed: -1", "[]"]


def test_settings_of_a_training_are_valid_by_their_schema_as_by_train(tmp_path):
    def run(*command: str) -> subprocess.CompletedProcess:
        return subprocess.run([str(PROGRAM), *command], capture_output=True, text=True,
                              env={**os.environ, "EARSHOT_HOME": str(REPOSITORY)})

    schema = json.loads(run("schema", "training").stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    kinds = [run("train", "--kind", kind, "--print-settings").stdout for kind in schema["properties"]["kind"]["enum"]]
    ready = [file.read_text(encoding="utf-8") for file in (REPOSITORY / "analysis/retrieval").glob("*.json")]
    assert len(kinds) == 5 and len(ready) > 5
    file = tmp_path / "settings.yaml"
    for right in [*kinds, *ready, "# nothing else\nlength: {minutes: 90}\n"]:
        file.write_text(right, encoding="utf-8")
        assert run("train", "--settings", str(file), "--print-settings").returncode == 0
        assert faults(schema, right) == [], right
    for wrong in WRONG_SETTINGS:
        file.write_text(wrong, encoding="utf-8")
        told = run("train", "--settings", str(file), "--print-settings")
        assert told.returncode == 1 and f"{file}:1:" in told.stderr, told.stderr
        assert faults(schema, wrong) != [], wrong
