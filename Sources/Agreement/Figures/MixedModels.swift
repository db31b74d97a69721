import Basics
import Foundation
import Ratings
import Reporting
import Statistics

/// How ratings fall with a system's distance: mixed models of single ratings, with listeners and queries as random
/// factors.
///
/// For each system, over all conditions and in each:
/// `rating ~ distance + (1 + distance | participant) + (1 + distance | query)` by REML, and by ML with and without the
/// fixed effect of distance, which the likelihood-ratio test compares. If candidates recur from query to query
/// (`RecurringCandidates`), the model also has `(1 | candidate)` and `(1 | query:candidate)`, the part of a candidate's
/// rating under a query that all listeners share. Without these terms, a handful of sounds, or what listeners agree on
/// about each pair, would count as often as there are ratings. The slope's interval and p-value are from t with
/// Satterthwaite's degrees of freedom.
///
/// Queries keep random slopes if these lower Akaike's criterion under REML (a variance of 0 never does). Otherwise
/// queries differ in their intercepts only, `(1 | query)`, and the slope's interval generalises to other listeners
/// alone: with few queries it would call even a random order related (Barr, Levy, Scheepers & Tily 2013; Matuschek et
/// al. 2017). If the scale has few points, `rating ~ distance + (1 | participant) + (1 | query)` is also fitted on log
/// odds.
///
/// A query under a different condition is a different query. Distance is standardised over a system's ratings (mean 0,
/// standard deviation 1), so slopes are scale points per standard deviation in every condition. Ranks replace distances
/// if a rated candidate that the system ranks has no distance.
struct MixedModels {
  /// A cumulative-link model is fitted if the plan says so or, under `auto`, if ratings have at most this many
  /// different values, with at least ten ratings for each.
  static let mostSteps = 11
  /// With more ratings than this, cumulative-link models take so long that the plan has to ask for them.
  static let mostOrdinalRatings = 20_000
  /// With fewer listeners or queries than this, the variance between them cannot be estimated.
  static let fewestLevels = 3

  let sample: Sample

  enum Kind: String, Sendable, CaseIterable {
    case linear
    case cumulativeLink = "cumulative_link"
  }

  private var study: RatedStudy { sample.study }

  /// The ratings of a model, one after another.
  private struct Rows {
    var ratings: [Double] = [], predictor: [Double] = [], conditions: [Int] = []
    var listeners: [Int] = [], items: [Int] = []
    /// The number of each candidate's name; empty if candidates are not treated as a sample.
    var candidates: [Int] = []
    var usesDistances = true
    /// Rated candidates that the system does not rank, by condition.
    var leftOut: [Int]

    func of(_ group: Int?) -> Rows {
      guard let group else { return self }
      let kept = ratings.indices.filter { conditions[$0] == group }
      return Rows(
        ratings: kept.map { ratings[$0] }, predictor: kept.map { predictor[$0] }, conditions: [],
        listeners: kept.map { listeners[$0] }, items: kept.map { items[$0] },
        candidates: candidates.isEmpty ? [] : kept.map { candidates[$0] }, usesDistances: usesDistances,
        leftOut: [leftOut[group]])
    }
  }

