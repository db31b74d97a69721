import Agreement
import Basics
import Foundation
import Ratings
import Reporting
import Testing

/// A figure rests on the counts that are reported beside it; where these are too small, nothing is claimed.
@Suite struct StandsOnTests {
  private var ratings = "participant,query,condition,candidate,rating,scale_min,scale_max,is_reference\n"
  private var rankings = "query,condition,system,rank,candidate\n"

  private func findings(_ change: (inout AnalysisPlan) -> Void = { _ in }) throws -> Findings {
    try Analysis(
      ratings: table(ratings), rankings: rankingsTable(rankings), plan: quickPlan { change(&$0) }
    ).findings()
  }

  private mutating func rate(
    _ listener: Int, _ query: Int, _ candidate: String, _ rating: Double, condition: String = "a", scale: Double = 100,
    isReference: Bool = false
  ) {
    ratings += "l\(listener),q\(query),\(condition),\(candidate),\(rating),0,\(scale),\(isReference)\n"
  }

  private mutating func rank(_ query: Int, _ system: String, _ order: [String], condition: String = "a") {
    for (place, candidate) in order.enumerated() {
      rankings += "q\(query),\(condition),\(system),\(place + 1),\(candidate)\n"
    }
  }

  /// Ten of twenty queries have a reference, five of them on pages whose ratings are all equal. These five pages say
  /// nothing about an order, but still count for where systems rank the reference.
  @Test mutating func referencesCountWhereThereAreSome() throws {
    var random = SeededRandom(seed: 1, "references")
    for query in 0..<20 {
      let names = (0..<5).map { "c\(query)-\($0)" }, hasReference = query < 10, isFlat = query < 5
      for listener in 0..<8 {
        for (place, name) in names.enumerated() {
          rate(
            listener, query, name, isFlat ? 50 : Double(60 - 8 * place + random.below(30)),
            isReference: hasReference && place == 0)
        }
      }
      // The system ranks the reference first on these five pages, and last on the others.
      rank(query, "s", isFlat ? names : Array(names.dropFirst()) + [names[0]])
    }
    let found = try findings { $0.topK = 1 }
    let key = ["system": "s", "condition": "a"]
    let mrr = found.number("reference_found", "mrr", where: key) ?? .nan
    #expect(abs(mrr - 0.6) < 1e-12)
    #expect(found.number("reference_found", "hit_rate", where: key) == 0.5)
  }

  /// A system ranks `bad` queries in reverse, whose pages are too short to have an order of their own. However many
  /// there are, these queries are counted both in the consensus figure and in the number of queries beside it.
  @Test(arguments: [1, 5]) mutating func consensusCountsWhatItHolds(bad: Int) throws {
    var random = SeededRandom(seed: 2, "consensus")
    var values: [Double] = []
    for query in 0..<20 {
      let names = (0..<4).map { "c\(query)-\($0)" }
      for listener in 0..<8 {
        // Each short page shows two of the four candidates.
        let shown = query < bad ? [listener % 4, (listener + 1) % 4] : Array(0..<4)
        for place in shown { rate(listener, query, names[place], Double(80 - 20 * place + random.below(5))) }
      }
      rank(query, "s", query < bad ? names.reversed() : names)
      values.append(query < bad ? -1 : 1)
    }
    let found = try findings()
    let key = ["level": "consensus", "metric": "spearman", "system": "s", "condition": "a"]
    let consensus = found.number("agreement", "value", where: key) ?? .nan
    #expect(abs(consensus - values.reduce(0, +) / 20) < 1e-9)
    #expect(found.number("agreement", "queries", where: key) == 20)
    let own = key.merging(["level": "individual"]) { $1 }
    #expect(found.number("agreement", "value", where: own) == 1)
    #expect(found.number("agreement", "queries", where: own) == Double(20 - bad))
  }

  /// Six listeners and thirty queries. One query is rated by two listeners, each of the others by one.
  @Test mutating func oneSharedPageIsNoVerdict() throws {
    var random = SeededRandom(seed: 3, "one pair")
    for query in 0..<30 {
      let names = (0..<6).map { "c\(query)-\($0)" }
      for listener in query == 0 ? [0, 1] : [query % 6] {
        for (place, name) in names.enumerated() {
          rate(listener, query, name, Double(70 - 10 * place + random.below(30)))
        }
      }
      rank(query, "s", random.shuffled(names))
    }
    let found = try findings(), verdicts = try #require(found["verdicts"])
    #expect(verdicts.text(0, "verdict") == "too_few" && verdicts.number(0, "low") == nil)
    let saysWhy = verdicts.text(0, "reason").hasPrefix("1 of the 4 queries with two listeners")
    #expect(saysWhy)
  }

