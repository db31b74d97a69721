import Agreement
import Basics
import Foundation
import Ratings
import Testing

@Suite struct ScreeningTests {
  private func found(_ rule: AnalysisPlan.Rule, _ text: String, _ plan: AnalysisPlan = quickPlan()) throws -> [String] {
    let study = try RatedStudy(table(text, plan: plan), rankings: [], plan: plan)
    let outcome = try #require(Screening(study, plan: plan).outcome(rule))
    return outcome.excluded.sorted().map { study.listeners[$0] }
  }

  /// A score of 90 is not below 90; one of six items is more than 15 %, one of seven is not.
  @Test func hiddenReferenceRule() throws {
    var text = "participant,query,candidate,rating,is_reference,scale_min,scale_max\n"
    for (listener, items, low) in [("six", 6, 1), ("seven", 7, 1), ("edge", 6, 0)] {
      for item in 0..<items {
        text += "\(listener),q\(item),r,\(item < low ? 89 : 90),true,0,100\n"
        text += "\(listener),q\(item),c,\(item),false,0,100\n"
      }
    }
    #expect(try found(.reference, text) == ["six"])
  }

  @Test func catchesFastPagesAndStraightLines() throws {
    var text = "participant,query,candidate,rating,trial,is_reference,is_catch,response_ms\n"
    for (listener, reference, time) in [("good", 90, 9000), ("bad", 20, 900)] {
      for candidate in 0..<3 {
        text += "\(listener),q,c\(candidate),\(listener == "bad" ? 50 : candidate * 20),1,false,false,\(time)\n"
      }
      text += "\(listener),q,ref,\(reference),2,true,true,9000\n\(listener),q,low,20,2,false,true,9000\n"
    }
    #expect(try found(.catches, text) == ["bad"])
    #expect(try found(.straight, text) == ["bad"])
    // One of two pages was answered in less than a second per rating.
    #expect(try found(.speed, text) == ["bad"])
  }

  @Test func repeatsThatContradictThemselves() throws {
    var text = "participant,query,candidate,rating,trial,is_repeat\n"
    for candidate in 0..<4 {
      text += "same,q,c\(candidate),\(candidate * 10),1,false\nsame,q,c\(candidate),\(candidate * 9),2,true\n"
      text += "other,q,c\(candidate),\(candidate * 10),1,false\nother,q,c\(candidate),\(90 - candidate),2,true\n"
    }
    #expect(try found(.repeats, text) == ["other"])
  }

  /// A listener who rates at random among listeners who hear.
  @Test func outliersAndTheSubjectModel() throws {
    let study = GeneratedStudy(listeners: 15, queries: 10, pages: 10)
    var random = SeededRandom(seed: 3, "noise")
    var text = study.ratings
    for trial in 0..<10 {
      for candidate in 0..<8 {
        text += "noise,\(trial),q\(trial),kick,c\(candidate),\(random.below(101)),0,100,false,false\n"
      }
    }
    #expect(try found(.outlier, text) == ["noise"])
    #expect(try found(.subject, text, quickPlan { $0.screening.subjectMADs = 2.5 }) == ["noise"])
  }

  @Test func screeningChangesTheSampleAndIsShown() throws {
    var text = GeneratedStudy(listeners: 10, queries: 6, pages: 6).ratings
    for query in 0..<6 { text += "deaf,0,q\(query),kick,ref,10,0,100,true,false\n" }
    let study = GeneratedStudy(listeners: 10, queries: 6, pages: 6)
    let findings = try Analysis(
      ratings: table(text), rankings: rankingsTable(study.rankings),
      plan: quickPlan { $0.screening.apply = [.reference] }
    ).findings()
    #expect(findings.number("screening", "found", where: ["rule": "reference"]) == 1)
    #expect(findings.number("screening_sensitivity", "listeners", where: ["screening": "none"]) == 11)
    #expect(findings.number("screening_sensitivity", "listeners", where: ["screening": "planned"]) == 10)
  }
}
