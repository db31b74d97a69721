import Study
import Synchronization

/// The study that is served. Its texts, and how listeners come and go, may change meanwhile; its design does not.
final class Programme: Sendable {
  private let stage: Mutex<Stage>
  /// The study versions of its design. Sessions that began under one of them continue.
  let versions: Set<String>

  init(_ stage: Stage, versions: Set<String>) {
    self.stage = Mutex(stage)
    self.versions = versions
  }

  var now: Stage { stage.withLock { $0 } }

  /// Replaces the texts.
  /// - Parameter sign: signs the redirects of a definition; it may lack the key to do so.
  /// - Returns: false if the design is different; then nothing changes.
  /// - Throws: what `sign` throws; then nothing changes either.
  func reword(_ design: StudyDesign, sign: (StudyDefinition) throws -> Signature?) throws -> Bool {
    try stage.withLock { stage in
      guard stage.design.designVersion == design.designVersion else { return false }
      if stage.previewed == nil { stage.signature = try sign(design.definition) }
      let version = stage.design.version
      stage.design = design
      stage.design.version = version
      return true
    }
  }
}
