import Statistics

/// The figures of single pages, which everything else is a mean of.
struct PageFigures {
  let study: RatedStudy
  let plan: AnalysisPlan

  /// By so much of the scale a rating at a limit may lie beyond it, as ratings in other units than whole numbers do.
  private static let rounding = 1e-9

  /// What a system is compared with a listener on.
  struct Shared {
    /// Places on the page, one stratum of the candidates after another.
    var places: [Int] = []
    /// The system's ranks of them.
    var ranks: [Double] = []
    /// Where each stratum ends in both.
    var ends: [Int] = []
  }

  /// The candidates of a page on which a system is compared with a listener. The hidden reference and the anchor take
  /// part only if the plan includes them, and the anchor only where it was ranked.
  /// - Parameter other: a system on whose candidates too they have to be.
  func shared(_ page: RatedStudy.Page, _ system: Int, with other: Int? = nil) -> Shared {
    let item = study.items[page.item], strata = strata(page.item, system)
    let last = Double(item.rankingSizes[system] + 1)
    var shared = Shared()
    for (place, candidate) in page.candidates.enumerated()
    where isCompared(item, candidate, system) && other.map({ isCompared(item, candidate, $0) }) ?? true {
      shared.places.append(place)
    }
    if let strata {
      func key(_ place: Int) -> (Int, Int) { (strata[page.candidates[place]], place) }
      shared.places.sort { key($0) < key($1) }
      shared.ends = strataEnds(shared.places.lazy.map { strata[page.candidates[$0]] })
    } else {
      shared.ends = [shared.places.count]
    }
    shared.ranks = shared.places.map { place in
      let rank = item.ranks[system][page.candidates[place]]
      return rank.isNaN ? last : rank
    }
    return shared
  }

  /// By candidate of an item: its stratum for a system; nil where all are compared with each other.
  func strata(_ item: Int, _ system: Int) -> [Int]? {
    guard let pooling = study.pooling, pooling.restricts(item, system) else { return nil }
    return pooling.strata[item][system]
  }

  /// Whether a candidate of an item takes part in a system's agreement.
  func isCompared(_ item: RatedStudy.Item, _ candidate: Int, _ system: Int) -> Bool {
    let flags = item.flags[candidate]
    if !plan.includeReference, !flags.isDisjoint(with: [.reference, .anchor]) { return false }
    if !item.ranks[system][candidate].isNaN { return true }
    return plan.unranked == .last && item.rankingSizes[system] > 0 && !flags.contains(.anchor)
  }

  /// Agreement of ratings with ranks (1 is nearest). Nil where it is undefined: all ratings or all ranks equal.
  func agreement(_ metric: AnalysisPlan.Metric, ratings: [Double], ranks: [Double]) -> Double? {
    let scores = ranks.map { -$0 }
    switch metric {
    case .pairAccuracy:
      return Statistics.pairAccuracy(
        ratings: ratings, scores: scores,
        band: plan.tieBand * (study.scale.upperBound - study.scale.lowerBound) * (1 + Self.rounding))?
        .accuracy
    case .ndcg:
      return RankedList(scores: scores)?.ndcg(relevance: ratings.map(relevance), at: plan.topK, gain: .linear)
    case .ndcgExponential:
      return RankedList(scores: scores)?
        .ndcg(relevance: ratings.map { 5 * relevance($0) }, at: plan.topK, gain: .exponential)
    case .rankBiasedOverlap: return rankBiasedOverlap(ratings, scores)
    case .topRating, .precision: return nil
    default: return Self.symmetric(metric, ratings.span, scores.span)
    }
  }

  /// The correlations that any two lists can have.
  @inline(__always)
  static func symmetric(_ metric: AnalysisPlan.Metric, _ a: Span<Double>, _ b: Span<Double>) -> Double? {
    switch metric {
    case .spearman: spearman(a, b)
    case .kendallTauB: kendallTauB(a, b)
    case .kendallTauA: isConstant(a) || isConstant(b) ? nil : kendallTauA(a, b)
    case .rhoA: isConstant(a) || isConstant(b) ? nil : rhoA(a, b)
    default: nil
    }
  }

