import Basics
import Study

extension RankingSystem {
  /// Ranks, for every query, all candidates of its class, nearest first. Equal distances share the first of their ranks
  /// and are ordered by name, so the result depends only on the sounds.
  /// - Parameter progress: counts the one-shots while the library is prepared, then the queries.
  /// - Throws: `Problems` with all sounds that cannot be read, before any is compared; a `Problem` for a distance that
  ///   is not a number.
  public func rank(_ catalogue: Catalogue, features: FeatureStore, progress: ProgressHandler? = nil) throws -> [Ranking]
  {
    let total = catalogue.candidates.count + catalogue.queries.count
    if hears.isOwn || self is RefinedSystem {
      try features.check(catalogue.candidates.map(\.file) + catalogue.queries.map(\.file))
    }
    let prepared = try prepare(catalogue.candidates, features: features) { done, _ in progress?(done, total) }
    let places = Dictionary(
      uniqueKeysWithValues: Set(catalogue.queries.map(\.condition)).map { ($0, catalogue.places(of: $0)) })
    return try parallelMap(
      catalogue.queries, progress: { done, _ in progress?(catalogue.candidates.count + done, total) }
    ) { query in
      let places = places[query.condition, default: []]
      let matches = try prepared.matches(of: query, to: places)
      if let flaw = zip(places, matches).first(where: { !$1.distance.isFinite }) {
        throw Problem(
          "\(name) gives '\(catalogue.candidates[flaw.0].id)' a distance that is not a number",
          at: Place(file: query.file.path), mend: "Leave out one of the two sounds, or the system.")
      }
      let entries = Ranking.Entry.inOrder(
        zip(places, matches).map { place, match in
          var entry = Ranking.Entry(rank: 1, candidate: catalogue.candidates[place].id, distance: match.distance)
          entry.excerptStart = match.start
          return entry
        })
      return Ranking(query: query.id, condition: query.condition, system: name, entries: entries)
    }
  }
}
