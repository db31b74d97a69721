import Foundation

// The incomplete beta and gamma functions, by continued fractions and series (DLMF 8.17.22, 8.7.1, 8.9.2), with their
// leading factors computed as binomial and Poisson densities by Loader's saddle-point expansion (2000), which keeps
// full relative precision where differences of log-gammas would lose it. Both tails are returned, each with its own
// precision.

/// A probability and its complement.
struct Tails {
  var lower: Double, upper: Double

  var swapped: Tails { Tails(lower: upper, upper: lower) }
}

/// The regularised incomplete beta function I_x(a, b) for `a`, `b` > 0. `y` is 1 - x, passed separately so that neither
/// loses digits.
func incompleteBeta(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> Tails {
  if x <= 0 { return Tails(lower: 0, upper: 1) }
  if y <= 0 { return Tails(lower: 1, upper: 0) }
  if x > (a + 1) / (a + b + 2) { return incompleteBeta(y, x, b, a).swapped }
  // x^a y^b / (a B(a, b)), then Lentz's evaluation of the continued fraction.
  let factor = binomialDensity(a, b, x, y) * b / (a + b)
  let fraction = lentz { m in
    if m == 0 { return 1 }
    let k = Double(m / 2)
    return m % 2 == 0
      ? k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
      : -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
  }
  let lower = factor * fraction
  return Tails(lower: lower, upper: 1 - lower)
}

/// The regularised incomplete gamma functions P(a, x) and Q(a, x) for `a` > 0.
func incompleteGamma(_ a: Double, _ x: Double) -> Tails {
  if x <= 0 { return Tails(lower: 0, upper: 1) }
  if x.isInfinite { return Tails(lower: 1, upper: 0) }
  let factor = poissonDensity(a, x)  // x^a e^-x / Γ(a + 1)
  if x < a + 1 {
    var term = 1.0, sum = 1.0, k = a
    while term > sum * 1e-17 {
      k += 1
      term *= x / k
      sum += term
    }
    return Tails(lower: factor * sum, upper: 1 - factor * sum)
  }
  // Q = x^a e^-x / Γ(a) / (x + 1 - a - 1 (1 - a) / (x + 3 - a - ...)), Lentz again with its own denominators.
  let tiny = 1e-300
  var b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d
  for i in 1...100_000 {
    let numerator = -Double(i) * (Double(i) - a)
    b += 2
    d = numerator * d + b
    d = 1 / (abs(d) < tiny ? tiny : d)
    c = b + numerator / c
    if abs(c) < tiny { c = tiny }
    h *= c * d
    if abs(c * d - 1) < 1e-16 { break }
  }
  let upper = factor * a * h
  return Tails(lower: 1 - upper, upper: upper)
}

/// `n₀ / (1 + n₁ / (1 + n₂ / (1 + …)))` by the modified Lentz algorithm.
private func lentz(_ numerator: (Int) -> Double) -> Double {
  let tiny = 1e-300
  var c = 1.0, d = 0.0, f = 1.0
  for m in 1...100_000 {
    let n = numerator(m)
    d = 1 + n * d
    d = 1 / (abs(d) < tiny ? tiny : d)
    c = 1 + n / c
    if abs(c) < tiny { c = tiny }
    f *= c * d
    if abs(c * d - 1) < 1e-16 { break }
  }
  return numerator(0) / f
}

/// `Γ(a+b+1) / (Γ(a+1) Γ(b+1)) x^a y^b`.
private func binomialDensity(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
  let n = a + b
  let exponent =
    stirlingError(n) - stirlingError(a) - stirlingError(b) - deviance(a, n * x) - deviance(b, n * y)
  return exp(exponent) * (n / (2 * .pi * a * b)).squareRoot()
}

/// `x^a e^-x / Γ(a+1)`.
private func poissonDensity(_ a: Double, _ x: Double) -> Double {
  exp(-stirlingError(a) - deviance(a, x)) / (2 * .pi * a).squareRoot()
}

/// `log Γ(z+1)` minus Stirling's `(z + ½) log z - z + ½ log 2π`.
private func stirlingError(_ z: Double) -> Double {
  if z < 16 { return lgamma(z + 1) - (z + 0.5) * log(z) + z - 0.5 * log(2 * .pi) }
  let s = 1 / (z * z)
  return (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s * (1.0 / 1188 - s * 691 / 360360))))) / z
}

/// Loader's `x log(x / m) + m - x`, without cancellation where x is near m.
private func deviance(_ x: Double, _ m: Double) -> Double {
  guard abs(x - m) < 0.1 * (x + m) else { return x * log(x / m) + m - x }
  let v = (x - m) / (x + m)
  var sum = (x - m) * v, term = 2 * x * v
  for j in 1..<1000 {
    term *= v * v
    let next = sum + term / Double(2 * j + 1)
    if next == sum { break }
    sum = next
  }
  return sum
}
