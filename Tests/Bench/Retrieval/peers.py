"""Compares the speed of the building blocks of retrieval with peers: same run, same data, and the same results.

usage: peers.py PATH_OF_RetrievalBench [SECTION ...]

Sections are encode, logmel, search and rank, which run if none is named, and approximate, which docs/scale.md quotes.
All programs run several times in turn, and the best time of each counts, so that other load on the machine affects all
alike. Prints tables in Markdown.
"""

import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import faiss
import librosa
import numpy as np
import threadpoolctl

BINARY = sys.argv[1]
SECTIONS = sys.argv[2:] or ["encode", "logmel", "search", "rank"]
HERE = pathlib.Path(__file__).resolve().parent
TORCH = ["/usr/bin/python3", str(HERE / "network.py")]
TURNS = 3
random = np.random.default_rng(1)
cores = os.cpu_count()


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def earshot(*words):
    return json.loads(run(BINARY, *words))


def best(body, rounds=3):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return min(times)


def version(package):
    return f"{package} {importlib.metadata.version(package)}"


def table(title, head, rows):
    print(f"### {title}\n\n| {' | '.join(head)} |\n|---|{'--:|' * (len(head) - 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def encode(folder):
    run(*TORCH, folder, "write")
    ours, theirs = {}, {}
    for _ in range(TURNS):
        figures = earshot("encode", folder)
        difference = figures.pop("difference")
        assert difference < 1e-4, f"the embeddings differ by {difference}"
        for key, seconds in figures.items():
            ours[key] = min(seconds, ours.get(key, 9))
        for key, (seconds, batch) in json.loads(run(*TORCH, folder, "time")).items():
            theirs[key] = min((seconds, batch), theirs.get(key, (9, 0)))
    names = {"60": "a one-shot of 0.6 s", "600": "a mix of 6 s"}
    rows = []
    for key, seconds in sorted(ours.items(), reverse=True):
        threads, frames = key.split()
        peer, batch = theirs[key]
        rows.append(
            [
                f"{names[frames]}, {'one thread' if threads == 'one' else f'{cores} threads'}",
                f"{seconds * 1e3:.3f} ms", f"{peer * 1e3:.3f} ms (batches of {batch})", f"{peer / seconds:.2f}",
            ]  # fmt: skip
        )
    torch = run("/usr/bin/python3", "-c", "import torch; print(torch.__version__)").strip().split("+")[0]
    title = f"Encoding: embeddings of log-mel images; libtorch {torch} at its best of batches of 1, 8 and 32"
    table(title, ["what", "Earshot", "libtorch", "times as fast"], rows)


def logmel(folder):
    samples = (random.normal(size=441_000) * 0.1).astype(np.float32)
    samples.tofile(folder / "samples.f32")
    rows = []
    for size, hop, mels in ((2048, 441, 96), (1024, 256, 64), (2048, 512, 128)):

        def peer():
            power = librosa.feature.melspectrogram(
                y=samples, sr=44100, n_fft=size, hop_length=hop, n_mels=mels, fmin=20, fmax=18000, pad_mode="constant"
            )
            return np.log(np.maximum(power, 1e-5))

        ours = theirs = 9.0
        with threadpoolctl.threadpool_limits(1):
            right = peer()
            for _ in range(TURNS):
                ours = min(ours, earshot("logmel", folder, size, hop, mels)["seconds"])
                theirs = min(theirs, best(peer, 5))
        image = np.fromfile(folder / "image.f32", np.float32).reshape(mels, -1)
        assert np.abs(image - right).max() < 2e-3, np.abs(image - right).max()
        rows.append(
            [f"{mels} bands, frames of {size} every {hop}", f"{ours * 1e3:.2f} ms", f"{theirs * 1e3:.2f} ms",
             f"{theirs / ours:.1f}"]  # fmt: skip
        )
    title = f"Log-mel images of 10 s at 44.1 kHz, one thread; {version('librosa')}"
    table(title, ["what", "Earshot", "librosa", "times as fast"], rows)


def search(folder):
    count, dimensions, queries = 1_000_000, 96, 100
    vectors = random.normal(size=(count, dimensions)).astype(np.float32)
    asked = random.normal(size=(queries, dimensions)).astype(np.float32)
    vectors.tofile(folder / "vectors.f32")
    asked.tofile(folder / "queries.f32")
    index = faiss.IndexFlatL2(dimensions)
    index.add(vectors)
    # By default faiss uses BLAS only for larger problems, but it is several times as fast with it here too.
    faiss.cvar.distance_compute_blas_threshold = 1
    rows = []
    for k in (10, 100):
        ours = theirs = processor = processor_theirs = 99.0
        for _ in range(TURNS):
            figures = earshot("search", folder, dimensions, k)
            ours, processor = min(ours, figures["seconds"]), min(processor, figures["processor"])
            faiss.omp_set_num_threads(cores)
            theirs = min(theirs, best(lambda: index.search(asked, k)))
            faiss.omp_set_num_threads(1)  # so that threads do not spend processor time on waiting
            before = time.process_time()
            index.search(asked, k)
            processor_theirs = min(processor_theirs, time.process_time() - before)
        same = np.mean(np.sort(figures["places"]) == np.sort(index.search(asked, k)[1]))
        assert same > 0.999, f"{same:.2%} of the neighbours are the same"
        rows.append(
            [f"the nearest {k}", f"{ours * 1e3:.0f} ms", f"{theirs * 1e3:.0f} ms", f"{theirs / ours:.2f}",
             f"{processor_theirs / processor:.2f}"]  # fmt: skip
        )
    title = f"Exact search: {queries} queries in 10⁶ vectors of {dimensions}, {cores} threads; {version('faiss-cpu')}"
    table(title, ["what", "Earshot", "faiss IndexFlatL2", "times as fast", "by processor time"], rows)


def rank(folder):
    run(*TORCH, folder, "write")
    figures = earshot("rank", folder, folder / "network-bench.safetensors", 1000)
    rows = [["read 1,000 one-shots of 0.4 s, encode and keep them", f"{figures['encoding'] * 1e3:.0f} ms"]]
    rows += [["load a model, hear a new mix of 8 s, rank 1,000 one-shots", f"{figures['median'] * 1e3:.0f} ms"]]
    table(f"Ranking; the median of 5 mixes, {cores} threads", ["what", "time"], rows)


def approximate(folder):
    """Recall of the nearest neighbours with an inverted file, on vectors like those of one class: unit length, 64
    dimensions, 20,000 instruments with 50 sounds around each."""
    instruments, each, dimensions, queries = 20_000, 50, 64, 200

    def sounds(centres):
        points = centres + 0.5 * random.normal(size=centres.shape) / np.sqrt(dimensions)
        return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)

    centres = random.normal(size=(instruments, dimensions))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    vectors, asked = sounds(np.repeat(centres, each, axis=0)), sounds(centres[:queries])
    exact = faiss.IndexFlatL2(dimensions)
    exact.add(vectors)
    right = exact.search(asked, 10)[1]
    rows = [["exact", "1.000", f"{best(lambda: exact.search(asked, 10)) / queries * 1e3:.2f} ms", "256"]]
    for words, description, size in (
        ("inverted file", "IVF1024,Flat", dimensions * 4),
        ("inverted file, 8 bits a number", "IVF1024,SQ8", dimensions),
        ("inverted file, product codes of 16 bytes", "IVF1024,PQ16", 16),
    ):
        index = faiss.index_factory(dimensions, description)
        index.train(vectors[::10])
        index.add(vectors)
        for probes in (1, 8, 32):
            index.nprobe = probes
            found = index.search(asked, 10)[1]
            recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, right)])
            seconds = best(lambda: index.search(asked, 10)) / queries
            rows.append([f"{words}, {probes} of 1,024 lists", f"{recall:.3f}", f"{seconds * 1e3:.2f} ms", str(size)])
    head = ["index", "recall@10", "a query", "bytes a vector"]
    table(f"What an approximate index finds among 10⁶ vectors of 64; {version('faiss-cpu')}", head, rows)


for section in SECTIONS:
    with tempfile.TemporaryDirectory() as folder:
        {"encode": encode, "logmel": logmel, "search": search, "rank": rank, "approximate": approximate}[section](pathlib.Path(folder))
