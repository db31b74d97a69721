import Basics
import Foundation
import Study
import Testing

/// The largest and smallest values of integers and floats, in a study's files.
@Suite("Extreme numbers in a study are read or refused, and never crash")
struct ExtremeNumbersTests {
  static let numbers = [
    "0", "-0", "1", "-1", "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
    "18446744073709551616", "99999999999999999999999999", "1e18", "1e19", "1e308", "1e309", "-1e308", "4.9e-324",
    ".inf",
    "-.inf", ".nan", "NaN", "0x7fffffffffffffff", "0o17", "1_000", "+1", "~", "190:20:30",
  ]

  @Test("in every key of study.yaml, and in the plans of the first and the last listener")
  func keys() throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    let keys = StudyKeys.all.filter { !$0.isSection && $0.type.contains("number") }
    #expect(keys.count > 15)
    for key in keys {
      let parts = key.path.split(separator: ".").map(String.init)
      for number in Self.numbers {
        var yaml = "title: T\nconsent: {text: Yes}\n"
        let name = parts.last ?? ""
        switch parts.first {
        case "questionnaire[]"?:
          yaml += "questionnaire: [{id: a, kind: number, text: A, \(name): \(number)}]\n"
        case "sounds"?:
          yaml +=
            "sounds: {queries: sounds/queries.csv, candidates: sounds/candidates.csv, rankings: sounds/rankings.csv, \(name): \(number)}\n"
        default: yaml += "\(parts[0]): {\(name): \(number)}\n"
        }
        try fixture.study(yaml)
        let problems = fixture.problems()
        // The value was refused, with a reason and a place.
        guard problems.allSatisfy({ !$0.contains(": error: ") }) else { continue }
        let design = try fixture.load()
        for participant in [1, Int(Int32.max), Int.max - 1] {
          #expect(!design.plan(participant: participant).trials.isEmpty)
        }
        #expect(design.expectedMinutes().isFinite)
      }
    }
  }

  @Test("in ranks and distances")
  func rankings() throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    let whole = try String(contentsOf: fixture.folder.appending(path: "sounds/rankings.csv"), encoding: .utf8)
    for number in Self.numbers {
      for column in ["rank", "distance"] {
        try fixture.write(
          "sounds/rankings.csv",
          whole.replacing("system,rank", with: "system,\(column)").replacing("mine,1,", with: "mine,\(number),"))
        if let design = try? fixture.load() { #expect(!design.plan(participant: 1).trials.isEmpty) }
      }
    }
  }
}
