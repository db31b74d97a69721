"""No function has more than 60 lines unless the comment above it says why it is in one piece."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
MOST = 60

SWIFT = re.compile(
    r"^( *)(?:@\w+(?:\([^)]*\))? )*(?:(?:public|private|internal|fileprivate|package|static|final|mutating|override"
    r"|convenience|class|nonisolated|required|borrowing|consuming|lazy) )*(?:func (\S+?)[(<]|(init)[?(<]"
    # Computed properties, subscripts, and closures that are kept.
    r"|(?:var|let) (\w+)[^{]*\{(?: [\w(), :]+ in)?$|(subscript)\()")
SCRIPT = re.compile(
    r"^( *)(?:export )?(?:default )?(?:static )?(?:async )?(?:function\*? (\w+)|const (\w+) = (?:async )?\([^)]*\) => \{$"
    r"|(?!if|for|while|switch|catch)([#\w]+)\([^)]*\) \{$)")


def functions(text: str, beginning: re.Pattern):
    """The name, the number of lines and the comment above of each function that has more than one line."""
    lines = text.split("\n")
    for first, line in enumerate(lines):
        if not (found := beginning.match(line)):
            continue
        indent, *names = found.groups()
        # It ends at the first closing brace at its own depth with nothing after it. If other code comes before that, it
        # has no body.
        ends = (i for i in range(first, len(lines)) if re.match(indent + r"\}[,;)]*$", lines[i]))
        last = next(ends, first)
        if any(re.match(indent + r"[^\s)}\]{]", between) for between in lines[first + 1:last]):
            continue
        above = first
        while above and re.match(r"\s*(///|//|/?\*|@)", lines[above - 1]):
            above -= 1
        yield next(filter(None, names)), last - first + 1, "\n".join(lines[above:first])


def too_long(folder: str, pattern: str, beginning: re.Pattern) -> list[tuple[str, int]]:
    return [
        (f"{file.name}:{name}", count)
        for file in sorted((REPOSITORY / folder).rglob(pattern))
        for name, count, comment in functions(file.read_text(encoding="utf-8"), beginning)
        if count > MOST and "In one piece:" not in comment]


def test_a_function_is_seen_whole():
    body = "\n".join(["    line()"] * MOST)
    swift = f"  func short() {{\n  }}\n\n  /// In one piece: a table.\n  init?(\n    _ a: Int\n  ) {{\n{body}\n  }}\n"
    kept = f"  static let kept: (Int) -> Void = {{ a in\n{body}\n  }}\n  var told: Int {{\n{body}\n  }}\n"
    assert [(name, count) for name, count, _ in functions(kept, SWIFT)] == [("kept", MOST + 2), ("told", MOST + 2)]
    assert list(functions(swift, SWIFT)) == [("short", 2, ""), ("init", MOST + 4, "  /// In one piece: a table.")]
    script = f"/** Says so. */\nexport async function long(a) {{\n{body}\n}}\n"
    assert list(functions(script, SCRIPT)) == [("long", MOST + 2, "/** Says so. */")]


def test_no_script_has_a_long_function():
    assert too_long("Public/scripts", "*.js", SCRIPT) + too_long("Sources", "*.js", SCRIPT) == []


def test_no_swift_file_has_a_long_function():
    assert too_long("Sources", "*.swift", SWIFT) == []
