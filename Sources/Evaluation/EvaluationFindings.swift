import Basics
import Foundation
import Pages
import Reporting

/// What an evaluation found: sentences, remarks and tables. The page, evaluation.json and the CSV files are three forms
/// of the same findings.
public struct EvaluationFindings: Sendable {
  /// The evaluation that was described.
  public var evaluation: Evaluation
  /// The answer in sentences, the most important first.
  public var answers: [Prose]
  /// What to know before believing a figure.
  public var remarks: [String]
  /// In the order of the page. Tables without rows are left out.
  public var tables: [ResultTable]
  /// The version of the program that made them.
  public var version: String

  /// - Parameter version: the version of this program.
  public init(_ evaluation: Evaluation, version: String) {
    self.evaluation = evaluation
    self.version = version
    let made = EvaluationTables(evaluation)
    tables = made.all.filter { !$0.rows.isEmpty }
    answers = Self.answers(made)
    remarks = Self.remarks(evaluation)
  }

  /// A table by its name; nil if there is none.
  public subscript(table: String) -> ResultTable? { tables.first { $0.name == table } }

  private static func answers(_ made: EvaluationTables) -> [Prose] {
    let (evaluation, scores) = (made.evaluation, made.scores)
    func figure(_ estimate: Estimate, digits: Int = 2) -> Prose {
      guard let interval = estimate.interval else { return "\(estimate.value, digits: digits)" }
      return "\(estimate.value, digits: digits) [\(interval.low, digits: digits), \(interval.high, digits: digits)]"
    }
    let system = evaluation.against
    let recall = scores.estimate(system, nil, .recall5), mrr = scores.estimate(system, nil, .mrr)
    let runs = evaluation.runs(of: system).count
    var sentences: [Prose] = [
      "\(system) ranks the one-shot that plays among the first five of \(evaluation.test.pool.count) with a probability of \(figure(recall)) (R@5; chance \(scores.chance(nil, .recall5), digits: 3)); its MRR is \(figure(mrr)) (chance \(scores.chance(nil, .mrr), digits: 3))\(runs > 1 ? ", mean of \(runs) runs" as Prose : "")."
    ]
    let rivals = evaluation.rivals
    let best = rivals.max { scores.estimate($0, nil, .mrr).value < scores.estimate($1, nil, .mrr).value }
    if let best {
      sentences.append(
        "The best of its \(rivals.count) rivals is \(best) with an MRR of \(figure(scores.estimate(best, nil, .mrr))); the difference is \(figure(scores.difference(system, less: best, nil, .mrr)))."
      )
    }
    if let summary = made.leakage.last {
      func row(_ asked: String) -> Int? {
        summary.rows(where: ["system": system, "measure": Measure.mrr.rawValue, "asked": asked]).first
      }
      if let wrong = row("wrong"), let value = summary.number(wrong, "value"),
        let chance = summary.number(wrong, "chance")
      {
        sentences.append(
          "If a wrong class is asked for, its MRR for the drum is \(value, digits: 3) (chance \(chance, digits: 3))."
        )
      }
    }
    return sentences
  }

  private static func remarks(_ evaluation: Evaluation) -> [String] {
    var remarks: [String] = []
    let test = evaluation.test
    if test.split == nil {
      remarks.append(
        "The library is not split, so it does not show whether a trained model has learned from any of the targets.")
    }
    for condition in evaluation.conditions {
      let count = Set(evaluation.targets(of: condition).map { test.targets[$0].candidate }).count
      if count < Bar.targetsOfClass {
        remarks.append("The class \(condition) has only \(count, "different target").")
      }
    }
    for condition in evaluation.conditions {
      let targets = evaluation.targets(of: condition)
      guard evaluation.units(of: targets) < 20 else { continue }
      let groups = Set(targets.map { test.targets[$0].group }).count
      let mixes = Set(targets.map { test.targets[$0].mix }).count
      remarks.append(
        "With \(mixes, "mix") and \(groups, "instrument"), the intervals for the class \(condition) are rough.")
    }
    let trainedOnce = evaluation.families.filter { family in
      let runs = evaluation.runs(of: family)
      return runs.count == 1 && runs[0].isTrained
    }
    if !trainedOnce.isEmpty {
      remarks.append(
        "Trained only once: \(trainedOnce.joined(separator: ", ")). Intervals generalise to other mixes and instruments, not to another training run."
      )
    }
    return remarks + evaluation.notices
  }

