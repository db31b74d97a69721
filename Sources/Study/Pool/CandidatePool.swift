import Basics

/// The candidates of one item, collected from all sources.
///
/// Each system contributes its first `top_k`. The hidden reference, the anchor, and random fillers are added; fillers
/// are candidates of the condition that no system contributed. A candidate with several sources is shown once. If there
/// are more than `max_per_trial`, the reference and the anchor stay, then the systems' candidates rank by rank (which
/// system goes first is drawn for each item), then the fillers.
struct CandidatePool {
  private(set) var candidates: [PlannedCandidate] = []
  /// The number of candidates before thinning.
  private(set) var proposed = 0
  /// By system: how many of its first candidates are of another condition than asked for.
  private(set) var strange: [String: Int] = [:]
  /// The number of random fillers before thinning.
  private(set) var fillers = 0

  init(
    _ query: StudyTables.Query, rankings: [Ranking], tables: StudyTables, pool: StudyDefinition.Pool, seed: UInt64
  ) {
    let salt = "\(seed)/\(query.query)/\(query.condition)/"
    /// A fixed random order that does not depend on systems.
    func blind(_ names: [String]) -> [String] {
      names.map { ($0, ContentHash.of(salt + $0)) }.sorted { $0.1 < $1.1 }.map(\.0)
    }
    let reference = query.reference.flatMap { tables.candidates[$0]?.candidate }
    var random = SeededRandom(seed: seed, "pool", query.query, query.condition)

    // Systems in a different random order for each item, so that it is not always the same one that loses its last
    // rank.
    let asked = random.shuffled(rankings)
    let tops = asked.map { CandidatePool.top($0, pool.topK, blind) }
    for (ranking, top) in zip(asked, tops) {
      for name in top {
        guard let condition = tables.candidates[name]?.condition, !condition.isEmpty, condition != query.condition
        else { continue }
        strange[ranking.system, default: 0] += 1
      }
    }
    var names: [String] = []
    if pool.hiddenReference, let reference { names.append(reference) }
    for rank in 0..<pool.topK {
      for top in tops where rank < top.count && !names.contains(top[rank]) { names.append(top[rank]) }
    }
    if pool.randomFillers > 0 {
      let taken = Set(tops.joined()).union(names)
      let others = tables.candidateOrder.filter {
        !taken.contains($0) && $0 != reference && tables.candidates[$0]?.condition ?? "" == query.condition
      }
      fillers = min(others.count, pool.randomFillers)
      names += blind(others).prefix(fillers)
    }

    let anchor = pool.anchorLowpass == nil ? nil : reference.map { "anchor:\($0)" }
    proposed = names.count + (anchor == nil ? 0 : 1)
    let kept = names.prefix(pool.maxPerTrial - (anchor == nil ? 0 : 1)) + (anchor.map { [$0] } ?? [])
    candidates = blind(Array(kept)).map {
      PlannedCandidate($0, isReference: $0 == reference, isAnchor: $0 == anchor)
    }
  }

  /// The first `count` of a ranking, with ties in random order.
  private static func top(_ ranking: Ranking, _ count: Int, _ blind: ([String]) -> [String]) -> [String] {
    guard count > 0, ranking.entries.count > count else { return ranking.entries.prefix(count).map(\.candidate) }
    let limit = ranking.entries[count - 1].rank
    let sure = ranking.entries.prefix { $0.rank < limit }.map(\.candidate)
    let tied = ranking.entries.filter { $0.rank == limit }.map(\.candidate)
    return sure + (tied.count == 1 ? tied : blind(tied)).prefix(count - sure.count)
  }

  /// The candidates of an attention check: the item's true sample, and candidates of other conditions, in total as many
  /// as the item has. Sounds that are heard in the study anyway are preferred. Empty if the reference is unknown or
  /// there are not enough candidates.
  static func catchCandidates(
    _ query: StudyTables.Query, count: Int, heard: Set<String>, tables: StudyTables, seed: UInt64
  ) -> [PlannedCandidate] {
    guard let reference = query.reference, tables.candidates[reference] != nil, count > 1, !query.condition.isEmpty
    else { return [] }
    let others = tables.candidateOrder.filter {
      let condition = tables.candidates[$0]?.condition ?? ""
      return !condition.isEmpty && condition != query.condition
    }
    guard others.count >= count - 1 else { return [] }
    var random = SeededRandom(seed: seed, "catch", query.query, query.condition)
    let shuffled = random.shuffled(others)
    let chosen = (shuffled.filter(heard.contains) + shuffled.filter { !heard.contains($0) }).prefix(count - 1)
    return [PlannedCandidate(reference, isReference: true)] + chosen.map { PlannedCandidate($0) }
  }
}
