import Foundation
import Sound

/// Finds the hits of a drum class in a mix, without knowing tempo, pattern or truth.
///
/// Each class has characteristic frequency bands: for the kick 30–150 Hz; for the snare both its body, 150–450 Hz, and
/// its noise, 2–7 kHz (combined by their geometric mean); for the hi-hat 7–16 kHz. In each band, the log-compressed
/// power spectrum is compared with that of 8.7 ms before. The increases, summed over the band's bins, are the class's
/// novelty (spectral flux; Dixon 2006, with the compression of Müller 2015). A peak of the novelty is a hit if it is
/// the highest within ±40 ms and exceeds the median of ±0.4 s by a tenth of the clip's highest novelty. The onset is
/// where, within ±20 ms of the peak, the novelty in the band and over the whole spectrum together is highest, because
/// an attack is broad even if the drum is low. Bass notes also appear in the kick's band, and snares in the hi-hat's:
/// `purity` ranks the hits accordingly.
public struct HitFinder: Sendable {
  /// One detected hit.
  public struct Hit: Sendable, Equatable {
    /// The time of the onset, in seconds.
    public var time: Double
    /// From 0 to 1: the geometric mean of the class's novelty and of the power in its bands over the next 50 ms, each
    /// relative to the clip's highest.
    public var strength: Double
    /// `strength` minus half the mean relative novelty of the other classes within ±20 ms: how suitable the hit is for
    /// being cut out.
    public var purity: Double
  }

  /// The bands that must rise together in an attack of this class.
  let bands: [Range<Double>]
  let others: [[Range<Double>]]

  private static let classes: [String: [Range<Double>]] = [
    "kick": [30..<150], "snare": [150..<450, 2000..<7000], "hihat": [7000..<16000],
  ]

  private static let wide = 30.0..<16000

  /// - Parameter condition: `kick`, `snare` or `hihat`. Any other condition uses the whole range, 30 Hz–16 kHz.
  public init(condition: String) {
    if let own = HitFinder.classes[condition] {
      bands = own
      others = HitFinder.classes.sorted { $0.key < $1.key }.filter { $0.key != condition }.map(\.value)
    } else {
      bands = [HitFinder.wide]
      others = []
    }
  }

  static let settings = Spectrum.Settings(size: 1024, hop: 128)
  private static let lag = 3

  /// All hits, in order of time.
  public func hits(in samples: [Float]) -> [Hit] {
    let spectrum = Compressed(samples)
    let own = HitFinder.novelty(spectrum, bands)
    let rest = others.map { HitFinder.novelty(spectrum, $0) }
    let broad = HitFinder.novelty(spectrum, [HitFinder.wide])
    let energy = energy(spectrum)
    guard let highest = own.max(), highest > 0 else { return [] }
    let frame = Double(HitFinder.settings.hop) / Double(SystemInput.sampleRate)
    func frames(_ seconds: Double, around i: Int) -> ClosedRange<Int> {
      max(0, i - Int(seconds / frame))...min(own.count - 1, i + Int(seconds / frame))
    }
    var hits: [Hit] = []
    for i in own.indices where own[i] > 0.1 * highest {
      guard frames(0.04, around: i).allSatisfy({ own[$0] < own[i] || ($0 >= i && own[$0] == own[i]) }) else { continue }
      let surroundings = own[frames(0.4, around: i)].sorted()
      guard own[i] > surroundings[surroundings.count / 2] + 0.1 * highest else { continue }
      let near = frames(0.02, around: i)
      let foreign = rest.map { novelty -> Double in
        guard let top = novelty.max(), top > 0 else { return 0 }
        return Double((novelty[near].max() ?? 0) / top)
      }
      let strength = Double((own[i] / highest * energy[i]).squareRoot())
      let most = max(broad[near].max() ?? 0, 1e-9)
      func rise(_ j: Int) -> Float { own[j] / own[i] + broad[j] / most }
      let onset = near.max { rise($0) < rise($1) } ?? i
      hits.append(
        Hit(
          time: Double(onset) * frame, strength: strength,
          purity: strength - 0.5 * foreign.reduce(0, +) / Double(max(1, foreign.count))))
    }
    return hits
  }

  /// The `count` purest hits of strength 0.5 or more, in order of time. If there is none (in a silent clip, for
  /// example), the clip's start.
  public func best(_ count: Int, in samples: [Float]) -> [Hit] {
    let strong = hits(in: samples).filter { $0.strength >= 0.5 }
    let chosen = strong.sorted { ($0.purity, $1.time) > ($1.purity, $0.time) }.prefix(count)
    return chosen.isEmpty ? [Hit(time: 0, strength: 0, purity: 0)] : chosen.sorted { $0.time < $1.time }
  }

  /// The power in the class's bands (their geometric mean) over the 50 ms from each frame, relative to the clip's
  /// largest.
  private func energy(_ spectrum: Compressed) -> [Float] {
    let reach = 17
    let parts = bands.map { band -> [Float] in
      let bins = spectrum.bins(in: band)
      let sums = (0..<spectrum.frames).map { i in bins.reduce(Float(0)) { $0 + expm1f(spectrum[i, $1]) } }
      return sums.indices.map { i in sums[i..<min(sums.count, i + reach)].reduce(0, +) }
    }
    let energy = HitFinder.geometricMean(parts)
    let top = max(energy.max() ?? 0, 1e-12)
    return energy.map { $0 / top }
  }

  /// `log(1 + 1000 p)` of a power spectrum, where `p` is relative to the clip's largest power in any bin.
  private struct Compressed {
    var values: [Float]
    var binCount: Int
    var frames: Int { values.count / binCount }

    init(_ samples: [Float]) {
      let spectrum = Spectrum(of: samples, sampleRate: SystemInput.sampleRate, settings: settings)
      let scale = 1000 / max(spectrum.power.max() ?? 0, 1e-12)
      values = spectrum.power.map { log1pf($0 * scale) }
      binCount = spectrum.binCount
    }

    subscript(frame: Int, bin: Int) -> Float { values[frame * binCount + bin] }

    func bins(in band: Range<Double>) -> Range<Int> {
      let step = Double(SystemInput.sampleRate) / Double(settings.size)
      return Int((band.lowerBound / step).rounded(.up))..<min(binCount, Int((band.upperBound / step).rounded(.up)))
    }
  }

  private static func novelty(_ spectrum: Compressed, _ bands: [Range<Double>]) -> [Float] {
    geometricMean(
      bands.map { band in
        let bins = spectrum.bins(in: band)
        return (0..<spectrum.frames).map { i in
          guard i >= lag else { return 0 }
          return bins.reduce(Float(0)) { $0 + max(0, spectrum[i, $1] - spectrum[i - lag, $1]) } / Float(bins.count)
        }
      })
  }

  private static func geometricMean(_ parts: [[Float]]) -> [Float] {
    guard parts.count > 1 else { return parts[0] }
    return parts[0].indices.map { i in powf(parts.reduce(1) { $0 * $1[i] }, 1 / Float(parts.count)) }
  }
}
