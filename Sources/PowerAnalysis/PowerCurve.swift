import Agreement
import Basics
import Foundation
import Pages
import Reporting
import Statistics

/// Power by listeners and queries: the results of the simulated studies of each cell.
public struct PowerCurve: Sendable {
  /// The power with one number of listeners and of queries: the number of simulated studies, and of those that made the
  /// claim.
  public struct Point: Sendable, Equatable {
    /// The numbers of listeners and of queries.
    public var cell: Power.Cell
    /// How many studies were simulated.
    public var replicates: Int
    /// How many of them made the claim.
    public var claims: Int
    /// The share of simulated studies that made the claim.
    public var power: Double { Double(claims) / Double(replicates) }

    /// Wilson's (1927) 95 % interval of the power.
    public var interval: Interval {
      Interval.wilson(power, of: replicates, level: 0.95) ?? Interval(low: 0, high: 1)
    }
  }

  /// What was simulated.
  public let power: Power
  /// Sorted by listeners, then by queries.
  public let points: [Point]
  /// What changes to the largest cell's design would achieve; empty unless no cell comes close.
  public let levers: [Power.Lever]

  /// Combines the first blocks of each cell, as many as the replicates need; others are ignored.
  public init(
    _ power: Power, cells: [Power.Cell], replicates: Int, blocks: [Power.Block], levers: [Power.Lever] = []
  ) {
    (self.power, self.levers) = (power, levers)
    let wanted = (replicates + Power.block - 1) / Power.block
    points = cells.sorted { ($0.listeners, $0.queries) < ($1.listeners, $1.queries) }.compactMap { cell in
      let own = blocks.filter { $0.cell == cell && $0.number < wanted }
      let count = own.reduce(0) { $0 + $1.replicates }
      return count == 0 ? nil : Point(cell: cell, replicates: count, claims: own.reduce(0) { $0 + $1.claims })
    }
  }

  /// The design with the fewest listeners, and then the fewest queries, that has at least this power.
  public func smallest(reaching power: Double) -> Point? { points.first { $0.power >= power } }

  /// What is to be shown, worded to follow "to show that".
  var claim: String {
    let settings = power.settings, metric = settings.plan.metric.title
    func number(_ value: Double) -> String { display(value, digits: 2) }
    switch settings.claim {
    case .comparable:
      return
        "the system is comparable with another listener (margin ±\(number(settings.plan.margin)) in \(metric)) if its true agreement is \(number(power.systemAgreement)) and that of two listeners is \(number(power.listenersAgreement))"
    case .betterThanBaseline:
      return
        "the system agrees with listeners better than the baseline does if their true agreements are \(number(power.systemAgreement)) and \(number(settings.baseline)) (\(metric))"
    case .aboveChance:
      return
        "the system agrees with listeners better than chance if its true agreement is \(number(power.systemAgreement)) (\(metric))"
    }
  }

  private func chance(_ point: Point) -> String {
    "\(percent(point.power)) % chance (\(percent(point.interval.low))–\(percent(point.interval.high)))"
  }

  private func percent(_ share: Double) -> String { String(Int((100 * share).rounded())) }

  /// The answer: the smallest designs that reach 80 and 90 %.
  public var sentences: [String] {
    guard let best = points.max(by: { $0.power < $1.power }) else { return ["Nothing was simulated."] }
    guard let first = smallest(reaching: 0.8) else {
      return [
        "No design in this grid reaches 80 % power. \(best.cell.listeners, "listener") and \(best.cell.queries, "query") come closest, with \(article(best)) \(chance(best)) of showing that \(claim)."
      ] + why(best) + turns + [settingsNote]
    }
    var sentences = [
      "About \(first.cell.listeners, "listener") and \(first.cell.queries, "query") give \(article(first)) \(chance(first)) of showing that \(claim)."
    ]
    if first.power < 0.9 {
      if let second = smallest(reaching: 0.9) {
        sentences.append(
          "90 % requires \(second.cell.listeners, "listener") and \(second.cell.queries, "query"): \(article(second)) \(chance(second))."
        )
      } else {
        sentences.append("No design in this grid reaches 90 % power.")
      }
    }
    return sentences + turns + [settingsNote]
  }

  /// The mean number of listeners who rate an item.
  private func sharing(_ cell: Power.Cell) -> Double {
    let design = power.settings.design, items = cell.queries * design.conditions
    return Double(cell.listeners * min(design.pages ?? items, items)) / Double(items)
  }

