"""The README's commands work in their order, as a new user types them."""

import typed

# Only sizes are smaller than in the README.
SMALLER = {
    "new": ["--loops", "4", "--per-class", "8"],
    "simulate": ["--listeners", "6"],
    "power": ["--listeners", "4", "--queries", "4", "--replicates", "1", "--resamples", "100"],
}


def commands() -> list[list[str]]:
    """The `earshot` lines of the README's section on making a study."""
    section = (typed.REPOSITORY / "README.md").read_text(encoding="utf-8").split("## Your own study")[1]
    return [words for line in typed.blocks(section)[0].splitlines() if (words := typed.words(line))]


def test_the_commands_work_in_their_order(tmp_path):
    verbs = []
    for words in commands():
        verbs.append(words[0])
        done = typed.run(words + SMALLER.get(words[0], []), tmp_path)
        # Only simulated listeners have taken part: their answers are used, and a message says so.
        if words[0] in ("export", "analyze"):
            assert "Nobody has taken part yet" in done.stderr
    assert verbs == ["new", "check", "preview", "serve", "simulate", "power", "export", "analyze"]
    for table in ("ratings", "participants", "events", "stimuli", "rankings", "refused"):
        assert (tmp_path / f"my-study/data/simulated/export/{table}.csv").is_file()
    assert "simulated" in (tmp_path / "my-study/data/simulated/findings/report.html").read_text(encoding="utf-8")