  /// The text of evaluation.json, whose keys are documented in `docs/evaluation.md`.
  public var json: String { jsonText.text() + "\n" }

  var jsonText: JSONText {
    let test = evaluation.test
    return .object([
      ("schema", .string("earshot-evaluation/1")),
      ("tool", .object([("name", .string("earshot")), ("version", .string(version))])),
      (
        "settings",
        .object([
          ("split", test.split.map { .string($0) } ?? .null), ("against", .string(evaluation.against)),
          ("resamples", .integer(evaluation.resamples)), ("seed", .unsigned(evaluation.seed)),
          ("level", .number(0.95)),
        ])
      ),
      (
        "systems",
        .array(
          evaluation.runs.map { run in
            .object([
              ("name", .string(run.name)), ("family", .string(run.family)),
              ("takes_condition", .bool(run.takesCondition)),
              ("handmade", .bool(evaluation.handmade.contains(run.family))),
            ])
          })
      ),
      ("conditions", .array(evaluation.conditions.map { .string($0) })),
      (
        "answers",
        .array(
          answers.map { sentence in
            .object([
              ("text", .string(sentence.text)),
              (
                "numbers",
                .array(
                  sentence.pieces.compactMap { if case .number(let value, _) = $0 { .number(value) } else { nil } })
              ),
            ])
          })
      ),
      ("remarks", .array(remarks.map { .string($0) })),
      ("tables", .object(tables.map { ($0.name, $0.json) })),
    ])
  }

  /// Writes evaluation.html, evaluation.json, one CSV file per table, and `targets.csv` with one row per target and
  /// run.
  /// - Returns: the files, the page first.
  @discardableResult
  public func write(to folder: URL) throws -> [URL] {
    var files = try ResultFiles.write(
      page: EvaluationReport(self).html, as: "evaluation.html", json: json, as: "evaluation.json", tables: tables,
      to: folder)
    let targets = folder.appending(path: "targets.csv")
    try TableWriter.write(targets, columns: Self.targetColumns) { table in
      let test = evaluation.test
      for run in evaluation.runs {
        for (t, target) in test.targets.enumerated() {
          let finding = run.findings[t][evaluation.ownPlace(t)]
          try table.row([
            test.mixes[target.mix].id, target.condition, run.name, run.family, test.pool[target.candidate].id,
            test.groups[target.group], finding.place, finding.reciprocalRank, finding.ownClassReciprocalRank,
            finding.wrongClass, run.first[t].first.map { test.pool[$0].id },
          ])
        }
      }
    }
    files.append(targets)
    return files
  }

  static let targetColumns = [
    "query", "condition", "run", "system", "reference", "group", "rank", "reciprocal_rank", "reciprocal_rank_own_class",
    "wrong_class_first_10", "first",
  ]
}

// MARK: - In the terminal

extension EvaluationFindings {
  /// The systems by falling MRR over all classes; those without one come last.
  private var rankedFamilies: [String] {
    func value(_ system: String) -> Double {
      let row = self["scores"].flatMap { scores in
        scores.rows(where: ["system": system, "condition": "all", "measure": Measure.mrr.rawValue]).first.flatMap {
          scores.number($0, "value")
        }
      }
      return row ?? -1
    }
    let values = evaluation.families.map { (name: $0, value: value($0)) }
    return values.enumerated().sorted { ($1.element.value, $0.offset) < ($0.element.value, $1.offset) }.map(
      \.element.name)
  }

