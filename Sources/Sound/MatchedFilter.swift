import Foundation

/// Looks for short sounds in a mix by a matched filter: whether a sound itself, sample by sample, plays in it.
///
/// The mix counts as noise in which the sound may hide. Both are whitened, which is best against such noise (Turin, "An
/// introduction to matched filters", IRE Transactions on Information Theory 6(3), 1960): each frequency is divided by the root
/// of the mix's mean power there, over Hann frames of 46 ms, to which a millionth of the highest is added. From every sample of
/// the mix on, the whitened sound `s` is then compared with the stretch `x` of the whitened mix where it would be, by the
/// normalised correlation `|⟨s, x⟩| / (‖s‖ ‖x‖)`, from 0 to 1. It depends neither on level nor on polarity. All sounds are mono at
/// `sampleRate`.
public struct MatchedFilter: Sendable {
  /// In hertz. What is above half of it is not heard.
  public static let sampleRate = 22050
  /// The most samples of a sound that are looked for, 0.1 s. The end of a drum says less about it than its attack.
  public static let longest = sampleRate / 10

  /// How well a sound was found in a mix.
  public struct Found: Sendable, Equatable {
    /// From 0 to 1: the mean of the two highest correlations that are at least 0.1 s apart. Drums mostly play more than once.
    public var correlation: Double
    /// The root mean square of the correlations everywhere in the mix: what is usual for this sound in it.
    public var background: Double
    /// Where the correlation is highest, in seconds.
    public var time: Double

    public init(correlation: Double, background: Double, time: Double) {
      (self.correlation, self.background, self.time) = (correlation, background, time)
    }

    /// By how much the correlation exceeds five times the background, about the highest of a hundred thousand correlations with
    /// noise. 0 if it does not: then the sound was not found.
    public var excess: Double { max(0, correlation - 5 * background) }
  }

  private static let size = 8192, taps = 1024
  /// The number of positions that one block says something about.
  private static let hop = size - longest + 1
  /// How many times the loudest stretch's energy a stretch has at least, so that silence resembles nothing.
  private static let floor = 1e-3

  /// The number of silent samples before and after the mix: as far as whitening twice rings.
  private static let margin = taps
  /// How much longer whitening makes a sound on either side.
  private static let ring = taps / 2

  private let fft = FFT.real(size)
  /// The number of samples of the mix, with the margins.
  private let count: Int
  /// Where a sound may begin: from 2 ms before the mix on, and no later than half of `longest` before its end. At the end itself,
  /// only the whitening's ringing would be left to compare with.
  private let positions: Range<Int>
  /// What whitening multiplies the power of each bin by.
  private let weights: [Float]
  /// The transforms of the mix, whitened twice, one for each `hop` samples: since whitening is symmetric, the correlation with the
  /// sound as it is equals that of both after whitening them once.
  private let blocks: [[Float]]
  /// The energy of the whitened mix before each sample, and that of all for as many places more as a stretch may need.
  private let energies: [Double]
  private let lowest: Double

  /// About how much memory this takes.
  public var byteCount: Int { 8 * count + 4 * blocks.count * (Self.size + 2) }

  /// - Parameter mix: any number of samples, all finite.
  public init(_ mix: [Float]) {
    let peak = mix.lazy.map(abs).max() ?? 0
    let rest = [Float](repeating: 0, count: Self.margin)
    let mix = peak > 0 ? rest + mix.map { $0 / peak } + rest : []
    count = mix.count
    let first = min(count, Self.margin - Self.sampleRate / 500)
    positions = first..<max(min(count, Self.margin + 1), count - Self.margin - Self.longest / 2)
    let response = Self.whitening(of: mix)
    weights = response.map { $0 * $0 }
    let beyond = [Float](repeating: 0, count: Self.longest + Self.taps)
    energies = (Self.filtered(mix, by: response) + beyond).reduce(into: [0]) {
      $0.append($0[$0.count - 1] + Double($1) * Double($1))
    }
    var highest = 0.0
    for i in positions { highest = max(highest, energies[i + Self.longest + Self.ring] - energies[i - Self.ring]) }
    lowest = max(Self.floor * highest, Double(Float.leastNormalMagnitude))
    let white = Self.filtered(mix, by: weights)
    let count = mix.count
    blocks = stride(from: 0, to: count, by: Self.hop).map { start in
      FFT.real(Self.size).withRoom { frame, bins in
        for i in 0..<Self.size { frame[i] = start + i < count ? white[start + i] : 0 }
        FFT.real(Self.size).transform(frame, into: bins)
        return Array(bins)
      }
    }
  }

  /// Looks for a sound, from its first sample on.
  /// - Parameter sound: any number of samples, all finite; those after `longest` are left out.
  public func find(_ sound: [Float]) -> Found {
    let peak = sound.prefix(Self.longest).lazy.map(abs).max() ?? 0
    // Silence at the end of a file is no part of the sound.
    let last = sound.prefix(Self.longest).lastIndex { abs($0) > 1e-3 * peak }
    guard let last, peak > 0, count > 0 else { return Found(correlation: 0, background: 0, time: 0) }
    var products = [Float](repeating: 0, count: count)
    fft.withRoom { frame, bins in
      for i in 0..<Self.size { frame[i] = i <= last ? sound[i] / peak : 0 }
      fft.transform(frame, into: bins)
      let template = conjugate(bins)
      for (b, block) in blocks.enumerated() {
        Self.multiply(block, template, into: bins)
        fft.inverse(bins, into: frame)
        let start = b * Self.hop
        for i in 0..<min(Self.hop, count - start) { products[start + i] = frame[i] }
      }
    }
    return found(products, length: last + 1)
  }

