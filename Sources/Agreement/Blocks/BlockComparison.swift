import Basics
import Ratings
import Reporting
import Statistics

/// Two blocks of a study side by side: the same figure in each, and the difference.
///
/// For each system in both blocks: its mean in each and their difference. For each two systems: whether the difference
/// between them is the same in both blocks. Listeners and items of both blocks are resampled together, by name. A
/// listener who took part in both therefore counts equally often in each; listeners and items of only one block vary
/// independently. t and the corrections count the listeners and the items of the block that has fewer.
struct BlockComparison {
  struct Side {
    var block: String, answers: ValuedAnswers
  }

  let first: Side, second: Side
  let plan: AnalysisPlan
  /// The systems in both blocks, from the highest to the lowest mean in the first block.
  let systems: [String]

  /// With more than `mostInPairs` systems only the means are compared; with more than `mostSystems`, nothing.
  private static let mostInPairs = 12, mostSystems = ChoicePreferences.mostPairs

  /// Nil if the blocks cannot be compared, because their answers are of different kinds, on different scales, or about
  /// different systems.
  init?(_ first: Side, _ second: Side, plan: AnalysisPlan) {
    let (one, other) = (first.answers, second.answers)
    let shared = Set(one.rows.map(\.system)).intersection(other.rows.map(\.system))
    guard one.type == other.type, one.scale == other.scale, Self.isSame(one.range, other.range),
      (1...Self.mostSystems).contains(shared.count)
    else { return nil }
    (self.first, self.second, self.plan) = (first, second, plan)
    let means = Dictionary(grouping: one.rows, by: \.system).mapValues { rows in
      rows.reduce(0) { $0 + $1.value } / Double(rows.count)
    }
    systems = shared.sorted { (-(means[$0] ?? 0), $0) < (-(means[$1] ?? 0), $1) }
  }

  private static func isSame(_ a: ClosedRange<Double>?, _ b: ClosedRange<Double>?) -> Bool {
    guard let a, let b else { return true }
    return a == b
  }

  /// The answers of the first block; those of the second are of the same kind.
  var answers: ValuedAnswers { first.answers }

  /// What is compared, as sentences call it; empty if unknown.
  static func title(type: String, scale: String) -> String {
    switch type {
    case "agreement": "agreement, \(AnalysisPlan.Metric(rawValue: scale)?.title ?? scale)"
    case "choices": "share preferred"
    case "abx", "odd-one-out": "share right, \(type)"
    default: ScoreTable.Kind(type: type, scale: scale).title
    }
  }

  static let table = ResultTable(
    "block_differences", "Differences between blocks",
    SystemTables.kindColumns + [
      .init("block", "Block"), .init("other_block", "Minus block"), .init("system", "System"),
      .init("baseline", "Minus system"),
      .init("value", "In block", digits: 3), .init("other", "In other block", digits: 3),
      .init("difference", "Difference", digits: 3), .init("low", "Low", digits: 3), .init("high", "High", digits: 3),
      .init("p", "p", digits: 4), .init("p_corrected", "p, corrected", digits: 4), .init("correction", "Correction"),
      .init("intervals_over", "Intervals over"), .init("listeners", "Listeners", digits: 0),
      .init("other_listeners", "Listeners, other block", digits: 0),
      .init("shared_listeners", "Listeners in both", digits: 0),
      .init("items", "Items", digits: 0), .init("other_items", "Items, other block", digits: 0),
      .init("shared_items", "Items in both", digits: 0),
    ])

  /// The listeners and items with answers on one system in one block.
  private struct Heard {
    var listeners = Set<String>(), items = Set<String>()

    func union(_ other: Heard) -> Heard {
      Heard(listeners: listeners.union(other.listeners), items: items.union(other.items))
    }
  }

  /// A figure in both blocks: the mean of one system, or the difference between two.
  private struct Told {
    var system: String, baseline = "", value: Double, other: Double, figure: SystemSample.Figure, span: Double
    var here: Heard, there: Heard
  }

  /// The answers of both blocks as one study, in which each system counts as a different one in each block.
  private struct Both {
    let sample: Sample
    /// By system of the first block, then by system of the second.
    let heard: [Heard]
    let means: Redrawn

    func mean(_ place: Int) -> Double { means.estimate[place] }

