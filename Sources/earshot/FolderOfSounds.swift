import Basics
import Foundation

/// A flat folder of sounds that are judged by themselves, or compared with one another.
struct FolderOfSounds {
  /// In the order of their names, which are the files' without their endings.
  private(set) var sounds: [(name: String, file: URL)] = []
  /// What was found and not taken.
  private(set) var notes: [String] = []

  private static let layout = "Put the sounds in it side by side: a.wav, b.wav, c.wav."

  /// - Throws: `Problem` where the folder holds no sounds.
  init(_ folder: URL) throws {
    for file in try Self.contents(of: folder, mend: Self.layout) {
      let name = file.deletingPathExtension().lastPathComponent
      if Self.isFolder(file) {
        notes.append("\(file.lastPathComponent) is a folder")
      } else if !Self.isSound(file) {
        notes.append("\(file.lastPathComponent) is no sound file")
      } else if let other = sounds.first(where: { $0.name == name }) {
        notes.append("\(file.lastPathComponent) has the name of \(other.file.lastPathComponent)")
      } else {
        sounds.append((name, file))
      }
    }
    guard !sounds.isEmpty else {
      throw Problem("the folder has no sounds", at: Place(file: folder.relativePath), mend: Self.layout)
    }
    sounds.sort { $0.name.compare($1.name, options: .numeric) == .orderedAscending }
  }

  /// Whether a folder holds folders of sounds, as versions do.
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

  /// In the order of their names; what is hidden is left out.
  /// - Throws: `Problem` where there is no such folder.
  static func contents(of folder: URL, mend: String) throws -> [URL] {
    guard isFolder(folder),
      let all = try? FileManager.default.contentsOfDirectory(
        at: folder.resolvingSymlinksInPath(), includingPropertiesForKeys: [.isDirectoryKey])
    else { throw Problem("there is no such folder", at: Place(file: folder.relativePath), mend: mend) }
    return all.filter { !$0.lastPathComponent.hasPrefix(".") }.sorted { $0.lastPathComponent < $1.lastPathComponent }
  }

  /// From a folder to a file, by as many steps up as it takes.
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
