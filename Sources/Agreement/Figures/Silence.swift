import Basics
import Ratings
import Reporting
import Study

/// Why nothing can be said about how well a system agrees with listeners: the actual reason, with an example.
struct Silence {
  let agreement: AgreementTables
  let rankings: [Ranking]

  private var sample: Sample { agreement.sample }
  private var study: RatedStudy { agreement.sample.study }

  /// A sentence about a system (by name) that has no figure, or whose figure cannot be compared with listeners'.
  func sentence(_ system: String) -> Prose {
    guard let number = study.systems.firstIndex(of: system) else { return "\(system): no figure is available." }
    let reasons = agreement.reasons.map { $0[number] }
    let used = sample.pages.indices.filter { reasons[$0] == nil }
    if !used.isEmpty { return lonely(system, used) }
    let found = PageFigures.Unusable.allCases.map { reason in
      (reason: reason, pages: sample.pages.indices.filter { reasons[$0] == reason })
    }.filter { !$0.pages.isEmpty }
    let clauses = found.map { reason, pages -> String in
      let clause = clause(reason, sample.pages[pages[0]], number)
      return found.count == 1 ? clause : "on \(pages.count) of \(reasons.count, "page") \(clause)"
    }
    return
      "\(system) cannot be compared with listeners: \(clauses.joined(separator: "; ")). No page allows an estimate of their agreement."
  }

  /// The sentence if there is a figure, but nothing to compare it with.
  private func lonely(_ system: String, _ used: [Int]) -> Prose {
    let listeners = Set(used.map { sample.pages[$0].listener }).count
    let queries = Set(used.map { study.items[sample.pages[$0].item].query }).count
    let shown: Prose = "\(system) agrees with \(listeners == 1 ? "the one listener" : "listeners") as the table shows"
    if listeners == 1 {
      return
        "\(shown), but there is no other listener to compare it with: only \(study.listeners[sample.pages[used[0]].listener]) is left."
    }
    if Set(used.map { sample.pages[$0].item }).count == used.count {
      return
        "\(shown), but no two listeners rated the same item, so there is no agreement between listeners to compare it with."
    }
    if queries == 1 {
      return
        "\(shown), but on one query alone (\(study.queries[study.items[sample.pages[used[0]].item].query])), so the result does not generalise."
    }
    return
      "\(shown), but too few listeners rated the same items to compare it with them: \(used.count, "page") by \(listeners, "listener")."
  }

  private func clause(_ reason: PageFigures.Unusable, _ page: RatedStudy.Page, _ system: Int) -> String {
    let item = study.items[page.item], name = study.itemName(page.item), listener = study.listeners[page.listener]
    let compared = PageFigures(study: study, plan: sample.plan).shared(page, system)
    switch reason {
    case .constantRatings:
      guard Set(compared.places.map { page.ratings[$0] }).count == 1 else {
        return "all ratings within each stratum of the pooling are equal, so they have no order "
          + "(as on \(listener)'s page of \(name))"
      }
      let rating = compared.places.first.map { page.ratings[$0].cellText } ?? ""
      return
        "all ratings on a page are equal, so they have no order (\(listener) gave \(rating) to every candidate of \(name))"
    case .constantRanks:
      let distances = Set(compared.places.map { item.distances[system][page.candidates[$0]] })
      let isByDistance = distances.count == 1 && distances.allSatisfy { !$0.isNaN }
      let value = isByDistance ? distances.first?.cellText ?? "" : compared.scores.first.map { (-$0).cellText } ?? ""
      return "all its \(isByDistance ? "distances" : "ranks") on a page are equal, so they have no order "
        + "(\(value) for every candidate of \(name))"
    case .notIdentified:
      return
        "too few candidates on a page share a stratum of the pooling, so their order would reflect the selection, not "
        + "the system (as on \(listener)'s page of \(name); the plan requires \(sample.plan.minimumCandidates))"
    case .unranked: return "it ranks nothing for the rated items (\(stranger(page, system)))"
    case .tooFew:
      let ranked = page.candidates.count { !item.ranks[system][$0].isNaN }
      if ranked == 0 { return "it ranks none of the rated candidates (\(stranger(page, system)))" }
      return "it ranks too few of the rated candidates (\(compared.places.count) of "
        + "\(page.candidates.count) on \(listener)'s page of \(name); the plan requires \(sample.plan.minimumCandidates))"
    }
  }

  /// A name from each table, so the reader sees how they differ.
  private func stranger(_ page: RatedStudy.Page, _ system: Int) -> String {
    let item = study.items[page.item], query = study.queries[item.query], condition = study.conditions[item.condition]
    let own = rankings.filter { $0.system == study.systems[system] }
    let same = own.filter { $0.query == query }
    if same.isEmpty {
      let names = own.map(\.query)
      let other = Suggestion.nearest(query, among: names) ?? names.first
      return "the ratings have the query '\(query)'"
        + (other.map { ", its rankings '\($0)'" } ?? ", and it has no rankings")
    }
    guard let ranking = same.first(where: { $0.condition == condition || $0.condition.isEmpty || condition.isEmpty })
    else {
      return "the ratings of '\(query)' have the condition '\(condition)', its rankings '\(same[0].condition)'"
    }
    let names = ranking.entries.map(\.candidate)
    let rated = page.candidates.first.map { item.candidates[$0] } ?? ""
    let other = Suggestion.nearest(rated, among: names) ?? names.first
    return "the ratings of '\(query)' have '\(rated)'" + (other.map { ", its rankings '\($0)'" } ?? "")
  }
}
