import Foundation
import Study

// The answers of several types: a number for each position, a number for the whole page, or a choice of one position.

/// How the candidate at a position was heard, as a page reports it.
public struct HeardAnswer: Codable, Sendable {
  /// The letter of the position.
  public var position: String
  /// How often the sound was started.
  public var plays: Measured
  /// For how long it was heard in all plays together, in milliseconds.
  public var listenedMs: Measured

  private enum CodingKeys: String, CodingKey {
    case position, plays
    case listenedMs = "listened_ms"
  }

  public init(position: String, plays: Measured, listenedMs: Measured) {
    self.position = position
    self.plays = plays
    self.listenedMs = listenedMs
  }

  /// What a simulated listener reports who hears each of `count` positions once.
  static func once(_ count: Int) -> [HeardAnswer] {
    (0..<count).map { .init(position: Position.letter($0 + 1), plays: Measured(1), listenedMs: Measured(600)) }
  }
}

extension [HeardAnswer] {
  /// The reports, in the order of positions.
  /// - Throws: `AnswerProblem` unless there is a report for each position.
  func read(_ trial: Trial) throws -> [Heard] {
    let count = trial.candidates.count
    var heard: [Int: Heard] = [:]
    for one in self {
      guard let place = Position.of(one.position, count: count) else { throw AnswerProblem.noPosition(count) }
      heard[place] = Heard(position: place, plays: one.plays.value, listenedMs: one.listenedMs.value)
    }
    guard heard.count == count else {
      throw AnswerProblem("'heard' does not contain every position.", mend: "Send how each position was heard.")
    }
    return heard.values.sorted { $0.position < $1.position }
  }
}

/// An answer with a number for each position.
public struct RatingsAnswer: Codable, Sendable {
  /// The rating of one position, and how it was heard.
  public struct Rating: Codable, Sendable {
    /// The letter of the position.
    public var position: String
    /// A whole number within the range of its type: a rating, a rank, or tenths of a grade.
    public var rating: Int
    /// The scale, if the page has several.
    public var scale: String?
    /// How often the sound was started.
    public var plays: Measured
    /// For how long it was heard in all plays together, in milliseconds.
    public var listenedMs: Measured

    private enum CodingKeys: String, CodingKey {
      case position, rating, scale, plays
      case listenedMs = "listened_ms"
    }

    public init(position: String, rating: Int, scale: String? = nil, plays: Measured, listenedMs: Measured) {
      self.position = position
      self.scale = scale
      self.rating = rating
      self.plays = plays
      self.listenedMs = listenedMs
    }
  }

  /// One for each position, in any order; with several scales, one for each position and scale. Nil counts as none.
  public var ratings: [Rating]?

  public init(ratings: [Rating]) { self.ratings = ratings }

  /// The ratings of a simulated listener to whom the candidates seem as good as `heard`, from 0 to 1, mapped to
  /// `range`.
  init(hearing heard: [Double], on range: ClosedRange<Int>) {
    let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
    ratings = heard.enumerated().map { i, share in
      Rating(
        position: Position.letter(i + 1), rating: Int((low + (high - low) * share).rounded()), plays: Measured(1),
        listenedMs: Measured(600))
    }
  }

  /// - Throws: `AnswerProblem` unless every position has exactly one number, within `range`.
  func judged(_ trial: Trial, on scale: String, _ range: ClosedRange<Int>) throws -> Judged {
    let count = trial.candidates.count
    var rated: [Int: Rating] = [:]
    for rating in ratings ?? [] {
      guard let position = Position.of(rating.position, count: count) else { throw AnswerProblem.noPosition(count) }
      guard range.contains(rating.rating) else {
        throw AnswerProblem(
          "'rating' is \(rating.rating).", mend: "It must be between \(range.lowerBound) and \(range.upperBound).")
      }
      guard rated.updateValue(rating, forKey: position) == nil else {
        throw AnswerProblem("\(rating.position) is rated twice.", mend: "Send one rating per position.")
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
      judgements: inOrder.map { Judgement(position: $0, scale: scale, number: Double($1.rating)) })
  }
}

/// An answer with one number for the whole page.
public struct WholeAnswer: Codable, Sendable {
  /// A whole number within the range of its type. It must be there; nil only lets the problem be told in words.
  public var rating: Int?
  /// One for each position, in any order. Nil counts as none.
  public var heard: [HeardAnswer]?

