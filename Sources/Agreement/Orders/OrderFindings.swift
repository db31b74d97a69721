import Basics
import Foundation
import Ratings
import Reporting
import Statistics

/// The findings from orders about the candidates in them: strengths by the Plackett–Luce model, and how far listeners
/// agree. The comparison of systems by place score, and agreement of orders with systems' rankings, are reported as for
/// ratings.
struct OrderFindings {
  let table: OrderTable
  let plan: AnalysisPlan

  /// The most bootstrap resamples, each of which needs a model fit.
  static let mostResamples = 1000
  /// With fewer queries than this, queries are not resampled.
  static let fewestQueries = SystemSample.fewestItems

  private struct Fit {
    var condition: String, query: String
    var candidates: [Int]
    var orders: Orders
    /// By order: its listener and its query.
    var listeners: [Int], queries: [Int]
    var listenerCount: Int, queryCount: Int
  }

  private func fit(_ condition: String, _ query: String, _ orders: [OrderTable.Order]) -> Fit {
    let used = Set(orders.flatMap { $0.places.joined() }).sorted {
      table.candidates.all[$0] < table.candidates.all[$1]
    }
    let number = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
    var fit = Fit(
      condition: condition, query: query, candidates: used, orders: Orders(items: used.count), listeners: [],
      queries: [], listenerCount: 0, queryCount: 0)
    var listeners = Numbering(), queries = Numbering()
    for order in orders {
      fit.orders.add(order.places.map { $0.compactMap { number[$0] } })
      fit.listeners.append(listeners.number(order.listener))
      fit.queries.append(queries.number(order.query))
    }
    (fit.listenerCount, fit.queryCount) = (listeners.count, queries.count)
    return fit
  }

  /// One fit for all conditions together and one for each condition, if candidates recur; otherwise one for each query.
  private var fits: [Fit] {
    let names = table.conditions
    func title(_ condition: Int) -> String {
      names[condition].isEmpty ? (names.count == 1 ? "all" : "none") : names[condition]
    }
    if table.recurs {
      let each = names.indices.map { c in fit(title(c), "all", table.orders.filter { $0.condition == c }) }
      return names.count == 1 ? each : [fit("all", "all", table.orders)] + each
    }
    return names.indices.flatMap { c in
      table.queries.indices.compactMap { q in
        let own = table.orders.filter { $0.condition == c && $0.query == q }
        return own.isEmpty ? nil : fit(title(c), table.queries[q], own)
      }
    }.sorted { ($0.condition, $0.query) < ($1.condition, $1.query) }
  }

  /// The strengths of the candidates in some orders, and their resamples.
  private struct Fitted {
    let model: PlackettLuceModel
    let drawn: Resamples
    /// Whether there are too few queries to resample them.
    let isOverListenersOnly: Bool
    /// The number of listeners, or of queries if these are resampled and fewer.
    let units: Int

    /// The number of resamples with finite strengths.
    var found: Int { drawn.values[0].count { !$0.isNaN } }

    /// Nil if the best fit has no finite strengths.
    init?(_ fit: Fit, resamples: Int, seed: UInt64) {
      guard let model = PlackettLuceModel(fit.orders) else { return nil }
      let few = fit.queryCount < OrderFindings.fewestQueries
      let statistic = FunctionStatistic(outputs: fit.candidates.count) { weights in
        let counts = fit.listeners.indices.map {
          Double(weights.listeners[fit.listeners[$0]]) * Double(weights.queries[fit.queries[$0]])
        }
        return PlackettLuceModel(fit.orders, counts: counts, from: model)?.strengths.map { $0 }
          ?? Array(repeating: nil, count: fit.candidates.count)
      }
      drawn = CrossedBootstrap(
        listeners: fit.listenerCount, queries: fit.queryCount, resamples: resamples, seed: seed,
        factors: few ? .listeners : .both
      ).run(statistic)
      (self.model, isOverListenersOnly) = (model, few)
      units = few ? fit.listenerCount : min(fit.listenerCount, fit.queryCount)
    }

    /// The number of the strongest candidate.
    var strongest: Int { model.strengths.indices.max { model.strengths[$0] < model.strengths[$1] } ?? 0 }

    /// The numbers of the candidates that cannot be told from the strongest: the interval of the difference includes 0,
    /// or there is none. The level is Bonferroni's for all the others.
    func near(confidence: Double) -> [Int] {
      let best = strongest, others = model.strengths.indices.filter { $0 != best }
      let level = 1 - (1 - confidence) / Double(max(1, others.count))
      return others.filter { other in
        let difference = drawn.derived { $0[best] - $0[other] }
        return (Sample.standardInterval(difference, units: units, level: level)?.low ?? 0) <= 0
      }
    }
  }

