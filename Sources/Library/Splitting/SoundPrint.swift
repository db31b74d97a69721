import Foundation
import Sound

/// A picture of a one-shot that stays nearly the same when the same drum is struck again: the log-mel spectrogram of
/// its first half second from the attack.
///
/// Two prints are compared over the cells in which at least one of them sounds, after their mean difference in level
/// has been taken out and at the best of five alignments: the distance is the root mean square of what is left, in dB.
/// It does not change when a sound is made louder, or starts a little later.
public struct SoundPrint: Sendable {
  /// Spans of 40 bands each, in dB under the loudest cell, not below `floor`.
  private let cells: [Float]

  static let bands = 40, hop = 128
  /// The spans in hops: each twice as long as the one before it, so that the noise in a drum, which is never the same
  /// twice, is averaged over ever more frames. The last ends at 0.37 s.
  static let edges = [0, 2, 4, 8, 16, 32, 64, 128]
  /// Cells this far under the loudest count as silent, in dB.
  static let floor: Float = -60
  private static let settings = Spectrum.Settings(size: 512, hop: hop)
  private static let filters = MelScale.slaney.filters(bands, size: 512, sampleRate: 44100, from: 40, to: 16000)

  /// - Throws: as `Clip.resampled(to:)`.
  public init(_ clip: Clip) throws {
    let clip = try clip.resampled(to: 44100)
    let first = Attack.find(in: clip)?.frame ?? 0
    let last = Self.edges[Self.edges.count - 1]
    var samples = Array(clip.mono[first...].prefix(Self.hop * last))
    samples += [Float](repeating: 0, count: Self.hop * last - samples.count)
    let frames = Spectrum(of: samples, sampleRate: 44100, settings: Self.settings).power(in: Self.filters)
    let power = zip(Self.edges, Self.edges.dropFirst()).flatMap { from, to in
      (0..<Self.bands).map { b in (from..<to).reduce(Float(0)) { $0 + frames[$1 * Self.bands + b] } / Float(to - from) }
    }
    let loudest = max(power.max() ?? 0, 1e-20)
    cells = power.map { max(10 * log10f(max($0, 1e-20) / loudest), Self.floor) }
  }

  /// In dB; 0 for the same sound at any level.
  public func distance(to other: SoundPrint) -> Double {
    cells.withUnsafeBufferPointer { a in
      other.cells.withUnsafeBufferPointer { b in
        var count: Float = 0, sum: Float = 0, squares: Float = 0
        for i in a.indices where max(a[i], b[i]) > Self.floor {
          let difference = a[i] - b[i]
          count += 1
          sum += difference
          squares += difference * difference
        }
        guard count > 0 else { return .infinity }
        let mean = sum / count
        return Double(max(0, squares / count - mean * mean)).squareRoot()
      }
    }
  }
}
