import Basics
import Ratings
import Reporting
import Statistics

/// The methods paragraph, filled in from what was run, and the references that it cites.
struct Methods {
  let findings: Findings
  let sample: Sample
  let screening: Screening
  let whole: RatedStudy

  private var plan: AnalysisPlan { findings.plan }

  var paragraphs: [Prose] {
    var paragraphs = [data]
    paragraphs += whole.systems.isEmpty ? [listenersOnly] : [figures, ceilings, inference]
    if let models { paragraphs.append(models) }
    paragraphs.append(Self.computing(findings))
    return paragraphs
  }

  private var data: Prose {
    let kept = sample.study.listeners.count, all = whole.listeners.count
    let rules = plan.screening.apply.map(\.rawValue).joined(separator: ", ")
    var text: Prose =
      "\(all, "listener") rated candidates for \(whole.queries.count, "query") on a scale of \(whole.scale.lowerBound.cellText) to \(whole.scale.upperBound.cellText). "
    text =
      text
      + (rules.isEmpty
        ? "No listener was excluded. "
        : "The screening rules applied (\(rules)) excluded \(all - kept, "listener"); no rule uses a system's ranking. ")
    return text
      + "The figures are based on \(sample.pages.count, "page") (one listener's ratings for one query in one trial) from \(kept, "listener"); training trials, attention checks and repeats are not included. The design need not be complete: what a figure omits is counted beside it."
  }

  private var figures: Prose {
    let reference: Prose =
      plan.includeReference
      ? "The hidden reference and the anchor were included. "
      : "The hidden reference and the anchor were excluded from agreement and used only to check listeners. "
    return
      "Agreement is \(plan.metric.title) between a system's ranks and the ratings, with exact treatment of ties. Individual agreement is computed per page and averaged over pages; pages with fewer than \(plan.minimumCandidates) ranked candidates, and pages on which all ratings are equal, are omitted. Consensus agreement is computed per query on the candidates' mean ratings; where the pages of a query show different candidates, additive listener effects (least squares) are removed first. "
      + reference
      + "NDCG is truncated at rank \(plan.topK); its linear gain is the rating as a share of the scale, and its exponential gain uses five times that share as the exponent; pair accuracy ignores pairs of ratings that differ by less than \(plan.tieBand * 100, digits: 0) % of the scale; a candidate counts as similar if it is rated at \(plan.similarFrom * 100, digits: 0) % of the scale or above; rank-biased overlap has a persistence of 0.9 (Webber, Moffat & Zobel 2010)."
      + (whole.pooling.map { " " + $0.methods } ?? "")
  }

  /// The methods of a study without rankings.
  private var listenersOnly: Prose {
    "There are no rankings, so listeners were compared only with one another. Intervals (\(plan.confidence * 100, digits: 0) %) come from resampling listeners and queries, unless a figure's definition says otherwise; those of mean ratings use at most \(min(plan.resamples, 2000), "resample"), those of repeated ratings and of Krippendorff's alpha at most \(min(plan.resamples, 1000)), those of intraclass correlations \(100) (with more than \(400, "listener"), these have no interval). Each figure is defined beside it in its table."
  }

  private var ceilings: Prose {
    "Chance agreement is the mean over \(plan.permutations) permutations of a system's ranks among the candidates of each query\(sample.candidates == nil ? "" : ", with whole candidates permuted in the same way in all queries"). The ceiling set by another listener is the mean agreement between two listeners' pages on the candidates they share, over all pairs of listeners who rated the same query (the pairs of a query weigh together as much as its pages do in a system's agreement); the crowd's ceilings are the agreement of a page with the mean of the other listeners (lower) and of all listeners (upper). The verdict compares a system's individual agreement with that of another listener by two one-sided tests: superior, comparable and inferior mean that the \((1 - 2 * plan.alpha) * 100, digits: 0) % interval of the difference lies above, within or below ±\(plan.margin); otherwise the verdict is inconclusive. That interval, from which the one-sided p-values are also derived, is computed as \(plan.verdictInterval.words). With fewer than \(Verdict.leastQueries, "query") or \(Verdict.leastListeners, "listener"), no verdict is given."
  }

  private var inference: Prose {
    return
      "Intervals (\(plan.confidence * 100, digits: 0) %) treat both listeners and queries as random: \(plan.resamples, "resample") draw both with replacement; a pair of listeners is weighted by the product of their multiplicities, and no listener is paired with a copy of themselves. Each figure is resampled from the listeners and queries that it is based on. \(recurring)Intervals are \(plan.interval.words), except for figures of averaged ratings (consensus, crowd), whose resamples are biased downwards and whose intervals are the estimate ± t × the resamples' standard error. Some tables use fewer resamples: mean ratings, pairs of listeners, the contrast over listeners alone and the one-factor parts of dual-factor intervals at most \(min(plan.resamples, 2000)), figures of averaged ratings, screening, repeated ratings and Krippendorff's alpha at most \(min(plan.resamples, 1000)), intraclass correlations \(100) (with more than \(400, "listener"), these have no interval). A figure based on at least nine tenths of both the listeners and the queries shares the resamples of the whole sample. Where no resample differs, there is no interval. A share that is 0 or 1 in the whole sample has Wilson's (1927) interval, for as many cases as there are listeners or queries, whichever are fewer. Systems are compared page by page, on the candidates that both rank and with the same resamples; p-values are derived from the intervals beside them (without an interval, from flipping the signs of query means) and corrected for multiple comparisons by \(plan.correction.words) within each condition; with fewer than \(Verdict.leastQueries, "query") or \(Verdict.leastListeners, "listener"), a difference has no interval. The alternative annotator test uses epsilon \(0.1) and the Benjamini–Yekutieli correction. "
      + calibration
  }

