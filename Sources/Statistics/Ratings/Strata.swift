/// Agreement of two lists whose entries may be compared only within strata: the mean of the strata's agreements, each
/// weighted by its number of entries less one, which is one over the variance of a rank correlation by chance
/// (1 / (n - 1) for Spearman's; Kendall & Gibbons 1990). With a single stratum it is the measure itself.
///
/// Restricting comparisons to strata is what Newson (2006) calls a stratified rank statistic. Where an order at random
/// is as likely as any other within each stratum, its expected agreement is 0, however the strata came about.
/// - Parameters:
///   - ends: where each stratum ends in the lists, which hold one stratum after another; the last is their count.
///   - fewest: a single stratum of so many entries is the least that is told of. Several must hold as many comparisons
///     that are independent: their entries less one, summed, are at least `fewest - 1`.
/// - Returns: nil where there are too few entries, or the measure is defined in no stratum.
public func agreementWithinStrata(
  _ a: Span<Double>, _ b: Span<Double>, ends: [Int], fewest: Int = 2, _ measure: PageMeasure
) -> Double? {
  if ends.count <= 1 { return a.count < fewest ? nil : measure(a, b) }
  var start = 0, freedom = 0, sum = 0.0, weight = 0.0
  for end in ends {
    defer { start = end }
    guard end - start >= 2 else { continue }
    freedom += end - start - 1
    guard let value = measure(a.extracting(start..<end), b.extracting(start..<end)) else { continue }
    let own = Double(end - start - 1)
    sum += own * value
    weight += own
  }
  return freedom < fewest - 1 || weight == 0 ? nil : sum / weight
}

/// Whether entries in strata are enough to tell of; see `agreementWithinStrata`.
public func strataSuffice(_ ends: [Int], fewest: Int) -> Bool {
  if ends.count <= 1 { return (ends.first ?? 0) >= fewest }
  var start = 0, freedom = 0
  for end in ends {
    freedom += max(0, end - start - 1)
    start = end
  }
  return freedom >= max(1, fewest - 1)
}

/// Where strata end in a list of entries that come one stratum after another.
public func strataEnds<Stratum: Equatable>(_ strata: some Sequence<Stratum>) -> [Int] {
  var ends: [Int] = [], last: Stratum?, count = 0
  for stratum in strata {
    if let last, last != stratum { ends.append(count) }
    last = stratum
    count += 1
  }
  return ends + [count]
}
