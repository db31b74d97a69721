import Basics
import Foundation
import Sound
import Testing

@Suite("Loops")
struct LoopTests {
  func seam(_ clip: Clip, _ channel: Int = 0) -> Float {
    abs(clip.channels[channel][0] - clip.channels[channel][clip.frameCount - 1])
  }

  func tone(_ cycles: Double, frames: Int, phase: Double = 0) -> [Float] {
    (0..<frames).map { Float(0.5 * sin(2 * .pi * cycles * Double($0) / Double(frames) + phase)) }
  }

  @Test("a tail is folded into the beginning")
  func folded() {
    let clip = Clip(channels: [[1, 2, 3, 4, 5, 6, 7], [0, 0, 0, 1, 1, 1, 1]], sampleRate: 44100)
    let folded: [[Float]] = [[12, 7, 9], [2, 1, 1]]
    #expect(Loop.folded(clip, length: 3).channels == folded)
    #expect(Loop.folded(clip, length: 9).channels[0] == [1, 2, 3, 4, 5, 6, 7, 0, 0])
  }

  @Test("a loop that fits is left as it is, sample for sample", arguments: [3.0, 100, 5000])
  func fitting(cycles: Double) {
    let clip = Clip(mono: tone(cycles, frames: 44100, phase: 0.7), sampleRate: 44100)
    #expect(Loop.seamed(clip) == clip)
  }

  @Test("a loop that does not fit is bent at its end only, and its step is no larger than the sound's own")
  func bent() {
    var random = SeededRandom(seed: 3, "loops")
    for _ in 0..<200 {
      let frames = 20000 + random.below(20000)
      let clip = Clip(
        channels: (0..<2).map { _ in
          tone(random.uniform(5...900), frames: frames, phase: random.uniform(0...6))
        }, sampleRate: 44100)
      let made = Loop.seamed(clip)
      for c in 0..<2 {
        #expect(made.channels[c][..<(frames - 221)] == clip.channels[c][..<(frames - 221)])
        let steps = (1..<222).map { abs(clip.channels[c][$0] - clip.channels[c][$0 - 1]) }
        let before = (frames - 220..<frames).map { abs(clip.channels[c][$0] - clip.channels[c][$0 - 1]) }
        #expect(seam(made, c) <= max(steps.max() ?? 0, before.max() ?? 0))
      }
    }
  }

  @Test("an attack at frame 0 is neither changed nor anticipated")
  func attack() {
    let quiet = (0..<20000).map { _ in Float(0.05) }
    for first: Float in [0.6, -0.6, 0.01] {
      let hit = [first] + (1..<2000).map { 0.6 * Float(cos(Double($0) / 40)) }
      let clip = Clip(mono: hit + quiet, sampleRate: 44100)
      let made = Loop.seamed(clip)
      #expect(Array(made.channels[0][..<2000]) == hit)
      #expect(made.channels[0].suffix(221).allSatisfy { abs($0) <= 0.0501 })
      #expect(seam(made) <= max(abs(first), seam(clip)))
    }
  }

  @Test(
    "a resampled loop is the loop of the resampled sound, even across the seam",
    arguments: [(48000, 44100), (22050, 44100)])
  func resampled(from: Int, to: Int) throws {
    let seconds = 2
    let loop = Clip(mono: tone(880, frames: from * seconds, phase: 1.1), sampleRate: from)
    let made = try Loop.resampled(loop, to: to)
    let wanted = tone(880, frames: to * seconds, phase: 1.1)
    #expect(made.frameCount == to * seconds)
    for (a, b) in zip(made.channels[0], wanted) { #expect(abs(a - b) < 1e-5) }
  }

  @Test("a loop shorter than the margin is repeated within it")
  func short() throws {
    let made = try Loop.resampled(Clip(mono: tone(2, frames: 480), sampleRate: 48000), to: 44100)
    for (a, b) in zip(made.channels[0], tone(2, frames: 441)) { #expect(abs(a - b) < 1e-5) }
  }
}
