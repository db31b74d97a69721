import Basics
import Foundation

/// A folder that is created completely or not at all.
enum NewFolder {
  /// - Parameters:
  ///   - name: the name that the user gave.
  ///   - fill: writes into a folder beside it, which is then renamed, so that relative paths stay right.
  /// - Throws: what `fill` throws; a `Problem` if the name exists already, or if nothing can be written.
  static func make(_ folder: URL, name: String, fill: (URL) throws -> Void) throws {
    let files = FileManager.default
    guard !files.fileExists(atPath: folder.path) else {
      throw Problem("this name is already taken", at: Place(file: name), mend: "Choose another name.")
    }
    let part = folder.deletingLastPathComponent().appending(path: ".\(folder.lastPathComponent).part")
    try? files.removeItem(at: part)
    do {
      try fill(part)
      try files.moveItem(at: part, to: folder)
    } catch {
      try? files.removeItem(at: part)
      throw error is Problem || error is Problems
        ? error : Problem("cannot write here", at: Place(file: name), mend: "Check that the folder above it is yours.")
    }
  }
}
