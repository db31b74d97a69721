import Basics
import Foundation
import Study

/// What a population of listeners would hear if nobody's hand shook: the true similarity of every candidate to the
/// drum asked for. It is stated, so that an analysis can be held against it.
public struct Ear: Sendable {
  /// How similar, from 0 (nothing alike) to 1 (the same sound), by query, condition and candidate.
  public struct Key: Hashable, Sendable {
    public var query, condition, candidate: String

    public init(query: String, condition: String, candidate: String) {
      self.query = query
      self.condition = condition
      self.candidate = candidate
    }
  }

  public var truth: [Key: Double]

  public init(truth: [Key: Double]) { self.truth = truth }

  /// nil for a sound that the ear was not told about. `query` is empty where none is heard.
  public func similarity(query: String, condition: String, candidate: String) -> Double? {
    truth[Key(query: query, condition: condition, candidate: candidate)]
  }

  /// Hears acoustically: similarity falls with the distance between a candidate and the sample that really plays in
  /// the mix, `exp(-distance / median distance of the pool)`; the sample itself is at distance 0, so at similarity 1.
  ///
  /// - Parameter features: a vector for each stimulus of the design, all of one length; distance is Euclidean. What
  ///   they measure is the caller's choice and states the ear.
  /// - Throws: `Problems` naming the items whose true sample is unknown or whose sounds have no features.
  public static func acoustic(_ design: StudyDesign, features: [String: [Float]]) throws -> Ear {
    var truth: [Key: Double] = [:]
    var problems: [Problem] = []
    for item in pools(design) {
      // Versions of something that is not heard itself, or a sound alone: each system, or sound, is as good as its name
      // draws, and what is low-passed is worse than all.
      let isSet = item.candidates.count > 1 && item.candidates.allSatisfy { $0.system == nil }
      guard let sound = item.sound ?? (isSet ? item.candidates[0].candidate : nil) else {
        for candidate in item.candidates + item.catchCandidates {
          var random = SeededRandom(
            seed: 1, "system", candidate.system ?? candidate.source?.rendering ?? candidate.candidate)
          truth[Key(query: "", condition: item.condition, candidate: candidate.candidate)] =
            candidate.source?.lowpass != nil ? 0.05 : random.unit()
        }
        continue
      }
      // Beside what is heard a second time, it is that; else the true sample, which versions are also heard beside.
      let target = sound == item.query ? item.reference.flatMap { features[$0] } ?? features[sound] : features[sound]
      guard isSet || item.reference != nil || sound != item.query, let target else {
        problems.append(
          Problem(
            "the true sample of \(item.query) for \(item.condition) is not known",
            mend: "A simulated ear needs the column 'reference' in the queries' table."))
        continue
      }
      var distances: [String: Double] = [:]
      for candidate in (item.candidates + item.catchCandidates).map(\.candidate) {
        guard let vector = features[candidate] else {
          problems.append(Problem("there are no features of '\(candidate)'", mend: "Prepare the study's sounds anew."))
          continue
        }
        distances[candidate] = zip(vector, target).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }.squareRoot()
      }
      let pool = item.candidates.compactMap { distances[$0.candidate] }.filter { $0 > 0 }.sorted()
      let scale = pool.isEmpty ? 1 : pool[pool.count / 2]
      for (candidate, distance) in distances {
        // In a set each is heard by itself, as far from the first of them as it is.
        truth[Key(query: item.sound ?? "", condition: item.condition, candidate: candidate)] = exp(-distance / scale)
      }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    return Ear(truth: truth)
  }

  /// What can be heard of each query and condition, over all blocks and pages.
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

  /// Hears no difference at all: a group whose ratings agree with nothing.
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
