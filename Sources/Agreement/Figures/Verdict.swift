import Ratings
import Reporting
import Statistics

/// What may be claimed about a system: where the difference between its agreement with a listener and another
/// listener's lies, by two one-sided tests (Schuirmann 1987) against a margin fixed beforehand.
public enum Verdict: String, Sendable, CaseIterable {
  /// The interval lies above the margin.
  case superior
  /// The interval lies within the margin, on both sides.
  case comparable
  /// The interval lies below the margin.
  case inferior
  /// The interval crosses an end of the margin, so the data do not decide.
  case inconclusive
  /// There are too few listeners, queries or candidates to claim anything.
  case tooFew = "too_few"
  /// Nothing varies between listeners or between queries, so how much others would differ is unknown.
  case unvarying

  /// The verdicts that claim nothing.
  static let open: Set<String> = ["", inconclusive.rawValue, tooFew.rawValue, unvarying.rawValue]

  /// With fewer listeners or queries than this, nothing is claimed; nor with fewer candidates, if these recur from
  /// query to query. In simulated studies (`docs/calibration.md`) intervals hold down to these numbers; below them,
  /// they are too short.
  public static let leastListeners = 4, leastQueries = 4, leastCandidates = 6

  /// - Parameter interval: the interval of the difference, at level 1 − 2 alpha.
  public init(_ interval: Interval?, margin: Double) {
    guard let interval else {
      self = .tooFew
      return
    }
    if interval.low > margin {
      self = .superior
    } else if interval.high < -margin {
      self = .inferior
    } else if interval.low > -margin, interval.high < margin {
      self = .comparable
    } else {
      self = .inconclusive
    }
  }
}

extension AgreementTables {
  /// Model–human minus human–human agreement, on the same resamples.
  ///
  /// Its support is at most the listeners and queries for which there are two listeners to compare.
  private func difference(_ system: Int, _ group: Int, _ pairs: (listeners: Int, queries: Int)) -> Redrawn {
    let model = layout.individual(system, sample.plan.metric, group)
    let people = layout.ceiling(statistic.coverageOfSystem[system], .single, group)
    var difference = resamples(system, group).derived([model, people]) { $0[0] - $0[1] }
    difference.listenerCount = min(difference.listenerCount, pairs.listeners)
    difference.queryCount = min(difference.queryCount, pairs.queries)
    return difference
  }

  /// Why nothing is claimed; nil if something may be.
  private func reason(
    _ support: (listeners: Int, queries: Int, pages: Int, leftOut: Int), _ pairs: (listeners: Int, queries: Int),
    _ difference: Redrawn
  ) -> String? {
    func short(_ found: Int, _ least: Int, _ what: String) -> String? {
      found < least ? "\(found) of the \(least) \(what) that a verdict requires" : nil
    }
    if difference.estimate[0].isNaN { return "no two listeners can be compared" }
    return short(support.queries, Verdict.leastQueries, "queries")
      ?? short(support.listeners, Verdict.leastListeners, "listeners")
      ?? short(pairs.queries, Verdict.leastQueries, "queries with two listeners to compare")
      ?? short(pairs.listeners, Verdict.leastListeners, "listeners who can be compared with one another")
      ?? difference.candidates.flatMap { left in
        guard let found = left.leftOutVariance() else {
          return "it is undefined without one of the recurring candidates"
        }
        return found.units == .max ? nil : short(found.units, Verdict.leastCandidates, "recurring candidates")
      }
  }