  private func rows(_ system: Int) -> Rows {
    var rows = Rows(leftOut: Array(repeating: 0, count: study.conditions.count)), distances: [Double] = []
    let figures = PageFigures(study: study, plan: sample.plan)
    struct Group: Hashable { var item: Int, stratum: Int }
    var groups: [Group?] = []
    for page in sample.pages {
      let item = study.items[page.item]
      for (place, candidate) in page.candidates.enumerated() {
        if !sample.plan.includeReference, !item.flags[candidate].isDisjoint(with: [.reference, .anchor]) { continue }
        guard !item.ranks[system][candidate].isNaN else {
          rows.leftOut[item.condition] += 1
          continue
        }
        rows.ratings.append(page.ratings[place])
        rows.predictor.append(item.ranks[system][candidate])
        distances.append(item.distances[system][candidate])
        groups.append(
          figures.strata(page.item, system).map { Group(item: page.item, stratum: $0[candidate]) })
        rows.conditions.append(item.condition)
        rows.listeners.append(page.listener)
        rows.items.append(page.item)
        if let label = sample.candidates?.labels[page.item][candidate] { rows.candidates.append(label) }
      }
    }
    rows.usesDistances = distances.allSatisfy(\.isFinite)
    if rows.usesDistances { rows.predictor = distances }
    // On pooled pages, distances count within strata (see `Pooling`): differences between strata are due to selection.
    var sums: [Group: (Double, Double)] = [:]
    for (group, value) in zip(groups, rows.predictor) {
      guard let group else { continue }
      let known = sums[group] ?? (0, 0)
      sums[group] = (known.0 + value, known.1 + 1)
    }
    for (i, group) in groups.enumerated() {
      if let group, let sum = sums[group] { rows.predictor[i] -= sum.0 / sum.1 }
    }
    if let centre = mean(rows.predictor), let spread = variance(rows.predictor)?.squareRoot(), spread > 0 {
      rows.predictor = rows.predictor.map { ($0 - centre) / spread }
    }
    return rows
  }

  private struct Job: Sendable {
    /// The condition; nil for all ratings.
    var system: Int, condition: Int?, name: String, kind: Kind
  }

  private struct Fit: Sendable {
    var cells: [Cell] = []
    var queriesHaveSlopes = false
    var isSingular = false, converged = true
    var failure: Problem?
  }

  /// The table of the models that could be fitted, and remarks on those that could not or only barely.
  func fitted(progress: ProgressHandler? = nil) -> (table: ResultTable, remarks: [Remark]) {
    var jobs: [Job] = []
    for kind in Kind.allCases where isWanted(kind) {
      for system in study.systems.indices {
        for group in sample.groups {
          let number = study.conditions.count == 1 || group.number == study.conditions.count ? nil : group.number
          jobs.append(Job(system: system, condition: number, name: group.name, kind: kind))
        }
      }
    }
    // The largest take longest, so they start first; the table has its own order.
    let order = jobs.indices.sorted {
      (jobs[$0].condition == nil ? 0 : 1, $0) < (jobs[$1].condition == nil ? 0 : 1, $1)
    }
    let done = (try? parallelMap(order, progress: progress) { [jobs] in (number: $0, fit: fit(jobs[$0])) }) ?? []
    let fits = done.sorted { $0.number < $1.number }.map(\.fit)
    var table = Self.empty
    for fit in fits where !fit.cells.isEmpty { table.rows.append(fit.cells) }
    table.rows.sort { a, b in
      // Sorted by condition, in the order of the other tables, then by system.
      func place(_ row: [Cell]) -> Int { sample.groups.firstIndex { .text($0.name) == row[0] } ?? 0 }
      return place(a) < place(b)
    }
    return (table, remarks(jobs, fits))
  }

  private func isWanted(_ kind: Kind) -> Bool {
    switch kind {
    case .linear: return sample.plan.linearModels != .never
    case .cumulativeLink:
      if sample.plan.ordinalModels != .auto { return sample.plan.ordinalModels == .always }
      let (values, count) = points
      return (2...Self.mostSteps).contains(values) && count >= 10 * values && count <= Self.mostOrdinalRatings
    }
  }

  /// Whether the scale has few enough points for an ordinal model, but the plan forbids one.
  var ordinalIsLeftOff: Bool {
    let (values, count) = points
    return sample.plan.ordinalModels == .never && (2...Self.mostSteps).contains(values) && count >= 10 * values
  }

  /// The number of different values among the ratings (counting stops above `mostSteps`), and the number of ratings.
  private var points: (values: Int, ratings: Int) {
    var values = Set<Double>(), count = 0
    for page in sample.pages {
      if values.count <= Self.mostSteps { values.formUnion(page.ratings) }
      count += page.ratings.count
    }
    return (values.count, count)
  }

