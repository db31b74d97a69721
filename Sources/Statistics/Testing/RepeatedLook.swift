import Foundation

/// A look at a sample that grows to a size fixed beforehand, at which one may look as often as one likes and stop whenever
/// one likes, whatever was seen.
///
/// O'Brien and Fleming's (1979) boundary, watched without pause: with a share t of the sample, z is compared with c / √t.
/// Seen as a Brownian motion the sum of what comes passes c before its end with a chance of 2 Φ(−c), by reflection. So
/// an error of q on one side, over all looks together, leaves this look the tail Φ(Φ⁻¹(q / 2) / √t). An interval of such
/// tails is a repeated one (Jennison & Turnbull 1989): at all looks at once it holds the truth with its level.
///
/// It holds however looks are spaced. What all looks share, as the same items, ties them more closely than the boundary
/// takes for granted, so that errors become rarer.
public struct RepeatedLook: Sendable, Equatable {
  /// Of the whole sample, above 0 and up to 1.
  public let share: Double

  /// - Parameters:
  ///   - count: how much there is by now; more than there was to be counts as all of it.
  ///   - whole: how much there is to be, above 0.
  public init(_ count: Int, of whole: Int) { share = min(1, Double(max(1, count)) / Double(max(1, whole))) }

  /// The tail, on one side, that this look has of an error of all looks.
  /// - Parameter error: above 0, up to one half.
  public func tail(of error: Double) -> Double {
    guard let z = Normal().quantile(error / 2) else { return .nan }
    // A smaller tail has no quantile of t, and decides as little.
    return max(1e-12, Normal().lower(z / share.squareRoot()))
  }

  /// The error of all looks at which this one would have such a tail: the p-value that is right whenever one stops.
  /// - Parameter tail: above 0, up to one half.
  public func error(of tail: Double) -> Double {
    guard tail > 0, let z = Normal().quantile(tail) else { return 0 }
    return min(0.5, 2 * Normal().lower(z * share.squareRoot()))
  }

  /// What level an interval has at this look that has one of `level` over all looks.
  public func level(of level: Double) -> Double { 1 - 2 * tail(of: (1 - level) / 2) }

  /// The same of how surely something lies below a limit, by the side that it is on.
  public func sureness(of level: Double) -> Double {
    level < 0.5 ? error(of: level) : 1 - error(of: 1 - level)
  }
}
