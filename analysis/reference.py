"""Renders the rooms' public declarations as pages with DocC. Their first page is the table of rooms in CONTRIBUTING.md.

usage: reference.py FOLDER-OF-SYMBOL-GRAPHS OUTPUT [PATH-WHERE-IT-IS-HOSTED]
Exits with 1 if DocC warns, or if a room with public declarations has no symbol graph. A list that explains only some of
the parameters is allowed, since only those that need it are explained.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
START = """# Earshot

@Metadata {
  @TechnologyRoot
}

The rooms of the house, as a developer sees them: each imports only rooms below it.

## Topics
"""


def rooms() -> list[tuple[str, str, str]]:
    """Floor, name and description of each room, from the top."""
    text = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    floors, floor = [], ""
    for named, room, story in re.findall(r"^\| (\w*) ?\| `Sources/(\w+)` \| (.+) \|$", text, re.M):
        floor = named or floor
        floors.append((floor, room, story[0].upper() + story[1:] + "."))
    return floors


def main() -> int:
    graphs, output, base = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "/"
    missing = []
    with tempfile.TemporaryDirectory() as name:
        catalog, chosen = Path(name) / "Earshot.docc", Path(name) / "graphs"
        catalog.mkdir()
        chosen.mkdir()
        page, floor = START, ""
        for at, room, story in rooms():
            files = [file for file in graphs.glob("*.symbols.json") if re.split("[@.]", file.name)[0] == room]
            if not files:
                if any(re.search(r"^ *public ", file.read_text(encoding="utf-8"), re.M)
                       for file in (REPOSITORY / "Sources" / room).rglob("*.swift")):
                    missing.append(f"warning: the room {room} has no symbol graph")
                continue
            for file in files:
                shutil.copy(file, chosen)
            if at != floor:
                page += f"\n### {at.capitalize()}\n"
                floor = at
            page += f"- ``/{room}``\n"
            (catalog / f"{room}.md").write_text(f"# ``/{room}``\n\n{story}\n", encoding="utf-8")
        (catalog / "Earshot.md").write_text(page, encoding="utf-8")
        told = subprocess.run(
            ["docc", "convert", str(catalog), "--fallback-display-name", "Earshot", "--fallback-bundle-identifier", "earshot",
             "--additional-symbol-graph-dir", str(chosen), "--output-dir", str(output), "--transform-for-static-hosting",
             "--hosting-base-path", base], capture_output=True, text=True)
    warnings = missing + [
        line for line in (told.stdout + told.stderr).splitlines()
        if re.search("warning: |error: ", line) and not line.endswith("is missing documentation")]
    print("\n".join(warnings + [f"{output}/documentation/earshot/index.html"]))
    return 1 if warnings or told.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
