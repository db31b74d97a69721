/// The agreement of two lists whose entries may be compared only within strata: the mean of the strata's agreements,
/// each weighted by its number of entries minus one. That is the inverse of a rank correlation's variance by chance (1
/// / (n - 1) for Spearman's; Kendall & Gibbons 1990). With a single stratum it is the measure itself.
///
/// Newson (2006) calls a statistic that is restricted to strata a stratified rank statistic. If all orders within a
/// stratum are equally likely, the expected agreement of a random order is 0, however the strata came about.
/// - Parameters:
///   - ends: where each stratum ends in the lists, which are ordered by stratum; the last is the lists' length.
///   - fewest: the smallest size of a single stratum. Several strata need as many independent comparisons: their sizes
///     minus one must add up to at least `fewest - 1`.
/// - Returns: nil if there are too few entries, or if the measure is undefined in every stratum.
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

/// Whether the strata have enough entries; see `agreementWithinStrata`.
public func strataSuffice(_ ends: [Int], fewest: Int) -> Bool {
  if ends.count <= 1 { return (ends.first ?? 0) >= fewest }
  var start = 0, freedom = 0
  for end in ends {
    freedom += max(0, end - start - 1)
    start = end
  }
  return freedom >= max(1, fewest - 1)
}

/// Where strata end in a list of entries that is ordered by stratum.
public func strataEnds<Stratum: Equatable>(_ strata: some Sequence<Stratum>) -> [Int] {
  var ends: [Int] = [], last: Stratum?, count = 0
  for stratum in strata {
    if let last, last != stratum { ends.append(count) }
    last = stratum
    count += 1
  }
  return ends + [count]
}
