import Foundation
import Study

/// Free sorting: listeners put sounds that are alike into groups, as many as they like, and may name the groups.
public struct Sort: TrialType {
  public let name = "sort"
  public let summary = "a set of sounds, sorted freely into groups of similar sounds"
  public let sources: [StudyDefinition.SoundSource] = [.sounds, .renderings]
  public let largestSet: Int? = 60
  static let scale = "group"
  /// The longest group name, in characters.
  static let longestName = 100

  /// The groups, and how each sound was heard.
  public struct Answer: Codable, Sendable {
    /// Sounds that the listener put together.
    public struct Group: Codable, Sendable {
      /// The letters of their positions.
      public var positions: [String]
      /// The name of the group. Empty if the listener gave none.
      public var name: String

      public init(positions: [String], name: String = "") {
        self.positions = positions
        self.name = name
      }
    }

    /// Every position must be in one group. Empty groups are passed over. Nil counts as none.
    public var groups: [Group]?
    /// One for each position, in any order. Nil counts as none.
    public var heard: [HeardAnswer]?

    public init(groups: [Group], heard: [HeardAnswer]) {
      self.groups = groups
      self.heard = heard
    }
  }

  public init() {}

  /// One page with all sounds. The attention check is a set that contains one sound twice.
  public func pages(of pool: StudyDesign.Item, in block: StudyDefinition.Block) -> [StudyDesign.Item] {
    var page = pool
    page.candidates = pool.versions
    page.sound = nil
    guard page.candidates.count > 2 else { return [] }
    page.catchCandidates = page.candidates.dropLast() + [page.candidates[0].twin]
    return [page]
  }

  /// Numbers the groups from 1, in the order in which they are sent. Each sound keeps its group's name.
  public func read(_ answer: Answer, to trial: Trial, in block: StudyDefinition.Block) throws -> Judged {
    let count = trial.candidates.count
    var said: [Int: Judgement] = [:]
    for (number, group) in (answer.groups ?? []).filter({ !$0.positions.isEmpty }).enumerated() {
      let name = Self.words(group.name)
      guard name.count <= Self.longestName else {
        throw AnswerProblem(
          "The name of a group has \(name.count) characters.", mend: "Send at most \(Self.longestName) characters.")
      }
      for letter in group.positions {
        guard let position = Position.of(letter, count: count) else { throw AnswerProblem.noPosition(count) }
        let judgement = Judgement(
          position: position, scale: Self.scale, number: Double(number + 1), text: name.isEmpty ? nil : name)
        guard said.updateValue(judgement, forKey: position) == nil else {
          throw AnswerProblem("\(letter) is in two groups.", mend: "Send each position once.")
        }
      }
    }
    let missing = (1...max(1, count)).filter { said[$0] == nil }
    guard missing.isEmpty else {
      throw AnswerProblem(
        "\(missing.map(Position.letter).joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") in no group.",
        mend: "Send each position in a group.")
    }
    return Judged(
      heard: try (answer.heard ?? []).read(trial), judgements: said.values.sorted { $0.position < $1.position })
  }

  /// A name with one blank for all that separates its words, control characters included.
  private static func words(_ name: String) -> String {
    name.split {
      $0.isWhitespace || $0.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }.joined(separator: " ")
  }

  /// Passed if the two copies of the same sound are in one group.
  public func isPassed(_ judged: Judged, in trial: Trial, of block: StudyDefinition.Block) -> Bool? {
    for (i, one) in trial.candidates.enumerated() {
      for (j, other) in trial.candidates.enumerated() where j > i && one.isTwin(of: other) {
        return judged.number(at: i + 1, on: Self.scale) == judged.number(at: j + 1, on: Self.scale)
      }
    }
    return nil
  }

  /// Groups the sounds by fifths of the range from 0 to 1.
  public func answer(hearing heard: [Double], in block: StudyDefinition.Block) -> Answer {
    let fifths = Dictionary(grouping: heard.indices) { min(4, Int(min(max(heard[$0], 0), 1) * 5)) }
    return Answer(
      groups: fifths.sorted { $0.key < $1.key }.map { .init(positions: $1.map { Position.letter($0 + 1) }) },
      heard: HeardAnswer.once(heard.count))
  }

  public let table = TrialTable.ofPositions(
    "sortings", "One row per sound and the group that it was put in.",
    [
      .init("group", .integer, "The group's number on this page, from 1.", required: true, minimum: 1) {
        $0.judgement(Sort.scale)?.number
      },
      .init("group_name", .string, "What the listener called the group.") { $0.judgement(Sort.scale)?.text },
    ])
}
