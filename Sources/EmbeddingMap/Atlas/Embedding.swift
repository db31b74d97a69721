import Basics
import Foundation
import Retrieval

/// What a model makes of sounds: the vectors that it compares, whole and under each of its masks.
public struct Embedding: Sendable {
  /// A space in which distances are taken.
  public struct Space: Sendable {
    /// What it is of the model.
    public enum Part: Sendable { case whole, mask, network }

    /// `whole`, or the class whose mask was laid on or whose network made it.
    public var name: String
    public var part: Part
    /// One for each one-shot, in their order, all of one length.
    public var vectors: [[Float]]

    public init(name: String, part: Part, vectors: [[Float]]) {
      (self.name, self.part, self.vectors) = (name, part, vectors)
    }
  }

  /// A mix, asked for a class.
  public struct Asked: Sendable {
    /// Which of `spaces` it is compared in.
    public var space: Int
    public var vector: [Float]

    public init(space: Int, vector: [Float]) { (self.space, self.vector) = (space, vector) }
  }

  public static let whole = "whole"

  /// The model's name.
  public var name: String
  /// What was compared, in words, as in `vectors of clap.npy, 512 numbers`.
  public var summary: String
  public var spaces: [Space]
  /// For each mix, in their order, what it asks for each of its parts, in theirs.
  public var asked: [[Asked]]

  public init(name: String, summary: String, spaces: [Space], asked: [[Asked]] = []) {
    (self.name, self.summary, self.spaces, self.asked) = (name, summary, spaces, asked)
  }

  /// Vectors that were made elsewhere. A one-shot's vector without a class stands in the whole space; where one-shots
  /// have vectors for a class that is not theirs, that class has a space of its own. Where every class has one and there
  /// are no vectors without a class, there is no whole space.
  ///
  /// - Parameter metric: for `cosine`, vectors are brought to length 1, which leaves the order of distances as it is.
  /// - Throws: `Problems`: which sounds have no vector.
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
    // Vectors under different masks make no space together.
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
      summary: "vectors of \(URL(filePath: table.file).lastPathComponent), \(table.dimensions) numbers, "
        + "\(metric.rawValue) distance", spaces: spaces, asked: asked)
  }

  /// Of length 1; the zero vector stays.
  static func unit(_ vector: [Float]) -> [Float] {
    let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return length > 0 ? vector.map { Float(Double($0) / length) } : vector
  }

  /// Classes in the order of every table: kick, snare, hihat, then others by name.
  static func ordered(_ conditions: some Sequence<String>) -> [String] {
    let first = ["kick", "snare", "hihat"]
    return conditions.sorted {
      (first.firstIndex(of: $0) ?? first.count, $0) < (first.firstIndex(of: $1) ?? first.count, $1)
    }
  }
}