  public init(rating: Int, heard: [HeardAnswer]) {
    self.rating = rating
    self.heard = heard
  }

  /// - Throws: `AnswerProblem` unless there is a number within `range`, and a report of how each position was heard.
  func judged(_ trial: Trial, on scale: String, _ range: ClosedRange<Int>) throws -> Judged {
    guard let rating else { throw AnswerProblem("'rating' is missing.", mend: "Send the rating of the page.") }
    guard range.contains(rating) else {
      throw AnswerProblem(
        "'rating' is \(rating).", mend: "It must be between \(range.lowerBound) and \(range.upperBound).")
    }
    return Judged(
      heard: try (heard ?? []).read(trial), judgements: [Judgement(scale: scale, number: Double(rating))])
  }
}

/// An answer that chooses one position.
public struct ChoiceAnswer: Codable, Sendable {
  /// Sent instead of a letter if neither is chosen.
  public static let neither = "neither"

  /// The letter of the chosen position.
  public var choice: String?
  /// One for each position, in any order. Nil counts as none.
  public var heard: [HeardAnswer]?

  public init(choice: String, heard: [HeardAnswer]) {
    self.choice = choice
    self.heard = heard
  }

  /// - Throws: `AnswerProblem` unless one is chosen, and there is a report of how each was heard. "Neither" becomes the
  ///   number 0.
  func judged(_ trial: Trial, on scale: String, mayBeNeither: Bool = false) throws -> Judged {
    guard let choice else {
      throw AnswerProblem("'choice' is missing.", mend: "Send the letter of the chosen one.")
    }
    let count = trial.candidates.count
    let isNeither = mayBeNeither && choice == ChoiceAnswer.neither
    guard let chosen = isNeither ? 0 : Position.of(choice, count: count) else { throw AnswerProblem.noPosition(count) }
    return Judged(
      heard: try (heard ?? []).read(trial), judgements: [Judgement(scale: scale, number: Double(chosen))])
  }
}

extension AnswerProblem {
  static func noPosition(_ count: Int) -> AnswerProblem {
    AnswerProblem("This trial has no such position.", mend: "Its positions are A to \(Position.letter(count)).")
  }
}

extension Judged {
  /// Whether the reference is rated strictly above everything else on a scale. Nil if there is no reference, or nothing
  /// else.
  func referenceIsBest(in trial: Trial, on scale: String) -> Bool? {
    func best(_ isReference: Bool) -> Double? {
      trial.candidates.indices.filter { trial.candidates[$0].isReference == isReference }
        .compactMap { number(at: $0 + 1, on: scale) }.max()
    }
    guard let reference = best(true), let other = best(false) else { return nil }
    return reference > other
  }

  /// Whether the reference was chosen. Nil if there is none.
  func referenceIsChosen(in trial: Trial, on scale: String) -> Bool? {
    guard let reference = trial.candidates.firstIndex(where: \.isReference) else { return nil }
    return number(at: 0, on: scale) == Double(reference + 1)
  }
}

extension StudyDesign.Item {
  /// One page for each pair of these versions or sounds.
  func pairs(of versions: [PlannedCandidate]) -> [StudyDesign.Item] {
    versions.indices.flatMap { i in
      versions[(i + 1)...].map { second in
        var page = self
        page.candidates = [versions[i], second]
        page.part = " \(versions[i].candidate) \(second.candidate)"
        return page
      }
    }
  }

  /// The versions, including the reference if there is one; or the sounds of a set.
  var versions: [PlannedCandidate] { candidates + (hiddenReference.map { [$0] } ?? []) }
}

extension PlannedCandidate {
  /// The reference and copies of it that are plainly worse, `count` in all: low-passed at frequencies spaced from 3.5
  /// kHz down to 500 Hz, or at 1 kHz if there is only one.
  static func plainlyWorse(than reference: PlannedCandidate, count: Int) -> [PlannedCandidate] {
    let worse = (0..<max(1, count - 1)).map { i in
      reference.lowpassed((count < 3 ? 1000 : 3500 * pow(1.0 / 7, Double(i) / Double(count - 2))).rounded())
    }
    return [reference] + worse
  }
}
