import Agreement
import Basics
import Foundation
import Ratings
import Statistics

/// Intraclass correlations of complete data whose candidates cluster in queries: intervals from the analysis of
/// variance, as in earlier versions, and from resampling listeners and queries.
func clusters(studies: Int) throws {
  print(
    """

    ## Complete data in clusters
    All listeners rate eight candidates per query, and candidates of the same query are more alike than others (variances: \
    query 1, candidate 1, listener 0.2, noise 1). Coverage of 95 % intervals of intraclass correlations: by the analysis of \
    variance, which treats candidates as independent, and with listeners and queries resampled. \(studies) simulated studies \
    per row.

    | listeners × queries | figure | analysis of variance | resampled |
    |---|---|--:|--:|
    """)
  let truths = ["icc_a_1": 2 / 3.2, "icc_c_1": 2.0 / 3]
  for (listeners, queries) in [(10, 10), (20, 20)] {
    let found = try parallelMap(Array(0..<studies)) { number -> [String: (Bool, Bool)] in
      var random = SeededRandom(seed: 5, "clusters", "\(listeners) × \(queries)", "\(number)")
      let levels = (0..<listeners).map { _ in 0.2.squareRoot() * random.normal() }
      var rows = Array(repeating: [Double?](), count: listeners), text = "participant,query,candidate,rating\n"
      for query in 0..<queries {
        let own = random.normal()
        for candidate in 0..<8 {
          let quality = own + random.normal()
          for listener in 0..<listeners {
            let rating = quality + levels[listener] + random.normal()
            rows[listener].append(rating)
            text += "l\(listener),q\(query),c\(query)-\(candidate),\(rating)\n"
          }
        }
      }
      var plan = AnalysisPlan()
      plan.resamples = 100
      let table = try Analysis(ratings: ratingTable(text, plan), rankings: [], plan: plan).findings()["reliability"]
      guard let table, let six = Intraclasses(UnitRatings(rows)) else { return [:] }
      let plain = ["icc_a_1": six.agreementSingle.interval, "icc_c_1": six.consistencySingle.interval]
      return truths.reduce(into: [:]) { found, figure in
        let row = table.rows(where: ["figure": figure.key])[0]
        let drawn = table.number(row, "low").flatMap { low in
          table.number(row, "high").map { Interval(low: low, high: $0) }
        }
        found[figure.key] = (
          plain[figure.key]?.contains(figure.value) ?? false, drawn?.contains(figure.value) ?? false
        )
      }
    }
    for figure in truths.keys.sorted() {
      print(
        "| \(listeners) × \(queries) | \(figure) | \(share(found.count { $0[figure]?.0 ?? false }, of: studies)) | \(share(found.count { $0[figure]?.1 ?? false }, of: studies)) |"
      )
    }
  }
}
