import Basics
import Foundation

/// The tables of an analysis.
public struct AnalysisTables: Sendable {
  /// nil where there are none but paired choices or triplets.
  public var ratings: URL?
  /// nil where there are none; then only the listeners can be told about.
  public var rankings: URL?
  /// Paired choices, and triplets.
  public var choices: URL?
  public var triplets: URL?
  /// Scores of systems, and comparisons of two of them as `ccr` is exported. Ratings that have a column `system` instead
  /// of candidates are scores too, where there are no rankings.
  public var scores: URL?
  public var comparisons: URL?
  /// What X was taken for, as `abx` is exported.
  public var discriminations: URL?
  /// Orders, as `rank` is exported; how alike two sounds are (`pairwise`), which of three is odd, and groups (`sort`).
  public var orders: URL?
  public var pairs: URL?
  public var oddities: URL?
  public var sortings: URL?
  /// nil for the default plan.
  public var plan: URL?
  /// What the report is called; nil for the plan's title, the study's name, or else the first table and its folder.
  public var title: String?
  /// The study's block that is analysed, where there are several (`Analysis.blocks` takes them all).
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

  /// Whether there is a table of answers beside ratings.
  public var isWithoutRatings: Bool {
    [choices, triplets, scores, comparisons, discriminations, orders, pairs, oddities, sortings].contains {
      $0 != nil
    }
  }
}

extension AnalysisTables {
  /// Every table of answers that there may be.
  public static let ofAnswers: [WritableKeyPath<Self, URL?> & Sendable] = [
    \.ratings, \.scores, \.comparisons, \.choices, \.discriminations, \.triplets, \.orders, \.pairs, \.oddities,
    \.sortings,
  ]

  /// The blocks that have to be told of one by one, since a table holds answers of several: all blocks of all tables, in the
  /// order of their rows. None where no table holds several, or where one of them is chosen already.
  /// - Throws: a `Problem` where beside such a table there is one that names no block.
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
        "the table does not say of which block its answers are, and others do", at: Place(file: unnamed.relativePath),
        mend: "Analyse it by itself, or give it the column '\(StudyBlocks.column)'.")
    }
    return known
  }

  /// Leaves the tables that hold answers of a block.
  /// - Throws: a `Problem` where a table holds several blocks and none is named, or no table holds the one that is.
  mutating func keep(block: String?) throws {
    var known: [String] = []
    var isFound = false
    for path in Self.ofAnswers {
      guard let url = self[keyPath: path] else { continue }
      let names = try StudyBlocks.names(in: url)
      known += names.filter { !known.contains($0) }
      if block == nil, names.count > 1 {
        throw Problem(
          "the table holds the answers of \(names.count, "block"): \(names.joined(separator: ", "))",
          at: Place(file: url.relativePath),
          mend: "They are never put together. Say which one: --block \(names[0]).")
      }
      guard let block else { continue }
      if names.contains(block) { isFound = true } else { self[keyPath: path] = nil }
    }
    if let block, !isFound {
      throw Problem(
        "there are no answers of a block '\(block)'",
        mend: known.isEmpty
          ? "No table has a column '\(StudyBlocks.column)': the study has no two blocks of one type. Leave --block out."
          : Suggestion.didYouMean(block, among: known) ?? "The blocks are \(known.joined(separator: ", ")).")
    }
  }
}
