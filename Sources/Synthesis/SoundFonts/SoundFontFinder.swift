import Basics
import Foundation
import Library

/// Finds General MIDI soundfonts on this machine.
public enum SoundFontFinder {
  /// The preferred one first: those of downloaded packages, then those of the system.
  public static func find(
    packages: URL = CacheFolder.folder("packages"),
    system: [URL] = ["/usr/share/sounds/sf2", "/usr/share/sounds/sf3", "/usr/share/soundfonts"].map {
      URL(filePath: $0)
    }
  ) -> URL? {
    let order = ["FluidR3_GM.sf2", "TimGM6mb.sf2", "default-GM.sf2", "default-GM.sf3"]
    let files = ([packages] + system).flatMap { (try? SoundFiles.below($0, suffixes: ["sf2", "sf3"])) ?? [] }
    for name in order { if let file = files.first(where: { $0.lastPathComponent == name }) { return file } }
    return files.first
  }
}
