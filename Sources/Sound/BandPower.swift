/// The power of a sound in frequency bands over time, computed frame by frame without storing the spectrum.
///
/// Frames, window and power are those of `Spectrum`. The values are those of `Spectrum.power(in:)`, ordered by band.
public struct BandPower: Sendable {
  /// The frames that the power is computed of.
  public let settings: Spectrum.Settings
  private let window: [Float]
  private let fft: FFT
  /// Each band's weights, padded with zeros to a whole number of vectors.
  private let bands: [(first: Int, start: Int, vectors: Int)]
  private let weights: [SIMD8<Float>]

  /// - Parameter bands: weights over the bins of a transform of `settings.size` samples.
  public init(in bands: BandWeights, settings: Spectrum.Settings) {
    precondition(bands.binCount == settings.size / 2 + 1)
    self.settings = settings
    window = Spectrum.hann(settings.size)
    fft = FFT.real(settings.size)
    var places: [(first: Int, start: Int, vectors: Int)] = []
    var weights: [SIMD8<Float>] = []
    for band in bands.bands {
      let vectors = (band.weights.count + 7) / 8
      places.append((band.first, weights.count, vectors))
      for v in 0..<vectors {
        var vector = SIMD8<Float>.zero
        for i in 0..<8 where 8 * v + i < band.weights.count { vector[i] = band.weights[8 * v + i] }
        weights.append(vector)
      }
    }
    self.bands = places
    self.weights = weights
  }

  /// How many frames a sound of `sampleCount` samples gives.
  public func frameCount(of sampleCount: Int) -> Int { 1 + sampleCount / settings.hop }

  /// The power of each band over time: one band after another, each with `frameCount(of: samples.count)` values.
  public func callAsFunction(_ samples: [Float]) -> [Float] {
    let frames = frameCount(of: samples.count), binCount = fft.binCount, block = BandPower.block
    return [Float](unsafeUninitializedCapacity: frames * bands.count) { result, count in
      fft.withRoomForTwo { pair, bins in
        // Two spectra, each padded for the last band's zeros; and the bands of some frames before they are transposed.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * (binCount + 8) + block * bands.count) { room in
          room.initialize(repeating: 0)
          guard let a = room.baseAddress, let out = result.baseAddress else { return }
          let b = a + binCount + 8, turned = b + binCount + 8
          samples.withUnsafeBufferPointer { samples in
            for start in stride(from: 0, to: frames, by: block) {
              let end = min(frames, start + block)
              for i in stride(from: start, to: end, by: 2) {
                window(samples, i, into: pair)
                fft.powers(of: pair, into: a, b, bins: bins)
                sum(a, into: turned + (i - start) * bands.count)
                if i + 1 < end { sum(b, into: turned + (i + 1 - start) * bands.count) }
              }
              for band in 0..<bands.count {
                let row = out + band * frames + start
                for i in 0..<end - start { row[i] = turned[i * bands.count + band] }
              }
            }
          }
        }
      }
      count = frames * bands.count
    }
  }

  /// How many frames are transposed at once, from one row per frame to one row per band: a cache line for each band.
  private static let block = 16

  /// Applies the window to frames `i` and `i + 1`, and interleaves their samples.
  private func window(_ samples: UnsafeBufferPointer<Float>, _ i: Int, into pair: UnsafeMutablePointer<Float>) {
    let (size, hop) = (settings.size, settings.hop)
    let start = i * hop - size / 2
    window.withUnsafeBufferPointer { window in
      guard let weights = window.baseAddress else { return }
      if start >= 0, start + hop + size <= samples.count, let first = samples.baseAddress.map({ $0 + start }) {
        let (one, other, by) = (UnsafeRawPointer(first), UnsafeRawPointer(first + hop), UnsafeRawPointer(weights))
        let to = UnsafeMutableRawPointer(pair)
        var n = 0
        while n + 4 <= size {
          let weight = by.loadUnaligned(fromByteOffset: 4 * n, as: SIMD4<Float>.self)
          let even = one.loadUnaligned(fromByteOffset: 4 * n, as: SIMD4<Float>.self) * weight
          let odd = other.loadUnaligned(fromByteOffset: 4 * n, as: SIMD4<Float>.self) * weight
          var both = SIMD8<Float>.zero
          both.evenHalf = even
          both.oddHalf = odd
          to.storeBytes(of: both, toByteOffset: 8 * n, as: SIMD8<Float>.self)
          n += 4
        }
        while n < size {
          pair[2 * n] = first[n] * weights[n]
          pair[2 * n + 1] = first[hop + n] * weights[n]
          n += 1
        }
      } else {
        for n in 0..<size {
          for f in 0..<2 {
            let at = start + f * hop + n
            pair[2 * n + f] = samples.indices.contains(at) ? samples[at] * weights[n] : 0
          }
        }
      }
    }
  }

  private func sum(_ power: UnsafeMutablePointer<Float>, into result: UnsafeMutablePointer<Float>) {
    let start = UnsafeRawPointer(power)
    weights.withUnsafeBufferPointer { weights in
      bands.withUnsafeBufferPointer { bands in
        for b in 0..<bands.count {
          let band = bands[b]
          var sum = SIMD8<Float>.zero
          for v in 0..<band.vectors {
            let bins = start.loadUnaligned(fromByteOffset: 4 * (band.first + 8 * v), as: SIMD8<Float>.self)
            sum += bins * weights[band.start + v]
          }
          result[b] = sum.sum()
        }
      }
    }
  }
}
