import Basics
import Foundation
import Reporting

/// What an analysis found: sentences, remarks on the data and tables. The report, results.json and the CSV files are
/// three forms of it, and no number stands in one that is not in the others.
public struct Findings: Sendable {
  public var title = ""
  /// The answer, first sentence first.
  public var answers: [Prose] = []
  /// How many of the answers are the headline; the verdicts of other systems follow.
  var headlines = 1
  /// What to know about the data before believing anything else.
  public var remarks: [Remark] = []
  public var methods: [Prose] = []
  public var citations: [String] = []
  public var inputs = Inputs()
  public var plan: AnalysisPlan
  public var tables: [ResultTable] = []
  /// By chart (`default` stands for all others): the n behind it, in words.
  var support: [String: [String]] = [:]
  /// What the main figures were computed on.
  var sample: Sample?
  /// Of a block: its answers, to be compared with those of others.
  var ofBlock: [ValuedAnswers] = []
  /// What the resamples of the main figures drew.
  public var draws: ResampleDraws? { sample?.draws }

  /// What was read: tables and plan, by their content.
  public struct Inputs: Sendable, Equatable {
    public var version = ""
    /// File, its SHA-256 and the rows (ratings) or rankings in it.
    public var ratings: File?, rankings: File?, choices: File?, triplets: File?
    /// Scores of systems, comparisons of two of them, and what X was taken for.
    public var scores: File?, comparisons: File?, discriminations: File?
    /// Orders, how alike two sounds are, which of three is odd, and groups.
    public var orders: File?, pairs: File?, oddities: File?, sortings: File?
    public var planFile: String?
    /// SHA-256 of the plan file's bytes, or of the default plan's text.
    public var planHash = ""
    /// Whether the study held this plan before the first rating; nil where nothing says.
    public var planWasFixedBefore: Bool?
    public var studyVersions: [String] = []
    /// How many resamples were read from a file instead of drawn; nil for none.
    public var replayed: Int?
    /// Everyone who answered in any of the tables, and who of them was made by `earshot simulate`.
    var listeners: Set<String> = [], simulated: Set<String> = []

    /// A table that was read.
    public struct File: Sendable, Equatable {
      public var name = "", sha256 = "", rows = 0
    }

    /// Those that there are, ratings first.
    var tables: [File] {
      [
        ratings, scores, comparisons, orders, choices, discriminations, triplets, pairs, oddities, sortings, rankings,
      ].compactMap(\.self)
    }
  }

  /// Said before everything else: that it was no people, or not people alone, who answered. Nil where nothing tells of
  /// simulated listeners.
  public var notice: Prose? {
    let all = inputs.listeners.count, made = inputs.simulated.count
    if made == 0 { return nil }
    return made == all
      ? "Simulated listeners: no person took part. All \(all) were made by \u{2018}earshot simulate\u{2019}."
      : "\(made) of \(all, "listener") \(OneAndMany.words(made, "is", "are")) simulated, made by \u{2018}earshot simulate\u{2019}; their answers are no people\u{2019}s."
  }

  /// What stands under each figure that leaves the report: on how much it rests, and whether listeners were simulated.
  var figureNotes: [(chart: String, note: String)] {
    let simulated = inputs.simulated.isEmpty ? "" : "; simulated listeners"
    return support.sorted { $0.key < $1.key }.map { ($0.key, $0.value.joined(separator: "; ") + simulated) }
  }

  /// Choices and triplets, or ratings and triplets, can each bring rows of a table: they become one.
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

  /// A table by its name; nil where there is none.
  public subscript(table: String) -> ResultTable? { tables.first { $0.name == table } }
}
