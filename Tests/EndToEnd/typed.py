"""Commands from the documents, run as a user would type them."""

import os
import re
import shlex
import signal
import subprocess
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("EARSHOT_BIN", str(REPOSITORY / ".build/release/earshot"))


def blocks(text: str, language: str = "sh") -> list[str]:
    """The code blocks of a page that are in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def words(line: str) -> list[str]:
    """The words of a line that begins with `earshot`, without a trailing comment; an empty list for other lines."""
    found = shlex.split(line, comments=True)
    return found[1:] if found[:1] == ["earshot"] else []


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "EARSHOT_CACHE": str(folder / "cache"), "EARSHOT_HOME": str(REPOSITORY)}


def served(arguments: list[str], folder: Path) -> None:
    """Starts a command that serves, requests the page at the link that it prints, and stops it as Ctrl-C does."""
    with subprocess.Popen(
        [PROGRAM, *arguments], cwd=folder, env=environment(folder), stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            link = next(found[0] for line in server.stdout if (found := re.search(r"http://\S+", line)))
            with urllib.request.urlopen(link.split("#")[0], timeout=30) as page:
                assert page.status == 200
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(timeout=30) == 0


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end, which must be successful. A command that serves is asked for its page and stopped."""
    if arguments[0] in ("preview", "serve"):
        served([*arguments, "--port", "0"], folder)
        return subprocess.CompletedProcess(arguments, 0, "", "")
    done = subprocess.run(
        [PROGRAM, *arguments], cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"earshot {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done
