import Basics
import Foundation
import Neural

/// A comparison of the written model file, evaluated without libtorch, with the network that it was written from.
public struct ReadBack: Sendable, Equatable {
  /// Largest absolute difference between two embeddings in any dimension; as a share of the largest number in any
  /// embedding, if that is more than 1. Rounding errors grow with the numbers, and networks choose their size freely.
  public var largestDifference: Double
  /// How many rankings were compared.
  public var rankingCount: Int

  /// Largest difference that is accepted.
  public static let tolerance = 1e-4
  /// Distances that differ by less than this are ties, which two programs may order differently.
  static let tie: Float = 1e-5

  /// - Throws: a `Problem` if embeddings differ by more than the tolerance, or if the ranking of a validation query
  ///   differs in more than the order of ties.
  static func check(_ file: URL, against network: TorchNetwork, _ validation: Validation) throws -> ReadBack {
    let model = try ModelFile.read(file)
    let ours = try validation.embed(networks: model.networks.count) { images, side, n in
      model.encoder(side, for: model.configuration.conditions[n]).embeddings(of: images)
    }
    let theirs = try validation.embed(by: network)
    func flat(_ embedded: Validation.Embedded) -> [Float] {
      embedded.pool.flatMap { $0.flatMap(\.self) } + embedded.mixes.flatMap { $0.flatMap(\.self) }
    }
    let (mine, other) = (flat(ours), flat(theirs))
    let scale = other.reduce(1) { max($0, abs(Double($1))) }
    let largest = zip(mine, other).reduce(0) { max($0, abs(Double($1.0) - Double($1.1)) / scale) }
    func wrong(_ what: String) -> Problem {
      Problem(
        "the model file does not reproduce the trained model: \(what)", at: Place(file: file.relativePath),
        mend: "This is a fault of Earshot; no model was written.")
    }
    guard mine.count == other.count else { throw wrong("it gives another number of embeddings") }
    guard largest <= tolerance else {
      throw wrong(String(format: "its embeddings differ from libtorch's by up to %.1e", largest))
    }
    var count = 0
    for (mine, other) in zip(
      validation.distances(ours, masks: model.masks), validation.distances(theirs, masks: try network.masks))
    {
      for (mine, other) in zip(mine, other) {
        count += 1
        guard isSameOrder(mine, other) else { throw wrong("a ranking of a validation mix differs from libtorch's") }
      }
    }
    return ReadBack(largestDifference: largest, rankingCount: count)
  }

  /// Whether both rank their entries in the same order, apart from ties.
  static func isSameOrder(_ a: [Float], _ b: [Float]) -> Bool {
    let order = a.indices.sorted { (a[$0], $0) < (a[$1], $1) }
    var highest = -Float.infinity
    for i in order {
      if b[i] < highest - tie { return false }
      highest = max(highest, b[i])
    }
    return true
  }
}
