import Basics
import Foundation
import Sound
import Stimuli
import Study

/// One simulated listener's sitting, through the same interface that the pages use: join, questionnaire, volume,
/// headphone check, instructions, every trial in order, until the end or until the listener leaves.
struct Visit: Sendable {
  enum Outcome: Sendable, Equatable { case finished, left }

  let browser: Browser
  let listener: SimulatedListener
  let ear: Ear
  let scale: StudyDefinition.Scale
  /// Which stimulus a sound is, by the SHA-256 of its bytes: what a listener knows by hearing it.
  let names: [String: String]
  /// Where recruitment says that the participant came from.
  let group: String
  let seed: UInt64

  // What the server answers, as far as a simulated participant reads it.

  struct Joined: Decodable { var token: String }

  struct State: Decodable {
    struct Study: Decodable {
      struct Headphones: Decodable {
        struct Round: Decodable {
          var index: Int
          var audio: String
        }
        var check: Bool
        var rounds: [Round]
      }
      var questionnaire: [Question]
      var headphones: Headphones
    }
    struct Question: Decodable {
      struct Option: Decodable { var value: String }
      var id: String
      var kind: String
      var min: Double?
      var max: Double?
      var options: [Option]?
    }
    struct Trial: Decodable {
      struct Candidate: Decodable {
        var position: String
        var audio: String
      }
      var index: Int
      var condition: String
      var query: String
      var candidates: [Candidate]
    }
    var study: Study
    var trials: [Trial]
  }

  struct Saved: Decodable { var saved: Bool }

  // What the participant sends.

  struct Join: Encodable { var key, language: String, consent = true, recruitedFrom, externalId: String }

  struct Step: Encodable { var key, step: String }

  struct Heard: Encodable { var key: String, step = "headphones", answers: [Int] }

  struct Answers: Encodable { var key: String, step = "questionnaire", answers: [String: Answer] }