  /// Why even the best design is far from sufficient, and what would help.
  private func why(_ best: Point) -> [String] {
    guard best.power < 0.5 else { return [] }
    let design = power.settings.design, sharing = sharing(best.cell)
    let items = best.cell.queries * design.conditions
    let isSparse = (design.pages ?? items) < items
    var sentences = [
      isSparse
        ? "In that design, only \(display(sharing, digits: 1)) listeners on average rate each of the \(items, "item") (a query under a condition), so the half-width of the interval is \(power.widthWords(best.cell))."
        : "In that design, all \(best.cell.listeners, "listener") rate each item, and the half-width of the interval is \(power.widthWords(best.cell))."
    ]
    let told = levers.map { "\($0.words): \(percent(Double($0.claims) / Double($0.replicates))) %" }
    if !told.isEmpty {
      sentences.append(
        "Power after one change to that design (\(levers[0].replicates) simulated studies each): \(told.joined(separator: "; ")). See --pages, --candidates, --listeners and --queries."
      )
    }
    return sentences
  }

  /// Sentences on cells where more listeners or more queries give less power, and why.
  private var turns: [String] {
    var byQueries = false, byChance = false
    for a in points {
      for b in points where b.power < a.power {
        let moreListeners = b.cell.listeners > a.cell.listeners && b.cell.queries == a.cell.queries
        let moreQueries = b.cell.queries > a.cell.queries && b.cell.listeners == a.cell.listeners
        guard moreListeners || moreQueries else { continue }
        if moreQueries, sharing(b.cell) < sharing(a.cell) { byQueries = true } else { byChance = true }
      }
    }
    var sentences: [String] = []
    if byQueries {
      sentences.append(
        "Where more queries give less power, the reason is that each listener rates at most \(power.settings.design.pages ?? 0) pages: with more queries, fewer listeners share an item, and listeners are compared with one another only on shared items. Combine more queries with more pages (--pages) or more listeners."
      )
    }
    if byChance {
      let replicates = points.map(\.replicates).min() ?? 1
      let half = 1.96 * (0.5 / Double(replicates)).squareRoot()
      sentences.append(
        "Where \(byQueries ? "more listeners" : "a larger design") give\(byQueries ? "" : "s") less power, the difference may be due to chance: by chance alone, two figures from \(replicates) simulated studies each differ by up to \(percent(half)) percentage points in 95 % of cases. More --replicates make the curve smoother."
      )
    }
    return sentences
  }

  private func article(_ point: Point) -> String {
    let text = percent(point.power)
    return text.hasPrefix("8") || text == "11" || text == "18" ? "an" : "a"
  }

  private var settingsNote: String {
    let design = power.settings.design, settings = power.settings
    let pages = design.pages.map { "\($0, "page")" } ?? "all pages"
    let conditions = design.conditions == 1 ? "" : ", each query under \(design.conditions, "condition")"
    let candidates =
      design.pooling.map { pooling in
        "the first \(pooling.topK) from each of \(pooling.systems, "system")"
          + (pooling.randomFillers == 0 ? "" : " and \(pooling.randomFillers) drawn at random")
          + ", out of \(pooling.list)\(pooling.most.map { ", at most \($0) per page" } ?? "")"
      } ?? "\(design.candidates, "candidate")"
    return
      "Each listener rates \(pages) of \(candidates)\(conditions). Each simulated study is analysed like a real one, with \(settings.resamples) crossed resamples; seed \(settings.seed)."
  }

