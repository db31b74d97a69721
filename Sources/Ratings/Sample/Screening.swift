import Basics
import Foundation
import Statistics

/// The listeners whom each screening rule would leave out. No rule looks at a system's ranking, and training pages
/// never count.
public struct Screening: Sendable {
  /// A rule's outcome. Listeners whom it cannot judge (no attention checks, no repeats) are kept.
  public struct Outcome: Sendable {
    /// The rule that was applied.
    public var rule: AnalysisPlan.Rule
    /// The listeners (numbers in the study) whom the rule would leave out.
    public var excluded: Set<Int>
    /// The number of listeners whom it could judge.
    public var judged: Int
    /// By listener: the figure that the rule looks at; NaN if it cannot judge the listener.
    public var figures: [Double]
  }

  /// One per rule, in the order in which the report lists them.
  public private(set) var outcomes: [Outcome] = []

  /// A rule's outcome, whether or not the plan applies the rule.
  public func outcome(_ rule: AnalysisPlan.Rule) -> Outcome? { outcomes.first { $0.rule == rule } }

  /// The listeners who are left out by any of the rules.
  public func excluded(by rules: [AnalysisPlan.Rule]) -> Set<Int> {
    outcomes.filter { rules.contains($0.rule) }.reduce(into: []) { $0.formUnion($1.excluded) }
  }

  /// The pages of each listener, as the rules look at them.
  private struct Showings {
    let study: RatedStudy
    let pagesOf: [[RatedStudy.Page]]

    init(_ study: RatedStudy) {
      self.study = study
      var pagesOf = Array(repeating: [RatedStudy.Page](), count: study.listeners.count)
      for page in study.pages where !page.flags.contains(.training) { pagesOf[page.listener].append(page) }
      self.pagesOf = pagesOf
    }

    /// By listener: the share of `cases` that are bad.
    func shares(_ cases: (RatedStudy.Page) -> [Bool]) -> [Double] {
      pagesOf.map { pages in
        let all = pages.flatMap(cases)
        return all.isEmpty ? .nan : Double(all.count(where: \.self)) / Double(all.count)
      }
    }

    /// By listener: the share of bad ratings among those with a role. Ratings are passed as shares of the scale;
    /// attention checks and repeats do not count, since the rules are about shares of items.
    func shares(_ role: RatingTable.Flags, _ isBad: (Double) -> Bool) -> [Double] {
      let span = study.scale.upperBound - study.scale.lowerBound
      return shares { page in
        guard page.flags.isDisjoint(with: [.catchTrial, .repeated]) else { return [] }
        let flags = study.items[page.item].flags
        return zip(page.candidates, page.ratings).filter { flags[$0.0].contains(role) }.map {
          isBad(($0.1 - study.scale.lowerBound) / span)
        }
      }
    }

    /// By listener: the share of failed attention checks, as the table says. If it does not, one is passed if its reference
    /// is rated above everything else, or as `failsCatch` says.
    func failedCatches(_ failsCatch: ((Double) -> Bool)?) -> [Double] {
      shares { page in
        guard page.flags.contains(.catchTrial) else { return [] }
        if study.tellsChecks {
          return page.flags.contains(.failed) ? [true] : page.flags.contains(.passed) ? [false] : []
        }
        if let failsCatch { return page.ratings.isEmpty ? [] : [page.ratings.contains(where: failsCatch)] }
        let flags = study.items[page.item].flags
        let rated = zip(page.candidates, page.ratings)
        guard let reference = rated.first(where: { flags[$0.0].contains(.reference) })?.1, page.ratings.count > 1
        else { return [] }
        return [rated.contains { !flags[$0.0].contains(.reference) && $0.1 >= reference }]
      }
    }
  }

