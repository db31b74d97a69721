import Basics
import Foundation
import Library
import Sound

/// The drums of a soundfont, by the keys of the General MIDI percussion map: 35 and 36 are kicks, 38 and 40 snares, 42,
/// 44 and 46 hi-hats (closed, pedal, open).
///
/// Each key of every drum kit is struck once, at one velocity, without the synthesiser's own reverb and chorus. Kits
/// share most of their samples; those that sound the same are later left out as duplicates.
public struct SoundFontSource: SoundSource {
  public var name: String
  /// An SF2 or SF3 file.
  public var file: URL
  /// Of all its sounds.
  public var licence: String

  /// - Parameter name: the name in reports and groups.
  public init(name: String, file: URL, licence: String) {
    self.name = name
    self.file = file
    self.licence = licence
  }

  static let keys: [(key: Int, condition: DrumClass, words: String)] = [
    (35, .kick, "kick 35"), (36, .kick, "kick 36"), (38, .snare, "snare 38"), (40, .snare, "snare 40"),
    (42, .hihat, "hihat closed 42"), (44, .hihat, "hihat pedal 44"), (46, .hihat, "hihat open 46"),
  ]
  static let velocity = 110
  /// In seconds. Longer tails do not belong to one-shots.
  static let longest = 5.0

  public func offers() throws -> [SoundOffer] {
    let synth = try FluidSynth(file, effects: false)
    // In General MIDI, drum kits are in bank 128. A font with drums only may have them in its first bank.
    let all = synth.presets
    let kits = all.contains { $0.bank == 128 } ? all.filter { $0.bank == 128 } : all
    return try kits.flatMap { kit in
      try Self.keys.filter { Self.isDrum($0.key, of: kit.name) }.map { key, condition, words in
        let clip = Self.trimmed(try synth.strike(kit, key: key, velocity: Self.velocity, longest: Self.longest))
        return SoundOffer(
          source: "\(name): \(file.lastPathComponent), kit \(kit.number) \(kit.name), key \(key)",
          condition: condition, group: "\(name)/\(kit.name)/\(condition.rawValue)",
          tags: TagRule.tags([kit.name]), licence: licence, name: [name, kit.name, words], kit: "\(name)/\(kit.name)"
        ) { clip }
      }
    }
  }

  /// Whether the key is a usual drum in this kit. Orchestra kits have concert drums and timpani on these keys, effect
  /// kits have effects, and the second snare of a brush kit is a stir without attack.
  static func isDrum(_ key: Int, of kit: String) -> Bool {
    let name = kit.lowercased()
    if name.contains("orch") || name.contains("fx") { return false }
    return !(name.contains("brush") && key == 40)
  }

  /// The clip without silence at its ends, as a single channel if both are equal.
  private static func trimmed(_ clip: Clip) -> Clip {
    guard let attack = Attack.find(in: clip) else { return clip }
    let cut = attack.trim(clip)
    return cut.channels.dropFirst().allSatisfy { $0 == cut.channels[0] }
      ? Clip(mono: cut.channels[0], sampleRate: cut.sampleRate) : cut
  }
}
