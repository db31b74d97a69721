import Basics
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
        ? "No listener was left out. "
        : "The screening rules applied (\(rules)) left out \(all - kept, "listener"); no rule looks at a system's ranking. ")
    return text
      + "The figures stand on \(sample.pages.count, "page") (one listener's ratings of one query in one trial) of \(kept, "listener"); training, catch and repeat trials are not among them. The design need not be complete: what a figure left out is counted beside it."
  }

  private var figures: Prose {
    let reference: Prose =
      plan.includeReference
      ? "The hidden reference took part. " : "The hidden reference and the anchor only served to check listeners. "
    return
      "Agreement is \(plan.metric.title) between a system's ranks and the ratings, with ties exact. Individual agreement is computed on each page and averaged over pages; pages with fewer than \(plan.minimumCandidates) ranked candidates, and pages of one and the same rating, are left out. Consensus agreement is computed on the candidates' mean ratings, query by query; where the pages of a query hold different candidates, listeners' additive effects (least squares) are taken out first. "
      + reference
      + "NDCG is cut at \(plan.topK), with the share of the scale as linear gain, and five times that share as exponential gain; pair accuracy leaves out pairs of ratings closer than \(plan.tieBand * 100, digits: 0) % of the scale; a candidate counts as similar from \(plan.similarFrom * 100, digits: 0) % of the scale; rank-biased overlap has a persistence of 0.9 (Webber, Moffat & Zobel 2010)."
      + (whole.pooling.map { " " + $0.methods } ?? "")
  }

  /// The methods of a study without rankings.
  private var listenersOnly: Prose {
    "There are no rankings, so the listeners were compared with one another only. Intervals (\(plan.confidence * 100, digits: 0) %) resample listeners and queries; those of mean ratings rest on at most \(min(plan.resamples, 2000), "resample"), those of repeated ratings and of Krippendorff's alpha on at most \(min(plan.resamples, 1000)), intraclass correlations on \(100) (above \(400, "listener") these have no interval). The definition of each figure stands beside it in its table."
  }

  private var ceilings: Prose {
    "Chance is the mean over \(plan.permutations) permutations of a system's ranks among the candidates of each query\(sample.candidates == nil ? "" : ", whole candidates being permuted the same way in all queries"). The ceiling of another listener is the mean agreement of two listeners' pages on the candidates they share, over all pairs of listeners who rated the same query; the crowd's are the agreement of a page with the mean of the others (lower) and of all (upper). The verdict compares a system's individual agreement with that of another listener by two one-sided tests: superior, comparable and inferior mean that the \((1 - 2 * plan.alpha) * 100, digits: 0) % interval of the difference lies above, within and below ±\(plan.margin); otherwise the data do not decide. That interval, and the one-sided p-values that go with it, are \(plan.verdictInterval.words). With fewer than \(Verdict.leastQueries, "query") or \(Verdict.leastListeners, "listener") nothing is claimed."
  }

  private var inference: Prose {
    return
      "Intervals (\(plan.confidence * 100, digits: 0) %) take listeners and queries both as random: \(plan.resamples, "resample") draw both with replacement, a pair of listeners weighing the product of their multiplicities and no listener meeting a copy of itself. Each figure is resampled from the listeners and queries that it stands on. \(recurring)They are \(plan.interval.words), except for figures of averaged ratings (consensus, crowd), whose resamples are biased downwards and whose intervals are the estimate ± t times the resamples' standard error. Some tables stand on fewer resamples: mean ratings, pairs of listeners, the contrast over listeners alone and the one-factor parts of dual-factor intervals on at most \(min(plan.resamples, 2000)), figures of averaged ratings, screening, repeated ratings and Krippendorff's alpha on at most \(min(plan.resamples, 1000)), intraclass correlations on \(100) (above \(400, "listener") these have no interval). A figure that stands on nearly all listeners and queries, nine tenths of both, is resampled with the whole. Where no resample differs there is no interval. A share that is 0 or 1 in the whole sample has Wilson's (1927) interval, of as many cases as there are listeners or queries, whichever are fewer. Systems are compared page by page, on the candidates that both rank and on the same resamples; p-values are of the intervals beside them (where there is none, of flipping signs of query means) and are corrected by \(plan.correction.words) within each condition; with fewer than \(Verdict.leastQueries, "query") or \(Verdict.leastListeners, "listener") a difference has no interval. The alternative annotator test uses epsilon \(0.1) and Benjamini–Yekutieli correction. "
      + calibration
  }

  /// The methods if candidates are treated as a third sample.
  private var recurring: Prose {
    guard let candidates = sample.candidates else { return "" }
    return
      "\(candidates.count, "candidate") recur from query to query and are a third sample: dual intervals of agreement, differences and mean ratings add the variance of leaving them out one by one (in \(RecurringCandidates.mostGroups, "group") where they are more), with t of the fewest of listeners, queries and those candidates that a figure stands on, and there is none where a figure is undefined without one of them; other intervals speak of these candidates only. "
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
      : " The verdict rests on its own interval because a difference of agreements is skewed, and the interval of a system's agreement may therefore be narrower than the verdict suggests."
    // Coverage that is more than three points off; docs/calibration.md lists them.
    let off: Prose =
      switch plan.interval {
      case .dual:
        " Off by more than three points were, with 10 listeners and 50 queries and a system better than another listener, NDCG (91.0 %) and the share of another listener's agreement (91.5 %), and, too long, with 10 listeners who rate sparsely, the difference from another listener (to 99.0 %) and that share (98.8 %)."
      case .percentile, .bca:
        " Off by more than three points were designs of 50 listeners and ten queries and NDCG of ten listeners and 50 queries (too short) and, where listeners rate sparsely, the difference from another listener's agreement and the share of it (too long)."
      case .expandedBCa: " Off by more than three points were many designs, all too long."
      }
    return
      "In simulated studies with 10 to 50 listeners and queries and two systems, one worse and one better than another listener (docs/calibration.md), 95 % intervals made this way held the truth of Spearman agreement, its difference from and share of another listener's, top ratings and NDCG in "
      + coverage + ", and at the margin a verdict made this way said \u{201c}comparable\u{201d} falsely in at most "
      + falsely + " where 5 % are meant." + off + difference
  }

  private static func replayed(_ findings: Findings) -> Prose {
    guard let count = findings.inputs.replayed else { return "" }
    return "The resamples were not drawn but read from a file that holds \(count) of them. "
  }

  /// The program, the seed and the plan of the analysis.
  static func computing(_ findings: Findings) -> Prose {
    let plan = findings.plan
    let fixed: Prose =
      switch findings.inputs.planWasFixedBefore {
      case true?: "The study's records hold it from before the first rating."
      case false?: "The study's records do not hold this plan from before the first rating."
      case nil: "Nothing says whether it was fixed before the first rating."
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