  /// A remark if a scale of few points would get a cumulative-link model were there not too many ratings.
  private var ordinalLeftOut: Remark? {
    guard sample.plan.ordinalModels == .auto else { return nil }
    let (values, count) = points
    guard (2...Self.mostSteps).contains(values), count > Self.mostOrdinalRatings else { return nil }
    return Remark(
      code: "ordinal_model_left_out", weight: .note,
      what: "No cumulative-link model was fitted to \(count, "rating") on \(values, "point").",
      meaning:
        "It takes minutes for more than \(Self.mostOrdinalRatings) ratings; the linear model treats the points as "
        + "evenly spaced. To fit it, set models: {ordinal: always} in the plan.", count: count)
  }

  static var empty: ResultTable {
    ResultTable(
      "mixed_models", "Ratings by distance: mixed models",
      [
        .init("condition", "Condition"), .init("system", "System"), .init("model", "Model"),
        .init("predictor", "Predictor"), .init("slope", "Slope"), .init("slope_error", "Standard error"),
        .init("low", "Low"), .init("high", "High"), .init("intercept", "Intercept"),
        .init("sd_participant", "SD of listeners"), .init("sd_participant_slope", "SD of listener slopes"),
        .init("correlation", "Correlation of the two"), .init("sd_query", "SD of queries"),
        .init("sd_query_slope", "SD of query slopes"), .init("query_correlation", "Correlation of the two"),
        .init("query_slopes_aic", "ΔAIC, with minus without query slopes", digits: 1),
        .init("sd_residual", "Residual SD"), .init("r2_marginal", "R², marginal", digits: 3),
        .init("r2_conditional", "R², conditional", digits: 3), .init("chi_squared", "χ² of distance"),
        .init("p", "p", digits: 4), .init("log_likelihood", "Log-likelihood", digits: 1),
        .init("log_likelihood_reml", "Log-likelihood, REML", digits: 1), .init("aic", "AIC", digits: 1),
        .init("bic", "BIC", digits: 1), .init("aic_without", "AIC without distance", digits: 1),
        .init("bic_without", "BIC without distance", digits: 1), .init("ratings", "Ratings", digits: 0),
        .init("ratings_left_out", "Ratings omitted", digits: 0), .init("listeners", "Listeners", digits: 0),
        .init("queries", "Queries", digits: 0), .init("singular", "Singular"), .init("converged", "Converged"),
        .init("degrees_of_freedom", "Degrees of freedom", digits: 1), .init("sd_candidate", "SD of candidates"),
        .init("sd_query_candidate", "SD of candidates by query"),
      ])
  }

  private func fit(_ job: Job) -> Fit {
    do throws(Problem) {
      let data = try Numbered(rows(job.system).of(job.condition))
      return switch job.kind {
      case .linear: try linear(job, data)
      case .cumulativeLink: try cumulativeLink(job, data)
      }
    } catch {
      return Fit(failure: error)
    }
  }

  /// Rows as models take them, with listeners and queries renumbered.
  private struct Numbered {
    let rows: Rows, distance: Predictor
    let participant: [Int], query: [Int], listeners: Int, queries: Int

    init(_ rows: Rows) throws(Problem) {
      var listeners = Numbering(), items = Numbering()
      participant = rows.listeners.map { listeners.number($0) }
      query = rows.items.map { items.number($0) }
      (self.listeners, queries, self.rows) = (listeners.count, items.count, rows)
      distance = Predictor("distance", rows.predictor)
      let n = rows.ratings.count
      guard min(self.listeners, queries) >= MixedModels.fewestLevels, n > 2 * self.listeners + queries else {
        throw Problem(
          "\(n, "rating") of \(queries, "query") by \(self.listeners, "listener") are too few",
          mend: "Collect more, so that each listener rates several candidates.")
      }
    }

    /// The random effects of listeners and queries. Listeners have random slopes of distance; queries have them if
    /// `slopes` says so.
    func random(slopes: Bool) -> [RandomEffect] {
      [
        RandomEffect("participant", levels: participant, slopes: [distance]),
        RandomEffect("query", levels: query, slopes: slopes ? [distance] : []),
      ]
    }

