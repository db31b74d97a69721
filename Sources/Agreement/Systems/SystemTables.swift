import Basics
import Ratings
import Reporting
import Statistics

/// How good each system is to listeners, and how far apart each two are: tables of one kind of scores.
struct SystemTables {
  let kind: ScoreTable.Kind
  let systems: SystemSample
  /// The largest difference between two mean scores that counts as equal; nil if the plan states none.
  let margin: Double?

  private var sample: Sample { systems.sample }
  private var study: RatedStudy { systems.sample.study }
  private var plan: AnalysisPlan { systems.sample.plan }
  private var digits: Int { study.ratingDigits }

  /// The first columns of every table of one kind of scores.
  static let kindColumns: [ResultTable.Column] = [.init("trial_type", "Trial type"), .init("scale", "Scale")]
  private var kindCells: [Cell] { [.text(kind.type), .text(kind.scale)] }

  /// The verdict on the difference between two systems, in words.
  static func verdict(_ verdict: Verdict) -> String {
    switch verdict {
    case .superior: "better"
    case .comparable: "equivalent"
    case .inferior: "worse"
    case .inconclusive, .tooFew, .unvarying: verdict.rawValue
    }
  }

  /// The systems in one group: their means, their differences, and p-values.
  private struct Compared {
    let group: (number: Int, name: String)
    let means: [SystemSample.Figure], differences: [SystemSample.Figure]
    let intervals: [Interval?], p: [Double?], corrected: [Double?]
    /// The contenders that have a mean, the highest first.
    let order: [Int]
    /// By place in `order`, if every two could be compared: systems that share a letter do not differ significantly.
    let letters: [String]?
  }

  private var bounds: ClosedRange<Double> {
    let span = sample.reach.upperBound - sample.reach.lowerBound
    return -span...span
  }

  private func compare(
    _ group: (number: Int, name: String), _ means: [SystemSample.Figure], _ differences: [SystemSample.Figure]
  ) -> Compared {
    let bounds = bounds, pairs = systems.pairs
    let intervals = differences.map { figure in
      figure.isClaimed ? figure.interval(by: plan.interval, level: plan.confidence, within: bounds) : nil
    }
    let p = zip(differences, intervals).map { $0.p(of: $1, by: plan.interval, confidence: plan.confidence) }
    let corrected = adjusted(p, Correction(rawValue: plan.correction.rawValue) ?? .holm)
    let order = systems.contenders.filter { means[$0].mean.pages > 0 }.sorted { means[$0].value > means[$1].value }
    // Two systems that always get the same scores have no p-value, but differ from each other in nothing.
    func told(_ a: Int, _ b: Int) -> Double? {
      pairs.firstIndex { $0 == (min(a, b), max(a, b)) }.flatMap { place in
        corrected[place]
          ?? (differences[place].isClaimed && differences[place].isConstant && differences[place].value == 0 ? 1 : nil)
      }
    }
    let isWhole =
      order.count > 1 && order.allSatisfy { a in order.allSatisfy { b in a == b || told(a, b) != nil } }
    let letters =
      isWhole
      ? compactLetters(order.count) { i, j in (told(order[i], order[j]) ?? 1) < 1 - plan.confidence } : nil
    return Compared(
      group: group, means: means, differences: differences, intervals: intervals, p: p, corrected: corrected,
      order: order, letters: letters)
  }

  /// The tables `systems` and `system_differences`, and each two systems over all conditions as one family.
  func comparison(progress: ProgressHandler? = nil) -> (
    systems: ResultTable, differences: ResultTable, all: ResultTable
  ) {
    let figures = systems.figures(progress: progress), pairs = systems.pairs
    let groups = zip(sample.groups, figures).map { compare($0, $1.means, $1.differences) }
    let every = groups.flatMap { one in
      pairs.enumerated().filter { one.differences[$0.offset].mean.pages > 0 }.map { k, pair in
        AllPairs.Row(
          condition: one.group.name, system: systems.names[pair.0], baseline: systems.names[pair.1],
          difference: one.differences[k].value, interval: one.intervals[k], p: one.p[k])
      }
    }
    let all = AllPairs.table(
      kind.title.isEmpty ? kind.measure : kind.title, pairs.count > AllPairs.most ? [] : every, digits: digits,
      correction: plan.correction)
    return (means(groups), differences(groups), all)
  }

