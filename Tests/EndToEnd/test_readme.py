"""The README's own commands, in their order: what a new user types must work as it is written."""

import os
import re
import shlex
import signal
import subprocess
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("EARSHOT_BIN", str(REPOSITORY / ".build/release/earshot"))
# Of each command only the size is smaller than what a user gets, and ports are free ones.
SMALLER = {
    "new": ["--loops", "4", "--per-class", "8"],
    "preview": ["--port", "0"],
    "serve": ["--port", "0"],
    "simulate": ["--listeners", "6"],
    "power": ["--listeners", "4", "--queries", "4", "--replicates", "1", "--resamples", "100"],
}


def commands() -> list[list[str]]:
    """The `earshot` lines of the README's section on a study of one's own, without their comments."""
    section = (REPOSITORY / "README.md").read_text(encoding="utf-8").split("## Your own study")[1]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert block is not None
    lines = [shlex.split(line, comments=True) for line in block[1].splitlines()]
    return [words[1:] for words in lines if words and words[0] == "earshot"]


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "EARSHOT_CACHE": str(folder / "cache"), "EARSHOT_HOME": str(REPOSITORY)}


def served(words: list[str], folder: Path) -> None:
    """Starts a command that serves, asks for the page at the link that it prints, and ends it as Ctrl-C does."""
    with subprocess.Popen(
        [PROGRAM, *words], cwd=folder, env=environment(folder), stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            link = next(found[0] for line in server.stdout if (found := re.search(r"http://\S+", line)))
            with urllib.request.urlopen(link.split("#")[0], timeout=30) as page:
                assert page.status == 200
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(timeout=30) == 0


def test_the_commands_work_in_their_order(tmp_path):
    verbs = []
    for words in commands():
        verbs.append(words[0])
        words = words + SMALLER.get(words[0], [])
        if words[0] in ("preview", "serve"):
            served(words, tmp_path)
            continue
        done = subprocess.run(
            [PROGRAM, *words], cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"earshot {' '.join(words)}\n{done.stdout}\n{done.stderr}"
        # Nobody has taken part but simulated listeners: their answers are read, and that is said.
        if words[0] in ("export", "analyze"):
            assert "Nobody has taken part yet" in done.stderr
    assert verbs == ["new", "check", "preview", "serve", "simulate", "power", "export", "analyze"]
    for table in ("ratings", "participants", "events", "stimuli", "rankings", "refused"):
        assert (tmp_path / f"my-study/data/simulated/export/{table}.csv").is_file()
    assert "simulated" in (tmp_path / "my-study/data/simulated/findings/report.html").read_text(encoding="utf-8")
