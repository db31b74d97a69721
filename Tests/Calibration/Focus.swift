import Agreement
import Basics
import Foundation
import Ratings
import Reporting
import Statistics
import Study

/// Triplet studies in which most trials go to pages on which two systems disagree (`trials.focus`), compared with
/// studies of equally many trials that ask all pages equally often: how often the difference of the two systems is
/// judged correctly, and how many trials the focus saves. Pages are assigned by real plans.
struct FocusCalibration {
  struct Design: Sendable { var listeners: Int, queries: Int }

  let studies: Int, resamples: Int
  private static let designs = [(10, 10), (20, 20), (20, 40), (50, 20)].map { Design(listeners: $0, queries: $1) }
  private static let candidates = 8, trials = 20, inFocus = 0.8
  /// Standard deviations of a system's errors: those that both systems share, each system's own, and the second
  /// system's own where it is the worse one.
  private static let shared = 0.5, own = 0.35, worse = 0.55

  /// How near a query's candidates are, in truth and as each of the two systems hears them.
  private struct Query: Sendable {
    var nearness: [Double], heard: [[Double]]

    init(_ random: inout SeededRandom, secondIsWorse: Bool) {
      let near = (0..<candidates).map { _ in random.normal() }
      let both = near.map { $0 + shared * random.normal() }
      let second = secondIsWorse ? worse : own
      nearness = near
      heard = [own, second].map { spread in both.map { $0 + spread * random.normal() } }
    }

    var pairs: [(Int, Int)] {
      (0..<candidates).flatMap { i in ((i + 1)..<candidates).map { (i, $0) } }
    }

    /// Whether a system takes the first candidate of a pair for the nearer one.
    func isNearer(_ system: Int, _ pair: (Int, Int)) -> Bool { heard[system][pair.0] > heard[system][pair.1] }
  }

  private static func chance(_ difference: Double, keenness: Double) -> Double { 1 / (1 + exp(-keenness * difference)) }

  /// The difference between the two systems over the population of listeners, queries and pages, and the share of pages
  /// on which they disagree.
  private func population(secondIsWorse: Bool) -> (difference: Double, apart: Double) {
    var random = SeededRandom(seed: 11, "population \(secondIsWorse)"), sum = 0.0, apart = 0.0, pages = 0.0
    for _ in 0..<40_000 {
      let query = Query(&random, secondIsWorse: secondIsWorse), keenness = exp(0.4 * random.normal())
      for pair in query.pairs {
        pages += 1
        let ours = query.isNearer(0, pair)
        guard ours != query.isNearer(1, pair) else { continue }
        apart += 1
        let first = Self.chance(query.nearness[pair.0] - query.nearness[pair.1], keenness: keenness)
        sum += (ours ? 1 : -1) * (2 * first - 1)
      }
    }
    return (sum / pages, apart / pages)
  }

  private struct Outcome: Sendable { var holds: Bool, isTold: Bool, halfWidth: Double }

