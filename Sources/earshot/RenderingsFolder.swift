import Basics
import Foundation
import Stimuli
import Study

/// A folder of versions: one folder per system, with files of the same names in each; one of the folders may be `reference`.
struct RenderingsFolder {
  struct Row {
    var item: String
    var system: String
    /// Relative to the table.
    var file: String
  }

  /// The names that a folder of references may have.
  static let referenceNames = ["reference", "ref", "references", "original", "originals", "orig", "clean"]
  /// Sorted by name.
  private(set) var items: [String] = []
  private(set) var systems: [String] = []
  /// The folder that is used as the references.
  private(set) var reference: String?
  /// By item, then by folder.
  private var files: [String: [String: URL]] = [:]
  /// What was found but not used.
  private(set) var notes: [String] = []

  /// - Throws: a `Problem` if the folder does not have this layout.
  init(_ folder: URL) throws {
    let place = Place(file: folder.relativePath)
    let layout =
      "Lay it out as reference/x.wav, model_a/x.wav, model_b/x.wav: a folder per system, the same file names."
    let inside = try FolderOfSounds.contents(of: folder, mend: layout)
    let folders = inside.filter(FolderOfSounds.isFolder)
    guard !folders.isEmpty else {
      throw Problem("the folder has no folders of systems", at: place, mend: layout)
    }
    for file in inside where !folders.contains(file) {
      notes.append("\(file.lastPathComponent) is outside the systems' folders")
    }
    for system in folders {
      let name = system.lastPathComponent
      var taken = 0
      for file in try FolderOfSounds.contents(of: system, mend: layout) {
        guard FolderOfSounds.isSound(file) else {
          notes.append("\(name)/\(file.lastPathComponent) is not a sound file")
          continue
        }
        let item = file.deletingPathExtension().lastPathComponent
        if let other = files[item]?[name] {
          notes.append("\(name)/\(file.lastPathComponent) has the same name as \(other.lastPathComponent)")
          continue
        }
        files[item, default: [:]][name] = file
        taken += 1
      }
      if taken == 0 {
        notes.append("\(name) has no sounds")
      } else if reference == nil, Self.referenceNames.contains(name.lowercased()) {
        reference = name
      } else {
        systems.append(name)
      }
    }
    items = files.keys.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    guard !items.isEmpty, !systems.isEmpty else {
      throw Problem("the folder has no sounds of systems", at: place, mend: layout)
    }
    for item in items {
      let absent = (systems + [reference].compactMap(\.self)).filter { files[item]?[$0] == nil }
      if !absent.isEmpty { notes.append("\(item) is missing in \(absent.joined(separator: ", "))") }
    }
  }

  /// Rows for a table in a folder.
  func rows(for table: URL) -> [Row] {
    items.flatMap { item in
      ([reference].compactMap(\.self) + systems).compactMap { system in
        files[item]?[system].map { file in
          Row(
            item: item, system: system == reference ? "reference" : system,
            file: FolderOfSounds.path(to: file, from: table.deletingLastPathComponent()))
        }
      }
    }
  }

  static func write(_ rows: [Row], to url: URL) throws {
    try TableWriter.write(url, columns: ["item", "system", "file", "reference"]) { table in
      for row in rows { try table.row([row.item, row.system, row.file, row.system == "reference" ? "yes" : "no"]) }
    }
  }
}
