import Foundation
import Study
import Testing

@Suite("Questions of a questionnaire")
struct QuestionTests {
  static func fixture(_ questions: String) throws -> StudyFixture {
    let indented = questions.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    return try StudyFixture("title: T\nconsent: {text: Yes}\nquestionnaire:\n\(indented)\n")
  }

  static let all = """
    - {id: name, text: Name?, min: 2, max: 40}
    - {id: story, kind: long_text, text: Tell us, max: 400}
    - {id: age, kind: number, text: Age?, required: true, min: 16, max: 99}
    - {id: musician, kind: choice, text: A musician?, options: [{value: yes, text: Yes}, {value: no, text: No}]}
    - id: plays
      kind: choices
      text: What do you play?
      min: 1
      max: 2
      options: [drums, bass, voice, {value: none, text: None of these, exclusive: true}]
      shown_if: {musician: yes}
    - {id: skill, kind: scale, text: How well?, min: 1, max: 7, low: not at all, high: perfectly, shown_if: {musician: [yes], plays: [drums, bass]}}
    - {id: born, kind: date, text: When?, min: 1920-01-01, max: 2010-12-31, shown_if: {age: 40}}
    """

  @Test("every kind of question is read with its own keys")
  func kinds() throws {
    let fixture = try Self.fixture(Self.all)
    defer { fixture.remove() }
    #expect(fixture.problems() == [])
    let questions = try fixture.load().definition.questionnaire
    #expect(questions.map(\.kind) == [.text, .longText, .number, .choice, .choices, .scale, .date])
    #expect(questions[0].length == 2...40 && questions[1].length == 0...400)
    #expect(questions[4].options.map(\.isExclusive) == [false, false, false, true])
    #expect(questions[5].points == 1...7 && questions[5].low == ["en": "not at all"])
    #expect(
      questions[5].shownIf == [
        .init(question: "musician", values: ["yes"]), .init(question: "plays", values: ["drums", "bass"]),
      ])
    #expect(questions[6].earliest == CalendarDate("1920-01-01") && questions[6].latest == CalendarDate("2010-12-31"))
    #expect(questions[6].minimum == nil)
  }

  @Test("invalid questions are reported with place and fix")
  func wrong() throws {
    let cases: [(old: String, new: String, place: String, told: String)] = [
      (
        "{musician: yes}", "{musican: yes}", "14:", "'musican', but there is no such question. Did you mean 'musician'?"
      ),
      ("{musician: yes}", "{born: yes}", "14:", "'born', which is asked later. Move that one before it"),
      ("{musician: yes}", "{plays: drums}", "14:", "which is itself"),
      ("{musician: yes}", "{musician: Yes}", "14:", "'Yes' is not an option of 'musician'. Did you mean 'yes'?"),
      ("{musician: yes}", "{musician: []}", "14:", "no answer is named"),
      ("{musician: yes}", "{musician: {a: b}}", "14:", "Write one of its answers, or a list of them."),
      ("{musician: yes}", "musician", "14:", "'questionnaire[4].shown_if' is not a map"),
      ("{musician: yes}", "{name: me}", "14:", "of kind 'text', on which no question can depend"),
      ("{age: 40}", "{age: 040}", "16:", "answers to 'age' are not stored as '040'"),
      ("{age: 40}", "{age: 400}", "16:", "'400' is not an answer that 'age' accepts"),
      ("{age: 40}", "{skill: 8}", "16:", "'8' is not a point of the scale 'skill'"),
      ("1920-01-01", "1920-02-30", "16:", "which is not a calendar date"),
      ("1920-01-01", "5", "16:", "the answer is a date. Write a day"),
      ("1920-01-01", "2011-01-01", "16:", "2011-01-01 comes after 2010-12-31. Swap them"),
      ("min: 16", "min: 1920-01-01", "6:", "'min' is the date 1920-01-01, but the answer is not a date"),
      ("min: 2, max: 40", "min: 50, max: 40", "4:", "'min' is above 'max'"),
      ("min: 2, max: 40", "max: 9000", "4:", "'max' is 9000 characters. Write a whole number from 1 to 5000"),
      ("min: 2, max: 40", "min: 2.5", "4:", "'min' is 2.5 characters"),
      ("max: 2\n", "max: 4\n", "12:", "'max' is 4 options. Write a whole number from 1 to 3"),
      ("min: 1, max: 7", "min: 1, max: 20", "15:", "a scale of 20 points does not fit on a phone"),
      ("min: 1, max: 7", "min: 7", "15:", "the scale goes from 7 to 5"),
      ("min: 1, max: 7, low: not at all, ", "", "15:", "warning: the scale has no words at its low end"),
      ("text: Age?", "text: Age?, low: young", "6:", "a question of kind 'number' has no 'low'"),
      ("text: A musician?", "text: A musician?, min: 1", "7:", "a question of kind 'choice' has no 'min'"),
      ("{value: no, text: No}", "{value: no, text: No, exclusive: true}", "7:", "'exclusive' means nothing"),
      ("[drums, bass, voice, ", "[{value: drums, text: D, exclusive: true}, ", "13:", "every option is exclusive"),
      ("kind: date", "kind: dates", "16:", "Did you mean 'date'?"),
    ]
    for (old, new, place, told) in cases {
      #expect(Self.all.contains(old), "\(old)")
      let fixture = try Self.fixture(Self.all.replacing(old, with: new))
      defer { fixture.remove() }
      let problems = fixture.problems()
      #expect(
        problems.contains { $0.hasPrefix("study.yaml:\(place)") && $0.contains(told) }, "\(new): \(problems)")
    }
  }

  @Test("a question may depend on its own questionnaire only")
  func otherQuestionnaire() throws {
    let fixture = try StudyFixture(
      BlocksTests.two + "questionnaire: [{id: b, kind: choice, text: T, options: [x, y]}]\n")
    defer { fixture.remove() }
    try fixture.edit("study.yaml", "{id: ease, text: How easy was it?}", "{id: ease, text: How?, shown_if: {b: x}}")
    let problems = fixture.problems()
    #expect(problems.contains { $0.contains("'ease' depends on 'b', which another questionnaire asks") }, "\(problems)")
  }

  @Test("studies made before the newer kinds of question keep their version")
  func version() throws {
    let fixture = try Self.fixture(
      """
      - {id: age, kind: number, text: Age?, required: true, min: 16, max: 99}
      - {id: gear, kind: choices, text: Gear?, options: [a, {value: b, text: B}]}
      """)
    defer { fixture.remove() }
    // The version when there were only four kinds.
    let version = try fixture.load().version
    #expect(version == "b835dfaaa46fbdf30526f48b0601c7ed602577c93186f45ac84bdc97ad49c101")
    try fixture.edit("study.yaml", "text: B}", "text: B, exclusive: true}")
    #expect(try fixture.load().version != version)
  }

  @Test("a condition holds if one of its values was chosen, and not if the question was not asked")
  func conditions() {
    let condition = StudyDefinition.Question.Condition(question: "a", values: ["x", "y"])
    #expect(condition.holds(["a": ["z", "y"]]))
    #expect(!condition.holds(["a": ["z"]]) && !condition.holds(["b": ["x"]]) && !condition.holds([:]))
  }

  @Test(
    "dates are valid days of the calendar",
    arguments: [
      ("2024-02-29", true), ("2023-02-29", false), ("1900-02-29", false), ("2000-02-29", true), ("0001-01-01", true),
      ("0000-01-01", false), ("2024-13-01", false), ("2024-00-01", false), ("2024-04-31", false), ("2024-4-3", false),
      ("20240403", false), ("12024-04-03", false), ("٢٠٢٤-٠١-٠١", false), ("2024-01-01T00:00", false), ("", false),
    ])
  func days(text: String, isDay: Bool) {
    let day = CalendarDate(text)
    #expect((day != nil) == isDay)
    if isDay { #expect(day?.description == text) }
  }
}
