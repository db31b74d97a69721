import Basics
import Foundation
import Statistics

/// What to compute, decided before the data are seen: `analysis.yaml` with all defaults filled in. `AnalysisPlan.text`
/// is the default plan as a file, with the meaning of each key.
public struct AnalysisPlan: Sendable, Equatable {
  /// The title of the report; empty to name it after the ratings table.
  public var title = ""
  /// The names of a table's columns, where they are not Earshot's.
  public var columns = Columns()
  /// The block to analyse, if the tables hold several of one type. Not a key of `analysis.yaml`.
  package var block: String?
  /// The lowest and highest possible rating; nil to use `scale_min` and `scale_max` of the table, or else the ratings'
  /// range.
  public var scale: ClosedRange<Double>?
  /// Candidates that are the hidden reference, beside those that a column of the table marks.
  public var reference: [String] = []
  /// Candidates that are the low anchor, beside those that a column of the table marks.
  public var anchor: [String] = []

  /// The primary figure, which the verdict and the first plot are about.
  public var metric = Metric.spearman
  /// Systems to judge, in this order; empty for all in the rankings.
  public var systems: [String] = []
  /// The system that the others are compared with; nil to compare every pair.
  public var baseline: String? = "random"
  /// Conditions to judge, in this order; empty for all in the ratings.
  public var conditions: [String] = []
  /// How many of a system's first ranks count for mean ratings, precision, NDCG and hits; nil for 5, or fewer where pages
  /// are only sure to show fewer of each system (`Pooling.sureRanks`).
  public var statedTopK: Int?
  /// `statedTopK`, or 5.
  public var topK: Int {
    get { statedTopK ?? 5 }
    set { statedTopK = newValue }
  }
  /// The rating from which a candidate counts as similar, as a share of the scale, from 0 to 1.
  public var similarFrom = 0.6
  /// Two ratings that differ by less than this share of the scale say nothing about their order.
  public var tieBand = 0.05
  /// Pages on which a system ranks fewer candidates than this are left out of its agreement, and counted.
  public var minimumCandidates = 3
  /// What becomes of rated candidates that a system did not rank.
  public var unranked = Unranked.drop
  /// How candidates were selected for the pages.
  public var pooling = PoolingRule.auto
  /// Whether the hidden reference and the anchor count in agreement.
  public var includeReference = false
  /// Whether candidates are treated as a sample, as listeners and queries are.
  public var candidates = Candidates.auto

  /// How far a system's agreement with a listener may fall short of listeners' agreement with each other and still be
  /// comparable.
  public var margin = 0.1
  /// The largest difference between two systems' mean scores that counts as equal, in points of the scale: by trial
  /// type or scale, with the empty name for all others. Without a margin there is no verdict.
  public var scoreMargins: [String: Double] = [:]
  /// The error rate of each of the verdict's two one-sided tests.
  public var alpha = 0.05
  /// The kind of interval that the verdict is based on.
  public var verdictInterval = Interval.dual
  /// The rules that exclude listeners, and their limits.
  public var screening = ScreeningRules()
  /// The confidence level of intervals, 0.5 to 0.9999.
  public var confidence = 0.95
  /// The target half-width of intervals: by trial type or scale, `agreement`, `choices` or `abx`, with the empty name
  /// for all others. `LivePrecision` reports it beside the current width; it changes nothing else.
  public var goals: [String: Double] = [:]
  /// The number of crossed resamples of listeners and queries.
  public var resamples = 10_000
  /// The kind of interval of all figures but verdicts.
  public var interval = Interval.dual
  /// The maximum number of listeners, if the study may be stopped earlier, as soon as its verdicts are decided; nil if
  /// it is analysed only once.
  public var stoppingAtMost: Int?
  /// The interim look at which the tables are analysed. Not a key of `analysis.yaml`.
  package var look: RepeatedLook?
  /// The seed of all resamples and permutations.
  public var seed: UInt64 = 1
  /// The number of permutations behind the agreement expected by chance.
  public var permutations = 1_000
  /// How p-values are corrected for multiple comparisons.
  public var correction = Correction.holm
  /// Whether linear mixed models of ratings are fitted.
  public var linearModels = Models.auto
  /// Whether ordinal mixed models of ratings are fitted.
  public var ordinalModels = Models.never

  public init() {}

  /// The level that an interval needs at this look to have level `level` over all looks.
  package func atThisLook(_ level: Double) -> Double { look?.level(of: level) ?? level }

  /// Converts how surely a figure lies below a limit at this look alone into how surely it does over all looks.
  package func overAllLooks(_ level: Double) -> Double { look?.sureness(of: level) ?? level }

  /// The table's names for `participant`, `query` and other columns of Earshot.
  public struct Columns: Sendable, Equatable {
    /// By Earshot's name: the table's name.
    public var names: [String: String] = [:]
    /// Columns that each hold the ratings of one candidate, whose name they have, instead of `candidate` and `rating`.
    public var wide: [String] = []

    public init() {}

    /// The table's name for a column of Earshot.
    public func callAsFunction(_ ours: String) -> String { names[ours] ?? ours }

    /// Whether the table uses a column of this name for something else: a column `condition` that holds the candidates
    /// holds no conditions.
    func isTaken(_ ours: String) -> Bool {
      names[ours] == nil && (names.values.contains(ours) || wide.contains(ours))
    }
  }

