"""PyTorch's part of the retrieval benchmark, run with Debian's Python, which has python3-torch.

    /usr/bin/python3 network.py FOLDER write     a network of the size that Earshot trains, and its outputs
    /usr/bin/python3 network.py FOLDER time      the same network's seconds per image as JSON, best of several rounds
"""

import json
import os
import pathlib
import sys
import time

import torch

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parents[2] / "analysis/oracles"))
import network  # noqa: E402

folder = pathlib.Path(sys.argv[1])
BLOCKS = [(16, 5, 5, 2, 2), (32, 3, 3, 2, 2), (64, 3, 3, 2, 1), (96, 3, 3, 2, 1)]
MELS, HIDDEN, EMBEDDING, FRAMES = 96, 192, 192, (60, 600)

if sys.argv[2] == "write":
    network.CASES = [("bench", BLOCKS, MELS, HIDDEN, EMBEDDING, FRAMES)]
    network.main(folder)
    sys.exit()


def best(body, rounds=20, budget=4.0):
    """Best time of several rounds, or of as many as fit into a few seconds: on a busy machine threads wait long for
    each other."""
    times = []
    while len(times) < rounds and (len(times) < 2 or sum(times) < budget):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return min(times)


net = network.Encoder(BLOCKS, MELS, HIDDEN, EMBEDDING).eval()
figures = {}
with torch.inference_mode():
    for words, threads in (("one", 1), ("all", os.cpu_count())):
        torch.set_num_threads(threads)
        for frames in FRAMES:
            per_batch = {}
            for batch in (1, 8, 32):
                images = torch.randn(batch, MELS, frames)
                calls = 32 // batch

                def body():
                    for _ in range(calls):
                        net(images)

                per_batch[batch] = best(body) / (calls * batch)
            figures[f"{words} {frames}"] = min((s, b) for b, s in per_batch.items())
print(json.dumps(figures))
