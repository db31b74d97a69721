import Basics
import Foundation
import Interface
import Sound
import Stimuli
import Study
import Trials

/// One simulated listener's sitting, through the same interface that the pages use: join, questionnaire, volume,
/// headphone check, instructions, and every trial in order, until the end or until the listener leaves.
struct Visit: Sendable {
  enum Outcome: Sendable, Equatable { case finished, left }

  let browser: Browser
  let listener: SimulatedListener
  let ear: Ear
  let study: StudyDefinition
  /// The stimulus of each sound, by the SHA-256 of its bytes: what a listener recognises by hearing.
  let names: [String: String]
  /// The recruitment group that the participant joins with.
  let group: String
  let seed: UInt64

  /// Keys are derived from the seed, so that a simulation that is repeated with the same records counts nothing twice.
  private func key(_ what: String) -> String {
    let hex = Array(ContentHash.of("\(seed)/\(group)/\(listener.number)/\(what)"))
    func part(_ range: Range<Int>) -> String { String(hex[range]) }
    return [part(0..<8), part(8..<12), "4" + part(13..<16), "8" + part(17..<20), part(20..<32)].joined(separator: "-")
  }

  func run() async throws -> Outcome {
    let joined = try await browser.post(
      "/api/sessions",
      JoinBody(
        key: key("join"), language: "en", recruitedFrom: group, externalId: "\(group)-\(seed)-\(listener.number)"),
      as: JoinedView.self)
    let here = "/api/sessions/\(joined.token)"
    let session = try await browser.getJSON(here, as: SessionView.self)
    var hasPassed = false
    func send(_ body: some Encodable) async throws {
      let saved = try await browser.post("\(here)/responses", body, as: SavedView.self)
      hasPassed = saved.passed ?? hasPassed
    }
    for part in session.parts {
      guard let step = Step(name: part.step, number: part.number) else { throw unknown("step '\(part.step)'") }
      func save(_ answers: ResponseBody.Answers? = nil) async throws {
        let name = step.number == 0 ? part.step : "\(part.step) \(step.number)"
        try await send(ResponseBody(key: key(name), step: step, answers: answers))
      }
      switch step.kind {
      case .volume, .instructions, .pause: try await save()
      case .questionnaire: try await save(.byQuestion(answers(to: part.questions ?? [])))
      case .headphones where hasPassed: continue
      case .headphones: try await save(.byRound(try await headphones(session, attempt: step.number)))
      case .trial:
        guard let trial = session.trials.first(where: { $0.index == step.number }) else {
          throw unknown("trial \(step.number)")
        }
        if listener.leaves(before: trial.index) { return .left }
        let events = trial.candidates.enumerated().map { i, candidate in
          EventsBody.Item(
            atMs: Measured(1500 * (i + 1)), kind: .play, trial: trial.index, stimulus: candidate.position)
        }
        guard let type = TrialTypes.named(trial.kind) else { throw unknown("trial type '\(trial.kind)'") }
        let answer = try await answer(trial, type)
        _ = try await browser.post(
          "\(here)/events", EventsBody(key: key("events \(trial.index)"), events: events), as: KeptView.self)
        try await send(answer)
      }
    }
    return .finished
  }

  private func unknown(_ what: String) -> Problem {
    Problem(
      "the server asks for a \(what), which this version does not know",
      mend: "Simulate with the same version of Earshot that serves the study.")
  }

  private func headphones(_ session: SessionView, attempt: Int) async throws -> [Int] {
    let check = session.study.headphones
    let rounds = check.rounds.count / (check.attempts ?? 1)
    var heard: [Int] = []
    for round in check.rounds[attempt * rounds..<(attempt + 1) * rounds] {
      let isPitch = check.kind == StudyDefinition.Headphones.Kind.huggins.rawValue
      let asks: Asked = round.kind == .sides ? .left : isPitch ? .pitch : .quietest
      heard.append(try found(asks, in: await download([round.audio])[0], round: round.index))
    }
    return heard
  }

  private func answers(to questions: [QuestionView]) -> [String: ResponseBody.Value] {
    var random = SeededRandom(seed: seed, "listener \(listener.number)", "questionnaire")
    var answers: [String: ResponseBody.Value] = [:]
    var given: [String: [String]] = [:]
    for question in questions where question.shownIf?.allSatisfy({ $0.holds(given) }) ?? true {
      guard let answer = answer(to: question, &random) else { continue }
      answers[question.id] = answer
      given[question.id] =
        switch answer {
        case .text(let text): [text]
        case .number(let number): [number.cellText]
        case .list(let values): values
        case .missing: []
        }
    }
    return answers
  }

