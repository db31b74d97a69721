import Basics
import Foundation
import Ratings
import Reporting

/// The tables of scores of an analysis. Each has one part per kind of score.
struct SystemScores {
  private let files: [(url: URL, parts: [ScoreTable])]
  var plan: AnalysisPlan
  private let remarks: [Remark]

  /// - Parameter orders: orders whose places are analysed as scores; nil for none.
  /// - Throws: a `Problem` or `Problems` with the place and the fix.
  init(_ tables: AnalysisTables, orders: OrderTable?, plan: AnalysisPlan, notes: TableNotes) throws {
    var files: [(URL, [ScoreTable])] = [], remarks: [Remark] = [], plan = plan
    if let url = tables.scores {
      if let foreign = try ForeignTable.plan(plan, for: url) {
        plan = foreign.plan
        remarks.append(foreign.remark)
      }
      files.append((url, try ScoreTable.read(url, plan: plan, notes: notes)))
    }
    if let url = tables.comparisons {
      files.append((url, try ScoreTable.read(comparisons: url, plan: plan, notes: notes)))
    }
    if let url = tables.orders, let orders { files.append((url, [orders.scores])) }
    (self.files, self.plan, self.remarks) = (files, plan, remarks)
  }

  private var parts: [ScoreTable] { files.flatMap(\.parts) }

  /// The name of the study; nil if the parts disagree.
  var study: String? {
    let names = Set(parts.map(\.study))
    return names.count == 1 ? names.first ?? nil : nil
  }

  /// The time of the first score.
  var firstAt: String? { parts.compactMap(\.ratings.firstRatingAt).min() }

  /// Notes the files and who answered.
  func note(in inputs: inout Findings.Inputs) throws {
    for (url, parts) in files {
      let rows = parts.reduce(0) { $0 + $1.rows } + (parts.first?.ratings.missing ?? 0)
      let file = try Findings.Inputs.File(url, rows: rows)
      switch parts.first?.kind.type {
      case "rank": inputs.orders = file
      case "ccr": inputs.comparisons = file
      default: inputs.scores = file
      }
      for part in parts {
        inputs.note(part.ratings.participants.all, of: url)
        inputs.note(versions: part.ratings.studyVersions.all)
      }
    }
  }

  /// Adds the findings of each part, with the claims of all parts first.
  /// - Parameter others: the number of other tables that are reported beside these.
  func add(to findings: inout Findings, beside others: Int, progress: NamedProgress) throws {
    if files.isEmpty { return }
    var claims: [Prose] = [], rest: [Prose] = []
    for (url, ofFile) in files {
      let traits = ListenerTraits(beside: url)
      for part in ofFile {
        let found = try SystemFindings(part, plan: plan, isOneOfSeveral: parts.count + others > 1)
        let said = found.add(to: &findings, isAlone: true, progress: progress)
        claims += said.claims
        rest += said.rest
        findings.add(found.answers, plan: found.plan, by: traits)
      }
    }
    findings.say((claims, rest))
    for (url, parts) in files {
      guard let table = parts.first?.ratings else { continue }
      findings.remarks += Integrity.versions(
        table.studyVersions, table.studyVersionRows, of: parts.first?.kind.type == "rank" ? "orders" : "scores")
      findings.remarks += SamePeople(beside: url).remarks(
        among: Array(Set(parts.flatMap(\.ratings.participants.all))).sorted())
      let checks = parts.map(\.unjudgedChecks).reduce(0, +)
      if checks > 0, plan.screening.apply.contains(.catches) {
        findings.remarks.append(
          .init(
            code: "unjudged_checks", weight: .caution,
            what: "\(checks, "score") in attention checks \(OneAndMany.words(checks, "is", "are")) not judged.",
            meaning:
              "Where sounds are rated on several scales, a low-passed copy is worse on some and not on others, such as the background of ITU-T P.835, so nobody is excluded because of it.",
            count: checks))
      }
      if table.missing > 0, parts.first?.kind.type != "rank" {
        findings.remarks.append(
          .init(
            code: "missing_scores", weight: .note, what: "\(table.missing, "cell holds", "cells hold") no score.",
            meaning: "They are omitted; nothing is imputed.", count: table.missing))
      }
    }
    let known = Set(parts.flatMap { [$0.kind.type, $0.kind.scale] } + [""])
    let unused = plan.scoreMargins.keys.filter { !known.contains($0) }.sorted()
    if !unused.isEmpty {
      findings.remarks.append(
        .init(
          code: "margin_unused", weight: .caution,
          what: "The plan states a margin for \(SystemFindings.list(unused)), which is in no table.",
          meaning: "score_margin names trial types or scales; these tables have "
            + SystemFindings.list(known.filter { !$0.isEmpty }.sorted()) + ".", count: unused.count))
    }
    findings.add(remarks)
  }
}

extension Findings {
  /// One listener's score of one system on one item.
  package struct Score: Sendable {
    package var listener: String, item: String, system: String
    package var value: Double

    package init(listener: String, item: String, system: String, value: Double) {
      (self.listener, self.item, self.system, self.value) = (listener, item, system, value)
    }
  }

  /// Only the comparison of systems, from scores that are not in a file: the tables `systems`, `system_differences` and
  /// those of the mixed model. For simulated studies, of which there are many.
  /// - Parameter isCompared: whether to compute the first two tables, which are resampled.
  package static func comparing(
    _ scores: [Score], scale: ClosedRange<Double>, plan: AnalysisPlan, isCompared: Bool = true
  ) throws -> [ResultTable] {
    var ratings = RatingTable(file: "scores")
    for score in scores {
      ratings.add(
        .init(
          participant: score.listener, query: score.item, condition: "", candidate: score.system, trial: "",
          rating: score.value, flags: [], responseTime: .nan, line: 0))
    }
    var own = plan
    (own.scale, own.candidates, own.pooling, own.systems) = (scale, .fixed, .none, [])
    let sample = Sample(try RatedStudy(ratings, rankings: [], plan: own), plan: own)
    let systems = SystemSample(sample), kind = ScoreTable.Kind()
    let models = SystemModels(kind: kind, systems: systems).fitted().tables
    if !isCompared { return models }
    let compared = SystemTables(kind: kind, systems: systems, margin: plan.scoreMargin(of: kind)).comparison()
    return [compared.systems, compared.differences] + models
  }
}

extension Findings {
  /// Only the table `discriminations`, from ABX answers that are not in a file. The system is the pair of sounds, and
  /// the value is 1 for a right answer. For simulated studies.
  package static func discriminating(_ answers: [Score], plan: AnalysisPlan) throws -> ResultTable {
    let table = DiscriminationTable(
      .abx, file: "answers",
      answers.map {
        .init(listener: $0.listener, query: $0.item, condition: "", pair: $0.system, isRight: $0.value > 0.5)
      })
    var findings = Findings(plan: plan)
    _ = try DiscriminationFindings(table, plan: plan).add(to: &findings) { _ in nil }
    return findings["discriminations"] ?? ResultTable("discriminations", "", [])
  }
}
