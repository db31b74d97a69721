import Basics
import Foundation
import Study
import Testing

@Suite("The version of a study")
struct StudyVersionTests {
  func version(_ change: (StudyFixture) throws -> Void = { _ in }) throws -> String {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    try change(fixture)
    return try fixture.load().version
  }

  @Test("the same content has the same version, wherever its folder is and however its file is formatted")
  func same() throws {
    let version = try version()
    #expect(try version == self.version())
    #expect(
      try version
        == self.version { try $0.study("# a remark\nconsent:\n  text: Yes\ntitle: \"T\"\nscale: {max: 100}\n") })
    #expect(try version == self.version { try $0.write("sounds/unused.flac", "x") })
  }

  @Test("another text, table or sound gives another version")
  func other() throws {
    let versions = try [
      version(),
      version { try $0.study("title: U\nconsent: {text: Yes}\n") },
      version { try $0.study("title: T\nconsent: {text: No}\n") },
      version { try $0.study("title: T\nconsent: {text: Yes}\nscale: {max: 90}\n") },
      version { try $0.study("title: T\nconsent: {text: Yes}\nquestionnaire: [{id: a, text: A}]\n") },
      version { try $0.study("title: T\nconsent: {text: Yes}\nquestionnaire: [{id: b, text: A}]\n") },
      version { try $0.edit("sounds/rankings.csv", "random,1,", "random,01,") },
      version { try $0.write("sounds/kick2.flac", "other") },
      version { try $0.write("sounds/loop2.flac", "other") },
    ]
    #expect(Set(versions).count == versions.count)
  }

  func design(_ change: (StudyFixture) throws -> Void = { _ in }) throws -> String {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    try change(fixture)
    return try fixture.load().designVersion
  }

  static let asking =
    "questionnaire: [{id: a, text: A, kind: scale, low: no}, {id: b, kind: choice, text: B, options: [x, y]}]\n"

  @Test("texts, languages, and how listeners join and leave are not part of the design")
  func words() throws {
    let design = try design()
    for yaml in [
      "title: U\nconsent: {text: Yes}\n", "title: T\nconsent: {text: No, agree: I do}\n",
      "title: T\nconsent: {text: Yes}\nfinish: {redirect: \"https://x.example/?i={external_id}\", code: C1}\n",
      "title: T\nconsent: {text: Yes}\nleaving: {study_changed: {code: C2}, screened_out: {text: Bye.}}\n",
      "title: T\nconsent: {text: Yes}\njoining: {keep: [batch], repeats: true}\n",
      "title: T\nconsent: {text: Yes}\nscale: {low: nothing, high: all}\n",
      "title: T\nconsent: {text: Yes}\ntrials: {seconds_per_candidate: 9}\n",
      "title: T\nconsent: {text: Yes}\ntexts: {welcome: W, instructions: I, question: \"Near the {condition}?\", finish: F, conditions: {kick: bass drum}}\n",
      "title: T\nlanguages: [en, de]\nconsent: {text: {en: Yes, de: Ja}, agree: {en: a, de: b}}\n"
        + "texts: {welcome: {en: W, de: X}, instructions: {en: I, de: J}, question: {en: \"Q {condition}\", de: \"R {condition}\"}, finish: {en: F, de: G}}\n"
        + "scale: {low: {en: l, de: m}, high: {en: h, de: i}}\n",
    ] {
      #expect(try self.design { try $0.study(yaml) } == design, "\(yaml)")
    }
    func asked(_ questions: String) throws -> String {
      try self.design { try $0.study("title: T\nconsent: {text: Yes}\n\(questions)") }
    }
    let questions = try asked(Self.asking)
    #expect(questions != design)
    #expect(
      try asked(
        Self.asking.replacing("text: A", with: "text: Another wording").replacing("low: no", with: "low: never"))
        == questions)
    #expect(
      try asked(Self.asking.replacing("[x, y]", with: "[{value: x, text: The x}, {value: y, text: Y}]")) == questions)
  }

  @Test("plans, stimuli, scales, questions and blocks are part of the design")
  func parts() throws {
    func yaml(_ more: String) -> (StudyFixture) throws -> Void {
      { try $0.study("title: T\nconsent: {text: Yes}\n\(more)\n") }
    }
    let block = "blocks: [{name: one, question: \"Q {condition}\""
    let designs = try [
      design(), design(yaml("scale: {max: 90}")), design(yaml("scale: {kind: likert, min: 1, max: 7}")),
      design(yaml("trials: {seed: 8}")), design(yaml("trials: {repeats: 0}")), design(yaml("pool: {top_k: 1}")),
      design(yaml("headphones: {required: true}")), design(yaml("headphones: {trials: 7}")),
      design(yaml(Self.asking)),
      design(yaml(Self.asking.replacing("kind: scale", with: "kind: scale, required: true"))),
      design(yaml(Self.asking.replacing("[x, y]", with: "[x, z]"))),
      design(yaml(Self.asking.replacing("[x, y]", with: "[x, y, z]"))),
      design(yaml("closing_" + Self.asking)), design(yaml("\(block)}]")), design(yaml("\(block), instructions: I}]")),
      design(yaml("\(block), break: B}]")), design(yaml("\(block), break_every: 1}]")),
      design(yaml("\(block), break_every_min: 1}]")),
      design(yaml("\(block), break_every_min: 1, trials: {seconds_per_candidate: 9}}]")),
      design(yaml("\(block), comments: true}]")), design(yaml("\(block), pool: {top_k: 1}}]")),
      design { try $0.edit("sounds/rankings.csv", "random,1,", "random,01,") },
      design { try $0.write("sounds/kick2.flac", "other") }, design { try $0.write("sounds/loop2.flac", "other") },
    ]
    #expect(Set(designs).count == designs.count)
  }
}
