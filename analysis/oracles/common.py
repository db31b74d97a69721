"""Shared by the oracle scripts: where the data is, and how a fixture is written."""

import json
import math
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE / "fixtures"
REFERENCE = pathlib.Path(os.environ.get("EARSHOT_REFERENCE", HERE.parents[2] / "shared" / "reference"))


def clean(value):
    """Converts a value to plain Python, with null for numbers that are not finite, so that the file is valid JSON."""
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write(name, content):
    """Writes one line per case, so that a diff shows which one changed. `ORACLE_OUT` redirects the output for
    comparison."""
    folder = pathlib.Path(os.environ.get("ORACLE_OUT", FIXTURES))
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for key, cases in clean(content).items():
        if isinstance(cases, list) and cases and isinstance(cases[0], dict):
            body = ",\n".join("    " + json.dumps(case) for case in cases)
            parts.append(f"  {json.dumps(key)}: [\n{body}\n  ]")
        else:
            parts.append(f"  {json.dumps(key)}: {json.dumps(cases)}")
    (folder / f"{name}.json").write_text("{\n" + ",\n".join(parts) + "\n}\n")
    print(f"{name}: " + ", ".join(f"{len(c) if isinstance(c, list) else 1} {k}" for k, c in content.items()), file=sys.stderr)
