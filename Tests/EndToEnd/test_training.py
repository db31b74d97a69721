"""A small training, from sounds to a ranking, with the commands that a researcher types.

The program with libtorch trains on synthesised sounds, is killed and resumes. The program without libtorch must be able
to rank with the model. Run with `python -m pytest Tests/EndToEnd/test_training.py`; EARSHOT_BIN and EARSHOT_TRAIN_BIN
name the programs without libtorch and with it (default: the release build, and that of `make train`).
"""

import csv
import json
import os
import random
import re
import resource
import signal
import struct
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("EARSHOT_BIN", REPOSITORY / ".build/release/earshot"))
# Small enough for a minute on two cores, large enough to be far better than chance.
SETTINGS = {
    "mel": {"size": 1024, "hop": 512, "mels": 40, "hitFrames": 40, "mean": 0, "deviation": 1},
    "shape": {
        "blocks": [
            {"channels": c, "kernelHeight": 3, "kernelWidth": 3, "strideHeight": 2, "strideWidth": w}
            for c, w in ((8, 2), (16, 1), (24, 1))
        ],
        "hidden": 48, "embedding": 48},
    "batch": 24, "bank": 160, "fresh": 8, "warmup": 20, "patience": 0,
}
STEPS = 120


TRAINER = Path(os.environ.get("EARSHOT_TRAIN_BIN", REPOSITORY / ".build-train/release/earshot"))


@pytest.fixture(scope="session")
def trainer() -> Path:
    """The program with libtorch, which is built if it is missing."""
    if not TRAINER.exists():
        done = subprocess.run(
            ["swift", "build", "-c", "release", "--product", "earshot", "--traits", "LibTorch", "--scratch-path",
             ".build-train"], cwd=REPOSITORY, capture_output=True, text=True, timeout=1200)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return TRAINER


