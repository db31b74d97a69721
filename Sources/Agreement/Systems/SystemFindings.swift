import Basics
import Ratings
import Reporting
import Statistics

/// The findings from scores of systems, for one trial type and scale: which system is best, by how much, and how
/// surely.
struct SystemFindings {
  let kind: ScoreTable.Kind
  /// Everyone who took part, before the planned screening.
  let whole: RatedStudy
  let screening: Screening
  let systems: SystemSample
  let plan: AnalysisPlan
  let margin: Double?
  /// Whether several kinds of scores are reported, so that each sentence has to name its kind.
  let isOneOfSeveral: Bool
  private let expertise: Expertise?

  /// - Parameter study: a study whose candidates are systems.
  /// - Throws: a `Problem` if the planned screening leaves nobody.
  init(
    _ study: RatedStudy, kind: ScoreTable.Kind, plan: AnalysisPlan, file: String, isOneOfSeveral: Bool = false
  ) throws {
    self.kind = kind
    self.isOneOfSeveral = isOneOfSeveral
    whole = study
    screening = Screening(study, plan: plan, failsCatch: kind.failsCatch(on: study.scale))
    let excluded = screening.excluded(by: plan.screening.apply)
    let sample = Sample(study, without: excluded, plan: plan)
    guard !sample.pages.isEmpty else {
      let lacking =
        kind.type == "bs1116"
        ? "A diff grade needs the grade of the hidden reference in the same trial (is_reference), in a trial other than training, attention checks and repeats."
        : "All rows are training trials, attention checks or repeats."
      throw Problem(
        "no \(kind.measure)\(kind.title.isEmpty ? "" : " of \(kind.title)") is left to analyse", at: Place(file: file),
        mend: excluded.isEmpty
          ? lacking
          : "The screening rules exclude all \(excluded.count, "listener"); check 'screening' in the plan.")
    }
    systems = SystemSample(sample, wanted: plan.systems)
    self.plan = plan
    margin = plan.scoreMargin(of: kind)
    expertise = kind.type == "bs1116" ? Expertise(study) : nil
  }

  /// The findings from a table of scores of one kind.
  init(_ table: ScoreTable, plan: AnalysisPlan, isOneOfSeveral: Bool) throws {
    var own = table.plan(plan)
    let study = try RatedStudy(table.ratings, rankings: [], plan: own)
    own.systems = plan.systems
    try self.init(study, kind: table.kind, plan: own, file: table.ratings.file, isOneOfSeveral: isOneOfSeveral)
  }

  private var sample: Sample { systems.sample }
  private var digits: Int { sample.study.ratingDigits }
  private var tables: SystemTables { SystemTables(kind: kind, systems: systems, margin: margin) }

  /// Adds tables, answers, remarks and methods.
  /// - Parameter isAlone: whether no other table is about these listeners; if so, the tables about listeners are added
  ///   too.
  /// - Returns: the sentence that names the best system, and the other sentences.
  func add(to findings: inout Findings, isAlone: Bool, progress: NamedProgress = { _ in nil })
    -> (claims: [Prose], rest: [Prose])
  {
    let (means, differences, all) = tables.comparison(progress: progress("systems"))
    let models = SystemModels(kind: kind, systems: systems)
    let fitted = models.fitted(progress: progress("models"))
    let screened = tables.screening(
      of: whole, cases: cases, wanted: plan.systems, progress: progress("screening"))
    let influence = tables.influence(differences)
    let quality = ScoreQuality(kind: kind, systems: systems)
    findings.tables += [means, differences, all, influence] + fitted.tables + [tables.items, screened]
    findings.tables += [quality.diagnostics] + quality.adjusted
    if let expertise { findings.tables.append(tables.ofKind(expertise.table(whole), named: "expertise")) }
    if isAlone {
      let listeners = ListenerTables(whole: whole, plan: plan, screening: screening)
      let reliability = ReliabilityTable(sample: sample, whole: whole)
      findings.tables += [
        tables.ofKind(listeners.listeners, named: "score_listeners"),
        tables.ofKind(listeners.rules, named: "score_screening"),
        tables.ofKind(reliability.table(progress: progress("reliability")), named: "score_reliability"),
        tables.ofKind(reliability.variance(), named: "score_variance"),
      ]
    }
    let name = kind.title.isEmpty ? "" : "\(kind.title): "
    findings.remarks += remarks + fitted.remarks + quality.remarks(name)
    findings.remarks += [differences.manyVerdicts(name, plan: plan)].compactMap(\.self)
    let said = sentences(means, differences, influence, screened)
    let note =
      "\(kind.title.isEmpty ? "" : kind.title + ": ")n = \(sample.study.listeners.count, "listener"), \(sample.study.queries.count, "item"), \(sample.pages.reduce(0) { $0 + $1.ratings.count }, "score")"
    for chart in ["systems", "system_differences", "system_items", "system_screening"] {
      findings.support[chart, default: []].append(note)
    }
    findings.methods.append(methods(fitted))
    for citation in citations(fitted) where !findings.citations.contains(citation) {
      findings.citations.append(citation)
    }
    return (Array(said.prefix(1)), Array(said.dropFirst()))
  }

