import Basics
import Foundation
import HTTP
import Lab
import Logging
import Records
import RecordsSQLite
import Sound
import Stimuli
import Study
import Synchronization
import TestSupport
import Trials

/// A study of a few noises with revealing names, served by a real server. Every name that must never reach a listener
/// contains one of `SmallStudy.secrets`.
final class SmallStudy: Sendable {
  /// Parts of the names of candidates, queries, references, files, licences and sources.
  static let secrets = ["zebra", "walrus", "quokka", "marmot", "lynxcat", "anchor:"]

  let folder: TemporaryFolder
  let design: StudyDesign
  let stage: Stage
  let records: Records
  let lab: Lab
  let server: Server
  let client: WireClient
  static let secret = "experimenter-secret-of-tests"

  var data: URL { folder.url.appending(path: "data") }
  var depot: URL { folder.url.appending(path: "depot") }

  /// Folders of prepared sounds by name, shared by studies that prepare the same sounds; one study at a time prepares
  /// them.
  private static let workshops = Mutex<[String: TemporaryFolder]>([:])
  /// Folders with copies of prepared sounds, by what was prepared. Studies that would prepare the same begin with a copy.
  private static let copies = Mutex<[String: TemporaryFolder]>([:])
  /// Files of noise by name, which are made once.
  private static let noises = Mutex<[String: Data]>([:])

