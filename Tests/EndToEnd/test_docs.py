"""The documents can be followed: links lead somewhere, commands and their options exist, YAML is valid YAML, the
notebook is valid Python, and the site builds without warnings."""

import ast
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typed
import yaml

REPOSITORY = typed.REPOSITORY
DOCS = sorted((REPOSITORY / "docs").rglob("*.md"))
PAGES = sorted(REPOSITORY.glob("*.md")) + DOCS + sorted((REPOSITORY / "studies").glob("*/README.md"))


def prose(text: str) -> str:
    """A page without its code blocks."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE))


def anchors(text: str) -> set[str]:
    """The anchor of a heading, as GitHub and the site make it."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page):
    text = prose(page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{target}: there is no such file"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file.read_text(encoding="utf-8")), f"{target}: there is no such heading"


@pytest.fixture(scope="module")
def commands() -> dict[tuple[str, ...], set[str]]:
    """Every command by its words, with its options, as the program itself lists them."""
    told = subprocess.run([typed.PROGRAM, "--experimental-dump-help"], capture_output=True, text=True, check=True).stdout
    found: dict[tuple[str, ...], set[str]] = {}

    def add(command: dict, above: tuple[str, ...]) -> None:
        options = set()
        for argument in command.get("arguments", []):
            for name in argument.get("names", []):
                options.add({"long": "--", "short": "-", "longWithSingleDash": "-"}[name["kind"]] + name["name"])
        found[above] = options | {"--help", "-h"}
        for sub in command.get("subcommands", []):
            add(sub, (*above, sub["commandName"]))

    add(json.loads(told)["command"], ())
    return found


def written() -> list[tuple[str, str]]:
    """Every line of a code block that begins with `earshot`, with its page."""
    lines = []
    for page in PAGES:
        for block in re.findall(r"^```(?:sh)?\n(.*?)^```|((?:^ {4}\S.*\n)+)", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            for line in "".join(block).splitlines():
                if re.match(r" *earshot [a-z]", line):
                    lines.append((str(page.relative_to(REPOSITORY)), line.strip()))
    return lines


def test_commands_and_options_exist(commands):
    wrong = []
    for page, line in written():
        words = shlex.split(re.sub(r"\s(#|\().*", "", line).replace("…", ""))[1:]
        command: tuple[str, ...] = ()
        while words and (*command, words[0]) in commands:
            command = (*command, words.pop(0))
        unknown = [word for word in words if re.match(r"--?[a-z]", word) and word.split("=")[0] not in commands[command]]
        if command == () or unknown:
            wrong.append(f"{page}: {line} ({', '.join(unknown) or 'no such command'})")
    assert wrong == []
    assert len(written()) > 60


def test_the_page_of_the_http_interface_is_as_the_program_says():
    told = subprocess.run([typed.PROGRAM, "openapi"], capture_output=True, check=True).stdout
    page = subprocess.run(
        [sys.executable, REPOSITORY / "analysis/http_page.py"], input=told, capture_output=True, check=True).stdout
    assert page.decode() == (REPOSITORY / "docs/http.md").read_text(encoding="utf-8"), "write it with: earshot openapi | python3 analysis/http_page.py > docs/http.md"


def test_yaml_is_yaml():
    for page in PAGES:
        for block in typed.blocks(page.read_text(encoding="utf-8"), "yaml"):
            # With libyaml, as Earshot reads it.
            assert yaml.load(block, Loader=yaml.CSafeLoader) is not None, f"{page}\n{block}"


def test_the_notebook_is_python_and_names_what_is_there():
    cells = json.loads((REPOSITORY / "analysis/start.ipynb").read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    functions = {node.name for node in ast.walk(ast.parse((REPOSITORY / "analysis/read.py").read_text(encoding="utf-8")))
                 if isinstance(node, ast.FunctionDef)}
    used = {node.attr for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "read"}
    assert used and used <= functions
    assert all(cell.get("outputs", []) == [] for cell in cells), "clear the outputs before committing"


def test_the_site_is_built_without_a_warning_and_has_every_page():
    settings = tomllib.loads((REPOSITORY / "zensical.toml").read_text(encoding="utf-8"))["project"]

    def pages(entries: list) -> set[str]:
        found: set[str] = set()
        for entry in entries:
            for value in entry.values():
                found |= pages(value) if isinstance(value, list) else {value}
        return found

    assert pages(settings["nav"]) == {str(page.relative_to(REPOSITORY / "docs")) for page in DOCS}
    built = subprocess.run(
        [Path(sys.executable).with_name("zensical"), "build", "--strict", "--clean"], cwd=REPOSITORY,
        capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stdout + built.stderr
