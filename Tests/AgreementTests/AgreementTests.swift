import Agreement
import Basics
import Foundation
import Ratings
import Testing

/// Figures that can be checked by hand.
@Suite struct AgreementTests {
  /// Two listeners, one query, four candidates; the system ranks w x y z.
  ///
  ///     listener   w   x   y   z    order of ratings      Spearman with (4 3 2 1)        tau-b
  ///     a         90  70  50  30    4 3 2 1               1                              1
  ///     b         60  80  40  20    3 4 2 1               1 - 6·2/(4·15) = 0.8           (5 - 1)/6 = 2/3
  ///
  /// Individual: (1 + 0.8)/2 = 0.9 and (1 + 2/3)/2 = 5/6. Means: w 75, x 75, y 45, z 25; ranks 3.5 3.5 2 1 against
  /// 4 3 2 1: r = (Σ = 14 + 10.5 + 4 + 1 = 29.5; 29.5 - 25 = 4.5)/√(4.5 · 5) = √0.9. The two listeners agree at 0.8.
  static let ratingsText = """
    participant,query,candidate,rating
    a,q,w,90
    a,q,x,70
    a,q,y,50
    a,q,z,30
    b,q,w,60
    b,q,x,80
    b,q,y,40
    b,q,z,20

    """
  static let rankingsText = "query,system,candidate,rank\nq,model,w,1\nq,model,x,2\nq,model,y,3\nq,model,z,4\n"

  @Test func anotherListenerWeighsItemsAsASystemDoes() throws {
    // Four listeners agree perfectly on one query, and two are opposed on the other.
    var text = "participant,query,candidate,rating\n"
    for listener in 1...4 {
      for (k, c) in ["a", "b", "c", "d"].enumerated() { text += "\(listener),easy,\(c),\(k * 10 + listener)\n" }
    }
    for listener in 1...2 {
      for (k, c) in ["a", "b", "c", "d"].enumerated() {
        text += "\(listener),hard,\(c),\(listener == 1 ? k * 10 : 40 - k * 10)\n"
      }
    }
    let rankings = ["easy", "hard"].flatMap { query in
      ["a", "b", "c", "d"].enumerated().map { "\(query),s,\($1),\(4 - $0)\n" }
    }.joined()
    let found = try Analysis(
      ratings: table(text), rankings: rankingsTable("query,system,candidate,rank\n" + rankings), plan: quickPlan()
    ).findings()
    // By pages: (4 · 1 + 2 · (−1)) / 6. Pair by pair it would be (6 − 1) / 7.
    #expect(abs((found.number("ceilings", "value", where: ["ceiling": "single_listener"]) ?? 0) - 1.0 / 3) < 1e-12)
    #expect(
      abs((found.number("agreement", "value", where: ["level": "individual", "metric": "spearman"]) ?? 0) - 4.0 / 6)
        < 1e-12)
  }

  @Test func individualConsensusAndCeiling() throws {
    let plan = quickPlan { $0.scale = 0...100 }
    let findings = try Analysis(
      ratings: table(Self.ratingsText), rankings: rankingsTable(Self.rankingsText), plan: plan
    ).findings()
    func value(_ level: String, _ metric: String) -> Double? {
      findings.number("agreement", "value", where: ["level": level, "metric": metric, "system": "model"])
    }
    #expect(value("individual", "spearman") == 0.9)
    #expect(abs((value("individual", "kendall_tau_b") ?? 0) - 5.0 / 6) < 1e-15)
    #expect(abs((value("consensus", "spearman") ?? 0) - 0.9.squareRoot()) < 1e-15)
    #expect(findings.number("ceilings", "value", where: ["ceiling": "single_listener"]) == 0.8)
    // With two listeners, the rest of the crowd (`crowd_lower`) is the one other listener: 0.8. The whole crowd
    // (`crowd_upper`) is the mean: a against (75 75 45 25) is √0.9, and so is b (3 4 2 1 against 3.5 3.5 2 1: the same
    // sum).
    #expect(findings.number("ceilings", "value", where: ["ceiling": "crowd_lower"]) == 0.8)
    #expect(
      abs((findings.number("ceilings", "value", where: ["ceiling": "crowd_upper"]) ?? 0) - 0.9.squareRoot()) < 1e-15)
    // The top 5 are all four candidates: (90 + 70 + 50 + 30 + 60 + 80 + 40 + 20)/8 = 55. Of these, 90 70 60 80 are at
    // least 60.
    #expect(value("individual", "top_k_rating") == 55)
    #expect(value("individual", "precision_at_k") == 0.5)
    #expect(findings.number("agreement", "pages", where: ["level": "individual", "metric": "spearman"]) == 2)
  }

  /// A page on which all ratings are equal has no order. It is left out and counted, as are pages on which the system
  /// ranks too few candidates.
  @Test func constantAndShortPagesAreLeftOutAndCounted() throws {
    let text = Self.ratingsText + "c,q,w,50\nc,q,x,50\nc,q,y,50\nd,q,w,90\nd,q,x,10\n"
    let findings = try Analysis(
      ratings: table(text), rankings: rankingsTable(Self.rankingsText), plan: quickPlan()
    ).findings()
    let key = ["level": "individual", "metric": "spearman"]
    #expect(findings.number("agreement", "value", where: key) == 0.9)
    #expect(findings.number("agreement", "pages", where: key) == 2)
    #expect(findings.number("agreement", "pages_left_out", where: key) == 2)
  }

  @Test func candidatesThatASystemDidNotRankAreDroppedOrLast() throws {
    // The system ranks w, x and y. Both listeners rate z lowest (30 and 20), so ranking it last agrees with them.
    let ranked = try rankingsTable("query,system,candidate,rank\nq,model,w,1\nq,model,x,2\nq,model,y,3\n")
    func value(_ unranked: AnalysisPlan.Unranked) throws -> Double? {
      try Analysis(ratings: table(Self.ratingsText), rankings: ranked, plan: quickPlan { $0.unranked = unranked })
        .findings().number("agreement", "value", where: ["level": "individual", "metric": "spearman"])
    }
    // a: 1; b: 2 3 1 against 3 2 1 is 1 - 6·2/(3·8) = 0.5.
    #expect(try value(.drop) == 0.75)
    #expect(try value(.last) == 0.9)
  }

  @Test func trainingCatchAndRepeatPagesStayOut() throws {
    let header = "participant,query,candidate,rating,trial,is_training,is_catch,is_repeat\n"
    var rows = ""
    for (trial, flags) in ["false,false,false", "true,false,false", "false,true,false", "false,false,true"].enumerated()
    {
      for (i, candidate) in ["w", "x", "y", "z"].enumerated() {
        // Only the main page agrees with the system.
        rows += "a,q,\(candidate),\(trial == 0 ? 90 - i : i),\(trial),\(flags)\n"
      }
    }
    let findings = try Analysis(
      ratings: table(header + rows), rankings: rankingsTable(Self.rankingsText), plan: quickPlan()
    ).findings()
    let key = ["level": "individual", "metric": "spearman"]
    #expect(findings.number("agreement", "value", where: key) == 1)
    #expect(findings.number("agreement", "pages", where: key) == 1)
  }
}
