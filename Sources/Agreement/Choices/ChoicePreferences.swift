import Basics
import Ratings
import Reporting
import Statistics

/// How often one of two candidates is preferred to the other, and how often the one presented first is. Figures are
/// shares of answers; listeners and queries are resampled as for all other figures. A tie counts half for each.
///
/// Pairs are reported if there are at most `mostPairs` and each occurs in more than half of the queries, as systems
/// compared over all items do.
struct ChoicePreferences {
  static let mostPairs = 100

  private let table: ChoiceTable
  private let plan: AnalysisPlan
  /// By pair: the share of answers that prefer its first candidate, by name; nil if pairs do not recur.
  private let preferences: SystemSample?
  /// The share of decided answers that prefer the first side, on pairs that were asked in both orders, which count
  /// alike; nil if there are none.
  private let firsts: SystemSample?
  /// By name of a system in `preferences`: the candidates of the pair. The share is that of the first.
  private var pairs: [String: (first: Int, second: Int)] = [:]
  private(set) var sentences: [Prose] = []

  init(_ table: ChoiceTable, plan: AnalysisPlan) throws {
    (self.table, self.plan) = (table, plan)
    struct Pair: Hashable { var first: Int, second: Int }
    let names = table.candidates.all
    var queriesOf: [Pair: Set<Int>] = [:]
    func pair(_ answer: ChoiceTable.Answer) -> Pair {
      names[answer.first] < names[answer.second]
        ? Pair(first: answer.first, second: answer.second) : Pair(first: answer.second, second: answer.first)
    }
    for answer in table.answers { queriesOf[pair(answer), default: []].insert(answer.query) }
    let queries = table.queries.count
    func share(_ answer: ChoiceTable.Answer, of name: String, _ value: Double) -> ShareAnswer {
      ShareAnswer(
        listener: table.listeners.all[answer.listener], query: table.queries.all[answer.query],
        condition: table.conditions.all[answer.condition], of: name, value: value)
    }
    if queriesOf.count <= Self.mostPairs, queriesOf.values.allSatisfy({ queries == 1 || 2 * $0.count > queries }) {
      var answers: [ShareAnswer] = []
      for answer in table.answers {
        let asked = pair(answer), name = "\(asked.first)\u{1f}\(asked.second)"
        pairs[name] = (asked.first, asked.second)
        let value = answer.decided.map { $0.chosen == asked.first ? 1.0 : 0 } ?? 0.5
        answers.append(share(answer, of: name, value))
      }
      preferences = try SystemSample(shares: answers, plan: plan, file: table.file)
    } else {
      preferences = nil
    }
    let balanced = table.askedInBothOrders
    firsts =
      balanced.isEmpty
      ? nil
      : try SystemSample(
        shares: balanced.map { answer, weight -> ShareAnswer in
          var one = share(answer, of: "first", answer.choice == .first ? 1 : 0)
          one.weight = weight
          return one
        }, plan: plan, file: table.file)
    sentences = order.map { [$0] } ?? []
  }

  /// The interval of a share, and the p-value of the hypothesis that it is one half.
  private func told(_ figure: SystemSample.Figure) -> (interval: Interval?, p: Double?) {
    guard figure.isClaimed else { return (nil, nil) }
    let interval = figure.share(by: plan.interval, level: plan.confidence)
    guard let interval, let level = figure.level(ofShare: 0.5, by: plan.interval).map(plan.overAllLooks) else {
      return (interval, nil)
    }
    return (interval, interval.p(of: 0.5, level: level, confidence: plan.confidence))
  }

