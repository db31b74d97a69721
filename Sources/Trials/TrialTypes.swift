import Basics
import Foundation
import Keys
import Study

/// All trial types. To add one, add a folder here, a folder in `Public/scripts/trials`, and an entry in this list.
public enum TrialTypes {
  /// In the order in which `earshot new --list-types` lists them. No two have the same name.
  public static let all: [any TrialType] = [
    Similarity(), Triplet(), Mushra(), BS1116(), Category.absolute, Category.degradation, CCR(),
    AB(), ABX(), Rank(), Pairwise(), OddOneOut(), Sort(),
  ]

  /// The type of this name. Nil if there is none.
  public static func named(_ name: String) -> (any TrialType)? { all.first { $0.name == name } }
}

extension StudyReading {
  /// Reads a study whose blocks may be of any type.
  public init(folder: URL, words: StudyWords? = nil, probe: SoundProbe? = nil, progress: ProgressHandler? = nil) {
    self.init(folder: folder, words: words, types: TrialTypes.all, probe: probe, progress: progress)
  }
}

extension StudyDesign {
  /// Whether any block asks about sounds from this source.
  public func asks(about source: StudyDefinition.SoundSource) -> Bool {
    definition.runs.contains { (TrialTypes.named($0.type)?.source(of: $0) ?? .rankings) == source }
  }

  /// Reads a study whose blocks may be of any type.
  /// - Throws: `Problems`, with every error of the study. For warnings, use `StudyReading`.
  public static func load(folder: URL, probe: SoundProbe? = nil, progress: ProgressHandler? = nil) throws -> StudyDesign
  {
    try load(folder: folder, types: TrialTypes.all, probe: probe, progress: progress)
  }
}
