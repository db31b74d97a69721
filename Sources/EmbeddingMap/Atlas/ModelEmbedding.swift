import Basics
import Foundation
import Neural
import Retrieval

extension Embedding {
  /// The embedding of a trained model: one-shots and mixes as its encoders hear them, cached in the feature store.
  ///
  /// The whole space contains embeddings without mask, normalised to length 1. Each class has a space with its mask
  /// applied. A model whose masks are all equal has only one space; a model with a network per class has one space per
  /// network.
  /// - Throws: a `Problem` if mixes ask for a class that the model does not know, or a sound cannot be read.
  public init(
    _ system: ModelSystem, sounds: [MapSound], mixes: [MapMix] = [], features: FeatureStore,
    progress: ProgressHandler? = nil
  ) throws {
    let model = system.model, configuration = model.configuration, conditions = configuration.conditions
    let wanted = Embedding.ordered(Set(mixes.flatMap { $0.parts.map(\.condition) }))
    if let strange = wanted.first(where: { !conditions.contains($0) }) {
      throw Problem(
        "the model \(system.name) does not know '\(strange)', which the mixes ask for",
        mend: "It knows \(conditions.joined(separator: ", ")).")
    }
    let files = sounds.map(\.file), ofMixes = mixes.count
    let networks = Embedding.networks(configuration), total = networks.count * files.count + ofMixes
    var heard: [String: [[Float]]] = [:]
    for (done, condition) in networks.enumerated() {
      heard[configuration.network(for: condition)] = try system.hitEmbeddings(
        of: files, for: condition, features: features
      ) { count, _ in progress?(done * files.count + count, total) }
    }
    func shots(_ condition: String) -> [[Float]] { heard[configuration.network(for: condition)] ?? [] }

    let spaces: [Space]
    if networks.count > 1 {
      spaces = conditions.map { condition in
        Space(name: condition, part: .network, vectors: shots(condition).map { model.masked($0, condition) })
      }
    } else if Set(model.masks).count > 1 {
      spaces =
        [Space(name: Embedding.whole, part: .whole, vectors: shots(conditions[0]).map(Embedding.unit))]
        + conditions.map { condition in
          Space(name: condition, part: .mask, vectors: shots(condition).map { model.masked($0, condition) })
        }
    } else {
      spaces = [
        Space(
          name: Embedding.whole, part: .whole, vectors: shots(conditions[0]).map { model.masked($0, conditions[0]) })
      ]
    }
    let before = networks.count * files.count
    let counting: ProgressHandler = { count, _ in progress?(before + count, total) }
    let asked = try parallelMap(mixes, progress: counting) { (mix: MapMix) throws -> [Asked] in
      try mix.parts.map { part in
        let heard = try system.mixEmbeddings(of: mix.file, for: part.condition, features: features)
        let space = spaces.firstIndex { $0.name == part.condition } ?? 0
        let windows = (0..<heard.rows).map { model.masked(Array(heard[row: $0]), part.condition) }
        return Asked(space: space, vector: Embedding.nearest(windows, to: spaces[space].vectors))
      }
    }
    self.init(
      name: system.name,
      summary:
        "the \(configuration.kind.rawValue) model \(configuration.name), \(configuration.shape.embedding) dimensions "
        + "normalised to length 1, Euclidean distance", spaces: spaces, asked: asked)
  }

  /// The window that is nearest to any sound, so that the mix has one place on the map. The nearest sound is that of a
  /// ranking; further ones may differ, since a ranking takes the nearest window for each. Vectors have length 1, or 0.
  private static func nearest(_ windows: [[Float]], to sounds: [[Float]]) -> [Float] {
    func likeness(_ window: [Float]) -> Float {
      sounds.reduce(-.infinity) { best, sound in max(best, zip(window, sound).reduce(0) { $0 + $1.0 * $1.1 }) }
    }
    return windows.count == 1 ? windows[0] : windows.max { likeness($0) < likeness($1) } ?? windows[0]
  }

  /// One condition for each of the networks.
  private static func networks(_ configuration: ModelConfiguration) -> [String] {
    var seen: Set<String> = []
    return configuration.conditions.filter { seen.insert(configuration.network(for: $0)).inserted }
  }
}