  /// The conjugate of a sound's transform, scaled so that its product with a block gives, transformed back by `FFT.inverse`, `⟨s, x⟩ /
  /// ‖s‖`.
  private func conjugate(_ bins: UnsafeMutableBufferPointer<Float>) -> [Float] {
    var energy = 0.0
    for k in weights.indices {
      let power = Double(bins[2 * k] * bins[2 * k] + bins[2 * k + 1] * bins[2 * k + 1]) * Double(weights[k])
      energy += k == 0 || k == weights.count - 1 ? power : 2 * power
    }
    let scale = energy > 0 ? Float(1 / (energy * Double(Self.size)).squareRoot()) : 0
    var template = [Float](repeating: 0, count: bins.count)
    for k in weights.indices {
      template[2 * k] = scale * bins[2 * k]
      template[2 * k + 1] = -scale * bins[2 * k + 1]
    }
    return template
  }

  private static func multiply(_ a: [Float], _ b: [Float], into product: UnsafeMutableBufferPointer<Float>) {
    precondition(a.count == b.count && a.count == product.count)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        for k in stride(from: 0, to: a.count, by: 2) {
          product[k] = a[k] * b[k] - a[k + 1] * b[k + 1]
          product[k + 1] = a[k] * b[k + 1] + a[k + 1] * b[k]
        }
      }
    }
  }

  /// What a sound of `length` samples was found by.
  /// - Parameter products: `⟨s, x⟩ / ‖s‖` at each sample.
  private func found(_ products: [Float], length: Int) -> Found {
    products.withUnsafeBufferPointer { products in
      energies.withUnsafeBufferPointer { energies in
        /// The energy of the stretch in which the sound would be if it began at a sample.
        func energy(_ i: Int) -> Float {
          Float(max(lowest, energies[i + length + Self.ring] - energies[i - Self.ring]))
        }
        func highest(_ range: Range<Int>) -> (value: Double, place: Int) {
          var best: (square: Float, place: Int) = (0, range.lowerBound)
          for i in range.clamped(to: positions) {
            let square = products[i] * products[i], energy = energy(i)
            // Dividing only where it is higher.
            if square > best.square * energy { best = (square / energy, i) }
          }
          return (Double(best.square).squareRoot(), best.place)
        }
        let first = highest(positions), apart = Self.longest
        let second = max(
          highest(0..<max(0, first.place - apart)).value, highest(min(count, first.place + apart)..<count).value)
        let power = positions.reduce(0.0) { $0 + Double(products[$1] * products[$1] / energy($1)) }
        return Found(
          correlation: min(1, (first.value + second) / 2), background: (power / Double(positions.count)).squareRoot(),
          time: Double(max(0, first.place - Self.margin)) / Double(Self.sampleRate))
      }
    }
  }
}

extension MatchedFilter {
  /// The whitening filter of a mix: what it multiplies each bin of a block by. It is symmetric in time, half of `taps` long on
  /// either side.
  private static func whitening(of mix: [Float]) -> [Float] {
    let spectrum = Spectrum(of: mix, sampleRate: sampleRate, settings: .init(size: taps, hop: taps / 2))
    let bins = spectrum.binCount
    var power = [Double](repeating: 0, count: bins)
    for (i, value) in spectrum.power.enumerated() { power[i % bins] += Double(value) }
    let top = power.max() ?? 0
    guard top > 0 else { return [Float](repeating: 0, count: size / 2 + 1) }
    let response = power.map { Float(1 / ($0 / top + 1e-6).squareRoot()) }
    let short = FFT.real(taps), long = FFT.real(size)
    let filter = short.withRoom { frame, bins in
      for (k, value) in response.enumerated() { (bins[2 * k], bins[2 * k + 1]) = (value, 0) }
      short.inverse(bins, into: frame)
      return frame.map { $0 / Float(taps) }
    }
    return long.withRoom { frame, bins in
      frame.update(repeating: 0)
      let half = taps / 2
      for i in 0..<half { frame[i] = filter[i] }
      for i in 1..<half { frame[size - i] = filter[taps - i] }
      // The tap in the middle belongs to both sides.
      frame[half] += filter[half] / 2
      frame[size - half] += filter[half] / 2
      long.transform(frame, into: bins)
      return (0..<long.binCount).map { bins[2 * $0] }
    }
  }

  /// A mix filtered by a response that is symmetric in time and at most `taps` long on either side.
  private static func filtered(_ mix: [Float], by response: [Float]) -> [Float] {
    let fft = FFT.real(size), step = size - 2 * taps
    var result = [Float](repeating: 0, count: mix.count)
    fft.withRoom { frame, bins in
      for start in stride(from: 0, to: mix.count, by: step) {
        for i in 0..<size {
          let place = start - taps + i
          frame[i] = mix.indices.contains(place) ? mix[place] : 0
        }
        fft.transform(frame, into: bins)
        for (k, weight) in response.enumerated() {
          bins[2 * k] *= weight / Float(size)
          bins[2 * k + 1] *= weight / Float(size)
        }
        fft.inverse(bins, into: frame)
        for i in 0..<min(step, mix.count - start) { result[start + i] = frame[taps + i] }
      }
    }
    return result
  }
}