  /// - Parameters:
  ///   - change: changes the definition before the study is built.
  ///   - designVersion: the version of the design alone; nil if it equals `version`.
  ///   - sounds: the address from which a web server sends trials' sounds, which lie in `depot`; nil if Earshot sends
  ///     them.
  ///   - workshop: a name under which studies share prepared sounds, for tests that do not change these; nil for none.
  init(
    _ change: (inout StudyDefinition) -> Void = { _ in }, version: String = "version-of-the-first-study",
    design designVersion: String? = nil, in folder: TemporaryFolder? = nil, sounds: String? = nil,
    workshop: String? = nil,
    now: @escaping @Sendable () -> Date = { Date() }
  )
    throws
  {
    let folder = try folder ?? TemporaryFolder()
    self.folder = folder
    let data = folder.url.appending(path: "data")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    let prepared: PreparedStimuli
    (design, prepared) = try Self.workshops.withLock { known in
      var place = data
      if let workshop {
        let shared = try known[workshop] ?? TemporaryFolder()
        known[workshop] = shared
        place = shared.url
      }
      var design = try Self.design(folder.url, sounds: workshop == nil ? folder.url : place, version: version, change)
      if let designVersion { design.designVersion = designVersion }
      return (design, try workshop == nil ? Self.prepare(design, in: folder.url) : .prepare(design, into: place))
    }
    stage = try Stage(folder: folder.url, design: design, prepared: prepared)
    records = try Records(data.appending(path: "records.sqlite"), now: now)
    lab = try Lab(
      stage: stage, records: records, pages: Self.pages, data: data, secret: Self.secret,
      sounds: sounds.map { (base: $0, folder: folder.url.appending(path: "depot")) },
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    server = try Server(port: 0, handler: lab.handler)
    client = WireClient(port: server.port)
  }

  deinit {
    server.stop()
    records.close()
  }

  /// Prepares a study's sounds, or copies them if an earlier study's are the same.
  private static func prepare(_ design: StudyDesign, in folder: URL) throws -> PreparedStimuli {
    let data = folder.appending(path: "data"), parts = ["stimuli", "stimuli.csv", "prepared.csv"]
    func copy(from one: URL, to other: URL) throws {
      for part in parts {
        try FileManager.default.copyItem(at: one.appending(path: part), to: other.appending(path: part))
      }
    }
    let isNew = !parts.contains { FileManager.default.fileExists(atPath: data.appending(path: $0).path) }
    let key = "\(design.definition.sounds) \(design.stimuli)".replacing(folder.path, with: "")
    let known = copies.withLock { $0[key] }
    if isNew, let known { try copy(from: known.url, to: data) }
    let prepared = try PreparedStimuli.prepare(design, into: data)
    if isNew && known == nil {
      let kept = try TemporaryFolder()
      try copy(from: data, to: kept.url)
      copies.withLock { $0[key] = kept }
    }
    return prepared
  }

  /// Writes a file of noise, which is made only once.
  private static func write(_ file: URL, _ clip: () -> Clip) throws {
    guard !FileManager.default.fileExists(atPath: file.path) else { return }
    if let known = noises.withLock({ $0[file.lastPathComponent] }) { return try known.write(to: file) }
    try AudioFile.write(clip(), to: file, as: .wav16)
    let made = try Data(contentsOf: file)
    noises.withLock { $0[file.lastPathComponent] = made }
  }

  /// The real pages, from the repository.
  static let pages = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Public")
    .standardizedFileURL

  private static func design(
    _ folder: URL, sounds: URL, version: String, _ change: (inout StudyDefinition) -> Void
  ) throws
    -> StudyDesign
  {
    var definition = StudyDefinition()
    definition.title = "A small study"
    definition.languages = ["en", "de"]
    definition.texts.welcome = ["en": "# Hello\n\n<script>alert(1)</script>", "de": "# Hallo"]
    definition.texts.conditions = ["hihat": ["en": "hi-hat", "de": "Hi-Hat"]]
    definition.consent.text = ["en": "We keep your **answers**.", "de": "Wir speichern."]
    definition.sounds.candidateMaxDuration = 1
    definition.questionnaire = [
      question("age", .number, required: true, minimum: 16, maximum: 99),
      question("gear", .choices, options: ["studio", "stage"]),
      question("role", .choice, options: ["listener", "drummer"]),
      question("remark", .text),
    ]
    definition.headphones.check = true
    definition.headphones.trials = 3
    definition.headphones.pass = 2
    definition.finish.redirect = "https://example.org/?id={external_id}&n={participant}"
    change(&definition)

    let sounds = sounds.appending(path: "sounds")
    try FileManager.default.createDirectory(at: sounds, withIntermediateDirectories: true)
    var stimuli: [StimulusRequest] = []
    func sound(
      _ stimulus: String, _ role: StimulusRequest.Role, _ condition: String, seconds: Double, lowpass: Double? = nil,
      of other: String? = nil
    ) throws {
      let file = sounds.appending(path: "\(other ?? stimulus).wav")
      try write(file) {
        var random = SeededRandom(seed: 1, stimulus)
        let decay = random.uniform(3...9), length = seconds * 44100
        let noise = samples(Int(length)) {
          0.3 * random.normal() * (role == .query ? 1 : exp(-decay * Double($0) / length.rounded(.down)))
        }
        return Clip(channels: role == .query ? [noise, noise] : [noise], sampleRate: 44100)
      }
      stimuli.append(
        StimulusRequest(
          stimulus: stimulus, role: role, condition: condition, file: file, lowpass: lowpass,
          licence: "lynxcat licence",
          source: "lynxcat package"))
    }
    var items: [StudyDesign.Item] = []
    let conditions = ["hihat", "kick"]
    for condition in conditions {
      for i in 1...6 { try sound("zebra-\(condition)-\(i)", .candidate, condition, seconds: 0.2 + 0.1 * Double(i)) }
    }
    for number in 1...3 {
      let query = "walrus-\(number)"
      try sound(query, .query, "", seconds: 1 + 0.25 * Double(number))
      for condition in conditions {
        let reference = "quokka-\(condition)-\(number)"
        try sound(reference, .candidate, condition, seconds: 0.5)
        try sound("anchor:\(reference)", .candidate, condition, seconds: 0.5, lowpass: 3500, of: reference)
        let marks = [
          PlannedCandidate(reference, isReference: true), PlannedCandidate("anchor:\(reference)", isAnchor: true),
        ]
        items.append(
          StudyDesign.Item(
            query: query, condition: condition, reference: reference,
            candidates: (1...4).map { PlannedCandidate("zebra-\(condition)-\(($0 + number) % 6 + 1)") } + marks,
            catchCandidates: [marks[0]]
              + (1...5).map { PlannedCandidate("zebra-\(condition == "kick" ? "hihat" : "kick")-\($0)") }))
      }
    }
    let systems = ["marmot-embedding", "marmot-random"]
    try FileManager.default.createDirectory(
      at: folder.appending(path: definition.sounds.rankings).deletingLastPathComponent(),
      withIntermediateDirectories: true)
    try Ranking.write(
      items.flatMap { item in
        systems.map { system in
          let shown = item.candidates.filter { !$0.isAnchor }.enumerated()
          return Ranking(
            query: item.query, condition: item.condition, system: system,
            entries: shown.map { .init(rank: $0 + 1, candidate: $1.candidate, distance: 0.25 * Double($0)) })
        }
      }, to: folder.appending(path: definition.sounds.rankings))
    let versions = try (1...6).map { try rendered($0, in: sounds) }
    let sets = (1...6).map { number in
      let condition = conditions[number % 2]
      var set = StudyDesign.Item(
        query: "walrus-set-\(number)", condition: condition,
        candidates: (1...5).map { PlannedCandidate("zebra-\(condition)-\($0)") })
      set.sound = nil
      return set
    }
    let blocks = definition.runs.map { run in
      guard let type = TrialTypes.named(run.type) else { return [StudyDesign.Item]() }
      let pools = [.rankings: items, .renderings: versions.map(\.pool), .sounds: sets][type.source(of: run)] ?? []
      return pools.flatMap { type.pages(of: $0, in: run) }
    }
    for page in blocks.joined() where page.sound == nil && page.candidates.allSatisfy({ $0.system == nil }) {
      for planned in page.candidates + page.catchCandidates {
        let made = planned.source?.rendering ?? planned.candidate
        guard !stimuli.contains(where: { $0.stimulus == planned.candidate }) else { continue }
        try sound(
          planned.candidate, .candidate, page.condition, seconds: 0.3, lowpass: planned.source?.lowpass, of: made)
      }
    }
    for page in zip(definition.runs, blocks).flatMap(\.1) {
      guard let (_, alignment) = versions.first(where: { $0.pool.query == page.query }) else { continue }
      for planned in [nil] + (page.candidates + page.catchCandidates).map(Optional.some) {
        guard planned != nil || page.sound != nil else { continue }
        let again = page.sound.flatMap { $0.hasSuffix(".again") ? String($0.dropLast(6)) : nil }
        let made = planned?.source?.rendering ?? planned?.candidate ?? again ?? page.reference ?? ""
        var request = StimulusRequest(
          stimulus: planned?.candidate ?? page.sound ?? "", role: planned == nil ? .query : .candidate,
          condition: page.condition, file: sounds.appending(path: "\(made.replacing("/", with: "-")).wav"),
          lowpass: planned?.source?.lowpass, licence: "lynxcat licence", source: "lynxcat package")
        request.alignment = alignment
        if !stimuli.contains(where: { $0.stimulus == request.stimulus }) { stimuli.append(request) }
      }
    }
    return StudyDesign(definition: definition, version: version, blocks: blocks, stimuli: stimuli)
  }

  /// An item as three systems' versions and a reference, each a file of half a second.
  private static func rendered(_ number: Int, in sounds: URL) throws -> (
    pool: StudyDesign.Item, alignment: StimulusRequest.Alignment
  ) {
    let item = "walrus-item-\(number)"
    let names = ["quokka-source", "marmot-embedding", "marmot-random", "marmot-third"]
    let files = try names.enumerated().map { i, name in
      let file = sounds.appending(path: "\(item)-\(name).wav")
      try write(file) {
        var random = SeededRandom(seed: 1, item)
        return Clip(
          mono: samples(22050) { _ in 0.1 * (random.normal() + 0.2 * Double(i) * random.unit()) }, sampleRate: 44100)
      }
      return file
    }
    var pool = StudyDesign.Item(
      query: item, condition: number % 2 == 0 ? "kick" : "hihat", reference: "\(item)/\(names[0])",
      candidates: names.dropFirst().map { PlannedCandidate("\(item)/\($0)", system: $0) })
    pool.hiddenReference = PlannedCandidate("\(item)/\(names[0])", isReference: true, system: "reference")
    return (pool, StimulusRequest.Alignment(files: files, hasReference: true))
  }

  private static func question(
    _ id: String, _ kind: StudyDefinition.Question.Kind, required: Bool = false, options: [String] = [],
    minimum: Double? = nil, maximum: Double? = nil
  ) -> StudyDefinition.Question {
    var question = StudyDefinition.Question()
    question.id = id
    question.kind = kind
    question.text = ["en": "\(id)?"]
    question.required = required
    question.options = options.map { .init(value: $0, text: ["en": $0]) }
    question.minimum = minimum
    question.maximum = maximum
    return question
  }

  /// The rows of a table of the export.
  func rows(_ table: String) throws -> [TableRow] {
    let out = folder.url.appending(path: "out")
    try Export(
      records,
      of: .init(name: stage.name, design: design, stimuli: stage.stimuliTable, rankings: stage.rankingsTable)
    ).write(to: out)
    return try TableReader.rows(out.appending(path: "\(table).csv"))
  }

  /// Whether a file of the records contains the text, even in deleted parts.
  func isOnDisk(_ text: String) throws -> Bool {
    let files = try FileManager.default.subpathsOfDirectory(atPath: data.path).map { data.appending(path: $0) }
      .filter { !$0.hasDirectoryPath && $0.pathExtension != "flac" }
    return files.contains { (try? Data(contentsOf: $0))?.range(of: Data(text.utf8)) != nil }
  }

  // MARK: Taking part

  static func key() -> String { UUID().uuidString.lowercased() }

  func joining(
    key: String = SmallStudy.key(), language: String = "en", external: String? = nil, link: [[String]] = []
  ) throws -> WireClient.Reply {
    try client.post(
      "/api/sessions",
      [
        "key": key, "language": language, "consent": true, "recruited_from": NSNull(),
        "external_id": external as Any? ?? NSNull(), "parameters": link,
      ])
  }

  func join(
    key: String = SmallStudy.key(), language: String = "en", external: String? = nil, link: [[String]] = []
  ) throws -> String {
    let reply = try joining(key: key, language: language, external: external, link: link)
    guard reply.status == 201 || reply.status == 200, let token = try reply.json()["token"] as? String else {
      throw WireClient.Failure(description: "join: \(reply.status) \(reply.text)")
    }
    return token
  }

  func respond(_ token: String, _ body: [String: Any]) throws -> WireClient.Reply {
    try client.post("/api/sessions/\(token)/responses", ["key": SmallStudy.key()].merging(body) { _, new in new })
  }

  static var answers: [String: Any] {
    ["age": 31, "gear": ["stage", "studio"], "role": "drummer", "remark": "a \"b\", c"]
  }

  /// The rows of a table of a new export.
  func table(_ name: String) throws -> [TableRow] {
    let out = folder.url.appending(path: "out")
    try Export(
      records,
      of: .init(
        name: stage.name, design: design, stimuli: stage.stimuliTable,
        rankings: stage.rankingsTable)
    ).write(to: out)
    return try TableReader.rows(out.appending(path: "\(name).csv"))
  }

  /// Answers all steps before the trials.
  func prepare(_ token: String, headphones: [Int] = [1, 1, 1]) throws {
    for body in [
      ["step": "questionnaire", "answers": Self.answers], ["step": "volume"],
      ["step": "headphones", "answers": headphones], ["step": "instructions"],
    ] as [[String: Any]] {
      let reply = try respond(token, body)
      guard reply.status == 201 else { throw WireClient.Failure(description: "\(body): \(reply.status) \(reply.text)") }
    }
  }

  static func trialBody(
    _ index: Int, _ letters: [String], plays: Int = 2, rating: (Int) -> Int = { 10 * $0 }
  ) -> [String: Any] {
    [
      "step": "trial", "trial": index, "response_ms": 31_800,
      "ratings": letters.enumerated().map { i, letter in
        ["position": letter, "rating": rating(i), "plays": plays, "listened_ms": 1310]
      },
    ]
  }

  func state(_ token: String) throws -> [String: Any] { try client.get("/api/sessions/\(token)").json() }

  /// The index and the candidates' letters of each trial.
  func trials(_ token: String) throws -> [(index: Int, letters: [String])] {
    let trials = try state(token)["trials"] as? [[String: Any]] ?? []
    return trials.map { trial in
      let candidates = trial["candidates"] as? [[String: Any]] ?? []
      return (trial["index"] as? Int ?? 0, candidates.compactMap { $0["position"] as? String })
    }
  }

  /// The loop and the candidates of a trial, as the browser unpacks them.
  func sounds(_ token: String, _ trial: Int) throws -> [Data] {
    try Parcel.open(client.get("/t/\(token)/audio/\(trial)").body)
  }

  /// Takes part from the first step to the last, and returns the token.
  func takePart(external: String? = nil, link: [[String]] = []) throws -> String {
    let token = try join(external: external, link: link)
    try prepare(token)
    try finish(token)
    return token
  }

  /// Answers all trials, each after playing every sound `plays` times.
  func finish(_ token: String, plays: Int = 2) throws {
    for trial in try trials(token) {
      let reply = try respond(token, Self.trialBody(trial.index, trial.letters, plays: plays))
      guard reply.status == 201 else { throw WireClient.Failure(description: "\(reply.status) \(reply.text)") }
    }
  }
}
