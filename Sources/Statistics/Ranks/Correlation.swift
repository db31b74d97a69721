// Correlations of two lists of equal length. All are in -1...1, and nil if undefined: for fewer than two items, a
// constant list (except tau-a and rho-a, which are then 0), or a NaN.
//
// Each takes arrays or, for inner loops that must not allocate, spans.

/// Pearson's product-moment correlation, by the two-pass formula.
public func pearson(_ a: [Double], _ b: [Double]) -> Double? { pearson(a.span, b.span) }

/// The same as `pearson` for arrays.
public func pearson(_ a: Span<Double>, _ b: Span<Double>) -> Double? {
  let n = a.count
  precondition(n == b.count)
  guard n >= 2 else { return nil }
  var sumA = 0.0, sumB = 0.0
  for i in 0..<n {
    sumA += a[unchecked: i]
    sumB += b[unchecked: i]
  }
  let meanA = sumA / Double(n), meanB = sumB / Double(n)
  var aa = 0.0, bb = 0.0, ab = 0.0, constantA = true, constantB = true
  for i in 0..<n {
    let x = a[unchecked: i] - meanA, y = b[unchecked: i] - meanB
    aa += x * x
    bb += y * y
    ab += x * y
    constantA = constantA && a[unchecked: i] == a[unchecked: 0]
    constantB = constantB && b[unchecked: i] == b[unchecked: 0]
  }
  guard !constantA, !constantB, aa > 0, bb > 0, ab.isFinite else { return nil }
  return max(-1, min(1, ab / (aa.squareRoot() * bb.squareRoot())))
}

/// Spearman's rho: Pearson's correlation of the average ranks (Kendall & Gibbons 1990, with the correction for ties in
/// both lists; scipy's `spearmanr`). Computed in integers up to the last division.
public func spearman(_ a: [Double], _ b: [Double]) -> Double? { spearman(a.span, b.span) }

/// The same as `spearman` for arrays.
public func spearman(_ a: Span<Double>, _ b: Span<Double>) -> Double? {
  guard let sums = rankSums(a, b), sums.aa > 0, sums.bb > 0 else { return nil }
  return sums.correlation
}

/// Rho-a (Kendall 1948; Schütt et al. 2023): the expected Spearman correlation if ties are broken at random,
/// `12 Σ RS / (n³ - n) - 3 (n + 1) / (n - 1)`. A ranking with many ties cannot gain from them.
public func rhoA(_ a: [Double], _ b: [Double]) -> Double? { rhoA(a.span, b.span) }

/// The same as `rhoA` for arrays.
public func rhoA(_ a: Span<Double>, _ b: Span<Double>) -> Double? {
  let n = a.count
  guard let sums = rankSums(a, b) else { return nil }
  return 3 * Double(sums.ab) / (Double(n) * Double(n - 1) * Double(n + 1))
}

/// Sums of squares and products of doubled, centred ranks.
struct RankSums {
  var aa: Int, bb: Int, ab: Int

  /// Exactly ±1 for rankings that are equal or reversed.
  @inline(__always)
  var correlation: Double {
    aa == bb ? Double(ab) / Double(aa) : Double(ab) / (Double(aa) * Double(bb)).squareRoot()
  }
}

private func rankSums(_ a: Span<Double>, _ b: Span<Double>) -> RankSums? {
  let n = a.count
  precondition(n == b.count)
  guard n >= 2, allNumbers(a), allNumbers(b) else { return nil }
  return withCentredRanks(a) { ranksA, aa in
    withCentredRanks(b) { ranksB, bb in
      var ab = 0
      for i in 0..<n { ab &+= ranksA[i] &* ranksB[i] }
      return RankSums(aa: aa, bb: bb, ab: ab)
    }
  }
}

func allNumbers(_ values: Span<Double>) -> Bool {
  for i in values.indices where values[unchecked: i].isNaN { return false }
  return true
}

