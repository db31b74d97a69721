import Foundation

/// A continuous distribution on an interval of the real line.
public protocol Distribution: Sendable {
  /// P(X ≤ x).
  func lower(_ x: Double) -> Double
  /// P(X > x), computed directly, so it keeps its relative precision far out in the tail.
  func upper(_ x: Double) -> Double
  /// The x with P(X ≤ x) = p, for p in 0...1; 0 and 1 give the ends of the support. Nil for other p.
  func quantile(_ p: Double) -> Double?
}

/// The standard normal distribution, by the C library's complementary error function.
public struct Normal: Distribution {
  public init() {}

  public func lower(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

  public func upper(_ x: Double) -> Double { lower(-x) }

  /// From Hastings' approximation (Abramowitz & Stegun 26.2.23), refined by Halley's method to full precision.
  public func quantile(_ p: Double) -> Double? {
    guard p >= 0, p <= 1 else { return nil }
    if p == 0 || p == 1 { return p == 0 ? -.infinity : .infinity }
    if p > 0.5 { return 1 - p > 0.4 ? upperHalf(p) : quantile(1 - p).map { -$0 } }
    let t = (-2 * log(p)).squareRoot()
    let start =
      (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t
    return refined(start, p)
  }

  private func upperHalf(_ p: Double) -> Double { refined((p - 0.5) * (2 * Double.pi).squareRoot(), p) }

  private func refined(_ start: Double, _ p: Double) -> Double {
    var x = start
    for _ in 0..<4 {
      let step = (lower(x) - p) * (2 * Double.pi).squareRoot() * exp(x * x / 2)
      let next = x - step / (1 + x * step / 2)
      if next == x { break }
      x = next
    }
    return x
  }
}

/// Student's t distribution.
public struct StudentT: Distribution {
  /// Above 0.
  public let degreesOfFreedom: Double

  /// - Parameter degreesOfFreedom: above 0; not necessarily an integer.
  public init(_ degreesOfFreedom: Double) {
    precondition(degreesOfFreedom > 0)
    self.degreesOfFreedom = degreesOfFreedom
  }

  public func lower(_ x: Double) -> Double { upper(-x) }

  public func upper(_ x: Double) -> Double {
    if x.isNaN { return .nan }
    if x.isInfinite { return x > 0 ? 0 : 1 }
    if degreesOfFreedom.isInfinite { return Normal().upper(x) }
    let whole = degreesOfFreedom + x * x
    let outside = incompleteBeta(degreesOfFreedom / whole, x * x / whole, degreesOfFreedom / 2, 0.5).lower
    return x > 0 ? outside / 2 : 1 - outside / 2
  }

  public func quantile(_ p: Double) -> Double? {
    guard p >= 0, p <= 1 else { return nil }
    if p == 0.5 { return 0 }
    if p > 0.5 { return quantile(1 - p).map { -$0 } }
    if p == 0 { return -.infinity }
    return root(of: { upper($0) - p }, from: -(Normal().quantile(p) ?? -1)).map { -$0 }
  }
}

/// Fisher's F distribution.
public struct FDistribution: Distribution {
  /// The degrees of freedom of numerator and denominator, above 0.
  public let numerator: Double, denominator: Double

  /// - Parameters:
  ///   - numerator: the numerator's degrees of freedom, above 0; not necessarily an integer.
  ///   - denominator: the denominator's degrees of freedom, above 0; not necessarily an integer.
  public init(_ numerator: Double, _ denominator: Double) {
    precondition(numerator > 0 && denominator > 0)
    (self.numerator, self.denominator) = (numerator, denominator)
  }

  private func tails(_ x: Double) -> Tails {
    if x <= 0 { return Tails(lower: 0, upper: 1) }
    if x.isInfinite { return Tails(lower: 1, upper: 0) }
    let whole = numerator * x + denominator
    return incompleteBeta(numerator * x / whole, denominator / whole, numerator / 2, denominator / 2)
  }

  public func lower(_ x: Double) -> Double { x.isNaN ? .nan : tails(x).lower }
  public func upper(_ x: Double) -> Double { x.isNaN ? .nan : tails(x).upper }

  public func quantile(_ p: Double) -> Double? { quantileOnPositives(p, tails) }
}

/// The chi-squared distribution.
public struct ChiSquared: Distribution {
  /// Above 0.
  public let degreesOfFreedom: Double

  /// - Parameter degreesOfFreedom: above 0; not necessarily an integer.
  public init(_ degreesOfFreedom: Double) {
    precondition(degreesOfFreedom > 0)
    self.degreesOfFreedom = degreesOfFreedom
  }

  private func tails(_ x: Double) -> Tails { incompleteGamma(degreesOfFreedom / 2, x / 2) }

  public func lower(_ x: Double) -> Double { x.isNaN ? .nan : tails(x).lower }
  public func upper(_ x: Double) -> Double { x.isNaN ? .nan : tails(x).upper }

  public func quantile(_ p: Double) -> Double? { quantileOnPositives(p, tails) }
}

/// Searches by the smaller tail, which has the better relative precision.
private func quantileOnPositives(_ p: Double, _ tails: (Double) -> Tails) -> Double? {
  guard p >= 0, p <= 1 else { return nil }
  if p == 0 || p == 1 { return p == 0 ? 0 : .infinity }
  return p <= 0.5
    ? root(of: { p - tails($0).lower }, from: 1) : root(of: { tails($0).upper - (1 - p) }, from: 1)
}

/// The root of a function that decreases through 0 on (0, ∞). A guess is doubled or halved until the root is bracketed;
/// then Ridders' method finds it to full precision.
private func root(of f: (Double) -> Double, from guess: Double) -> Double? {
  var low = max(guess, 1e-300), high = low
  if f(low) > 0 {
    repeat {
      low = high
      high *= 2
      if high.isInfinite { return nil }
    } while f(high) > 0
  } else {
    repeat {
      high = low
      low /= 2
      if low == 0 { return 0 }
    } while f(low) <= 0
  }
  var fLow = f(low), fHigh = f(high)
  if fHigh == 0 { return high }
  var best = low
  for _ in 0..<200 {
    let middle = low + (high - low) / 2
    let fMiddle = f(middle)
    if fMiddle == 0 { return middle }
    let x = middle + (middle - low) * fMiddle / (fMiddle * fMiddle - fLow * fHigh).squareRoot()
    let fx = f(x)
    let last = best
    best = x
    if fx == 0 || abs(x - last) <= 1e-16 * abs(x) || high - low <= 2e-16 * high { return x }
    if (fMiddle > 0) != (fx > 0) {
      (low, fLow, high, fHigh) = middle < x ? (middle, fMiddle, x, fx) : (x, fx, middle, fMiddle)
    } else if fx > 0 {
      (low, fLow) = (max(middle, x), middle > x ? fMiddle : fx)
    } else {
      (high, fHigh) = (min(middle, x), middle < x ? fMiddle : fx)
    }
  }
  return best
}
