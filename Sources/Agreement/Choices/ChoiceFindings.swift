import Basics
import Ratings
import Reporting
import Statistics
import Study

/// The findings from a table of paired choices or triplets: how strong the candidates are, and how well the systems'
/// orders predict the choices.
///
/// Strengths are fitted for each condition, over all queries if candidates recur across them, and for each query. Their
/// intervals are the estimate ± t times the bootstrap standard error. The bootstrap resamples listeners, since choices
/// by one listener are not independent; it also resamples queries if at least five are pooled. Fewer queries say next
/// to nothing about other queries, so they are taken as fixed.
struct ChoiceFindings {
  let table: ChoiceTable
  let plan: AnalysisPlan
  let systems: [String]
  private let conditions: [String]
  private let ranks: SystemOrders

  /// - Throws: a `Problem` if the rankings have several conditions but the table has none.
  init(_ table: ChoiceTable, rankings: [Ranking], plan: AnalysisPlan) throws {
    self.table = table
    self.plan = plan
    ranks = try SystemOrders(rankings, of: table, systems: plan.systems)
    systems = ranks.systems
    conditions = table.conditions.all
  }

  /// With fewer queries than this, queries are not resampled.
  static let fewestQueries = 5
  /// The most bootstrap resamples of strengths, each of which needs a model fit.
  static let mostResamples = 1000

  /// The groups in which answers are reported: all conditions together followed by each condition, or the only
  /// condition.
  private var groups: [(name: String, condition: Int?)] {
    conditions.count == 1
      ? [(conditions[0].isEmpty ? "all" : conditions[0], nil)]
      : [("all", nil)] + conditions.indices.map { (conditions[$0].isEmpty ? "none" : conditions[$0], $0) }
  }

  /// Adds tables, answers, remarks and methods.
  func add(to findings: inout Findings, progress: (String) -> ProgressHandler? = { _ in nil }) throws {
    if table.kind == .choices {
      let fitted = strengths(progress: progress("strengths"))
      findings.tables += fitted.tables
      findings.remarks += fitted.remarks
      let preferences = try ChoicePreferences(table, plan: plan)
      let shares = preferences.tables(progress: progress("preferences"))
      findings.tables += shares
      // With several items, or only two candidates, the preference says more than the strengths, so it comes first.
      let said = [preferences.claim(shares[0]), strongest(fitted.tables[0], fitted.tables[1])]
      findings.answers +=
        (table.queries.count > 1 || table.candidates.count == 2 ? said : said.reversed()).compactMap(\.self)
      findings.answers += preferences.sentences
      if let methods = preferences.methods { findings.methods.append(methods) }
    }
    let (agreement, differences) = try self.agreement(progress: progress("choices"))
    if !agreement.rows.isEmpty {
      findings.tables.append(agreement)
      if !differences.rows.isEmpty { findings.tables.append(differences) }
      findings.answers += sentences(agreement, differences)
    }
    findings.remarks += remarks
    let note = "n = \(table.listeners.count, "listener"), \(table.answers.count, "answer") to \(title)"
    for chart in (table.kind == .choices ? ["strengths"] : ["map"]) + ["choices"] {
      findings.support[chart, default: []].append(note)
    }
    findings.methods.append(methods)
    findings.citations += citations.filter { !findings.citations.contains($0) }
  }

  /// What listeners answered, as sentences call it.
  private var title: String { table.kind == .choices ? "paired choices" : table.kind.rawValue }

  // MARK: Strengths

  /// The answers for one fit, with its candidates renumbered.
  private struct Fit: Sendable {
    var condition: String, query: String
    var candidates: [Int]
    /// The cells of the tables of wins and ties, by listener and query.
    var counts: [Count]
    var listeners: Int, queries: Int, answers: Int

    struct Count: Sendable { var listener: Int, query: Int, i: Int, j: Int, isTie: Bool, count: Double }

    /// The name of the fit in remarks.
    var name: String {
      if condition == "all" { return query == "all" ? "all together" : query }
      return query == "all" ? condition : "\(query) (\(condition))"
    }

    func choices(_ weights: CrossedWeights? = nil) -> PairedChoices {
      var choices = PairedChoices(items: candidates.count)
      for count in counts {
        let times = weights.map { Double($0.listeners[count.listener]) * Double($0.queries[count.query]) } ?? 1
        guard times > 0 else { continue }
        if count.isTie {
          choices.addTie(count.i, count.j, count: times * count.count)
        } else {
          choices.add(winner: count.i, loser: count.j, count: times * count.count)
        }
      }
      return choices
    }
  }