/// Kendall's tau-b: `(C - D) / √((n₀ - n₁)(n₀ - n₂))`, where n₁ and n₂ count the pairs tied in each list (Kendall 1945;
/// scipy's `kendalltau`). O(n log n) by Knight's merge sort (1966); short lists pair by pair.
public func kendallTauB(_ a: [Double], _ b: [Double]) -> Double? { kendallTauB(a.span, b.span) }

/// The same as `kendallTauB` for arrays.
public func kendallTauB(_ a: Span<Double>, _ b: Span<Double>) -> Double? {
  guard let pairs = PairOrders(a, b) else { return nil }
  let untiedA = pairs.all - pairs.tiedA, untiedB = pairs.all - pairs.tiedB
  guard untiedA > 0, untiedB > 0 else { return nil }
  let net = Double(pairs.net)
  return untiedA == untiedB ? net / Double(untiedA) : net / (Double(untiedA) * Double(untiedB)).squareRoot()
}

/// Kendall's tau-a: `(C - D) / n₀`, over all pairs including tied ones. A ranking with many ties cannot gain from them.
public func kendallTauA(_ a: [Double], _ b: [Double]) -> Double? { kendallTauA(a.span, b.span) }

/// The same as `kendallTauA` for arrays.
public func kendallTauA(_ a: Span<Double>, _ b: Span<Double>) -> Double? {
  PairOrders(a, b).map { Double($0.net) / Double($0.all) }
}

/// How two lists order the pairs of items.
struct PairOrders {
  /// The number of all pairs, of concordant minus discordant ones, and of those tied in each list.
  var all: Int, net: Int, tiedA: Int, tiedB: Int

  init?(_ a: Span<Double>, _ b: Span<Double>) {
    let n = a.count
    precondition(n == b.count)
    guard n >= 2, allNumbers(a), allNumbers(b) else { return nil }
    all = n * (n - 1) / 2
    (net, tiedA, tiedB) = (0, 0, 0)
    if n <= 64 {
      for i in 1..<n {
        let x = a[unchecked: i], y = b[unchecked: i]
        for j in 0..<i {
          let p = a[unchecked: j], q = b[unchecked: j]
          let signA = (x > p ? 1 : 0) &- (x < p ? 1 : 0), signB = (y > q ? 1 : 0) &- (y < q ? 1 : 0)
          net &+= signA &* signB
          tiedA &+= 1 &- signA &* signA
          tiedB &+= 1 &- signB &* signB
        }
      }
      return
    }
    var pairs: [(x: Double, y: Double)] = (0..<n).map { (a[$0], b[$0]) }
    pairs.sort { $0.x == $1.x ? $0.y < $1.y : $0.x < $1.x }
    var tiedBoth = 0
    tiedA = tiedPairs(n) { pairs[$0].x == pairs[$1].x }
    tiedBoth = tiedPairs(n) { pairs[$0].x == pairs[$1].x && pairs[$0].y == pairs[$1].y }
    // After sorting by a and then b, each swap that sorts b is one discordant pair.
    var ys = pairs.map(\.y), spare = ys
    var discordant = 0, width = 1
    while width < n {
      for start in stride(from: 0, to: n, by: 2 * width) {
        let middle = min(start + width, n), end = min(start + 2 * width, n)
        var left = start, right = middle
        for out in start..<end {
          if left < middle, right == end || ys[left] <= ys[right] {
            spare[out] = ys[left]
            left += 1
          } else {
            spare[out] = ys[right]
            right += 1
            discordant += middle - left
          }
        }
      }
      swap(&ys, &spare)
      width *= 2
    }
    tiedB = tiedPairs(n) { ys[$0] == ys[$1] }
    net = all - tiedA - tiedB + tiedBoth - 2 * discordant
  }
}

/// The number of pairs within runs of neighbours that are `same`.
private func tiedPairs(_ n: Int, same: (Int, Int) -> Bool) -> Int {
  var pairs = 0, run = 0
  for i in 1..<n {
    run = same(i - 1, i) ? run + 1 : 0
    pairs += run
  }
  return pairs
}
