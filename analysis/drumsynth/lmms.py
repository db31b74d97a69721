"""Renders DrumSynth presets with LMMS, headless, and describes sounds by log-mel energies."""

import html
import os
import pathlib
import subprocess
import tempfile
import warnings

import numpy as np
from scipy.io import wavfile

PROJECT = """<?xml version="1.0"?>
<!DOCTYPE lmms-project>
<lmms-project version="1.0" type="song" creator="LMMS" creatorversion="1.2.2">
<head timesig_numerator="4" timesig_denominator="4" bpm="140" mastervol="100" masterpitch="0"/>
<song><trackcontainer type="song">
<track type="0" name="drum" muted="0" solo="0">
<instrumenttrack vol="100" pan="0" pitch="0" basenote="57" fxch="0" usemasterpitch="0">
<instrument name="audiofileprocessor">
<audiofileprocessor src="{source}" amp="100" reversed="0" looped="0" sframe="0" eframe="1" lframe="0" interp="0"
 stutter="0"/></instrument></instrumenttrack>
<pattern type="1" pos="0" len="{ticks}" name="" muted="0" steps="16">
<note key="57" vol="100" pan="0" pos="0" len="{ticks}"/></pattern>
</track></trackcontainer></song></lmms-project>
"""


def render(preset, bars=2):
    """Mono samples at 44.1 kHz, as LMMS decodes and plays the preset at its original pitch, without oversampling.

    With oversampling, LMMS decodes presets at twice the rate, where noise and slides come out differently.
    """
    with tempfile.TemporaryDirectory() as folder:
        project, output = pathlib.Path(folder, "p.mmp"), pathlib.Path(folder, "p.wav")
        source = html.escape(str(pathlib.Path(preset).resolve()))
        project.write_text(PROJECT.format(source=source, ticks=192 * bars))
        command = ["lmms", "--allowroot", "render", str(project), "-o", str(output)]
        command += ["-f", "wav", "-s", "44100", "-x", "1", "-a"]
        subprocess.run(
            command, env=dict(os.environ, QT_QPA_PLATFORM="offscreen"), capture_output=True, timeout=120, check=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)
            samples = wavfile.read(output)[1]
    return samples[:, 0].astype(float)


SIZE, HOP, RATE = 1024, 256, 44100
EDGES = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256]


def mel_filters(bands, low=40.0, high=16000.0):
    """Slaney's mel scale and area normalisation, as in Sources/Sound/MelScale.swift."""
    step, corner, log_step = 200 / 3, 1000.0, np.log(6.4) / 27
    to_mel = lambda f: f / step if f < corner else corner / step + np.log(f / corner) / log_step
    to_hertz = lambda m: m * step if m < corner / step else corner * np.exp(log_step * (m - corner / step))
    edges = [to_hertz(m) for m in np.linspace(to_mel(low), to_mel(high), bands + 2)]
    f = np.arange(SIZE // 2 + 1) * RATE / SIZE
    rows = []
    for a, b, c in zip(edges, edges[1:], edges[2:]):
        rows.append(np.clip(np.minimum((f - a) / (b - a), (c - f) / (c - b)), 0, None) * 2 / (c - a))
    return np.array(rows)


def spans(samples, bands=20):
    """Mean power per band in spans of 1, 1, 2, 4 … frames: [span, band]. Longer spans average out the noise."""
    last = EDGES[-1]
    padded = np.zeros(SIZE + HOP * last)
    kept = samples[: HOP * (last - 1)]
    padded[SIZE // 2 : SIZE // 2 + len(kept)] = kept
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)
    frames = np.array([padded[i * HOP : i * HOP + SIZE] * window for i in range(last)])
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2 @ mel_filters(bands).T
    return np.array([power[a:b].mean(axis=0) for a, b in zip(EDGES, EDGES[1:])])


def distance(reference, other, floor=-60.0):
    """Mean absolute difference of log-mel energies in dB, over cells in which at least one of the two is less than 60
    dB below the reference's loudest cell. Level differences count: nothing is normalised."""
    a, b = spans(reference), spans(other)
    top = max(a.max(), 1e-20)
    a, b = (np.maximum(10 * np.log10(np.maximum(x, 1e-20) / top), floor) for x in (a, b))
    heard = np.maximum(a, b) > floor
    return float(np.abs(a - b)[heard].mean()) if heard.any() else 0.0
