import Basics
import Foundation
import GRDB
import HTTP
import Lab
import Logging
import Records
import RecordsSQLite
import Stimuli
import Study
import Synchronization
import TestSupport
import Testing
import Trials

/// Output of an earlier Earshot in use, kept in `Tests/Golden` and compared to the byte: study versions, plans, what
/// pages are sent, and the tables of an export, both from records that it wrote and from the same sittings repeated.
///
/// With `EARSHOT_GOLDEN=write` the texts are written instead of compared. `records-4.sqlite` is written only if it is
/// missing: it must remain a file of an older Earshot.
@Suite("Golden files", .serialized)
struct GoldenTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Golden")
    .standardizedFileURL
  static let isWriting = ProcessInfo.processInfo.environment["EARSHOT_GOLDEN"] == "write"
  static let oldRecords = folder.appending(path: "records-4.sqlite")

  /// Compares a text with the golden file of this name, and reports the first line that differs.
  private func compare(_ text: String, _ name: String) throws {
    let file = Self.folder.appending(path: name)
    if Self.isWriting {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      return
    }
    let kept = try String(contentsOf: file, encoding: .utf8)
    guard text != kept else { return }
    let (lines, before) = (text.components(separatedBy: "\n"), kept.components(separatedBy: "\n"))
    let place = zip(lines, before).enumerated().first { $1.0 != $1.1 }?.offset ?? min(lines.count, before.count)
    Issue.record(
      """
      \(name), line \(place + 1)
        was \(place < before.count ? before[place] : "no more")
        is  \(place < lines.count ? lines[place] : "no more")
      """)
  }

  // MARK: Versions and plans

  @Test("the versions and plans of studies stay the same", arguments: ["shuffled", "blocked", "demo", "likert"])
  func plans(name: String) throws {
    let folder = try TemporaryFolder()
    let study = GoldenStudy(folder.url)
    if name == "demo" || name == "likert" { try study.ready(name) } else { try study.small(order: name) }
    let design = try StudyDesign.load(folder: folder.url)
    var text = "version \(design.version)\nminutes \(design.expectedMinutes().cellText)\n"
    for seed in [design.definition.trials.seed, 7] {
      for participant in 1...6 {
        text += "\nparticipant \(participant), seed \(seed)\n"
        for trial in design.plan(participant: participant, seed: seed).trials {
          let marks = [(trial.isTraining, "training"), (trial.isCatch, "catch"), (trial.isRepeat, "repeat")]
          text += "\(trial.index) \(trial.query) \(trial.condition)"
          text += marks.filter(\.0).map { " " + $0.1 }.joined() + ":"
          for one in trial.candidates {
            text += " \(one.candidate)\(one.isReference ? "=reference" : "")\(one.isAnchor ? "=anchor" : "")"
          }
          text += "\n"
        }
      }
    }
    try compare(text, "plans-\(name).txt")
  }

  // MARK: Records

  @Test("the same sittings are served, stored and exported as before")
  func anew() throws {
    let served = try GoldenServer()
    if FileManager.default.fileExists(atPath: Self.oldRecords.path) { try served.takeKeys(from: Self.oldRecords) }
    try served.start()
    let told = try served.sittings()
    try compare(told, "sittings.txt")
    try compareExport(served)
    served.stop()
    if Self.isWriting, !FileManager.default.fileExists(atPath: Self.oldRecords.path) {
      try FileManager.default.copyItem(at: served.file, to: Self.oldRecords)
    }
  }

  @Test("records of an older Earshot open, are exported and served as before, and can be continued")
  func older() throws {
    let served = try GoldenServer()
    try FileManager.default.copyItem(at: Self.oldRecords, to: served.file)
    served.clock.set(GoldenServer.later)
    try served.start()
    defer { served.stop() }
    try compareExport(served)
    try compare(try served.standings(), "standings.txt")
    let token = try served.token("b")
    let open = try #require(try served.openTrials(token).first)
    #expect(try served.rate(token, open).hasPrefix("201"))
    #expect(try served.openTrials(token).first != open)
  }

  private func compareExport(_ served: GoldenServer) throws {
    for (name, text) in try served.export() { try compare(text, "export/\(name)") }
  }
}

/// Studies that are the same on every machine: their sounds are computed from sums and products alone.
struct GoldenStudy {
  let folder: URL

  init(_ folder: URL) { self.folder = folder }

