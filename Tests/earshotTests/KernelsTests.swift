import Foundation
import Testing

/// Which of OpenBLAS's kernels the program chooses, as OpenBLAS itself reports it.
@Suite struct KernelsTests {
  /// The cores that OpenBLAS reports at each start of the program, with a given value of the environment variable.
  /// Missing tables end an analysis right after the start.
  private static func cores(_ type: String?, _ command: [String] = ["analyze", "/no/such/study"]) throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "earshot")
    process.arguments = command
    var environment = ProcessInfo.processInfo.environment
    environment["OPENBLAS_VERBOSE"] = "2"
    environment["OPENBLAS_CORETYPE"] = type
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    return said.split(separator: "\n").compactMap { $0.hasPrefix("Core: ") ? String($0.dropFirst(6)) : nil }
  }

  @Test func notTheOldestWhereTheProcessorHasBetter() throws {
    let processor = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let flags = processor.split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ") ?? []
    let found = try Self.cores(nil)
    let last = try #require(found.last)
    if flags.contains("avx2"), flags.contains("fma") { #expect(last != "Prescott", "\(found)") }
    #expect(found.count <= 2)
    // An explicit choice is obeyed, and the program starts once.
    #expect(try Self.cores("Nehalem") == ["Nehalem"])
    // A command that multiplies no matrices does not start twice.
    #expect(try Self.cores(nil, ["--version"]).count == 1)
  }
}
