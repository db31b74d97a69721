import Basics
import Ratings
import Reporting
import Statistics

/// What answers to ABX and triangle tests show: whether listeners hear a difference at all, how large it is, and how
/// small a difference is excluded.
struct DiscriminationFindings {
  let table: DiscriminationTable
  let plan: AnalysisPlan
  private let systems: SystemSample
  /// The margin for the share of right answers above chance; nil if the plan states none.
  private let margin: Double?

  init(_ table: DiscriminationTable, plan: AnalysisPlan) throws {
    self.table = table
    self.plan = plan
    systems = try SystemSample(shares: table.shares, plan: plan, file: table.file)
    margin = plan.scoreMargin(of: .init(type: table.test.rawValue))
  }

  /// The answers on a pair in a condition; nil means any.
  private func answers(_ pair: String?, _ condition: String?) -> [DiscriminationTable.Answer] {
    table.answers.filter {
      (pair == nil || table.pairs.all[$0.pair] == pair)
        && (condition == nil || table.conditions.all[$0.condition] == condition)
    }
  }

  private var chance: Double { table.test.chance }

  private func counted(_ answers: [DiscriminationTable.Answer]) -> CorrectAnswers? {
    answers.isEmpty
      ? nil : CorrectAnswers(correct: answers.count(where: \.isRight), trials: answers.count, chance: chance)
  }

  /// Each listener's answers, in the order of the listeners' names.
  private func byListener(_ answers: [DiscriminationTable.Answer]) -> [(name: String, answers: CorrectAnswers)] {
    Dictionary(grouping: answers, by: \.listener).compactMap { listener, own in
      counted(own).map { (table.listeners.all[listener], $0) }
    }.sorted { $0.name.compare($1.name, options: .numeric) == .orderedAscending }
  }

  /// The name of a pair in reports.
  private static func title(_ pair: String) -> String { pair.isEmpty ? "A / B" : pair }

  /// d′ by the independent-observation and differencing rules; for a triangle test, by its single rule.
  private func dPrimes(_ share: Double) -> [Cell] {
    table.test == .triangle
      ? [Cell(TriangleRule.dPrime(share)), .missing] : ABXRule.allCases.map { Cell($0.dPrime(share)) }
  }

  func add(to findings: inout Findings, progress: NamedProgress = { _ in nil }) -> (claims: [Prose], rest: [Prose]) {
    let shares = sharesTable(progress: progress("discriminations"))
    let (listeners, spreads) = listenerTables
    findings.tables += [shares, listeners, spreads]
    findings.remarks += remarks(spreads)
    findings.support["discriminations", default: []].append(
      "n = \(table.listeners.count, "listener"), \(table.queries.count, "item"), \(table.answers.count, "answer")")
    findings.methods.append(methods)
    if table.test == .triangle {
      findings.citations.append(
        "Ennis, D. M. (1993). The power of sensory discrimination methods. Journal of Sensory Studies 8.")
    }
    findings.citations += [
      "Macmillan, N. A. & Creelman, C. D. (2005). Detection theory: a user's guide. 2nd edition.",
      "Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case of the binomial. Biometrika 26.",
      "Skellam, J. G. (1948). A probability distribution derived from the binomial distribution by regarding the probability of success as variable between the sets of trials. Journal of the Royal Statistical Society B 10.",
    ]
    return words.told(shares, spreads)
  }