  private func write(_ path: String, _ data: Data) throws {
    let file = folder.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  private func write(_ path: String, _ lines: [String]) throws {
    try write(path, Data((lines.joined(separator: "\n") + "\n").utf8))
  }

  /// The tables: loops that are asked for each condition, and ranked by systems that each begin with another candidate.
  private func tables(
    conditions: [String], loops: Int, candidates: Int, systems: [String], queries: String, library: String,
    type: String
  ) throws {
    var (mixes, shots) = (["query,condition,file,reference"], ["candidate,condition,file,licence,source"])
    var rankings = ["query,condition,system,rank,candidate"]
    let steps = [3, 9, 1, 7]
    for condition in conditions {
      shots += (0..<candidates).map { "\(condition)\($0),\(condition),\(condition)\($0).\(type),CC0-1.0,made" }
    }
    for loop in 0..<loops {
      for (c, condition) in conditions.enumerated() {
        mixes.append("loop\(loop),\(condition),loop\(loop).\(type),\(condition)\((loop + c) % candidates)")
        for (s, system) in systems.enumerated() {
          rankings += (1...candidates).map { rank in
            "loop\(loop),\(condition),\(system),\(rank),\(condition)\((rank * steps[s] + loop * 2 + c) % candidates)"
          }
        }
      }
    }
    try write(queries, mixes)
    try write(library, shots)
    try write("sounds/rankings.csv", rankings)
  }

  /// A study of four loops, two drums and two systems, in English and German.
  func small(order: String) throws {
    try tables(
      conditions: ["kick", "snare"], loops: 4, candidates: 7, systems: ["mine", "yours"], queries: "sounds/mixes.csv",
      library: "sounds/library.csv", type: "wav")
    for loop in 0..<4 {
      var random = SeededRandom(seed: 1, "golden loop \(loop)")
      try write(
        "sounds/loop\(loop).wav",
        RawSounds.wav((0..<44100).map { _ in Float(random.uniform(-0.3...0.3)) }, channels: 2))
    }
    for condition in ["kick", "snare"] {
      for number in 0..<7 {
        var random = SeededRandom(seed: 1, "golden \(condition) \(number)")
        let count = 9000 + 700 * number
        let shot = (0..<count).map { i -> Float in
          let left = 1 - Double(i) / Double(count)
          return Float(random.uniform(-0.5...0.5) * left * left * left)
        }
        try write("sounds/\(condition)\(number).wav", RawSounds.wav(shot))
      }
    }
    try write(
      "study.yaml",
      [
        "title: Which drum sounds alike?", "languages: [en, de]",
        "sounds: {queries: sounds/mixes.csv, candidates: sounds/library.csv, rankings: sounds/rankings.csv}",
        "texts:", "  welcome: {en: \"# Hello\", de: \"# Hallo\"}",
        "  instructions: {en: \"Listen for the {condition}.\", de: \"Auf {condition} hören.\"}",
        "  question: {en: \"How similar to the {condition}?\", de: \"Wie ähnlich der {condition}?\"}",
        "  finish: {en: Thanks., de: Danke.}",
        "  conditions: {kick: {en: kick drum, de: Bassdrum}, snare: {en: snare drum, de: Snare}}",
        "pool: {top_k: 2, random_fillers: 1, max_per_trial: 7}",
        "trials: {per_participant: 6, training: 1, repeats: 2, catches: 2, order: \(order), seed: 5}",
        "scale: {min: 0, max: 50, low: {en: not alike, de: unähnlich}, high: {en: the same, de: gleich}}",
        "consent: {text: {en: We keep **answers**., de: Wir speichern.}, agree: {en: Yes., de: Ja.}}",
        "questionnaire:",
        "  - {id: age, kind: number, text: {en: Age?, de: Alter?}, required: true, min: 16, max: 99}",
        "  - {id: role, kind: choice, text: {en: Role?, de: Rolle?}, options: [{value: a, text: {en: A, de: B}}, {value: c, text: {en: C, de: D}}]}",
        "  - {id: gear, kind: choices, text: {en: Gear?, de: Gerät?}, options: [{value: x, text: {en: X, de: X}}, {value: y, text: {en: Y, de: Y}}]}",
        "  - {id: remark, kind: text, text: {en: More?, de: Mehr?}}",
        "headphones: {check: true, trials: 2, pass: 1}",
        "finish: {redirect: \"https://panel.example/done?id={external_id}&n={participant}&b={batch}\"}",
        "joining: {keep: [batch], repeats: true}",
      ])
  }

  /// One of this repository's ready-made studies, with generated tables.
  func ready(_ name: String) throws {
    let files = FileManager.default
    let ready = GoldenTests.folder.appending(path: "../../studies/\(name)").standardizedFileURL
    for item in try files.contentsOfDirectory(atPath: ready.path) where !["sounds", "data"].contains(item) {
      try files.copyItem(at: ready.appending(path: item), to: folder.appending(path: item))
    }
    let conditions = ["kick", "snare", "hihat"]
    try tables(
      conditions: conditions, loops: 12, candidates: 10,
      systems: ["random", "mfcc-hit", "auditory-image-hit", "conditional"], queries: "sounds/mixes/mixes.csv",
      library: "sounds/library/library.csv", type: "flac")
    for loop in 0..<12 { try write("sounds/mixes/loop\(loop).flac", ["loop \(loop)"]) }
    for condition in conditions {
      for number in 0..<10 { try write("sounds/library/\(condition)\(number).flac", ["\(condition) \(number)"]) }
    }
  }
}

/// The small study on a real server, with a clock that the test sets.
final class GoldenServer {
  static let begin = Date(timeIntervalSince1970: 1_800_000_000)
  static let later = begin.addingTimeInterval(7200)

