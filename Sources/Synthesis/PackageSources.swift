import Foundation
import Library

extension PackageStore {
  /// The sounds of available packages: their files, and the drums of their soundfonts, in the order of the packages.
  public func sources(_ ready: [SoundPackage]) -> [any SoundSource] {
    ready.flatMap { package -> [any SoundSource] in
      let folder = unpacked(package.name)
      guard !package.soundFonts.isEmpty else { return [files(of: package)] }
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

  /// Sources that generate sounds: variants of the DrumSynth presets in lmms-common, `variants` per preset, and the
  /// synthesiser, with `perClass` sounds per class. All of these are only for training. Without lmms-common there are
  /// no presets.
  public func synthetic(
    _ ready: [SoundPackage], variants: Int, perClass: Int, seed: UInt64
  ) -> [any SoundSource] {
    var sources: [any SoundSource] = []
    let folder = unpacked("lmms-common").appending(
      path: "usr/share/lmms/samples/drumsynth", directoryHint: .isDirectory)
    if let package = ready.first(where: { $0.name == "lmms-common" }),
      FileManager.default.fileExists(atPath: folder.path)
    {
      sources.append(DrumSynthSource(folder: folder, licence: package.licence, seed: seed))
      if variants > 0 {
        sources.append(DrumSynthSource(folder: folder, licence: package.licence, variants: variants, seed: seed))
      }
    }
    if perClass > 0 { sources.append(TrainingOnlySource(SynthSource(perClass: perClass, seed: seed))) }
    return sources
  }
}