  private func fit(_ condition: String, _ query: String, _ answers: [ChoiceTable.Answer]) -> Fit {
    struct Key: Hashable { var listener, query, i, j: Int, isTie: Bool }
    let used = Set(answers.flatMap { [$0.first, $0.second] }).sorted {
      table.candidates.all[$0] < table.candidates.all[$1]
    }
    let number = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
    var listeners = Numbering(), queries = Numbering()
    var counts: [Key: Double] = [:], order: [Key] = []
    for answer in answers {
      let (chosen, other) = answer.decided ?? (min(answer.first, answer.second), max(answer.first, answer.second))
      let key = Key(
        listener: listeners.number(answer.listener), query: queries.number(answer.query), i: number[chosen] ?? 0,
        j: number[other] ?? 0, isTie: answer.choice == .tie)
      if counts[key] == nil { order.append(key) }
      counts[key, default: 0] += 1
    }
    return Fit(
      condition: condition, query: query, candidates: used,
      counts: order.map {
        .init(listener: $0.listener, query: $0.query, i: $0.i, j: $0.j, isTie: $0.isTie, count: counts[$0] ?? 0)
      },
      listeners: listeners.count, queries: queries.count, answers: answers.count)
  }

  private var fits: [Fit] {
    var fits: [Fit] = []
    for group in groups {
      let answers = table.answers.filter { group.condition == nil || $0.condition == group.condition }
      var queriesOf: [Int: Set<Int>] = [:]
      for answer in answers {
        queriesOf[answer.first, default: []].insert(answer.query)
        queriesOf[answer.second, default: []].insert(answer.query)
      }
      let queries = Set(answers.map(\.query)).sorted()
      // A strength over several queries is meaningful only if each candidate occurs in more than half of them.
      if queries.count == 1 || queriesOf.values.allSatisfy({ 2 * $0.count > queries.count }) {
        fits.append(fit(group.name, "all", answers))
      }
      guard queries.count > 1, group.condition != nil || conditions.count == 1 else { continue }
      for query in queries {
        fits.append(fit(group.name, table.queries.all[query], answers.filter { $0.query == query }))
      }
    }
    return fits
  }

  /// The tables `strengths`, `choice_models` and `choice_pairs`. Each fit adds its rows.
  private struct StrengthTables {
    var strengths = ResultTable(
      "strengths", "Strengths of the candidates in paired choices",
      [
        .init("condition", "Condition"), .init("query", "Query"), .init("law", "Law"), .init("candidate", "Candidate"),
        .init("strength", "Strength"), .init("low", "Low"), .init("high", "High"),
        .init("error_if_independent", "Standard error if independent"), .init("chosen", "Chosen", digits: 0),
        .init("decided", "Of decided", digits: 0), .init("ties", "Ties", digits: 0),
      ])
    var models = ResultTable(
      "choice_models", "Fit of the strengths",
      [
        .init("condition", "Condition"), .init("query", "Query"), .init("law", "Law"),
        .init("candidates", "Candidates", digits: 0), .init("pairs", "Pairs compared", digits: 0),
        .init("answers", "Answers", digits: 0), .init("listeners", "Listeners", digits: 0),
        .init("queries", "Queries", digits: 0), .init("tie", "Tie parameter"), .init("tie_error", "Standard error"),
        .init("log_likelihood", "Log-likelihood", digits: 1), .init("aic", "AIC", digits: 1),
        .init("deviance", "Deviance", digits: 1), .init("pearson", "Pearson χ²", digits: 1),
        .init("degrees_of_freedom", "Degrees of freedom", digits: 0), .init("p", "p", digits: 4),
        .init("resamples", "Resamples with a fit", digits: 0),
      ])
    var pairs = ResultTable(
      "choice_pairs", "Choices by pair",
      [
        .init("condition", "Condition"), .init("query", "Query"), .init("first", "First"), .init("second", "Second"),
        .init("first_chosen", "First chosen", digits: 0), .init("second_chosen", "Second chosen", digits: 0),
        .init("ties", "Ties", digits: 0), .init("first_expected", "First, expected", digits: 1),
        .init("second_expected", "Second, expected", digits: 1), .init("ties_expected", "Ties, expected", digits: 1),
      ])
  }

  private func strengths(progress: ProgressHandler?) -> (tables: [ResultTable], remarks: [Remark]) {
    var tables = StrengthTables()
    let all = fits
    // Few fits get enough resamples for stable tails; very many fits still finish.
    let resamples = min(plan.resamples, max(200, min(Self.mostResamples, 40_000 / max(1, all.count))))
    var unfit: [String] = [], rough: [String] = []
    for (done, fit) in all.enumerated() {
      progress?(done, all.count)
      let choices = fit.choices()
      guard let bradleyTerry = PairedChoiceModel(choices), let thurstone = PairedChoiceModel(choices, law: .thurstone)
      else {
        unfit.append(fit.name)
        continue
      }
      for (law, model) in [("bradley_terry", bradleyTerry), ("thurstone", thurstone)] {
        let drawn = redrawn(fit, model.law, resamples)
        let found = drawn.values[0].count { !$0.isNaN }
        if 20 * found < 19 * resamples, law == "bradley_terry" { rough.append(fit.name) }
        add(fit, law, model, drawn, to: &tables.strengths)
        tables.models.add(
          .text(fit.condition), .text(fit.query), .text(law), .count(fit.candidates.count),
          .count(compared(choices, fit).count), .count(fit.answers), .count(fit.listeners), .count(fit.queries),
          Cell(model.tie), Cell(model.tieError), .number(model.logLikelihood), .number(model.aic),
          .number(model.deviance), .number(model.pearson), .count(model.degreesOfFreedom), Cell(model.p), .count(found))
      }
      add(fit, choices, expected: bradleyTerry, to: &tables.pairs)
    }
    progress?(all.count, all.count)
    return (
      [tables.strengths, tables.models, tables.pairs], remarks(unfit: unfit, rough: rough, of: all.count)
    )
  }

