extension StudyDefinition {
  /// A question in a questionnaire.
  public struct Question: Sendable, Equatable {
    /// How a question is answered.
    public enum Kind: String, Sendable, CaseIterable {
      /// Free text, on one line or on several.
      case text
      case longText = "long_text"
      case number
      /// One of the options, or any number of them.
      case choice, choices
      /// A whole number on a scale with words at its ends.
      case scale
      case date
    }

    /// The name of the column in participants.csv.
    public var id = ""
    /// How it is answered. It also decides which other properties matter.
    public var kind = Kind.text
    /// The question itself: plain words, in each language.
    public var text: Localized = [:]
    /// Whether it must be answered. A question that `shownIf` hides need not be.
    public var required = false
    /// For `choice` and `choices`: the stored values and the words shown.
    public var options: [Option] = []
    /// The permitted range, both ends included. For a number: its value; for a text: its length in characters; for
    /// `choices`: how many are chosen; for a scale: its first and last point.
    public var minimum: Double?
    /// Nil sets no limit, but a scale then ends at 5, and a text at `longestText`.
    public var maximum: Double?
    /// The permitted range of a date, both ends included.
    public var earliest: CalendarDate?
    /// Nil sets no limit.
    public var latest: CalendarDate?
    /// For a scale: the words at its ends.
    public var low: Localized = [:]
    /// The words at the high end. None if empty.
    public var high: Localized = [:]
    /// The question is asked only if all of these hold.
    public var shownIf: [Condition] = []

    /// An optional question of free text. Its id and words are still to be set.
    public init() {}

    /// One of the offered answers.
    public struct Option: Sendable, Equatable {
      /// What is stored, and stands in participants.csv.
      public var value: String
      /// The words that listeners see, in each language.
      public var text: Localized
      /// For `choices`: whether it can only be chosen alone.
      public var isExclusive: Bool

      public init(value: String, text: Localized, isExclusive: Bool = false) {
        self.value = value
        self.text = text
        self.isExclusive = isExclusive
      }
    }

    /// The condition that an earlier question of the same questionnaire was answered with one of some values.
    public struct Condition: Sendable, Equatable, Codable {
      /// The id of the earlier question.
      public var question: String
      /// The values as they are stored.
      public var values: [String]

      public init(question: String, values: [String]) {
        self.question = question
        self.values = values
      }

      /// Whether the condition holds.
      /// - Parameter given: the values stored for each question so far. A question that was not asked has none.
      public func holds(_ given: [String: [String]]) -> Bool {
        given[question, default: []].contains(where: values.contains)
      }
    }

    /// The upper limit for every text, in Unicode scalars.
    public static let longestText = 5000

    /// The permitted length of a text in Unicode scalars, after trimming.
    public var length: ClosedRange<Int> {
      let most = Int(maximum ?? Double(Question.longestText))
      return min(Int(minimum ?? 0), most)...most
    }

    /// The points of a scale: 1 to 5 by default.
    public var points: ClosedRange<Int> {
      let last = Int(maximum ?? 5)
      return min(Int(minimum ?? 1), last)...last
    }
  }
}