  private func means(_ groups: [Compared]) -> ResultTable {
    var table = ResultTable(
      "systems", "Mean \(kind.measure) of each system",
      Self.kindColumns + [
        .init("condition", "Condition"), .init("system", "System"), .init("role", "Role"),
        .init("mean", "Mean", digits: digits), .init("low", "Low", digits: digits),
        .init("high", "High", digits: digits), .init("deviation", "Standard deviation", digits: digits),
        .init("letters", "Letters"), .init("place", "Place", digits: 0), .init("place_low", "Low", digits: 0),
        .init("place_high", "High", digits: 0), .init("best", "Ranks first, share of resamples"),
        .init("intervals_over", "Intervals over"), .init("scores", "Scores", digits: 0),
        .init("listeners", "Listeners", digits: 0), .init("items", "Items", digits: 0),
      ])
    let places = systems.placesDrawnAnew()
    for one in groups {
      let isAll = one.group.number == study.conditions.count || sample.groups.count == 1
      for (k, name) in systems.names.enumerated() where one.means[k].mean.pages > 0 {
        let figure = one.means[k]
        let interval = figure.interval(by: plan.interval, level: plan.confidence, within: sample.reach)
        let scores = sample.pages.compactMap { page -> Double? in
          let score = sample.isIn(one.group.number, page) ? systems.score(page, k) : .nan
          return score.isNaN ? nil : score
        }
        let place = one.order.firstIndex(of: k)
        let drawn = isAll && place != nil ? places : nil, ranks = drawn.map { $0.ranks[k] }
        table.rows.append(
          kindCells + [
            .text(one.group.name), .text(name), .text(systems.roles[k].rawValue), Cell(figure.value),
            Cell(interval?.low), Cell(interval?.high), Cell(variance(scores)?.squareRoot()),
            .text(place.flatMap { one.letters?[$0] } ?? ""), place.map { .count($0 + 1) } ?? .missing,
            ranks.map { .count(Int($0.low)) } ?? .missing, ranks.map { .count(Int($0.high)) } ?? .missing,
            Cell(drawn.map { $0.best[k] }), .text(figure.over), .count(scores.count),
            .count(figure.mean.listeners), .count(figure.mean.queries),
          ])
      }
    }
    return table
  }

