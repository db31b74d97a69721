import Basics
import Foundation

/// Divides a library into training, validation and test so that no drum is on two sides.
///
/// What belongs together is joined first: sounds of one group, of one kit, and sounds of a class that `SoundPrint` finds
/// nearer than `nearness` whatever they are called (the same sample in two soundfonts, two microphones of one snare).
/// Each such family goes to one split as a whole. Families are drawn in a seeded order; a family that would be more than
/// a fifth of what a class may give to the test stays in training, so the test hears many kits rather than few.
public struct Splitter: Sendable {
  public var seed: UInt64
  /// Shares of the sounds of each class that may be targets; the rest trains.
  public var validation = 0.08, test = 0.22
  /// So many test targets of each class at least, where half of the sounds allow it.
  public var fewestTargets = 60
  /// Sounds nearer than this by `SoundPrint` count as one drum, in dB. Layers of one drum lie at 3.5 dB in the median,
  /// nearest sounds of different kits at 4.8 dB (measured on the full set).
  public static let nearness = 3.5

  public init(seed: UInt64 = 1) { self.seed = seed }

  /// A sound to be placed.
  struct Sound: Sendable {
    var condition: DrumClass
    var group: String
    var kit: String?
    var isTrainingOnly: Bool
  }

  /// A split for each sound.
  /// - Parameter prints: one per sound; nil for those whose names alone count.
  func assign(_ sounds: [Sound], prints: [SoundPrint?]) throws -> [Split] {
    var families = Families(count: sounds.count)
    var first: [String: Int] = [:]
    for (i, sound) in sounds.enumerated() {
      for name in ["group \(sound.group)"] + (sound.kit.map { ["kit \($0)"] } ?? []) {
        if let other = first[name] { families.join(i, other) } else { first[name] = i }
      }
    }
    for (i, j) in try Self.near(sounds, prints) { families.join(i, j) }

    // Training-only sounds follow their family and count for nothing.
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

  /// Pairs of a class whose prints are nearer than `nearness`.
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

  /// Disjoint sets that grow together.
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
      // The earlier one names the family, so that its place in the seeded order does not depend on how it grew.
      parent[max(a, b)] = min(a, b)
    }
  }
}
