"""Compares folders of fixtures: the same structure, and numbers that agree to 1e-11 relative. Exits 1 if any differs."""

import json
import math
import pathlib
import sys


def differences(a, b, path):
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        for key in a:
            yield from differences(a[key], b[key], f"{path}.{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{path}[{i}]")
    elif isinstance(a, (int, float)) and isinstance(b, (int, float)):
        if not math.isclose(a, b, rel_tol=1e-11, abs_tol=1e-11):
            yield f"{path}: {a} and now {b}"
    elif a != b:
        yield f"{path}: {a!r} and now {b!r}"


committed, computed = map(pathlib.Path, sys.argv[1:3])
found = 0
for file in sorted(computed.glob("*.json")):
    if not (committed / file.name).exists():
        lines = ["is not committed"]
    else:
        lines = list(differences(*(json.loads((d / file.name).read_text()) for d in (committed, computed)), ""))
    found += len(lines)
    print(f"{file.stem}: {'the same' if not lines else f'{len(lines)} differences'}")
    for line in lines[:5]:
        print(f"  {line}")
sys.exit(1 if found else 0)
