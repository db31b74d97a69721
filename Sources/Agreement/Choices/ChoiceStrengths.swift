import Basics
import Ratings
import Reporting
import Statistics

/// How strong the candidates of paired choices are, by the models of Bradley and Terry and of Thurstone.
///
/// Strengths are fitted for each condition, over all queries if candidates recur across them, and for each query. Their
/// intervals are the estimate ± t times the bootstrap standard error (`ChoiceFindings` says what is resampled).
struct ChoiceStrengths {
  private let table: ChoiceTable
  private let plan: AnalysisPlan
  private let groups: [ChoiceFindings.Group]

  init(_ table: ChoiceTable, plan: AnalysisPlan, groups: [ChoiceFindings.Group]) {
    (self.table, self.plan, self.groups) = (table, plan, groups)
  }

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
      guard queries.count > 1, group.condition != nil || table.conditions.count == 1 else { continue }
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

  func tables(progress: ProgressHandler?) -> (tables: [ResultTable], remarks: [Remark]) {
    var tables = StrengthTables()
    let all = fits
    // Few fits get enough resamples for stable tails; very many fits still finish.
    let resamples = min(plan.resamples, max(200, min(ChoiceFindings.mostResamples, 40_000 / max(1, all.count))))
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
    let units = fit.queries < ChoiceFindings.fewestQueries ? fit.listeners : min(fit.listeners, fit.queries)
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
      factors: fit.queries < ChoiceFindings.fewestQueries ? .listeners : .both
    ).run(statistic)
  }

  /// The strongest candidate in a sentence; nil if there are no strengths.
  func strongest(_ strengths: ResultTable, _ quality: ResultTable) -> Prose? {
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
}
