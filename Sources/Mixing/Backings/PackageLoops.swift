import Foundation
import Library

extension PackageStore {
  /// The loops without drums of every package that was unpacked into this store.
  public func loops() -> [RecordedLoops.Loop] {
    present(SoundPackage.full).flatMap { package -> [RecordedLoops.Loop] in
      guard !package.loops.isEmpty else { return [] }
      let found = try? RecordedLoops.inFolder(unpacked(package.name), licence: package.licence) { file in
        package.loops.contains { file.path.contains($0) }
      }
      return (found?.loops ?? []).map { loop in
        var loop = loop
        loop.source = "\(package.name): \(loop.source)"
        return loop
      }
    }
  }
}