  enum Answer: Encodable {
    case text(String), number(Double), choices([String])
    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      case .choices(let values): try container.encode(values)
      }
    }
  }

  struct Page: Encodable {
    struct Rating: Encodable { var position: String, rating, plays, listenedMs: Int }
    var key: String, step = "trial", trial, responseMs: Int, ratings: [Rating]
  }

  struct Events: Encodable {
    struct Event: Encodable { var atMs: Int, kind: String, trial: Int, stimulus: String, value: String? }
    var key: String, events: [Event]
  }

  /// Keys are made from the seed, so that a simulation that is run again against the same records counts nothing
  /// twice.
  private func key(_ what: String) -> String {
    let hex = Array(ContentHash.of("\(seed)/\(group)/\(listener.number)/\(what)"))
    func part(_ range: Range<Int>) -> String { String(hex[range]) }
    return [part(0..<8), part(8..<12), "4" + part(13..<16), "8" + part(17..<20), part(20..<32)].joined(separator: "-")
  }

  func run() async throws -> Outcome {
    let joined = try await browser.post(
      "/api/sessions",
      Join(
        key: key("join"), language: "en", recruitedFrom: group, externalId: "\(group)-\(seed)-\(listener.number)"),
      as: Joined.self)
    let here = "/api/sessions/\(joined.token)"
    let state = try await browser.getJSON(here, as: State.self)
    func save(_ body: some Encodable) async throws {
      _ = try await browser.post("\(here)/responses", body, as: Saved.self)
    }
    if !state.study.questionnaire.isEmpty {
      try await save(Answers(key: key("questionnaire"), answers: answers(to: state.study.questionnaire)))
    }
    try await save(Step(key: key("volume"), step: "volume"))
    if state.study.headphones.check {
      var heard: [Int] = []
      for round in state.study.headphones.rounds {
        heard.append(try quietest(of: await download([round.audio])[0], round: round.index))
      }
      try await save(Heard(key: key("headphones"), answers: heard))
    }
    try await save(Step(key: key("instructions"), step: "instructions"))
    for trial in state.trials {
      if listener.leaves(before: trial.index) { return .left }
      let page = try await rate(trial)
      let events = page.ratings.enumerated().map { i, rating in
        Events.Event(atMs: 1500 * (i + 1), kind: "play", trial: trial.index, stimulus: rating.position, value: nil)
      }
      _ = try await browser.post(
        "\(here)/events", Events(key: key("events \(trial.index)"), events: events), as: Saved.self)
      try await save(page)
    }
    return .finished
  }

  private func answers(to questions: [State.Question]) -> [String: Answer] {
    var random = SeededRandom(seed: seed, "listener \(listener.number)", "questionnaire")
    var answers: [String: Answer] = [:]
    for question in questions {
      let options = (question.options ?? []).map(\.value)
      switch question.kind {
      case "number":
        let low = question.min ?? 18
        answers[question.id] = .number((random.uniform(low...max(low, question.max ?? low + 50))).rounded())
      case "choice": if !options.isEmpty { answers[question.id] = .text(random.pick(options)) }
      case "choices": if !options.isEmpty { answers[question.id] = .choices([random.pick(options)]) }
      default: answers[question.id] = .text("simulated listener \(listener.number)")
      }
    }
    return answers
  }

  /// The quietest of three equal parts, by the root mean square of the sum of the ears' signals where there are no
  /// headphones (loudspeakers add them in the air, and opposite phases cancel), and of each ear where there are.
  private func quietest(of file: Data, round: Int) throws -> Int {
    let url = FileManager.default.temporaryDirectory.appending(path: "earshot-round-\(UUID().uuidString)")
    try file.write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    let clip = try AudioFile.read(url)
    let part = clip.frameCount / 3
    let heard = listener.wearsHeadphones ? clip.channels : [clip.mono]
    let levels = (0..<3).map { i in
      heard.reduce(0.0) { sum, channel in
        sum + channel[i * part..<(i + 1) * part].reduce(0.0) { $0 + Double($1) * Double($1) }
      }
    }
    return (levels.indices.min { levels[$0] < levels[$1] } ?? 0) + 1
  }

  private func rate(_ trial: State.Trial) async throws -> Page {
    let names = try await download([trial.query] + trial.candidates.map(\.audio)).map(name)
    let (query, sounds) = (names[0], Array(names.dropFirst()))
    let similarities = try sounds.map { sound in
      guard let value = ear.similarity(query: query, condition: trial.condition, candidate: sound) else {
        throw Problem(
          "the ear does not know '\(sound)' beside '\(query)'", mend: "Serve and simulate the same study folder.")
      }
      return value
    }
    let ratings = listener.rate(
      trial: trial.index, query: query, condition: trial.condition, sounds: sounds, similarities: similarities,
      scale: scale)
    return Page(
      key: key("trial \(trial.index)"), trial: trial.index,
      responseMs: listener.responseTime(trial: trial.index, candidates: sounds.count),
      ratings: zip(trial.candidates, ratings).map {
        Page.Rating(position: $0.position, rating: $1, plays: 1, listenedMs: 600)
      })
  }

  /// What addresses `PARCEL#PLACE` lead to. A parcel that several name is fetched once.
  private func download(_ addresses: [String]) async throws -> [Data] {
    var parcels: [Substring: [Data]] = [:]
    var sounds: [Data] = []
    for address in addresses {
      let parts = address.split(separator: "#")
      if parcels[parts[0]] == nil { parcels[parts[0]] = try Parcel.open(await browser.get(String(parts[0]))) }
      guard parts.count == 2, let place = Int(parts[1]), let parcel = parcels[parts[0]], parcel.indices.contains(place)
      else {
        throw Problem(
          "the server's address of a sound, '\(address)', leads to none",
          mend: "Simulate with the same version of Earshot that serves the study.")
      }
      sounds.append(parcel[place])
    }
    return sounds
  }

  private func name(of sound: Data) throws -> String {
    guard let name = names[ContentHash.of(sound)] else {
      throw Problem(
        "the server sent a sound that this study's stimuli.csv does not know",
        mend: "Serve and simulate the same data folder.")
    }
    return name
  }
}