    /// A figure derived from several means. For claims, it has the listeners and items of the mean with the fewest.
    func figure(_ places: [Int], _ function: ([Double]) -> Double) -> SystemSample.Figure {
      var redrawn = means.derived(places, function)
      redrawn.listenerCount = places.map { heard[$0].listeners.count }.min() ?? 0
      redrawn.queryCount = places.map { heard[$0].items.count }.min() ?? 0
      let items = redrawn.queryCount
      return SystemSample.Figure(
        sample: sample,
        mean: .init(
          redrawn: redrawn, listeners: redrawn.listenerCount, byQuery: Array(repeating: (0, 1), count: items)),
        isOverItems: items >= SystemSample.fewestItems)
    }
  }

  private func both() throws -> Both {
    let count = systems.count
    let number = Dictionary(uniqueKeysWithValues: systems.enumerated().map { ($1, $0) })
    var ratings = RatingTable(file: "blocks")
    var heard = Array(repeating: Heard(), count: 2 * count)
    for (b, side) in [first, second].enumerated() {
      for (i, row) in side.answers.rows.enumerated() {
        guard let system = number[row.system] else { continue }
        let place = b * count + system
        heard[place].listeners.insert(row.listener)
        heard[place].items.insert(row.item)
        ratings.add(
          .init(
            participant: row.listener, query: row.item, condition: "", candidate: "\(place)", trial: "\(b) \(i)",
            rating: row.value, flags: [], responseTime: .nan, line: 0))
      }
    }
    var own = plan
    (own.candidates, own.pooling, own.systems, own.conditions) = (.fixed, .none, [], [])
    (own.scale, own.resamples) = (answers.range, min(plan.resamples, 2000))
    let study = try RatedStudy(ratings, rankings: [], plan: own, keepsTrials: true)
    let sample = Sample(study, plan: own)
    var sums = FigureSums(width: 2 * count, groups: 1)
    for page in sample.pages {
      let item = sample.study.items[page.item]
      // Each answer is a page of its own.
      let place = Int(item.candidates[page.candidates[0]]) ?? 0
      sums.add(group: 0, listener: page.listener, query: item.query) {
        $0 == place ? (page.ratings[0], 1) : (0, 0)
      }
    }
    return Both(sample: sample, heard: heard, means: sample.bootstrap(FigureMeans(sums), for: .verdictToo))
  }

  /// The figures of each system, then of each two systems.
  private func told(_ both: Both) -> [Told] {
    let count = systems.count, heard = both.heard
    let span = answers.range.map { $0.upperBound - $0.lowerBound } ?? .infinity
    var told = (0..<count).map { k in
      Told(
        system: systems[k], value: both.mean(k), other: both.mean(count + k),
        figure: both.figure([k, count + k]) { $0[0] - $0[1] }, span: span, here: heard[k], there: heard[count + k])
    }
    guard !answers.isShare, count <= Self.mostInPairs else { return told }
    for a in 0..<count {
      for b in (a + 1)..<max(a + 1, count) {
        // The difference is the system with the higher mean in the first block minus the other.
        let (x, y) = both.mean(a) >= both.mean(b) ? (a, b) : (b, a)
        told.append(
          Told(
            system: systems[x], baseline: systems[y], value: both.mean(x) - both.mean(y),
            other: both.mean(count + x) - both.mean(count + y),
            figure: both.figure([x, y, count + x, count + y]) { $0[0] - $0[1] - ($0[2] - $0[3]) }, span: 2 * span,
            here: heard[x].union(heard[y]), there: heard[count + x].union(heard[count + y])))
      }
    }
    return told
  }

  /// One row per system, then one per pair of systems.
  func rows() throws -> [[Cell]] {
    let told = told(try both())
    let intervals = told.map { one in
      one.figure.isClaimed
        ? one.figure.interval(
          by: plan.interval, level: plan.confidence, within: -one.span...one.span,
          freedom: answers.isShare ? .combined : .fewest) : nil
    }
    let p = zip(told, intervals).map { $0.figure.p(of: $1, by: plan.interval, confidence: plan.confidence) }
    let corrected = adjusted(p, Correction(rawValue: plan.correction.rawValue) ?? .holm)
    return told.indices.map { i in
      let one = told[i], interval = intervals[i]
      return [
        .text(answers.type), .text(answers.scale), .text(first.block), .text(second.block), .text(one.system),
        .text(one.baseline), Cell(one.value), Cell(one.other), Cell(one.figure.value), Cell(interval?.low),
        Cell(interval?.high), Cell(p[i]), Cell(corrected[i]), .text(plan.correction.rawValue),
        .text(one.figure.over), .count(one.here.listeners.count), .count(one.there.listeners.count),
        .count(one.here.listeners.intersection(one.there.listeners).count), .count(one.here.items.count),
        .count(one.there.items.count), .count(one.here.items.intersection(one.there.items).count),
      ]
    }
  }

