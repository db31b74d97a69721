"""The same training in PyTorch: with the same initial weights and the same batch it must give the same losses; then the
times per step are compared. Called by `run` with the Swift program's path; needs Debian's python3-torch."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# The same settings that Earshot uses.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import torch
from torch import nn
from torch.nn import functional as F

STEPS, ROUNDS, WARM, SAME = 12, 3, 2, 4


class Encoder(nn.Module):
    def __init__(self, weights, strides):
        super().__init__()
        self.blocks = nn.ModuleList()
        for i, stride in enumerate(strides):
            # The file's weights have an identity batch normalisation folded in: a factor of 1 / sqrt(1 + epsilon).
            weight = weights[f"block{i}/weight"] * (1 + 1e-5) ** 0.5
            out, into, height, width = weight.shape
            conv = nn.Conv2d(into, out, (height, width), stride, (height // 2, width // 2), bias=False)
            conv.weight.data.copy_(weight)
            self.blocks.append(nn.Sequential(conv, nn.BatchNorm2d(out), nn.ReLU(inplace=True)))
        for name in ("hidden", "value", "score"):
            layer = nn.Linear(*reversed(weights[f"{name}/weight"].shape))
            layer.weight.data.copy_(weights[f"{name}/weight"])
            layer.bias.data.copy_(weights[f"{name}/bias"])
            self.add_module(name, layer)

    def forward(self, x):
        x = x.unsqueeze(1)
        for block in self.blocks:
            x = block(x)
        x = x.flatten(1, 2).transpose(1, 2)
        x = torch.relu(self.hidden(x))
        return (torch.softmax(self.score(x), 1) * self.value(x)).sum(1)


def read(folder, facts):
    numbers = torch.frombuffer(bytearray((folder / "weights").read_bytes()), dtype=torch.float32)
    tensors, start = {}, 0
    for tensor in facts["tensors"]:
        size = int(torch.tensor(tensor["shape"]).prod())
        tensors[tensor["name"]] = numbers[start:start + size].reshape(tensor["shape"])
        start += size

    def images(name, count, frames):
        data = torch.frombuffer(bytearray((folder / name).read_bytes()), dtype=torch.float32)
        return data.reshape(count, facts["mels"], frames)

    return tensors, images("mixes", facts["mixes"], facts["mix_frames"]), images(
        "hits", 3 * facts["mixes"], facts["hit_frames"])


def train(folder, steps):
    """Loss and duration in seconds of each step."""
    facts = json.loads((folder / "facts.json").read_text())
    tensors, mixes, hits = read(folder, facts)
    f, g = (Encoder({name.removeprefix(f"0/{side}/"): t for name, t in tensors.items()
                     if name.startswith(f"0/{side}/")}, facts["strides"]) for side in ("mix", "hit"))
    masks = tensors["masks"]
    parameters = [*f.parameters(), *g.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": [p for p in parameters if p.dim() > 1], "weight_decay": facts["decay"]},
         {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0}],
        lr=facts["rate"], betas=facts["betas"], eps=1e-8)
    average = [p.detach().clone() for p in parameters]
    order = torch.arange(facts["mixes"])
    course = []
    for step in range(1, steps + 1):
        start = time.perf_counter()
        anchors, others = f(mixes), g(hits)
        loss = 0
        for c in range(3):
            logits = F.normalize(anchors * masks[c]) @ F.normalize(others * masks[c]).T / facts["temperature"]
            target = 3 * order + c
            loss = loss + (F.cross_entropy(logits, target) + F.cross_entropy(logits[:, target].T, order)) / 2
        loss = loss / 3
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, facts["largest_norm"])
        optimiser.step()
        decay = min(facts["average"], (1 + step) / (10 + step))
        with torch.no_grad():
            for mean, p in zip(average, parameters):
                mean.mul_(decay).add_(p, alpha=1 - decay)
        course.append((loss.item(), time.perf_counter() - start))
    return course


def main():
    program, threads = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count()
    torch.set_num_threads(threads)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(ROUNDS):
            out = subprocess.run([program, name, str(STEPS), str(threads)], capture_output=True, text=True, check=True)
            mine = [tuple(map(float, line.split())) for line in out.stdout.splitlines()]
            peer = train(folder, STEPS)
            # Rounding errors grow from step to step, so only the first steps are compared.
            for (a, _), (b, _) in zip(mine[:SAME], peer):
                assert abs(a - b) < 1e-4 * b, f"the losses differ: {mine} {peer}"
            ours += [seconds for _, seconds in mine[WARM:]]
            theirs += [seconds for _, seconds in peer[WARM:]]
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"From the same weights the same losses in the first {SAME} steps ({mine[0][0]:.4f} to {mine[SAME - 1][0]:.4f}); "
          f"PyTorch {torch.__version__}, threads: {threads}, medians of {len(ours)} steps of 64 mixes and 192 one-shots\n")
    print("| what | Earshot | PyTorch | times faster |\n|---|--:|--:|--:|")
    print(f"| training step | {1000 * a:.0f} ms | {1000 * b:.0f} ms | {b / a:.2f} |")


main()
