import Agreement
import Basics
import Foundation
import Reporting
import Testing

/// Tables with the same content in another form, and systems that rank different candidates.
@Suite struct UnlikeTablesTests {
  /// An incomplete study, with ties in the systems' ranks and with repeated pages.
  private func study(unit: Double = 1) -> (ratings: [String], rankings: String) {
    var random = SeededRandom(seed: 14, "unlike tables"), ratings: [String] = []
    var rankings = "query,condition,system,rank,candidate\n"
    for query in 0..<6 {
      let condition = query % 2 == 0 ? "a" : "b", truth = (0..<7).map { _ in random.normal() }
      for (system, noise) in [("near", 0.5), ("far", 2)] {
        let scores = truth.map { $0 + noise * random.normal() }
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        for (rank, candidate) in order.enumerated() {
          rankings += "q\(query),\(condition),\(system),\(rank == 3 ? 3 : rank + 1),c\(query)-\(candidate)\n"
        }
      }
      for listener in 0..<9 where (listener + query) % 3 != 0 {
        for (trial, kind) in [("1", "main"), ("2", "repeat")] where kind == "main" || listener == 4 {
          for candidate in 0..<7 where (candidate + listener) % 5 != 0 {
            let rating = max(0, min(100, (50 + 20 * (truth[candidate] + random.normal())).rounded())) * unit
            ratings.append(
              "p\((7 * listener) % 9),q\(query),\(condition),\(10 * query + Int(trial)!),c\(query)-\(candidate),\(rating),0,\(100 * unit),\(kind == "repeat")"
            )
          }
        }
      }
    }
    return (ratings, rankings)
  }

  private func findings(_ rows: [String], _ rankings: String) throws -> Findings {
    let header = "participant,query,condition,trial,candidate,rating,scale_min,scale_max,is_repeat\n"
    return try Analysis(
      ratings: table(header + rows.joined(separator: "\n")), rankings: rankingsTable(rankings),
      plan: quickPlan { $0.topK = 3 }
    ).findings()
  }

