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
  public var screening = Screening()
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
    case rule(Pooling.Rule)
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
  public struct Screening: Sendable, Equatable {
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

extension AnalysisPlan {
  /// The default plan as a file that can be saved and edited. Reading it gives `AnalysisPlan()`.
  public static let text = """
    # Earshot's analysis plan. Write it before the data; its hash stands in results.json.
    # Every key may be left out; what stands here is what holds then.

    title: ""                   # of the report; empty: named after the ratings table

    # --- the table -------------------------------------------------------------------------------------------------
    columns: {}                 # for tables from elsewhere, ours: theirs, as in {participant: subject, query: item};
                                # wide: [a, b] says that columns a and b hold the ratings of candidates a and b
    scale: []                   # [lowest, highest]; empty: scale_min and scale_max, or else what the ratings show
    reference: []               # candidates that are the hidden reference, if no column is_reference says so
    anchor: []                  # candidates that are the low anchor, if no column is_anchor says so

    # --- the question ----------------------------------------------------------------------------------------------
    metric: spearman            # spearman, kendall_tau_b, kendall_tau_a or rho_a: the figure that the verdict is about
    systems: []                 # systems to judge, in this order; empty: all in the rankings
    baseline: random            # the others are compared with it; empty, or not in the rankings: every pair
    conditions: []              # as in [kick, snare, hihat]; empty: all in the ratings
    top_k: 5                    # for the mean rating, precision, NDCG and hits of a system's first places
    similar_from: 0.6           # share of the scale: a candidate rated so high counts as similar (precision)
    tie_band: 0.05              # share of the scale: closer ratings say nothing about a pair's order (pair accuracy)
    min_candidates: 3           # pages on which a system ranks fewer candidates are left out, and counted
    unranked: drop              # rated candidates that a system did not rank: drop, or last (they share the last place)
    pooling: auto               # how pages got their candidates: auto (as the export says, or as ranks on the pages show),
                                # none (not by these rankings), or as in {top_k: 3, random_fillers: 4}, with systems and
                                # max_per_trial where study.yaml had them; what selection confounds is not compared
    reference_in_agreement: exclude   # the hidden reference and the anchor only check listeners: exclude, or include
    candidates: auto            # where most recur from query to query they are a sample too: auto, or fixed (the same
                                # name is another sound elsewhere, or what is said shall hold for these only)

    # --- the claim -------------------------------------------------------------------------------------------------
    verdict:
      margin: 0.1               # model-human less human-human agreement within this margin is "comparable"
      score_margin: {}          # of systems' mean scores that count as equal, in points: 5, or {mushra: 5, acr: 0.3}, by trial
                                # type or scale; a system is then better, equivalent, worse or undecided
      alpha: 0.05               # error rate of each of the two one-sided tests (TOST)
      method: dual              # the interval that decides, as below; expanded_bca says "comparable" falsely more
                                # rarely, and misses two of three systems that are comparable where data are sparse

    # --- the listeners ---------------------------------------------------------------------------------------------
    screening:
      apply: [catches]          # rules that hold for the main figures; the report shows the effect of each
      reference: {below: 0.9, share: 0.15}      # hidden reference under 90 % of the scale in more than 15 % of items
      anchor: {above: 0.9, share: 0.15}         # anchor over 90 % of the scale in more than 15 % of items
      catches: {failed: 0.5}                    # more than half of the catch trials failed
      repeats: {below: 0.2}                     # Spearman between first and second showing, mean
      speed: {seconds_per_rating: 1, share: 0.25}   # over a quarter of pages answered faster than this
      straight: {share: 0.5}                    # over half of pages with one and the same rating
      outlier: {mads: 3.5}                      # leave-one-out agreement so many MADs below the median
      subject: {mads: 3.5}                      # bias or inconsistency by the ITU-T P.913 model, in MADs

    # --- the numbers -----------------------------------------------------------------------------------------------
    intervals:
      confidence: 0.95
      resamples: 10000          # of listeners and queries, crossed
      method: dual              # dual (nearest to what it promises), percentile, bca or expanded_bca
      seed: 1
      goal: {}                  # half the width that intervals are to come down to, as in 4 or {mushra: 4, agreement: 0.1};
                                # earshot analyze --watch tells how near a running study is
    stopping: {}                # as in {listeners: 48}: the study ends there, or before as soon as every verdict is told; one
                                # may look at any time, and intervals and verdicts keep their errors (docs/results.md)
    permutations: 1000          # of candidates within queries (chance) and of signs over queries (p-values)
    correction: holm            # of p-values for multiple comparisons: holm, hochberg, bh or by
    models:                     # of ratings by distance, listeners and queries random
      linear: auto              # linear mixed models: auto (where a system ranks), or never
      ordinal: never            # cumulative-link mixed models, which take longer: never, auto (at most 11 different
                                # ratings, 20000 in all), always

    """
}