  /// A table for the terminal, with queries as columns and listeners as rows.
  public var table: String {
    let queries = Set(points.map(\.cell.queries)).sorted(), listeners = Set(points.map(\.cell.listeners)).sorted()
    func left(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    var lines = ["listeners" + queries.map { left("\($0, "query")", 16) }.joined()]
    for count in listeners {
      let cells = queries.map { queries -> String in
        guard let point = points.first(where: { $0.cell == Power.Cell(listeners: count, queries: queries) }) else {
          return left("–", 16)
        }
        let interval = "(\(percent(point.interval.low))–\(percent(point.interval.high)))"
        return left("\(percent(point.power)) % \(left(interval, 8))", 16)
      }
      lines.append(left("\(count)", 9) + cells.joined())
    }
    return lines.joined(separator: "\n")
  }

  /// The results as `--json` prints them.
  public var json: String {
    struct Row: Encodable { var listeners, queries, replicates, claims: Int, power, low, high: Double }
    struct Whole: Encodable {
      var claim, metric, settings: String
      var margin, alpha, confidence, listenersAgreement, systemAgreement, highestAgreement: Double
      var resamples: Int, seed: UInt64
      var components: PowerComponents, design: PowerDesign
      var answers: [String], cells: [Row]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let settings = power.settings
    let whole = Whole(
      claim: settings.claim.rawValue, metric: settings.plan.metric.rawValue, settings: settings.hash,
      margin: settings.plan.margin, alpha: settings.plan.alpha, confidence: settings.plan.confidence,
      listenersAgreement: power.listenersAgreement, systemAgreement: power.systemAgreement,
      highestAgreement: power.highest, resamples: settings.resamples, seed: settings.seed,
      components: settings.components, design: settings.design, answers: sentences,
      cells: points.map {
        Row(
          listeners: $0.cell.listeners, queries: $0.cell.queries, replicates: $0.replicates, claims: $0.claims,
          power: $0.power, low: $0.interval.low, high: $0.interval.high)
      })
    return (try? encoder.encode(whole)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  /// A page that opens offline: the answer, the curves (one per number of queries) and the table.
  public var html: String {
    let queries = Set(points.map(\.cell.queries)).sorted(), most = Double(points.map(\.cell.listeners).max() ?? 1)
    // Okabe and Ito's colours, which colour-blind readers can distinguish, and also dashes.
    let colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"]
    let dashes = ["none", "6 3", "2 3", "8 3 2 3", "1 2", "12 4"]
    func x(_ listeners: Int) -> String { String(format: "%.1f", 50 + 480 * Double(listeners) / most) }
    func y(_ share: Double) -> String { String(format: "%.1f", 300 - 280 * share) }
    var marks: [Markup] = []
    for share in [0, 0.2, 0.4, 0.6, 0.8, 0.9, 1] {
      let colour = share == 0.8 || share == 0.9 ? "#999" : "#e4e4e4"
      marks.append(
        "<line x1=\"50\" x2=\"540\" y1=\"\(y(share))\" y2=\"\(y(share))\" stroke=\"\(colour)\"/><text x=\"44\" y=\"\(y(share - 0.012))\" text-anchor=\"end\">\(percent(share)) %</text>"
      )
    }
    for listeners in Set(points.map(\.cell.listeners)).sorted() {
      marks.append("<text x=\"\(x(listeners))\" y=\"318\" text-anchor=\"middle\">\(listeners)</text>")
    }
    for (i, count) in queries.enumerated() {
      let colour = colours[i % colours.count], dash = dashes[i % dashes.count]
      let own = points.filter { $0.cell.queries == count }
      let line = own.map { "\(x($0.cell.listeners)),\(y($0.power))" }.joined(separator: " ")
      marks.append(
        "<polyline points=\"\(line)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\" stroke-dasharray=\"\(dash)\"/>"
      )
      for point in own {
        let at = x(point.cell.listeners)
        marks.append(
          "<line x1=\"\(at)\" x2=\"\(at)\" y1=\"\(y(point.interval.low))\" y2=\"\(y(point.interval.high))\" stroke=\"\(colour)\"/><circle cx=\"\(at)\" cy=\"\(y(point.power))\" r=\"3.5\" fill=\"\(colour)\"/>"
        )
      }
      if let last = own.last {
        marks.append("<text x=\"548\" y=\"\(y(last.power - 0.012))\" fill=\"\(colour)\">\(count, "query")</text>")
      }
    }
    let rows = points.map { point -> Markup in
      "<tr><td>\(point.cell.listeners)</td><td>\(point.cell.queries)</td><td>\(percent(point.power)) %</td><td>\(percent(point.interval.low))–\(percent(point.interval.high)) %</td><td>\(point.claims) of \(point.replicates)</td></tr>"
    }
    let page: Markup = """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <title>Power of the study</title>
      <style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222}
      h1{font-size:1.7rem;line-height:1.2}svg{width:100%;height:auto;font-size:12px;font-variant-numeric:tabular-nums}
      table{border-collapse:collapse}td,th{padding:.15rem .8rem;text-align:right;white-space:nowrap}
      td{font-variant-numeric:tabular-nums}tr+tr{border-top:1px solid #ddd}
      @media(max-width:40rem){body{margin:1rem auto}h1{font-size:1.4rem}svg{font-size:19px}
      table{width:100%}td,th{padding:.15rem .25rem;font-size:.85rem}}</style></head><body><h1>How many listeners and queries?</h1>
      \(Markup(sentences.map { "<p>\($0)</p>" as Markup }))
      <svg viewBox="-16 0 670 350" role="img" aria-label="Power by number of listeners, one line per number of queries; the table below shows the same figures.">
      \(Markup(marks))
      <text x="290" y="340" text-anchor="middle">listeners</text></svg>
      <table><tr><th>listeners</th><th>queries</th><th>power</th><th>95 % interval</th><th>claims</th></tr>
      \(Markup(rows))
      </table></body></html>

      """
    return page.html
  }
}