  /// The single scores.
  var answers: ValuedAnswers { ValuedAnswers(systems, kind: kind) }

  // MARK: Screening

  /// ITU-R BS.1534-3, 4.1.2: the hidden reference is scored below this share of the scale in more than this share of items.
  private static let standardBelow = 0.9, standardShare = 0.15

  /// The rule of the trial type's standard, by name, and the listeners whom it would leave out.
  private var standard: (name: String, excluded: Set<Int>)? {
    if let expertise { return ("bs1116_3", expertise.excluded) }
    guard kind.type == "mushra" || kind.type.isEmpty, let rule = screening.outcome(.reference), rule.judged > 0 else {
      return nil
    }
    // The plan may have limits of its own; the standard's are those of the rules by default.
    var own = plan
    (own.screening.referenceBelow, own.screening.referenceShare) = (Self.standardBelow, Self.standardShare)
    if own.screening == plan.screening { return ("bs1534_3", rule.excluded) }
    return ("bs1534_3", Screening(whole, plan: own).outcome(.reference)?.excluded ?? [])
  }

  private var cases: [(name: String, excluded: Set<Int>)] {
    [("none", []), ("planned", screening.excluded(by: plan.screening.apply))] + (standard.map { [$0] } ?? [])
      + screening.outcomes.filter { $0.judged > 0 }.map { ($0.rule.rawValue, $0.excluded) }
  }

  // MARK: Sentences

  private func sentences(
    _ means: ResultTable, _ differences: ResultTable, _ influence: ResultTable, _ screened: ResultTable
  ) -> [Prose] {
    let group = sample.groups[0].name
    let rows = means.rows(where: ["condition": group, "role": "contender"])
      .sorted { (means.number($0, "place") ?? 0) < (means.number($1, "place") ?? 0) }
    guard let first = rows.first, let best = means.number(first, "mean") else { return [] }
    let name = means.text(first, "system")
    let about: Prose = isOneOfSeveral && !kind.title.isEmpty ? "\(kind.title): " : ""
    let counts: Prose =
      "\(sample.study.listeners.count, "listener"), \(sample.study.queries.count, "item")"
    let mean: Prose = "mean \(kind.measure) \(best, digits: digits) (\(interval(means, first)))"
    var found: [Prose] = []
    if rows.count == 1 {
      found.append("\(name) has a " + mean + "; there is no other system to compare it with (" + counts + ").")
    } else {
      let own = differences.rows(where: ["condition": group, "system": name])
      let others = rows.dropFirst().map { means.text($0, "system") }
      func row(_ other: String) -> Int? { own.first { differences.text($0, "baseline") == other } }
      let equal = rows.dropFirst().filter { means.number($0, "mean") == best }.map { means.text($0, "system") }
      let claim = self.claim(name, equal: equal, others.map { (name: $0, row: row($0)) }, differences)
      // Beside a claim that is not settled, it would read as another test that settles it.
      let chance: Prose =
        areTold(row(others[0]), differences)
        ? means.number(first, "best").map { "; it ranks first in \(100 * $0, digits: 0) % of resamples" } ?? "" : ""
      found.append(claim + ": " + mean + gap(row(others[0]), differences) + chance + " (" + counts + ").")
      found.append(order(rows, means))
      if let margin { found += verdicts(own, differences, margin) }
      found += robustness(row(others[0]), differences, influence)
    }
    if let marks = marks(means, group) { found.append(marks) }
    if let standard, let sentence = screeningSentence(standard, screened) { found.append(sentence) }
    return found.map { about + $0 }
  }