  /// Adds each candidate's strength by a model, and how often it was chosen.
  private func add(
    _ fit: Fit, _ law: String, _ model: PairedChoiceModel, _ drawn: Resamples, to strengths: inout ResultTable
  ) {
    let units = fit.queries < Self.fewestQueries ? fit.listeners : min(fit.listeners, fit.queries)
    for (i, candidate) in fit.candidates.enumerated() {
      var chosen = 0, decided = 0, ties = 0
      for count in fit.counts where count.i == i || count.j == i {
        if count.isTie { ties += Int(count.count) } else { decided += Int(count.count) }
        if count.i == i, !count.isTie { chosen += Int(count.count) }
      }
      let interval = Sample.standardInterval(drawn, i, units: units, level: plan.confidence)
      strengths.add(
        .text(fit.condition), .text(fit.query), .text(law), .text(table.candidates.all[candidate]),
        .number(model.strengths[i]), Cell(interval?.low), Cell(interval?.high), .number(model.standardErrors[i]),
        .count(chosen), .count(decided), .count(ties))
    }
  }

  /// Adds how often each of two candidates was chosen, and how often their strengths predict it.
  private func add(
    _ fit: Fit, _ choices: PairedChoices, expected model: PairedChoiceModel, to pairs: inout ResultTable
  ) {
    for (i, j) in compared(choices, fit) {
      let place = i * choices.items + j, back = j * choices.items + i
      let total = choices.wins[place] + choices.wins[back] + choices.ties[place]
      let chances = model.chances(i, j)
      pairs.add(
        .text(fit.condition), .text(fit.query), .text(table.candidates.all[fit.candidates[i]]),
        .text(table.candidates.all[fit.candidates[j]]), .count(Int(choices.wins[place])),
        .count(Int(choices.wins[back])), .count(Int(choices.ties[place])), .number(total * chances.first),
        .number(total * chances.second), .number(total * chances.tie))
    }
  }

  /// - Parameters:
  ///   - unfit: the names of fits without strengths.
  ///   - rough: the names of fits whose intervals are too short.
  private func remarks(unfit: [String], rough: [String], of all: Int) -> [Remark] {
    var remarks: [Remark] = []
    func list(_ names: [String]) -> String {
      names.prefix(6).joined(separator: ", ") + (names.count > 6 ? " and \(names.count - 6) more" : "") + "."
    }
    if !unfit.isEmpty {
      remarks.append(
        .init(
          code: "choices_without_strengths", weight: unfit.count == all ? .caution : .note,
          what: "No strengths could be estimated for \(unfit.count) of \(all, "set") of choices.",
          meaning:
            "A candidate (or a group of them) was always or never chosen over the others, or was never compared with "
            + "them, so its strength is not finite. More listeners or more different pairs would help: \(list(unfit))",
          count: unfit.count))
    }
    if !rough.isEmpty {
      remarks.append(
        .init(
          code: "strengths_rough", weight: .caution,
          what: "The intervals of strengths are too narrow in \(rough.count) of \(all, "set") of choices.",
          meaning: "In more than 5 % of the resamples, a candidate was always or never chosen and had no finite "
            + "strength; these resamples were omitted. Affected: \(list(rough))", count: rough.count))
    }
    return remarks
  }

  private func compared(_ choices: PairedChoices, _ fit: Fit) -> [(Int, Int)] {
    let n = fit.candidates.count
    return (0..<n).flatMap { i in
      ((i + 1)..<max(i + 1, n)).compactMap { j in
        choices.wins[i * n + j] + choices.wins[j * n + i] + choices.ties[i * n + j] > 0 ? (i, j) : nil
      }
    }
  }

  private func redrawn(_ fit: Fit, _ law: PairedChoiceModel.Law, _ resamples: Int) -> Resamples {
    let statistic = FunctionStatistic(outputs: fit.candidates.count) { weights in
      PairedChoiceModel(fit.choices(weights), law: law)?.strengths ?? Array(repeating: nil, count: fit.candidates.count)
    }
    return CrossedBootstrap(
      listeners: fit.listeners, queries: fit.queries, resamples: resamples, seed: plan.seed,
      factors: fit.queries < Self.fewestQueries ? .listeners : .both
    ).run(statistic)
  }

