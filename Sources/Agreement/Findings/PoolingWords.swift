import Basics
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
        "What a system's own order brought to a page is not compared with what others brought, since there even an "
        + "order at random would look opposed to listeners. The table 'pooling' has the figures as they would be without "
        + "this."
        + (hasDrawn
          ? ""
          : " Where no candidates were drawn at random, nothing tells whether a system's first ones are better than chance"
            + " but their mean rating: add 'random_fillers' to the next study.")
        + (source == .inferred ? " If pages came about in another way, say 'pooling: none' in the plan." : ""),
      count: items)
  }

  var methods: Prose {
    "Pages held " + first + others + "," + known
      + ". Selection by the orders that are judged biases comparisons across it, so a system's order was compared with ratings only within strata whose candidates a random order would exchange: those that other systems had put on the page anyway (first \(sureRanks == topK ? "places" : "\(sureRanks, "place")")), and those that were there only by its own order or drawn at random. A page's figure is the mean of its strata's, each weighted by its candidates less one (Newson 2006); two listeners, the crowd and permutations were taken in the same strata, which are a system's own. It describes order among such candidates, not in the whole library. NDCG, rank-biased overlap, precision and mean ratings look at a system's first places and stand on all candidates."
  }

  static let citations = [
    "Newson, R. (2006). Confidence intervals for rank statistics: Somers' D and extensions. Stata Journal 6(3).",
    "Zobel, J. (1998). How reliable are the results of large-scale information retrieval experiments? SIGIR.",
    "Horvitz, D. G. & Thompson, D. J. (1952). A generalization of sampling without replacement from a finite universe. Journal of the American Statistical Association 47.",
  ]
}
