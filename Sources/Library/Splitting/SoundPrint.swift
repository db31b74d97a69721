import Foundation
import Sound

/// A log-mel spectrogram of the first 0.37 s of a one-shot, from its attack, which stays nearly the same when the same
/// drum is struck again.
///
/// Two prints are compared over the cells in which at least one of them is audible. Their distance, in dB, is the root
/// mean square of the level differences after subtracting the mean difference. It does not change if a sound is louder
/// or starts a little later.
public struct SoundPrint: Sendable {
  /// 40 bands for each time span, in dB relative to the loudest cell, at least `floor`.
  private let cells: [Float]

  static let bands = 40, hop = 128
  /// The edges of the time spans, in hops. Spans get longer, so that the noise in a drum, which differs with every
  /// stroke, is averaged over more and more frames. The last one ends at 0.37 s.
  static let edges = [0, 2, 4, 8, 16, 32, 64, 128]
  /// In dB relative to the loudest cell. Cells below this count as silent.
  static let floor: Float = -60
  private static let settings = Spectrum.Settings(size: 512, hop: hop)
  private static let filters = MelScale.slaney.filters(bands, size: 512, sampleRate: 44100, from: 40, to: 16000)

  /// - Throws: like `Clip.resampled(to:)`.
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

  /// The distance in dB. 0 for the same sound at any level.
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
