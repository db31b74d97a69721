import Basics
import Foundation
import Ratings
import Reporting

/// What an analysis found: sentences, remarks on the data, and tables. The report, results.json and the CSV files are
/// three forms of the same findings; no number appears in only one of them.
public struct Findings: Sendable {
  /// Of the report: the plan's, or else the study's name.
  public var title = ""
  /// The answer in sentences, the most important first.
  public var answers: [Prose] = []
  /// The number of answers that make up the headline; the verdicts of other systems follow.
  var headlines = 1
  /// What to know about the data before believing anything else.
  public var remarks: [Remark] = []
  /// The methods section, a paragraph each.
  public var methods: [Prose] = []
  /// The works that the methods refer to.
  public var citations: [String] = []
  /// The tables and the plan that were read.
  public var inputs = Inputs()
  /// The plan that the findings follow.
  public var plan: AnalysisPlan
  /// In the order of the report.
  public var tables: [ResultTable] = []
  /// By chart (`default` stands for all others): the sample sizes behind it, in words.
  var support: [String: [String]] = [:]
  /// The sample that the main figures were computed on.
  var sample: Sample?
  /// The answers of a block, to compare with those of other blocks.
  var ofBlock: [ValuedAnswers] = []
  /// The listeners and queries that each resample of the main figures drew.
  public var draws: ResampleDraws? { sample?.draws }

  /// What was read: the tables and the plan, identified by their content.
  public struct Inputs: Sendable, Equatable {
    /// The version of the program.
    public var version = ""
    /// A file's name, its SHA-256, and the number of its ratings, rankings or answers.
    public var ratings: File?, rankings: File?, choices: File?, triplets: File?
    /// Scores of systems, comparisons of two systems, and ABX answers.
    public var scores: File?, comparisons: File?, discriminations: File?
    /// Orders, similarity ratings of pairs, odd-one-out answers, and groups.
    public var orders: File?, pairs: File?, oddities: File?, sortings: File?
    /// The plan file's name. Nil for the default plan.
    public var planFile: String?
    /// The SHA-256 of the plan file's bytes, or of the default plan's text.
    public var planHash = ""
    /// Whether the study held this plan before the first rating; nil if unknown.
    public var planWasFixedBefore: Bool?
    /// The versions of the study under which answers were collected, in the order in which they were found.
    public var studyVersions: [String] = []

    mutating func note(versions: [String]) {
      for version in versions where !studyVersions.contains(version) { studyVersions.append(version) }
    }

    /// The number of resamples that were read from a file instead of drawn; nil for none.
    public var replayed: Int?
    /// Everyone who answered in any of the tables, and those of them who were made by `earshot simulate`.
    var listeners: Set<String> = [], simulated: Set<String> = []

    /// A table that was read: its name, its content's SHA-256, and its number of rows.
    public struct File: Sendable, Equatable {
      public var name = "", sha256 = "", rows = 0
    }

    /// The tables that were read, ratings first.
    var tables: [File] {
      [
        ratings, scores, comparisons, orders, choices, discriminations, triplets, pairs, oddities, sortings, rankings,
      ].compactMap(\.self)
    }
  }

  /// A notice, put before everything else, that some or all of the answers are from simulated listeners. Nil if none
  /// are known to be simulated.
  public var notice: Prose? {
    let all = inputs.listeners.count, made = inputs.simulated.count
    if made == 0 { return nil }
    return made == all
      ? "Simulated listeners: no person took part. \(all == 1 ? "The only one was" : "All \(all) were") made by \u{2018}earshot simulate\u{2019}."
      : "\(made) of \(all, "listener") \(OneAndMany.words(made, "is", "are")) simulated by \u{2018}earshot simulate\u{2019}; their answers do not come from people."
  }

  /// The note under each figure that leaves the report: the sample size, and whether listeners were simulated.
  var figureNotes: [(chart: String, note: String)] {
    let simulated = inputs.simulated.isEmpty ? "" : "; simulated listeners"
    return support.sorted { $0.key < $1.key }.map { ($0.key, $0.value.joined(separator: "; ") + simulated) }
  }

  /// Merges tables of the same name, since choices and triplets, or ratings and triplets, can each add rows to one.
  mutating func mergeTables() {
    var merged: [ResultTable] = []
    for table in tables where !table.rows.isEmpty {
      if let known = merged.firstIndex(where: { $0.name == table.name }) {
        merged[known].rows += table.rows
      } else {
        merged.append(table)
      }
    }
    tables = merged
  }

  /// A table by its name; nil if there is none.
  public subscript(table: String) -> ResultTable? { tables.first { $0.name == table } }
}
