import Foundation
import Study
import TestSupport
import Testing

/// Every kind of question, through a real server and into the exported tables.
@Suite("A questionnaire with every kind of question")
struct QuestionnaireTests {
  private static func question(
    _ id: String, _ kind: StudyDefinition.Question.Kind, _ change: (inout StudyDefinition.Question) -> Void = { _ in }
  ) -> StudyDefinition.Question {
    var question = StudyDefinition.Question()
    (question.id, question.kind, question.text) = (id, kind, ["en": "\(id)?"])
    change(&question)
    return question
  }

  static let asked = [
    question("nick", .text) { ($0.minimum, $0.maximum) = (2, 8) },
    question("story", .longText) { $0.maximum = 20 },
    question("musician", .choice) {
      $0.required = true
      $0.options = ["yes", "no"].map { .init(value: $0, text: ["en": $0]) }
    },
    question("plays", .choices) {
      $0.options = ["drums", "bass", "voice"].map { .init(value: $0, text: ["en": $0]) }
      $0.options.append(.init(value: "none", text: ["en": "none of these"], isExclusive: true))
      ($0.minimum, $0.maximum, $0.required) = (2, 2, true)
      $0.shownIf = [.init(question: "musician", values: ["yes"])]
    },
    question("skill", .scale) {
      ($0.minimum, $0.maximum, $0.required) = (-2, 2, true)
      ($0.low, $0.high) = (["en": "poor"], ["en": "great"])
      $0.shownIf = [.init(question: "plays", values: ["drums", "bass"])]
    },
    question("born", .date) {
      ($0.earliest, $0.latest) = (CalendarDate("1920-01-01"), CalendarDate("2010-12-31"))
    },
    question("flat", .text) { $0.shownIf = [.init(question: "skill", values: ["-2", "-1"])] },
  ]

  static func study() throws -> SmallStudy { try SmallStudy { $0.questionnaire = asked } }

  private static func answer(_ study: SmallStudy, _ answers: [String: Any]) throws -> WireClient.Reply {
    try study.respond(try study.join(), ["step": "questionnaire", "answers": answers])
  }

