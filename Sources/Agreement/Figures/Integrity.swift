import Basics
import Ratings
import Statistics
import Study

/// What is odd about the tables; reported before any figure. Each remark says what it means.
struct Integrity {
  let study: RatedStudy
  let rankings: [Ranking]
  let plan: AnalysisPlan
  let table: RatingTable
  /// The listeners who are kept.
  let sample: Sample

  var remarks: [Remark] {
    Self.sorted(
      NameCheck(table, rankings: rankings).remarks + mixed + rows + pages + pooled + listeners
        + sample.unevenListeners() + systems
        + candidates + orders + transposed)
  }

  /// Remarks sorted by weight, the most serious first.
  static func sorted(_ remarks: [Remark]) -> [Remark] {
    remarks.enumerated().sorted { (-weight($0.element), $0.offset) < (-weight($1.element), $1.offset) }.map(\.element)
  }

  /// Remarks on how the tables were read, where that is not obvious.
  static func remarks(_ notes: TableNotes) -> [Remark] {
    notes.all.map { note in
      Remark(
        code: note.kind == .names ? "names_trimmed" : "table_read", weight: note.isAlarm ? .alarm : .note,
        what: "\(note.place.file): \(note.what).",
        meaning: note.isAlarm
          ? "They are treated as the same. First seen at \(note.place)."
          : "If that is right, there is nothing to fix. First seen at \(note.place).", count: note.count)
    }
  }

  /// A remark on ratings or choices from several versions of a study that are analysed together.
  static func versions(_ versions: Names, _ rows: [Int], of kind: String) -> [Remark] {
    guard versions.count > 1 else { return [] }
    let counts = zip(versions.all, rows).map { "\($0.prefix(12)) (\($1))" }
    return [
      Remark(
        code: "versions_pooled", weight: .caution,
        what:
          "The \(kind) come from \(versions.count, "version") of the study, analysed together: \(counts.prefix(5).joined(separator: ", "))\(counts.count > 5 ? " …" : "").",
        meaning: "Sounds, scales or questions differed between them. Analyse each separately, or make sure that what "
          + "changed does not matter.", count: versions.count)
    ]
  }

  /// Remarks on data that are analysed together although they may not belong together.
  private var mixed: [Remark] {
    var found = Self.versions(table.studyVersions, table.studyVersionRows, of: "ratings")
    if let (first, other, line) = table.scalesDiffer {
      found.append(
        Remark(
          code: "scales_pooled", weight: .caution,
          what:
            "The ratings are on different scales, analysed together: \(first.lowerBound.cellText) to \(first.upperBound.cellText), and \(other.lowerBound.cellText) to \(other.upperBound.cellText) in line \(line).",
          meaning:
            "Orders within a page remain valid; mean ratings across scales are meaningless. Analyse each separately.",
          count: 1))
    }
    return found
  }

  private static func weight(_ remark: Remark) -> Int {
    Remark.Weight.allCases.firstIndex(of: remark.weight) ?? 0
  }

  private func places(_ places: [Place]) -> String {
    places.isEmpty ? "" : " First seen at \(places.map(\.description).joined(separator: ", "))."
  }

  private var rows: [Remark] {
    let dropped = study.dropped
    var found: [Remark] = []
    if dropped.duplicates > 0 {
      found.append(
        Remark(
          code: "duplicate_ratings", weight: .alarm,
          what:
            "\(dropped.duplicates, "rating repeats", "ratings repeat") a listener's rating of the same candidate on the same page.",
          meaning: "Only the first counts. Rows may have been exported twice, or a repeat is not marked by "
            + "is_repeat or trial.\(places(dropped.duplicatePlaces))", count: dropped.duplicates))
    }
    if dropped.outside > 0 {
      found.append(
        Remark(
          code: "outside_scale", weight: .alarm,
          what:
            "\(dropped.outside, "rating lies", "ratings lie") outside the scale of \(study.scale.lowerBound, digits: 0) to \(study.scale.upperBound, digits: 0).",
          meaning: "They are used unchanged. Check the scale, or the export.\(places(dropped.outsidePlaces))",
          count: dropped.outside))
    }
    if dropped.missing > 0 {
      found.append(
        Remark(
          code: "missing_ratings", weight: .note, what: "\(dropped.missing, "cell holds", "cells hold") no rating.",
          meaning: "They are omitted; nothing is imputed.", count: dropped.missing))
    }
    if !study.scaleIsStated {
      found.append(
        Remark(
          code: "scale_unknown", weight: .caution,
          what:
            "The scale is assumed to run from \(study.scale.lowerBound.cellText) to \(study.scale.upperBound.cellText), the range of the ratings.",
          meaning:
            "Shares of the scale (reference rule, precision, NDCG) depend on it. Set scale: [low, high] in the plan.",
          count: 1))
    }
    if dropped.trialsMerged {
      found.append(
        Remark(
          code: "trials_merged", weight: .note,
          what:
            "The column trial differs for each rating, so a listener's ratings of an item were combined into one page.",
          meaning: "Rank agreement needs several ratings per page.", count: 1))
    }
    if dropped.otherConditions > 0 {
      found.append(
        Remark(
          code: "other_conditions", weight: .note,
          what:
            "\(dropped.otherConditions, "rating belongs", "ratings belong") to conditions that are not in the plan.",
          meaning: "They are not analysed.", count: dropped.otherConditions))
    }
    return found
  }

