import Basics
import Foundation
import Sound

/// A sound that a source offers to a library, not yet decoded.
public struct SoundOffer: Sendable {
  /// Where it comes from, for the column `source` and for reports: the package and the path inside it, or whatever else
  /// identifies it.
  public var source: String
  /// Nil if the naming rule finds no class. The builder counts such sounds and continues.
  public var condition: DrumClass?
  /// The instrument: sounds that are nearly the same share one, and a split keeps them together.
  public var group: String
  /// The kit, if its drums belong together: a split keeps a kit in one piece. Nil if there is only the group, as in
  /// collections of single drums.
  public var kit: String?
  /// Whether the sound was generated rather than found, such as a variant of a preset. It is never a target of a test,
  /// and is left out of a split library unless its kit is in the training split.
  public var isTrainingOnly: Bool
  /// What it sounds like, in the words of `TagRule`.
  public var tags: [String]
  /// As the package or the kit states it; `unstated` if none does.
  public var licence: String
  /// The words that its name is made from, most general first: `["hydrogen", "TR808EmulationKit", "808_Kick_Long"]`.
  public var name: [String]
  /// Decodes or renders the sound.
  public var decode: @Sendable () throws -> Clip

  /// - Parameter decode: decodes or renders the sound, on any thread.
  public init(
    source: String, condition: DrumClass?, group: String, tags: [String], licence: String, name: [String],
    kit: String? = nil, isTrainingOnly: Bool = false, decode: @escaping @Sendable () throws -> Clip
  ) {
    self.source = source
    self.condition = condition
    self.group = group
    self.kit = kit
    self.isTrainingOnly = isTrainingOnly
    self.tags = tags
    self.licence = licence
    self.name = name
    self.decode = decode
  }
}

/// An origin of sounds: the synthesiser, a folder, a package, a soundfont.
public protocol SoundSource: Sendable {
  /// The name in reports.
  var name: String { get }
  /// All sounds of the source, always in the same order.
  func offers() throws -> [SoundOffer]
  /// Whether it is the user's own, so that `rejected.csv` lists every file that gives no sound.
  var isOwn: Bool { get }
  /// If `isOwn`: files that are not sounds.
  func others() throws -> [Rejection]
}

extension SoundSource {
  public var isOwn: Bool { false }
  public func others() -> [Rejection] { [] }
}
