import Foundation

/// Two one-sided tests of equivalence (Schuirmann 1987): whether a difference lies within ±margin.
public struct Equivalence: Sendable, Equatable {
  /// Of the hypothesis that the difference is -margin or less, and that it is +margin or more.
  public let above: Double, below: Double
  /// The larger of both: equivalent if it is under the level.
  public var p: Double { max(above, below) }

  /// From an estimate and its standard error. `degreesOfFreedom` infinite takes the normal distribution. `margin` and
  /// `standardError` must be above 0.
  public init(estimate: Double, standardError: Double, margin: Double, degreesOfFreedom: Double = .infinity) {
    precondition(margin > 0 && standardError > 0)
    let t = StudentT(degreesOfFreedom)
    above = t.upper((estimate + margin) / standardError)
    below = t.lower((estimate - margin) / standardError)
  }

  /// From resamples of the difference: the share of them beyond each margin, with one added to both counts so that it
  /// is never 0 (Davison & Hinkley 1997). Agrees with asking whether the percentile interval of level 1 - 2α lies
  /// within the margins. Resamples that are not a number are left out; nil if none is left.
  public init?(resamples: [Double], margin: Double) {
    precondition(margin > 0)
    let values = resamples.filter { !$0.isNaN }
    guard !values.isEmpty else { return nil }
    func share(_ count: Int) -> Double { Double(count + 1) / Double(values.count + 1) }
    above = share(values.count { $0 <= -margin })
    below = share(values.count { $0 >= margin })
  }
}

/// The exact two-sided sign test: how likely it is that fair coins fall as unevenly as `wins` to `losses` (ties are
/// left out before). 1 for none.
public func signTest(wins: Int, losses: Int) -> Double {
  precondition(wins >= 0 && losses >= 0)
  let most = max(wins, losses), all = wins + losses
  guard most > all - most else { return 1 }
  // P(X ≥ most) = I_½(most, all - most + 1)
  return min(1, 2 * incompleteBeta(0.5, 0.5, Double(most), Double(all - most + 1)).lower)
}

/// The two-sided p-value of a bootstrap: twice the smaller share of resamples on either side of `null`, those equal to
/// it counting on both, with one added to the counts; at most 1. Nil if no resample is defined.
public func bootstrapP(_ resamples: [Double], null: Double = 0) -> Double? {
  let values = resamples.filter { !$0.isNaN }
  guard !values.isEmpty else { return nil }
  let smaller = min(values.count { $0 <= null }, values.count { $0 >= null })
  return min(1, 2 * Double(smaller + 1) / Double(values.count + 1))
}
