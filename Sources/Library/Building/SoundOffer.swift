import Basics
import Foundation
import Sound

/// A sound that a source offers to a library, not decoded yet.
public struct SoundOffer: Sendable {
  /// The package and the path inside it, or whatever else says where it comes from; for `source` and for reports.
  public var source: String
  /// nil where the naming rule finds no class: the builder counts it and goes on.
  public var condition: DrumClass?
  public var group: String
  /// The kit, where its drums belong together: a split never parts it. nil where the group is all there is, as in
  /// collections of single drums.
  public var kit: String?
  /// Made rather than found, such as a variant of a preset: never a target of a test, and left out of a split library
  /// where its kit does not serve for training.
  public var isTrainingOnly: Bool
  public var tags: [String]
  public var licence: String
  /// Words from which its name is made, most general first: `["hydrogen", "TR808EmulationKit", "808_Kick_Long"]`.
  public var name: [String]
  /// Decodes or renders it.
  public var decode: @Sendable () throws -> Clip

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

/// Where sounds come from: the synthesiser, a folder, a package, a soundfont.
public protocol SoundSource: Sendable {
  /// As the report calls it.
  var name: String { get }
  /// What it has, always in the same order.
  func offers() throws -> [SoundOffer]
  /// Whether it is a user's own, so that each file that it does not give is named in `rejected.csv`.
  var isOwn: Bool { get }
  /// Files that are no sounds, where `isOwn`.
  func others() throws -> [Rejection]
}

extension SoundSource {
  public var isOwn: Bool { false }
  public func others() -> [Rejection] { [] }
}
