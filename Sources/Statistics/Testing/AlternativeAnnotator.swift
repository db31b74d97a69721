import Foundation

/// The alternative annotator test (Calderon, Reichart & Dror 2025): may a model replace a human annotator?
///
/// Each annotator in turn is set aside. On each instance the model wins if it agrees with the other annotators at least
/// as well as the one set aside, and vice versa. The model beats an annotator if a one-sided paired t-test rejects that
/// it wins less often by ε or more, with p-values adjusted over annotators by Benjamini & Yekutieli.
public struct AlternativeAnnotatorTest: Sendable, Equatable {
  /// The result for one annotator.
  public struct Annotator: Sendable, Equatable {
    /// The number of instances.
    public var instances: Int
    /// The share of instances in which the model, and in which the annotator, agrees with the others at least as well.
    public var model: Double, annotator: Double
    /// The p-value of the hypothesis that the model wins less often by ε or more.
    public var p: Double
    /// `p`, corrected for the number of annotators (Benjamini & Yekutieli 2001).
    public var adjusted: Double
  }

  /// In the order given.
  public let annotators: [Annotator]
  /// How much better an annotator may be than the model and still be replaced, since annotators cost more.
  public let epsilon: Double
  /// The smallest number of annotators for the test.
  public static let leastAnnotators = 3
  /// The share of annotators that the model beats; from 0.5 on it may replace one.
  public let winningRate: Double
  /// The mean over annotators of the share of instances in which the model agrees at least as well.
  public let advantage: Double
  /// Whether the model may replace an annotator; nil with fewer than `leastAnnotators`.
  public var passes: Bool? { annotators.count < Self.leastAnnotators ? nil : winningRate >= 0.5 }

  /// If all n instances went the same way, t has no standard error. This is an upper bound of the probability of that
  /// if the annotator wins more often by ε: per instance, (1 − ε)/2 for a model that always wins, and 1 − ε for one
  /// that always ties.
  private static func p(always difference: Double, _ epsilon: Double, _ n: Double) -> Double {
    difference > 0 ? 1 : pow(max(0, difference < 0 ? (1 - epsilon) / 2 : 1 - epsilon), n)
  }

  /// - Parameters:
  ///   - alignments: by annotator and by instance that the annotator and at least one other annotated: how well the
  ///     model, and how well the annotator, agrees with the others (larger is better). Annotators with fewer than two
  ///     instances are left out.
  ///   - epsilon: the cost advantage of the model over a human, as a share of wins. The authors propose 0.2 for experts
  ///     and 0.1 for crowd workers.
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
