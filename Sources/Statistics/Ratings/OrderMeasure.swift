/// A rank correlation that is the product of two vectors, one per list, so that sums over all pairs of lists take time
/// linear in the number of lists, not of pairs.
public enum OrderMeasure: String, Sendable, CaseIterable {
  case spearman, kendallTauB, kendallTauA, rhoA

  /// The length of the vector for a list of `count` values.
  func dimensions(_ count: Int) -> Int {
    switch self {
    case .spearman, .rhoA: count
    case .kendallTauB, .kendallTauA: count * (count - 1) / 2
    }
  }

  /// The vector of a list; the product of two lists' vectors is their correlation. Nil if the list has fewer than two
  /// values, is constant, or contains a NaN.
  ///
  /// Spearman's rho: centred average ranks over their norm. Rho-a: the same ranks times √(12 / (n³ − n)) instead.
  /// Kendall's tau-b: the signs of all differences over their norm; tau-a: over the square root of their number.
  public func vector(_ values: [Double]) -> [Double]? {
    let n = values.count
    guard n >= 2, !values.contains(where: \.isNaN), values.contains(where: { $0 != values[0] }) else { return nil }
    switch self {
    case .spearman, .rhoA:
      return withCentredRanks(values.span) { ranks, squares in
        let count = Double(n)
        let norm = self == .spearman ? Double(squares).squareRoot() : ((count * count * count - count) / 3).squareRoot()
        return ranks.map { Double($0) / norm }
      }
    case .kendallTauB, .kendallTauA:
      var signs: [Double] = [], untied = 0.0
      signs.reserveCapacity(n * (n - 1) / 2)
      for i in 1..<n {
        for j in 0..<i {
          let sign: Double = values[i] > values[j] ? 1 : values[i] < values[j] ? -1 : 0
          untied += sign * sign
          signs.append(sign)
        }
      }
      let norm = (self == .kendallTauB ? untied : Double(signs.count)).squareRoot()
      return signs.map { $0 / norm }
    }
  }

  /// The correlation of two lists.
  public func callAsFunction(_ a: Span<Double>, _ b: Span<Double>) -> Double? {
    switch self {
    case .spearman: Statistics.spearman(a, b)
    case .kendallTauB: Statistics.kendallTauB(a, b)
    case .kendallTauA: Statistics.kendallTauA(a, b)
    case .rhoA: Statistics.rhoA(a, b)
    }
  }
}
