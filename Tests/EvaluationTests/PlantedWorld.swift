import Basics
import Evaluation
import Foundation
import Retrieval
import Sound

/// A library and mixes whose sounds carry no information, and systems with planted answers.
struct PlantedWorld {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-evaluate-\(UUID().uuidString)")
  var variants = 8
  var mixes = 12
  static let conditions = ["kick", "snare", "hihat"]

  /// The variant of a class that plays in a mix.
  func truth(_ mix: Int, _ condition: String) -> Int { (mix * 5 + condition.count) % variants }

  /// - Parameters:
  ///   - split: the split of a one-shot, for the column of that name; nil for no column.
  ///   - group: the group of a one-shot.
  ///   - reference: the reference of a mix for a class; nil for the one-shot that plays.
  func make(
    split: ((_ condition: String, _ variant: Int) -> String)? = nil,
    group: (_ condition: String, _ variant: Int) -> String = { "\($0) kit \($1 / 2)" },
    reference: ((_ mix: Int, _ condition: String) -> String)? = nil
  ) throws -> PlantedWorld {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // A short tone, so that there is something to measure and to play.
    let tone = Clip(mono: (0..<8820).map { 0.3 * sinf(Float($0) * 0.1) }, sampleRate: 44100)
    try AudioFile.write(tone, to: folder.appending(path: "one.flac"), as: .flac16)
    try AudioFile.write(tone.scaled(by: 0.5), to: folder.appending(path: "mix.flac"), as: .flac16)
    let columns =
      ["candidate", "condition", "file", "group", "licence", "source", "sha256"] + (split == nil ? [] : ["split"])
    try TableWriter.write(folder.appending(path: "library.csv"), columns: columns) { table in
      for condition in Self.conditions {
        for v in 0..<variants {
          let cells = [
            "\(condition)-\(v)", condition, "one.flac", group(condition, v), "CC0", "made & planted",
            "hash of \(condition) \(v)",
          ]
          try table.row(cells + (split.map { [$0(condition, v)] } ?? []))
        }
      }
    }
    try TableWriter.write(
      folder.appending(path: "mixes.csv"),
      columns: [
        "query", "condition", "file", "reference", "onsets_s", "hit_gain_db", "reverb_send_db", "comp_threshold_db",
        "comp_ratio", "licence", "source",
      ]
    ) { table in
      for i in 0..<mixes {
        for (c, condition) in Self.conditions.enumerated() {
          try table.row(
            [
              "mix\(i)", condition, "mix.flac", reference?(i, condition) ?? "\(condition)-\(truth(i, condition))",
              // Hi-hats play both with the kick and alone; snares never play with another drum.
              ["0 1 2", "0.5 1.5", "0.01 0.25 1 1.75"][c], Double(i) - Double(c) * 10, Double(-30 + i), -20.0, 4.0,
              "CC0",
              "planted",
            ] as [any CellValue])
        }
      }
    }
    return self
  }

  func test(split: String = "test") throws -> TestSet {
    try TestSet.read(library: folder, mixes: folder, split: split)
  }

  func evaluate(
    _ systems: [any RankingSystem], against: String? = nil, resamples: Int = 300, seed: UInt64 = 1
  ) throws -> EvaluationFindings {
    let evaluation = try Evaluation(
      systems.map { Entrant($0, isHandmade: $0.name.hasPrefix("hand")) }, on: test(), against: against,
      features: FeatureStore(folder: nil), resamples: resamples, seed: seed)
    return EvaluationFindings(evaluation, version: "test")
  }
}

/// A system whose distances are a function of the query and the candidate.
struct Planted: RankingSystem, PreparedSystem {
  let name: String
  let hears = Hearing.nothing
  let summary = "planted"
  var candidates: [Candidate] = []
  var distance: @Sendable (_ query: Query, _ candidate: Candidate) -> Double

  init(_ name: String, _ distance: @escaping @Sendable (Query, Candidate) -> Double) {
    self.name = name
    self.distance = distance
  }

  func prepare(_ candidates: [Candidate], features: FeatureStore, progress: ProgressHandler?) -> any PreparedSystem {
    var copy = self
    copy.candidates = candidates
    return copy
  }

  func distances(of query: Query, to places: [Int]) throws -> [Double] {
    places.map { distance(query, candidates[$0]) }
  }

  static func draw(_ seed: UInt64, _ query: Query, _ candidate: Candidate) -> Double {
    var random = SeededRandom(seed: seed, query.id, query.condition, candidate.id)
    return random.unit()
  }

  /// A system that ranks the true one-shot of the requested class first, then the rest of this class, then everything
  /// else.
  static func perfect(_ world: PlantedWorld, name: String = "perfect") -> Planted {
    Planted(name) { query, candidate in
      let mix = Int(query.id.dropFirst(3)) ?? 0
      if candidate.id == "\(query.condition)-\(world.truth(mix, query.condition))" { return 0 }
      return (candidate.condition == query.condition ? 1 : 3) + draw(9, query, candidate)
    }
  }

  static func random(_ seed: UInt64, name: String = "random") -> Planted {
    Planted(name) { draw(seed, $0, $1) }
  }
}

extension EvaluationFindings {
  func number(_ table: String, _ key: String, where wanted: [String: String]) -> Double? {
    self[table].flatMap { table in table.rows(where: wanted).first.flatMap { table.number($0, key) } }
  }

  func mrr(_ system: String, _ condition: String = "all") -> Double? {
    number("scores", "value", where: ["system": system, "condition": condition, "measure": "mrr"])
  }
}
