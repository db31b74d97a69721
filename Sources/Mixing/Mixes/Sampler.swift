import Foundation
import Sound

/// One drum of a loop: a one-shot struck again and again. As on a drum machine, each stroke ends the one before it.
/// What sounds past the end of the loop continues at its start.
struct Sampler {
  private let channels: [[Float]]
  private let hits: [Hit]
  private let frames: Int
  /// How long a stroke that is cut off fades out, in frames.
  private let fade: Int
  /// Maximum momentary loudness of a full stroke, in LUFS.
  let loudness: Double

  /// Resamples the sound and trims it to its attack (see `Attack`), so that the time of a hit is when it is heard.
  init(_ clip: Clip, sampleRate: Int, hits: [Hit], frames: Int) throws {
    let clip = try clip.resampled(to: sampleRate)
    let first = Attack.find(in: clip)?.frame ?? 0
    channels = clip.channels.prefix(2).map { Array($0[first...]) }
    self.hits = hits
    self.frames = frames
    fade = sampleRate / 200
    loudness = try Loudness.measure(Clip(channels: channels, sampleRate: sampleRate)).maximumMomentary
  }

  /// - Parameters:
  ///   - gain: gain of a full stroke, in dB.
  ///   - pan: -1 (left) to 1 (right), with constant power; 0 dB in the middle.
  func play(into sum: inout [[Float]], gain: Double, pan: Double) {
    let sides = [(1 - pan).squareRoot(), (1 + pan).squareRoot()]
    for (i, hit) in hits.enumerated() {
      let next = i + 1 < hits.count ? hits[i + 1].frame : hits[0].frame + frames
      let room = max(1, next - hit.frame)
      for c in sum.indices {
        let samples = channels[min(c, channels.count - 1)]
        let level = Float(amplitude(gain + hit.velocity) * sides[c])
        for k in 0..<min(samples.count, room + fade) {
          let ending = k < room ? 1 : 1 - Float(k - room) / Float(fade)
          sum[c][(hit.frame + k) % frames] += level * ending * samples[k]
        }
      }
    }
  }
}