  /// Ratings from 0 to 100 in a table whose scale ends at 1, and ratings from 0 to 0.1.
  @Test(arguments: [(1.0, 1.0), (0.1, 0.001)]) mutating func intervalsHoldTheirFigures(scale: Double, unit: Double)
    throws
  {
    var random = SeededRandom(seed: 4, "scale")
    for query in 0..<8 {
      let names = (0..<5).map { "c\(query)-\($0)" }
      for listener in 0..<8 {
        for (place, name) in names.enumerated() {
          rate(listener, query, name, unit * Double(80 - 12 * place + random.below(20)), scale: scale)
        }
      }
      rank(query, "s", names)
      rank(query, "t", random.shuffled(names))
    }
    let found = try findings { $0.topK = 2 }
    for (name, figure) in [("ratings_by_system", "mean"), ("rating_differences", "difference"), ("agreement", "value")]
    {
      let table = try #require(found[name])
      for row in table.rows.indices {
        guard let low = table.number(row, "low"), let high = table.number(row, "high") else { continue }
        let value = table.number(row, figure) ?? .nan
        #expect(low <= value && value <= high, "\(name) \(row)")
      }
    }
    let sentence = found.answers.map(\.text).first { $0.contains("the mean ratings differ by") } ?? ""
    let saysNothing = sentence.contains("differ by 0.0 ") || sentence.isEmpty
    #expect(!saysNothing, "\(sentence)")
    let method = found.methods.map(\.text).joined()
    #expect(method.contains("on a scale of 0 to \(scale.cellText)"))
  }

  /// The same six sounds in twelve queries; a system always ranks one of them first.
  @Test mutating func aFigureOfOneSoundHasNoInterval() throws {
    try sameSounds(6) { names, random in [names[0]] + random.shuffled(Array(names.dropFirst())) }
    let found = try findings {
      $0.candidates = .auto
      $0.topK = 1
    }
    let key = ["level": "individual", "metric": "top_k_rating", "system": "s"]
    #expect(
      found.number("agreement", "value", where: key) != nil && found.number("agreement", "low", where: key) == nil)
    #expect(found.number("ratings_by_system", "low", where: ["system": "s"]) == nil)
    let counts = found.remarks.contains { $0.code == "candidates_recur" && $0.count == 6 }
    #expect(counts)
  }

  private mutating func sameSounds(_ count: Int, _ order: ([String], inout SeededRandom) -> [String]) throws {
    var random = SeededRandom(seed: 5, "same sounds")
    let names = (0..<count).map { "s\($0)" }
    for query in 0..<12 {
      for listener in 0..<10 {
        for (place, name) in names.enumerated() {
          rate(listener, query, name, Double(80 - 60 / count * place + random.below(12)))
        }
      }
      rank(query, "s", order(names, &random))
    }
  }

  /// With four sounds, no permutation test can reach p = 1 %; a reversed scale is reported all the same.
  @Test(arguments: [4, 6]) mutating func aScaleUpsideDownIsTold(count: Int) throws {
    try sameSounds(count) { names, _ in names.reversed() }
    let told = try findings { $0.candidates = .auto }.remarks.contains { $0.code == "reversed" }
    #expect(told)
  }

  /// Four sounds recur in every query, and thirty-six appear in one query each: four are counted as recurring.
  @Test mutating func onlyWhatRecursIsCounted() throws {
    var random = SeededRandom(seed: 6, "partly")
    for query in 0..<12 {
      let names = (0..<4).map { "s\($0)" } + (0..<3).map { "c\(query)-\($0)" }
      for listener in 0..<10 {
        for (place, name) in names.enumerated() {
          rate(listener, query, name, Double(70 - 8 * place + random.below(30)))
        }
      }
      rank(query, "s", random.shuffled(names))
    }
    let found = try findings { $0.candidates = .auto }
    let counts = found.remarks.contains { $0.code == "candidates_recur" && $0.count == 4 }
    let saysSo = found.methods.contains { $0.text.contains("4 candidates recur from query to query") }
    #expect(counts && saysSo)
    // Four are too few for a verdict.
    let verdicts = try #require(found["verdicts"])
    #expect(verdicts.text(0, "reason").hasPrefix("4 of the 6 recurring candidates"))
  }

  @Test mutating func nothingIsClaimedOfThreeQueries() throws {
    var random = SeededRandom(seed: 7, "three")
    for query in 0..<3 {
      let names = (0..<6).map { "c\(query)-\($0)" }
      for listener in 0..<24 {
        for (place, name) in names.enumerated() {
          rate(listener, query, name, Double(80 - 10 * place + random.below(8)))
        }
      }
      rank(query, "s", names)
      rank(query, "t", names.reversed())
    }
    let found = try findings { $0.topK = 2 }
    for name in ["differences", "rating_differences"] {
      let table = try #require(found[name])
      #expect(table.number(0, "difference") != nil && table.number(0, "low") == nil)
      #expect((table.number(0, "p") ?? 0) >= 0.25 && table.number(0, "listeners") == 24)
    }
    let claims = found.answers.contains { $0.text.hasPrefix("Listeners rate") }
    #expect(!claims)
  }

  /// No rankings, and too little to resample.
  @Test(arguments: [false, true]) func alphaIsToldAsFarAsItCanBe(isFlat: Bool) throws {
    var text = "participant,query,candidate,rating\n"
    for listener in 0..<4 {
      for candidate in 0..<4 {
        text += "l\(listener),q,c\(candidate),\(isFlat ? 3 : candidate + (listener + candidate) % 2)\n"
      }
    }
    let found = try Analysis(ratings: table(text), rankings: [], plan: quickPlan()).findings()
    let hasGaps = found.answers[0].text.contains("–")
    #expect(!hasGaps, "\(found.answers[0].text)")
  }
}