  private func strongest(_ strengths: ResultTable, _ quality: ResultTable) -> Prose? {
    let rows = strengths.rows(where: ["law": "bradley_terry", "query": "all", "condition": groups[0].name])
    guard
      let best = rows.max(by: { (strengths.number($0, "strength") ?? 0) < (strengths.number($1, "strength") ?? 0) }),
      let value = strengths.number(best, "strength")
    else { return nil }
    let chosen = strengths.number(best, "chosen") ?? 0, decided = max(1, strengths.number(best, "decided") ?? 1)
    // Candidates whose intervals overlap that of the strongest cannot be distinguished from it.
    let floor = strengths.number(best, "low") ?? -.infinity
    let hasInterval = floor > -.infinity
    let near = rows.filter { $0 != best && strengths.number($0, "high") ?? .infinity >= floor }.map {
      strengths.text($0, "candidate")
    }
    let name = strengths.text(best, "candidate")
    let claim: Prose =
      near.isEmpty
      ? "\(name) is the strongest"
      : !hasInterval
        ? "\(name) has the highest strength, but which is the strongest is not settled (it has no interval)"
        : "\(name) has the highest strength, but which is the strongest is not settled (the \(near.count == 1 ? "interval" : "intervals") of \(near.prefix(3).joined(separator: ", "))\(near.count > 3 ? " and \(near.count - 3) more" : "") \(near.count == 1 ? "overlaps" : "overlap") its own)"
    var sentence: Prose =
      "Of \(rows.count, "candidate"), \(claim): chosen in \(100 * chosen / decided, digits: 0) % of its \(decided, digits: 0) decided comparisons, strength \(value)"
    if let low = strengths.number(best, "low"), let high = strengths.number(best, "high") {
      sentence = sentence + " [\(low), \(high)]"
    }
    let row = quality.rows(where: ["law": "bradley_terry", "query": "all", "condition": groups[0].name]).first
    return sentence
      + " in log odds about the mean candidate (\(table.answers.count, "answer") from \(table.listeners.count, "listener"), \(Int(row.flatMap { quality.number($0, "pairs") } ?? 0), "pair"))."
  }

  // MARK: Agreement with systems

  fileprivate func agreement(progress: ProgressHandler?) throws -> (agreement: ResultTable, differences: ResultTable) {
    var result = ResultTable(
      "choice_agreement", "Agreement of systems with listeners' choices",
      [
        .init("answers_to", "Answers"), .init("condition", "Condition"), .init("system", "System"),
        .init("agreement", "Agreement", digits: 3), .init("low", "Low", digits: 3), .init("high", "High", digits: 3),
        .init("another_listener", "Another listener", digits: 3), .init("another_low", "Low", digits: 3),
        .init("another_high", "High", digits: 3),
        .init("share", "Share of another listener's, above chance", digits: 3),
        .init("share_low", "Low", digits: 3), .init("share_high", "High", digits: 3),
        .init("answers", "Answers", digits: 0), .init("answers_left_out", "Omitted", digits: 0),
        .init("listeners", "Listeners", digits: 0), .init("queries", "Queries", digits: 0),
      ])
    guard let shares = try sharesInOrder() else { return (result, differences(nil, [])) }
    let groups = self.groups
    let statistic = ChoiceAgreement(
      table.answers, groups: groups.count,
      groupsOf: { condition in
        groups.indices.filter { groups[$0].condition == nil || groups[$0].condition == condition }
      },
      systems: systems.count, nearer: ranks.nearer)
    let queries = table.queries.count
    let resamples = CrossedBootstrap(
      listeners: table.listeners.count, queries: queries, resamples: plan.resamples, seed: plan.seed,
      factors: queries < Self.fewestQueries ? .listeners : .both
    ).run(statistic, progress: progress)
    let figures = shares.figures()
    for (g, group) in groups.enumerated() {
      let answers = table.answers.count { group.condition == nil || $0.condition == group.condition }
      for system in systems.indices {
        let output = statistic.output(system, g), support = statistic.support[g * systems.count + system]
        guard support.answers > 0, let k = shares.names.firstIndex(of: systems[system]) else { continue }
        let units = queries < Self.fewestQueries ? support.listeners : min(support.listeners, support.queries)
        func interval(_ resamples: Resamples, _ output: Int, _ bounds: ClosedRange<Double>) -> Interval? {
          Sample.standardInterval(resamples, output, units: units, level: plan.confidence, within: bounds)
        }
        let pair = Resamples(
          estimate: [resamples.estimate[output], resamples.estimate[output + 1]],
          values: [resamples.values[output], resamples.values[output + 1]])
        // There is no share if another listener does no better than chance.
        let share = pair.derived { $0[1] > 0.5 ? ($0[0] - 0.5) / ($0[1] - 0.5) : .nan }
        let figure = shares.sample.groups.firstIndex { $0.name == group.name }.map { figures[$0].means[k] }
        let own = figure.flatMap { $0.isClaimed ? $0.share(by: plan.interval, level: plan.confidence) : nil }
        let other = interval(resamples, output + 1, 0...1)
        let shared = interval(share, 0, -Double.infinity...Double.infinity)
        result.add(
          .text(table.kind.rawValue), .text(group.name), .text(systems[system]), Cell(pair.estimate[0]), Cell(own?.low),
          Cell(own?.high), Cell(pair.estimate[1]), Cell(other?.low), Cell(other?.high), Cell(share.estimate[0]),
          Cell(shared?.low), Cell(shared?.high), .count(support.answers), .count(answers - support.answers),
          .count(support.listeners), .count(support.queries))
      }
    }
    return (result, differences(shares, figures))
  }

