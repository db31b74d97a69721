"""Runs every tutorial's commands as they are written: `make tutorials`. It takes minutes, so `make test` only checks
them without running them."""

import subprocess

import pytest
import typed

TUTORIALS = sorted((typed.REPOSITORY / "docs/tutorials").glob("*.md"))


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_commands(page, tmp_path):
    for block in typed.blocks(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if words := typed.words(line):
                typed.run(words, tmp_path)
            elif line.strip():
                subprocess.run(["bash", "-ec", line], cwd=tmp_path, check=True, timeout=60)
