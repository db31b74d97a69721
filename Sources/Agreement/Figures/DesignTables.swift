import Basics
import Ratings
import Reporting
import Statistics

/// How many listeners rated what, item by item, and where more data would help.
struct DesignTables {
  let agreement: AgreementTables
  private var sample: Sample { agreement.sample }
  private var study: RatedStudy { agreement.sample.study }

  /// By item and system: the mean of the primary figure over the item's pages. The systems are followed by `listeners`:
  /// the mean agreement of two listeners.
  var items: ResultTable {
    var table = ResultTable(
      "items", "Agreement by query",
      [
        .init("query", "Query"), .init("condition", "Condition"), .init("system", "System"),
        .init("value", "Agreement"), .init("pages", "Pages", digits: 0),
      ])
    let figures = PageFigures(study: study, plan: sample.plan), metric = sample.plan.metric
    var byItem = Array(repeating: [RatedStudy.Page](), count: study.items.count)
    for page in sample.pages { byItem[page.item].append(page) }
    let order = study.items.indices.sorted {
      (study.items[$0].condition, study.queries[study.items[$0].query])
        < (study.items[$1].condition, study.queries[study.items[$1].query])
    }
    for i in order where !byItem[i].isEmpty {
      let item = study.items[i]
      func add(_ system: String, _ values: [Double]) {
        table.add(
          .text(study.queries[item.query]), .text(study.conditionName(item.condition)), .text(system),
          Cell(mean(values)), .count(values.count))
      }
      for system in study.systems.indices {
        add(
          study.systems[system],
          byItem[i].map { figures.value(metric, $0, system) }.filter { !$0.isNaN })
      }
      if let order = metric.order {
        let pages = byItem[i].map(compared).map {
          RatingPages.Page(listener: $0.listener, list: 0, items: $0.candidates, values: $0.ratings)
        }
        var room = PagePairs.Workspace()
        let (agreement, pairs) = PagePairs(pages, measure: order, minimum: sample.plan.minimumCandidates).sums(
          Array(repeating: 1, count: study.listeners.count), &room)
        table.add(
          .text(study.queries[item.query]), .text(study.conditionName(item.condition)), .text("listeners"),
          Cell(pairs > 0.5 ? agreement / pairs : nil), .count(Int(pairs.rounded())))
      }
    }
    return table
  }

  /// A page without the hidden reference and the anchor, unless the plan includes them.
  private func compared(_ page: RatedStudy.Page) -> RatedStudy.Page {
    if sample.plan.includeReference { return page }
    let flags = study.items[page.item].flags
    let kept = page.candidates.indices.filter { flags[page.candidates[$0]].isDisjoint(with: [.reference, .anchor]) }
    var page = page
    (page.candidates, page.ratings) = (
      kept.map { [page] in page.candidates[$0] }, kept.map { [page] in page.ratings[$0] }
    )
    return page
  }

  var coverage: ResultTable {
    var table = ResultTable(
      "design", "Design coverage",
      [
        .init("query", "Query"), .init("condition", "Condition"), .init("listeners", "Listeners", digits: 0),
        .init("pages", "Pages", digits: 0), .init("candidates", "Candidates", digits: 0),
        .init("ratings", "Ratings", digits: 0), .init("fewest", "Fewest per candidate", digits: 0),
        .init("most", "Most per candidate", digits: 0),
      ])
    var counts = study.items.map { Array(repeating: 0, count: $0.candidates.count) }
    var listeners = study.items.map { _ in Set<Int>() }, pages = study.items.map { _ in 0 }
    for page in sample.pages {
      pages[page.item] += 1
      listeners[page.item].insert(page.listener)
      for candidate in page.candidates { counts[page.item][candidate] += 1 }
    }
    let order = study.items.indices.sorted {
      (study.items[$0].condition, study.queries[study.items[$0].query])
        < (study.items[$1].condition, study.queries[study.items[$1].query])
    }
    for i in order where pages[i] > 0 {
      let rated = counts[i].filter { $0 > 0 }
      table.add(
        .text(study.queries[study.items[i].query]), .text(study.conditionName(study.items[i].condition)),
        .count(listeners[i].count), .count(pages[i]), .count(rated.count), .count(rated.reduce(0, +)),
        .count(rated.min() ?? 0), .count(rated.max() ?? 0))
    }
    return table
  }

