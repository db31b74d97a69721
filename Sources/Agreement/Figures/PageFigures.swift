import Statistics

/// The figures of single pages, which everything else is a mean of.
struct PageFigures {
  let study: RatedStudy
  let plan: AnalysisPlan

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
  func shared(_ page: RatedStudy.Page, _ system: Int) -> Shared {
    let item = study.items[page.item], strata = strata(page.item, system)
    let last = Double(item.rankingSizes[system] + 1)
    var shared = Shared()
    for (place, candidate) in page.candidates.enumerated() where isCompared(item, candidate, system) {
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
        ratings: ratings, scores: scores, band: plan.tieBand * (study.scale.upperBound - study.scale.lowerBound))?
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

  /// All metrics of a page for a system; not-a-number where one is undefined, and why the page says nothing of the order.
  func all(_ page: RatedStudy.Page, _ system: Int) -> (values: [Double], reason: Unusable?) {
    let item = study.items[page.item]
    var values = Array(repeating: Double.nan, count: AnalysisPlan.Metric.allCases.count)
    var top: [Double] = []
    for (place, candidate) in page.candidates.enumerated() where item.ranks[system][candidate] <= Double(plan.topK) {
      top.append(page.ratings[place])
    }
    if !top.isEmpty {
      values[AnalysisPlan.Metric.topRating.index] = top.reduce(0, +) / Double(top.count)
      values[AnalysisPlan.Metric.precision.index] =
        Double(top.count { relevance($0) >= plan.similarFrom }) / Double(top.count)
    }
    let shared = shared(page, system), ranks = shared.ranks
    if item.rankingSizes[system] == 0 { return (values, .unranked) }
    if ranks.count < plan.minimumCandidates { return (values, .tooFew) }
    let ratings = shared.places.map { page.ratings[$0] }
    if Self.isConstant(ratings.span) { return (values, .constantRatings) }
    if Self.isConstant(ranks.span) { return (values, .constantRanks) }
    for metric in AnalysisPlan.Metric.allCases where metric != .topRating && metric != .precision {
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

  /// Whether candidates of pooled pages are compared within strata. The others look at a system's first places, for
  /// which pages were made.
  var isWithinStrata: Bool { Self.symmetric.contains(self) || self == .pairAccuracy }
}