    /// The random effects of candidates, if these recur: the candidates, and the pairs of query and candidate that
    /// several listeners rated.
    var ofCandidates: [RandomEffect] {
      var sounds = Numbering(), pairs = Numbering()
      let candidate = rows.candidates.map { sounds.number($0) }, n = rows.ratings.count
      let pair = candidate.indices.map { pairs.number(query[$0] * sounds.count + candidate[$0]) }
      // A candidate that recurs only under other conditions does not recur among these rows.
      guard sounds.count >= MixedModels.fewestLevels, sounds.count < n, pairs.count > sounds.count else { return [] }
      return [RandomEffect("candidate", levels: candidate)]
        + (pairs.count < n ? [RandomEffect("query:candidate", levels: pair)] : [])
    }
  }

  private func linear(_ job: Job, _ data: Numbered) throws(Problem) -> Fit {
    let ratings = data.rows.ratings, x = data.distance, ofCandidates = data.ofCandidates
    func model(_ fixed: [Predictor], slopes: Bool, by method: LinearMixedModel.Method) throws(Problem)
      -> LinearMixedModel
    {
      try LinearMixedModel(ratings, fixed: fixed, random: data.random(slopes: slopes) + ofCandidates, by: method)
    }
    var fit = Fit()
    let parallel = try model([x], slopes: false, by: .reml), crossed = try model([x], slopes: true, by: .reml)
    let slopes = crossed.converged && crossed.aic < parallel.aic, reml = slopes ? crossed : parallel
    let larger = try model([x], slopes: slopes, by: .ml), smaller = try model([], slopes: slopes, by: .ml)
    fit.queriesHaveSlopes = slopes
    fit.isSingular = reml.isSingular
    fit.converged = reml.converged && larger.converged && smaller.converged
    let byListener = reml.random[0], byQuery = reml.random[1]
    fit.cells = cells(
      job, data, fit, reml.fixed[1],
      [
        reml.fixed[0].value, byListener.covariance[0][0].squareRoot(), byListener.covariance[1][1].squareRoot(),
        byListener.correlation(0, 1), byQuery.covariance[0][0].squareRoot(),
        slopes ? byQuery.covariance[1][1].squareRoot() : nil, slopes ? byQuery.correlation(0, 1) : nil,
        crossed.aic - parallel.aic, reml.residual.squareRoot(),
      ], [reml.marginalR2, reml.conditionalR2], LikelihoodRatioTest(smaller, in: larger), larger, smaller,
      reml: reml.logLikelihood,
      candidates: (2...3).map { $0 < reml.random.count ? reml.random[$0].covariance[0][0].squareRoot() : nil })
    return fit
  }

  private func cumulativeLink(_ job: Job, _ data: Numbered) throws(Problem) -> Fit {
    let steps = Set(data.rows.ratings).sorted(), x = data.distance
    let number = Dictionary(uniqueKeysWithValues: steps.enumerated().map { ($1, $0) })
    let response = data.rows.ratings.map { number[$0] ?? 0 }
    func model(_ fixed: [Predictor], slopes: Bool) throws(Problem) -> CumulativeLinkMixedModel {
      try CumulativeLinkMixedModel(response, fixed: fixed, random: data.random(slopes: slopes))
    }
    var fit = Fit()
    let parallel = try model([x], slopes: false), crossed = try model([x], slopes: true)
    let slopes = crossed.converged && crossed.aic < parallel.aic, larger = slopes ? crossed : parallel
    let smaller = try model([], slopes: slopes)
    fit.queriesHaveSlopes = slopes
    fit.isSingular = larger.isSingular
    fit.converged = larger.converged && smaller.converged
    let byListener = larger.random[0], byQuery = larger.random[1]
    fit.cells = cells(
      job, data, fit, larger.fixed[0],
      [
        nil, byListener.variance.squareRoot(), byListener.covariance[1][1].squareRoot(),
        byListener.correlation(0, 1), byQuery.variance.squareRoot(),
        slopes ? byQuery.covariance[1][1].squareRoot() : nil, slopes ? byQuery.correlation(0, 1) : nil,
        crossed.aic - parallel.aic, nil,
      ],
      [nil, nil], LikelihoodRatioTest(smaller, in: larger), larger, smaller, reml: nil)
    return fit
  }

