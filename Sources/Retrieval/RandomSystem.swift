import Basics

/// Ranks at random: the floor for every other system. A distance is drawn from seed, query, condition and candidate, so
/// it depends neither on the order of the library nor on what else it contains.
struct RandomSystem: RankingSystem {
  var seed: UInt64

  let name = "random"
  let hears = Hearing.nothing
  let summary = "a seeded random number for each query and candidate"

  func prepare(_ candidates: [Candidate], features: FeatureStore, progress: ProgressHandler?) -> any PreparedSystem {
    Prepared(seed: seed, ids: candidates.map(\.id))
  }

  private struct Prepared: PreparedSystem {
    var seed: UInt64
    var ids: [String]

    func distances(of query: Query, to places: [Int]) -> [Double] {
      places.map { place in
        var random = SeededRandom(seed: seed, "rank", query.id, query.condition, ids[place])
        return random.unit()
      }
    }
  }
}