  private func expectSame(_ a: Findings, _ b: Findings, scaledBy unit: Double = 1, but: Set<String> = []) {
    #expect(a.tables.map(\.name) == b.tables.map(\.name))
    for (one, other) in zip(a.tables, b.tables) where !but.contains(one.name) {
      #expect(one.rows.count == other.rows.count, "\(one.name)")
      for (row, (left, right)) in zip(one.rows, other.rows).enumerated() {
        for (column, (x, y)) in zip(one.columns, zip(left, right)) {
          guard case .number(let p) = x, case .number(let q) = y else {
            #expect(x == y, "\(one.name) \(row) \(column.key)")
            continue
          }
          #expect(
            abs(p - q) <= 1e-9 * max(1, abs(p)) || abs(p * unit - q) <= 1e-9 * max(unit, abs(q)),
            "\(one.name) \(row) \(column.key): \(p) and \(q)")
        }
      }
    }
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>) func theOrderOfRowsChangesNothing(seed: UInt64) throws {
    let (rows, rankings) = study()
    var random = SeededRandom(seed: seed, "rows")
    let lines = rankings.split(separator: "\n").map(String.init)
    // Rows are shuffled within each system only: systems are reported in the order in which the rankings name them.
    let own = lines.dropFirst().filter { $0.contains(",near,") } + lines.dropFirst().filter { $0.contains(",far,") }
    let shuffled = random.shuffled(own).sorted { $0.contains(",near,") && !$1.contains(",near,") }
    try expectSame(
      findings(rows, rankings),
      findings(random.shuffled(rows), ([lines[0]] + shuffled).joined(separator: "\n")))
  }

  /// Another unit of the ratings changes neither orders nor agreement, even where means tie.
  @Test(arguments: [1e-9, 1e9]) func theUnitOfRatingsChangesNoOrder(unit: Double) throws {
    let (rows, rankings) = study(), (scaled, _) = study(unit: unit)
    let plain = try findings(rows, rankings), other = try findings(scaled, rankings)
    for name in ["agreement", "ceilings", "chance", "normalised", "differences", "verdicts"] {
      let a = try #require(plain[name]), b = try #require(other[name])
      for row in a.rows.indices where name != "agreement" || a.text(row, "metric") != "top_k_rating" {
        for column in a.columns {
          guard let p = a.number(row, column.key), let q = b.number(row, column.key) else { continue }
          #expect(abs(p - q) < 1e-9, "\(name) \(row) \(column.key): \(p) and \(q)")
        }
      }
    }
  }

  /// All of a system's candidates are shown, and two of them tie for the fifth and last place of the top five.
  @Test func whatTiesAcrossTheLastPlaceCountsByShares() throws {
    var ratings = "participant,query,candidate,rating\n", rankings = "query,system,candidate,rank\n"
    let values = [90.0, 80, 70, 60, 40, 10, 5]
    for query in 0..<4 {
      for (candidate, value) in values.enumerated() {
        for listener in 0..<4 { ratings += "l\(listener),q\(query),c\(candidate),\(value)\n" }
        rankings += "q\(query),ties,c\(candidate),\([1, 2, 3, 4, 5, 5, 7][candidate])\n"
        rankings += "q\(query),straight,c\(candidate),\(candidate + 1)\n"
      }
    }
    let findings = try Analysis(
      ratings: table(ratings), rankings: rankingsTable(rankings), plan: quickPlan { $0.topK = 5 }
    ).findings()
    func mean(_ system: String, _ metric: String) -> Double {
      findings.number("agreement", "value", where: ["system": system, "metric": metric, "level": "individual"]) ?? .nan
    }
    // (90 + 80 + 70 + 60 + (40 + 10) / 2) / 5, and not the mean of all six.
    #expect(abs(mean("ties", "top_k_rating") - 65) < 1e-9)
    #expect(abs(mean("straight", "top_k_rating") - 68) < 1e-9)
    #expect(abs(mean("ties", "precision_at_k") - 0.8) < 1e-9)
    let bySystem = findings.number("ratings_by_system", "mean", where: ["system": "ties"])
    #expect(abs((bySystem ?? .nan) - 65) < 1e-9)
    let less = findings.number("rating_differences", "difference", where: ["system": "ties", "baseline": "straight"])
    #expect(abs((less ?? .nan) + 3) < 1e-9)
  }

  /// One system ranks three of six candidates, in the listeners' order. The other ranks all six, the same three
  /// correctly and the others not.
  @Test func differencesAreOfTheCandidatesThatBothRank() throws {
    var ratings = "participant,query,candidate,rating\n", rankings = "query,system,candidate,rank\n"
    for query in 0..<5 {
      for candidate in 0..<6 {
        for listener in 0..<5 {
          ratings += "l\(listener),q\(query),c\(candidate),\(90 - 10 * candidate + (listener * query) % 3)\n"
        }
        if candidate < 3 { rankings += "q\(query),part,c\(candidate),\(candidate + 1)\n" }
        rankings += "q\(query),whole,c\(candidate),\([1, 2, 3, 6, 5, 4][candidate])\n"
      }
    }
    let findings = try Analysis(
      ratings: table(ratings), rankings: rankingsTable(rankings), plan: quickPlan { $0.pooling = .none }
    ).findings()
    let own = ["level": "individual", "metric": "spearman"]
    let part = findings.number("agreement", "value", where: own.merging(["system": "part"]) { $1 }) ?? .nan
    let whole = findings.number("agreement", "value", where: own.merging(["system": "whole"]) { $1 }) ?? .nan
    #expect(part - whole > 0.05)
    let key = ["system": "part", "baseline": "whole"]
    #expect(findings.number("differences", "difference", where: key) == 0)
    #expect(findings.number("differences", "candidates", where: key) == 3)
    #expect(findings.number("differences", "one_only", where: key) == 3)
    #expect(findings.remarks.contains { $0.code == "unlike_candidates" })
  }

  /// A page on which a listener rates everything alike says nothing about an order, but still counts for the ratings of
  /// the first k.
  @Test func pagesAreThoseOfEachFigure() throws {
    var ratings = "participant,query,candidate,rating\n", rankings = "query,system,candidate,rank\n"
    for query in 0..<4 {
      for candidate in 0..<4 {
        rankings += "q\(query),s,c\(candidate),\(candidate + 1)\n"
        for listener in 0..<4 {
          ratings += "l\(listener),q\(query),c\(candidate),\(listener == 3 ? 50 : 90 - 20 * candidate)\n"
        }
      }
    }
    let findings = try Analysis(
      ratings: table(ratings), rankings: rankingsTable(rankings), plan: quickPlan { $0.topK = 2 }
    ).findings()
    func pages(_ metric: String, _ column: String) -> Double? {
      findings.number("agreement", column, where: ["level": "individual", "metric": metric, "system": "s"])
    }
    #expect(pages("spearman", "pages") == 12 && pages("spearman", "pages_left_out") == 4)
    #expect(pages("top_k_rating", "pages") == 16 && pages("top_k_rating", "pages_left_out") == 0)
    #expect(pages("precision_at_k", "listeners") == 4 && pages("spearman", "listeners") == 3)
  }
}
