import Foundation

/// An interim look at a sample that grows to a size fixed beforehand. One may look at any number of times and stop at
/// any of them, whatever was seen.
///
/// It uses O'Brien and Fleming's (1979) boundary with continuous monitoring: with a share t of the sample, z is
/// compared with c / √t. Seen as Brownian motion, the sum crosses c before its end with probability 2 Φ(−c), by
/// reflection. So a one-sided error of q over all looks leaves this look the tail Φ(Φ⁻¹(q / 2) / √t). An interval with
/// such tails is a repeated confidence interval (Jennison & Turnbull 1989): it contains the truth at all looks
/// simultaneously with its level.
///
/// This holds however looks are spaced. What all looks share, such as the same items, correlates them more strongly
/// than the boundary assumes, so errors become rarer.
public struct RepeatedLook: Sendable, Equatable {
  /// The share of the whole sample, above 0 and up to 1.
  public let share: Double

  /// - Parameters:
  ///   - count: the present size of the sample; a size above `whole` counts as `whole`.
  ///   - whole: the planned size, above 0.
  public init(_ count: Int, of whole: Int) { share = min(1, Double(max(1, count)) / Double(max(1, whole))) }

  /// The one-sided tail at this look for an error over all looks.
  /// - Parameter error: the one-sided error over all looks, above 0 and up to one half.
  public func tail(of error: Double) -> Double {
    guard let z = Normal().quantile(error / 2) else { return .nan }
    // Smaller tails have no quantile of t, and would decide no differently.
    return max(1e-12, Normal().lower(z / share.squareRoot()))
  }

  /// The error over all looks for which this look would have the given tail: the p-value that is valid whenever one
  /// stops.
  /// - Parameter tail: the one-sided tail, above 0 and up to one half.
  public func error(of tail: Double) -> Double {
    guard tail > 0, let z = Normal().quantile(tail) else { return 0 }
    return min(0.5, 2 * Normal().lower(z * share.squareRoot()))
  }

  /// The level that an interval needs at this look to have level `level` over all looks.
  public func level(of level: Double) -> Double { 1 - 2 * tail(of: (1 - level) / 2) }

  /// Converts how surely something is below a limit at this look into how surely it is over all looks.
  public func sureness(of level: Double) -> Double {
    level < 0.5 ? error(of: level) : 1 - error(of: 1 - level)
  }
}
