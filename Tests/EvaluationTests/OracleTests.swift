import Basics
import Evaluation
import Foundation
import Retrieval
import Sound
import Testing

/// Expected figures from `analysis/oracles/retrieval.py`, which goes through every order that ties allow.
@Suite("Figures of an independent implementation")
struct OracleTests {
  struct Fixture: Decodable {
    struct Case: Decodable {
      var distances: [Double]
      var conditions: [String]
      var target: Int
      var asked: String
      var reciprocal_rank, first_1, first_5, first_10, place, normalised_rank, wrong_class, own_class: Double
    }
    var cases: [Case]
  }

  static let cases = Result {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../analysis/oracles/fixtures/retrieval.json")
    return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file.standardized)).cases
  }

  @Test("ties of every kind, with queries for right and wrong classes", arguments: 0..<8)
  func figures(number: Int) throws {
    let one = try Self.cases.get()[number]
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-oracle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try AudioFile.write(Clip(mono: [0.5, 0.25], sampleRate: 44100), to: folder.appending(path: "a.wav"), as: .wavFloat)
    try TableWriter.write(folder.appending(path: "library.csv"), columns: ["candidate", "condition", "file"]) { table in
      for (i, condition) in one.conditions.enumerated() { try table.row(["c\(i)", condition, "a.wav"]) }
    }
    try TableWriter.write(folder.appending(path: "mixes.csv"), columns: ["query", "condition", "file", "reference"]) {
      try $0.row(["m", one.conditions[one.target], "a.wav", "c\(one.target)"])
    }
    let test = try TestSet.read(library: folder, mixes: folder)
    let system = Planted("planted") { _, candidate in one.distances[Int(candidate.id.dropFirst()) ?? 0] }
    let run = try Run(Entrant(system), on: test, features: FeatureStore(folder: nil))
    let finding = run.findings[0][try #require(test.conditions.firstIndex(of: one.asked))]
    let pairs = [
      (finding.reciprocalRank, one.reciprocal_rank), (finding.first1, one.first_1), (finding.first5, one.first_5),
      (finding.first10, one.first_10), (finding.place, one.place), (finding.normalisedRank, one.normalised_rank),
      (finding.wrongClass, one.wrong_class), (finding.ownClassReciprocalRank, one.own_class),
    ]
    for (ours, theirs) in pairs { #expect(abs(ours - theirs) < 1e-12) }
  }
}
