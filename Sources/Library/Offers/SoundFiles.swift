import Basics
import Foundation

/// Sound files on the disk.
enum SoundFiles {
  static let suffixes: Set = ["wav", "flac", "ogg", "aif", "aiff", "mp3", "au", "w64", "caf"]

  /// All below a folder, links followed, sorted by path so that every machine sees the same order.
  static func below(_ folder: URL, suffixes: Set<String> = suffixes) throws -> [URL] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw Problem("there is no such folder", at: Place(file: folder.path), mend: "Check the path.")
    }
    let paths = FileManager.default.subpaths(atPath: folder.path) ?? []
    return paths.filter { suffixes.contains(($0 as NSString).pathExtension.lowercased()) }.sorted()
      .map { folder.appending(path: $0) }
  }
}
