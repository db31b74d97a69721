import Study

/// Which of two samples is nearer to what is asked for in the loop: a choice that is forced.
public struct Triplet: TrialType {
  public let name = "triplet"
  static let scale = "choice"

  public init() {}

  public struct Answer: Codable, Sendable {
    public struct Heard: Codable, Sendable {
      /// A letter.
      public var position: String
      public var plays: Measured
      public var listenedMs: Measured

      public init(position: String, plays: Measured, listenedMs: Measured) {
        self.position = position
        self.plays = plays
        self.listenedMs = listenedMs
      }
    }

    /// The letter of the one that is nearer.
    public var choice: String?
    public var heard: [Heard]?

    public init(choice: String, heard: [Heard]) {
      self.choice = choice
      self.heard = heard
    }
  }

  /// Each two of the candidates. What checks attention is the true sample beside one of another condition, for each page
  /// the next of those that there are.
  public func pages(of pool: StudyDesign.Item) -> [StudyDesign.Item] {
    var pages: [StudyDesign.Item] = []
    let others = pool.catchCandidates.filter { !$0.isReference }
    for (i, first) in pool.candidates.enumerated() {
      for second in pool.candidates[(i + 1)...] {
        let checks = pool.catchCandidates.first(where: \.isReference).flatMap { reference in
          others.isEmpty ? nil : [reference, others[pages.count % others.count]]
        }
        pages.append(
          StudyDesign.Item(
            query: pool.query, condition: pool.condition, reference: pool.reference, candidates: [first, second],
            catchCandidates: checks ?? [], part: " \(first.candidate) \(second.candidate)"))
      }
    }
    return pages
  }

  public func read(_ answer: Answer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    let count = trial.candidates.count
    func position(_ letter: String) throws -> Int {
      guard let position = Position.of(letter, count: count) else {
        throw AnswerProblem(
          "This trial has no such position.", mend: "Its positions are A to \(Position.letter(count)).")
      }
      return position
    }
    guard let choice = answer.choice else {
      throw AnswerProblem("'choice' is missing.", mend: "Send the letter of the one that is nearer.")
    }
    let chosen = try position(choice)
    var heard: [Int: Trials.Heard] = [:]
    for one in answer.heard ?? [] {
      let place = try position(one.position)
      heard[place] = Trials.Heard(position: place, plays: one.plays.value, listenedMs: one.listenedMs.value)
    }
    guard heard.count == count else {
      throw AnswerProblem("'heard' does not have every position.", mend: "Send how each position was heard.")
    }
    return Judged(
      heard: heard.values.sorted { $0.position < $1.position },
      judgements: [Judgement(scale: Self.scale, number: Double(chosen))])
  }

  /// The reference is chosen; a trial that has none tells nothing.
  public func isPassed(_ judged: Judged, in trial: Trial) -> Bool? {
    guard let reference = trial.candidates.firstIndex(where: \.isReference) else { return nil }
    return judged.number(at: 0, on: Self.scale) == Double(reference + 1)
  }

  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> Answer {
    let nearest = heard.indices.max { heard[$0] < heard[$1] } ?? 0
    return Answer(
      choice: Position.letter(nearest + 1),
      heard: heard.indices.map {
        .init(position: Position.letter($0 + 1), plays: Measured(1), listenedMs: Measured(600))
      })
  }

  public let table = TrialTable(
    "triplets", "One row a triplet: which of two is nearer to the query. 'earshot analyze --triplets' reads it.",
    columns: TrialColumns.place + [
      .init("anchor", .string, "What the two were compared with: the query.", required: true) { $0.trial.query },
      .init("first", .string, "The stimulus at A.", required: true) { $0.trial.slots[0].stimulus },
      .init("second", .string, "The stimulus at B.", required: true) { $0.trial.slots[1].stimulus },
      .init("choice", .string, "The one that is nearer.", required: true, values: ["first", "second"]) {
        $0.judgement(Triplet.scale)?.number == 1 ? "first" : "second"
      },
      .init("first_is_reference", .boolean, "The one at A is the true sample.", required: true) {
        $0.trial.slots[0].isReference
      },
      .init("second_is_reference", .boolean, "The one at B is the true sample.", required: true) {
        $0.trial.slots[1].isReference
      },
    ] + TrialColumns.purpose + [
      .init("first_plays", .integer, "How often A was played.", required: true, minimum: 0) {
        $0.trial.slots[0].heard.plays
      },
      .init("second_plays", .integer, "How often B was played.", required: true, minimum: 0) {
        $0.trial.slots[1].heard.plays
      },
    ] + TrialColumns.time,
    key: ["session", "trial"], sounds: ["query", "first", "second"]
  ) { $0.slots.count == 2 ? [0] : [] }
}