  private func sharesTable(progress: ProgressHandler?) -> ResultTable {
    var shares = ResultTable(
      "discriminations", "Right answers per pair",
      [
        .init("condition", "Condition"), .init("pair", "Pair"), .init("correct", "Right", digits: 0),
        .init("trials", "Trials", digits: 0), .init("share", "Share", digits: 3), .init("low", "Low", digits: 3),
        .init("high", "High", digits: 3), .init("intervals_over", "Intervals over"),
        .init("exact_low", "Low, exact", digits: 3), .init("exact_high", "High, exact", digits: 3),
        .init("p", "p, exact", digits: 4), .init("p_corrected", "p, corrected", digits: 4),
        .init("correction", "Correction"), .init("d_prime", "d′, independent observation"),
        .init("d_prime_low", "Low"), .init("d_prime_high", "High"),
        .init("d_prime_differencing", "d′, differencing"), .init("d_prime_differencing_low", "Low"),
        .init("d_prime_differencing_high", "High"), .init("largest_share", "Largest share not ruled out", digits: 3),
        .init("largest_d_prime", "Its d′, independent observation"),
        .init("largest_d_prime_differencing", "Its d′, differencing"), .init("margin", "Margin", digits: 3),
        .init("verdict", "Verdict"), .init("listeners", "Listeners", digits: 0), .init("items", "Items", digits: 0),
        .init("test", "Test"), .init("chance", "Chance", digits: 3),
      ])
    let found = systems.figures(differences: false, progress: progress)
    let groups = systems.sample.groups
    for (g, group) in groups.enumerated() {
      let condition =
        group.number == systems.sample.study.conditions.count || groups.count == 1
        ? nil : systems.sample.study.conditions[group.number]
      let p = systems.contenders.map { k in counted(answers(systems.names[k], condition))?.p }
      let corrected = adjusted(p, Correction(rawValue: plan.correction.rawValue) ?? .holm)
      for k in systems.contenders {
        guard let counted = counted(answers(systems.names[k], condition)) else { continue }
        let figure = found[g].means[k], exact = counted.interval(level: plan.confidence)
        // Answers of one listener are not independent, so the interval resamples listeners and items. Of a single listener it
        // says nothing, and the exact test is about that one.
        let isSingle = figure.mean.listeners < 2
        let drawn = isSingle ? nil : figure.share(by: plan.interval, level: plan.confidence)
        let decisive = isSingle ? nil : figure.share(by: plan.verdictInterval, level: 1 - 2 * plan.alpha)
        let largest = max(counted.largestShare(alpha: plan.alpha), decisive?.high ?? 0)
        let isHeard = counted.p < plan.alpha && (decisive?.low ?? (isSingle ? 1 : 0)) > chance
        let verdict = margin.map { isHeard ? "heard" : largest < chance + $0 ? "not_heard" : "inconclusive" }
        let interval = drawn ?? exact
        let distances = [counted.share, interval.low, interval.high].map(dPrimes)
        shares.add(
          .text(group.name), .text(Self.title(systems.names[k])), .count(counted.correct), .count(counted.trials),
          .number(counted.share), Cell(drawn?.low), Cell(drawn?.high), .text(drawn == nil ? "" : figure.over),
          .number(exact.low), .number(exact.high), .number(counted.p), Cell(corrected[k]),
          .text(plan.correction.rawValue), distances[0][0], distances[1][0], distances[2][0], distances[0][1],
          distances[1][1],
          distances[2][1], .number(largest), dPrimes(largest)[0], dPrimes(largest)[1], Cell(margin),
          .text(verdict ?? ""), .count(figure.mean.listeners), .count(figure.mean.queries), .text(table.test.rawValue),
          .number(chance))
      }
    }
    return shares
  }

  private var listenerTables: (listeners: ResultTable, spreads: ResultTable) {
    var listeners = ResultTable(
      "discrimination_listeners", "Right answers per listener",
      [
        .init("listener", "Listener"), .init("pair", "Pair"), .init("correct", "Right", digits: 0),
        .init("trials", "Trials", digits: 0), .init("share", "Share", digits: 3), .init("low", "Low, exact", digits: 3),
        .init("high", "High, exact", digits: 3), .init("p", "p, exact", digits: 4),
        .init("p_corrected", "p, corrected", digits: 4), .init("d_prime", "d′, independent observation"),
        .init("d_prime_differencing", "d′, differencing"), .init("test", "Test"),
      ])
    var spreads = ResultTable(
      "discrimination_spread", "Differences between listeners",
      [
        .init("pair", "Pair"), .init("mean", "Mean share", digits: 3), .init("spread", "Spread γ", digits: 3),
        .init("deviation", "SD of listeners' shares", digits: 3), .init("chi_squared", "χ² of the spread"),
        .init("p", "p", digits: 4), .init("log_likelihood", "Log-likelihood", digits: 1),
        .init("listeners", "Listeners", digits: 0), .init("test", "Test"),
      ])
    for k in systems.contenders {
      let name = systems.names[k], people = byListener(answers(name, nil))
      let corrected = adjusted(people.map(\.answers.p), Correction(rawValue: plan.correction.rawValue) ?? .holm)
      for (one, p) in zip(people, corrected) {
        let interval = one.answers.interval(level: plan.confidence), distances = dPrimes(one.answers.share)
        listeners.add(
          .text(one.name), .text(Self.title(name)), .count(one.answers.correct), .count(one.answers.trials),
          .number(one.answers.share), .number(interval.low), .number(interval.high), .number(one.answers.p), Cell(p),
          distances[0], distances[1], .text(table.test.rawValue))
      }
      guard let fit = BetaBinomial(people.map(\.answers)) else { continue }
      spreads.add(
        .text(Self.title(name)), .number(fit.mean), .number(fit.spread), .number(fit.deviation),
        .number(fit.chiSquared), .number(fit.p), .number(fit.logLikelihood), .count(people.count),
        .text(table.test.rawValue))
    }
    return (listeners, spreads)
  }