  var verdicts: ResultTable {
    let plan = sample.plan
    var table = ResultTable(
      "verdicts", "Is a system as good as another listener?",
      [
        .init("condition", "Condition"), .init("system", "System"), .init("verdict", "Verdict"),
        .init("model_human", "System–listener"), .init("human_human", "Listener–listener"),
        .init("difference", "Difference", digits: 3), .init("low", "Low", digits: 3), .init("high", "High", digits: 3),
        .init("level", "Interval level"), .init("margin", "Margin"),
        .init("p_not_below", "p, at or below −margin", digits: 4),
        .init("p_not_above", "p, at or above +margin", digits: 4), .init("listeners", "Listeners", digits: 0),
        .init("queries", "Queries", digits: 0), .init("pages", "Pages", digits: 0), .init("reason", "Why no verdict"),
      ])
    var shares: [MarginShares?] = []
    for group in sample.groups {
      for system in sample.study.systems.indices {
        let resamples = resamples(system, group.number)
        let pairs = statistic.pairSupport(statistic.coverageOfSystem[system], group.number)
        let difference = difference(system, group.number, pairs)
        let level = 1 - 2 * plan.alpha
        let support = support(system, group.number), method = plan.verdictInterval
        let found = sample.interval(difference, by: method, level: level, within: -2...2)
        let short = reason(support, pairs, difference), interval = short == nil ? found : nil
        let reason = short ?? (interval == nil ? "nothing varies between listeners or between queries" : nil)
        let verdict = short == nil && interval == nil ? .unvarying : Verdict(interval, margin: plan.margin)
        // One-sided p-values that go with the interval, for "at or below −margin" and "at or above margin". Counting
        // resamples interpolates the ends of an interval between two of them, so the p-values are kept on the side of
        // alpha on which the interval lies.
        func p(_ limit: Double, isClear: Bool, _ side: (Double) -> Double) -> Double? {
          guard interval != nil,
            let level = sample.level(of: limit, difference, by: method).map(plan.overAllLooks)
          else { return nil }
          return isClear ? min(side(level), plan.alpha.nextDown) : max(side(level), plan.alpha)
        }
        let notBelow = p(-plan.margin, isClear: (interval?.low ?? -2) > -plan.margin) { $0 }
        let notAbove = p(plan.margin, isClear: (interval?.high ?? 2) < plan.margin) { 1 - $0 }
        let people = layout.ceiling(statistic.coverageOfSystem[system], .single, group.number)
        shares.append(
          interval == nil
            ? nil : MarginShares(margin: plan.margin) { sample.level(of: $0, difference, by: method) })
        table.add(
          .text(group.name), .text(sample.study.systems[system]),
          .text(verdict.rawValue),
          Cell(resamples.estimate[layout.individual(system, plan.metric, group.number)]),
          Cell(resamples.estimate[people]), Cell(difference.estimate[0]), Cell(interval?.low), Cell(interval?.high),
          Cell(level), Cell(plan.margin), Cell(notBelow), Cell(notAbove), .count(support.listeners),
          .count(support.queries),
          .count(support.pages), reason.map { .text($0) } ?? .missing)
      }
    }
    table.add(shares, plan: plan)
    return table
  }
}

extension ResultTable {
  /// A row of `verdicts` in half a line.
  func shortVerdict(_ row: Int, or silence: Silence) -> Prose {
    guard let model = number(row, "model_human"), let difference = number(row, "difference") else {
      return silence.sentence(text(row, "system"))
    }
    guard let low = number(row, "low"), let high = number(row, "high") else {
      return "\(text(row, "system")): \(model), a difference of \(difference); no verdict: \(text(row, "reason"))."
    }
    return
      "\(text(row, "system")): \(text(row, "verdict")); \(model), a difference of \(difference) (\(low) to \(high))."
  }

  /// A row of `verdicts` as a sentence with its numbers.
  func verdictSentence(_ row: Int, metric: AnalysisPlan.Metric, or silence: Silence) -> Prose {
    let system = text(row, "system"), condition = text(row, "condition")
    let place = condition == "all" ? "" : " on \(condition)"
    guard let model = number(row, "model_human"), let people = number(row, "human_human"),
      let difference = number(row, "difference"), let margin = number(row, "margin"), let level = number(row, "level")
    else { return silence.sentence(system) }
    guard let low = number(row, "low"), let high = number(row, "high") else {
      return
        "\(system)\(place) agrees with listeners at \(metric.title) \(model), compared with \(people) between listeners, a difference of \(difference). No conclusion can be drawn: \(text(row, "reason"))."
    }
    let claim: Prose =
      switch Verdict(rawValue: text(row, "verdict")) ?? .inconclusive {
      case .superior: "\(system)\(place) agrees with listeners better than another listener does"
      case .comparable: "\(system)\(place) agrees with listeners about as well as another listener does"
      case .inferior: "\(system)\(place) agrees with listeners less well than another listener does"
      case .inconclusive, .tooFew, .unvarying:
        low > 0
          ? "\(system)\(place) agrees with listeners better than another listener does; whether by more than the margin is not settled"
          : high < 0
            ? "\(system)\(place) agrees with listeners less well than another listener does; whether by more than the margin is not settled"
            : low > -margin
              ? "\(system)\(place) is not worse than another listener by more than the margin; whether it is better is not settled"
              : high < margin
                ? "\(system)\(place) is not better than another listener by more than the margin; whether it is worse is not settled"
                : "It is not settled whether \(system)\(place) agrees with listeners as well as another listener does"
      }
    return claim
      + ": \(metric.title) \(model) compared with \(people) between listeners, a difference of \(difference) (\(level * 100, digits: 0) % interval \(low) to \(high), margin ±\(margin); \(Int(number(row, "listeners") ?? 0)) listeners, \(Int(number(row, "queries") ?? 0)) queries)."
  }
}
