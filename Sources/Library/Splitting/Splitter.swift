import Basics
import Foundation

/// Splits a library into training, validation and test so that no drum is on two sides.
///
/// Sounds that belong together are first joined into families: those of one group or one kit, and those of one class
/// whose `SoundPrint` distance is below `nearness`, whatever their names (the same sample in two soundfonts, two
/// microphones on one snare). Each family goes to one split as a whole. Families are drawn in a seeded order. A family
/// that would make up more than a fifth of a class's targets in a split stays in training, so that a test covers many
/// kits rather than few.
public struct Splitter: Sendable {
  /// The seed of the order in which families are drawn.
  public var seed: UInt64
  /// The shares of the sounds of each class that may be targets. The rest is for training.
  public var validation = 0.08, test = 0.22
  /// The least number of test targets of each class, provided that this is at most half of its sounds.
  public var fewestTargets = 60
  /// Sounds whose `SoundPrint` distance is below this, in dB, count as one drum. The median distance between layers of
  /// one drum is 3.5 dB, between nearest sounds of different kits 4.8 dB (measured on the full set).
  public static let nearness = 3.5

  public init(seed: UInt64 = 1) { self.seed = seed }

  /// A sound to be assigned to a split.
  struct Sound: Sendable {
    var condition: DrumClass
    var group: String
    var kit: String?
    var isTrainingOnly: Bool
  }

  /// The split of each sound.
  /// - Parameter prints: one per sound. Nil for sounds that are joined by their names only.
  func assign(_ sounds: [Sound], prints: [SoundPrint?]) throws -> [Split] {
    var families = Families(count: sounds.count)
    var first: [String: Int] = [:]
    for (i, sound) in sounds.enumerated() {
      for name in ["group \(sound.group)"] + (sound.kit.map { ["kit \($0)"] } ?? []) {
        if let other = first[name] { families.join(i, other) } else { first[name] = i }
      }
    }
    for (i, j) in try Self.near(sounds, prints) { families.join(i, j) }

    // Training-only sounds follow their family and are not counted.
    var members: [Int: [Int]] = [:]
    for i in sounds.indices { members[families.root(i), default: []].append(i) }
    var random = SeededRandom(seed: seed, "split")
    let order = random.shuffled(members.keys.sorted())
    func counts(_ family: Int) -> [DrumClass: Int] {
      Dictionary(grouping: (members[family] ?? []).filter { !sounds[$0].isTrainingOnly }) { sounds[$0].condition }
        .mapValues(\.count)
    }
    let total = Dictionary(grouping: sounds.filter { !$0.isTrainingOnly }, by: \.condition).mapValues(\.count)
    var splitOf: [Int: Split] = [:]
    func fill(_ split: Split, _ want: [DrumClass: Int]) {
      var lacking = want
      for family in order where splitOf[family] == nil {
        let counts = counts(family)
        let useful = counts.reduce(0) { $0 + min($1.value, max(0, lacking[$1.key] ?? 0)) }
        let all = counts.values.reduce(0, +)
        guard all > 0, 2 * useful > all, counts.allSatisfy({ $0.value <= max(3, (want[$0.key] ?? 0) / 5) }) else {
          continue
        }
        splitOf[family] = split
        for (condition, count) in counts { lacking[condition, default: 0] -= count }
      }
    }
    fill(.test, total.mapValues { max(Int((test * Double($0)).rounded()), min(fewestTargets, $0 / 2)) })
    fill(.validation, total.mapValues { Int((validation * Double($0)).rounded()) })
    return sounds.indices.map { splitOf[families.root($0)] ?? .train }
  }

  /// Pairs of sounds of one class whose prints are nearer than `nearness`.
  private static func near(_ sounds: [Sound], _ prints: [SoundPrint?]) throws -> [(Int, Int)] {
    try parallelMap(Array(sounds.indices)) { i -> [(Int, Int)] in
      guard let print = prints[i] else { return [] }
      return (0..<i).compactMap { j in
        guard sounds[j].condition == sounds[i].condition, let other = prints[j],
          print.distance(to: other) < Self.nearness
        else { return nil }
        return (i, j)
      }
    }.flatMap(\.self)
  }

  /// Disjoint sets (union-find).
  private struct Families {
    private var parent: [Int]

    init(count: Int) { parent = Array(0..<count) }

    mutating func root(_ i: Int) -> Int {
      var i = i
      while parent[i] != i {
        parent[i] = parent[parent[i]]
        i = parent[i]
      }
      return i
    }

    mutating func join(_ i: Int, _ j: Int) {
      let (a, b) = (root(i), root(j))
      // The lower index represents the family, so that its place in the seeded order does not depend on how it was
      // joined.
      parent[max(a, b)] = min(a, b)
    }
  }
}
