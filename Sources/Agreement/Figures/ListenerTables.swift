import Basics
import Ratings
import Reporting
import Statistics

/// Each listener, the screening rules, and what each rule would change.
struct ListenerTables {
  let whole: RatedStudy
  let plan: AnalysisPlan
  let screening: Screening

  var listeners: ResultTable {
    var table = ResultTable(
      "listeners", "Listeners",
      [
        .init("listener", "Listener"), .init("kept", "Kept"), .init("found_by", "Rules failed"),
        .init("pages", "Pages", digits: 0), .init("ratings", "Ratings", digits: 0), .init("mean", "Mean", digits: 1),
        .init("deviation", "Deviation", digits: 1), .init("agreement_with_others", "Agreement with others"),
        .init("repeat_consistency", "Consistency of repeats"), .init("reference_missed", "Reference missed"),
        .init("fast_pages", "Fast pages"), .init("constant_pages", "Constant pages"),
      ])
    let excluded = screening.excluded(by: plan.screening.apply)
    func figure(_ rule: AnalysisPlan.Rule, _ listener: Int) -> Cell { Cell(screening.outcome(rule)?.figures[listener]) }
    var pages = Array(repeating: 0, count: whole.listeners.count), ratings = pages.map { _ in [Double]() }
    for page in whole.pages where page.isMain {
      pages[page.listener] += 1
      ratings[page.listener] += page.ratings
    }
    let order = whole.listeners.indices.sorted {
      let a = screening.outcome(.outlier)?.figures[$0] ?? .nan, b = screening.outcome(.outlier)?.figures[$1] ?? .nan
      return (a.isNaN ? 2 : a, whole.listeners[$0]) < (b.isNaN ? 2 : b, whole.listeners[$1])
    }
    for listener in order {
      let found = screening.outcomes.filter { $0.excluded.contains(listener) }.map(\.rule.rawValue)
      table.add(
        .text(whole.listeners[listener]), .flag(!excluded.contains(listener)), .text(found.joined(separator: ", ")),
        .count(pages[listener]), .count(ratings[listener].count), Cell(mean(ratings[listener])),
        Cell(variance(ratings[listener]).map { $0.squareRoot() }), figure(.outlier, listener),
        figure(.repeats, listener),
        figure(.reference, listener), figure(.speed, listener), figure(.straight, listener))
    }
    return table
  }

  var rules: ResultTable {
    var table = ResultTable(
      "screening", "Screening rules",
      [
        .init("rule", "Rule"), .init("applied", "Applied"), .init("judged", "Judged", digits: 0),
        .init("found", "Found", digits: 0), .init("listeners", "Listeners"),
      ])
    for outcome in screening.outcomes {
      table.add(
        .text(outcome.rule.rawValue), .flag(plan.screening.apply.contains(outcome.rule)), .count(outcome.judged),
        .count(outcome.excluded.count),
        .text(outcome.excluded.sorted().map { whole.listeners[$0] }.joined(separator: ", ")))
    }
    return table
  }

  /// The primary figure without screening, with the plan's screening, and with each rule alone.
  func sensitivity(progress: ProgressHandler? = nil) -> ResultTable {
    var table = ResultTable(
      "screening_sensitivity", "Effect of screening",
      [
        .init("screening", "Screening"), .init("system", "System"), .init("value", "Value", digits: 3),
        .init("low", "Low", digits: 3), .init("high", "High", digits: 3), .init("listeners", "Listeners", digits: 0),
        .init("left_out", "Excluded", digits: 0),
      ])
    var cases: [(name: String, excluded: Set<Int>)] = [
      ("none", []), ("planned", screening.excluded(by: plan.screening.apply)),
    ]
    for outcome in screening.outcomes where outcome.judged > 0 {
      cases.append((outcome.rule.rawValue, outcome.excluded))
    }
    var known: [Set<Int>: [[Cell]]] = [:]
    for (number, screened) in cases.enumerated() {
      let rows =
        known[screened.excluded]
        ?? {
          let sample = Sample(whole, without: screened.excluded, plan: plan)
          guard !sample.pages.isEmpty else { return [] }
          let agreement = AgreementTables(sample, resamples: min(plan.resamples, 1000), ceilings: false)
          let group = sample.study.conditions.count
          return whole.systems.indices.map { system in
            let output = agreement.layout.individual(system, plan.metric, group)
            let resamples = agreement.resamples(system, sample.groups[0].number)
            let interval = sample.interval(resamples, output, within: -1...1)
            return [
              .text(whole.systems[system]), Cell(resamples.estimate[output]), Cell(interval?.low), Cell(interval?.high),
              .count(sample.study.listeners.count), .count(screened.excluded.count),
            ]
          }
        }()
      known[screened.excluded] = rows
      for row in rows { table.rows.append([.text(screened.name)] + row) }
      progress?(number + 1, cases.count)
    }
    return table
  }
}
