import Basics
import Foundation
import Study

/// What a population of listeners would hear without any noise: the true similarity of every candidate to the drum
/// asked for. It is stated, so that an analysis can be compared with it.
public struct Ear: Sendable {
  /// Identifies a similarity, which is from 0 (nothing alike) to 1 (the same sound), by query, condition and candidate.
  public struct Key: Hashable, Sendable {
    /// Names as in the design. `query` is the sound beside the candidates, and empty if there is none.
    public var query, condition, candidate: String

    public init(query: String, condition: String, candidate: String) {
      self.query = query
      self.condition = condition
      self.candidate = candidate
    }
  }

  /// From 0 to 1. The ear does not know sounds that are left out.
  public var truth: [Key: Double]

  public init(truth: [Key: Double]) { self.truth = truth }

  /// The true similarity; nil for a sound that the ear does not know. `query` is empty if none is played.
  public func similarity(query: String, condition: String, candidate: String) -> Double? {
    truth[Key(query: query, condition: condition, candidate: candidate)]
  }

  /// An ear that hears acoustic distance: similarity is `exp(-distance / median distance of the pool)`, with the
  /// distance between a candidate and the sample that really plays in the mix. The sample itself has distance 0, and so
  /// similarity 1.
  ///
  /// - Parameter features: a vector for each stimulus of the design, all of the same length; distance is Euclidean. The
  ///   caller chooses what they measure, which defines the ear.
  /// - Throws: `Problems` naming the items whose true sample is unknown or whose sounds have no features.
  public static func acoustic(_ design: StudyDesign, features: [String: [Float]]) throws -> Ear {
    var truth: [Key: Double] = [:]
    var problems: [Problem] = []
    for item in pools(design) {
      // Versions without a sound to compare with are compared with their reference. If there is none, and for single sounds,
      // the similarity is a random number drawn by the name of the system or sound, and low-passed sounds have a fixed low one.
      let isSet = item.candidates.count > 1 && item.candidates.allSatisfy { $0.system == nil }
      let unheard = (item.reference ?? item.hiddenReference?.candidate).flatMap {
        item.sound == nil ? features[$0] : nil
      }
      guard let sound = item.sound ?? (isSet ? item.candidates[0].candidate : unheard.map { _ in "" }) else {
        for candidate in item.candidates + item.catchCandidates {
          var random = SeededRandom(
            seed: 1, "system", candidate.system ?? candidate.source?.rendering ?? candidate.candidate)
          truth[Key(query: "", condition: item.condition, candidate: candidate.candidate)] =
            candidate.source?.lowpass != nil ? 0.05 : random.unit()
        }
        continue
      }
      // If the query itself is played, candidates are compared with the true sample if it has features; otherwise with
      // the sound that is played.
      let target =
        item.sound == nil && !isSet
        ? unheard : sound == item.query ? item.reference.flatMap { features[$0] } ?? features[sound] : features[sound]
      guard isSet || item.reference != nil || sound != item.query, let target else {
        problems.append(
          Problem(
            "the true sample of \(item.query) for \(item.condition) is unknown",
            mend: "A simulated ear needs the column 'reference' in the queries' table."))
        continue
      }
      var distances: [String: Double] = [:]
      for candidate in (item.candidates + item.catchCandidates).map(\.candidate) {
        guard let vector = features[candidate] else {
          problems.append(Problem("there are no features of '\(candidate)'", mend: "Prepare the study's sounds again."))
          continue
        }
        distances[candidate] = zip(vector, target).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }.squareRoot()
      }
      let pool = item.candidates.compactMap { distances[$0.candidate] }.filter { $0 > 0 }.sorted()
      let scale = pool.isEmpty ? 1 : pool[pool.count / 2]
      for (candidate, distance) in distances {
        // In a set without a query, each sound is compared with the first one.
        truth[Key(query: item.sound ?? "", condition: item.condition, candidate: candidate)] = exp(-distance / scale)
      }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    return Ear(truth: truth)
  }

  /// The candidates of each query and condition, over all blocks and pages.
  private static func pools(_ design: StudyDesign) -> [StudyDesign.Item] {
    var pools: [StudyDesign.Item] = []
    var places: [[String]: Int] = [:]
    for item in design.blocks.joined() {
      guard let place = places[[item.query, item.condition, item.sound ?? ""]] else {
        places[[item.query, item.condition, item.sound ?? ""]] = pools.count
        pools.append(item)
        continue
      }
      for one in item.candidates where !pools[place].candidates.contains(one) { pools[place].candidates.append(one) }
      for one in item.catchCandidates where !pools[place].catchCandidates.contains(one) {
        pools[place].catchCandidates.append(one)
      }
    }
    return pools
  }

  /// An ear that hears no differences: a group whose ratings agree with nothing.
  public static func deaf(_ design: StudyDesign) -> Ear {
    var truth: [Key: Double] = [:]
    for item in design.blocks.joined() {
      for candidate in item.candidates + item.catchCandidates {
        truth[Key(query: item.sound ?? "", condition: item.condition, candidate: candidate.candidate)] =
          0.5
      }
    }
    return Ear(truth: truth)
  }

  /// Writes the truth as a table: query, condition, candidate, similarity.
  public func write(to url: URL) throws {
    try TableWriter.write(url, columns: ["query", "condition", "candidate", "similarity"]) { table in
      let order = truth.sorted {
        ($0.key.query, $0.key.condition, $0.key.candidate) < ($1.key.query, $1.key.condition, $1.key.candidate)
      }
      for (key, similarity) in order { try table.row([key.query, key.condition, key.candidate, similarity]) }
    }
  }
}