  /// A figure of one page of ratings and one system: how well the system's order of the page's candidates agrees with
  /// the ratings, or how the system's first candidates are rated. `PageFigures` defines each.
  public enum Metric: String, Sendable, CaseIterable {
    case spearman
    case kendallTauB = "kendall_tau_b"
    case kendallTauA = "kendall_tau_a"
    case rhoA = "rho_a"
    case pairAccuracy = "pair_accuracy"
    case ndcg
    case ndcgExponential = "ndcg_exponential"
    case topRating = "top_k_rating"
    case precision = "precision_at_k"
    case rankBiasedOverlap = "rank_biased_overlap"

    /// The metrics that are also defined between two pages of ratings: those that ceilings and verdicts are made of.
    public static let symmetric: [Metric] = [.spearman, .kendallTauB, .kendallTauA, .rhoA]

    /// The range of possible values.
    package func bounds(_ scale: ClosedRange<Double>) -> ClosedRange<Double> {
      switch self {
      case .spearman, .kendallTauB, .kendallTauA, .rhoA: -1...1
      case .pairAccuracy, .ndcg, .ndcgExponential, .precision, .rankBiasedOverlap: 0...1
      case .topRating: scale
      }
    }

    /// The name of the metric in reports.
    public var title: String {
      switch self {
      case .spearman: "Spearman ρ"
      case .kendallTauB: "Kendall τ-b"
      case .kendallTauA: "Kendall τ-a"
      case .rhoA: "ρ-a"
      case .pairAccuracy: "pair accuracy"
      case .ndcg: "NDCG@k"
      case .ndcgExponential: "NDCG@k, exponential gain"
      case .topRating: "mean rating of the top k"
      case .precision: "precision@k"
      case .rankBiasedOverlap: "rank-biased overlap"
      }
    }
  }

  /// What happens to rated candidates that a system did not rank.
  public enum Unranked: String, Sendable, CaseIterable {
    /// They are left out of that system's figures.
    case drop
    /// They share the last place.
    case last
  }

  /// How candidates were selected for the pages, which determines what may be compared (see `Pooling`).
  public enum PoolingRule: Sendable, Equatable {
    /// As the export says, or else as inferred from the rankings and the pages.
    case auto
    /// Not by any judged system's order, so all candidates of a page are compared.
    case none
    /// The first few candidates of each system, and others.
    case rule(PoolSettings)
  }

  /// Whether candidates are treated as a sample.
  public enum Candidates: String, Sendable, CaseIterable {
    /// As a sample if most of them recur from query to query (see `RecurringCandidates`).
    case auto
    /// Not as a sample: findings hold for these candidates only.
    case fixed
  }

  /// How an interval is computed from resamples. `docs/calibration.md` shows the coverage of each.
  public enum Interval: String, Sendable, CaseIterable {
    /// The estimate ± t times the standard error with the dual-factor correction.
    case dual
    case percentile
    /// Bias-corrected and accelerated (BCa).
    case bca
    /// BCa, widened for few listeners or queries.
    case expandedBCa = "expanded_bca"

    /// The source of the dual-factor correction.
    package static let dualFactor =
      "Schütt, H. H. et al. (2023). Statistical inference on representational geometries. eLife 12."

    /// The method in the words of a sentence.
    package var words: String {
      switch self {
      case .dual: "the estimate ± t × the dual-factor corrected standard error (Schütt et al. 2023)"
      case .percentile: "percentiles of the resamples"
      case .bca: "bias-corrected and accelerated (BCa) percentiles of the resamples"
      case .expandedBCa:
        "bias-corrected and accelerated (BCa) percentiles of the resamples, expanded for few listeners or queries (Hesterberg 2015)"
      }
    }
  }

  /// Whether mixed models are fitted; `auto` decides by the ratings (see `MixedModels`), and linear models know no `always`.
  public enum Models: String, Sendable, CaseIterable { case auto, always, never }

  /// How p-values of several comparisons are corrected (R's `p.adjust`).
  public enum Correction: String, Sendable, CaseIterable {
    case holm, hochberg, bh, by

    /// The method in the words of a sentence.
    package var words: String {
      switch self {
      case .holm: "Holm's method"
      case .hochberg: "Hochberg's method"
      case .bh: "Benjamini and Hochberg's method"
      case .by: "Benjamini and Yekutieli's method"
      }
    }
  }

  /// The screening rules: those that apply to the main figures, and their limits. Shares are between 0 and 1.
  public struct ScreeningRules: Sendable, Equatable {
    /// The rules that exclude listeners from the main figures; the effect of the others is only shown.
    public var apply: [Rule] = [.catches]
    /// The hidden reference is rated below this share of the scale, in more than this share of items.
    public var referenceBelow = 0.9, referenceShare = 0.15
    /// The anchor is rated above this share of the scale, in more than this share of items.
    public var anchorAbove = 0.9, anchorShare = 0.15
    /// More than this share of the attention checks are failed.
    public var catchesFailed = 0.5
    /// The mean Spearman correlation between first and repeated ratings is below this, -1 to 1.
    public var repeatsBelow = 0.2
    /// The minimum time in seconds per rating of a page, and the share of pages that may be quicker.
    public var secondsPerRating = 1.0, fastShare = 0.25
    /// More than this share of pages have all ratings equal.
    public var straightShare = 0.5
    /// Leave-one-out agreement is so many median absolute deviations (times 1.4826) below the median.
    public var outlierMADs = 3.5
    /// Bias is so many median absolute deviations (times 1.4826) from the median, or the logarithm of inconsistency as far
    /// above it (ITU-T P.913).
    public var subjectMADs = 3.5

    public init() {}
  }

  /// No rule looks at any system's ranking: listeners are judged by their answers, never by whom they agree with.
  public enum Rule: String, Sendable, CaseIterable {
    case reference, anchor, catches, repeats, speed, straight, outlier, subject
  }
}
