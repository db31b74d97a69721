import Basics
import Foundation

/// What the datapackage.json beside an exported ratings table says about how the study pooled its candidates.
package struct PoolingRecord: Decodable {
  struct Pool: Decodable {
    var studyVersion: String
    var systems: [String]
    var topK, randomFillers, maxPerTrial: Int

    enum CodingKeys: String, CodingKey {
      case systems
      case studyVersion = "study_version"
      case topK = "top_k"
      case randomFillers = "random_fillers"
      case maxPerTrial = "max_per_trial"
    }
  }

  var pools: [Pool]

  enum CodingKeys: String, CodingKey { case pools = "candidate_pools" }

  /// Nil if there is no data package beside the table, or if it does not mention pools.
  package init?(beside ratings: URL) {
    let file = ratings.deletingLastPathComponent().appending(path: "datapackage.json")
    guard let data = try? InputFile.data(file), let record = try? JSONDecoder().decode(Self.self, from: data)
    else { return nil }
    self = record
  }

  /// The rule that holds for all ratings; nil if the rule of some version is unknown, or if versions differ.
  package func rule(of versions: [String]) -> PoolSettings? {
    let found = versions.map { version in pools.first { $0.studyVersion == version } }
    guard let first = found.first.flatMap(\.self) else { return nil }
    let rules = found.map { pool -> PoolSettings? in
      guard let pool, (0...1000).contains(pool.topK), (0...1000).contains(pool.randomFillers),
        (0...1000).contains(pool.maxPerTrial)
      else { return nil }
      var rule = PoolSettings()
      (rule.systems, rule.topK, rule.randomFillers) = (pool.systems, pool.topK, pool.randomFillers)
      rule.maxPerTrial = pool.maxPerTrial
      return rule
    }
    return first.topK > 0 && rules.allSatisfy { $0 != nil && $0 == rules[0] } ? rules[0] : nil
  }
}
