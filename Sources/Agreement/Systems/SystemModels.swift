import Basics
import Ratings
import Reporting
import Statistics

/// A linear mixed model of single scores, with listeners and items as random factors, and what it says about the
/// systems: marginal means and their differences, as emmeans (Lenth) computes them from lme4's and lmerTest's fits.
///
/// It covers contenders only, over all conditions; an item under a different condition is a different item. The random
/// terms are the richest that the data support, out of
/// 1. `(1 + system | listener) + (1 + system | item)`: all variances and correlations are free;
/// 2. `(1 | listener) + (1 | listener:system) + (1 | item) + (1 | item:system)`: listeners and items differ in level
///    and in their preferences among systems, with the same variance for all systems;
/// 3. `(1 | listener) + (1 | item)`: they differ in level only.
///
/// The first is tried with up to `mostFree` systems, and used if the fit converges inside the parameter space.
/// Otherwise the second is used (Barr et al. 2013; Matuschek et al. 2017); if its variances are 0, it is equivalent to
/// leaving those terms out. The third is used if each listener scored a system only once, or if each item was scored
/// only once per system, because such a term cannot be distinguished from noise. The model that was used is reported.
struct SystemModels {
  /// With more systems than this, there are too many correlations to estimate.
  static let mostFree = 5
  static let fewestLevels = 3

  let kind: ScoreTable.Kind
  let systems: SystemSample

  struct Fitted: Sendable {
    var tables: [ResultTable] = []
    var remarks: [Remark] = []
    var methods: Prose = ""
    var citations: [String] = []
  }

  private struct Rows {
    var scores: [Double] = [], systems: [Int] = [], listeners: [Int] = [], items: [Int] = []
    /// By score: the number of its pair of listener and system, and of its pair of item and system.
    var listenerSystems: [Int] = [], itemSystems: [Int] = []
  }

  private var rows: Rows {
    var rows = Rows(), listeners = Numbering(), items = Numbering(), byListener = Numbering(), byItem = Numbering()
    let count = systems.contenders.count
    for page in systems.sample.pages {
      for k in systems.contenders {
        let score = systems.score(page, k)
        if score.isNaN { continue }
        rows.scores.append(score)
        rows.systems.append(k)
        rows.listeners.append(listeners.number(page.listener))
        rows.items.append(items.number(page.item))
        rows.listenerSystems.append(byListener.number(page.listener * count + k))
        rows.itemSystems.append(byItem.number(page.item * count + k))
      }
    }
    return rows
  }

  private struct Fit {
    var model: LinearMixedModel
    var formula: String
    var why: String
  }

  /// The smallest number of listeners, or of items, that have scores of both of two systems: that many determine how a
  /// listener's, or an item's, effects on the two are related.
  private func overlap(_ rows: Rows) -> Int {
    let both = [rows.listeners, rows.items].map { units in
      var of = systems.contenders.map { _ in Set<Int>() }
      for (unit, system) in zip(units, rows.systems) { of[system].insert(unit) }
      return systems.contenders.flatMap { a in
        systems.contenders.filter { $0 > a }.map { of[a].intersection(of[$0]).count }
      }
      .min() ?? 0
    }
    return both.min() ?? 0
  }

