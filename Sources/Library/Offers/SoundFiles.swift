import Basics
import Foundation

/// Sound files on disk.
public enum SoundFiles {
  /// Extensions of sound files. They include formats that cannot be read, so that such files are at least reported.
  public static let suffixes: Set = [
    "wav", "wave", "bwf", "rf64", "flac", "ogg", "oga", "opus", "aif", "aiff", "aifc", "mp3", "mp2", "au", "snd", "w64",
    "caf", "voc", "iff", "svx", "8svx", "m4a", "mp4", "aac", "alac", "wma", "wv", "ape", "ac3", "amr", "webm", "weba",
    "mka", "ra", "dsf", "dff", "tta", "mpc",
  ]

  /// All sound files below a folder, following links, sorted by path so that the order is the same on every machine.
  /// macOS sidecar files, which have extensions of sounds, are left out.
  /// - Throws: a `Problem` if there is no such folder.
  public static func below(_ folder: URL, suffixes: Set<String> = suffixes) throws -> [URL] {
    try paths(below: folder).filter { isSound($0, suffixes) }.map { folder.appending(path: $0) }
  }

  /// The plain files below a folder that `below` leaves out, by their paths in it, with the reason.
  static func others(below folder: URL) throws -> [(path: String, reason: Rejection.Reason, detail: String)] {
    try paths(below: folder).compactMap { path in
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: folder.appending(path: path).path, isDirectory: &isFolder)
      guard !isSound(path, suffixes), exists, !isFolder.boolValue else { return nil }
      if isSidecar(path) { return (path, .sidecar, "it holds macOS metadata of another file") }
      let ending = (path as NSString).pathExtension
      return (path, .notSound, ending.isEmpty ? "its name has no extension" : "its extension is .\(ending)")
    }
  }

  private static func paths(below folder: URL) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw Problem("there is no such folder", at: Place(file: folder.path), mend: "Check the path.")
    }
    return (FileManager.default.subpaths(atPath: folder.path) ?? []).sorted()
  }

  private static func isSound(_ path: String, _ suffixes: Set<String>) -> Bool {
    suffixes.contains((path as NSString).pathExtension.lowercased()) && !isSidecar(path)
  }

  private static func isSidecar(_ path: String) -> Bool { (path as NSString).lastPathComponent.hasPrefix("._") }
}
