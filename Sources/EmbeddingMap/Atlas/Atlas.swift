import Basics
import Foundation
import Statistics

/// All maps of an embedding: a view of each of its spaces, in two projections each, with statistics, and the neighbours
/// of mixes.
public struct Atlas: Sendable {
  /// How a map was made.
  public enum Projection: String, Sendable, CaseIterable {
    case neighbours = "t-sne"
    case components = "pca"

    /// Its name on the page.
    public var title: String { self == .neighbours ? "t-SNE" : "PCA" }
  }

  /// One projection of a space into two dimensions.
  public struct Map: Sendable {
    /// How the map was made.
    public var projection: Projection
    /// One point per sound.
    public var points: [SIMD2<Double>]
    /// Nil if there are too few sounds.
    public var quality: MapQuality?
    /// For PCA: the shares of the variance on the two axes.
    public var explained: SIMD2<Double>?
    /// For t-SNE: the KL divergence reached, in nats, and the perplexity.
    public var divergence: Double?
    /// For t-SNE: the effective number of neighbours that each point is fitted to.
    public var perplexity: Double?
  }

  /// A space and its maps.
  public struct View: Sendable {
    /// The name and part of its space.
    public var name: String
    /// The part of the model that it shows.
    public var part: Embedding.Space.Part
    /// The same space by each projection.
    public var maps: [Map]
    /// The share of the `nearest` neighbours in the space itself that belong to the sound's own class, as a mean over
    /// sounds, and its value by chance. Nil if there is only one class.
    public var ownClass: Share?
    /// The same for the origins of sounds. Neighbours of the same group are left out, since they are nearly the same
    /// sound.
    public var ownSource: Share?
    /// How far each class is spread in the space: the root mean square distance of its sounds from their centre.
    public var spread: [(condition: String, distance: Double)]
  }

  /// A share, and its expected value by chance.
  public struct Share: Sendable, Equatable {
    /// From 0 to 1.
    public var value: Double
    /// The expected value if classes or origins were assigned at random, from 0 to 1.
    public var chance: Double
  }

  /// The neighbours of a mix when asked for a class.
  public struct Neighbours: Sendable {
    /// The class asked for.
    public var condition: String
    /// The index in `views` of the space in which neighbours were searched.
    public var view: Int
    /// The nearest sounds of all classes, nearest first: their indices and distances.
    public var nearest: [(sound: Int, distance: Double)]
    /// The one-shot that really plays, if it is on the map: its index, and its rank from 1.
    public var reference: Int?
    /// The reference's rank among the sounds of all classes, from 1. Nil if it is not on the map.
    public var rank: Int?
  }

  /// The spaces that are shown.
  public var embedding: Embedding
  /// In the order of the vectors.
  public var sounds: [MapSound]
  /// For each, its neighbours can be shown.
  public var mixes: [MapMix]
  /// One per space, in its order.
  public var views: [View]
  /// By mix, then by its parts.
  public var neighbours: [[Neighbours]]
  /// The ways in which the points can be coloured.
  public var colourings: [Colouring]
  /// How many neighbours the shares and the quality measures consider.
  public var nearest: Int
  /// The seed of t-SNE.
  public var seed: UInt64

  /// The fewest sounds for a map.
  public static let fewest = 8
  /// The most sounds for a map. Since every pair of sounds is considered, more would need too much memory and time.
  public static let most = 12_000
  /// How many neighbours of a mix are kept.
  public static let listed = 20

  /// - Parameters:
  ///   - settings: settings of t-SNE. The perplexity is lowered for few sounds.
  ///   - progress: called once for each step, with its name.
  /// - Throws: a `Problem` if there are fewer than `fewest` sounds or more than `most`, or if all have the same vector.
  public init(
    _ embedding: Embedding, sounds: [MapSound], mixes: [MapMix] = [],
    settings: NeighbourEmbedding.Settings = NeighbourEmbedding.Settings(),
    progress: (String) -> ProgressHandler? = { _ in nil }
  ) throws {
    precondition(embedding.spaces.allSatisfy { $0.vectors.count == sounds.count })
    guard sounds.count >= Self.fewest else {
      throw Problem(
        "\(sounds.count, "sound is", "sounds are") too few for a map",
        mend: "Use a library or a split with at least \(Self.fewest).")
    }
    guard sounds.count <= Self.most else {
      throw Problem(
        "\(sounds.count, "sound is", "sounds are") too many for exact maps",
        mend: "Use a split or a library of at most \(Self.most)."
      )
    }
    (self.embedding, self.sounds, self.mixes) = (embedding, sounds, mixes)
    seed = settings.seed
    nearest = min(10, (sounds.count - 1) / 2)
    colourings = Colouring.all(of: sounds)
    views = []
    for space in embedding.spaces {
      views.append(
        try Self.view(space, sounds, nearest, settings, like: views.first, progress: progress(space.name)))
    }
    neighbours = zip(mixes, embedding.asked).map { mix, asked in
      zip(mix.parts, asked).map { Self.neighbours($0, $1, embedding, sounds) }
    }
  }

