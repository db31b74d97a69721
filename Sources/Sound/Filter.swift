import Foundation

/// The coefficients of a second-order filter, normalised by `a0`: y[n] = b0 x[n] + b1 x[n−1] + b2 x[n−2] − a1 y[n−1] −
/// a2 y[n−2].
///
/// The designs follow R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients" (the form
/// published as a W3C note, 2021). Frequencies are in hertz, above 0 and below half the sample rate.
public struct Biquad: Sendable, Equatable {
  /// Of the equation above.
  public var b0, b1, b2, a1, a2: Double

  public init(b0: Double, b1: Double, b2: Double, a1: Double, a2: Double) {
    (self.b0, self.b1, self.b2, self.a1, self.a2) = (b0, b1, b2, a1, a2)
  }

  /// Second-order low-pass. The default `q` of 0.7071 is a Butterworth filter.
  public static func lowpass(_ frequency: Double, q: Double = 0.5.squareRoot(), sampleRate: Int) -> Biquad {
    let (c, alpha) = prewarp(frequency, q: q, sampleRate: sampleRate)
    return divided((1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha)
  }

  /// Second-order high-pass. The default `q` of 0.7071 is a Butterworth filter.
  public static func highpass(_ frequency: Double, q: Double = 0.5.squareRoot(), sampleRate: Int) -> Biquad {
    let (c, alpha) = prewarp(frequency, q: q, sampleRate: sampleRate)
    return divided((1 + c) / 2, -1 - c, (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha)
  }

  /// Band-pass with 0 dB at `frequency`.
  public static func bandpass(_ frequency: Double, q: Double, sampleRate: Int) -> Biquad {
    let (c, alpha) = prewarp(frequency, q: q, sampleRate: sampleRate)
    return divided(alpha, 0, -alpha, 1 + alpha, -2 * c, 1 - alpha)
  }

  /// A peak of `gain` dB at `frequency`, falling to 0 dB far from it.
  public static func peak(_ frequency: Double, gain: Double, q: Double = 1, sampleRate: Int) -> Biquad {
    let (c, alpha) = prewarp(frequency, q: q, sampleRate: sampleRate)
    let a = pow(10, gain / 40)
    return divided(1 + alpha * a, -2 * c, 1 - alpha * a, 1 + alpha / a, -2 * c, 1 - alpha / a)
  }

  /// `gain` dB below `frequency`, half of that at it, 0 dB above. A `slope` of 1 is the steepest without overshoot.
  public static func lowShelf(_ frequency: Double, gain: Double, slope: Double = 1, sampleRate: Int) -> Biquad {
    let (c, a, s) = shelf(frequency, gain: gain, slope: slope, sampleRate: sampleRate)
    return divided(
      a * ((a + 1) - (a - 1) * c + s), 2 * a * ((a - 1) - (a + 1) * c), a * ((a + 1) - (a - 1) * c - s),
      (a + 1) + (a - 1) * c + s, -2 * ((a - 1) + (a + 1) * c), (a + 1) + (a - 1) * c - s)
  }

  /// `gain` dB above `frequency`, half of that at it, 0 dB below. A `slope` of 1 is the steepest without overshoot.
  public static func highShelf(_ frequency: Double, gain: Double, slope: Double = 1, sampleRate: Int) -> Biquad {
    let (c, a, s) = shelf(frequency, gain: gain, slope: slope, sampleRate: sampleRate)
    return divided(
      a * ((a + 1) + (a - 1) * c + s), -2 * a * ((a - 1) + (a + 1) * c), a * ((a + 1) + (a - 1) * c - s),
      (a + 1) - (a - 1) * c + s, 2 * ((a - 1) - (a + 1) * c), (a + 1) - (a - 1) * c - s)
  }

  /// The gain at a frequency, in dB.
  public func gain(at frequency: Double, sampleRate: Int) -> Double {
    let w = 2 * Double.pi * frequency / Double(sampleRate)
    func power(_ k0: Double, _ k1: Double, _ k2: Double) -> Double {
      let real = k0 + k1 * cos(w) + k2 * cos(2 * w)
      let imaginary = k1 * sin(w) + k2 * sin(2 * w)
      return real * real + imaginary * imaginary
    }
    return 10 * log10(power(b0, b1, b2) / power(1, a1, a2))
  }

  private static func prewarp(_ frequency: Double, q: Double, sampleRate: Int) -> (cosine: Double, alpha: Double) {
    precondition(frequency > 0 && frequency < Double(sampleRate) / 2 && q > 0)
    let w = 2 * Double.pi * frequency / Double(sampleRate)
    return (cos(w), sin(w) / (2 * q))
  }

  private static func shelf(
    _ frequency: Double, gain: Double, slope: Double, sampleRate: Int
  ) -> (cosine: Double, a: Double, s: Double) {
    let a = pow(10, gain / 40)
    let q = 1 / ((a + 1 / a) * (1 / slope - 1) + 2).squareRoot()
    let (c, alpha) = prewarp(frequency, q: q, sampleRate: sampleRate)
    return (c, a, 2 * a.squareRoot() * alpha)
  }

  private static func divided(
    _ b0: Double, _ b1: Double, _ b2: Double, _ a0: Double, _ a1: Double, _ a2: Double
  ) -> Biquad {
    Biquad(b0: b0 / a0, b1: b1 / a0, b2: b2 / a0, a1: a1 / a0, a2: a2 / a0)
  }
}

/// Second-order sections in series, with the state of one channel. Computed in double precision (transposed direct form
/// II), so that steep filters at low frequencies stay accurate.
public struct BiquadChain: Sendable {
  /// In the order in which a sample passes them.
  public let sections: [Biquad]
  /// Two state values per section.
  private var memory: [Double]

  public init(_ sections: [Biquad]) {
    self.sections = sections
    memory = [Double](repeating: 0, count: sections.count * 2)
  }

  /// Filters `samples` in place, continuing from the end of the last call.
  public mutating func process(_ samples: inout [Float]) {
    sections.withUnsafeBufferPointer { sections in
      memory.withUnsafeMutableBufferPointer { memory in
        samples.withUnsafeMutableBufferPointer { samples in
          for i in samples.indices {
            var x = Double(samples[i])
            for k in sections.indices {
              let f = sections[k]
              let y = f.b0 * x + memory[2 * k]
              memory[2 * k] = f.b1 * x - f.a1 * y + memory[2 * k + 1]
              memory[2 * k + 1] = f.b2 * x - f.a2 * y
              x = y
            }
            samples[i] = Float(x)
          }
        }
      }
    }
  }

  /// The gain of the whole chain at a frequency, in dB.
  public func gain(at frequency: Double, sampleRate: Int) -> Double {
    sections.reduce(0) { $0 + $1.gain(at: frequency, sampleRate: sampleRate) }
  }

  /// The low-pass of an anchor: Chebyshev type I of order 12 with 0.1 dB of ripple below `cutoff`, by the bilinear
  /// transform of the analogue prototype (Oppenheim & Schafer, *Discrete-Time Signal Processing*, appendix B).
  ///
  /// It meets the mask that ITU-R BS.1534-3 sets for a 3.5 kHz anchor (at most ±0.1 dB of ripple, at least 25 dB down
  /// at 4 kHz and 50 dB at 4.5 kHz), and the same mask scaled for other cutoffs. It is causal on purpose: a
  /// linear-phase filter this steep rings as long before the attack as after it, which sounds like a softened, early
  /// attack. The delay of the causal filter is less than a millisecond in the lower half of the pass band, and is
  /// removed when the attack is found (`Attack`).
  ///
  /// - Parameter cutoff: in hertz, above 0 and below half the sample rate.
  public static func anchorLowpass(_ cutoff: Double, sampleRate: Int) -> BiquadChain {
    precondition(cutoff > 0 && cutoff < Double(sampleRate) / 2)
    let order = 12
    let epsilon = (pow(10, 0.1 / 10) - 1).squareRoot()
    let v = asinh(1 / epsilon) / Double(order)
    let k = tan(Double.pi * cutoff / Double(sampleRate))
    var sections = (0..<order / 2).map { i in
      let theta = Double.pi * Double(2 * i + 1) / Double(2 * order)
      let real = sinh(v) * sin(theta), imaginary = cosh(v) * cos(theta)
      let square = (real * real + imaginary * imaginary) * k * k
      let a0 = 1 + 2 * real * k + square
      return Biquad(
        b0: square / a0, b1: 2 * square / a0, b2: square / a0, a1: (2 * square - 2) / a0,
        a2: (1 - 2 * real * k + square) / a0)
    }
    // With an even order, the ripple lies above the gain at 0 Hz. This shifts it all to 0 dB and below.
    let scale = 1 / (1 + epsilon * epsilon).squareRoot()
    sections[0].b0 *= scale
    sections[0].b1 *= scale
    sections[0].b2 *= scale
    return BiquadChain(sections)
  }
}

extension Clip {
  /// Filters every channel by `chain`, starting from rest. What would ring on after the last frame is cut off.
  public func filtered(by chain: BiquadChain) -> Clip {
    var channels = channels
    for c in channels.indices {
      var chain = chain
      chain.process(&channels[c])
    }
    return Clip(channels: channels, sampleRate: sampleRate)
  }
}
