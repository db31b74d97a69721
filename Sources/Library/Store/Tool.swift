import Basics
import Foundation

/// Runs a system program until it ends.
public enum Tool {
  /// The result of a run.
  public struct Result {
    /// The exit status. 0 is success.
    public var status: Int32
    /// What the program wrote to standard output.
    public var output: String
    /// What the program wrote to standard error.
    public var complaint: String

    /// The last line of `complaint` that is not blank.
    public var lastComplaint: String {
      complaint.split(separator: "\n").last { !$0.allSatisfy(\.isWhitespace) }.map(String.init) ?? ""
    }
  }

  /// The path of a program. Nil if it is not installed.
  /// - Parameter path: folders to search, separated by colons. Nil uses the environment's `PATH`.
  public static func find(_ name: String, path: String? = nil) -> String? {
    let path = path ?? ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
  }

  /// - Throws: a `Problem` if it is not installed or cannot be started. If the program itself fails, `status` shows it.
  public static func run(_ name: String, _ arguments: [String], in folder: URL? = nil, path: String? = nil) throws
    -> Result
  {
    guard let path = find(name, path: path) else {
      throw Problem("'\(name)' is not installed", mend: "Install it, or leave out the sounds that it makes.")
    }
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    // Write to files, not pipes: a full pipe that nobody reads would block the program.
    let base = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)").path
    let files = [base + ".out", base + ".err"]
    defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
    for file in files { _ = FileManager.default.createFile(atPath: file, contents: nil) }
    let handles = files.compactMap { FileHandle(forWritingAtPath: $0) }
    guard handles.count == 2 else {
      throw Problem("cannot write temporary files", at: Place(file: base), mend: "Is the disk full?")
    }
    (process.standardOutput, process.standardError) = (handles[0], handles[1])
    do { try process.run() } catch {
      throw Problem("'\(name)' cannot be started", at: Place(file: path), mend: "Check that it works on its own.")
    }
    process.waitUntilExit()
    for handle in handles { try? handle.close() }
    let texts = files.map { String(decoding: FileManager.default.contents(atPath: $0) ?? Data(), as: UTF8.self) }
    return Result(status: process.terminationStatus, output: texts[0], complaint: texts[1])
  }
}
