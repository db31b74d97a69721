import Basics
import Foundation
import Retrieval

/// How a model represents sounds: the vectors that it compares, as a whole and under each of its masks.
public struct Embedding: Sendable {
  /// A space in which distances are taken.
  public struct Space: Sendable {
    /// Which part of the model it shows.
    public enum Part: Sendable { case whole, mask, network }

    /// `whole`, or the class whose mask was applied or whose network was used.
    public var name: String
    /// The part of the model that it shows.
    public var part: Part
    /// One per one-shot, in order, all of the same length.
    public var vectors: [[Float]]

    public init(name: String, part: Part, vectors: [[Float]]) {
      (self.name, self.part, self.vectors) = (name, part, vectors)
    }
  }

  /// A mix, and a class it is asked for.
  public struct Asked: Sendable {
    /// The index in `spaces` of the space in which it is compared.
    public var space: Int
    /// Of the length of the space's vectors.
    public var vector: [Float]

    public init(space: Int, vector: [Float]) { (self.space, self.vector) = (space, vector) }
  }

  /// The name of a space without a mask.
  public static let whole = "whole"

  /// The model's name.
  public var name: String
  /// What was compared, in words, such as `vectors of clap.npy, 512 numbers`.
  public var summary: String
  /// The spaces of the model: the whole, then one per class.
  public var spaces: [Space]
  /// By mix, then by its parts: what is asked.
  public var asked: [[Asked]]

  public init(name: String, summary: String, spaces: [Space], asked: [[Asked]] = []) {
    (self.name, self.summary, self.spaces, self.asked) = (name, summary, spaces, asked)
  }

  /// Vectors that were made elsewhere. A one-shot's vector without a class belongs to the whole space. If one-shots
  /// have vectors for a class other than their own, that class has its own space. There is no whole space if every
  /// class has its own and not all one-shots have vectors without a class.
  ///
  /// - Parameter metric: for `cosine`, vectors are normalised to length 1, which does not change the order of
  ///   distances.
  /// - Throws: `Problems` that list the sounds without a vector.
  public init(
    _ table: VectorTable, name: String, metric: VectorSystem.Metric = .euclidean, sounds: [MapSound],
    mixes: [MapMix] = []
  ) throws {
    let known = Set(sounds.map(\.condition))
    func scaled(_ vector: [Float]) -> [Float] { metric == .cosine ? Embedding.unit(vector) : vector }
    func vector(_ name: String, _ condition: String) -> [Float]? { table.vector(name, condition).map(scaled) }
    var lacking: [String] = []
    let whole = sounds.map { sound -> [Float] in
      if let found = table.vectors[.init(name: sound.id, condition: "")] { return scaled(found) }
      guard let found = vector(sound.id, sound.condition) else {
        lacking.append(sound.id)
        return []
      }
      return found
    }
    var problems = table.problem(without: lacking, of: sounds.count, "one-shots")
    let named = known.filter { condition in
      !condition.isEmpty
        && sounds.contains {
          $0.condition != condition && table.vectors[.init(name: $0.id, condition: condition)] != nil
        }
    }
    // Vectors under different masks do not form a common space.
    let hasWhole = sounds.allSatisfy { table.vectors[.init(name: $0.id, condition: "")] != nil }
    var spaces: [Space] = []
    if hasWhole || named != known { spaces.append(Space(name: Embedding.whole, part: .whole, vectors: whole)) }
    for condition in Embedding.ordered(named) {
      let found = sounds.map { vector($0.id, condition) }
      let missing = zip(sounds, found).filter { $1 == nil }.map(\.0.id)
      problems += table.problem(without: missing, of: sounds.count, "one-shots under the mask of '\(condition)'")
      spaces.append(Space(name: condition, part: .mask, vectors: found.map { $0 ?? [] }))
    }
    var asked: [[Asked]] = []
    var mute: [String] = []
    for mix in mixes {
      asked.append(
        mix.parts.map { part in
          let found = vector(mix.id, part.condition)
          if found == nil { mute.append("\(mix.id) (\(part.condition))") }
          return Asked(space: spaces.firstIndex { $0.name == part.condition } ?? 0, vector: found ?? [])
        })
    }
    problems += table.problem(without: mute, of: mixes.reduce(0) { $0 + $1.parts.count }, "queries")
    guard problems.isEmpty else { throw Problems(problems) }
    self.init(
      name: name,
      summary: "vectors of \(URL(filePath: table.file).lastPathComponent), \(table.dimensions) dimensions, "
        + "\(metric.rawValue) distance", spaces: spaces, asked: asked)
  }

  /// The vector normalised to length 1. A zero vector stays zero.
  static func unit(_ vector: [Float]) -> [Float] {
    let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return length > 0 ? vector.map { Float(Double($0) / length) } : vector
  }

  /// Classes in the order of all tables: kick, snare, hihat, then others by name.
  static func ordered(_ conditions: some Sequence<String>) -> [String] {
    let first = ["kick", "snare", "hihat"]
    return conditions.sorted {
      (first.firstIndex(of: $0) ?? first.count, $0) < (first.firstIndex(of: $1) ?? first.count, $1)
    }
  }
}