  private func differences(_ groups: [Compared]) -> ResultTable {
    var table = ResultTable(
      "system_differences", "Differences between two systems",
      Self.kindColumns + [
        .init("condition", "Condition"), .init("system", "System"), .init("baseline", "Minus"),
        .init("difference", "Difference", digits: digits), .init("low", "Low", digits: digits),
        .init("high", "High", digits: digits), .init("p", "p", digits: 4),
        .init("p_corrected", "p, corrected", digits: 4), .init("correction", "Correction"),
        .init("verdict", "Verdict"), .init("margin", "Margin", digits: digits),
        .init("verdict_low", "Low, verdict", digits: digits),
        .init("verdict_high", "High, verdict", digits: digits), .init("level", "Level, verdict"),
        .init("intervals_over", "Intervals over"), .init("pages", "Pages", digits: 0),
        .init("listeners", "Listeners", digits: 0), .init("items", "Items", digits: 0),
        .init("told_up_to", "Better or worse up to margin", digits: digits),
        .init("equivalent_from", "Equivalent above margin", digits: digits),
      ])
    let level = 1 - 2 * plan.alpha, bounds = bounds
    var shares: [MarginShares?] = []
    for one in groups {
      for (k, (a, b)) in systems.pairs.enumerated() where one.differences[k].mean.pages > 0 {
        let figure = one.differences[k]
        let claimed =
          figure.isClaimed ? figure.interval(by: plan.verdictInterval, level: level, within: bounds) : nil
        let decisive = margin == nil ? nil : claimed
        let verdict = margin.map {
          Self.verdict(figure.isClaimed && decisive == nil ? .unvarying : Verdict(decisive, margin: $0))
        }
        shares.append(
          claimed == nil
            ? nil
            : margin.flatMap { margin in
              MarginShares(margin: margin) { figure.level(of: $0, by: plan.verdictInterval) }
            })
        table.rows.append(
          kindCells + [
            .text(one.group.name), .text(systems.names[a]), .text(systems.names[b]), Cell(figure.value),
            Cell(one.intervals[k]?.low), Cell(one.intervals[k]?.high), Cell(one.p[k]), Cell(one.corrected[k]),
            .text(plan.correction.rawValue), .text(verdict ?? ""), Cell(margin), Cell(decisive?.low),
            Cell(decisive?.high), decisive == nil ? .missing : .number(level), .text(figure.over),
            .count(figure.mean.pages), .count(figure.mean.listeners), .count(figure.mean.queries),
            Cell(claimed.map { max(0, $0.low, -$0.high) }), Cell(claimed.map { max(-$0.low, $0.high) }),
          ])
      }
    }
    table.add(shares, plan: plan)
    return table
  }

  /// How much the difference between two systems depends on any single listener or item: the differences without each
  /// of them. Whether a difference would remain significant is judged by its interval, shifted with it.
  /// - Parameter differences: the table of differences over all conditions together and in each.
  func influence(_ differences: ResultTable) -> ResultTable {
    var table = ResultTable(
      "system_influence", "Influence of single listeners and items",
      Self.kindColumns + [
        .init("system", "System"), .init("baseline", "Minus"), .init("left_out", "Omitted"),
        .init("difference", "Difference", digits: digits), .init("least", "Lowest without one", digits: digits),
        .init("least_without", "Without"), .init("most", "Highest without one", digits: digits),
        .init("most_without", "Without"), .init("told", "Interval excludes 0"), .init("holds", "Holds without any one"),
      ])
    for (a, b) in systems.pairs {
      let row = differences.rows(where: [
        "condition": sample.groups[0].name, "system": systems.names[a], "baseline": systems.names[b],
      ]).first
      guard let row, let difference = differences.number(row, "difference") else { continue }
      var whole = (sum: 0.0, count: 0.0)
      var byListener = Array(repeating: whole, count: study.listeners.count)
      var byItem = Array(repeating: whole, count: study.queries.count)
      for page in sample.pages {
        let value = systems.score(page, a) - systems.score(page, b)
        if value.isNaN { continue }
        let item = study.items[page.item].query
        whole = (whole.sum + value, whole.count + 1)
        byListener[page.listener] = (byListener[page.listener].sum + value, byListener[page.listener].count + 1)
        byItem[item] = (byItem[item].sum + value, byItem[item].count + 1)
      }
      let low = differences.number(row, "low"), high = differences.number(row, "high")
      let isTold = low.flatMap { low in high.map { low > 0 || $0 < 0 } } ?? false
      for (what, names, parts) in [("listener", study.listeners, byListener), ("item", study.queries, byItem)] {
        let without = zip(names, parts).compactMap { name, part in
          part.count > 0 && part.count < whole.count
            ? (name, (whole.sum - part.sum) / (whole.count - part.count)) : nil
        }
        guard let least = without.min(by: { $0.1 < $1.1 }), let most = without.max(by: { $0.1 < $1.1 }) else {
          continue
        }
        let holds =
          isTold
          && (low.map { $0 + least.1 - difference > 0 } ?? false || high.map { $0 + most.1 - difference < 0 } ?? false)
        table.rows.append(
          kindCells + [
            .text(systems.names[a]), .text(systems.names[b]), .text(what), .number(difference), .number(least.1),
            .text(least.0), .number(most.1), .text(most.0), .flag(isTold), isTold ? .flag(holds) : .missing,
          ])
      }
    }
    return table
  }

