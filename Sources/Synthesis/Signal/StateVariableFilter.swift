import Foundation

/// A second-order state-variable filter whose frequency may change while it runs.
///
/// Trapezoidal integration after Simper, "Linear Trapezoidal Integrated SVF" (Cytomic 2013).
public struct StateVariableFilter {
  /// The part of the signal that passes.
  public enum Response: Sendable { case lowpass, highpass, bandpass }

  private var response: Response
  private var a1 = 0.0, a2 = 0.0, a3 = 0.0, k = 0.0
  private var s1 = 0.0, s2 = 0.0

  /// - Parameters:
  ///   - frequency: in hertz, limited to 0.49 of the sample rate.
  ///   - q: 0.707 is maximally flat. A band-pass has a gain of 1 at its centre and a bandwidth of about `frequency /
  ///     q`.
  public init(_ response: Response, frequency: Double, q: Double = 0.5.squareRoot(), sampleRate: Double) {
    self.response = response
    tune(frequency, q: q, sampleRate: sampleRate)
  }

  /// Changes the frequency. The filter's state is kept, so there is no discontinuity.
  public mutating func tune(_ frequency: Double, q: Double = 0.5.squareRoot(), sampleRate: Double) {
    let g = tan(.pi * min(max(frequency, 1), 0.49 * sampleRate) / sampleRate)
    k = 1 / q
    a1 = 1 / (1 + g * (g + k))
    a2 = g * a1
    a3 = g * a2
  }

  /// The next sample.
  public mutating func callAsFunction(_ input: Double) -> Double {
    let v3 = input - s2
    let v1 = a1 * s1 + a2 * v3
    let v2 = s2 + a2 * s1 + a3 * v3
    s1 = 2 * v1 - s1
    s2 = 2 * v2 - s2
    switch response {
    case .lowpass: return v2
    case .bandpass: return k * v1
    case .highpass: return input - k * v1 - v2
    }
  }
}
