import Basics
import Foundation
import Library
import Sound

/// The presets of DrumSynth below a folder, rendered as they are or as seeded variants.
///
/// A preset's class is determined from its name and its folder's, as for any sound. A folder named after a machine or a
/// person is a kit, which a split keeps together. In the others (`misc`, `misc_hats`, `electro` …) each preset stands
/// alone.
public struct DrumSynthSource: SoundSource {
  public var name: String
  /// The folder of the presets, searched at any depth.
  public var folder: URL
  /// Of all presets.
  public var licence: String
  /// The number of variants per preset. 0 offers the presets themselves.
  public var variants: Int
  /// The seed of the variants.
  public var seed: UInt64

  /// - Parameter folder: for example `/usr/share/lmms/samples/drumsynth`.
  public init(folder: URL, licence: String, variants: Int = 0, seed: UInt64 = 1) {
    name = variants == 0 ? "drumsynth presets" : "drumsynth variants"
    self.folder = folder
    self.licence = licence
    self.variants = variants
    self.seed = seed
  }

  /// In seconds. Longer presets are effects rather than drums.
  static let longest = 4.0
  private static let collections: Set = ["acoustic", "drumsynth", "effects", "electro", "instrument", "latin", "r_n_b"]

  public func offers() throws -> [SoundOffer] {
    let root = folder.path.hasSuffix("/") ? folder.path : folder.path + "/"
    return try SoundFiles.below(folder, suffixes: ["ds"]).flatMap { file -> [SoundOffer] in
      let path = String(file.path.dropFirst(root.count))
      let stem = file.deletingPathExtension().lastPathComponent
      let collection = path.contains("/") ? file.deletingLastPathComponent().lastPathComponent : ""
      let isKit = !collection.isEmpty && !collection.hasPrefix("misc") && !Self.collections.contains(collection)
      func offer(_ take: Int?) -> SoundOffer {
        let seed = seed
        return SoundOffer(
          source: take.map { "drumsynth: \(path), variant \($0), seed \(seed)" } ?? "drumsynth: \(path)",
          condition: NamingRule.condition(file: stem, folder: collection), group: "drumsynth/\(collection)/\(stem)",
          tags: TagRule.tags([collection, stem], kit: take == nil ? ["synthetic"] : ["synthetic", "variant"]),
          licence: licence, name: ["drumsynth", collection, stem] + (take.map { ["v\($0)"] } ?? []),
          kit: isKit ? "drumsynth/\(collection)" : nil, isTrainingOnly: take != nil
        ) {
          var random = SeededRandom(seed: seed, "drumsynth", path, take.map { String($0) } ?? "preset")
          var preset = try DrumSynthFile.read(file)
          if take != nil { preset = preset.varied(&random) }
          return DrumSynthRenderer().render(preset, seed: random.next(), longest: Self.longest)
        }
      }
      return variants == 0 ? [offer(nil)] : (1...variants).map { offer($0) }
    }
  }
}
