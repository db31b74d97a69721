import Basics
import Library

/// The synthesiser as a source of sounds. It needs neither network nor files.
public struct SynthSource: SoundSource {
  public var name: String { "synthesised" }
  /// The number of sounds per class, spread evenly over the kits.
  public var perClass: Int
  /// The seed of all that is drawn.
  public var seed: UInt64

  public init(perClass: Int = 40, seed: UInt64 = 1) {
    self.perClass = perClass
    self.seed = seed
  }

  public func offers() -> [SoundOffer] {
    let (seed, kits) = (seed, SynthKit.all)
    return DrumClass.allCases.flatMap { condition in
      (0..<perClass).map { i in
        let kit = kits[i % kits.count]
        let take = i / kits.count
        return SoundOffer(
          source: "synthesised: \(kit.name) \(condition.rawValue), take \(take + 1), seed \(seed)",
          condition: condition, group: "synth/\(kit.name)/\(condition.rawValue)", tags: kit.tags, licence: "CC0-1.0",
          name: ["synth", kit.name, condition.rawValue, String(take + 1)]
        ) { kit.render(condition, take: take, seed: seed) }
      }
    }
  }
}
