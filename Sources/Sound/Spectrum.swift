import Foundation

/// A short-time power spectrum: overlapping frames of a sound, each multiplied by a periodic Hann window and
/// transformed.
///
/// Power is `|X[k]|²` without any scaling, as in librosa, and in scipy with `scaling=None`.
public struct Spectrum: Sendable {
  /// The parameters of a spectrum.
  public struct Settings: Sendable, Hashable {
    /// The length of a frame and of the transform, in samples.
    public var size: Int
    /// The distance between successive frames, in samples.
    public var hop: Int

    public init(size: Int, hop: Int) {
      precondition(size >= 2 && hop > 0)
      self.size = size
      self.hop = hop
    }
  }

  /// The length of its frames and their distance.
  public let settings: Settings
  /// In hertz.
  public let sampleRate: Int
  /// `1 + samples.count / hop`.
  public private(set) var frameCount: Int
  /// One frame after another, each with `binCount` values.
  public private(set) var power: [Float]

  /// The number of frequencies, from 0 to half the sample rate.
  public var binCount: Int { settings.size / 2 + 1 }

  /// Frame `i` is centred on sample `i * hop`, with silence before the first and after the last sample, so there are
  /// `1 + samples.count / hop` frames (librosa's `center=True, pad_mode="constant"`).
  public init(of samples: [Float], sampleRate: Int, settings: Settings) {
    self.settings = settings
    self.sampleRate = sampleRate
    let (size, hop) = (settings.size, settings.hop)
    let fft = FFT.real(size)
    let binCount = fft.binCount
    let frameCount = 1 + samples.count / hop
    self.frameCount = frameCount
    let window = Spectrum.hann(size)
    power = [Float](unsafeUninitializedCapacity: frameCount * binCount) { power, count in
      fft.withRoom { frame, bins in
        samples.withUnsafeBufferPointer { samples in
          for i in 0..<frameCount {
            Spectrum.window(samples, from: i * hop - size / 2, by: window, into: frame)
            let row = UnsafeMutableBufferPointer(rebasing: power[i * binCount..<(i + 1) * binCount])
            fft.power(of: frame, into: row, bins: bins)
          }
        }
      }
      count = frameCount * binCount
    }
  }

  /// Writes `samples[start...]` multiplied by the window into `frame`, with zeros where there are no samples.
  static func window(
    _ samples: UnsafeBufferPointer<Float>, from start: Int, by window: [Float],
    into frame: UnsafeMutableBufferPointer<Float>
  ) {
    let first = min(max(0, -start), frame.count), end = max(first, min(frame.count, samples.count - start))
    precondition(window.count == frame.count)
    for n in 0..<first { frame[n] = 0 }
    for n in first..<end { frame[n] = samples[start + n] * window[n] }
    for n in end..<frame.count { frame[n] = 0 }
  }

  /// The periodic Hann window, whose overlapping copies sum to a constant at a hop of a half, a third … of its length.
  public static func hann(_ size: Int) -> [Float] {
    (0..<size).map { Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(size))) }
  }

  /// The frequency of bin `k`, in hertz.
  public func frequency(_ k: Int) -> Double { Double(k) * Double(sampleRate) / Double(settings.size) }

  /// The time of the centre of frame `i`, in seconds.
  public func time(_ i: Int) -> Double { Double(i * settings.hop) / Double(sampleRate) }

  /// The frames from `first` on, without what was already sounding: each bin's mean power over the `background` frames
  /// is subtracted, with a floor of 0 (power spectral subtraction, Boll 1979).
  public func without(background: Range<Int>, from first: Int) -> Spectrum {
    precondition(!background.isEmpty && background.upperBound <= frameCount && first <= frameCount)
    var rest = self
    rest.frameCount = frameCount - first
    rest.power.removeFirst(first * binCount)
    for k in 0..<binCount {
      var sum: Float = 0
      for i in background { sum += power[i * binCount + k] }
      let mean = sum / Float(background.count)
      for i in 0..<rest.frameCount { rest.power[i * binCount + k] = max(0, rest.power[i * binCount + k] - mean) }
    }
    return rest
  }

  /// The same frames with different power values, as many as `power` has.
  public func with(power: [Float]) -> Spectrum {
    precondition(power.count == self.power.count)
    var other = self
    other.power = power
    return other
  }

  /// `count` frames from `first` on. Frames beyond either end are silent.
  public func frames(from first: Int, count: Int) -> Spectrum {
    var part = self
    part.frameCount = count
    part.power = [Float](repeating: 0, count: count * binCount)
    for i in 0..<count where (0..<frameCount).contains(first + i) {
      let row = (first + i) * binCount
      part.power.replaceSubrange(i * binCount..<(i + 1) * binCount, with: power[row..<row + binCount])
    }
    return part
  }

  /// The power in bands: one frame after another, each with `bands.count` values.
  public func power(in bands: BandWeights) -> [Float] {
    precondition(bands.binCount == binCount)
    var result = [Float](repeating: 0, count: frameCount * bands.count)
    power.withUnsafeBufferPointer { power in
      for i in 0..<frameCount {
        for (b, band) in bands.bands.enumerated() {
          var sum: Float = 0
          let base = i * binCount + band.first
          for (k, weight) in band.weights.enumerated() { sum += power[base + k] * weight }
          result[i * bands.count + b] = sum
        }
      }
    }
    return result
  }
}

/// Frequency bands over the bins of a spectrum. Each is a run of adjacent bins with their weights.
public struct BandWeights: Sendable {
  struct Band: Sendable {
    var first: Int
    var weights: [Float]
  }

  let bands: [Band]
  let binCount: Int

  public var count: Int { bands.count }

  /// - Parameter weight: the weight of bin `k` in band `b`. A band spans the bins with nonzero weights.
  init(count: Int, binCount: Int, weight: (_ band: Int, _ bin: Int) -> Double) {
    self.binCount = binCount
    bands = (0..<count).map { b in
      let weights = (0..<binCount).map { Float(weight(b, $0)) }
      guard let first = weights.firstIndex(where: { $0 != 0 }), let last = weights.lastIndex(where: { $0 != 0 })
      else { return Band(first: 0, weights: []) }
      return Band(first: first, weights: Array(weights[first...last]))
    }
  }

  /// The weights of all bins in band `b`, including zeros.
  public subscript(b: Int) -> [Float] {
    var all = [Float](repeating: 0, count: binCount)
    all.replaceSubrange(bands[b].first..<bands[b].first + bands[b].weights.count, with: bands[b].weights)
    return all
  }
}