  /// A row of the table.
  /// - Parameters:
  ///   - variances: the columns from `intercept` to `sd_residual`.
  ///   - larger: the model by maximum likelihood; `smaller` is the same without distance.
  private func cells(
    _ job: Job, _ data: Numbered, _ fit: Fit, _ slope: Coefficient, _ variances: [Double?], _ r2: [Double?],
    _ test: LikelihoodRatioTest?, _ larger: some FittedModel, _ smaller: some FittedModel, reml: Double?,
    candidates: [Double?] = [nil, nil]
  ) -> [Cell] {
    let interval = slope.interval(level: sample.plan.confidence), rows = data.rows
    return [
      .text(job.name), .text(study.systems[job.system]), .text(job.kind.rawValue),
      .text(rows.usesDistances ? "distance" : "rank"), Cell(slope.value), Cell(slope.standardError),
      Cell(interval.low), Cell(interval.high),
    ] + variances.map { Cell($0) } + r2.map { Cell($0) } + [
      Cell(test?.chiSquared), Cell(job.kind == .linear ? slope.p : test?.p), Cell(larger.logLikelihood),
      Cell(reml), Cell(larger.aic), Cell(larger.bic), Cell(smaller.aic), Cell(smaller.bic),
      .count(rows.ratings.count), .count(rows.leftOut.reduce(0, +)), .count(data.listeners), .count(data.queries),
      .flag(fit.isSingular), .flag(fit.converged),
      slope.degreesOfFreedom.isFinite ? .number(slope.degreesOfFreedom) : .missing,
    ] + candidates.map { Cell($0) }
  }

  private func remarks(_ jobs: [Job], _ fits: [Fit]) -> [Remark] {
    func names(_ wanted: (Fit) -> Bool, _ words: (Fit) -> String = { _ in "" }) -> (count: Int, text: String) {
      let found = zip(jobs, fits).filter { wanted($1) }.map { job, fit in
        "\(study.systems[job.system]) (\(job.kind == .linear ? "linear" : "cumulative link"), \(job.name))\(words(fit))"
      }
      let more = found.count > 6 ? " and \(found.count - 6) more" : ""
      return (found.count, found.prefix(6).joined(separator: "; ") + more + ".")
    }
    var remarks: [Remark] = []
    let failed = names({ $0.failure != nil }) { ": \($0.failure?.what ?? "")" }
    if failed.count > 0 {
      remarks.append(
        Remark(
          code: "model_not_fitted", weight: .note,
          what: "\(failed.count) of \(jobs.count) mixed models could not be fitted.",
          meaning: "They are missing from the table of mixed models; nothing else depends on them. \(failed.text)",
          count: failed.count))
    }
    let unfinished = names { !$0.converged }
    if unfinished.count > 0 {
      remarks.append(
        Remark(
          code: "model_not_converged", weight: .caution,
          what: "\(unfinished.count) of \(jobs.count) mixed models did not converge.",
          meaning: "Do not rely on their figures. \(unfinished.text)", count: unfinished.count))
    }
    if let left = ordinalLeftOut { remarks.append(left) }
    let parallel = names { $0.failure == nil && !$0.queriesHaveSlopes }
    if parallel.count > 0 {
      remarks.append(
        Remark(
          code: "model_parallel_queries", weight: .note,
          what: "\(parallel.count) of \(jobs.count) mixed models have no random slopes for queries.",
          meaning:
            "Their slopes and p-values generalise to other listeners, but not to other queries. Random slopes are "
            + "omitted where they do not lower the AIC. \(parallel.text)",
          count: parallel.count))
    }
    let singular = names { $0.isSingular }
    if singular.count > 0 {
      remarks.append(
        Remark(
          code: "model_singular", weight: .note,
          what: "\(singular.count) of \(jobs.count) mixed models are singular.",
          meaning: "A variance is 0 or a correlation ±1: the data do not support all random effects. The slopes "
            + "can be used, but the variances are poorly determined. \(singular.text)", count: singular.count))
    }
    return remarks
  }
}
