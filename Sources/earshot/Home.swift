import Basics
import Foundation
import Neural

/// The files that the program needs, such as pages and ready studies: in a clone, or in `share/earshot` if it is installed.
enum Home {
  /// A file or folder of the clone, such as `studies/demo/study.yaml`: below the folder that `EARSHOT_HOME` names, or
  /// below the nearest folder above the program that has it, itself or in its `share/earshot`.
  static func item(_ path: String) throws -> URL {
    func found(_ home: URL) -> URL? {
      let item = home.appending(path: path)
      return FileManager.default.isReadableFile(atPath: item.path) ? item : nil
    }
    if let home = ProcessInfo.processInfo.environment["EARSHOT_HOME"] {
      if let item = found(URL(filePath: home, directoryHint: .isDirectory)) { return item }
      throw Problem(
        "EARSHOT_HOME has no '\(path)'", at: Place(file: home), mend: "Set it to the folder that contains it.")
    }
    var folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
      if let item = found(folder) ?? found(folder.appending(path: "share/earshot")) { return item }
      folder.deleteLastPathComponent()
    }
    throw Problem("'\(path)' is not found above the program", mend: "Set EARSHOT_HOME to the folder that contains it.")
  }

  /// The model that comes with Earshot. Nil if the clone does not contain it.
  /// - Throws: a `Problem` if its file is damaged.
  static func model() throws -> Model? { try (try? item("models/conditional.safetensors")).map(ModelFile.read) }
}
