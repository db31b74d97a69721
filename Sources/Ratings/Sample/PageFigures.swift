import Statistics

/// The figures of single pages, of which everything else is a mean.
package struct PageFigures {
  let study: RatedStudy
  let plan: AnalysisPlan
  /// By item, then by system: the scores of its candidates, higher for nearer ones; NaN for a candidate that does not
  /// count in the system's agreement.
  package let scores: [[[Double]]]

  /// The tolerance, as a share of the scale, for ratings at a limit, which rounding may put just beyond it unless they
  /// are whole numbers.
  private static let rounding = 1e-9

  package init(study: RatedStudy, plan: AnalysisPlan) {
    (self.study, self.plan) = (study, plan)
    scores = study.items.map { item in
      study.systems.indices.map { system in
        let last = -Double(item.rankingSizes[system] + 1)
        return item.candidates.indices.map { candidate in
          guard Self.isCompared(item, candidate, system, plan) else { return .nan }
          let rank = item.ranks[system][candidate]
          return rank.isNaN ? last : -rank
        }
      }
    }
  }

  /// Whether a candidate of an item counts in a system's agreement. The hidden reference and the anchor do only if the
  /// plan includes them, and the anchor only if it was ranked.
  private static func isCompared(_ item: RatedStudy.Item, _ candidate: Int, _ system: Int, _ plan: AnalysisPlan) -> Bool
  {
    let flags = item.flags[candidate]
    if !plan.includeReference, !flags.isDisjoint(with: [.reference, .anchor]) { return false }
    if !item.ranks[system][candidate].isNaN { return true }
    return plan.unranked == .last && item.rankingSizes[system] > 0 && !flags.contains(.anchor)
  }

  /// The candidates on which a system is compared with a listener.
  package struct Shared {
    /// The candidates' places on the page, one stratum after another.
    package var places: [Int] = []
    /// The system's scores for them, higher for nearer ones.
    package var scores: [Double] = []
    /// Where each stratum ends, in both lists.
    package var ends: [Int] = []
  }

  /// The candidates of a page on which a system is compared with a listener.
  /// - Parameter other: a second system, which must be comparable on these candidates too.
  package func shared(_ page: RatedStudy.Page, _ system: Int, with other: Int? = nil) -> Shared {
    let strata = strata(page.item, system), scores = scores[page.item][system]
    let others = other.map { self.scores[page.item][$0] }
    var shared = Shared()
    shared.places.reserveCapacity(page.candidates.count)
    for (place, candidate) in page.candidates.enumerated() where !scores[candidate].isNaN {
      if let others, others[candidate].isNaN { continue }
      shared.places.append(place)
    }
    if let strata {
      func key(_ place: Int) -> (Int, Int) { (strata[page.candidates[place]], place) }
      shared.places.sort { key($0) < key($1) }
      shared.ends = strataEnds(shared.places.lazy.map { strata[page.candidates[$0]] })
    } else {
      shared.ends = [shared.places.count]
    }
    shared.scores = shared.places.map { scores[page.candidates[$0]] }
    return shared
  }

  /// By candidate of an item: its stratum for a system; nil if all candidates are comparable.
  package func strata(_ item: Int, _ system: Int) -> [Int]? {
    guard let pooling = study.pooling, pooling.restricts(item, system) else { return nil }
    return pooling.strata[item][system]
  }

  /// The agreement of ratings with scores. Nil if it is undefined because all ratings or all scores are equal.
  private func agreement(_ metric: AnalysisPlan.Metric, _ ratings: Span<Double>, _ scores: Span<Double>) -> Double? {
    func numbers(_ span: Span<Double>, _ change: (Double) -> Double = { $0 }) -> [Double] {
      span.indices.map { change(span[$0]) }
    }
    switch metric {
    case .pairAccuracy:
      return Statistics.pairAccuracy(
        ratings: numbers(ratings), scores: numbers(scores),
        band: plan.tieBand * (study.scale.upperBound - study.scale.lowerBound) * (1 + Self.rounding))?
        .accuracy
    case .ndcg:
      return RankedList(scores: numbers(scores))?
        .ndcg(relevance: numbers(ratings, relevance), at: plan.topK, gain: .linear)
    case .ndcgExponential:
      return RankedList(scores: numbers(scores))?
        .ndcg(relevance: numbers(ratings) { 5 * relevance($0) }, at: plan.topK, gain: .exponential)
    case .rankBiasedOverlap: return rankBiasedOverlap(numbers(ratings), numbers(scores))
    case .topRating, .precision: return nil
    default: return Self.symmetric(metric, ratings, scores)
    }
  }

  /// The correlations that are defined for any two lists.
  @inline(__always)
  package static func symmetric(_ metric: AnalysisPlan.Metric, _ a: Span<Double>, _ b: Span<Double>) -> Double? {
    switch metric {
    case .spearman: spearman(a, b)
    case .kendallTauB: kendallTauB(a, b)
    case .kendallTauA: isConstant(a) || isConstant(b) ? nil : kendallTauA(a, b)
    case .rhoA: isConstant(a) || isConstant(b) ? nil : rhoA(a, b)
    default: nil
    }
  }

  /// Whether all values are equal. A page with only one rating value says nothing about order, whatever the measure.
  @inline(__always)
  package static func isConstant(_ values: Span<Double>) -> Bool {
    for i in values.indices where values[unchecked: i] != values[unchecked: 0] { return false }
    return true
  }

  /// A rating as a share of the scale, from 0 to 1.
  func relevance(_ rating: Double) -> Double {
    max(0, min(1, (rating - study.scale.lowerBound) / (study.scale.upperBound - study.scale.lowerBound)))
  }

  /// The mean of `value` over a page's ratings of a system's first k; NaN if the page shows none of them.
  package func ofFirst(_ page: RatedStudy.Page, _ system: Int, _ value: (Double) -> Double) -> Double {
    let shares = study.items[page.item].firstShares[system]
    var sum = 0.0, weight = 0.0
    for (candidate, rating) in zip(page.candidates, page.ratings) where shares[candidate] > 0 {
      sum += shares[candidate] * value(rating)
      weight += shares[candidate]
    }
    return weight > 0 ? sum / weight : .nan
  }

  /// One metric of a page for a system; NaN if it is undefined.
  /// - Parameter other: a system to compare it with; order is then judged on the candidates on which both are judged.
  package func value(_ metric: AnalysisPlan.Metric, _ page: RatedStudy.Page, _ system: Int, with other: Int? = nil)
    -> Double
  {
    switch metric {
    case .topRating: return ofFirst(page, system) { $0 }
    case .precision: return ofFirst(page, system) { relevance($0) >= plan.similarFrom - Self.rounding ? 1 : 0 }
    default:
      let (shared, ratings, reason) = compared(page, system, with: other)
      return reason == nil ? order(metric, ratings, shared) : .nan
    }
  }

  /// All metrics of a page for a system, and why the page has no agreement of order; nil if it has.
  func all(_ page: RatedStudy.Page, _ system: Int) -> (values: [Double], reason: Unusable?) {
    let (shared, ratings, reason) = compared(page, system)
    let values = AnalysisPlan.Metric.allCases.map { metric in
      !metric.isOfOrder ? value(metric, page, system) : reason == nil ? order(metric, ratings, shared) : .nan
    }
    if let reason { return (values, reason) }
    if !strataSuffice(shared.ends, fewest: plan.minimumCandidates) { return (values, .notIdentified) }
    // The values are constant within each stratum.
    return (values, shared.ends.count > 1 && values[plan.metric.index].isNaN ? .constantRatings : nil)
  }

  /// What a system is compared on, the page's ratings of it, and why these have no order; nil if they have.
  private func compared(_ page: RatedStudy.Page, _ system: Int, with other: Int? = nil) -> (
    shared: Shared, ratings: [Double], reason: Unusable?
  ) {
    let shared = shared(page, system, with: other), ratings = shared.places.map { page.ratings[$0] }
    let reason: Unusable? =
      study.items[page.item].rankingSizes[system] == 0
      ? .unranked
      : ratings.count < plan.minimumCandidates
        ? .tooFew
        : Self.isConstant(ratings.span) ? .constantRatings : Self.isConstant(shared.scores.span) ? .constantRanks : nil
    return (shared, ratings, reason)
  }

  private func order(_ metric: AnalysisPlan.Metric, _ ratings: [Double], _ shared: Shared) -> Double {
    let found =
      metric.isWithinStrata
      ? agreementWithinStrata(
        ratings.span, shared.scores.span, ends: shared.ends, fewest: plan.minimumCandidates
      ) { agreement(metric, $0, $1) } : agreement(metric, ratings.span, shared.scores.span)
    return found ?? .nan
  }

  /// Why a page says nothing about how a system's order agrees with a listener's.
  package enum Unusable: String, CaseIterable {
    case unranked, tooFew, constantRatings, constantRanks
    /// Too little of a pooled page is left without the comparisons that selection confounds.
    case notIdentified
  }
}

extension AnalysisPlan.Metric {
  /// The measure, if the metric is a rank correlation of any two lists; else nil.
  package var order: OrderMeasure? {
    switch self {
    case .spearman: .spearman
    case .kendallTauB: .kendallTauB
    case .kendallTauA: .kendallTauA
    case .rhoA: .rhoA
    default: nil
    }
  }

  /// Its index among all metrics.
  package var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// Whether the metric is about a system's order, rather than the ratings of its first k.
  package var isOfOrder: Bool { self != .topRating && self != .precision }

  /// Whether candidates of pooled pages are compared only within strata. The other metrics look at a system's first
  /// places, for which pages were made.
  var isWithinStrata: Bool { Self.symmetric.contains(self) || self == .pairAccuracy }
}
