import Basics
import Foundation
import Statistics

/// What is to be computed, decided before the data: `analysis.yaml`, complete with defaults. `AnalysisPlan.text` is the
/// default plan as a file, each key with its meaning.
public struct AnalysisPlan: Sendable, Equatable {
  /// Of the report; empty: named after the ratings table.
  public var title = ""
  public var columns = Columns()
  /// The block whose answers are read, where the tables hold several of one type. No key of a plan.
  var block: String?
  /// The lowest and highest possible rating; nil: `scale_min` and `scale_max` of the table, or else what it shows.
  public var scale: ClosedRange<Double>?
  /// Candidates that are the hidden reference or the low anchor, where no column of the table says so.
  public var reference: [String] = []
  public var anchor: [String] = []

  /// The figure that the verdict and the first plot are about.
  public var metric = Metric.spearman
  /// Systems to judge, in this order; empty: all in the rankings.
  public var systems: [String] = []
  /// The system that the others are compared with; nil: every pair is compared.
  public var baseline: String? = "random"
  /// Conditions to judge, in this order; empty: all in the ratings.
  public var conditions: [String] = []
  public var topK = 5
  /// As a share of the scale: a candidate rated so high counts as similar.
  public var similarFrom = 0.6
  /// As a share of the scale: a pair of ratings closer than this says nothing about the pair's order.
  public var tieBand = 0.05
  /// Pages on which a system ranks fewer candidates are left out of its agreement, and counted.
  public var minimumCandidates = 3
  public var unranked = Unranked.drop
  /// How candidates came upon the pages.
  public var pooling = PoolingRule.auto
  /// Whether the hidden reference and the anchor take part in agreement.
  public var includeReference = false
  public var candidates = Candidates.auto

  public var margin = 0.1
  /// Of two systems' mean scores that count as equal, in points of the scale: by trial type or scale, and of all others by
  /// the empty name. Where there is none, no verdict is given.
  public var scoreMargins: [String: Double] = [:]
  /// Error rate of each of the two one-sided tests of the verdict.
  public var alpha = 0.05
  /// By which interval the verdict is found.
  public var verdictInterval = Interval.dual
  public var screening = ScreeningRules()
  public var confidence = 0.95
  /// Half the width that intervals are to come down to, by trial type or scale, `agreement`, `choices` or `abx`, and of all
  /// others by the empty name: what `LivePrecision` is told beside. It changes nothing else.
  public var goals: [String: Double] = [:]
  public var resamples = 10_000
  public var interval = Interval.dual
  /// How many listeners there are to be at most, where the study may be stopped at any number before as soon as its verdicts
  /// are told; nil: it is analysed once.
  public var stoppingAtMost: Int?
  /// Where the tables stand by then. No key of a plan.
  package var look: RepeatedLook?
  public var seed: UInt64 = 1
  public var permutations = 1_000
  public var correction = Correction.holm
  public var linearModels = Models.auto
  public var ordinalModels = Models.never

  public init() {}

  /// What level an interval has at this look that has one of `level` however often is looked.
  func atThisLook(_ level: Double) -> Double { look?.level(of: level) ?? level }

  /// How surely a figure lies below a limit however often is looked, from how surely it does by this look alone.
  func overAllLooks(_ level: Double) -> Double { look?.sureness(of: level) ?? level }

  /// How the table calls what Earshot calls `participant`, `query` and so on.
  public struct Columns: Sendable, Equatable {
    /// Our name → the table's name.
    public var names: [String: String] = [:]
    /// Columns that each hold the ratings of the candidate of that name, instead of `candidate` and `rating`.
    public var wide: [String] = []

    public init() {}

    /// How the table calls a column of ours.
    public func callAsFunction(_ ours: String) -> String { names[ours] ?? ours }

    /// Whether the table's column of that name means something else of ours: one called `condition` that holds the
    /// candidates holds no conditions.
    func isTaken(_ ours: String) -> Bool {
      names[ours] == nil && (names.values.contains(ours) || wide.contains(ours))
    }
  }