  func add(to findings: inout Findings, progress: ProgressHandler? = nil) {
    var strengths = ResultTable(
      "order_strengths", "Strengths of the ordered candidates",
      [
        .init("condition", "Condition"), .init("query", "Query"), .init("candidate", "Candidate"),
        .init("strength", "Strength"), .init("low", "Low"), .init("high", "High"),
        .init("error_if_independent", "Standard error if independent"),
        .init("chance_first", "Probability of coming first"),
        .init("mean_place", "Mean place"), .init("orders", "Orders", digits: 0),
        .init("intervals_over", "Intervals over"),
      ])
    var quality = ResultTable(
      "order_models", "Plackett–Luce models of orders",
      [
        .init("condition", "Condition"), .init("query", "Query"), .init("candidates", "Candidates", digits: 0),
        .init("orders", "Orders", digits: 0), .init("listeners", "Listeners", digits: 0),
        .init("queries", "Queries", digits: 0), .init("tie_size", "Tie size", digits: 0), .init("tie", "log δ"),
        .init("tie_error", "Standard error"), .init("log_likelihood", "Log-likelihood", digits: 1),
        .init("aic", "AIC", digits: 1),
        .init("resamples", "Resamples with a fit", digits: 0),
      ])
    let all = fits, resamples = min(plan.resamples, max(200, min(Self.mostResamples, 40_000 / max(1, all.count))))
    var unfit: [String] = [], rough: [String] = [], near: [String]?
    for (done, fit) in all.enumerated() {
      progress?(done, all.count)
      let name = fit.query != "all" ? fit.query : fit.condition == "all" ? "all together" : fit.condition
      guard let fitted = Fitted(fit, resamples: resamples, seed: plan.seed) else {
        unfit.append(name)
        continue
      }
      if 20 * fitted.found < 19 * resamples { rough.append(name) }
      near =
        near ?? fitted.near(confidence: plan.confidence).map { table.candidates.all[fit.candidates[$0]] }
      add(fitted, of: fit, to: &strengths, &quality)
    }
    progress?(all.count, all.count)
    findings.tables += [strengths, quality]
    remark(unfit, rough, all.count, in: &findings)
    if let sentence = strongest(strengths, near: near ?? []) { findings.answers.append(sentence) }
    findings.support["order_strengths", default: []].append(
      "n = \(table.listeners.count, "listener"), \(table.orders.count, "order")")
    findings.methods.append(methods)
    findings.citations += [
      "Plackett, R. L. (1975). The analysis of permutations. Applied Statistics 24.",
      "Luce, R. D. (1959). Individual choice behavior: a theoretical analysis.",
      "Turner, H. L., van Etten, J., Firth, D. & Kosmidis, I. (2020). Modelling rankings in R: the PlackettLuce package. Computational Statistics 35.",
    ].filter { !findings.citations.contains($0) }
  }

  /// Adds one row per candidate, and one for the model (one per size of ties).
  private func add(_ fitted: Fitted, of fit: Fit, to strengths: inout ResultTable, _ quality: inout ResultTable) {
    let model = fitted.model, places = meanPlaces(fit), total = model.strengths.reduce(0) { $0 + exp($1) }
    for (i, candidate) in fit.candidates.enumerated() {
      let interval = Sample.standardInterval(fitted.drawn, i, units: fitted.units, level: plan.confidence)
      strengths.add(
        .text(fit.condition), .text(fit.query), .text(table.candidates.all[candidate]), .number(model.strengths[i]),
        Cell(interval?.low), Cell(interval?.high), .number(model.standardErrors[i]),
        .number(exp(model.strengths[i]) / total), .number(places[i].mean), .count(places[i].count),
        .text(fitted.isOverListenersOnly ? "listeners" : "listeners and queries"))
    }
    let ties: [PlackettLuceModel.Tie?] = model.ties.isEmpty ? [nil] : model.ties
    for tie in ties {
      quality.add(
        .text(fit.condition), .text(fit.query), .count(fit.candidates.count), .count(fit.orders.count),
        .count(fit.listenerCount), .count(fit.queryCount), tie.map { .count($0.size) } ?? .missing, Cell(tie?.value),
        Cell(tie?.standardError), .number(model.logLikelihood), .number(model.aic), .count(fitted.found))
    }
  }

