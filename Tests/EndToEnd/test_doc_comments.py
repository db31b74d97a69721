"""Every public type, function and subscript has a doc comment. What fulfils a protocol requirement has it at the
protocol."""

import re
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "Sources"
# Requirements of the standard library's protocols, and what string interpolation calls.
KNOWN = {"==", "<", "encode", "hash", "next", "makeIterator", "appendLiteral", "appendInterpolation", "StringInterpolation"}
DECLARATION = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))? )*public (?:(?:static|final|mutating|nonmutating|override|indirect|lazy|class) )*"
    r"(struct|class|enum|func|protocol|subscript|actor) ?(\w+|[=<+-]+)?")


def lines_of(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def is_documented(lines: list[str], place: int) -> bool:
    above = place - 1
    while above >= 0 and re.match(r"\s*@", lines[above]):
        above -= 1
    return above >= 0 and lines[above].strip().startswith("///")


def required() -> set[str]:
    """The names of functions that protocols require and document."""
    names = set()
    for file in SOURCES.rglob("*.swift"):
        lines, indent = lines_of(file), None
        for place, line in enumerate(lines):
            if found := re.match(r"(\s*)(?:\w+ )*protocol \w+", line):
                indent = None if line.rstrip().endswith("}") else found[1]
            elif indent is not None and line == indent + "}":
                indent = None
            elif indent is not None and (found := re.match(r"\s*(?:static |mutating )*func (\w+)", line)) and is_documented(lines, place):
                names.add(found[1])
    return names


def test_every_public_declaration_says_what_it_means():
    known = KNOWN | required()
    missing = [
        f"{file.relative_to(SOURCES)}:{place + 1}: {line.strip()}"
        for file in sorted(SOURCES.rglob("*.swift")) for lines in [lines_of(file)] for place, line in enumerate(lines)
        if (found := DECLARATION.match(line)) and found[2] not in known and not is_documented(lines, place)]
    assert missing == []
