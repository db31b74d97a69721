import Foundation

extension PackageStore {
  /// The sounds of packages that are ready: their files and their soundfonts' drums, in the order of the packages.
  public func sources(_ ready: [SoundPackage]) -> [any SoundSource] {
    ready.flatMap { package -> [any SoundSource] in
      let folder = unpacked(package.name)
      guard !package.soundFonts.isEmpty else {
        return [FolderSource(name: package.name, folder: folder) { package.facts($0) }]
      }
      let files = (try? SoundFiles.below(folder, suffixes: ["sf2", "sf3"])) ?? []
      return package.soundFonts.compactMap { name in
        files.first { $0.lastPathComponent == name }.map { file in
          let stem = file.deletingPathExtension().lastPathComponent
          return SoundFontSource(
            name: package.soundFonts.count > 1 ? "\(package.name) \(stem)" : package.name, file: file,
            licence: package.licence)
        }
      }
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
