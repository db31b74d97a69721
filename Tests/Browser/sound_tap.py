"""Records what a page really plays, sample by sample, with an audio worklet between its last node and the
loudspeaker."""

import base64

import numpy as np
from playwright.sync_api import Page

# The tap counts as running steadily after this many quanta without a gap.
STEADY = 32

WORKLET = """
class Tap extends AudioWorkletProcessor {
  constructor() { super(); this.quanta = []; this.port.onmessage = () => { this.port.postMessage(this.quanta); this.quanta = []; }; }
  process(inputs) {
    const [left, right] = inputs[0];
    this.quanta.push({ frame: currentFrame, left: left?.slice(), right: (right ?? left)?.slice() });
    return true;
  }
}
registerProcessor("tap", Tap);
"""

# Whatever the page connects to the loudspeaker goes through a bus to which the tap listens.
BEFORE_THE_PAGE = """
(() => {
  const connect = AudioNode.prototype.connect, buses = new WeakMap();
  window.soundTap = { contexts: [] };
  AudioNode.prototype.connect = function (target, ...more) {
    if (!(target instanceof AudioDestinationNode) || target.context instanceof OfflineAudioContext) return connect.call(this, target, ...more);
    const { context } = target;
    if (!buses.has(context)) {
      const bus = context.createGain();
      connect.call(bus, target);
      buses.set(context, bus);
      soundTap.contexts.push(context);
      soundTap.ready = context.audioWorklet.addModule(soundTap.worklet).then(() => {
        const tap = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0, channelCount: 2 });
        connect.call(bus, tap);
        soundTap.read = () => new Promise((resolve) => {
          tap.port.onmessage = ({ data }) => resolve(data);
          tap.port.postMessage("read");
        });
      });
    }
    return connect.call(this, buses.get(context), ...more);
  };
  const pack = (parts, name) => {
    const all = new Float32Array(parts.length * 128);
    parts.forEach((part, i) => { if (part[name]) all.set(part[name], i * 128); });
    const bytes = new Uint8Array(all.buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  };
  soundTap.take = async () => {
    await soundTap.ready;
    const parts = await soundTap.read();
    const gaps = parts.filter((part, i) => i > 0 && part.frame !== parts[i - 1].frame + 128).length;
    return { gaps, frames: parts.map((part) => part.frame), left: pack(parts, "left"), right: pack(parts, "right") };
  };
  // The context leaves out frames while it begins to run worklets: what is recorded counts once that is over.
  soundTap.begin = async () => {
    await soundTap.ready;
    for (let last = -1, steady = 0; steady < STEADY; await new Promise((wait) => setTimeout(wait, 5))) {
      for (const { frame } of await soundTap.read()) {
        steady = frame === last + 128 ? steady + 1 : 0;
        last = frame;
      }
    }
  };
  soundTap.decode = async (url) => {
    const [address, place] = url.split("#");
    let bytes;
    if (place === undefined) bytes = await (await fetch(url)).arrayBuffer();
    else {
      const file = await new (await import("/assets/scripts/parcel.js")).Parcel(address).sound(Number(place));
      bytes = (await file.read(0, file.size)).slice().buffer;
    }
    const buffer = await new OfflineAudioContext(1, 1, 44100).decodeAudioData(bytes);
    const parts = [...Array(buffer.numberOfChannels).keys()].map((c) => buffer.getChannelData(c));
    const text = (data) => { const bytes = new Uint8Array(data.slice().buffer); let all = ""; for (let i = 0; i < bytes.length; i += 32768) all += String.fromCharCode(...bytes.subarray(i, i + 32768)); return btoa(all); };
    return parts.map(text);
  };
})();
""".replace("STEADY", str(STEADY))


def _floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype="<f4")


def place(stretch: np.ndarray, sound: np.ndarray) -> int:
    """The position in a file of a recorded stretch, by the best match over all positions."""
    size = 1 << int(np.ceil(np.log2(len(sound) + len(stretch))))
    match = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(stretch, size)), size)[: len(sound) - len(stretch)]
    energy = np.concatenate([[0], np.cumsum(sound.astype(float) ** 2)])
    norm = np.sqrt(energy[len(stretch):] - energy[: -len(stretch)])[: len(match)]
    best = int(np.argmax(match / np.maximum(norm, 1e-9)))
    assert np.allclose(sound[best:best + len(stretch)], stretch, atol=2e-4)
    return best


class Skipped(AssertionError):
    """The browser's audio thread was late because the machine was busy, so the recording says nothing about the
    pages."""


class SoundTap:
    def __init__(self, page: Page):
        self.page = page
        page.add_init_script(BEFORE_THE_PAGE)
        worklet = "data:text/javascript;base64," + base64.b64encode(WORKLET.encode()).decode()
        page.add_init_script(f"soundTap.worklet = '{worklet}'")

    def ready(self) -> None:
        """Waits until the tap records without gaps, and discards what was played before."""
        self.page.evaluate("() => soundTap.begin()")

    def take(self, *, interrupted: bool = False) -> np.ndarray:
        """What was played since the last call: two rows of frames, without gaps unless `interrupted`."""
        taken = self.page.evaluate("() => soundTap.take()")
        if not interrupted and taken["gaps"] > 0:
            raise Skipped("the audio thread skipped frames")
        return np.stack([_floats(taken["left"]), _floats(taken["right"])])

    def runs(self) -> list[tuple[int, np.ndarray]]:
        """The left channel of what was played since the last call: runs without gaps, each with the number of its first
        frame. For recordings so long that the audio thread of a busy machine skips frames somewhere. While it does, it
        gives several quanta the same number, so short runs are left out."""
        taken = self.page.evaluate("() => soundTap.take()")
        frames, sound = np.array(taken["frames"]), _floats(taken["left"])
        cuts = [0, *(np.flatnonzero(np.diff(frames) != 128) + 1), len(frames)]
        return [(int(frames[a]), sound[128 * a:128 * b]) for a, b in zip(cuts, cuts[1:]) if b - a >= STEADY]

    def file(self, url: str) -> np.ndarray:
        """A sound as the server sends it (`PARCEL#PLACE`, or a file of its own), decoded to two rows of frames."""
        channels = [_floats(text) for text in self.page.evaluate("url => soundTap.decode(url)", url)]
        return np.stack([channels[0], channels[-1]])