  /// The answers, and below them the main table, the best system first.
  public var summary: String {
    var lines = answers.map(\.text) + [""]
    guard let scores = self["scores"] else { return lines.joined(separator: "\n") }
    let shown: [Measure] = [.mrr, .recall1, .recall5, .recall10, .medianRank, .wrongClass]
    let width = max(20, (evaluation.families.map(\.count).max() ?? 0) + 2)
    let conditions = evaluation.conditions.count > 1 ? ["all"] + evaluation.conditions : ["all"]
    lines.append(
      pad("system", width) + pad("class", 8) + pad("n", 6) + pad("MRR", 20)
        + shown.dropFirst().map { pad($0 == .medianRank ? "median" : $0 == .wrongClass ? "wrong" : $0.title, 8) }
        .joined())
    func cells(_ system: String, _ condition: String, _ name: String) -> String? {
      let rows = scores.rows(where: ["system": system, "condition": condition])
      func row(_ measure: Measure) -> Int? { rows.first { scores.text($0, "measure") == measure.rawValue } }
      guard let first = row(.mrr), let mrr = scores.number(first, "value") else { return nil }
      let interval = [scores.number(first, "low"), scores.number(first, "high")].compactMap(\.self)
      let figure =
        display(mrr, digits: 3)
        + (interval.count == 2 ? " \(display(interval[0], digits: 3))–\(display(interval[1], digits: 3))" : "")
      let rest = shown.dropFirst().map { measure in
        pad(row(measure).flatMap { scores.number($0, "value") }.map { display($0, digits: 3) } ?? "–", 8)
      }
      return pad(name, width) + pad(condition, 8) + pad(display(scores.number(first, "targets") ?? 0, digits: 0), 6)
        + pad(figure, 20) + rest.joined()
    }
    let best = rankedFamilies
    for system in best {
      let name = system == best.first && best.count > 1 ? "\(system) *" : system
      for condition in conditions {
        if let line = cells(system, condition, condition == "all" ? name : "") { lines.append(line) }
      }
    }
    for condition in conditions {
      let values = shown.map { measure in
        scores.rows(where: ["condition": condition, "measure": measure.rawValue]).first
          .flatMap { scores.number($0, "chance") }.map { display($0, digits: 3) } ?? "–"
      }
      lines.append(
        pad(condition == "all" ? "(chance)" : "", width) + pad(condition, 8) + pad("", 6) + pad(values[0], 20)
          + values.dropFirst().map { pad($0, 8) }.joined())
    }
    if best.count > 1 { lines.append("* the highest MRR over all classes") }
    lines += seedLines(width)
    if let bars = self["bars"], !bars.rows.isEmpty {
      let met = bars.rows.count { $0[bars.column("met")] == .flag(true) }
      lines += ["", "\(evaluation.against) meets \(met) of \(bars.rows.count) bars (listed in the report)."]
    }
    if !remarks.isEmpty { lines += [""] + remarks }
    return lines.joined(separator: "\n")
  }

  /// How much the runs of each system with different seeds vary.
  private func seedLines(_ width: Int) -> [String] {
    guard let seeds = self["seeds"] else { return [] }
    var lines = ["", "Runs with different seeds (mean ± standard deviation across runs)"]
    for family in evaluation.families {
      for row in seeds.rows(where: ["system": family, "measure": Measure.mrr.rawValue]) {
        lines.append(
          pad(family, width) + pad(seeds.text(row, "condition"), 8) + "MRR "
            + display(seeds.number(row, "mean") ?? .nan, digits: 3) + " ± "
            + display(seeds.number(row, "sd") ?? .nan, digits: 3) + "  (\(seeds.text(row, "values")))")
      }
    }
    return lines
  }

  /// Blanks are added up to a width in characters.
  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