  @Test("valid answers are accepted, and those that no page would send are refused with an explanation")
  func taken() throws {
    let study = try Self.study()
    let whole: [String: Any] = [
      "nick": "Jo", "story": "two\nlines", "musician": "yes", "plays": ["drums", "voice"], "skill": -1,
      "born": "1984-02-29", "flat": "x",
    ]
    #expect(try Self.answer(study, whole).status == 201)
    let good: [[String: Any]] = [
      ["musician": "no"], ["musician": "no", "nick": "", "born": "", "story": NSNull()],
      ["musician": "yes", "plays": ["none"]], ["musician": "no", "nick": "  👩‍🚀a  "],
      ["musician": "no", "nick": " \u{FEFF} "],
      ["musician": "no", "born": "1920-01-01"], ["musician": "no", "born": "2010-12-31"],
    ]
    for answers in good { #expect(try Self.answer(study, answers).status == 201, "\(answers)") }
    let bad: [[String: Any]] = [
      [:], ["musician": "maybe"], ["musician": ["no"]], ["musician": "yes"], ["musician": "yes", "plays": ["drums"]],
      ["musician": "yes", "plays": ["drums", "bass", "voice"]], ["musician": "yes", "plays": ["none", "drums"]],
      ["musician": "yes", "plays": ["drums", "drums"]], ["musician": "yes", "plays": "none"],
      ["musician": "yes", "plays": []], ["musician": "yes", "plays": ["bass", "voice"]],
      whole.merging(["skill": 3]) { $1 }, whole.merging(["skill": 0.5]) { $1 }, whole.merging(["skill": "1"]) { $1 },
      whole.merging(["skill": 1e300]) { $1 }, whole.merging(["nick": "J"]) { $1 },
      whole.merging(["nick": "  J  "]) { $1 },
      whole.merging(["nick": "Josephine"]) { $1 }, whole.merging(["nick": 5]) { $1 },
      whole.merging(["story": String(repeating: "x", count: 21)]) { $1 }, whole.merging(["born": "1919-12-31"]) { $1 },
      whole.merging(["born": "2011-01-01"]) { $1 }, whole.merging(["born": "1983-02-29"]) { $1 },
      whole.merging(["born": "29.2.1984"]) { $1 }, whole.merging(["born": 1984]) { $1 },
      whole.merging(["else": "x"]) { $1 },
    ]
    for answers in bad { BadInputTests.check(try Self.answer(study, answers), "\(answers)") }
  }

  @Test("a hidden question is neither required nor stored, whatever is sent for it")
  func hidden() throws {
    let study = try Self.study()
    let token = try study.join()
    // Answers that would be invalid if the questions were shown, and one to a question that depends on them.
    let sent: [String: Any] = ["musician": "no", "plays": ["tuba", "none"], "skill": -1, "flat": "said"]
    #expect(try study.respond(token, ["step": "questionnaire", "answers": sent]).status == 201)
    let folder = study.folder.url.appending(path: "export")
    try ExportTests.export(study).write(to: folder)
    let rows = try String(contentsOf: folder.appending(path: "participants.csv"), encoding: .utf8).split(
      separator: "\n")
    let head = rows[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let cells = rows[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let row = Dictionary(zip(head, cells), uniquingKeysWith: { $1 })
    #expect(row["musician"] == "no" && row["plays"] == "" && row["skill"] == "" && row["flat"] == "")
  }

  @Test("the page is sent everything that it needs, and no key that has no value")
  func told() throws {
    let study = try Self.study()
    let parts = try #require(try study.state(study.join())["parts"] as? [[String: Any]])
    let questions = try #require(parts[0]["questions"] as? [[String: Any]])
    #expect(questions.map { $0["kind"] as? String } == Self.asked.map(\.kind.rawValue))
    #expect(Set(questions[0].keys) == ["id", "kind", "text", "required", "options", "min", "max"])
    #expect(questions[4]["low"] as? String == "poor" && questions[4]["min"] as? Int == -2)
    let condition = try #require(questions[4]["shown_if"] as? [[String: Any]])
    #expect(condition[0]["question"] as? String == "plays" && condition[0]["values"] as? [String] == ["drums", "bass"])
    let options = try #require(questions[3]["options"] as? [[String: Any]])
    #expect(options.map { $0["exclusive"] as? Bool } == [nil, nil, nil, true])
    #expect(questions[5]["earliest"] as? String == "1920-01-01" && questions[5]["min"] == nil)
  }

  @Test("answers are in participants.csv, and the data package states their types")
  func exported() throws {
    let study = try Self.study()
    let token = try study.join()
    let answers: [String: Any] = [
      "nick": "Jo", "story": "=1\n2", "musician": "yes", "plays": ["voice", "bass"], "skill": 2, "born": "1984-02-29",
    ]
    #expect(try study.respond(token, ["step": "questionnaire", "answers": answers]).status == 201)
    let folder = study.folder.url.appending(path: "export")
    try ExportTests.export(study).write(to: folder)
    let table = try String(contentsOf: folder.appending(path: "participants.csv"), encoding: .utf8)
    #expect(table.contains("nick,story,musician,plays,skill,born,flat"))
    #expect(table.contains("Jo,\"'=1\n2\",yes,bass;voice,2,1984-02-29,,"), "\(table)")
    let package = try Data(contentsOf: folder.appending(path: "datapackage.json"))
    let told = try #require(try JSONSerialization.jsonObject(with: package) as? [String: Any])
    let resources = try #require(told["resources"] as? [[String: Any]])
    let fields = try #require((resources[0]["schema"] as? [String: Any])?["fields"] as? [[String: Any]])
    let types = Dictionary(fields.map { ($0["name"] as? String ?? "", $0["type"] as? String ?? "") }) { $1 }
    #expect(types["skill"] == "integer" && types["born"] == "date" && types["story"] == "string")
  }
}