  /// Whether the two systems of a row differ once all pairs are corrected for.
  private func areTold(_ row: Int?, _ differences: ResultTable) -> Bool {
    (row.flatMap { differences.number($0, "p_corrected") } ?? 1) < 1 - plan.confidence
  }

  /// Whether the first system of a row has the higher mean but the lower scores where both were scored.
  private func isTurned(_ row: Int?, _ differences: ResultTable) -> Bool {
    areTold(row, differences) && (row.flatMap { differences.number($0, "difference") } ?? 0) < 0
  }

  /// Whether the system with the highest mean is the best. It need not be if it was scored on other items, or by other
  /// listeners, than another system: differences are taken where both were scored.
  /// - Parameters:
  ///   - equal: the other systems with exactly the same mean.
  ///   - others: the other systems, with their rows in the table of differences.
  private func claim(
    _ name: String, equal: [String], _ others: [(name: String, row: Int?)], _ differences: ResultTable
  ) -> Prose {
    let ahead = others.filter { isTurned($0.row, differences) }.map(\.name)
    if !ahead.isEmpty {
      return
        "\(name) has the highest mean, but \(Self.list(ahead)) \(OneAndMany.words(ahead.count, "is", "are")) scored higher where both were scored"
    }
    let near = others.filter { !areTold($0.row, differences) }.map(\.name)
    if !equal.isEmpty, equal.allSatisfy(near.contains) {
      let same: Prose = "\(Self.list([name] + equal)) have the same mean"
      return equal.count == others.count ? same : same + ", the highest; which system is best is not settled"
    }
    return near.isEmpty
      ? "\(name) is scored best"
      : "\(name) has the highest mean, but which system is best is not settled (it cannot be distinguished from \(Self.list(near)))"
  }

  private func interval(_ table: ResultTable, _ row: Int) -> Prose {
    guard let low = table.number(row, "low"), let high = table.number(row, "high") else { return "no interval" }
    return "\(plan.confidence * 100, digits: 0) % interval \(low, digits: digits) to \(high, digits: digits)"
  }

  /// How much better the system with the highest mean is than the next.
  private func gap(_ row: Int?, _ differences: ResultTable) -> Prose {
    guard let row, let difference = differences.number(row, "difference") else { return "" }
    let significance: Prose =
      differences.number(row, "p_corrected").map {
        $0 < 0.001 ? ", corrected p below 0.001" : ", corrected p \($0, digits: 3)"
      } ?? ""
    let other = differences.text(row, "baseline")
    if difference == 0 { return "; its difference from \(other) is 0 (\(interval(differences, row))\(significance))" }
    let gap: Prose =
      difference < 0
      ? "; where both were scored its difference from \(other) is \(difference, digits: digits)"
      : "; it lies \(difference, digits: digits) above \(other)"
    return gap + " (\(interval(differences, row))\(significance))"
  }

  /// The means of the hidden reference and the anchors; nil without any.
  private func marks(_ means: ResultTable, _ group: String) -> Prose? {
    let marks = means.rows(where: ["condition": group]).filter { means.text($0, "role") != "contender" }
    if marks.isEmpty { return nil }
    func told(_ role: String, _ name: (Int) -> Prose) -> [Prose] {
      marks.filter { means.text($0, "role") == role }.map {
        name($0) + "\(means.number($0, "mean") ?? .nan, digits: digits)"
      }
    }
    let anchors = told("anchor") { "\(means.text($0, "system")) " }
    let all =
      told("reference") { _ in "the hidden reference " }
      + anchors.prefix(1).map { "\(OneAndMany.words(anchors.count, "the anchor")) " + $0 }
      + anchors.dropFirst()
    return "For comparison: " + Self.joined(all) + "."
  }