  /// Each system's mean score on each item.
  var items: ResultTable {
    var table = ResultTable(
      "system_items", "Mean \(kind.measure) by item",
      Self.kindColumns + [
        .init("condition", "Condition"), .init("item", "Item"), .init("system", "System"),
        .init("mean", "Mean", digits: digits), .init("scores", "Scores", digits: 0),
      ])
    var sums = study.items.map { _ in Array(repeating: (sum: 0.0, count: 0), count: systems.names.count) }
    for page in sample.pages {
      for k in systems.names.indices {
        let score = systems.score(page, k)
        if score.isNaN { continue }
        sums[page.item][k] = (sums[page.item][k].sum + score, sums[page.item][k].count + 1)
      }
    }
    let order = study.items.indices.sorted {
      let a = study.items[$0], b = study.items[$1]
      return (a.condition, study.queries[min(a.query, study.queries.count - 1)])
        < (b.condition, study.queries[min(b.query, study.queries.count - 1)])
    }
    for i in order {
      for (k, name) in systems.names.enumerated() where sums[i][k].count > 0 {
        table.rows.append(
          kindCells + [
            .text(study.conditionName(study.items[i].condition)), .text(study.queries[study.items[i].query]),
            .text(name), .number(sums[i][k].sum / Double(sums[i][k].count)), .count(sums[i][k].count),
          ])
      }
    }
    return table
  }

  /// The contenders' means over all conditions together: without screening, with the planned rules, and with other
  /// rules alone.
  /// - Parameter cases: the listeners whom each case leaves out, by their numbers in `whole`.
  func screening(
    of whole: RatedStudy, cases: [(name: String, excluded: Set<Int>)], wanted: [String],
    progress: ProgressHandler? = nil
  ) -> ResultTable {
    var table = ResultTable(
      "system_screening", "Effect of screening",
      Self.kindColumns + [
        .init("screening", "Screening"), .init("system", "System"), .init("mean", "Mean", digits: digits),
        .init("low", "Low", digits: digits), .init("high", "High", digits: digits), .init("place", "Place", digits: 0),
        .init("listeners", "Listeners", digits: 0), .init("left_out", "Excluded", digits: 0),
        .init("who", "Excluded listeners"),
      ])
    var known: [Set<Int>: [[Cell]]] = [:]
    for (done, screened) in cases.enumerated() {
      let rows =
        known[screened.excluded]
        ?? {
          let part = Sample(whole, without: screened.excluded, plan: plan)
          guard !part.pages.isEmpty else { return [] }
          let own = SystemSample(part, wanted: wanted)
          let means = own.figures(differences: false, resamples: min(plan.resamples, 1000))[0].means
          return own.contenders.map { k in
            let interval = means[k].interval(by: plan.interval, level: plan.confidence, within: part.reach)
            return [
              .text(own.names[k]), Cell(means[k].value), Cell(interval?.low), Cell(interval?.high), .count(k + 1),
              .count(part.study.listeners.count), .count(screened.excluded.count),
              .text(screened.excluded.map { whole.listeners[$0] }.sorted().joined(separator: ", ")),
            ]
          }
        }()
      known[screened.excluded] = rows
      table.rows += rows.map { kindCells + [.text(screened.name)] + $0 }
      progress?(done + 1, cases.count)
    }
    return table
  }

  /// Adds the columns of the kind to a table without them.
  func ofKind(_ table: ResultTable, named name: String, titled title: String? = nil) -> ResultTable {
    var own = ResultTable(name, title ?? table.title, Self.kindColumns + table.columns)
    own.rows = table.rows.map { kindCells + $0 }
    return own
  }
}
