"""Compares folders of fixtures. Their structure must be the same, and numbers must agree to 1e-11 relative, or less
closely if they come from an optimiser whose last digits depend on the machine's BLAS. Exits with 1 if any differ."""

import json
import math
import pathlib
import sys


TOLERANCE = {
    "mixed": 1e-4, "satterthwaite": 1e-3, "systems": 1e-3, "systems_reference": 1e-3, "likert": 1e-4, "likert_reference": 1e-4, "maps": 1e-5,
    "triplets": 1e-4, "neighbours": 1e-2, "individual": 1e-4,
    "network": 1e-5,
}  # fmt: skip


def differences(a, b, path, tolerance):
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        for key in a:
            yield from differences(a[key], b[key], f"{path}.{key}", tolerance)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{path}[{i}]", tolerance)
    elif isinstance(a, (int, float)) and isinstance(b, (int, float)):
        if not math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance):
            yield f"{path}: {a} and now {b}"
    elif a != b:
        yield f"{path}: {a!r} and now {b!r}"


committed, computed = map(pathlib.Path, sys.argv[1:3])
found = 0
for file in sorted(computed.glob("*.json")):
    if not (committed / file.name).exists():
        lines = ["is not committed"]
    else:
        pair = [json.loads((folder / file.name).read_text()) for folder in (committed, computed)]
        lines = list(differences(*pair, "", TOLERANCE.get(file.stem, 1e-11)))
    found += len(lines)
    print(f"{file.stem}: {'the same' if not lines else f'{len(lines)} differences'}")
    for line in lines[:5]:
        print(f"  {line}")
sys.exit(1 if found else 0)
