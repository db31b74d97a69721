import Basics

/// A way to divide the sounds of a map into a few kinds, each with its own colour.
public struct Colouring: Sendable, Equatable {
  /// `class`, `tag`, `source` or `split`.
  public var name: String
  /// At most `most` kinds, by decreasing number of sounds (classes and splits in their usual order), followed by the
  /// rest.
  public var kinds: [Kind]
  /// For each sound, the index of its kind.
  public var of: [Int]

  /// Sounds of one colour.
  public struct Kind: Sendable, Equatable {
    /// Its name in the legend.
    public var label: String
    public var count: Int
    /// Whether this is not a real kind: all others together, or sounds for which nothing is known.
    public var isRest: Bool
  }

  /// As many colours as people with any colour vision can distinguish.
  public static let most = 7

  /// All ways that give at least two kinds, and the one by class in any case.
  public static func all(of sounds: [MapSound]) -> [Colouring] {
    [
      Colouring("class", sounds.map { $0.condition.isEmpty ? [] : [$0.condition] }, unknown: "no class") {
        Embedding.ordered($0)
      },
      Colouring("tag", sounds.map(\.tags), unknown: "no tag", ordered: nil),
      Colouring("source", sounds.map { $0.origin.isEmpty ? [] : [$0.origin] }, unknown: "no source", ordered: nil),
      Colouring("split", sounds.map { $0.split.isEmpty ? [] : [$0.split] }, unknown: "no split") { names in
        let first = ["train", "validation", "test"]
        return names.sorted {
          (first.firstIndex(of: $0) ?? first.count, $0) < (first.firstIndex(of: $1) ?? first.count, $1)
        }
      },
    ].filter { $0.kinds.count > 1 || $0.name == "class" }
  }

  /// The one with this name.
  /// - Throws: a `Problem` that lists the available names.
  public static func named(_ name: String, of sounds: [MapSound]) throws -> Colouring {
    let all = all(of: sounds)
    guard let found = all.first(where: { $0.name == name }) else {
      throw Problem(
        "the sounds cannot be coloured by '\(name)'", mend: "They can be by \(all.map(\.name).joined(separator: ", "))."
      )
    }
    return found
  }

  /// - Parameter labels: the labels of each sound. If it has several, the rarest counts, since it is the most
  ///   informative.
  init(_ name: String, _ labels: [[String]], unknown: String, ordered: (([String]) -> [String])?) {
    var counts: [String: Int] = [:]
    for label in labels.joined() { counts[label, default: 0] += 1 }
    let falling = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    let kept = Array(falling.prefix(Self.most))
    let shown = ordered?(kept) ?? kept
    let place = Dictionary(uniqueKeysWithValues: shown.enumerated().map { ($1, $0) })
    let assigned = labels.map { own -> Int in
      let known = own.filter { place[$0] != nil }.min { (counts[$0] ?? 0, $0) < (counts[$1] ?? 0, $1) }
      if let known, let at = place[known] { return at }
      return own.isEmpty ? shown.count + 1 : shown.count
    }
    let all =
      shown.map { Kind(label: $0, count: 0, isRest: false) } + [
        Kind(label: "other", count: 0, isRest: true), Kind(label: unknown, count: 0, isRest: true),
      ]
    var used = all.indices.filter { assigned.contains($0) }
    if ordered == nil {
      let own = all.indices.map { kind in all[kind].isRest ? -kind : assigned.count { $0 == kind } }
      used.sort { (own[$1], $0) < (own[$0], $1) }
    }
    self.name = name
    kinds = used.map { old in
      Kind(label: all[old].label, count: assigned.count { $0 == old }, isRest: all[old].isRest)
    }
    of = assigned.map { used.firstIndex(of: $0) ?? 0 }
  }
}