  /// A figure of one page of ratings and one system: how the system's order of the page's candidates agrees with the
  /// ratings, or how the system's first candidates are rated. `PageFigures` defines each.
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

    /// Those that two pages can have with one another too: what ceilings and verdicts are made of.
    public static let symmetric: [Metric] = [.spearman, .kendallTauB, .kendallTauA, .rhoA]

    /// What it cannot leave.
    func bounds(_ scale: ClosedRange<Double>) -> ClosedRange<Double> {
      switch self {
      case .spearman, .kendallTauB, .kendallTauA, .rhoA: -1...1
      case .pairAccuracy, .ndcg, .ndcgExponential, .precision, .rankBiasedOverlap: 0...1
      case .topRating: scale
      }
    }

    /// How the report calls it.
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

  /// What becomes of rated candidates that a system did not rank.
  public enum Unranked: String, Sendable, CaseIterable {
    /// They are left out of that system's figures.
    case drop
    /// They share the last place.
    case last
  }

  /// How candidates came upon the pages, which says what may be compared (see `Pooling`).
  public enum PoolingRule: Sendable, Equatable {
    /// As the export says, or else as the rankings and the pages show.
    case auto
    /// Not because of any judged system's order: all candidates of a page are compared.
    case none
    /// So many first candidates of each system, and others.
    case rule(PoolSettings)
  }

  /// Whether candidates are a sample.
  public enum Candidates: String, Sendable, CaseIterable {
    /// Where most of them recur from query to query, yes (see `RecurringCandidates`).
    case auto
    /// No: what is said holds for these candidates only.
    case fixed
  }

  /// How an interval is made from resamples; `docs/calibration.md` shows how often each is right.
  public enum Interval: String, Sendable, CaseIterable {
    /// The estimate ± t times the standard error after the dual-factor correction.
    case dual
    case percentile
    /// Bias-corrected and accelerated.
    case bca
    /// The same, made wider for few listeners or queries.
    case expandedBCa = "expanded_bca"

    /// Where the dual-factor correction is from.
    static let dualFactor =
      "Schütt, H. H. et al. (2023). Statistical inference on representational geometries. eLife 12."

    /// In a sentence.
    var words: String {
      switch self {
      case .dual: "the estimate ± t times the dual-factor corrected standard error (Schütt et al. 2023)"
      case .percentile: "percentiles of the resamples"
      case .bca: "bias-corrected and accelerated (BCa)"
      case .expandedBCa: "bias-corrected and accelerated (BCa), expanded for few listeners or queries (Hesterberg 2015)"
      }
    }
  }

  /// Whether mixed models are fitted: `auto` leaves it to the ratings (see `MixedModels`).
  public enum Models: String, Sendable, CaseIterable { case auto, always, never }

  /// How p-values of several comparisons are corrected (R's `p.adjust`).
  public enum Correction: String, Sendable, CaseIterable {
    case holm, hochberg, bh, by

    /// In a sentence.
    var words: String {
      switch self {
      case .holm: "Holm's method"
      case .hochberg: "Hochberg's method"
      case .bh: "Benjamini and Hochberg's method"
      case .by: "Benjamini and Yekutieli's method"
      }
    }
  }

  /// The screening rules: which of them hold for the main figures, and their limits. Shares are between 0 and 1.
  public struct ScreeningRules: Sendable, Equatable {
    public var apply: [Rule] = [.catches]
    public var referenceBelow = 0.9, referenceShare = 0.15
    public var anchorAbove = 0.9, anchorShare = 0.15
    public var catchesFailed = 0.5
    public var repeatsBelow = 0.2
    /// Seconds for each rating of a page, and the share of pages that may be quicker.
    public var secondsPerRating = 1.0, fastShare = 0.25
    public var straightShare = 0.5
    public var outlierMADs = 3.5
    public var subjectMADs = 3.5

    public init() {}
  }

  /// No rule looks at any system's ranking: listeners are judged by what they heard, never by whom they agree with.
  public enum Rule: String, Sendable, CaseIterable {
    case reference, anchor, catches, repeats, speed, straight, outlier, subject
  }
}
