/// The percussive part of a sound's spectrum: what is short in time and broad in frequency, after D. Fitzgerald,
/// "Harmonic/Percussive Separation using Median Filtering" (DAFx 2010).
///
/// In a power spectrogram, a steady tone is a line along time and a stroke a line along frequency. A median over time
/// in each bin, H, keeps the lines along time; a median over frequency in each frame, P, keeps the others. Each bin's
/// power is multiplied by `P² / (P² + H²)`, the paper's soft mask (equation 9 with p = 2). At the edges the spectrogram
/// is mirrored, repeating the edge itself, as in `scipy.ndimage.median_filter` and thus in librosa's
/// `decompose.hpss(power=2)`.
public struct HarmonicPercussive: Sendable {
  /// The lengths of the median filters over time, in frames, and over frequency, in bins. Both are odd.
  public var frames: Int
  /// The length of the median filter over frequency, in bins.
  public var bins: Int

  public init(frames: Int, bins: Int) {
    precondition(frames > 0 && frames % 2 == 1 && bins > 0 && bins % 2 == 1)
    self.frames = frames
    self.bins = bins
  }

  /// The spectrum reduced to its percussive part.
  public func percussive(_ spectrum: Spectrum) -> Spectrum {
    let (rows, columns) = (spectrum.frameCount, spectrum.binCount)
    var harmonic = [Float](repeating: 0, count: rows * columns)
    var median = RunningMedian(length: frames)
    for k in 0..<columns {
      median.run(rows) {
        spectrum.power[$0 * columns + k]
      } _: {
        harmonic[$0 * columns + k] = $1
      }
    }
    var power = spectrum.power
    median = RunningMedian(length: bins)
    for t in 0..<rows {
      let base = t * columns
      median.run(columns) {
        spectrum.power[base + $0]
      } _: { k, percussive in
        // Divide by the larger of the two, so that the squares neither overflow nor underflow.
        let top = max(percussive, harmonic[base + k])
        guard top > 0 else { return power[base + k] = 0 }
        let p = percussive / top, h = harmonic[base + k] / top
        power[base + k] *= p * p / (p * p + h * h)
      }
    }
    return spectrum.with(power: power)
  }
}

/// The median of a window that moves along a row of numbers. The window stays sorted, so each step removes one number
/// and inserts another.
private struct RunningMedian {
  private let length: Int
  private var sorted: [Float] = []

  init(length: Int) {
    self.length = length
    sorted.reserveCapacity(length)
  }

  /// Computes the median around each number.
  /// - Parameters:
  ///   - count: how many numbers there are.
  ///   - value: the numbers, for indices in `0 ..< count`. Beyond the edges they are mirrored.
  ///   - body: called with each index and the median around it.
  mutating func run(_ count: Int, _ value: (Int) -> Float, _ body: (Int, Float) -> Void) {
    let half = length / 2
    func mirrored(_ i: Int) -> Float {
      var i = i
      while i < 0 || i >= count { i = i < 0 ? -1 - i : 2 * count - 1 - i }
      return value(i)
    }
    sorted = (-half...half).map { mirrored($0) }.sorted()
    for i in 0..<count {
      if i > 0 {
        sorted.remove(at: place(of: mirrored(i - half - 1)))
        let new = mirrored(i + half)
        sorted.insert(new, at: place(of: new))
      }
      body(i, sorted[half])
    }
  }

  /// The first position whose number is at least `value`.
  private func place(of value: Float) -> Int {
    var low = 0, high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