  func tables(progress: ProgressHandler? = nil) -> [ResultTable] {
    var shares = ResultTable(
      "preferences", "How often one of two is preferred",
      [
        .init("condition", "Condition"), .init("system", "Preferred"), .init("baseline", "To"),
        .init("share", "Share (ties count half)", digits: 3), .init("low", "Low", digits: 3),
        .init("high", "High", digits: 3),
        .init("p", "p", digits: 4), .init("p_corrected", "p, corrected", digits: 4), .init("correction", "Correction"),
        .init("intervals_over", "Intervals over"), .init("preferred", "Preferred", digits: 0),
        .init("other_preferred", "Other preferred", digits: 0), .init("ties", "Ties", digits: 0),
        .init("listeners", "Listeners", digits: 0), .init("queries", "Queries", digits: 0),
      ])
    if let preferences {
      let found = preferences.figures(differences: false, progress: progress), sample = preferences.sample
      for (g, group) in sample.groups.enumerated() {
        let figures = preferences.contenders.map { found[g].means[$0] }, answers = figures.map(told)
        let corrected = adjusted(answers.map(\.p), Correction(rawValue: plan.correction.rawValue) ?? .holm)
        for k in preferences.contenders where figures[k].mean.pages > 0 {
          guard let (first, second) = pairs[preferences.names[k]] else { continue }
          let values = sample.pages.compactMap { page -> Double? in
            let value = sample.isIn(group.number, page) ? preferences.score(page, k) : .nan
            return value.isNaN ? nil : value
          }
          // The preferred candidate comes first.
          let isFirst = figures[k].value >= 0.5, share = isFirst ? figures[k].value : 1 - figures[k].value
          let interval = answers[k].interval.map { isFirst ? $0 : Interval(low: 1 - $0.high, high: 1 - $0.low) }
          let ones = values.count { $0 == 1 }, zeros = values.count { $0 == 0 }
          shares.add(
            .text(group.name), .text(table.candidates.all[isFirst ? first : second]),
            .text(table.candidates.all[isFirst ? second : first]), .number(share), Cell(interval?.low),
            Cell(interval?.high), Cell(answers[k].p), Cell(corrected[k]), .text(plan.correction.rawValue),
            .text(figures[k].over), .count(isFirst ? ones : zeros), .count(isFirst ? zeros : ones),
            .count(values.count - ones - zeros), .count(figures[k].mean.listeners), .count(figures[k].mean.queries))
        }
      }
    }
    var order = ResultTable(
      "choice_order", "How often the first of two is chosen",
      [
        .init("share", "Share choosing the first", digits: 3), .init("low", "Low", digits: 3),
        .init("high", "High", digits: 3),
        .init("p", "p", digits: 4), .init("intervals_over", "Intervals over"), .init("answers", "Answers", digits: 0),
        .init("listeners", "Listeners", digits: 0), .init("queries", "Queries", digits: 0),
      ])
    if let figure = ofFirsts {
      let (interval, p) = told(figure)
      order.add(
        .number(figure.value), Cell(interval?.low), Cell(interval?.high), Cell(p), .text(figure.over),
        .count(figure.mean.pages), .count(figure.mean.listeners), .count(figure.mean.queries))
    }
    return [shares, order]
  }

  /// A sentence on which candidate is preferred, over all conditions together. For a single pair it gives the figures;
  /// for several, it compares the most preferred candidate with each of the others. Nil if pairs do not recur.
  func claim(_ shares: ResultTable) -> Prose? {
    guard let preferences else { return nil }
    let rows = shares.rows(where: ["condition": preferences.sample.groups[0].name])
    guard let first = rows.first else { return nil }
    func number(_ row: Int, _ key: String) -> Double { shares.number(row, key) ?? .nan }
    func told(_ row: Int, of name: String) -> Prose {
      let isFirst = shares.text(row, "system") == name
      func percent(_ value: Double) -> Prose { "\(100 * (isFirst ? value : 1 - value), digits: 0)" }
      let ends = isFirst ? ["low", "high"] : ["high", "low"]
      guard shares.number(row, "low") != nil else { return percent(number(row, "share")) + " %" }
      return percent(number(row, "share"))
        + " % [\(percent(number(row, ends[0]))), \(percent(number(row, ends[1])))]"
    }
    func isTold(_ row: Int) -> Bool { (shares.number(row, "p_corrected") ?? 1) < 1 - plan.confidence }
    let counts: Prose =
      "\(table.answers.count, "answer") from \(table.listeners.count, "listener") on \(table.queries.count, "item")"
    if rows.count == 1 {
      let (name, other) = (shares.text(first, "system"), shares.text(first, "baseline"))
      let p: Prose =
        shares.number(first, "p").map { $0 < 0.001 ? ", p below 0.001" : ", p \($0, digits: 3)" } ?? ""
      let interval: Prose =
        shares.number(first, "low") == nil ? "no interval" : "\(plan.confidence * 100, digits: 0) % interval"
      let basis: Prose = "\(interval)\(p); \(counts)"
      return
        (isTold(first)
        ? "\(name) is preferred to \(other)" as Prose : "It is not settled whether \(name) or \(other) is preferred")
        + ": \(name) in " + told(first, of: name) + " of answers (ties count half; " + basis + ")."
    }
    // Ranked by the mean, over the other candidates, of how often each is preferred.
    var sums: [String: (sum: Double, count: Double)] = [:]
    for row in rows {
      let share = number(row, "share")
      for (name, value) in [(shares.text(row, "system"), share), (shares.text(row, "baseline"), 1 - share)] {
        let known = sums[name] ?? (0, 0)
        sums[name] = (known.sum + value, known.count + 1)
      }
    }
    let best = sums.max { ($0.value.sum / $0.value.count, $1.key) < ($1.value.sum / $1.value.count, $0.key) }
    guard let name = best?.key else { return nil }
    let own = rows.filter { [shares.text($0, "system"), shares.text($0, "baseline")].contains(name) }
    func other(_ row: Int) -> String {
      shares.text(row, shares.text(row, "system") == name ? "baseline" : "system")
    }
    let open = own.filter { !isTold($0) || shares.text($0, "system") != name }
    let claim: Prose =
      open.isEmpty
      ? "\(name) is preferred to \(own.count == sums.count - 1 ? "all others" : "all that it was compared with")"
      : open.count == own.count
        ? "\(name) is preferred most often, but not significantly to any other after correction for \(rows.count, "pair")"
        : "\(name) is preferred most often, but not significantly to \(SystemFindings.list(open.map(other))) after correction for \(rows.count, "pair")"
    let each = own.prefix(6).map { "to \(other($0)) in " + told($0, of: name) }
    let intervals: Prose =
      own.allSatisfy { shares.number($0, "low") == nil }
      ? "no intervals" : "\(plan.confidence * 100, digits: 0) % intervals"
    return claim + ": " + each.dropFirst().reduce(each[0]) { $0 + ", " + $1 }
      + " of answers (ties count half; " + intervals + "; " + counts + ")."
  }

