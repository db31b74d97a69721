import Basics
import Ratings
import Reporting

/// How a report describes pages whose candidates the systems themselves selected.
extension Pooling {
  private var first: Prose {
    topK > 1000
      ? "the candidates that each of \(systems.joined(separator: ", ")) ranked"
      : topK == 1
        ? "the first candidate of each of \(systems.joined(separator: ", "))"
        : "the first \(topK, "candidate") of each of \(systems.joined(separator: ", "))"
  }

  private var others: Prose {
    if drawn == 0 { return " and none drawn at random" }
    return itemsWithDrawn == items && drawn % items == 0
      ? " and \(drawn / items) drawn at random"
      : " and \(drawn) drawn at random for \(itemsWithDrawn) of \(items, "item")"
  }

  private var known: Prose {
    switch source {
    case .plan: " as the analysis plan says"
    case .export: " as the export says"
    case .inferred: " as the rankings and the pages show"
    }
  }

  var remark: Remark {
    let hasDrawn = itemsWithDrawn == items
    return Remark(
      code: "pooled_pages", weight: hasDrawn ? .note : .caution,
      what: "Pages hold " + first + others + "," + known + ".",
      meaning:
        "Candidates that a system's own order brought to a page are not compared with those that others brought, because "
        + "there even a random order would seem to contradict listeners. Table 'pooling' shows the figures without this "
        + "restriction."
        + (hasDrawn
          ? ""
          : " Where no candidates were drawn at random, only their mean rating can show whether a system's first candidates"
            + " are better than chance: add 'random_fillers' to the next study.")
        + (source == .inferred ? " If pages were filled in another way, set 'pooling: none' in the plan." : ""),
      count: items)
  }

  var methods: Prose {
    "Pages held " + first + others + "," + known
      + ". Comparing candidates that the orders under test selected in different ways would be biased, so a system's order was compared with ratings only within strata of candidates that are exchangeable under a random order: those that other systems had put on the page anyway (their first \(sureRanks == topK ? "places" : "\(sureRanks, "place")")), and those that were there only because of its own order or were drawn at random. A page's figure is the mean over its strata, each weighted by its number of candidates minus one (Newson 2006); agreement between two listeners, agreement with the crowd and permutations use the same strata, which differ between systems. It describes order among such candidates, not in the whole library. NDCG, rank-biased overlap, precision and mean ratings concern a system's first places and use all candidates."
  }

  static let citations = [
    "Newson, R. (2006). Confidence intervals for rank statistics: Somers' D and extensions. Stata Journal 6(3).",
    "Zobel, J. (1998). How reliable are the results of large-scale information retrieval experiments? SIGIR.",
    "Horvitz, D. G. & Thompson, D. J. (1952). A generalization of sampling without replacement from a finite universe. Journal of the American Statistical Association 47.",
  ]
}
