import Study
import Synchronization

/// The study that is on. Its words, and how listeners come and go, may change while it is served; its design does not.
final class Programme: Sendable {
  private let stage: Mutex<Stage>
  /// The study versions that are of its design: sessions that began under one of them go on.
  let versions: Set<String>

  init(_ stage: Stage, versions: Set<String>) {
    self.stage = Mutex(stage)
    self.versions = versions
  }

  var now: Stage { stage.withLock { $0 } }

  /// From now on the words are these.
  /// - Returns: false, and all stays as it was, where the design is another.
  func reword(_ design: StudyDesign) -> Bool {
    stage.withLock { stage in
      guard stage.design.designVersion == design.designVersion else { return false }
      let version = stage.design.version
      stage.design = design
      stage.design.version = version
      return true
    }
  }
}