  private var pages: [Remark] {
    let main = study.pages.filter(\.isMain)
    let constant = main.count { $0.ratings.count > 1 && PageFigures.isConstant($0.ratings.span) }
    if constant == 0 { return [] }
    return [
      Remark(
        code: "constant_pages", weight: .note,
        what:
          "\(constant) of \(main.count, "page") \(OneAndMany.words(constant, "has", "have")) the same rating for every candidate.",
        meaning: "Such a page has no order: it is omitted from rank agreement, but counts in mean ratings.",
        count: constant)
    ]
  }

  private var pooled: [Remark] { study.pooling.map { [$0.remark] } ?? [] }

  /// Listeners whose answers are identical to another listener's.
  private var listeners: [Remark] {
    struct Answers: Hashable { var values: [Double], places: [Int] }
    var answers = Array(repeating: Answers(values: [], places: []), count: study.listeners.count)
    for page in study.pages where page.isMain && !PageFigures.isConstant(page.ratings.span) {
      answers[page.listener].values += page.ratings
      answers[page.listener].places += page.candidates.map { page.item << 20 | $0 }
    }
    let groups = Dictionary(grouping: answers.indices.filter { answers[$0].values.count >= 8 }) { answers[$0] }
      .values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
    if groups.isEmpty { return [] }
    let names = groups.map { $0.map { study.listeners[$0] }.joined(separator: " = ") }.joined(separator: "; ")
    return [
      Remark(
        code: "duplicate_listeners", weight: .alarm,
        what: "\(groups.count, "group") of listeners gave exactly the same ratings: \(names).",
        meaning: "One person's data may have been entered twice. Intervals treat listeners as independent.",
        count: groups.count)
    ]
  }

  private var systems: [Remark] {
    var found: [Remark] = []
    var ratedCandidates = study.items.map { Array(repeating: false, count: $0.candidates.count) }
    for page in study.pages where page.isMain {
      for candidate in page.candidates { ratedCandidates[page.item][candidate] = true }
    }
    let rated = ratedCandidates.indices.filter { ratedCandidates[$0].contains(true) }
    if study.systems.isEmpty {
      found.append(
        Remark(
          code: "no_rankings", weight: .caution, what: "There are no rankings.",
          meaning: "Only the listeners can be analysed.", count: 1))
    }
    for (number, system) in study.systems.enumerated() {
      var all = 0, ranked = 0, items = 0
      for i in rated {
        let item = study.items[i]
        if item.rankingSizes[number] == 0 { items += 1 }
        for candidate in item.candidates.indices
        where ratedCandidates[i][candidate] && item.flags[candidate].isDisjoint(with: [.reference, .anchor]) {
          all += 1
          ranked += item.ranks[number][candidate].isNaN ? 0 : 1
        }
      }
      if items > 0 {
        found.append(
          Remark(
            code: "items_unranked", weight: items == rated.count ? .alarm : .caution,
            what: "\(system) ranks nothing for \(items) of \(rated.count) rated items.",
            meaning: items == rated.count
              ? "Do queries and conditions have the same names in both tables?"
              : "Its figures are based on the other items only.", count: items))
      }
      if ranked < all, items < rated.count {
        found.append(
          Remark(
            code: "coverage", weight: .caution,
            what: "\(system) ranks \(ranked) of \(all) rated candidates.",
            meaning: plan.unranked == .drop
              ? "Its figures, and the ceilings that they are compared with, are based on these only."
              : "The others share the last place.", count: all - ranked))
      }
    }
    if study.dropped.rankingsWithoutRatings > 0 {
      found.append(
        Remark(
          code: "rankings_unrated", weight: .note,
          what:
            "\(study.dropped.rankingsWithoutRatings) of \(rankings.count, "ranking") \(OneAndMany.words(study.dropped.rankingsWithoutRatings, "is for an item", "are for items")) that nobody rated.",
          meaning: "They are not used.", count: study.dropped.rankingsWithoutRatings))
    }
    return found
  }

