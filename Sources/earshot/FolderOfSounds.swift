import Basics
import Foundation

/// A flat folder of sounds that are judged one by one or compared with each other.
struct FolderOfSounds {
  /// Sorted by name; a name is the file's without its extension.
  private(set) var sounds: [(name: String, file: URL)] = []
  /// What was found but not used.
  private(set) var notes: [String] = []

  private static let layout = "Put the sounds in it side by side: a.wav, b.wav, c.wav."

  /// - Throws: a `Problem` if the folder contains no sounds.
  init(_ folder: URL) throws {
    for file in try Self.contents(of: folder, mend: Self.layout) {
      let name = file.deletingPathExtension().lastPathComponent
      if Self.isFolder(file) {
        notes.append("\(file.lastPathComponent) is a folder")
      } else if !Self.isSound(file) {
        notes.append("\(file.lastPathComponent) is not a sound file")
      } else if let other = sounds.first(where: { $0.name == name }) {
        notes.append("\(file.lastPathComponent) has the same name as \(other.file.lastPathComponent)")
      } else {
        sounds.append((name, file))
      }
    }
    guard !sounds.isEmpty else {
      throw Problem("the folder has no sounds", at: Place(file: folder.relativePath), mend: Self.layout)
    }
    sounds.sort { $0.name.compare($1.name, options: .numeric) == .orderedAscending }
  }

  /// Whether a folder contains folders of sounds, as for versions.
  static func isOfFolders(_ folder: URL) -> Bool {
    ((try? contents(of: folder, mend: "")) ?? []).contains(where: isFolder)
  }

  /// Writes the table of them: candidate, file.
  func write(to table: URL) throws {
    try TableWriter.write(table, columns: ["candidate", "file"]) { rows in
      for (name, file) in sounds {
        try rows.row([name, Self.path(to: file, from: table.deletingLastPathComponent())])
      }
    }
  }

  // MARK: Of any folder

  /// What libsndfile reads.
  private static let endings = [
    "wav", "flac", "aif", "aiff", "aifc", "ogg", "oga", "opus", "mp3", "caf", "au", "w64", "rf64",
  ]

  static func isSound(_ file: URL) -> Bool { endings.contains(file.pathExtension.lowercased()) }

  static func isFolder(_ url: URL) -> Bool {
    let values = try? url.resolvingSymlinksInPath().resourceValues(forKeys: [.isDirectoryKey])
    return values?.isDirectory ?? false
  }

  /// Sorted by name; hidden files are left out.
  /// - Throws: a `Problem` if there is no such folder.
  static func contents(of folder: URL, mend: String) throws -> [URL] {
    guard isFolder(folder),
      let all = try? FileManager.default.contentsOfDirectory(
        at: folder.resolvingSymlinksInPath(), includingPropertiesForKeys: [.isDirectoryKey])
    else { throw Problem("there is no such folder", at: Place(file: folder.relativePath), mend: mend) }
    return all.filter { !$0.lastPathComponent.hasPrefix(".") }.sorted { $0.lastPathComponent < $1.lastPathComponent }
  }

  /// The relative path from a folder to a file.
  static func path(to file: URL, from folder: URL) -> String {
    let (there, here) = (
      file.standardizedFileURL.resolvingSymlinksInPath().pathComponents,
      folder.standardizedFileURL.resolvingSymlinksInPath().pathComponents
    )
    let shared = zip(there, here).prefix { $0 == $1 }.count
    // From another disk's root, the whole path says more than steps up to it.
    guard shared > 1 else { return file.standardizedFileURL.path }
    return (Array(repeating: "..", count: here.count - shared) + there.dropFirst(shared)).joined(separator: "/")
  }
}