  /// The rows in sentences: first the means, then the differences between two systems.
  /// - Parameter rows: the rows of `table` that belong to these blocks.
  func sentences(_ table: ResultTable, _ rows: [Int]) -> [Prose] {
    let digits = answers.isShare ? 0 : answers.digits, factor = answers.isShare ? 100.0 : 1
    let unit = answers.isShare ? " %" : "", level = plan.confidence * 100
    func told(_ row: Int) -> Bool { (table.number(row, "p_corrected") ?? 1) < 1 - plan.confidence }
    func number(_ row: Int, _ key: String) -> Prose {
      guard let value = table.number(row, key) else { return "–" }
      return "\(factor * value, digits: digits)"
    }
    func line(_ row: Int) -> Prose {
      let name = table.text(row, "system"), baseline = table.text(row, "baseline")
      let what: Prose = baseline.isEmpty ? "\(name) " : "\(name) − \(baseline) "
      let interval: Prose =
        table.number(row, "low") == nil
        ? "no interval" : "\(level, digits: 0) % interval " + number(row, "low") + " to " + number(row, "high")
      return what + number(row, "value") + "\(unit) in \(first.block), " + number(row, "other")
        + "\(unit) in \(second.block) (difference " + number(row, "difference") + ", " + interval + ")"
    }
    func list(_ rows: [Int]) -> Prose {
      let shown = rows.prefix(3).map(line)
      let more: Prose = rows.count > 3 ? "; and \(rows.count - 3) more in table block_differences" : ""
      return shown.dropFirst().reduce(shown.first ?? "") { $0 + "; " + $1 } + more
    }
    let means = rows.filter { table.text($0, "baseline").isEmpty }, differing = means.filter(told)
    let pairs = rows.filter { !table.text($0, "baseline").isEmpty }, changed = pairs.filter(told)
    let title = Self.title(type: answers.type, scale: answers.scale)
    let about: Prose = "\(first.block) and \(second.block)\(title.isEmpty ? "" : " (\(title))"): "
    var found: [Prose] = []
    if means.allSatisfy({ table.number($0, "low") == nil }) {
      return [
        about + "their difference is not tested, since it is based on fewer than "
          + "\(SystemSample.fewestListeners, "listener"), or nothing varies; " + list(means) + "."
      ]
    }
    if differing.isEmpty {
      found.append(
        about + "no significant difference, which does not show that they are equal; " + list(means) + ".")
    } else {
      let open = means.filter { !differing.contains($0) }.map { table.text($0, "system") }
      found.append(
        about + list(differing) + (open.isEmpty ? "." : "; no significant difference for \(SystemFindings.list(open)).")
      )
    }
    if !pairs.isEmpty {
      found.append(
        changed.isEmpty
          ? about + "no difference between two systems changes significantly."
          : about + "differences between two systems change: " + list(changed) + ".")
    }
    return found
  }
}

extension Findings {
  /// Only the table `block_differences`, from scores in two blocks that are not in a file. For simulated studies.
  package static func comparing(
    blocks first: [Score], _ second: [Score], scale: ClosedRange<Double>, plan: AnalysisPlan
  ) throws -> ResultTable {
    let sides = [first, second].enumerated().map { b, scores in
      BlockComparison.Side(
        block: "\(b + 1)",
        answers: ValuedAnswers(
          type: "", range: scale, digits: 1,
          rows: scores.map { .init(listener: $0.listener, item: $0.item, system: $0.system, value: $0.value) }))
    }
    var table = BlockComparison.table
    if let comparison = BlockComparison(sides[0], sides[1], plan: plan) { table.rows = try comparison.rows() }
    return table
  }
}