  /// All contenders from the highest mean down, and which of them cannot be told apart.
  private func order(_ rows: [Int], _ means: ResultTable) -> Prose {
    let told = rows.map { row -> Prose in
      let letters = means.text(row, "letters")
      return
        "\(means.text(row, "system")) \(means.number(row, "mean") ?? .nan, digits: digits)\(letters.isEmpty ? "" : " (\(letters))")"
    }
    let hasLetters = rows.contains { !means.text($0, "letters").isEmpty }
    return "From the highest mean to the lowest: " + Self.joined(told)
      + (hasLetters ? "; systems that share a letter cannot be distinguished." : ".")
  }

  /// For which margins the best system is better than the next, or equivalent to it. If the two can be told apart once
  /// all pairs are corrected for: also whether that depends on a single listener or item.
  private func robustness(_ row: Int?, _ differences: ResultTable, _ influence: ResultTable) -> [Prose] {
    guard let row, let told = differences.number(row, "told_up_to"),
      let from = differences.number(row, "equivalent_from")
    else { return [] }
    let pair = ["system": differences.text(row, "system"), "baseline": differences.text(row, "baseline")]
    let names = [pair["system"] ?? "", pair["baseline"] ?? ""]
    let (better, other) = (differences.number(row, "difference") ?? 0) < 0 ? (names[1], names[0]) : (names[0], names[1])
    let most: Prose = told > 0 ? "any margin up to \(told, digits: digits)" : "no margin"
    let margins: Prose =
      "\(better) would count as better than \(other) at " + most
      + ", and as equivalent at any margin above \(from, digits: digits)"
    guard areTold(row, differences) else {
      return [margins + " (by the \(100 * (1 - 2 * plan.alpha), digits: 0) % interval of these two alone)."]
    }
    let rows = influence.rows(where: pair)
    let holds = influence.column("holds")
    if rows.allSatisfy({ influence.rows[$0][holds] == .missing }) { return [margins + "."] }
    let fragile = rows.filter { influence.rows[$0][holds] == .flag(false) }.map { influence.text($0, "left_out") }
    return [
      margins
        + (fragile.isEmpty
          ? "; with any single listener or item omitted, the interval of their difference still excludes 0."
          : "; without one particular \(fragile.joined(separator: " or one particular ")), the interval of their difference would include 0.")
    ]
  }

  private func verdicts(_ own: [Int], _ differences: ResultTable, _ margin: Double) -> [Prose] {
    let words = ["better": "better than", "equivalent": "equivalent to", "worse": "worse than"]
    var by: [String: [String]] = [:]
    for row in own { by[differences.text(row, "verdict"), default: []].append(differences.text(row, "baseline")) }
    let told = ["better", "equivalent", "worse"].compactMap { verdict in
      by[verdict].map { "\(words[verdict] ?? "") \(Self.list($0))" as Prose }
    }
    let open = by["inconclusive"] ?? []
    guard let first = own.first, !(told.isEmpty && open.isEmpty) else { return [] }
    let name = differences.text(first, "system")
    let comparisons = OneAndMany.words(open.count, "comparison", "comparisons")
    let decided: Prose = "\(name) is " + Self.joined(told)
    let start: Prose =
      if told.isEmpty { "the \(comparisons) of \(name)" } else if open.isEmpty { decided } else {
        decided + "; its \(comparisons)"
      }
    let end: Prose =
      open.isEmpty ? "" : " with \(Self.list(open)) \(OneAndMany.words(open.count, "is", "are")) inconclusive"
    let basis: Prose = " (\(100 * (1 - 2 * plan.alpha), digits: 0) % intervals of the differences)."
    return ["Against a margin of \(margin, digits: digits), " + start + end + basis]
  }

  private func screeningSentence(_ standard: (name: String, excluded: Set<Int>), _ screened: ResultTable) -> Prose? {
    func order(_ name: String) -> [String] {
      screened.rows(where: ["screening": name]).sorted {
        (screened.number($0, "place") ?? 0) < (screened.number($1, "place") ?? 0)
      }.map { screened.text($0, "system") }
    }
    let planned = order("planned"), other = order(standard.name)
    let rule =
      standard.name == "bs1116_3" ? "The expertise test of ITU-R BS.1116-3" : "The rule of ITU-R BS.1534-3"
    let who = standard.excluded.map { whole.listeners[$0] }.sorted {
      $0.compare($1, options: .numeric) == .orderedAscending
    }
    if who.isEmpty { return "\(rule) would exclude no listener." }
    let one: Prose =
      "\(rule) would exclude \(who.count) of \(whole.listeners.count, "listener") (\(Self.list(who)))"
    if other.isEmpty { return one + ", which leaves no listener." }
    return one
      + (other == planned
        ? "; the order of the systems would be the same."
        : other.first == planned.first
          ? "; the same system would have the highest mean, but the order of the others would change."
          : "; \(other[0]) would then have the highest mean.")
  }

