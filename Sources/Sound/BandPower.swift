/// The power of a sound in bands of frequency over time, taken frame by frame without keeping the spectrum.
///
/// Frames, window and power are those of `Spectrum`; the numbers are those of `Spectrum.power(in:)`, band after band.
public struct BandPower: Sendable {
  public let settings: Spectrum.Settings
  private let window: [Float]
  private let fft: FFT
  /// Each band's weights, zeros added up to a whole number of vectors.
  private let bands: [(first: Int, start: Int, vectors: Int)]
  private let weights: [SIMD8<Float>]

  /// - Parameter bands: over the bins of a transform of `settings.size` samples.
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

  public func frameCount(of sampleCount: Int) -> Int { 1 + sampleCount / settings.hop }

  /// Band after band, each of `frameCount(of: samples.count)` values in the order of time.
  public func callAsFunction(_ samples: [Float]) -> [Float] {
    let frames = frameCount(of: samples.count), (size, hop) = (settings.size, settings.hop)
    return [Float](unsafeUninitializedCapacity: frames * bands.count) { result, count in
      fft.withRoom { frame, bins in
        // Room for the last band's added zeros.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: fft.binCount + 8) { power in
          power.initialize(repeating: 0)
          let spectrum = UnsafeMutableBufferPointer(rebasing: power[..<fft.binCount])
          samples.withUnsafeBufferPointer { samples in
            weights.withUnsafeBufferPointer { weights in
              for i in 0..<frames {
                Spectrum.window(samples, from: i * hop - size / 2, by: window, into: frame)
                fft.power(of: frame, into: spectrum, bins: bins)
                let start = UnsafeRawPointer(power.baseAddress.unsafelyUnwrapped)
                for (b, band) in bands.enumerated() {
                  var sum = SIMD8<Float>.zero
                  for v in 0..<band.vectors {
                    let bins = start.loadUnaligned(fromByteOffset: 4 * (band.first + 8 * v), as: SIMD8<Float>.self)
                    sum += bins * weights[band.start + v]
                  }
                  result[b * frames + i] = sum.sum()
                }
              }
            }
          }
        }
      }
      count = frames * bands.count
    }
  }
}