  /// By system: the variance of its primary figure that is due to the choice of listeners, of queries, of candidates
  /// (if these recur), and to single pages; and the half-width of the interval (the estimate ± t standard errors), now
  /// and with twice as many listeners or queries. t's degrees of freedom grow accordingly.
  ///
  /// Bootstraps over listeners, over queries and over both have the variances `L + E`, `Q + E` and `L + Q + 3E` (Owen
  /// 2007), so E = both - listeners - queries, and so on (`DualFactor.Parts`).
  var precision: ResultTable {
    var table = ResultTable(
      "precision", "Sources of uncertainty",
      [
        .init("system", "System"), .init("half_width", "± now", digits: 3),
        .init("from_listeners", "From listeners"), .init("from_queries", "From queries"),
        .init("from_pages", "From single pages"),
        .init("twice_the_listeners", "± with twice the listeners", digits: 3),
        .init("twice_the_queries", "± with twice the queries", digits: 3), .init("from_candidates", "From candidates"),
      ])
    let group = study.conditions.count, metric = sample.plan.metric
    let level = sample.plan.atThisLook(sample.plan.confidence)
    for system in study.systems.indices {
      let output = agreement.layout.individual(system, metric, group)
      let resamples = agreement.resamples(system, group)
      guard let parts = sample.parts(resamples, output), parts.whole > 0,
        let now = parts.halfWidth(
          listeners: parts.listenerCount, queries: parts.queryCount, level: level),
        let listeners = parts.halfWidth(
          listeners: 2 * parts.listenerCount, queries: parts.queryCount, level: level),
        let queries = parts.halfWidth(
          listeners: parts.listenerCount, queries: 2 * parts.queryCount, level: level)
      else { continue }
      let l = max(0, parts.listeners - parts.pages), q = max(0, parts.queries - parts.pages)
      let all = l + q + parts.pages + parts.candidates
      table.add(
        .text(study.systems[system]), .number(now), .number(l / all), .number(q / all), .number(parts.pages / all),
        .number(listeners), .number(queries), .number(parts.candidates / all))
    }
    return table
  }

  /// The advice that follows for one system.
  /// - Parameter confidence: the confidence of the intervals whose half-widths the table holds.
  static func advice(_ precision: ResultTable, for system: String, confidence: Double) -> Prose? {
    guard let row = precision.rows(where: ["system": system]).first, let now = precision.number(row, "half_width"),
      let listeners = precision.number(row, "twice_the_listeners"),
      let queries = precision.number(row, "twice_the_queries")
    else { return nil }
    let ofCandidates = precision.number(row, "from_candidates") ?? 0
    if ofCandidates > 0.5 {
      return
        "More candidates would help most: \(ofCandidates * 100, digits: 0) % of the variance of \(system)'s agreement comes from the choice of recurring candidates. Twice the queries would narrow the \(confidence * 100, digits: 0) % interval from ±\(now, digits: 3) to about ±\(queries, digits: 3), twice the listeners to about ±\(listeners, digits: 3)."
    }
    return queries < listeners
      ? "More queries would help more than more listeners: twice the queries would narrow the \(confidence * 100, digits: 0) % interval of \(system)'s agreement from ±\(now, digits: 3) to about ±\(queries, digits: 3), twice the listeners to about ±\(listeners, digits: 3)."
      : "More listeners would help more than more queries: twice the listeners would narrow the \(confidence * 100, digits: 0) % interval of \(system)'s agreement from ±\(now, digits: 3) to about ±\(listeners, digits: 3), twice the queries to about ±\(queries, digits: 3)."
  }
}
