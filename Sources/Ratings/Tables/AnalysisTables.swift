import Basics
import Foundation

/// The addresses of the tables of an analysis.
public struct AnalysisTables: Sendable {
  /// Ratings; nil if there are only other answers.
  public var ratings: URL?
  /// The systems' rankings; nil if there are none, so that only the listeners can be described.
  public var rankings: URL?
  /// Paired choices, and triplets.
  public var choices: URL?
  /// Triplet choices, as `triplet` is exported.
  public var triplets: URL?
  /// Scores of systems, and comparisons of two systems as `ccr` is exported. Ratings with a column `system` instead of
  /// candidates are scores too, if there are no rankings.
  public var scores: URL?
  /// Comparisons of two systems, as `ccr` is exported.
  public var comparisons: URL?
  /// ABX answers, as `abx` is exported.
  public var discriminations: URL?
  /// Orders, as `rank` is exported; similarity ratings of two sounds (`pairwise`); odd-one-out answers; and groups
  /// (`sort`).
  public var orders: URL?
  /// Similarity ratings of two sounds, as `pairwise` is exported.
  public var pairs: URL?
  /// Odd-one-out answers, as `odd_one_out` is exported.
  public var oddities: URL?
  /// Groups of sounds, as `sort` is exported.
  public var sortings: URL?
  /// The plan; nil for the default plan.
  public var plan: URL?
  /// The title of the report; nil for the plan's title, the study's name, or else the first table and its folder.
  public var title: String?
  /// The block of the study to analyse, if there are several (`Analysis.blocks` analyses all of them).
  public var block: String?

  public init(
    ratings: URL? = nil, rankings: URL? = nil, choices: URL? = nil, triplets: URL? = nil, scores: URL? = nil,
    comparisons: URL? = nil, discriminations: URL? = nil, orders: URL? = nil, pairs: URL? = nil,
    oddities: URL? = nil, sortings: URL? = nil, plan: URL? = nil, block: String? = nil
  ) {
    (self.orders, self.pairs, self.oddities, self.sortings) = (orders, pairs, oddities, sortings)
    self.block = block
    (self.ratings, self.rankings) = (ratings, rankings)
    (self.choices, self.triplets, self.plan) = (choices, triplets, plan)
    (self.scores, self.comparisons, self.discriminations) = (scores, comparisons, discriminations)
  }

  /// Whether there is a table of answers other than ratings.
  public var isWithoutRatings: Bool {
    [choices, triplets, scores, comparisons, discriminations, orders, pairs, oddities, sortings].contains {
      $0 != nil
    }
  }
}

extension AnalysisTables {
  /// Every possible table of answers.
  public static let ofAnswers: [WritableKeyPath<Self, URL?> & Sendable] = [
    \.ratings, \.scores, \.comparisons, \.choices, \.discriminations, \.triplets, \.orders, \.pairs, \.oddities,
    \.sortings,
  ]

  /// The blocks that have to be analysed one by one, because a table holds answers of several: all blocks of all
  /// tables, in the order of their rows. Empty if no table holds several, or if a block is already chosen.
  /// - Throws: a `Problem` if there is such a table and another one names no block.
  public func blocks() throws -> [String] {
    guard block == nil else { return [] }
    var known: [String] = [], unnamed: URL?, isSeveral = false
    for path in Self.ofAnswers {
      guard let url = self[keyPath: path] else { continue }
      let names = try StudyBlocks.names(in: url)
      if names.isEmpty { unnamed = url }
      if names.count > 1 { isSeveral = true }
      known += names.filter { !known.contains($0) }
    }
    guard isSeveral else { return [] }
    if let unnamed {
      throw Problem(
        "the table does not say which block its answers belong to, but others do",
        at: Place(file: unnamed.relativePath),
        mend: "Analyse it by itself, or give it the column '\(StudyBlocks.column)'.")
    }
    return known
  }

  /// Keeps only the tables with answers of a block.
  /// - Throws: a `Problem` if a table holds several blocks and none is chosen, or if no table holds the chosen one.
  package mutating func keep(block: String?) throws {
    var known: [String] = []
    var isFound = false
    for path in Self.ofAnswers {
      guard let url = self[keyPath: path] else { continue }
      let names = try StudyBlocks.names(in: url)
      known += names.filter { !known.contains($0) }
      if block == nil, names.count > 1 {
        throw Problem(
          "the table holds answers from \(names.count, "block"): \(names.joined(separator: ", "))",
          at: Place(file: url.relativePath),
          mend: "They are never pooled. Choose one: --block \(names[0]).")
      }
      guard let block else { continue }
      if names.contains(block) { isFound = true } else { self[keyPath: path] = nil }
    }
    if let block, !isFound {
      throw Problem(
        "there are no answers from a block '\(block)'",
        mend: known.isEmpty
          ? "No table has a column '\(StudyBlocks.column)': the study does not have two blocks of the same type. Omit --block."
          : Suggestion.didYouMean(block, among: known) ?? "The blocks are \(known.joined(separator: ", ")).")
    }
  }
}