  /// Each decided answer as a share for each system that ranks both candidates: 1 if it ranks the chosen one before the
  /// other, 0 if after, 0.5 if they are tied. Nil if there is no such answer.
  private func sharesInOrder() throws -> SystemSample? {
    var shares: [ShareAnswer] = []
    for (number, answer) in table.answers.enumerated() {
      guard let (chosen, other) = answer.decided else { continue }
      for system in systems.indices {
        guard let value = ranks.nearer(system, answer.query, answer.condition, chosen, other) else { continue }
        shares.append(
          ShareAnswer(
            listener: table.listeners.all[answer.listener], query: table.queries.all[answer.query],
            condition: conditions[answer.condition].isEmpty && conditions.count > 1
              ? "none" : conditions[answer.condition],
            of: systems[system], value: value, weight: answer.weight, number: number))
      }
    }
    var plan = plan
    plan.conditions = []
    return shares.isEmpty ? nil : try SystemSample(shares: shares, plan: plan, file: table.file)
  }

  /// How much more often one system orders two candidates as listeners choose than another system does, over the
  /// answers on pairs that both rank.
  private func differences(
    _ shares: SystemSample?, _ figures: [(means: [SystemSample.Figure], differences: [SystemSample.Figure])]
  ) -> ResultTable {
    var result = ResultTable(
      "choice_differences", "Differences between two systems in agreement with listeners' choices",
      [
        .init("answers_to", "Answers"), .init("condition", "Condition"), .init("system", "System"),
        .init("baseline", "Minus"), .init("difference", "Difference", digits: 3), .init("low", "Low", digits: 3),
        .init("high", "High", digits: 3), .init("p", "p", digits: 4), .init("p_corrected", "p, corrected", digits: 4),
        .init("correction", "Correction"), .init("intervals_over", "Intervals over"),
        .init("answers_apart", "Answers on which they differ", digits: 0), .init("answers", "Answers", digits: 0),
        .init("listeners", "Listeners", digits: 0), .init("queries", "Queries", digits: 0),
      ])
    guard let shares else { return result }
    let pairs = shares.pairs
    for (group, found) in zip(shares.sample.groups, figures) {
      let intervals = found.differences.map { figure in
        figure.isClaimed
          ? figure.interval(by: plan.interval, level: plan.confidence, within: -1...1, freedom: .combined) : nil
      }
      let p = zip(found.differences, intervals).map {
        $0.p(of: $1, by: plan.interval, confidence: plan.confidence, freedom: .combined)
      }
      let corrected = adjusted(p, Correction(rawValue: plan.correction.rawValue) ?? .holm)
      for (k, (a, b)) in pairs.enumerated() where found.differences[k].mean.pages > 0 {
        let figure = found.differences[k]
        let apart = shares.sample.pages.count { page in
          guard shares.sample.isIn(group.number, page) else { return false }
          let difference = shares.score(page, a) - shares.score(page, b)
          return !difference.isNaN && difference != 0
        }
        result.add(
          .text(table.kind.rawValue), .text(group.name), .text(shares.names[a]), .text(shares.names[b]),
          Cell(figure.value), Cell(intervals[k]?.low), Cell(intervals[k]?.high), Cell(p[k]), Cell(corrected[k]),
          .text(plan.correction.rawValue), .text(figure.over), .count(apart), .count(figure.mean.pages),
          .count(figure.mean.listeners), .count(figure.mean.queries))
      }
    }
    return result
  }