  private func fit(_ rows: Rows) throws(Problem) -> Fit {
    let count = systems.contenders.count, n = rows.scores.count
    let listeners = Set(rows.listeners).count, items = Set(rows.items).count
    guard min(listeners, items) >= Self.fewestLevels, count > 1, n > listeners + items + count else {
      throw Problem(
        "\(n, "score") of \(count, "system") on \(items, "item") by \(listeners, "listener") are too few",
        mend: "Collect more scores.")
    }
    let dummies = (1..<count).map { k in
      Predictor(systems.names[k], rows.systems.map { $0 == k ? 1 : 0 })
    }
    func model(_ random: [RandomEffect]) throws(Problem) -> LinearMixedModel {
      try LinearMixedModel(rows.scores, fixed: dummies, random: random, by: .reml)
    }
    var why = "with more than \(Self.mostFree, "system") there are too many correlations to estimate"
    if count <= Self.mostFree {
      why = "there are too few listeners or items to estimate a variance for each system"
      if overlap(rows) > count, n > (listeners + items) * count {
        let free = try? model([
          RandomEffect("listener", levels: rows.listeners, slopes: dummies),
          RandomEffect("item", levels: rows.items, slopes: dummies),
        ])
        if let free, free.converged, !free.isSingular {
          return Fit(model: free, formula: "score ~ system + (1 + system | listener) + (1 + system | item)", why: "")
        }
        why =
          free?.converged == true
          ? "with all variances and correlations free, the model is singular"
          : "with all variances and correlations free, the model did not converge"
      }
    }
    let listener = RandomEffect("listener", levels: rows.listeners), item = RandomEffect("item", levels: rows.items)
    var random = [listener], terms = ["(1 | listener)"]
    // Where each listener scored one system, the two terms would be one and the same.
    if listeners < Set(rows.listenerSystems).count, Set(rows.listenerSystems).count < n {
      random.append(RandomEffect("listener:system", levels: rows.listenerSystems))
      terms.append("(1 | listener:system)")
    }
    random.append(item)
    terms.append("(1 | item)")
    if items < Set(rows.itemSystems).count, Set(rows.itemSystems).count < n {
      random.append(RandomEffect("item:system", levels: rows.itemSystems))
      terms.append("(1 | item:system)")
    }
    return Fit(model: try model(random), formula: "score ~ system + " + terms.joined(separator: " + "), why: why)
  }

  func fitted(progress: ProgressHandler? = nil) -> Fitted {
    var found = Fitted()
    guard plan.linearModels == .auto, systems.contenders.count > 1 else { return found }
    progress?(0, 1)
    defer { progress?(1, 1) }
    let rows = rows, fit: Fit
    do throws(Problem) { fit = try self.fit(rows) } catch {
      found.remarks = [
        .init(
          code: "system_model_not_fitted", weight: .note,
          what: "\(name)The mixed model of systems could not be fitted.",
          meaning: "Its tables are missing; nothing else depends on them. \(error.what).", count: 1)
      ]
      return found
    }
    found.tables = [means(fit.model), contrasts(fit.model), quality(fit, scores: rows.scores.count)]
    found.remarks = remarks(fit)
    found.methods =
      "A linear mixed model of the contenders' single scores, \(fit.formula), was fitted by restricted maximum likelihood, as in lme4 (Bates et al. 2015), with the richest random terms that the data support; marginal means and their differences, with Satterthwaite's degrees of freedom, are computed as in emmeans and lmerTest (Lenth 2023; Kuznetsova et al. 2017), with p-values corrected for multiple comparisons by \(plan.correction.words)."
    found.citations = Self.citations
    return found
  }

  private var plan: AnalysisPlan { systems.sample.plan }
  private var digits: Int { systems.sample.study.ratingDigits }
  private var cells: [Cell] { [.text(kind.type), .text(kind.scale)] }
  /// The prefix of remarks.
  private var name: String { kind.title.isEmpty ? "" : kind.title + ": " }

  /// A linear combination of systems' means, with their weights.
  private func contrast(_ model: LinearMixedModel, _ name: String, _ of: (Int) -> Double) -> Coefficient {
    // A system's mean is the intercept plus its own coefficient; the first system has none.
    let weights = systems.contenders.map(of)
    return model.contrast(name, [weights.reduce(0, +)] + weights.dropFirst())
  }

  private func means(_ model: LinearMixedModel) -> ResultTable {
    var table = ResultTable(
      "system_means", "Marginal means of the mixed model",
      SystemTables.kindColumns + [
        .init("system", "System"), .init("mean", "Marginal mean", digits: digits),
        .init("error", "Standard error", digits: digits),
        .init("degrees_of_freedom", "Degrees of freedom", digits: 1), .init("low", "Low", digits: digits),
        .init("high", "High", digits: digits),
      ])
    for k in systems.contenders {
      let mean = contrast(model, systems.names[k]) { $0 == k ? 1 : 0 }
      let interval = mean.interval(level: plan.confidence)
      table.rows.append(
        cells + [
          .text(systems.names[k]), Cell(mean.value), Cell(mean.standardError), Self.freedom(mean), Cell(interval.low),
          Cell(interval.high),
        ])
    }
    return table
  }