  private static func view(
    _ space: Embedding.Space, _ sounds: [MapSound], _ k: Int, _ settings: NeighbourEmbedding.Settings,
    like whole: View?, progress: ProgressHandler?
  ) throws -> View {
    guard let components = PrincipalComponents(space.vectors) else {
      throw Problem(
        "all sounds have the same vector (\(space.name))", mend: "Check the model: it distinguishes none of them.")
    }
    let distances = SquaredDistances(space.vectors)
    let found = NeighbourEmbedding(distances, from: components.points, settings: settings, progress: progress)
    func quality(_ points: [SIMD2<Double>]) -> MapQuality? {
      MapQuality(space: distances, map: SquaredDistances(points), k: k)
    }
    let near = distances.neighbours(k)
    let classes = sounds.map(\.condition), origins = sounds.map(\.origin)
    return View(
      name: space.name, part: space.part,
      maps: [
        Map(
          projection: .neighbours, points: turned(found.points, like: whole?.maps[0].points),
          quality: quality(found.points), divergence: found.divergence, perplexity: found.settings.perplexity),
        Map(
          projection: .components, points: mirrored(components.points, like: whole?.maps[1].points),
          quality: quality(components.points), explained: components.explained),
      ],
      ownClass: share(near, classes),
      ownSource: share(near, origins, apart: sounds.map(\.group)),
      spread: Embedding.ordered(Set(classes)).map { condition in
        (condition, spread(space.vectors.indices.filter { classes[$0] == condition }.map { space.vectors[$0] }))
      })
  }

  /// Rotates or mirrors a map to match the first one as closely as possible, since its orientation is arbitrary.
  private static func turned(_ points: [SIMD2<Double>], like other: [SIMD2<Double>]?) -> [SIMD2<Double>] {
    guard let other, let laid = Procrustes(points.map { [$0.x, $0.y] }, onto: other.map { [$0.x, $0.y] }) else {
      return points
    }
    let mapped = laid.mapped.map { SIMD2($0[0], $0[1]) }
    let centre = mapped.reduce(.zero, +) / Double(mapped.count)
    func size(_ points: [SIMD2<Double>]) -> Double { points.reduce(0) { $0 + ($1 * $1).sum() }.squareRoot() }
    let moved = mapped.map { $0 - centre }
    let now = size(moved)
    return now > 0 ? moved.map { $0 * (size(points) / now) } : points
  }

  /// The same for principal components, whose axes may only be mirrored.
  private static func mirrored(_ points: [SIMD2<Double>], like other: [SIMD2<Double>]?) -> [SIMD2<Double>] {
    guard let other else { return points }
    let along = zip(points, other).reduce(SIMD2<Double>.zero) { $0 + $1.0 * $1.1 }
    let sign = SIMD2(along.x < 0 ? -1.0 : 1, along.y < 0 ? -1.0 : 1)
    return points.map { $0 * sign }
  }

  /// - Parameter groups: by sound, its group, if sounds of the same group are left out; empty for a sound without one.
  private static func share(_ near: [[Int]], _ labels: [String], apart groups: [String]? = nil) -> Share? {
    var counts: [String: Int] = [:], inGroup: [String: (all: Int, labels: [String: Int])] = [:]
    for (i, label) in labels.enumerated() {
      if !label.isEmpty { counts[label, default: 0] += 1 }
      guard let group = groups?[i], !group.isEmpty else { continue }
      inGroup[group, default: (0, [:])].all += 1
      inGroup[group, default: (0, [:])].labels[label, default: 0] += 1
    }
    guard counts.count > 1 else { return nil }
    var value = 0.0, chance = 0.0, count = 0.0
    for (i, all) in near.enumerated() where !labels[i].isEmpty {
      let group = groups?[i] ?? ""
      let list = all.filter { group.isEmpty || groups?[$0] != group }
      guard !list.isEmpty else { continue }
      value += Double(list.count { labels[$0] == labels[i] }) / Double(list.count)
      // Of the sounds that could be near, leaving out itself or its group.
      let left = inGroup[group] ?? (1, [labels[i]: 1])
      chance += Double((counts[labels[i]] ?? 0) - (left.labels[labels[i]] ?? 0)) / Double(labels.count - left.all)
      count += 1
    }
    return count > 0 ? Share(value: value / count, chance: chance / count) : nil
  }

  private static func spread(_ vectors: [[Float]]) -> Double {
    guard let width = vectors.first?.count else { return 0 }
    var sum = 0.0
    for d in 0..<width {
      let mean = vectors.reduce(0.0) { $0 + Double($1[d]) } / Double(vectors.count)
      sum += vectors.reduce(0.0) { $0 + pow(Double($1[d]) - mean, 2) }
    }
    return (sum / Double(vectors.count)).squareRoot()
  }

  private static func neighbours(
    _ part: MapMix.Part, _ asked: Embedding.Asked, _ embedding: Embedding, _ sounds: [MapSound]
  ) -> Neighbours {
    let distances = embedding.spaces[asked.space].vectors.map { other in
      zip(asked.vector, other).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }.squareRoot()
    }
    let order = distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
    let reference = part.reference.flatMap { name in sounds.firstIndex { $0.id == name } }
    return Neighbours(
      condition: part.condition, view: asked.space,
      nearest: order.prefix(listed).map { ($0, distances[$0]) }, reference: reference,
      rank: reference.flatMap { order.firstIndex(of: $0) }.map { $0 + 1 })
  }
}