def run(program: Path, *words: str | Path, cache: Path, fails: bool = False) -> str:
    done = subprocess.run(
        [str(program), *map(str, words)], capture_output=True, text=True, timeout=600,
        env={**os.environ, "EARSHOT_CACHE": str(cache), "EARSHOT_HOME": str(REPOSITORY)})
    assert (done.returncode != 0) == fails, f"earshot {' '.join(map(str, words))}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def rows(file: Path) -> list[dict[str, str]]:
    with open(file, newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> Path:
    """Synthesised one-shots, split by group, and validation mixes."""
    folder = tmp_path_factory.mktemp("world")
    cache = folder / "cache"
    run(PROGRAM, "library", "build", "--set", "synth", "--per-class", "36", "--out", folder / "library", cache=cache)
    table = rows(folder / "library/library.csv")
    groups = sorted({(r["condition"], r["group"]) for r in table})
    random.Random(1).shuffle(groups)
    held = {}
    for i, group in enumerate(groups):
        held[group] = "validation" if i % 4 == 0 else "test" if i % 8 == 1 else "train"
    with open(folder / "library/library.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, [*(k for k in table[0] if k != "split"), "split"])
        out.writeheader()
        for row in table:
            out.writerow({**row, "split": held[row["condition"], row["group"]]})
    run(PROGRAM, "mix", "--library", folder / "library", "--split", "validation", "--count", "16", "--seed", "3",
        "--out", folder / "validation", cache=cache)
    (folder / "settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    return folder


def words(world: Path, model: Path, *more: str) -> list[str]:
    return [str(word) for word in (
        "train", "--library", world / "library", "--mixes", world / "validation", "--settings", world / "settings.json",
        "--backings", "12", "--backing-store", world / "backings", "--steps", STEPS, "--validate-every", "40",
        "--threads", "1", "--seed", "5", "--out", model, *more)]


@pytest.fixture(scope="session")
def trained(trainer, world) -> tuple[Path, str]:
    model = world / "model.safetensors"
    return model, run(trainer, *words(world, model), cache=world / "cache")


def milestones(log: str) -> list[tuple[int, float, float]]:
    """Step, loss and validation MRR of each validation."""
    found = re.findall(r"^step +(\d+)  loss ([\d.]+)  validation MRR ([\d.]+)", log, re.MULTILINE)
    return [(int(step), float(loss), float(mrr)) for step, loss, mrr in found]


def test_the_loss_falls_and_validation_beats_chance(trained):
    _, log = trained
    course = milestones(log)
    chance = float(re.search(r"chance MRR ([\d.]+)", log)[1])
    assert [step for step, _, _ in course] == [40, 80, 120]
    assert course[-1][1] < 0.9 * course[0][1]
    assert max(mrr for _, _, mrr in course) > 1.8 * chance


def test_the_written_file_gives_what_was_trained(trained):
    _, log = trained
    found = re.search(r"embeddings differ by at most ([\d.e+-]+), (\d+) rankings are the same", log)
    assert found, log
    assert float(found[1]) <= 1e-4
    assert int(found[2]) == 48


def test_the_card_tells_data_and_limits(trained):
    card = trained[0].with_suffix(".md").read_text(encoding="utf-8")
    for heading in ("## Data", "## Recipe", "## Validation", "## Limits", "## Use"):
        assert heading in card
    with open(trained[0], "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        configuration = json.loads(json.loads(file.read(length))["__metadata__"]["configuration"])
    assert configuration["dataFingerprint"] in card
    assert configuration["seed"] == 5


def test_a_training_on_songs_is_validated_by_mixes_of_several_tables(trainer, world):
    model = world / "songs.safetensors"
    songs = json.loads((REPOSITORY / "analysis/retrieval/songs.json").read_text(encoding="utf-8"))
    (world / "songs.json").write_text(json.dumps({**SETTINGS, "bank": 24, **songs}), encoding="utf-8")
    log = run(trainer, *words(
        world, model, "--mixes", world / "validation", "--settings", world / "songs.json", "--steps", "4",
        "--validate-every", "2"), cache=world / "cache")
    assert "96 validation queries" in log
    assert [step for step, _, _ in milestones(log)] == [2, 4]
    assert model.exists()


def started(trainer: Path, world: Path, arguments: list[str], **more) -> subprocess.Popen:
    return subprocess.Popen(
        [str(trainer), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "EARSHOT_CACHE": str(world / "cache"), "EARSHOT_HOME": str(REPOSITORY)}, **more)


def test_a_stopped_and_killed_training_goes_on_to_the_same_model(trainer, trained, world):
    model, log = trained
    other = world / "killed.safetensors"
    arguments = words(world, other, "--checkpoint-every", "0")
    process = started(trainer, world, arguments)
    next(line for line in process.stderr if line.startswith("step     40"))
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--resume" in said
    process = started(trainer, world, [*arguments, "--resume"])
    next(line for line in process.stderr if line.startswith("step     80"))
    process.kill()
    process.communicate()
    assert not other.exists()
    rest = run(trainer, *arguments, "--resume", cache=world / "cache")
    assert "Continuing after step" in rest
    assert milestones(rest)[-1] == milestones(log)[-1]
    assert tensors(other) == tensors(model)
    assert not other.with_suffix(".safetensors.checkpoint").exists()


def test_a_full_disk_is_told_and_the_last_checkpoint_stays(trainer, world):
    model = world / "full.safetensors"
    checkpoint = world / "full.safetensors.checkpoint"
    arguments = words(world, model, "--checkpoint-every", "0")
    process = started(trainer, world, arguments)
    next(line for line in process.stderr if line.startswith("step     40"))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    last = checkpoint.read_bytes()

    def small_files():
        # As on a full disk, a write is cut short.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    process = started(trainer, world, [*arguments, "--resume"], preexec_fn=small_files)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "the checkpoint could not be written completely" in said and "--resume" in said
    assert checkpoint.read_bytes() == last
    assert not [file for file in world.iterdir() if file.name.endswith(".part")]
    said = run(trainer, *arguments, cache=world / "cache", fails=True)
    assert "checkpoint of an interrupted training here" in said and "--resume" in said
    assert checkpoint.read_bytes() == last


def test_the_command_line_counts_more_than_a_settings_file(world, tmp_path):
    def printed(stated: dict, *more: str) -> dict:
        (tmp_path / "k.json").write_text(json.dumps(stated), encoding="utf-8")
        said = run(PROGRAM, "train", "--settings", tmp_path / "k.json", *more, "--print-settings", cache=world / "cache")
        return json.loads(said)

    def kind_and_name(settings: dict) -> tuple[str, str]:
        return settings["kind"], settings["name"]

    assert kind_and_name(printed({"kind": "joint"})) == ("joint", "joint")
    assert kind_and_name(printed({"kind": "joint"}, "--kind", "per-class")) == ("per-class", "per-class")
    assert kind_and_name(printed({"kind": "joint", "name": "mine"}, "--kind", "per-class")) == ("per-class", "mine")
    whole = printed({"kind": "joint"}, "--seed", "3")
    assert kind_and_name(printed(whole, "--kind", "conditional")) == ("conditional", "conditional")
    assert printed(whole)["seed"] == 3 and printed(whole, "--seed", "4")["seed"] == 4


def test_what_cannot_be_trained_is_told_before_anything_is_made(trainer, world):
    said = run(trainer, *words(world, world / "none.safetensors", "--name", "My Model"), cache=world / "cache", fails=True)
    assert "this cannot be trained" in said and "My Model" in said
    assert "first mixes" not in said and "loops" not in said


def tensors(file: Path) -> bytes:
    """The file without its header, which contains the duration of the training."""
    data = file.read_bytes()
    length, = struct.unpack("<Q", data[:8])
    return data[8 + length:]


def test_the_program_without_libtorch_ranks_with_it(trained, world):
    """The mean reciprocal rank that the trainer reported agrees with the distances of the ranking command."""
    out = world / "rankings.csv"
    run(PROGRAM, "rank", "--library", world / "library", "--mixes", world / "validation", "--model", trained[0],
        "--out", out, cache=world / "cache")
    split = {r["candidate"]: r["split"] for r in rows(world / "library/library.csv")}
    reference = {(r["query"], r["condition"]): r["reference"] for r in rows(world / "validation/mixes.csv")}
    ranks: dict[tuple[str, str], int] = {}
    for row in rows(out):
        key = row["query"], row["condition"]
        if split[row["candidate"]] == "validation" and not ranks.get(key, 0) < 0:
            ranks[key] = ranks.get(key, 0) + 1
            if row["candidate"] == reference[key]:
                ranks[key] = -ranks[key]
    found = sum(-1 / rank for rank in ranks.values()) / len(ranks)
    reported = max(mrr for _, _, mrr in milestones(trained[1]))
    # The trainer's pool holds the other classes too, so its ranks are equal or worse.
    assert all(rank < 0 for rank in ranks.values())
    assert found >= reported - 5e-4


@pytest.mark.skipif(PROGRAM == TRAINER, reason="the program that is tried has libtorch")
def test_the_program_without_libtorch_says_how_to_train(world):
    said = run(PROGRAM, *words(world, world / "none.safetensors"), cache=world / "cache", fails=True)
    assert "make train" in said and "--traits LibTorch" in said


def test_what_is_missing_is_told(trainer, world):
    cache = world / "cache"
    unsplit = world / "unsplit"
    run(PROGRAM, "library", "build", "--set", "synth", "--per-class", "4", "--out", unsplit, cache=cache)
    for library, mixes, expected in (
        (world / "nowhere", world / "validation", "no library"),
        (unsplit, world / "validation", "not split"),
        (world / "library", world / "nowhere", "no mixes"),
    ):
        said = run(trainer, "train", "--library", library, "--mixes", mixes, "--out", world / "x.safetensors", cache=cache,
                   fails=True)
        assert expected in said, said
