import Basics
import Library
import Mixing
import Sound

/// Mixes made on demand from the training one-shots of a split library.
public struct LibrarySource: MixSource {
  private let mixer: TrainingMixer
  private let library: LibraryTable
  private let shots: [[OneShot]]
  private let identity: [String: Int]

  /// - Parameter library: the one-shots of the training split alone.
  /// - Throws: `Problem`s that name the sounds that cannot be read.
  public init(
    _ library: LibraryTable, backings: [TrainingBacking], recipe: TrainingRecipe, progress: ProgressHandler? = nil
  )
    throws
  {
    self.library = library
    mixer = try TrainingMixer(library, backings: backings, recipe: recipe, progress: progress)
    shots = DrumClass.allCases.map { library[$0] }
    identity = Dictionary(
      uniqueKeysWithValues: shots.flatMap { $0.enumerated().map { ($1.candidate, $0) } })
  }

  public var conditions: [String] { DrumClass.allCases.map(\.rawValue) }

  public func oneShotCount(_ condition: Int) -> Int { shots[condition].count }

  public func mix(seed: UInt64, seconds: Double, hasTwins: Bool) throws -> MadeMix {
    let mix = mixer.mix(seed: seed, seconds: seconds, hasTwins: hasTwins)
    return MadeMix(
      samples: mix.samples,
      parts: mix.parts.map {
        MadeMix.Part(
          condition: DrumClass.allCases.firstIndex(of: $0.condition) ?? 0, identity: identity[$0.candidate] ?? 0,
          oneShot: $0.samples, twin: $0.twin)
      })
  }

  public func oneShot(_ condition: Int, _ identity: Int) throws -> [Float] {
    try AudioFile.read(library.url(of: shots[condition][identity])).heard()
  }
}