  /// The answer if there are neither strengths nor systems to report: how well listeners agree with each other and, for
  /// triplets, how well the map of the sounds predicts them.
  func listenersOnly(_ quality: ResultTable?) -> Prose {
    let count: Prose =
      "\(table.listeners.count, "listener") gave \(table.answers.count, "answer") to \(title)"
    // Any order will do: the listeners' agreement covers the pairs that a system ranks, and this one ranks all of them.
    let statistic = ChoiceAgreement(
      table.answers, groups: 1, groupsOf: { _ in [0] }, systems: 1, nearer: { _, _, _, _, _ in 0.5 })
    let few = table.queries.count < Self.fewestQueries
    let resamples = CrossedBootstrap(
      listeners: table.listeners.count, queries: table.queries.count,
      resamples: min(plan.resamples, Self.mostResamples),
      seed: plan.seed, factors: few ? .listeners : .both
    ).run(statistic)
    let other = statistic.output(0, 0) + 1,
      units = few ? table.listeners.count : min(table.listeners.count, table.queries.count)
    var sentence = count
    if let interval = Sample.standardInterval(
      resamples, other, units: units, level: plan.confidence, within: 0...1)
    {
      sentence =
        sentence
        + "; two listeners asked the same question choose the same in \(100 * resamples.estimate[other], digits: 0) % of cases (\(plan.confidence * 100, digits: 0) % interval \(100 * interval.low, digits: 0) to \(100 * interval.high, digits: 0), chance 50 %)"
    } else {
      sentence = sentence + "; too few were asked the same question to estimate how well they agree"
    }
    let row = quality?.rows(where: ["map": table.kind.rawValue]).first
    if let held = row.flatMap({ quality?.number($0, "held_out") }) {
      sentence = sentence + ". The map of the sounds predicts \(100 * held, digits: 0) % of held-out answers"
    }
    return sentence + (systems.isEmpty ? ". There are no rankings to compare the answers with." : ".")
  }

  private func sentences(_ agreement: ResultTable, _ differences: ResultTable) -> [Prose] {
    let rows = agreement.rows(where: ["condition": groups[0].name])
      .sorted { (agreement.number($0, "agreement") ?? 0) > (agreement.number($1, "agreement") ?? 0) }
    func share(_ row: Int, _ key: String, _ low: String, _ high: String) -> Prose {
      func percent(_ key: String) -> Prose { "\(100 * (agreement.number(row, key) ?? .nan), digits: 0)" }
      guard agreement.number(row, low) != nil, agreement.number(row, high) != nil else { return percent(key) + " %" }
      return percent(key) + " % [" + percent(low) + ", " + percent(high) + "]"
    }
    guard let best = rows.first else { return [] }
    let another: Prose =
      agreement.number(best, "another_listener") == nil
      ? "no two listeners were asked the same question, and chance would in 50 %."
      : "another listener would choose the same in \(share(best, "another_listener", "another_low", "another_high")), and chance in 50 %."
    let first: Prose =
      "\(agreement.text(best, "system")) orders two candidates as listeners chose in \(share(best, "agreement", "low", "high")) of decided answers to \(title); "
      + another
    let others = rows.dropFirst().map { row -> Prose in
      "\(agreement.text(row, "system")) \(share(row, "agreement", "low", "high"))"
    }
    guard let next = others.first else { return [first] }
    let isOfSame = Set(rows.map { agreement.number($0, "answers") }).count == 1
    let unlike: Prose =
      isOfSame
      ? ""
      : " Each share is of the pairs that its system ranks; table choice_differences compares systems on the pairs that "
        + "both rank."
    return [
      first,
      "The other \(others.count == 1 ? "system" : "systems"): " + others.dropFirst().reduce(next) { $0 + ", " + $1 }
        + "." + unlike,
    ] + [apart(agreement.text(best, "system"), others.count, differences)].compactMap(\.self)
  }

  /// A sentence on whether the best system agrees with listeners more often than the others do.
  /// - Parameter others: how many other systems there are. Those without an interval are not compared.
  private func apart(_ best: String, _ others: Int, _ differences: ResultTable) -> Prose? {
    let rows = differences.rows(where: ["condition": groups[0].name, "system": best])
      .filter { differences.number($0, "low") != nil }
    func isTold(_ row: Int) -> Bool {
      (differences.number(row, "p_corrected") ?? 1) < 1 - plan.confidence
        && (differences.number(row, "difference") ?? 0) > 0
    }
    func points(_ row: Int, _ key: String) -> Prose {
      "\(100 * (differences.number(row, key) ?? .nan), digits: 0)"
    }
    func names(_ rows: [Int], all: String) -> String {
      rows.count == others && others > 1
        ? all : SystemFindings.list(rows.map { differences.text($0, "baseline") })
    }
    let each = rows.prefix(6).map { row -> Prose in
      "\(best) − \(differences.text(row, "baseline")) " + points(row, "difference") + " percentage points ["
        + points(row, "low") + ", " + points(row, "high") + "]"
    }
    guard let first = each.first else { return nil }
    let open = rows.filter { !isTold($0) }, told = rows.filter(isTold)
    // Over all the pairs that it ranks, a system may agree more often than one that is ahead of it on the same pairs.
    let ahead = open.filter {
      (differences.number($0, "p_corrected") ?? 1) < 1 - plan.confidence
        && (differences.number($0, "difference") ?? 0) < 0
    }
    let claim: Prose =
      if !ahead.isEmpty {
        "\(best) has the highest share, but agrees with listeners' choices less often than \(names(ahead, all: "all other systems")) on the pairs that both rank: "
      } else if open.isEmpty {
        "\(best) agrees with listeners' choices more often than \(names(told, all: "all other systems")): "
      } else if told.isEmpty {
        "\(best) does not agree with listeners' choices significantly more often than \(names(open, all: "any other system")): "
      } else {
        "\(best) agrees with listeners' choices more often than \(names(told, all: "")), but not significantly more often than \(names(open, all: "")): "
      }
    return claim + each.dropFirst().reduce(first) { $0 + ", " + $1 }
      + " (\(plan.confidence * 100, digits: 0) % \(rows.count == 1 ? "interval" : "intervals"), \(rows.count == 1 ? "" : "p corrected, ")answers about pairs that both rank)."
  }

