import Basics
import Foundation

/// A program of the system, run to its end.
public enum Tool {
  /// What came of it.
  public struct Result {
    /// Its exit status; 0 is success.
    public var status: Int32
    /// What it wrote on standard output.
    public var output: String
    /// What it wrote on standard error.
    public var complaint: String

    /// The last line of the complaint that is not blank.
    public var lastComplaint: String {
      complaint.split(separator: "\n").last { !$0.allSatisfy(\.isWhitespace) }.map(String.init) ?? ""
    }
  }

  /// The path of a program, or nil where it is not installed.
  /// - Parameter path: folders with colons between them; nil takes the environment's.
  public static func find(_ name: String, path: String? = nil) -> String? {
    let path = path ?? ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
  }

  /// - Throws: a `Problem` when it is not installed or cannot be started; a failure is told by `status`.
  public static func run(_ name: String, _ arguments: [String], in folder: URL? = nil, path: String? = nil) throws
    -> Result
  {
    guard let path = find(name, path: path) else {
      throw Problem("'\(name)' is not installed", mend: "Install it, or do without what it makes.")
    }
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    // Files, not pipes: a full pipe that nobody reads would stop the program.
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
