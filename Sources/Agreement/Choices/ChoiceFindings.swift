import Basics
import Ratings
import Reporting
import Statistics
import Study

/// The findings from a table of paired choices or triplets: how strong the candidates are, and how well the systems'
/// orders predict the choices.
///
/// The bootstrap resamples listeners, since choices by one listener are not independent; it also resamples queries if at
/// least five are pooled. Fewer queries say next to nothing about other queries, so they are taken as fixed.
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

  /// A name, and the condition whose answers are meant; nil for those of all.
  typealias Group = (name: String, condition: Int?)

  /// The groups in which answers are reported: all conditions together followed by each condition, or the only
  /// condition.
  private var groups: [Group] {
    conditions.count == 1
      ? [(conditions[0].isEmpty ? "all" : conditions[0], nil)]
      : [("all", nil)] + conditions.indices.map { (conditions[$0].isEmpty ? "none" : conditions[$0], $0) }
  }

  /// Adds tables, answers, remarks and methods.
  func add(to findings: inout Findings, progress: (String) -> ProgressHandler? = { _ in nil }) throws {
    if table.kind == .choices {
      let strengths = ChoiceStrengths(table, plan: plan, groups: groups)
      let fitted = strengths.tables(progress: progress("strengths"))
      findings.tables += fitted.tables
      findings.remarks += fitted.remarks
      let preferences = try ChoicePreferences(table, plan: plan)
      let shares = preferences.tables(progress: progress("preferences"))
      findings.tables += shares
      // With several items, or only two candidates, the preference says more than the strengths, so it comes first.
      let said = [preferences.claim(shares[0]), strengths.strongest(fitted.tables[0], fitted.tables[1])]
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
        + repeats + agreement + (systems.isEmpty ? "" : intervals) + weights
    }
    return
      "\(table.listeners.count, "listener") gave \(table.answers.count, "answer") to paired choices. Strengths are maximum-likelihood estimates of the model of Bradley & Terry (1952) with Davidson's (1970) ties, in log odds about the mean candidate, and of Thurstone's (1927) case V with Glenn & David's (1960) ties, in standard deviations of a difference; goodness of fit is measured by the deviance from a model with free probabilities for each pair."
      + repeats + agreement + intervals + weights
  }

  /// What repeated pages count for.
  private var repeats: Prose {
    if table.repeats == 0 { return "" }
    return
      " \(table.repeats, "answer repeats a page", "answers repeat pages") that the listener had answered before, and \(OneAndMany.words(table.repeats, "counts", "count")) as \(OneAndMany.words(table.repeats, "a further answer", "further answers"))."
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