  /// By candidate: its mean place, with ties in the middle, and the number of orders that contain it.
  private func meanPlaces(_ fit: Fit) -> [(mean: Double, count: Int)] {
    let number = Dictionary(uniqueKeysWithValues: fit.candidates.enumerated().map { ($1, $0) })
    var sums = fit.candidates.map { _ in (0.0, 0) }
    let wanted = table.orders.filter { order in
      (fit.condition == "all" || table.conditions[order.condition] == fit.condition || table.conditions.count == 1)
        && (fit.query == "all" || table.queries[order.query] == fit.query)
    }
    for order in wanted {
      var before = 0
      for shared in order.places {
        for candidate in shared {
          guard let i = number[candidate] else { continue }
          sums[i] = (sums[i].0 + Double(before) + Double(shared.count + 1) / 2, sums[i].1 + 1)
        }
        before += shared.count
      }
    }
    return sums.map { ($0.0 / Double(max(1, $0.1)), $0.1) }
  }

  private func remark(_ unfit: [String], _ rough: [String], _ all: Int, in findings: inout Findings) {
    if table.missing > 0 {
      findings.remarks.append(
        .init(
          code: "missing_orders", weight: .note,
          what: "\(table.missing, "row") of orders \(OneAndMany.words(table.missing, "has", "have")) no rank.",
          meaning: "They are omitted; the others keep their order.", count: table.missing))
    }
    if !unfit.isEmpty {
      findings.remarks.append(
        .init(
          code: "orders_without_strengths", weight: unfit.count == all ? .caution : .note,
          what: "No strengths could be estimated for \(unfit.count) of \(all, "set") of orders.",
          meaning:
            "A candidate (or a group of them) came before or after all others in every order, so its strength is "
            + "not finite. More listeners would help: \(SystemFindings.list(unfit)).", count: unfit.count))
    }
    if !rough.isEmpty {
      findings.remarks.append(
        .init(
          code: "order_strengths_rough", weight: .caution,
          what: "The intervals of strengths are too narrow in \(rough.count) of \(all, "set") of orders.",
          meaning:
            "In more than 5 % of the resamples, a candidate came before or after all others and had no finite strength; "
            + "these resamples were omitted. Affected: \(SystemFindings.list(rough)).",
          count: rough.count))
    }
  }

  /// - Parameter near: the candidates that cannot be told from the strongest of the first fit.
  private func strongest(_ strengths: ResultTable, near: [String]) -> Prose? {
    guard table.recurs, !strengths.rows.isEmpty else { return nil }
    let rows = strengths.rows(where: ["condition": strengths.text(0, "condition"), "query": "all"])
    guard
      let best = rows.max(by: { (strengths.number($0, "strength") ?? 0) < (strengths.number($1, "strength") ?? 0) }),
      let value = strengths.number(best, "strength"), let first = strengths.number(best, "chance_first"),
      let place = strengths.number(best, "mean_place")
    else { return nil }
    let interval: Prose =
      if let low = strengths.number(best, "low"), let high = strengths.number(best, "high") {
        " [\(low), \(high)]"
      } else { "" }
    let name = strengths.text(best, "candidate")
    let claim: Prose =
      near.isEmpty
      ? "By the Plackett–Luce model, \(name) is the strongest of the \(rows.count) ordered candidates"
      : "By the Plackett–Luce model, \(name) has the highest strength of the \(rows.count) ordered candidates, but which is the strongest is not settled (it cannot be distinguished from \(SystemFindings.list(near)))"
    return claim
      + ": its strength is \(value)\(interval) in log odds about the mean, its probability of coming first \(100 * first, digits: 0) %, its mean place \(place) (\(table.orders.count, "order") from \(table.listeners.count, "listener"))."
  }

  private var methods: Prose {
    "\(table.listeners.count, "listener") gave \(table.orders.count, "order"); training trials, attention checks and repeats are not included. Place scores are 100 for the first, 0 for the last, in equal steps; tied candidates share the mean of their places. Strengths are maximum-likelihood estimates of the model of Plackett (1975) and Luce (1959), with ties as in Turner et al. (2020), who extend Davidson's, in log odds about the mean candidate. Their intervals are the estimate ± t × standard error from a bootstrap resampling listeners and, where \(Self.fewestQueries) or more are pooled, queries. The strongest is distinguished from another candidate where the interval of their difference, at Bonferroni's level for all others, lies above 0."
  }
}