  private func study(_ design: Design, _ number: Int, focus: Bool, secondIsWorse: Bool, truth: Double) throws
    -> Outcome?
  {
    var random = SeededRandom(seed: 12, "\(design) \(secondIsWorse)", "\(number)")
    let queries = (0..<design.queries).map { _ in Query(&random, secondIsWorse: secondIsWorse) }
    let keenness = (0..<design.listeners).map { _ in exp(0.4 * random.normal()) }
    var items: [StudyDesign.Item] = []
    for (q, query) in queries.enumerated() {
      for pair in query.pairs {
        var item = StudyDesign.Item(
          query: "\(q)", condition: "", candidates: [PlannedCandidate("\(pair.0)"), PlannedCandidate("\(pair.1)")],
          part: " \(pair)")
        item.isInFocus = focus && query.isNearer(0, pair) != query.isNearer(1, pair)
        items.append(item)
      }
    }
    var definition = StudyDefinition()
    definition.trials.perParticipant = Self.trials
    (definition.trials.training, definition.trials.repeats, definition.trials.catches) = (0, 0, 0)
    (definition.trials.seed, definition.trials.focusShare) = (UInt64(number), Self.inFocus)
    let plans = StudyDesign(definition: definition, version: "", items: items, stimuli: [])
    var rows = "participant,anchor,first,second,choice,probability\n"
    for (listener, keenness) in keenness.enumerated() {
      for trial in plans.plan(participant: listener + 1).trials {
        let pair = trial.candidates.map(\.candidate), query = queries[Int(trial.query) ?? 0]
        let near = pair.map { query.nearness[Int($0) ?? 0] }
        let isFirst = random.unit() < Self.chance(near[0] - near[1], keenness: keenness)
        rows += "\(listener),q\(trial.query),\(pair[0]),\(pair[1]),\(isFirst ? "first" : "second"),"
        rows += "\(trial.chance.map { "\($0)" } ?? "")\n"
      }
    }
    let rankings = queries.enumerated().flatMap { q, query in
      query.heard.enumerated().map { system, heard in
        let order = heard.indices.sorted { heard[$0] > heard[$1] }
        return Ranking(
          query: "q\(q)", condition: "", system: "\(system)",
          entries: order.enumerated().map { .init(rank: $0 + 1, candidate: "\($1)") })
      }
    }
    let file = FileManager.default.temporaryDirectory.appending(path: "earshot-focus-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(rows.utf8).write(to: file)
    var plan = AnalysisPlan()
    (plan.resamples, plan.seed) = (resamples, UInt64(number))
    let table = try Findings.ordering(ChoiceTable.read(file, .triplets), rankings: rankings, plan: plan)
    guard let row = table.rows.indices.first, let low = table.number(row, "low"), let high = table.number(row, "high")
    else { return nil }
    // The system that is better in the sample is listed first.
    let sign = table.text(row, "system") == "0" ? 1.0 : -1
    return Outcome(
      holds: (low...high).contains(sign * truth), isTold: (table.number(row, "p") ?? 1) < 0.05,
      halfWidth: (high - low) / 2)
  }

  func print() throws {
    let equal = population(secondIsWorse: false), apart = population(secondIsWorse: true)
    Swift.print(
      """

      # Trials where two systems disagree
      \(studies) simulated studies of triplets per row, \(resamples) resamples each (`Calibration \(studies) \(resamples) focus`). A \
      query has \(Self.candidates) candidates. Each listener is asked about \(Self.trials) pairs in all. Plans ask about all \
      pairs equally often (even), or spend \(percent(Self.inFocus)) % of trials on pairs that the two systems order differently \
      (focus, by `trials.focus`). Such pairs are \(percent(equal.apart)) % of all if the systems are equal, and \
      \(percent(apart.apart)) % if the second is worse by \(number(100 * apart.difference, 1)) points of agreement. Coverage of the \
      95 % interval of the difference in agreement, and how often the two systems are found different: first for equal systems \
      (at most 5 is right), then if the second is worse. Last, half the interval's width in points (its root mean square), and \
      the share of trials that the focus saves at equal width.

      | listeners × queries | plan | equal: coverage | equal: found different | worse: coverage | worse: found different | half width | saved |
      |---|---|--:|--:|--:|--:|--:|--:|
      """)
    for design in Self.designs {
      var width = 0.0
      for focus in [false, true] {
        let found = try [(false, 0), (true, apart.difference)].map { secondIsWorse, truth in
          try parallelMap(Array(0..<studies)) {
            try self.study(design, $0, focus: focus, secondIsWorse: secondIsWorse, truth: truth)
          }.compactMap(\.self)
        }
        let mean = found.joined().reduce(0) { $0 + $1.halfWidth * $1.halfWidth } / Double(found.joined().count)
        let cells = found.flatMap { outcomes in
          [outcomes.count(where: \.holds), outcomes.count(where: \.isTold)].map { share($0, of: outcomes.count) }
        }
        let saved = focus ? "\(percent(1 - mean / width)) %" : ""
        if !focus { width = mean }
        Swift.print(
          "| \(design.listeners) × \(design.queries) | \(focus ? "focus" : "even") | \(cells.joined(separator: " | ")) | \(number(100 * mean.squareRoot(), 1)) | \(saved) |"
        )
      }
    }
  }
}
