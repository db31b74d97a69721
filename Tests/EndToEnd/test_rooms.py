"""Package.swift names exactly what each target imports, and the table in CONTRIBUTING is in an order in which rooms
import only those below."""

import json
import re
import subprocess
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
# Modules that come with Swift, and one that only tests import.
SYSTEM = {"Dispatch", "Foundation", "FoundationNetworking", "FoundationXML", "Glibc", "RegexBuilder", "Synchronization",
          "Testing"}
# Modules of a package that does not offer them as products.
WITHIN = {"CYaml"}


@pytest.fixture(scope="module")
def targets(tmp_path_factory) -> dict[str, dict]:
    package = subprocess.run(
        ["swift", "package", "--scratch-path", str(tmp_path_factory.mktemp("package")), "dump-package"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=300)
    return {t["name"]: t for t in json.loads(package.stdout)["targets"]}


def named(target: dict) -> set[str]:
    return {next(iter(dependency.values()))[0] for dependency in target["dependencies"]}


def imported(target: dict) -> set[str]:
    folder = target.get("path") or ("Tests/" if target["type"] == "test" else "Sources/") + target["name"]
    pattern = re.compile(r"^(?:@\w+ |public |package |internal )*import (?:(?:struct|class|enum|func|protocol|var) )?(\w+)", re.M)
    found: set[str] = set()
    for file in (REPOSITORY / folder).rglob("*.swift"):
        found |= set(pattern.findall(file.read_text(encoding="utf-8")))
    return found - SYSTEM - WITHIN


def test_the_package_names_what_is_imported(targets):
    wrong = {}
    for name, target in targets.items():
        if target["type"] == "system":
            continue
        wanted = imported(target)
        if named(target) != wanted:
            wrong[name] = {"unused": sorted(named(target) - wanted), "undeclared": sorted(wanted - named(target))}
    assert wrong == {}


def test_the_table_has_every_room_and_each_imports_only_what_stands_below(targets):
    table = re.findall(r"^\|[^|]*\| `Sources/(\w+)`", (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.M)
    rooms = [name for name, t in targets.items() if t["type"] in ("regular", "executable") and not t.get("path")]
    cellar = {name for name in rooms if re.match(r"C[A-Z]", name)}
    assert sorted(table) == sorted(set(rooms) - cellar)
    above = {
        f"{room} imports {other}, which stands above it"
        for place, room in enumerate(table) for other in named(targets[room]) if other in table[:place]}
    assert above == set()


DECLARED = re.compile(r"^(?:(?:package|public|final|indirect) )*(?:struct|enum|class|protocol|actor) (\w+)", re.M)


@pytest.mark.parametrize("room", sorted({folder.parent for folder in (REPOSITORY / "Sources").glob("*/*/")}),
                         ids=lambda room: room.name)
def test_the_folders_of_a_room_stack(room):
    """The folders of a room do not depend on one another in a cycle, judging by the types that they name. Files in no
    folder may use all."""
    texts = {file: re.sub(r'//.*|"(?:\\.|[^"\\])*"', "", file.read_text(encoding="utf-8")) for file in room.glob("*/**/*.swift")}
    home = {name: file.relative_to(room).parts[0] for file, text in texts.items() for name in DECLARED.findall(text)}
    below: dict[str, set[str]] = {}
    for file, text in texts.items():
        folder = file.relative_to(room).parts[0]
        below.setdefault(folder, set()).update(
            home[word] for word in re.findall(r"\b[A-Z]\w+\b", text) if home.get(word, folder) != folder)
    TopologicalSorter(below).prepare()


def test_a_c_library_is_called_in_one_room(targets):
    cellar = {name for name in targets if re.match(r"C[A-Z]", name)}
    callers = {
        library: sorted(name for name, t in targets.items() if t["type"] != "test" and library in named(t)) for library in cellar}
    assert cellar and {library: rooms for library, rooms in callers.items() if len(rooms) != 1} == {}


def test_no_two_types_have_one_name():
    homes: dict[str, set[str]] = {}
    for file in (REPOSITORY / "Sources").rglob("*.swift"):
        for name in DECLARED.findall(file.read_text(encoding="utf-8")):
            homes.setdefault(name, set()).add(str(file.relative_to(REPOSITORY)))
    assert {name: sorted(files) for name, files in homes.items() if len(files) > 1} == {}