  final class Clock: Sendable {
    private let time = Mutex(GoldenServer.begin)
    var now: Date { time.withLock(\.self) }
    func set(_ date: Date) { time.withLock { $0 = date } }
    func tick() { time.withLock { $0.addTimeInterval(1.25) } }
  }

  let clock = Clock()
  private let folder: TemporaryFolder
  private let data: URL
  private let design: StudyDesign
  private var running: (records: Records, server: Server, client: WireClient)?

  var file: URL { data.appending(path: "records.sqlite") }

  init() throws {
    folder = try TemporaryFolder()
    let study = folder.url.appending(path: "golden")
    try GoldenStudy(study).small(order: "shuffled")
    design = try StudyDesign.load(folder: study)
    data = study.appending(path: "data")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
  }

  /// Takes the key in the records from which tokens and the right answers of the headphone check are derived.
  func takeKeys(from records: URL) throws {
    try Records(file).close()
    let queue = try DatabaseQueue(path: file.path)
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "ATTACH ? AS old", arguments: [records.path])
      try db.execute(sql: "INSERT INTO setting SELECT * FROM old.setting")
      try db.execute(sql: "DETACH old")
    }
    try queue.close()
  }

  func start() throws {
    let study = folder.url.appending(path: "golden")
    let stage = try Stage(folder: study, design: design, prepared: PreparedStimuli.prepare(design, into: data))
    let records = try Records(file, now: { [clock] in clock.now })
    let lab = try Lab(
      stage: stage, records: records, pages: SmallStudy.pages, data: data, secret: SmallStudy.secret,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    let server = try Server(port: 0, handler: lab.handler)
    running = (records, server, WireClient(port: server.port))
  }

  func stop() {
    running?.server.stop()
    running?.records.close()
    running = nil
  }

  // MARK: Requests

  private func key(_ what: String) -> String {
    let hex = ContentHash.of(what).prefix(32).map(String.init)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { hex[$0].joined() }.joined(separator: "-")
  }

  private func client() throws -> WireClient { try #require(running?.client) }

  /// The status and the body of a reply, formatted to be read.
  private func told(_ reply: WireClient.Reply) throws -> String {
    var object = try reply.json()
    if var records = object["records"] as? [String: Any] {
      // A quotient of day differences; its last digits depend on SQLite.
      records["median_minutes"] = nil
      object["records"] = records
    }
    let data = try JSONSerialization.data(
      withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    return "\(reply.status) \(String(decoding: data, as: UTF8.self))\n"
  }

  private func get(_ path: String, _ headers: [String: String] = [:]) throws -> String {
    "GET \(path)\n" + (try told(try client().get(path, headers)))
  }

  private func post(_ path: String, _ body: [String: Any], key: String) throws -> String {
    clock.tick()
    return try told(try client().post(path, ["key": self.key(key)].merging(body) { $1 }))
  }

  private func join(_ name: String) throws -> WireClient.Reply {
    let links: [String: [[String]]] = [
      "a": [["PROLIFIC_PID", "=1+1"], ["STUDY_ID", "s-1"], ["SESSION_ID", "x"], ["batch", "7"]],
      "a again": [["PROLIFIC_PID", "=1+1"], ["batch", "8"]], "c": [["from", "flyer"], ["id", "{id}"]],
    ]
    return try client().post(
      "/api/sessions",
      [
        "key": key("join \(name)"), "language": name == "b" ? "de" : "en", "consent": true,
        "parameters": links[name] ?? [],
      ], ["User-Agent": "Mozilla/5.0 Firefox/140.0"])
  }

  /// The token of a session; joining again with the same key gives the same one.
  func token(_ name: String) throws -> String { try #require(try join(name).json()["token"] as? String) }

  private func respond(_ token: String, _ body: [String: Any], key: String) throws -> String {
    try post("/api/sessions/\(token)/responses", body, key: key)
  }

  /// Indices of the trials that are not answered yet.
  func openTrials(_ token: String) throws -> [Int] {
    let state = try client().get("/api/sessions/\(token)").json()
    let all = (state["trials"] as? [[String: Any]] ?? []).compactMap { $0["index"] as? Int }
    let done = (state["done"] as? [String: Any])?["trials"] as? [Int] ?? []
    return all.filter { !done.contains($0) }
  }

  private func rating(_ trial: Int, _ count: Int) throws -> [String: Any] {
    let letters = ["A", "B", "C", "D", "E", "F", "G"].prefix(count)
    return [
      "step": "trial", "trial": trial, "response_ms": 20_000 + 137 * trial,
      "ratings": letters.enumerated().map { i, letter in
        [
          "position": letter, "rating": (trial * 17 + i * 29) % 51, "plays": 1 + (trial + i) % 3,
          "listened_ms": 400 + 33 * i,
        ]
      },
    ]
  }

  func rate(_ token: String, _ trial: Int, count: Int? = nil) throws -> String {
    let state = try client().get("/api/sessions/\(token)").json()
    let trials = state["trials"] as? [[String: Any]] ?? []
    let candidates = (trials.first { $0["index"] as? Int == trial }?["candidates"] as? [Any])?.count ?? 0
    return try respond(token, rating(trial, count ?? candidates), key: "\(token) \(trial) \(count ?? 0)")
  }

  // MARK: The sittings

  /// The answers to three listeners: one finishes and returns, one leaves midway, and one only joins.
  func sittings() throws -> String {
    var text = try get("/api/study")
    for name in ["a", "b", "c"] {
      clock.tick()
      text += "join \(name)\n" + (try told(try join(name)))
      text += try get("/api/sessions/\(try token(name))")
    }
    for (name, answers) in [
      ("a", ["age": 31, "role": "c", "gear": ["y", "x"], "remark": "+ \"well\", =so"] as [String: Any]),
      ("b", ["age": 44.5]),
    ] {
      let token = try token(name)
      text += "\(name)\n" + (try respond(token, ["step": "questionnaire", "answers": answers], key: "q \(name)"))
      text += try respond(token, ["step": "volume", "response_ms": 900.5], key: "v \(name)")
      text += try respond(
        token, ["step": "headphones", "answers": name == "a" ? [1, 2] : [3, 3]], key: "h \(name)")
      text += try respond(token, ["step": "instructions"], key: "i \(name)")
      text += try post(
        "/api/sessions/\(token)/events",
        [
          "events": [
            ["at_ms": 10, "kind": "play", "trial": NSNull(), "stimulus": "volume"],
            ["at_ms": 900, "kind": "play", "trial": 1, "stimulus": "query"],
            ["at_ms": 1900, "kind": "stop", "trial": 1, "stimulus": "B", "value": 812],
            ["at_ms": 2900, "kind": "rate", "trial": 1, "stimulus": "A", "value": 33],
            ["at_ms": 3900, "kind": "error", "value": "=network"], ["at_ms": 4900, "kind": "blur"],
          ]
        ], key: "e \(name)")
    }
    let (a, b) = (try token("a"), try token("b"))
    text += "b\n" + (try rate(b, 1)) + (try rate(b, 2, count: 3))
    text += try post(
      "/api/sessions/\(b)/refused",
      ["step": "trial", "trial": 2, "status": 422, "code": "invalid", "body": "{\"step\":\"trial\"}"], key: "r b")
    text += try rate(b, 3)
    text += "a\n"
    for trial in try openTrials(a) { text += try rate(a, trial) }
    clock.tick()
    text += "join a again\n" + (try told(try join("a again")))
    text += try respond(try token("a again"), ["step": "questionnaire", "answers": ["age": 32]], key: "q again")
    return text
  }

  /// What all three sessions, and the experimenter, are told afterwards.
  func standings() throws -> String {
    var text = ""
    for name in ["a", "b", "c", "a again"] { text += try get("/api/sessions/\(try token(name))") }
    let cookie = try #require(try client().get("/lab?secret=\(SmallStudy.secret)")["Set-Cookie"]?.prefix { $0 != ";" })
    return text + (try get("/lab/api/status", ["Cookie": String(cookie)]))
  }

  /// The tables by name. The stimuli are marked as prepared elsewhere, since the encoded bytes of a sound depend on the
  /// library's version.
  func export() throws -> [(name: String, text: String)] {
    let stimuli = Data(
      """
      stimulus,role,condition,file,sha256,duration_s,sample_rate_hz,channels,loudness_lufs,peak_dbtp,gain_db,licence,source
      kick0,candidate,kick,stimuli/k.flac,00,0.2,44100,1,-27,-3,1.5,CC0-1.0,made

      """.utf8)
    let out = folder.url.appending(path: "out")
    let records = try #require(running?.records)
    let export = Export(
      records,
      of: .init(
        name: "golden", design: design, stimuli: stimuli,
        rankings: NamedFile.url(
          design.definition.sounds.rankings, from: folder.url.appending(path: "golden"))))
    try export.write(to: out)
    return try export.fileNames.map { ($0, try String(contentsOf: out.appending(path: $0), encoding: .utf8)) }
  }
}