  private func contrasts(_ model: LinearMixedModel) -> ResultTable {
    var table = ResultTable(
      "system_contrasts", "Differences of marginal means",
      SystemTables.kindColumns + [
        .init("system", "System"), .init("baseline", "Minus"), .init("difference", "Difference", digits: digits),
        .init("error", "Standard error", digits: digits), .init("degrees_of_freedom", "Degrees of freedom", digits: 1),
        .init("t", "t"), .init("low", "Low", digits: digits), .init("high", "High", digits: digits),
        .init("p", "p", digits: 4), .init("p_corrected", "p, corrected", digits: 4), .init("correction", "Correction"),
      ])
    let pairs = systems.pairs
    let differences = pairs.map { a, b in contrast(model, "") { $0 == a ? 1 : $0 == b ? -1 : 0 } }
    let p = differences.map { $0.p.isFinite ? Optional(min(1, max(0, $0.p))) : nil }
    let corrected = adjusted(p, Correction(rawValue: plan.correction.rawValue) ?? .holm)
    for (k, (a, b)) in pairs.enumerated() {
      let one = differences[k], interval = one.interval(level: plan.confidence)
      table.rows.append(
        cells + [
          .text(systems.names[a]), .text(systems.names[b]), Cell(one.value), Cell(one.standardError), Self.freedom(one),
          Cell(one.z), Cell(interval.low), Cell(interval.high), Cell(p[k]), Cell(corrected[k]),
          .text(plan.correction.rawValue),
        ])
    }
    return table
  }

  /// The variances of the random terms, and how well the model fits.
  private func quality(_ fit: Fit, scores: Int) -> ResultTable {
    let model = fit.model
    var table = ResultTable(
      "system_models", "The mixed model of systems",
      SystemTables.kindColumns + [
        .init("formula", "Formula"), .init("term", "Term"), .init("of", "Effect"),
        .init("deviation", "Standard deviation", digits: digits), .init("levels", "Levels", digits: 0),
        .init("log_likelihood_reml", "Log-likelihood, REML", digits: 1), .init("aic", "AIC", digits: 1),
        .init("scores", "Scores", digits: 0), .init("singular", "Singular"), .init("converged", "Converged"),
      ])
    func add(_ name: String, _ term: String, variance: Double, levels: Int) {
      table.rows.append(
        cells + [
          .text(fit.formula), .text(name), .text(term), Cell(variance.squareRoot()), .count(levels),
          Cell(model.logLikelihood), Cell(model.aic), .count(scores), .flag(model.isSingular), .flag(model.converged),
        ])
    }
    for component in model.random {
      for (t, term) in component.terms.enumerated() {
        add(component.name, term, variance: max(0, component.covariance[t][t]), levels: component.levels)
      }
    }
    add("noise", "", variance: model.residual, levels: scores)
    return table
  }

  private func remarks(_ fit: Fit) -> [Remark] {
    var remarks: [Remark] = []
    if !fit.why.isEmpty {
      remarks.append(
        .init(
          code: "system_model_simpler", weight: .note,
          what: "\(name)The mixed model has simpler random terms: \(fit.formula).",
          meaning: "(1 + system | listener) + (1 + system | item) was not used because \(fit.why).", count: 1))
    }
    if !fit.model.converged {
      remarks.append(
        .init(
          code: "model_not_converged", weight: .caution,
          what: "\(name)The mixed model of systems did not converge.",
          meaning: "Do not rely on its figures.", count: 1))
    }
    return remarks
  }

  private static let citations = [
    "Bates, D., Mächler, M., Bolker, B. & Walker, S. (2015). Fitting linear mixed-effects models using lme4. Journal of Statistical Software 67(1).",
    "Kuznetsova, A., Brockhoff, P. B. & Christensen, R. H. B. (2017). lmerTest package: tests in linear mixed effects models. Journal of Statistical Software 82(13).",
    "Lenth, R. V. (2023). emmeans: estimated marginal means, aka least-squares means. R package.",
    "Barr, D. J., Levy, R., Scheepers, C. & Tily, H. J. (2013). Random effects structure for confirmatory hypothesis testing: keep it maximal. Journal of Memory and Language 68.",
    "Matuschek, H. et al. (2017). Balancing Type I error and power in linear mixed models. Journal of Memory and Language 94.",
  ]

  private static func freedom(_ one: Coefficient) -> Cell {
    one.degreesOfFreedom.isFinite ? .number(one.degreesOfFreedom) : .missing
  }
}
