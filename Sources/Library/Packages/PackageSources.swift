import Foundation

extension PackageStore {
  /// The sounds of packages that are ready: their files and their soundfonts' drums, in the order of the packages.
  public func sources(_ ready: [SoundPackage]) -> [any SoundSource] {
    ready.map { package -> any SoundSource in
      FolderSource(name: package.name, folder: unpacked(package.name)) { package.facts($0) }
    }
  }

  /// Loops without drums of all packages that were ever unpacked here.
  public func loops() -> [RecordedLoops.Loop] {
    present(SoundPackage.full).flatMap { package -> [RecordedLoops.Loop] in
      guard !package.loops.isEmpty else { return [] }
      let loops = (try? RecordedLoops.inFolder(unpacked(package.name), licence: package.licence)) ?? []
      return loops.filter { loop in package.loops.contains { loop.file.path.contains($0) } }.map { loop in
        var loop = loop
        loop.source = "\(package.name): \(loop.source)"
        return loop
      }
    }
  }
}
