import Basics
import Foundation
import Study
import Testing
import Trials

/// The studies of this repository, with tables like those that are generated for them.
@Suite("Ready-made studies")
struct ReadyStudiesTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "studies")

  /// A copy of a ready-made study with twelve loops, three drums and ten samples of each.
  func copy(_ name: String) throws -> URL {
    let files = FileManager.default
    let copy = files.temporaryDirectory.appending(path: "earshot-ready-\(UUID().uuidString)")
    try files.createDirectory(at: copy, withIntermediateDirectories: true)
    let ready = Self.folder.appending(path: name)
    for item in try files.contentsOfDirectory(atPath: ready.path) where !["sounds", "data"].contains(item) {
      try files.copyItem(at: ready.appending(path: item), to: copy.appending(path: item))
    }
    var queries = "query,condition,file,reference\n"
    var candidates = "candidate,condition,file\n"
    var rankings = "query,condition,system,rank,candidate\n"
    for folder in ["sounds/mixes", "sounds/library"] {
      try files.createDirectory(at: copy.appending(path: folder), withIntermediateDirectories: true)
    }
    var random = SeededRandom(seed: 1, "ready")
    for (c, condition) in ["kick", "snare", "hihat"].enumerated() {
      for number in 0..<10 {
        candidates += "\(condition)\(number),\(condition),\(condition)\(number).flac\n"
        try Data("\(c) \(number)".utf8).write(to: copy.appending(path: "sounds/library/\(condition)\(number).flac"))
      }
      for loop in 0..<12 {
        queries += "loop\(loop),\(condition),loop\(loop).flac,\(condition)\(loop % 10)\n"
        try Data("loop \(loop)".utf8).write(to: copy.appending(path: "sounds/mixes/loop\(loop).flac"))
        for system in ["random", "mfcc-hit", "auditory-image-hit", "conditional"] {
          for (i, number) in random.shuffled(Array(0..<10)).enumerated() {
            rankings += "loop\(loop),\(condition),\(system),\(i + 1),\(condition)\(number)\n"
          }
        }
      }
    }
    try Data(queries.utf8).write(to: copy.appending(path: "sounds/mixes/mixes.csv"))
    try Data(candidates.utf8).write(to: copy.appending(path: "sounds/library/library.csv"))
    try Data(rankings.utf8).write(to: copy.appending(path: "sounds/rankings.csv"))
    return copy
  }

  @Test("the triplet study runs without a warning, and shows each pair equally often")
  func triplet() throws {
    let folder = try copy("triplet")
    defer { try? FileManager.default.removeItem(at: folder) }
    let reading = StudyReading(folder: folder)
    #expect(reading.problems.map(\.description) == [])
    let design = try #require(reading.design)
    #expect((6...14).contains(design.expectedMinutes()))
    let shown = DesignCoverage(design, participants: 30).items.map(\.shown)
    #expect((shown.max() ?? 0) - (shown.min() ?? 0) <= 1)
  }

  @Test("a ready-made study runs without a warning", arguments: ["demo", "likert"])
  func sound(name: String) throws {
    let folder = try copy(name)
    defer { try? FileManager.default.removeItem(at: folder) }
    let reading = StudyReading(folder: folder)
    #expect(reading.problems.map(\.description) == [])
    let design = try #require(reading.design)
    #expect(design.items.count == 36)
    #expect((6...14).contains(design.expectedMinutes()))
    let coverage = DesignCoverage(design, participants: 30)
    #expect(coverage.items.allSatisfy { $0.shown == 10 })
  }
}
