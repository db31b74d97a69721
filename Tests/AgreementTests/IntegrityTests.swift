import Agreement
import Basics
import Testing

@Suite struct IntegrityTests {
  private func codes(_ ratings: String, _ rankings: String, _ plan: AnalysisPlan = quickPlan()) throws -> [String] {
    try Analysis(ratings: table(ratings), rankings: rankingsTable(rankings), plan: plan).findings().remarks.map(\.code)
  }

  private let header = "participant,query,candidate,rating\n"

  @Test func duplicatesAndRatingsOutsideTheScale() throws {
    let codes = try codes(
      AgreementTests.ratingsText + "a,q,w,10\nb,q,v,130\n", AgreementTests.rankingsText,
      quickPlan { $0.scale = 0...100 })
    #expect(codes.contains("duplicate_ratings") && codes.contains("outside_scale") && codes.contains("coverage"))
  }

  @Test func theUnstatedScaleAndConstantPages() throws {
    let codes = try codes(AgreementTests.ratingsText + "c,q,w,5\nc,q,x,5\n", AgreementTests.rankingsText)
    #expect(codes.contains("scale_unknown") && codes.contains("constant_pages"))
  }

  @Test func ranksThatContradictDistances() throws {
    let codes = try codes(
      AgreementTests.ratingsText,
      "query,system,candidate,rank,distance\nq,m,w,1,9\nq,m,x,2,8\nq,m,y,3,7\nq,m,z,4,7\n")
    #expect(codes.contains("ranks_contradict_distances") && codes.contains("tied_distances"))
  }

  @Test func exchangedColumnsAndReversedRankings() throws {
    let exchanged = AgreementTests.rankingsText.split(separator: "\n").dropFirst().map { line in
      let cells = line.split(separator: ",")
      return "\(cells[2]),\(cells[1]),\(cells[0]),\(cells[3])\n"
    }
    let exchangedCodes = try codes(
      AgreementTests.ratingsText, "query,system,candidate,rank\n" + exchanged.joined())
    #expect(exchangedCodes.contains("transposed"))
    let study = GeneratedStudy()
    let reversed = study.rankings.split(separator: "\n").map { line -> String in
      var cells = line.split(separator: ",").map(String.init)
      if let rank = Int(cells[3]) { cells[3] = "\(9 - rank)" }
      return cells.joined(separator: ",")
    }.joined(separator: "\n")
    #expect(try codes(study.ratings, reversed).contains("reversed"))
    #expect(try !codes(study.ratings, study.rankings).contains("reversed"))
  }

  @Test func listenersWhoAreTheSamePerson() throws {
    var text = header
    for listener in ["a", "b", "c"] {
      for query in 0..<3 {
        for candidate in 0..<4 {
          let rating = listener == "c" ? candidate * query : (candidate * 7 + query * 3) % 11
          text += "\(listener),q\(query),c\(candidate),\(rating)\n"
        }
      }
    }
    #expect(try codes(text, "query,system,candidate,rank\nq0,m,c0,1\n").contains("duplicate_listeners"))
  }

  @Test func namesThatThePlanGetsWrong() throws {
    let problems = try #require(
      throws: Problems.self,
      performing: {
        _ = try Analysis(
          ratings: table(AgreementTests.ratingsText), rankings: rankingsTable(AgreementTests.rankingsText),
          plan: quickPlan { $0.systems = ["modle"] })
      })
    #expect(problems.list[0].mend == "Did you mean 'model'?")
  }
}
