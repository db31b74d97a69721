import Study

/// One question, one loop, a few samples: each is rated for how similar it is to what is asked for.
public struct Similarity: TrialType {
  public let name = "similarity"
  static let scale = "similarity"

  public init() {}

  public struct Answer: Codable, Sendable {
    public struct Rating: Codable, Sendable {
      /// A letter.
      public var position: String
      public var rating: Int
      public var plays: Measured
      public var listenedMs: Measured

      public init(position: String, rating: Int, plays: Measured, listenedMs: Measured) {
        self.position = position
        self.rating = rating
        self.plays = plays
        self.listenedMs = listenedMs
      }
    }

    public var ratings: [Rating]?

    public init(ratings: [Rating]) { self.ratings = ratings }
  }

  public func read(_ answer: Answer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    let (count, scale) = (trial.candidates.count, block.scale.minimum...block.scale.maximum)
    var rated: [Int: Answer.Rating] = [:]
    for rating in answer.ratings ?? [] {
      guard let position = Position.of(rating.position, count: count) else {
        throw AnswerProblem(
          "This trial has no such position.", mend: "Its positions are A to \(Position.letter(count)).")
      }
      guard scale.contains(rating.rating) else {
        throw AnswerProblem(
          "'rating' is \(rating.rating).", mend: "It lies between \(scale.lowerBound) and \(scale.upperBound).")
      }
      guard rated.updateValue(rating, forKey: position) == nil else {
        throw AnswerProblem("\(rating.position) is rated twice.", mend: "Send one rating a position.")
      }
    }
    let missing = (1...max(1, count)).filter { rated[$0] == nil }
    guard missing.isEmpty else {
      throw AnswerProblem(
        "\(missing.map(Position.letter).joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") not rated.",
        mend: "Rate every position.")
    }
    let inOrder = rated.sorted { $0.key < $1.key }
    return Judged(
      heard: inOrder.map { Heard(position: $0, plays: $1.plays.value, listenedMs: $1.listenedMs.value) },
      judgements: inOrder.map { Judgement(position: $0, scale: Self.scale, number: Double($1.rating)) })
  }

  /// The reference is rated strictly above everything else; a trial that has none, or nothing else, tells nothing.
  public func isPassed(_ judged: Judged, in trial: Trial) -> Bool? {
    func best(_ isReference: Bool) -> Double? {
      trial.candidates.indices.filter { trial.candidates[$0].isReference == isReference }
        .compactMap { judged.number(at: $0 + 1, on: Self.scale) }.max()
    }
    guard let reference = best(true), let other = best(false) else { return nil }
    return reference > other
  }

  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> Answer {
    let (low, high) = (Double(block.scale.minimum), Double(block.scale.maximum))
    return Answer(
      ratings: heard.enumerated().map { i, similarity in
        Answer.Rating(
          position: Position.letter(i + 1), rating: Int((low + (high - low) * similarity).rounded()),
          plays: Measured(1), listenedMs: Measured(600))
      })
  }

  public let table = TrialTable(
    "ratings", "One row a rating. Which systems proposed a candidate is joined from rankings.csv.",
    columns: TrialColumns.place + [
      .init("candidate", .string, "The stimulus that was rated.", required: true) { $0.slot.stimulus },
      .init("position", .integer, "Its place on the page; 1 is A.", required: true, minimum: 1) { $0.position },
      .init("rating", .number, "Higher is more similar.", required: true) { $0.judgement(Similarity.scale)?.number },
      .init("scale_min", .number, "The low end of the scale.", required: true) { $0.trial.scaleMinimum },
      .init("scale_max", .number, "The high end of the scale.", required: true) { $0.trial.scaleMaximum },
      .init("is_reference", .boolean, "The candidate is the true sample.", required: true) { $0.slot.isReference },
      .init("is_anchor", .boolean, "The candidate is the low-passed true sample.", required: true) {
        $0.slot.isAnchor
      },
    ] + TrialColumns.purpose + [
      .init("plays", .integer, "How often the candidate was played.", required: true, minimum: 0) {
        $0.slot.heard.plays
      },
      .init(
        "listened_s", .number, "How long the candidate was heard, in seconds.", required: true, minimum: 0
      ) { Double($0.slot.heard.listenedMs) / 1000 },
    ] + TrialColumns.time,
    key: ["session", "trial", "position"], sounds: ["query", "candidate"]
  ) { $0.slots.indices.map { $0 + 1 } }
}