  /// The first few names, and how many more there are.
  static func list(_ names: [String]) -> String {
    if names.count > 5 { return names.prefix(4).joined(separator: ", ") + " and \(names.count - 4) more" }
    return names.count < 2
      ? names.joined() : names.dropLast().joined(separator: ", ") + " and \(names[names.count - 1])"
  }

  private static func joined(_ parts: [Prose]) -> Prose {
    parts.dropFirst().reduce(parts.first ?? "") { $0 + ", " + $1 }
  }

  // MARK: Remarks

  private var remarks: [Remark] {
    let name = kind.title.isEmpty ? "" : "\(kind.title): "
    var found = sample.unevenListeners(name)
    if !systems.isOverItems {
      found.append(
        .init(
          code: "few_items", weight: .caution,
          what:
            "\(name)There \(OneAndMany.words(sample.study.queries.count, "is", "are")) \(sample.study.queries.count, "item"), too few to generalise to others.",
          meaning:
            "Intervals and p-values apply to these items only; with \(SystemSample.fewestItems, "item") or more, they "
            + "generalise to a population of items.", count: sample.study.queries.count))
    }
    let listeners = Set(sample.pages.map(\.listener)).count
    if listeners < SystemSample.fewestListeners {
      found.append(
        .init(
          code: "few_listeners", weight: .caution,
          what:
            "\(name)There \(OneAndMany.words(listeners, "is", "are")) \(listeners, "listener"), too few to test for differences.",
          meaning: "Differences have no interval with fewer than \(SystemSample.fewestListeners) listeners.",
          count: listeners))
    }
    found += incomplete(name)
    let dropped = whole.dropped
    if dropped.duplicates > 0 {
      found.append(
        .init(
          code: "duplicate_scores", weight: .alarm,
          what:
            "\(name)\(dropped.duplicates, "score repeats", "scores repeat") a listener's score of the same system and item.",
          meaning: "Only the first counts."
            + (dropped.duplicatePlaces.first.map { " First seen at \($0)." } ?? ""), count: dropped.duplicates))
    }
    if dropped.outside > 0 {
      found.append(
        .init(
          code: "outside_scale", weight: .alarm,
          what:
            "\(name)\(dropped.outside, "score lies", "scores lie") outside the scale of \(whole.scale.lowerBound.cellText) to \(whole.scale.upperBound.cellText).",
          meaning: "They are used unchanged. Check the scale, or the export."
            + (dropped.outsidePlaces.first.map { " First seen at \($0)." } ?? ""), count: dropped.outside))
    }
    return found
  }

  /// A remark on systems that were not scored by everybody on everything.
  private func incomplete(_ name: String) -> [Remark] {
    // The mean alone is an unfair comparison if systems were heard by different listeners, or on different items.
    var cells = Array(repeating: Set<Int>(), count: systems.names.count), all = Set<Int>()
    for page in sample.pages {
      let cell = page.listener * sample.study.items.count + page.item
      all.insert(cell)
      for k in systems.contenders where !systems.score(page, k).isNaN { cells[k].insert(cell) }
    }
    let partial = systems.contenders.filter { cells[$0].count * 10 < all.count * 9 }
    if partial.isEmpty { return [] }
    return [
      .init(
        code: "incomplete_systems", weight: .caution,
        what:
          partial.count == systems.contenders.count
          ? "\(name)No system was scored by all listeners on all items."
          : "\(name)\(partial.count) of \(systems.contenders.count, "system") \(OneAndMany.words(partial.count, "lacks", "lack")) more than a tenth of what was scored: \(Self.list(partial.map { systems.names[$0] })).",
        meaning:
          "Their means come from different items or listeners. Differences use pages on which both were scored, and "
          + "the mixed model's means adjust for who scored what.", count: partial.count)
    ]
  }