  // MARK: What to know

  private var remarks: [Remark] {
    var remarks: [Remark] = []
    let ties = table.answers.count { $0.choice == .tie }
    if table.missing > 0 {
      remarks.append(
        .init(
          code: "missing_\(table.kind.rawValue)", weight: .note,
          what:
            "\(table.missing, "row") of \(table.kind.rawValue) \(OneAndMany.words(table.missing, "has", "have")) no answer.",
          meaning: OneAndMany.words(table.missing, "It is omitted.", "They are omitted."),
          count: table.missing))
    }
    let unknown = table.withoutChance
    if unknown > 0, unknown < table.answers.count {
      remarks.append(
        .init(
          code: "chances_in_\(table.kind.rawValue)", weight: .caution,
          what:
            "\(unknown) of \(table.answers.count, "answer") to \(title) \(OneAndMany.words(unknown, "has", "have")) no probability.",
          meaning:
            "They are weighted like answers to pages that every listener was asked. If the study at first asked all pages equally often, analyse its versions separately.",
          count: unknown))
    }
    if ties > 0 {
      remarks.append(
        .init(
          code: "ties_in_\(table.kind.rawValue)", weight: .note,
          what:
            "\(ties) of \(table.answers.count, "answer") to \(title) \(OneAndMany.words(ties, "is a tie", "are ties")).",
          meaning: table.kind == .choices
            ? "Strengths take them into account; a system's agreement is based on decided answers only."
            : "The map does not use them, and a system's agreement is based on decided answers only.", count: ties))
    }
    // Always choosing the same side has nothing to do with what was heard.
    let balanced = table.askedInBothOrders
    let firsts = balanced.count { $0.answer.choice == .first }, all = balanced.reduce(0) { $0 + $1.weight }
    let share = balanced.reduce(0) { $0 + ($1.answer.choice == .first ? $1.weight : 0) } / max(1, all)
    // The number of equally weighted answers that would be as certain.
    let worth = all * all / max(1, balanced.reduce(0) { $0 + $1.weight * $1.weight })
    if balanced.count >= 50, firsts < balanced.count, abs(share - 0.5) * 2 * worth.squareRoot() > 4 {
      remarks.append(
        .init(
          code: "order_bias_in_\(table.kind.rawValue)", weight: .caution,
          what:
            "The first of the two was chosen in \(100 * share, digits: 0) % of decided answers on pairs that were asked in both orders, each order counted alike.",
          meaning: "Listeners seem to favour one side. Randomise which one comes first on each page.",
          count: firsts))
    }
    if !ranks.given.isEmpty, ranks.joined == 0 {
      remarks.append(
        .init(
          code: "\(table.kind.rawValue)_without_rankings", weight: .alarm,
          what: "No ranking is for a query of the \(table.kind.rawValue).",
          meaning:
            "Agreement with systems cannot be computed. The table asks about \(table.queries.all.prefix(3).map { $0.isEmpty ? "no query" : "'\($0)'" }.joined(separator: ", ")); the rankings are for \(ranks.given.prefix(3).map { "'\($0)'" }.joined(separator: ", ")). Use the same names in both.",
          count: 1))
    }
    return remarks
  }

  private var methods: Prose {
    let share: Prose =
      " A system's agreement is the share of decided answers in which its ranking places the chosen candidate nearer (equal ranks count half); another listener's agreement is, on the same pairs, the probability that two different listeners asked the same question choose the same (questions weigh as much as they do for systems)."
    let agreement = systems.isEmpty ? "" : share
    let drawn: Prose =
      table.queries.count < Self.fewestQueries
      ? (table.queries.count == 1
        ? "resampling listeners"
        : "resampling listeners, and apply to these \(table.queries.count, "query") only")
      : "resampling listeners and, where \(Self.fewestQueries) or more are pooled, queries"
    let ofSystems: Prose =
      systems.isEmpty
      ? "."
      : "; those of a system's agreement and of the difference between two systems are \(plan.interval.words), and p-values of differences are derived from them and corrected for multiple comparisons by \(plan.correction.words)."
    let intervals =
      " Intervals are the estimate ± t × standard error from a bootstrap \(drawn)" as Prose + ofSystems
    if table.kind == .triplets {
      return
        "\(table.listeners.count, "listener") gave \(table.answers.count, "answer") to triplets (which of two sounds is more similar to a third)."
        + agreement + (systems.isEmpty ? "" : intervals) + weights
    }
    return
      "\(table.listeners.count, "listener") gave \(table.answers.count, "answer") to paired choices. Strengths are maximum-likelihood estimates of the model of Bradley & Terry (1952) with Davidson's (1970) ties, in log odds about the mean candidate, and of Thurstone's (1927) case V with Glenn & David's (1960) ties, in standard deviations of a difference; goodness of fit is measured by the deviance from a model with free probabilities for each pair."
      + agreement + intervals + weights
  }