  // MARK: Words

  private var words: DiscriminationSentences {
    DiscriminationSentences(
      plan: plan, margin: margin, chance: chance, group: systems.sample.groups[0].name,
      counts: " (\(table.listeners.count, "listener"), \(table.queries.count, "item")).")
  }

  private func remarks(_ spreads: ResultTable) -> [Remark] {
    var found: [Remark] = []
    if table.missing > 0 {
      found.append(
        .init(
          code: "missing_discriminations", weight: .note, what: "\(table.missing, "row has", "rows have") no answer.",
          meaning: "They are omitted.", count: table.missing))
    }
    let reversed = table.pairs.all.filter { pair in
      counted(answers(pair, nil)).map { $0.interval(level: 0.999).high < chance } ?? false
    }
    if !reversed.isEmpty {
      found.append(
        .init(
          code: "below_chance", weight: .alarm,
          what:
            "Answers are right more rarely than by guessing: \(SystemFindings.list(reversed.map(Self.title))).",
          meaning: "Listeners who hear nothing guess. Are the two sounds, or right and wrong, mixed up in the table?",
          count: reversed.count))
    }
    let uneven = spreads.rows.indices.filter { (spreads.number($0, "p") ?? 1) < 0.05 }
    if !uneven.isEmpty {
      found.append(
        .init(
          code: "listeners_differ", weight: .caution,
          what:
            "Listeners differ in how often they are right: \(SystemFindings.list(uneven.map { spreads.text($0, "pair") })).",
          meaning:
            "The exact test is of the hypothesis that all listeners guess; its interval takes all answers as independent "
            + "and is too narrow for conclusions about other listeners. Quote the interval over listeners instead.",
          count: uneven.count))
    }
    if !systems.isOverItems {
      found.append(
        .init(
          code: "few_items", weight: .note,
          what:
            "\(table.test == .abx ? "ABX" : "Triangle tests"): there \(OneAndMany.words(table.queries.count, "is", "are")) \(table.queries.count, "item").",
          meaning:
            "Intervals apply to these items only; with \(SystemSample.fewestItems, "item") or more, they generalise to a "
            + "population of items.",
          count: table.queries.count))
    }
    return found
  }

  private var methods: Prose {
    "\(table.listeners.count, "listener") gave \(table.answers.count, "answer") to \(table.test.title) on \(table.queries.count, "item"); training trials, attention checks and repeats are not included. Shares of right answers are tested against guessing by the exact one-sided binomial test, with p-values corrected for multiple comparisons by \(plan.correction.words) over pairs and, separately, over listeners. Exact intervals are Clopper and Pearson's (1934), which take all answers as independent; the others are based on resampling \(systems.isOverItems ? "listeners and items" : "listeners"). d′ is that of unbiased listeners \(table.test == .abx ? "by independent observation and by differencing (Macmillan & Creelman 2005)" : "who compare distances (Ennis 1993)"), and 0 if no more answers are right than expected by guessing (\(100 * chance, digits: 0) %); its interval is derived from that of the share. The largest share not ruled out is the larger of the one-sided exact limit and the upper end of the \((1 - 2 * plan.alpha) * 100, digits: 0) % interval. Differences between listeners are estimated by a beta-binomial model; the p-value of χ² is halved, since a spread of zero lies on the boundary of the parameter space."
  }
}
