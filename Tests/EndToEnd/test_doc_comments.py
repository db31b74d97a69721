"""Every public declaration has a doc comment. What fulfils a protocol requirement has it at the protocol, and an
initialiser that only sets properties has it at these."""

import re
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "Sources"
# Requirements of the standard library's protocols, and what string interpolation calls.
KNOWN = {
    "==", "<", "encode", "hash", "next", "makeIterator", "appendLiteral", "appendInterpolation", "StringInterpolation",
    "description", "errorDescription", "id", "rawValue", "allCases", "body",
    "init from", "init stringLiteral", "init stringInterpolation", "init literalCapacity"}
WORDS = r"(?:(?:public|package|private|internal|fileprivate|nonisolated|required|convenience|static|final|mutating|nonmutating|override|indirect|lazy|class)(?:\(set\))? )*"
DECLARATION = re.compile(
    rf"^\s*(?:@\w+(?:\([^)]*\))? )*public {WORDS}(struct|class|enum|func|protocol|subscript|actor|var|let|init)\b ?`?(\w+|[=<+-]+)?")
PROPERTY = re.compile(rf"\s*(?:@\w+(?:\([^)]*\))? )*{WORDS}(?:var|let) (.*)")


def lines_of(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def is_documented(lines: list[str], place: int) -> bool:
    above = place - 1
    while above >= 0 and re.match(r"\s*@", lines[above]):
        above -= 1
    return above >= 0 and lines[above].strip().startswith("///")


def parameters(lines: list[str], place: int) -> list[tuple[str, str]]:
    """The label and the name of each parameter of the function or initialiser that begins at a line."""
    text, depth, parts = " ".join(line.strip() for line in lines[place:place + 40]), 0, [""]
    for letter in text[text.index("(") + 1:]:
        if letter in ")]}>" and depth == 0:
            break
        depth += (letter in "([{<") - (letter in ")]}>")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    words = [part.split(":")[0].split() for part in parts if part.strip()]
    return [(word[0], word[-1]) for word in words]


def name_of(lines: list[str], place: int, found: re.Match) -> str:
    """What a protocol would require; initialisers are told apart by their first label."""
    if found[1] != "init":
        return found[2] or found[1]
    return "init " + next((label for label, _ in parameters(lines, place)), "")


def only_sets_properties(lines: list[str], place: int) -> bool:
    """Whether an initialiser cannot fail and has a property for each parameter, in whose comments all is said."""
    head = " ".join(lines[place:place + 40]).split("{")[0]
    properties = {name for line in lines if (found := PROPERTY.match(line)) for name in re.findall(r"(\w+)`?(?=\s*[:=,])", found[1])}
    return "throws" not in head and "init?" not in head and {name for _, name in parameters(lines, place)} <= properties


def required() -> set[str]:
    """The names of what protocols require and document."""
    names = set()
    for file in SOURCES.rglob("*.swift"):
        lines, indent = lines_of(file), None
        for place, line in enumerate(lines):
            if found := re.match(r"(\s*)(?:\w+ )*protocol \w+", line):
                indent = None if line.rstrip().endswith("}") else found[1]
            elif indent is not None and line == indent + "}":
                indent = None
            elif indent is not None and (found := re.match(r"\s*(?:static |mutating )*(func|var|init)\b\??\s?(\w+)?", line)):
                if is_documented(lines, place):
                    names.add(name_of(lines, place, found))
    return names


def test_every_public_declaration_says_what_it_means():
    known = KNOWN | required()
    missing = [
        f"{file.relative_to(SOURCES)}:{place + 1}: {line.strip()}"
        for file in sorted(SOURCES.rglob("*.swift")) for lines in [lines_of(file)] for place, line in enumerate(lines)
        if (found := DECLARATION.match(line)) and not is_documented(lines, place)
        and name_of(lines, place, found) not in known
        and not (found[1] == "init" and only_sets_properties(lines, place))]
    assert missing == []
