import Foundation

/// The alternative annotator test (Calderon, Reichart & Dror 2025): may a model stand in for a human annotator?
///
/// Each annotator in turn is set aside; on each instance the model wins if it is at least as well aligned with the
/// other annotators as the one set aside, and so does that one. The model beats an annotator if it does not win rarer
/// than the annotator by ε or more: a one-sided paired t-test, adjusted over annotators by Benjamini & Yekutieli.
public struct AlternativeAnnotatorTest: Sendable, Equatable {
  /// One annotator's part.
  public struct Annotator: Sendable, Equatable {
    /// How many instances it stands on.
    public var instances: Int
    /// How often the model, and how often the annotator, is aligned at least as well as the other.
    public var model: Double, annotator: Double
    /// Of the hypothesis that the model wins rarer by ε or more.
    public var p: Double
    public var adjusted: Double
  }

  public let annotators: [Annotator]
  public let epsilon: Double
  /// How many annotators the test wants at least.
  public static let leastAnnotators = 3
  /// The share of annotators that the model beats; at .5 or more it may stand in.
  public let winningRate: Double
  /// The mean over annotators of how often the model is aligned at least as well.
  public let advantage: Double
  /// Whether the model may stand in; nil with fewer than `leastAnnotators`, who say too little.
  public var passes: Bool? { annotators.count < Self.leastAnnotators ? nil : winningRate >= 0.5 }

  /// Where all n instances went the same way t has no error to go by. How probable that is at most if the annotator wins
  /// more often by ε: a model that always wins does so with (1 − ε)/2 an instance, one that always ties with 1 − ε.
  private static func p(always difference: Double, _ epsilon: Double, _ n: Double) -> Double {
    difference > 0 ? 1 : pow(max(0, difference < 0 ? (1 - epsilon) / 2 : 1 - epsilon), n)
  }

  /// - Parameters:
  ///   - alignments: by annotator, by instance that it and at least one other annotated: how well the model, and how
  ///     well the annotator, agrees with the others (larger is better). Annotators with fewer than two instances are
  ///     left out.
  ///   - epsilon: what a human costs more than the model, as wins: .2 for experts, .1 for crowd workers (their
  ///     proposal).
  /// - Returns: nil if no annotator is left.
  public init?(alignments: [[(model: Double, annotator: Double)]], epsilon: Double = 0.1, level: Double = 0.05) {
    precondition(epsilon >= 0)
    let parts = alignments.filter { $0.count >= 2 }.map { pairs -> Annotator in
      let n = Double(pairs.count)
      let model = Double(pairs.count { $0.model >= $0.annotator }) / n
      let annotator = Double(pairs.count { $0.annotator >= $0.model }) / n
      let differences = pairs.map { ($0.annotator >= $0.model ? 1.0 : 0) - ($0.model >= $0.annotator ? 1.0 : 0) }
      let mean = annotator - model, spread = variance(differences) ?? 0
      let p =
        spread > 0
        ? StudentT(n - 1).lower((mean - epsilon) / (spread / n).squareRoot()) : Self.p(always: mean, epsilon, n)
      return Annotator(instances: pairs.count, model: model, annotator: annotator, p: p, adjusted: p)
    }
    guard !parts.isEmpty else { return nil }
    let corrected = Statistics.adjusted(parts.map(\.p), .by)
    annotators = zip(parts, corrected).map { part, p in
      var part = part
      part.adjusted = p ?? 1
      return part
    }
    self.epsilon = epsilon
    winningRate = Double(annotators.count { $0.adjusted < level }) / Double(annotators.count)
    advantage = annotators.reduce(0) { $0 + $1.model } / Double(annotators.count)
  }
}