  /// How answers are weighted if pages were not presented equally often.
  private var weights: Prose {
    let chances = table.answers.map { 1 / $0.weight }
    guard let least = chances.min(), let most = chances.max(), least < most else { return "" }
    return
      " Pages were not presented equally often (with probabilities from \(least, digits: 3) to \(most, digits: 3)): shares of agreement weight each answer by the inverse of its page's probability (Hájek 1971), so that they represent all pages; maps and strengths use unweighted answers."
  }

  private var citations: [String] {
    (Set(table.answers.map(\.weight)).count > 1
      ? ["Hájek, J. (1971). Comment on an essay by D. Basu. In Godambe & Sprott, Foundations of statistical inference."]
      : [])
      + (systems.isEmpty && table.kind == .triplets || plan.interval != .dual ? [] : [AnalysisPlan.Interval.dualFactor])
      + (table.kind == .triplets ? [] : models)
  }

  private var models: [String] {
    [
      "Bradley, R. A. & Terry, M. E. (1952). Rank analysis of incomplete block designs. Biometrika 39.",
      "Davidson, R. R. (1970). On extending the Bradley-Terry model to accommodate ties in paired comparison experiments. Journal of the American Statistical Association 65.",
      "Thurstone, L. L. (1927). A law of comparative judgment. Psychological Review 34.",
      "Glenn, W. A. & David, H. A. (1960). Ties in paired-comparison experiments using a modified Thurstone-Mosteller model. Biometrics 16.",
    ]
  }
}

extension Findings {
  /// Only the table `choice_differences`. For simulated studies, of which there are many.
  package static func ordering(_ table: ChoiceTable, rankings: [Ranking], plan: AnalysisPlan) throws -> ResultTable {
    try ChoiceFindings(table, rankings: rankings, plan: plan).agreement(progress: nil).differences
  }
}

/// The ranks that systems give to the candidates of a table of choices.
struct SystemOrders {
  private(set) var systems: [String] = []
  /// The queries of the rankings.
  private(set) var given: [String] = []
  /// How many queries of the table have a ranking.
  private(set) var joined = 0
  /// By system, then query and condition of the table, then candidate: its rank.
  private var ranks: [[Key: [Int: Double]]] = []

  private struct Key: Hashable { var query: Int, condition: Int }

  init(_ rankings: [Ranking], of table: ChoiceTable, systems wanted: [String]) throws {
    var names = Names(), queries = Names()
    for ranking in rankings where wanted.isEmpty || wanted.contains(ranking.system) { _ = names.number(ranking.system) }
    for ranking in rankings { _ = queries.number(ranking.query) }
    systems = wanted.isEmpty ? names.all : wanted.filter { names.find($0) != nil }
    given = queries.all
    ranks = systems.map { _ in [:] }
    // A table without queries asks about a single one: that of the rankings, if these have only one.
    let single = !table.hasQueries && given.count == 1
    for ranking in rankings {
      guard let system = systems.firstIndex(of: ranking.system),
        let query = single ? 0 : table.queries.find(ranking.query).map(Int.init)
      else { continue }
      for (condition, name) in table.conditions.all.enumerated()
      where name.isEmpty || ranking.condition.isEmpty || name == ranking.condition {
        let place = Key(query: query, condition: condition)
        guard ranks[system][place] == nil else {
          throw Problem(
            "the \(table.kind.rawValue) have no conditions, but \(ranking.system) ranks '\(ranking.query)' under several",
            at: Place(file: table.file, line: 1), mend: "Add the column 'condition' to the \(table.kind.rawValue).")
        }
        for entry in ranking.entries {
          guard let candidate = table.candidates.find(entry.candidate) else { continue }
          ranks[system][place, default: [:]][Int(candidate)] = Double(entry.rank)
        }
      }
    }
    joined = Set(ranks.flatMap { $0.keys.map(\.query) }).count
  }

  /// Whether a system ranks the first candidate before the second: 1, 0, or 0.5 if they are tied; nil if it lacks one.
  func nearer(_ system: Int, _ query: Int, _ condition: Int, _ first: Int, _ second: Int) -> Double? {
    guard let known = ranks[system][Key(query: query, condition: condition)], let a = known[first],
      let b = known[second]
    else { return nil }
    return a < b ? 1 : a > b ? 0 : 0.5
  }
}
