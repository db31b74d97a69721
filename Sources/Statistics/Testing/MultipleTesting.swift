/// How p-values of a family of tests are adjusted.
public enum Correction: String, Sendable, CaseIterable, Codable {
  /// No adjustment.
  case none
  /// Step-down Bonferroni (Holm 1979): controls the probability of any false finding, under any dependence.
  case holm
  /// Step-up Bonferroni (Hochberg 1988): controls the same, for independent or positively dependent tests.
  case hochberg
  /// Benjamini & Hochberg (1995): controls the expected share of false findings, for independent or positively
  /// dependent tests.
  case bh
  /// Benjamini & Yekutieli (2001): controls the same, under any dependence.
  case by
}

/// Adjusted p-values in the order given, as by R's `p.adjust`; compare each with the level of the family. Missing ones
/// (nil) stay missing and are not counted. Each must be in 0...1.
public func adjusted(_ pValues: [Double?], _ correction: Correction) -> [Double?] {
  let present = pValues.indices.compactMap { i in pValues[i].map { (index: i, p: $0) } }
  precondition(present.allSatisfy { (0...1).contains($0.p) }, "a p-value is outside 0...1")
  let n = present.count
  let rising = present.sorted { $0.p == $1.p ? $0.index < $1.index : $0.p < $1.p }
  var result = pValues
  switch correction {
  case .none: break
  case .holm:
    var largest = 0.0
    for (i, entry) in rising.enumerated() {
      largest = max(largest, Double(n - i) * entry.p)
      result[entry.index] = min(1, largest)
    }
  case .hochberg, .bh, .by:
    var harmonic = 1.0
    if correction == .by && n > 1 { for i in 2...n { harmonic += 1 / Double(i) } }
    var smallest = 1.0
    for (i, entry) in rising.enumerated().reversed() {
      let factor = correction == .hochberg ? Double(n - i) : harmonic * (Double(n) / Double(i + 1))
      smallest = min(smallest, factor * entry.p)
      result[entry.index] = smallest
    }
  }
  return result
}
