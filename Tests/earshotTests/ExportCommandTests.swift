import Basics
import Foundation
import Records
import RecordsSQLite
import Study
import Synchronization
import TestSupport
import Testing
import Trials

/// What `earshot export` writes for spreadsheets: byte-order marks and formula guards, and that Earshot reads all of it
/// again.
@Suite("The export command")
struct ExportCommandTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-export-\(UUID().uuidString)")
  private static let candidates = ["=k1", "+k2", "-k3", "@k4", "k5"]
  private static let tables = ["participants", "ratings", "events", "stimuli", "rankings", "refused"]

  /// A study whose names a spreadsheet would take for formulas, with answers by listeners with these external ids.
  private func make(_ ids: [String] = ["=1+1", "'=1+1", "-3", "\u{e9}\t@x"]) throws {
    let sounds = folder.appending(path: "sounds")
    try FileManager.default.createDirectory(at: sounds, withIntermediateDirectories: true)
    func write(_ name: String, _ lines: [String]) throws {
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: name))
    }
    for (i, _) in Self.candidates.enumerated() {
      let hit = (0..<9000).map { 0.5 * expf(-Float($0) / 2000) * sinf(Float($0) * 0.03 * Float(i + 1)) }
      try RawSounds.wav(hit).write(to: sounds.appending(path: "\(i).wav"))
    }
    for i in 0..<4 {
      let loop = (0..<44100).map { 0.2 * sinf(Float($0) * 0.01 * Float(i + 1)) }
      try RawSounds.wav(loop).write(to: sounds.appending(path: "loop\(i).wav"))
    }
    try write("q.csv", ["query,file"] + (0..<4).map { "=loop\($0),sounds/loop\($0).wav" })
    let written = Self.candidates
    try write("c.csv", ["candidate,file"] + written.enumerated().map { "\($1),sounds/\($0).wav" })
    try write(
      "r.csv",
      ["query,system,rank,candidate"]
        + (0..<4).flatMap { q in
          ["=mine", "+yours"].enumerated().flatMap { s, system in
            written.indices.map { "=loop\(q),\(system),\($0 + 1),\(written[($0 * (s + 1) + q) % written.count])" }
          }
        })
    try write(
      "study.yaml",
      [
        "title: T", "consent: {text: ok}", "sounds: {queries: q.csv, candidates: c.csv, rankings: r.csv}",
        "pool: {top_k: 5, max_per_trial: 5, random_fillers: 0, anchor_lowpass_hz: none, hidden_reference: false}",
        "trials: {training: 0, repeats: 0, catches: 0}",
      ])
    let design = try StudyDesign.load(folder: folder)
    try FileManager.default.createDirectory(at: folder.appending(path: "data"), withIntermediateDirectories: true)
    let records = try Records(folder.appending(path: "data/records.sqlite"))
    defer { records.close() }
    try records.register(version: design.version, study: "s", scaleMin: 0, scaleMax: 100)
    for (number, id) in ids.enumerated() {
      let session = try wait {
        records.join(
          Newcomer(
            keyHash: "key\(number)", tokenHash: "token\(number)", studyVersion: design.version, seed: 1, language: "en",
            recruitedFrom: "@there", externalID: Name.read(id)), then: $0)
      }.session
      for trial in design.plan(participant: session.participant, seed: 1).trials {
        let places = 1...trial.candidates.count
        let judged = Judged(
          heard: places.map { Heard(position: $0, plays: 1, listenedMs: 9) },
          judgements: places.map {
            let rating = (37 * $0 * (number + 2) + trial.index * 11) % 101
            return Judgement(position: $0, scale: "similarity", number: Double(rating))
          })
        _ = try wait {
          records.save(
            Answered(
              session: session.id, key: "\(trial.index)", step: .trial(trial.index), responseMs: 5,
              content: .trial(trial, block: 1, name: "", judged)), after: nil, finishes: false, then: $0)
        }
      }
    }
  }

  private func wait<Value: Sendable>(
    _ body: (@escaping @Sendable (Result<Value, any Error>) -> Void) -> Void
  ) throws -> Value {
    let done = DispatchSemaphore(value: 0), held = Mutex<Result<Value, any Error>?>(nil)
    body { result in
      held.withLock { $0 = result }
      done.signal()
    }
    done.wait()
    return try #require(held.withLock { $0 }).get()
  }

  private func cells(_ table: String, _ column: String, in out: URL) throws -> [String] {
    try TableReader.rows(out.appending(path: "\(table).csv")).compactMap { $0[column] }
  }

  @Test("marks and guards are in the bytes, and every table and analysis reads the same with or without them")
  func formsOfTables() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try make()
    let out = folder.appending(path: "out"), findings = folder.appending(path: "findings")
    var read: [String: [[String]]] = [:]
    var answers: Set<String> = []
    for (options, mark, people, systems) in [
      ([], false, "1,1,'@there,'=1+1,", "=mine"), (["--bom"], true, "1,1,'@there,'=1+1,", "=mine"),
      (["--bom", "--guard", "all"], true, "1,1,'@there,'=1+1,", "'=mine"),
      (["--guard", "none"], false, "1,1,@there,=1+1,", "=mine"),
    ] as [([String], Bool, String, String)] {
      let isGuarded = options != ["--guard", "none"]
      let made = try CommandTests.earshot(["export", folder.path, "--out", out.path] + options)
      #expect(made.status == 0, "\(options): \(made.output)")
      func bytes(_ name: String) throws -> Data { try Data(contentsOf: out.appending(path: name)) }
      for table in Self.tables {
        let content = try bytes("\(table).csv")
        #expect(content.starts(with: [0xef, 0xbb, 0xbf]) == mark, "\(options) \(table)")
        // A single mark at the start, and none inside.
        #expect(content.dropFirst(3).range(of: Data([0xef, 0xbb, 0xbf])) == nil)
        var reader = try TableReader(out.appending(path: "\(table).csv"))
        var rows: [[String]] = [reader.columns]
        let columns = reader.columns
        try reader.forEach { row in rows.append(columns.map { row[$0] ?? "" }) }
        if read[table] == nil { read[table] = rows }
        #expect(rows == read[table] || (!isGuarded && table == "participants"), "\(options) \(table)")
      }
      #expect(try !bytes("datapackage.json").starts(with: [0xef, 0xbb, 0xbf]))
      func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
      #expect(try text("participants.csv").contains("\n\(people)"), "\(options)")
      #expect(try text("rankings.csv").contains(",\(systems),"), "\(options)")
      #expect(try text("participants.csv").contains(",-3,"), "a number is none")
      // Without guards, a text that looks guarded loses its own apostrophe on reading.
      let second = isGuarded ? "'=1+1" : "=1+1"
      #expect(try cells("participants", "external_id", in: out) == ["=1+1", second, "-3", "\u{e9} @x"])
      #expect(Set(try cells("ratings", "candidate", in: out)) == Set(Self.candidates))
      #expect(Set(try Ranking.read(out.appending(path: "rankings.csv")).map(\.system)) == ["=mine", "+yours"])
      let plan = folder.appending(path: "plan.yaml")
      try Data("intervals: {resamples: 200}\npermutations: 100\n".utf8).write(to: plan)
      let said = try CommandTests.earshot(
        "analyze", "--ratings", out.appending(path: "ratings.csv").path, "--rankings",
        out.appending(path: "rankings.csv").path, "--plan", plan.path, "--out", findings.path)
      #expect(said.status == 0 && said.output.contains("=mine"), "\(options): \(said.output)")
      answers.insert(said.output)
    }
    #expect(answers.count == 1, "\(answers.joined(separator: "\n---\n"))")
  }

  @Test("similar external ids raise an alarm that names the listeners, not the ids")
  func lookAlikes() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try make(["anna", "ben", "\u{430}nna", "carl"])
    let plan = folder.appending(path: "analysis.yaml")
    try Data("intervals: {resamples: 200}\npermutations: 100\n".utf8).write(to: plan)
    #expect(try CommandTests.earshot("export", folder.path).status == 0)
    let said = try CommandTests.earshot("analyze", folder.path, "--json")
    #expect(said.status == 0)
    #expect(
      said.output.contains(
        "1 group of external ids differs only in characters that look alike ('a' and U+0430): those of the participants 1 and 3."
      ), "\(said.output)")
    #expect(!said.output.contains("anna"))
  }

  @Test("an unknown guard is reported with the known ones")
  func unknown() throws {
    let said = try CommandTests.earshot("export", "nowhere", "--guard", "some")
    #expect(said.status == 64 && said.output.contains("listeners") && said.output.contains("all"))
  }
}