  private var ofFirsts: SystemSample.Figure? {
    firsts.map { $0.figures(differences: false, resamples: min(plan.resamples, 2000))[0].means[0] }
  }

  /// A sentence on whether the side influences the choice; nil if no pair was asked in both orders.
  private var order: Prose? {
    guard let figure = ofFirsts else { return nil }
    let (interval, p) = told(figure)
    guard let interval, let p else { return nil }
    let told: Prose =
      "the first of the two was chosen in \(100 * figure.value, digits: 0) % of decided answers on pairs that were asked in both orders, each order counted alike (\(plan.confidence * 100, digits: 0) % interval \(100 * interval.low, digits: 0) to \(100 * interval.high, digits: 0))."
    return
      (interval.contains(0.5)
      ? "No significant order bias: " as Prose
      : p < 0.001 ? "There is an order bias (p below 0.001): " : "There is an order bias (p \(p, digits: 3)): ") + told
  }

  var methods: Prose? {
    guard let preferences else { return nil }
    return
      "In the share of answers that prefer one of two candidates, ties count half. Its interval is based on resampling \(preferences.isOverItems ? "listeners and queries" : "listeners"), as is that of the share of decided answers that chose the first of the two, on pairs that were asked in both orders, each of which counts alike. All p-values are derived from these intervals; those of pairs are corrected for multiple comparisons by \(plan.correction.words)."
  }
}

extension ChoiceTable {
  /// The decided answers on pairs that were asked in both orders, and their weights. Only these show whether the side
  /// influences the choice.
  ///
  /// With weights, both orders of a pair count alike: if one of them is asked more often, the version that then comes
  /// first is chosen first more often without any bias. With n answers to one order and m to the other, those to the
  /// first weigh 2m/(n + m), which is 1 if both were asked equally often.
  var askedInBothOrders: [(answer: Answer, weight: Double)] {
    struct Asked: Hashable { var query, condition, first, second: Int }
    func asked(_ answer: Answer, _ first: Int, _ second: Int) -> Asked {
      Asked(query: answer.query, condition: answer.condition, first: first, second: second)
    }
    let decided = answers.filter { $0.choice != .tie }
    var counts: [Asked: Double] = [:]
    for answer in decided { counts[asked(answer, answer.first, answer.second), default: 0] += 1 }
    return decided.compactMap { answer in
      guard let own = counts[asked(answer, answer.first, answer.second)],
        let turned = counts[asked(answer, answer.second, answer.first)]
      else { return nil }
      return (answer: answer, weight: 2 * turned / (own + turned))
    }
  }
}

extension ChoiceTable {
  /// Each answer as a share that prefers the first of the two candidates by name. A tie counts half.
  var preferences: [ShareAnswer] {
    answers.map { answer in
      let names = [candidates.all[answer.first], candidates.all[answer.second]].sorted()
      let value = answer.decided.map { candidates.all[$0.chosen] == names[0] ? 1.0 : 0 } ?? 0.5
      return ShareAnswer(
        listener: listeners.all[answer.listener], query: queries.all[answer.query],
        condition: conditions.all[answer.condition], of: "\(names[0]) over \(names[1])", value: value)
    }
  }
}
