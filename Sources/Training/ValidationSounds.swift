import Basics
import Foundation
import Library
import Mixing
import Neural
import Sound

/// The fixed sounds that decide which state of a network is the best: mixes whose drums are known, and the one-shots of
/// all classes among which these are to be found.
public struct ValidationSounds: Sendable {
  /// A one-shot that can be retrieved.
  public struct OneShot: Sendable {
    public var name: String
    /// Index of its class in `conditions`.
    public var condition: Int
    /// Mono at 44.1 kHz.
    public var samples: [Float]

    public init(name: String, condition: Int, samples: [Float]) {
      self.name = name
      self.condition = condition
      self.samples = samples
    }
  }

  /// A mix whose drums are known.
  public struct Mix: Sendable {
    public var name: String
    /// Mono at 44.1 kHz.
    public var samples: [Float]
    /// For each class, the indices in the pool of the one-shots that play. Each is a target in turn; the others are
    /// then left out of the ranking.
    public var targets: [[Int]]

    public init(name: String, samples: [Float], targets: [[Int]]) {
      self.name = name
      self.samples = samples
      self.targets = targets
    }
  }

  public var conditions: [String]
  /// One-shots of all classes together.
  public var pool: [OneShot]
  /// The mixes whose drums are to be found.
  public var mixes: [Mix]

  public init(conditions: [String], pool: [OneShot], mixes: [Mix]) {
    self.conditions = conditions
    self.pool = pool
    self.mixes = mixes
  }

  /// Decodes the validation one-shots of a split library, and the mixes of one or more tables that were made from them.
  /// - Throws: `Problems` if mixes play other one-shots, or if files cannot be read.
  public static func read(
    _ library: LibraryTable, _ tables: [MixTable], progress: ProgressHandler? = nil
  ) throws -> ValidationSounds {
    let conditions = DrumClass.allCases.map(\.rawValue)
    let shots = try library.only(.validation).oneShots
    let places = Dictionary(uniqueKeysWithValues: shots.enumerated().map { ($1.candidate, $0) })
    let strangers = tables.flatMap { table in
      table.mixes.flatMap { mix in
        mix.parts.filter { places[$0.reference] == nil }.map { part in
          Problem(
            "\(mix.query) plays \(part.reference), which is not a validation one-shot of the library",
            at: table.place, mend: "Make mixes for validation with 'earshot mix --split validation'.")
        }
      }
    }
    guard strangers.isEmpty else { throw Problems(Array(strangers.prefix(5))) }
    if let empty = tables.first(where: \.mixes.isEmpty) {
      throw Problem("there are no mixes", at: empty.place, mend: "Make some with 'earshot mix'.")
    }
    let mixes = tables.flatMap { table in table.mixes.map { (table, $0) } }
    let total = shots.count + mixes.count
    let pool = try parallelMap(shots, progress: { done, _ in progress?(done, total) }) { shot -> OneShot in
      let place = DrumClass.allCases.firstIndex(of: shot.condition) ?? 0
      let samples = try AudioFile.read(library.url(of: shot)).heard()
      return OneShot(name: shot.candidate, condition: place, samples: samples)
    }
    let count = shots.count
    let heard = try parallelMap(mixes, progress: { done, _ in progress?(count + done, total) }) { table, mix -> Mix in
      let targets = DrumClass.allCases.map { condition in mix[condition].compactMap { places[$0.reference] } }
      return Mix(name: mix.query, samples: try AudioFile.read(table.url(of: mix)).heard(), targets: targets)
    }
    return ValidationSounds(conditions: conditions, pool: pool, mixes: heard)
  }
}

extension MixTable {
  fileprivate var place: Place { Place(file: folder.appending(path: MixTable.fileName).relativePath) }
}

extension Clip {
  /// The mean of the channels, resampled to the rate at which networks hear.
  func heard() throws -> [Float] {
    try Clip(mono: mono, sampleRate: sampleRate).resampled(to: LogMel.sampleRate).mono
  }
}
