import Basics
import Foundation
import FuzzTargets
import TestSupport

/// Runs the target that the variable FUZZ_TARGET names; without it, prints all names.
enum Fuzz {
  nonisolated(unsafe) private static var target: FuzzTarget?
  private static let folder = try? TemporaryFolder()

  /// - Parameter corpus: the folder for the target's seeds.
  static func prepare(corpus: URL?) throws {
    guard let folder else { throw Problem("there is no temporary folder", mend: "Make room in it.") }
    let targets = try FuzzTarget.all(in: folder.url)
    guard let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] else {
      print(targets.map(\.name).joined(separator: "\n"))
      exit(0)
    }
    target = targets.first { $0.name == name }
    guard let target else {
      throw Problem("there is no target '\(name)'", mend: "Take one of \(targets.map(\.name).joined(separator: ", ")).")
    }
    guard let corpus else { return }
    try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
    for (i, seed) in target.seeds.enumerated() { try seed.write(to: corpus.appending(path: "seed\(i)")) }
  }

  static func read(_ data: Data) {
    guard let target, let folder else { return }
    let url = folder.url.appending(path: target.file)
    do {
      try data.write(to: url)
      try target.read(url)
    } catch  where error is Problem || error is Problems {} catch { fatalError("\(target.name): \(error)") }
  }
}

#if LIBFUZZER
  /// libFuzzer's entry point: `Fuzz CORPUS [-max_total_time=60 …]`. It looks for inputs that reach new code, and adds
  /// them to the folder.
  @_cdecl("LLVMFuzzerInitialize")
  public func begin(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafePointer<CChar>?>?>
  ) -> Int32 {
    let given = (1..<max(1, Int(count.pointee))).compactMap { arguments.pointee?[$0] }.map { String(cString: $0) }
    do { try Fuzz.prepare(corpus: given.first { !$0.hasPrefix("-") }.map { URL(filePath: $0) }) } catch {
      fatalError("\(error)")
    }
    return 0
  }

  @_cdecl("LLVMFuzzerTestOneInput")
  public func tryOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    Fuzz.read(Data(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
  }
#else
  /// `Fuzz FILE …`: reads earlier findings again.
  @main struct Replay {
    static func main() throws {
      try Fuzz.prepare(corpus: nil)
      for path in CommandLine.arguments.dropFirst() { Fuzz.read(try Data(contentsOf: URL(filePath: path))) }
    }
  }
#endif