  /// Remarks on whether candidates are treated as a sample.
  private var candidates: [Remark] {
    if study.systems.isEmpty { return [] }
    guard let candidates = sample.candidates else {
      let rated = RecurringCandidates.Rated(sample.study, pages: sample.pages, plan: plan)
      guard plan.candidates == .auto, rated.share > 0.1 else { return [] }
      return [
        Remark(
          code: "candidates_recur", weight: .note,
          what:
            "\(rated.recurring, "candidate appears", "candidates appear") under several queries: \(100 * rated.share, digits: 0) % of what was rated.",
          meaning:
            "They are too few, or too small a share, to be treated as a sample: figures describe these candidates only.",
          count: rated.recurring)
      ]
    }
    return [
      Remark(
        code: "candidates_recur", weight: .note,
        what: "Most of what was rated recurs from query to query: \(candidates.count, "candidate").",
        meaning: "They are treated as a third sample beside listeners and queries: dual intervals of agreement, "
          + "differences and mean ratings include the variance between candidates, chance permutes whole candidates, and "
          + "linear mixed models have (1 | candidate) and (1 | query:candidate). Reliability, maps, and intervals by other "
          + "methods describe these candidates only. Set candidates: fixed in the plan if the same name means another "
          + "sound in another query.", count: candidates.count)
    ]
  }

  /// Remarks on ranks that contradict distances, and on ties.
  private var orders: [Remark] {
    var contradictions: [String: Int] = [:], ties: [String: Int] = [:], compared: [String: Int] = [:]
    for ranking in rankings where study.systems.contains(ranking.system) {
      var tied = false, contradicts = false
      for (a, b) in zip(ranking.entries, ranking.entries.dropFirst()) {
        guard let nearer = a.distance, let farther = b.distance else { continue }
        tied = tied || nearer == farther
        contradicts = contradicts || (a.rank < b.rank && nearer > farther)
      }
      compared[ranking.system, default: 0] += 1
      if tied { ties[ranking.system, default: 0] += 1 }
      if contradicts { contradictions[ranking.system, default: 0] += 1 }
    }
    var found: [Remark] = []
    for system in study.systems {
      if let count = contradictions[system] {
        found.append(
          Remark(
            code: "ranks_contradict_distances", weight: .alarm,
            what: "In \(count) of \(compared[system] ?? 0) rankings of \(system), a nearer candidate has a later rank.",
            meaning: "Ranks are used, not distances. Does a larger distance mean nearer in this table?", count: count))
      }
    }
    let tied = ties.values.reduce(0, +)
    if tied > 0 {
      found.append(
        Remark(
          code: "tied_distances", weight: .note,
          what:
            "\(tied) of \(compared.values.reduce(0, +), "ranking") \(OneAndMany.words(tied, "holds", "hold")) equal distances.",
          meaning: "If the ranks are equal too, they are ties; otherwise the given order is used.", count: tied))
    }
    return found
  }

  /// The probability that a system without any relation to the mean ratings runs as strongly against (or with) them, by
  /// permuting whole candidates; nil if candidates do not recur. If the same few sounds recur in every query, luck with
  /// them does too.
  private func chanceOfCandidates(_ sample: Sample, _ system: Int) -> Double? {
    guard let candidates = sample.candidates else { return nil }
    var sums = study.items.map { Array(repeating: 0.0, count: $0.candidates.count) }, counts = sums
    for page in sample.pages {
      for (candidate, rating) in zip(page.candidates, page.ratings) {
        sums[page.item][candidate] += rating
        counts[page.item][candidate] += 1
      }
    }
    let pages = study.items.indices.map { item in
      let rated = counts[item].indices.filter { counts[item][$0] > 0 && candidates.labels[item][$0] != nil }
      return RatingPages.Page(
        listener: 0, list: item, items: rated, values: rated.map { sums[item][$0] / counts[item][$0] })
    }
    let means = RatingPages(
      listeners: 1, queries: study.items.count,
      lists: study.items.enumerated().map { RatingPages.List(query: $0, items: $1.candidates.count) }, pages: pages)
    return means.chance(
      sample.scores(system), candidates: candidates.labels, permutations: 999, seed: plan.seed, measure: sample.measure)?
      .twoSided
  }

