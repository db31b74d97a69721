extension StudyDefinition {
  /// A question of a questionnaire.
  public struct Question: Sendable, Equatable {
    /// How a question is answered.
    public enum Kind: String, Sendable, CaseIterable {
      /// Free words, in one line or in several.
      case text
      case longText = "long_text"
      case number
      /// One of the options, or any of them.
      case choice, choices
      /// One of some whole numbers in a row, with words at its ends.
      case scale
      case date
    }

    /// The column in participants.csv.
    public var id = ""
    public var kind = Kind.text
    public var text: Localized = [:]
    public var required = false
    /// For `choice` and `choices`: the value stored and the words shown.
    public var options: [Option] = []
    /// The least and the most that is taken. Of a number its value, of a text its characters, of `choices` how many are
    /// chosen, of a scale its first and last point.
    public var minimum: Double?
    public var maximum: Double?
    /// The same for a date.
    public var earliest: CalendarDate?
    public var latest: CalendarDate?
    /// The words at the ends of a scale.
    public var low: Localized = [:]
    public var high: Localized = [:]
    /// It is asked only where all of these hold.
    public var shownIf: [Condition] = []

    public init() {}

    /// One of the answers that are offered.
    public struct Option: Sendable, Equatable {
      public var value: String
      public var text: Localized
      /// Of `choices`: nothing else is chosen beside it.
      public var isExclusive: Bool

      public init(value: String, text: Localized, isExclusive: Bool = false) {
        self.value = value
        self.text = text
        self.isExclusive = isExclusive
      }
    }

    /// That an earlier question of the same questionnaire was answered by one of some values.
    public struct Condition: Sendable, Equatable, Codable {
      /// Its id.
      public var question: String
      /// As they are stored.
      public var values: [String]

      public init(question: String, values: [String]) {
        self.question = question
        self.values = values
      }

      /// - Parameter given: the values stored for each question so far; one that was not asked has none.
      public func holds(_ given: [String: [String]]) -> Bool {
        given[question, default: []].contains(where: values.contains)
      }
    }

    /// In Unicode scalars; no text is longer.
    public static let longestText = 5000

    /// How long a text may be, in Unicode scalars, without blanks at its ends.
    public var length: ClosedRange<Int> {
      let most = Int(maximum ?? Double(Question.longestText))
      return min(Int(minimum ?? 0), most)...most
    }

    /// The points of a scale; from 1 to 5 where it does not say otherwise.
    public var points: ClosedRange<Int> {
      let last = Int(maximum ?? 5)
      return min(Int(minimum ?? 1), last)...last
    }
  }
}
