import Basics
import Foundation

/// A folder that is there when it is whole, or not at all.
enum NewFolder {
  /// - Parameters:
  ///   - name: as the user calls it.
  ///   - fill: writes into a neighbour of the folder, which then takes its name, so that paths from it stay right.
  /// - Throws: what `fill` throws; a `Problem` where there is something of this name, or nothing can be written.
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