  /// The methods if candidates are treated as a third sample.
  private var recurring: Prose {
    guard let candidates = sample.candidates else { return "" }
    return
      "\(candidates.count, "candidate") recur from query to query and are treated as a third sample: dual intervals of agreement, differences and mean ratings add the variance from leaving them out one by one (in \(RecurringCandidates.mostGroups, "group") if there are more), with t for the fewest of the listeners, queries and recurring candidates that a figure is based on; a figure that is undefined without one of them has no interval. Other intervals describe these candidates only. "
  }

  /// What `docs/calibration.md` found about the methods that were used.
  private var calibration: Prose {
    let coverage: Prose =
      switch plan.interval {
      case .dual: "91.0 to 99.0 %"
      case .percentile: "89.0 to 100 %"
      case .bca: "90.2 to 100 %"
      case .expandedBCa: "94.0 to 100 %"
      }
    let falsely: Prose =
      switch plan.verdictInterval {
      case .dual: "10.0 %"
      case .percentile: "10.8 %"
      case .bca: "9.8 %"
      case .expandedBCa: "7.2 %"
      }
    let difference: Prose =
      plan.interval == plan.verdictInterval
      ? ""
      : " The verdict uses its own interval because differences of agreement are skewed; the interval of a system's agreement may therefore be narrower than the verdict suggests."
    // Coverage that is more than three points off; docs/calibration.md lists them.
    let off: Prose =
      switch plan.interval {
      case .dual:
        " Coverage was off by more than three points for NDCG (91.0 %) and the share of another listener's agreement (91.5 %) with 10 listeners, 50 queries and a system better than another listener, and, with intervals that were too wide, for the difference from another listener (up to 99.0 %) and that share (98.8 %) with 10 listeners who rate sparsely."
      case .percentile, .bca:
        " Coverage was off by more than three points in designs with 50 listeners and 10 queries and for NDCG with 10 listeners and 50 queries (intervals too narrow) and, where listeners rate sparsely, for the difference from another listener's agreement and the share of it (intervals too wide)."
      case .expandedBCa:
        " Coverage was off by more than three points in many designs, always with intervals that were too wide."
      }
    return
      "In simulated studies with 10 to 50 listeners and queries and two systems, one worse and one better than another listener (docs/calibration.md), 95 % intervals computed in this way covered the true values of Spearman agreement, of its difference from and its share of another listener's, of top ratings and of NDCG in "
      + coverage
      + " of cases. At the margin, a verdict computed in this way falsely said \u{201c}comparable\u{201d} in at most "
      + falsely + " of cases, where 5 % are intended." + off + difference
  }

  private static func replayed(_ findings: Findings) -> Prose {
    guard let count = findings.inputs.replayed else { return "" }
    return "The resamples were not drawn but read from a file that contains \(count) of them. "
  }

  /// The program, the seed and the plan of the analysis.
  static func computing(_ findings: Findings) -> Prose {
    let plan = findings.plan
    let fixed: Prose =
      switch findings.inputs.planWasFixedBefore {
      case true?: "The study's records show that it was fixed before the first rating."
      case false?: "The study's records do not show that this plan was fixed before the first rating."
      case nil: "There is no record of whether it was fixed before the first rating."
      }
    let source = findings.inputs.planFile.map { "from \($0)" } ?? "the default plan"
    return
      "Computed by Earshot \(findings.inputs.version) with seed \(String(plan.seed)); the same tables, plan and seed give the same numbers on any machine. "
      + replayed(findings) + "Analysis plan: \(source), SHA-256 \(String(findings.inputs.planHash.prefix(16)))…. "
      + fixed
  }

  var citations: [String] {
    guard !whole.systems.isEmpty else {
      return Self.ofListeners
    }
    return [
      "ITU-R BS.1534-3 (2015). Method for the subjective assessment of intermediate quality level of audio systems.",
      "Kendall, M. G. & Gibbons, J. D. (1990). Rank correlation methods. 5th edition.",
      "Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association 82.",
      "Hesterberg, T. C. (2015). What teachers should know about the bootstrap. The American Statistician 69.",
      "Nili, H. et al. (2014). A toolbox for representational similarity analysis. PLoS Computational Biology 10(4).",
      AnalysisPlan.Interval.dualFactor,
      "Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach. Journal of Pharmacokinetics and Biopharmaceutics 15.",
      "Calderon, N., Reichart, R. & Dror, R. (2025). The alternative annotator test for LLM-as-a-judge.",
      "Järvelin, K. & Kekäläinen, J. (2002). Cumulated gain-based evaluation of IR techniques. ACM TOIS 20(4).",
      "Webber, W., Moffat, A. & Zobel, J. (2010). A similarity measure for indefinite rankings. ACM TOIS 28(4).",
    ] + (whole.pooling == nil ? [] : Pooling.citations) + Self.ofListeners + modelCitations
  }

  /// The references for figures of agreement among listeners.
  private static let ofListeners = [
    "Owen, A. B. (2007). The pigeonhole bootstrap. Annals of Applied Statistics 1(2).",
    "Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability.",
    "McGraw, K. O. & Wong, S. P. (1996). Forming inferences about some intraclass correlation coefficients. Psychological Methods 1.",
    "Friedman, M. (1937). The use of ranks to avoid the assumption of normality implicit in the analysis of variance. Journal of the American Statistical Association 32.",
    "Searle, S. R., Casella, G. & McCulloch, C. E. (1992). Variance components.",
    "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6.",
  ]
}