  /// - Parameter failsCatch: for tables that do not say which attention checks were passed: whether a score fails one; nil if
  ///   the reference has to be rated above all else.
  public init(_ study: RatedStudy, plan: AnalysisPlan, failsCatch: ((Double) -> Bool)? = nil) {
    let limits = plan.screening, showings = Showings(study)
    func add(_ rule: AnalysisPlan.Rule, _ figures: [Double], _ isBad: (Double) -> Bool) {
      outcomes.append(
        Outcome(
          rule: rule, excluded: Set(figures.indices.filter { !figures[$0].isNaN && isBad(figures[$0]) }),
          judged: figures.count { !$0.isNaN }, figures: figures))
    }

    // ITU-R BS.1534-3, 4.1.2: the hidden reference rated below 90 in more than 15 % of the items, or the mid anchor
    // above. The 1e-9 keeps rounding from putting a rating at the limit on the wrong side.
    add(.reference, showings.shares(.reference) { $0 < limits.referenceBelow - 1e-9 }) {
      $0 > limits.referenceShare + 1e-9
    }
    add(.anchor, showings.shares(.anchor) { $0 > limits.anchorAbove + 1e-9 }) { $0 > limits.anchorShare + 1e-9 }
    add(.catches, showings.failedCatches(failsCatch)) { $0 > limits.catchesFailed + 1e-9 }

    add(.repeats, Self.repeatConsistency(study)) { $0 < limits.repeatsBelow }

    add(
      .speed,
      showings.shares { page in
        guard let seconds = page.seconds, !page.ratings.isEmpty else { return [] }
        return [seconds < limits.secondsPerRating * Double(page.ratings.count)]
      }
    ) { $0 > limits.fastShare + 1e-9 }

    add(
      .straight, showings.shares { page in page.ratings.count < 3 ? [] : [PageFigures.isConstant(page.ratings.span)] }
    ) { $0 > limits.straightShare + 1e-9 }

    let others = Self.leaveOneOut(study, plan: plan)
    add(.outlier, others) { Self.deviation($0, among: others) < -limits.outlierMADs }

    // The larger of two deviations: of the bias in either direction, and of the inconsistency above the others'.
    let model = SubjectModel(study, pages: study.pages.filter(\.isMain))
    let logs = model.inconsistency.map { log($0) }
    add(
      .subject,
      model.bias.indices.map { listener in
        model.bias[listener].isNaN
          ? .nan
          : max(
            abs(Self.deviation(model.bias[listener], among: model.bias)), Self.deviation(logs[listener], among: logs))
      }
    ) { $0 > limits.subjectMADs }
  }

  /// By listener: the mean Spearman correlation between first and second presentations.
  static func repeatConsistency(_ study: RatedStudy) -> [Double] {
    struct Key: Hashable { var listener: Int, item: Int }
    var first: [Key: RatedStudy.Page] = [:]
    for page in study.pages where page.isMain { first[Key(listener: page.listener, item: page.item)] = page }
    var sums = Array(repeating: 0.0, count: study.listeners.count), counts = sums
    for page in study.pages
    where page.flags.contains(.repeated) && page.flags.isDisjoint(with: [.training, .catchTrial]) {
      guard let before = first[Key(listener: page.listener, item: page.item)] else { continue }
      let (a, b) = sharedRatings(before, page)
      guard a.count >= 3, let value = spearman(a, b) else { continue }
      sums[page.listener] += value
      counts[page.listener] += 1
    }
    return zip(sums, counts).map { $1 == 0 ? .nan : $0 / $1 }
  }

  /// The ratings of the candidates that both pages show.
  package static func sharedRatings(_ a: RatedStudy.Page, _ b: RatedStudy.Page) -> ([Double], [Double]) {
    var left: [Double] = [], right: [Double] = []
    var i = 0, j = 0
    while i < a.candidates.count, j < b.candidates.count {
      if a.candidates[i] == b.candidates[j] {
        left.append(a.ratings[i])
        right.append(b.ratings[j])
        i += 1
        j += 1
      } else if a.candidates[i] < b.candidates[j] {
        i += 1
      } else {
        j += 1
      }
    }
    return (left, right)
  }

  /// By listener: the mean over pages of the Spearman correlation with the mean of the others' ratings.
  static func leaveOneOut(_ study: RatedStudy, plan: AnalysisPlan) -> [Double] {
    var sums = study.items.map { Array(repeating: 0.0, count: $0.candidates.count) }
    var counts = sums
    let main = study.pages.filter(\.isMain)
    let effects = ListenerEffects(study, pages: main).effects
    for page in main {
      for (candidate, rating) in zip(page.candidates, page.ratings) {
        sums[page.item][candidate] += rating - effects[page.listener]
        counts[page.item][candidate] += 1
      }
    }
    var totals = Array(repeating: 0.0, count: study.listeners.count), pages = totals
    for page in main {
      var own: [Double] = [], others: [Double] = []
      for (candidate, rating) in zip(page.candidates, page.ratings) where counts[page.item][candidate] > 1 {
        let value = rating - effects[page.listener]
        own.append(rating)
        let mean = (sums[page.item][candidate] - value) / (counts[page.item][candidate] - 1)
        others.append((mean * 0x1p30).rounded() * 0x1p-30)
      }
      guard own.count >= 3, let value = spearman(own, others) else { continue }
      totals[page.listener] += value
      pages[page.listener] += 1
    }
    return zip(totals, pages).map { $1 == 0 ? .nan : $0 / $1 }
  }

  /// How far a value is above the median of all, in median absolute deviations times 1.4826 (which makes them standard
  /// deviations of a normal distribution); 0 if that deviation is 0, or with fewer than three values.
  static func deviation(_ value: Double, among all: [Double]) -> Double {
    let known = all.filter { !$0.isNaN }.sorted()
    guard known.count >= 3 else { return 0 }
    let median = quantile(sorted: known, 0.5)
    let spread = 1.4826 * quantile(sorted: known.map { abs($0 - median) }.sorted(), 0.5)
    return spread > 0 ? (value - median) / spread : 0
  }
}