  private func answer(to question: QuestionView, _ random: inout SeededRandom) -> ResponseBody.Value? {
    let options = question.options.map(\.value)
    switch StudyDefinition.Question.Kind(rawValue: question.kind) {
    case .number, .scale:
      let low = question.min ?? min(18, question.max ?? 18)
      let high = max(low, question.max ?? low + 50)
      return .number(min(high, max(low, random.uniform(low...high).rounded())))
    case .choice: return options.isEmpty ? nil : .text(random.pick(options))
    case .choices:
      guard !options.isEmpty else { return nil }
      let first = random.pick(options)
      let isAlone = question.options.contains { $0.value == first && $0.exclusive == true }
      let further = question.options.filter { $0.exclusive != true && $0.value != first }.map(\.value)
      let wanted = isAlone ? 0 : max(0, Int(min(question.min ?? 1, 1000)) - 1)
      return .list([first] + further.prefix(wanted))
    case .date:
      let first = question.earliest ?? question.latest.map { min($0, "1990-01-01") } ?? "1990-01-01"
      let last = question.latest ?? max(first, "2009-12-31")
      let days = ["\(first.prefix(4))-07-\(random.pick(["04", "15", "28"]))", first, last]
      return days.first { $0 >= first && $0 <= last }.map { .text($0) }
    case .text, .longText, nil:
      let text = "simulated listener \(listener.number)"
      let least = Int(min(max(question.min ?? 0, 0), 5000)), most = Int(min(max(question.max ?? 5000, 1), 5000))
      let long = text.count < least ? text + String(repeating: ".", count: least - text.count) : text
      return .text(String(long.prefix(most)))
    }
  }

  /// What a round of the headphone check asks for.
  private enum Asked { case quietest, pitch, left }

  /// The number, from 1, of the interval that the listener picks out of three. The quietest is found by the root mean
  /// square: without headphones, of the sum of both channels (loudspeakers add them in the air, and opposite phases
  /// cancel); with headphones, of each channel. The interval with the pitch is where the channels differ; the interval
  /// on the left is the loudest in that channel. Without headphones these two are guessed.
  private func found(_ asked: Asked, in file: Data, round: Int) throws -> Int {
    let url = FileManager.default.temporaryDirectory.appending(path: "earshot-round-\(UUID().uuidString)")
    try file.write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    let clip = try AudioFile.read(url)
    if asked != .quietest, !listener.wearsHeadphones {
      var random = SeededRandom(seed: seed, "listener \(listener.number)", "round \(round)")
      return 1 + random.below(3)
    }
    let heard =
      switch asked {
      case .pitch: [clip.difference]
      case .left: [clip.channels[0]]
      case .quietest: listener.wearsHeadphones ? clip.channels : [clip.mono]
      }
    let levels = Clip(channels: heard, sampleRate: clip.sampleRate).energies(ofParts: 3)
    let loudest = levels.indices.max { levels[$0] < levels[$1] }
    let quietest = levels.indices.min { levels[$0] < levels[$1] }
    return ((asked == .quietest ? quietest : loudest) ?? 0) + 1
  }

  private func answer<T: TrialType>(_ trial: TrialView, _ type: T) async throws -> any Encodable & Sendable {
    let names = try await download((trial.query.map { [$0] } ?? []) + trial.candidates.map(\.audio)).map(name)
    let sounds = Array(names.suffix(trial.candidates.count))
    let query = trial.query == nil ? "" : names[0]
    let similarities = try sounds.map { sound in
      guard let value = ear.similarity(query: query, condition: trial.condition, candidate: sound) else {
        throw Problem(
          "the simulated ear does not know '\(sound)' for '\(query)'", mend: "Serve and simulate the same study folder."
        )
      }
      return value
    }
    let heard = listener.heard(
      trial: trial.index, query: query, condition: trial.condition, sounds: sounds, similarities: similarities)
    let time = listener.responseTime(trial: trial.index, candidates: sounds.count)
    return TrialAnswerBody(
      ResponseBody(
        key: key("trial \(trial.index)"), step: .trial(trial.index), responseMs: Measured(time)),
      type.answer(hearing: heard, in: study.runs[trial.block]))
  }

  /// The sounds at addresses of the form `PARCEL#PLACE`. A parcel that several addresses share is fetched once.
  private func download(_ addresses: [String]) async throws -> [Data] {
    var parcels: [Substring: [Data]] = [:]
    var sounds: [Data] = []
    for address in addresses {
      let parts = address.split(separator: "#")
      if parcels[parts[0]] == nil { parcels[parts[0]] = try Parcel.open(await browser.get(String(parts[0]))) }
      guard parts.count == 2, let place = Int(parts[1]), let parcel = parcels[parts[0]], parcel.indices.contains(place)
      else {
        throw Problem(
          "the server's address '\(address)' does not lead to a sound",
          mend: "Simulate with the same version of Earshot that serves the study.")
      }
      sounds.append(parcel[place])
    }
    return sounds
  }

  private func name(of sound: Data) throws -> String {
    guard let name = names[ContentHash.of(sound)] else {
      throw Problem(
        "the server sent a sound that is not in this study's stimuli.csv",
        mend: "Serve and simulate the same data folder.")
    }
    return name
  }
}