  /// Whether an agreement below zero is more than a system's luck with the candidates that recur. Five candidates or
  /// fewer have too few orders for a permutation test at 1 %; there, the order has to be nearly the reverse of the
  /// listeners'.
  private func isBeyondCandidates(_ agreement: Double, _ system: Int?) -> Bool {
    guard let system, let candidates = sample.candidates else { return true }
    return candidates.count <= 5 ? agreement < -0.8 : chanceOfCandidates(sample, system) ?? 0 < 0.01
  }

  private struct Pair: Hashable { var query: String, candidate: String }

  /// The mean rating of each query and candidate.
  private var meanRatings: [Pair: Double] {
    var sums: [Pair: (sum: Double, count: Double)] = [:]
    for page in study.pages where page.isMain {
      let item = study.items[page.item]
      for (candidate, rating) in zip(page.candidates, page.ratings)
      where item.flags[candidate].isDisjoint(with: [.reference, .anchor]) {
        let pair = Pair(query: study.queries[item.query], candidate: item.candidates[candidate])
        let known = sums[pair] ?? (0, 0)
        sums[pair] = (known.sum + rating, known.count + 1)
      }
    }
    return sums.mapValues { $0.sum / $0.count }
  }

  /// Whether the rankings fit the ratings better upside down, or with queries and candidates swapped.
  private var transposed: [Remark] {
    let means = meanRatings
    var found: [Remark] = []
    for system in study.systems {
      var straight: [Double] = [], crossed: [Double] = [], straightPairs = 0, crossedPairs = 0
      for ranking in rankings where ranking.system == system {
        for isCrossed in [false, true] {
          var people: [Double] = [], ranks: [Double] = []
          for entry in ranking.entries {
            let pair =
              isCrossed
              ? Pair(query: entry.candidate, candidate: ranking.query)
              : Pair(query: ranking.query, candidate: entry.candidate)
            guard let mean = means[pair] else { continue }
            people.append(mean)
            ranks.append(-Double(entry.rank))
          }
          if isCrossed { crossedPairs += people.count } else { straightPairs += people.count }
          guard people.count >= 3, let value = spearman(people, ranks) else { continue }
          if isCrossed { crossed.append(value) } else { straight.append(value) }
        }
      }
      let a = study.pooling == nil ? mean(straight) : withinStrata(system), b = mean(crossed)
      if straightPairs == 0, crossedPairs > 0 {
        found.append(
          Remark(
            code: "transposed", weight: .alarm,
            what: "The rankings of \(system) match the ratings only with queries and candidates exchanged.",
            meaning: "In one of the two tables, the columns of queries and candidates are swapped.", count: crossedPairs
          ))
      } else if let b, straight.count >= 3, crossed.count >= 3, b > (a ?? 0) + 0.3 {
        found.append(
          Remark(
            code: "transposed", weight: .alarm,
            what:
              "The rankings of \(system) agree with the mean ratings at \(a ?? 0) as given, but at \(b) with queries and candidates exchanged.",
            meaning: "A table may be transposed.", count: crossedPairs))
      } else if let a, straight.count >= 3, a < -0.4,
        isBeyondCandidates(a, study.systems.firstIndex(of: system))
      {
        found.append(
          Remark(
            code: "reversed", weight: .alarm,
            what: "The rankings of \(system) contradict the mean ratings (\(a)).",
            meaning:
              "Is rank 1 the nearest, and does a higher rating mean more similar? A poor system would lie near zero.",
            count: straight.count))
      }
    }
    return found
  }

  /// A system's agreement with the mean ratings, when candidates that its own order put on the page are compared only
  /// with those of their stratum.
  private func withinStrata(_ system: String) -> Double? {
    guard let number = study.systems.firstIndex(of: system) else { return nil }
    let pages = study.pages.filter(\.isMain)
    let statistic = AgreementStatistic(study, pages: pages, plan: plan, ceilings: false)
    var workspace = statistic.workspace(), values = Array(repeating: Double.nan, count: statistic.outputs)
    statistic.evaluate(
      .ones(listeners: study.listeners.count, queries: study.queries.count), &workspace, into: &values)
    let value = values[statistic.layout.consensus(number, .spearman, study.conditions.count)]
    return value.isNaN ? nil : value
  }
}
