import Basics
import Foundation
import Statistics
import Testing

@Suite("Paired choices")
struct PairedChoiceModelTests {
  struct Fixture: Decodable {
    struct Fit: Decodable {
      var strengths, errors: [Double]
      var tie, tieError: Double?
      var deviance, pearson, logLikelihood: Double
      var df: Int
    }
    struct Case: Decodable {
      var name: String
      var items: Int
      var wins, ties: [[Double]]?
      var bradleyTerry, thurstone: Fit

      var choices: PairedChoices {
        var choices = PairedChoices(items: items)
        for i in 0..<items {
          for j in 0..<items where i != j {
            choices.add(winner: i, loser: j, count: wins![i][j])
            if i < j { choices.addTie(i, j, count: ties![i][j]) }
          }
        }
        return choices
      }
    }
    var cases: [Case]
  }

  private func compare(_ choices: PairedChoices, _ c: Fixture.Case) throws {
    for (law, fit) in [(PairedChoiceModel.Law.bradleyTerry, c.bradleyTerry), (.thurstone, c.thurstone)] {
      let model = try #require(PairedChoiceModel(choices, law: law), "\(c.name)")
      for i in 0..<c.items {
        #expect(close(model.strengths[i], fit.strengths[i], 1e-8), "\(c.name) \(law) \(i)")
        #expect(close(model.standardErrors[i], fit.errors[i], 1e-8), "\(c.name) \(law) \(i)")
      }
      #expect(close(model.tie, fit.tie, 1e-8), "\(c.name) \(law)")
      #expect(close(model.tieError, fit.tieError, 1e-8), "\(c.name) \(law)")
      #expect(close(model.deviance, fit.deviance, 1e-8), "\(c.name) \(law)")
      #expect(close(model.pearson, fit.pearson, 1e-8), "\(c.name) \(law)")
      #expect(close(model.logLikelihood, fit.logLikelihood, 1e-8), "\(c.name) \(law)")
      #expect(model.degreesOfFreedom == fit.df)
    }
  }

  @Test("strengths, errors, ties and fit equal those of generalised linear models in R")
  func oracle() throws {
    for c in try Oracle.fixture("choices", as: Fixture.self).cases { try compare(c.choices, c) }
  }

  @Test("published comparisons of sounds", .enabled(if: Oracle.hasReference, "needs EARSHOT_REFERENCE"))
  func reference() throws {
    func table(_ name: String) throws -> [[String]] {
      let file = Oracle.reference.appending(path: "paired_comparisons/\(name)")
      return try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline).map {
        $0.split(separator: ",").map { $0.trimmingCharacters(in: ["\""]) }
      }
    }
    let cases = try Oracle.fixture("choices_reference", as: Fixture.self).cases
    var human = PairedChoices(items: 12)
    for row in try table("human_sounds_46x30.csv").dropFirst() {
      human.add(winner: Int(row[2])! - 1, loser: Int(row[1])! - 1)
    }
    try compare(human, cases[0])
    let labels = try table("soundquality_labels.txt").map { $0[0] }
    let rows = try table("soundquality_783x28.csv")
    var quality = PairedChoices(items: labels.count)
    for (column, name) in rows[0].enumerated().dropFirst(5) {
      let pair = name.split(separator: ":").map { labels.firstIndex(of: String($0))! }
      for row in rows.dropFirst() {
        if row[column] == "1" { quality.add(winner: pair[0], loser: pair[1]) }
        if row[column] == "-1" { quality.add(winner: pair[1], loser: pair[0]) }
      }
    }
    try compare(quality, cases[1])
  }

  @Test("two items: the difference in strength is the log odds, and its error that of a proportion")
  func two() throws {
    var choices = PairedChoices(items: 2)
    choices.add(winner: 0, loser: 1, count: 30)
    choices.add(winner: 1, loser: 0, count: 10)
    let model = try #require(PairedChoiceModel(choices))
    let difference = model.difference(0, 1)
    #expect(close(difference.value, log(3), 1e-12))
    #expect(close(difference.standardError, (1 / 30.0 + 1 / 10.0).squareRoot(), 1e-12))
    #expect(close(model.chances(0, 1).first, 0.75, 1e-12))
    #expect(model.p == nil)
    #expect(abs(model.deviance) < 1e-10)
  }

  @Test("no finite maximum: an item never chosen, groups never compared, too few choices beside ties")
  func undefined() {
    #expect(PairedChoiceModel(PairedChoices(items: 0)) == nil)
    #expect(PairedChoiceModel(PairedChoices(items: 2)) == nil)
    var never = PairedChoices(items: 3)
    never.add(winner: 0, loser: 1, count: 5)
    never.add(winner: 1, loser: 0, count: 5)
    never.add(winner: 0, loser: 2, count: 5)
    #expect(PairedChoiceModel(never) == nil)
    never.add(winner: 2, loser: 1)
    #expect(PairedChoiceModel(never) != nil)
    var apart = PairedChoices(items: 4)
    for (i, j) in [(0, 1), (1, 0), (2, 3), (3, 2)] { apart.add(winner: i, loser: j) }
    #expect(PairedChoiceModel(apart) == nil)
    var alike = PairedChoices(items: 2)
    alike.addTie(0, 1, count: 3)
    alike.add(winner: 0, loser: 1)
    for law in [PairedChoiceModel.Law.bradleyTerry, .thurstone] { #expect(PairedChoiceModel(alike, law: law) == nil) }
    alike.add(winner: 1, loser: 0)
    for law in [PairedChoiceModel.Law.bradleyTerry, .thurstone] { #expect(PairedChoiceModel(alike, law: law) != nil) }
  }
}
