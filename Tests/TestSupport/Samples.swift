import Foundation

// Loops over samples for tests, in a module that is optimised in debug builds, too.

/// The values of a function at 0 to `count` - 1.
public func samples(_ count: Int, _ value: (Int) -> Double) -> [Float] {
  (0..<count).map { Float(value($0)) }
}

/// The largest absolute value; NaN if a sample is NaN.
public func peak(_ samples: [Float]) -> Float {
  samples.reduce(0) { $0.isNaN || $1.isNaN ? .nan : max($0, abs($1)) }
}

/// A channel's Fourier component, not divided by the number of samples.
///
/// - Parameter frequency: in cycles per sample, 0 to 0.5.
public func fourierComponent(_ samples: [Float], _ frequency: Double) -> (re: Double, im: Double) {
  let turn = (re: cos(2 * Double.pi * frequency), im: -sin(2 * Double.pi * frequency))
  var angle = (re: 1.0, im: 0.0), sum = (re: 0.0, im: 0.0)
  for sample in samples {
    sum.re += Double(sample) * angle.re
    sum.im += Double(sample) * angle.im
    angle = (angle.re * turn.re - angle.im * turn.im, angle.re * turn.im + angle.im * turn.re)
  }
  return sum
}