  /// A page with one and the same rating says nothing of an order, whatever the measure.
  @inline(__always)
  static func isConstant(_ values: Span<Double>) -> Bool {
    for i in values.indices where values[unchecked: i] != values[unchecked: 0] { return false }
    return true
  }

  /// A rating as a share of the scale.
  func relevance(_ rating: Double) -> Double {
    max(0, min(1, (rating - study.scale.lowerBound) / (study.scale.upperBound - study.scale.lowerBound)))
  }

  /// The mean of what is made of a page's ratings of a system's first k; not-a-number where the page shows none of them.
  func ofFirst(_ page: RatedStudy.Page, _ system: Int, _ value: (Double) -> Double) -> Double {
    let shares = study.items[page.item].firstShares[system]
    var sum = 0.0, weight = 0.0
    for (candidate, rating) in zip(page.candidates, page.ratings) where shares[candidate] > 0 {
      sum += shares[candidate] * value(rating)
      weight += shares[candidate]
    }
    return weight > 0 ? sum / weight : .nan
  }

  /// All metrics of a page for a system; not-a-number where one is undefined, and why the page says nothing of the order.
  /// - Parameter other: a system with which it is to be compared: the order is then looked at on the candidates on which both are
  ///   judged.
  func all(_ page: RatedStudy.Page, _ system: Int, with other: Int? = nil) -> (values: [Double], reason: Unusable?) {
    let item = study.items[page.item]
    var values = Array(repeating: Double.nan, count: AnalysisPlan.Metric.allCases.count)
    values[AnalysisPlan.Metric.topRating.index] = ofFirst(page, system) { $0 }
    values[AnalysisPlan.Metric.precision.index] = ofFirst(page, system) {
      relevance($0) >= plan.similarFrom - Self.rounding ? 1 : 0
    }
    let shared = shared(page, system, with: other), ranks = shared.ranks
    if item.rankingSizes[system] == 0 { return (values, .unranked) }
    if ranks.count < plan.minimumCandidates { return (values, .tooFew) }
    let ratings = shared.places.map { page.ratings[$0] }
    if Self.isConstant(ratings.span) { return (values, .constantRatings) }
    if Self.isConstant(ranks.span) { return (values, .constantRanks) }
    for metric in AnalysisPlan.Metric.allCases where metric.isOfOrder {
      values[metric.index] =
        (metric.isWithinStrata
          ? agreementWithinStrata(ratings.span, ranks.span, ends: shared.ends, fewest: plan.minimumCandidates) { a, b in
            agreement(metric, ratings: a.indices.map { a[$0] }, ranks: b.indices.map { b[$0] })
          } : agreement(metric, ratings: ratings, ranks: ranks)) ?? .nan
    }
    if !strataSuffice(shared.ends, fewest: plan.minimumCandidates) { return (values, .notIdentified) }
    // Constant within each stratum.
    return (values, shared.ends.count > 1 && values[plan.metric.index].isNaN ? .constantRatings : nil)
  }

  /// Why a page says nothing of how a system's order agrees with a listener's.
  enum Unusable: String, CaseIterable {
    case unranked, tooFew, constantRatings, constantRanks
    /// Too little is left of a pooled page once what selection confounds is not compared.
    case notIdentified
  }
}

extension AnalysisPlan.Metric {
  /// The measure, where it is a rank correlation of any two lists.
  var order: OrderMeasure? {
    switch self {
    case .spearman: .spearman
    case .kendallTauB: .kendallTauB
    case .kendallTauA: .kendallTauA
    case .rhoA: .rhoA
    default: nil
    }
  }

  /// Its place among all metrics.
  var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// Whether it tells of a system's order, rather than of what its first k are rated.
  var isOfOrder: Bool { self != .topRating && self != .precision }

  /// Whether candidates of pooled pages are compared within strata. The others look at a system's first places, for
  /// which pages were made.
  var isWithinStrata: Bool { Self.symmetric.contains(self) || self == .pairAccuracy }
}
