"""The oracle for embeddings: small networks in PyTorch, their folded weights as model files, and their outputs.

    /usr/bin/python3 analysis/oracles/network.py FOLDER

Writes FOLDER/network-NAME.safetensors and FOLDER/network.json (inputs and expected embeddings). Needs Debian's
python3-torch. The networks here keep their batch normalisation, so folding it into the weights is checked too.
"""

import json
import pathlib
import struct
import sys

import numpy as np
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, blocks, mels, hidden, embedding):
        super().__init__()
        layers, channels, rows = [], 1, mels
        for out, kh, kw, sh, sw in blocks:
            layers += [
                nn.Conv2d(channels, out, (kh, kw), (sh, sw), (kh // 2, kw // 2), bias=False),
                nn.BatchNorm2d(out),
                nn.ReLU(),
            ]
            channels, rows = out, (rows + 2 * (kh // 2) - kh) // sh + 1
        self.blocks = nn.Sequential(*layers)
        self.hidden = nn.Conv1d(channels * rows, hidden, 1)
        self.value, self.score = nn.Conv1d(hidden, embedding, 1), nn.Conv1d(hidden, embedding, 1)

    def forward(self, x):
        x = self.blocks(x[:, None])
        x = torch.relu(self.hidden(x.flatten(1, 2)))
        return (torch.softmax(self.score(x), dim=2) * self.value(x)).sum(dim=2)


def shake(net, seed):
    """Gives batch normalisation statistics and gains that differ from those of a fresh layer."""
    torch.manual_seed(seed)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.2)
            nn.init.normal_(module.running_mean, std=0.2)
            nn.init.uniform_(module.running_var, 0.3, 2)
    return net.eval()


def folded(net, prefix):
    tensors, modules = {}, list(net.blocks)
    for i in range(0, len(modules), 3):
        conv, norm = modules[i], modules[i + 1]
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        tensors[f"{prefix}/block{i // 3}/weight"] = conv.weight * scale[:, None, None, None]
        tensors[f"{prefix}/block{i // 3}/bias"] = norm.bias - norm.running_mean * scale
    for name in ("hidden", "value", "score"):
        layer = getattr(net, name)
        tensors[f"{prefix}/{name}/weight"], tensors[f"{prefix}/{name}/bias"] = layer.weight[:, :, 0], layer.bias
    return tensors


def write(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name in sorted(tensors):
        raw = np.ascontiguousarray(tensors[name].detach().numpy(), dtype="<f4").tobytes()
        header[name] = dict(dtype="F32", shape=list(tensors[name].shape), data_offsets=[len(data), len(data) + len(raw)])
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


# name, blocks (channels, kernel, stride), mels, hidden, embedding, frames of the inputs
CASES = [
    ("square", [(8, 5, 5, 2, 2), (16, 3, 3, 2, 2), (24, 3, 3, 2, 2)], 32, 32, 24, [20, 57, 1]),
    ("tall", [(5, 7, 3, 3, 1), (7, 3, 5, 1, 2)], 21, 10, 9, [13, 40]),
    ("even", [(6, 4, 2, 2, 1), (12, 2, 4, 1, 3), (20, 1, 1, 1, 1)], 17, 15, 33, [9, 31]),
]


def main(folder):
    answers = []
    for seed, (name, blocks, mels, hidden, embedding, frames) in enumerate(CASES):
        torch.manual_seed(seed)
        sides = {s: shake(Encoder(blocks, mels, hidden, embedding), seed + 10) for s in ("mix", "hit")}
        tensors = {k: v for s, net in sides.items() for k, v in folded(net, f"shared/{s}").items()}
        tensors["masks"] = torch.rand(2, embedding)
        keys = ("channels", "kernelHeight", "kernelWidth", "strideHeight", "strideWidth")
        mel = dict(size=512, hop=200, mels=mels, low=30, high=16000, scale="slaney", unitArea=True, fillsNarrow=True,
                   normalisation="none", compression="floor", constant=1e-5, mean=0, deviation=1, hitFrames=20)  # fmt: skip
        configuration = dict(
            name=name, kind="conditional", conditions=["kick", "snare"], hearing="whole-mix", mel=mel,
            shape=dict(blocks=[dict(zip(keys, b)) for b in blocks], hidden=hidden, embedding=embedding),
            training={}, seed=seed, dataFingerprint="", metrics={},
        )  # fmt: skip
        metadata = dict(format="earshot-model-1", configuration=json.dumps(configuration))
        write(folder / f"network-{name}.safetensors", tensors, metadata)
        for count in frames:
            image = torch.round(torch.randn(mels, count) * 100) / 100
            with torch.no_grad():
                expected = {s: net(image[None])[0].double().tolist() for s, net in sides.items()}
            answers.append(
                dict(model=name, frames=count, image_hundredths=[round(v * 100) for v in image.flatten().tolist()],
                     **{s: [round(v, 7) for v in e] for s, e in expected.items()})  # fmt: skip
            )
    (folder / "network.json").write_text(json.dumps(answers, separators=(",", ":")))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