  // MARK: Methods

  private func methods(_ fitted: SystemModels.Fitted) -> Prose {
    let kept = sample.study.listeners.count, all = whole.listeners.count
    let rules = plan.screening.apply.map(\.rawValue).joined(separator: ", ")
    let title: Prose = kind.title.isEmpty ? "Systems were scored" : "Systems were scored (\(kind.title))"
    var text: Prose =
      title
      + " by \(all, "listener") on \(sample.study.queries.count, "item"); \(rules.isEmpty ? "no screening rule was applied" : "the screening rules applied (\(rules))")\(rules.isEmpty ? "" : " excluded \(all - kept, "listener")"). "
    switch kind.type {
    case "bs1116":
      text =
        text
        + "Scores are diff grades: the grade of a version minus that of the hidden reference in the same trial (ITU-R BS.1116-3). "
    case "ccr":
      text = text + "Scores are comparison scores of a version against the sound it was compared with (ITU-T P.800). "
    case "rank":
      text = text + "Scores are place scores: 100 for the first in an order, 0 for the last, in equal steps. "
    case "acr", "dcr": text = text + "Scores are category ratings, with the best category highest (ITU-T P.800). "
    default: break
    }
    let drawn: Prose =
      systems.isOverItems
      ? "Intervals (\(plan.confidence * 100, digits: 0) %) treat both listeners and items as random: \(plan.resamples, "resample") draw both with replacement; intervals are \(plan.interval.words). "
      : "With \(sample.study.queries.count, "item"), intervals (\(plan.confidence * 100, digits: 0) %) apply to these items only: listeners are resampled, and the interval is the estimate ± t × standard error. "
    text =
      text
      + "Means are over all scores; systems are compared page by page, with the same resamples. " + drawn
      + "P-values are derived from the intervals of the differences and corrected for multiple comparisons by \(plan.correction.words) over all pairs of systems in a condition; systems share a letter (Piepho 2004) if their corrected p is \(1 - plan.confidence) or more. How often a system ranks first is the share of resamples in which its mean is the highest\(systems.isOverItems ? "; because resampling both listeners and items counts the noise of single scores three times (Owen 2007), this share errs towards doubt" : ""). "
    if let margin {
      text =
        text
        + "A system is better, equivalent or worse if the \(100 * (1 - 2 * plan.alpha), digits: 0) % interval of the difference (\(plan.verdictInterval.words)) lies above, within or below ±\(margin, digits: digits), the margin stated in the plan (two one-sided tests, Schuirmann 1987). "
    }
    if let standard {
      text =
        text
        + (standard.name == "bs1116_3"
          ? "As a sensitivity analysis, listeners were excluded whose diff grades are not significantly below 0 by a one-sided t-test at 5 % (post-screening of ITU-R BS.1116-3). "
          : "As a sensitivity analysis, listeners were excluded who scored the hidden reference below \(100 * Self.standardBelow, digits: 0) % of the scale on more than \(100 * Self.standardShare, digits: 0) % of items (post-screening of ITU-R BS.1534-3, 4.1.2). ")
    }
    return text + fitted.methods
  }

  private func citations(_ fitted: SystemModels.Fitted) -> [String] {
    let standard: [String] =
      switch kind.type {
      case "bs1116":
        ["ITU-R BS.1116-3 (2015). Methods for the subjective assessment of small impairments in audio systems."]
      case "rank": []
      case "acr", "dcr", "ccr":
        ["ITU-T P.800 (1996). Methods for subjective determination of transmission quality."]
      default:
        ["ITU-R BS.1534-3 (2015). Method for the subjective assessment of intermediate quality level of audio systems."]
      }
    return standard + [
      "Owen, A. B. (2007). The pigeonhole bootstrap. Annals of Applied Statistics 1(2).",
      AnalysisPlan.Interval.dualFactor,
      "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6.",
      "Piepho, H.-P. (2004). An algorithm for a letter-based representation of all-pairwise comparisons. Journal of Computational and Graphical Statistics 13.",
    ] + fitted.citations
  }
}
