import Agreement
import Basics
import Foundation
import Ratings
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

  /// The findings of tables that are read from files.
  private func read(_ ratings: String, _ rankings: String, plan: String = "") throws -> Findings {
    try inFolder { folder in
      func file(_ name: String, _ text: String) throws -> URL {
        let url = folder.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url
      }
      let quick = "intervals: {resamples: 100}\npermutations: 100\nmodels: {linear: never, ordinal: never}\n"
      return try Analysis.read(
        .init(
          ratings: file("ratings.csv", ratings), rankings: file("rankings.csv", rankings),
          plan: file("analysis.yaml", plan + quick)), version: "test")
    }
  }

  /// Ratings of three listeners for four candidates of two queries. The closures give names and values by index.
  private func ratings(
    _ name: (Int) -> String = { "k\($0)" }, query: (Int) -> String = { "q\($0)" },
    rating: (Int, Int, Int) -> String = { l, q, c in "\(10 * c + (l * 7 + q * 5 + c * 3) % 11)" }
  ) -> String {
    header
      + (0..<3).flatMap { l in
        (0..<2).flatMap { q in (0..<4).map { c in "p\(l),\(query(q)),\(name(c)),\(rating(l, q, c))\n" } }
      }.joined()
  }

  private func rankings(_ column: String = "rank", _ value: (Int) -> String = { "\(4 - $0)" }) -> String {
    "query,system,candidate,\(column)\n"
      + (0..<2).flatMap { q in (0..<4).map { c in "q\(q),m,k\(c),\(value(c))\n" } }.joined()
  }

  private func agreement(_ findings: Findings) -> Double? {
    findings.number("agreement", "value", where: ["level": "individual", "metric": "spearman", "system": "m"])
  }

  @Test func tablesOfOtherProgramsGiveTheSameFiguresAndAreTold() throws {
    let clean = try read(ratings(), rankings())
    #expect(!clean.remarks.contains { ["table_read", "names_trimmed", "names_alike"].contains($0.code) })
    let value = try #require(agreement(clean))
    func semicolons(_ text: String) -> String {
      "\u{feff}" + text.replacing(".", with: ",").replacing(",", with: ";").replacing("\n", with: "\r\n")
    }
    let trimmed = ratings { $0 == 1 ? "k1\u{a0}" : "k\($0)" }
    for (a, b, plan, code, weight) in [
      (semicolons(ratings()), rankings(), "", "table_read", Remark.Weight.note),
      (ratings(), rankings("rank") { "\(4 - $0).0" }, "\u{feff}", "", .note),
      (ratings(), rankings().replacing("m,", with: "m\u{200b},"), "systems: ['m ']\n", "names_trimmed", .note),
      (trimmed, rankings(), "", "names_trimmed", .alarm),
      (ratings().replacing("\n", with: "\r"), rankings(), "", "table_read", .note),
    ] {
      let found = try read(a, b, plan: plan)
      #expect(agreement(found) == value)
      if !code.isEmpty { #expect(found.remarks.contains { $0.code == code && $0.weight == weight }) }
      #expect(found.summary.contains("k1‹U+00A0›") == (weight == .alarm))
    }
  }

  @Test func namesThatDifferInCapitalsOrAnEndingRaiseAnAlarm() throws {
    for (name, told) in [
      ({ $0 == 1 ? "K1" : "k\($0)" }, "the ratings have 'K1', the rankings 'k1'"),
      ({ $0 == 1 ? "k1.wav" : "k\($0)" }, "the ratings have 'k1.wav', the rankings 'k1'"),
      ({ $0 == 1 ? "sounds/k1.FLAC" : "k\($0)" }, "the ratings have 'sounds/k1.FLAC', the rankings 'k1'"),
      ({ $0 == 1 ? "\u{43a}1" : "k\($0)" }, "the ratings have '\u{43a}1', the rankings 'k1'"),
    ] as [((Int) -> String, String)] {
      let found = try read(ratings(name), rankings()).remarks.filter { $0.code == "names_alike" }
      #expect(found.count == 1 && found[0].weight == .alarm && found[0].what.text.contains(told))
    }
    let twice = ratings().replacing("p1,q1", with: "P1,q1")
    #expect(try read(twice, rankings()).remarks.contains { $0.what.text.contains("'p1' and 'P1'") })
    // Names that differ only in case are intended if both tables use both.
    let both = ratings { ["k0", "K0", "k2", "k3"][$0] }
    #expect(try !read(both, rankings().replacing("k1", with: "K0")).remarks.contains { $0.code == "names_alike" })
  }

  @Test func theReasonWhyThereIsNoFigureIsTheTrueOne() throws {
    func told(_ ratings: String, _ rankings: String) throws -> String {
      let findings = try read(ratings, rankings)
      #expect(!findings.summary.contains("too few shared ratings"))
      return findings.summary
    }
    let equal = try told(ratings(rating: { _, _, _ in "50" }), rankings())
    #expect(equal.contains("all ratings on a page are equal") && equal.contains("p0 gave 50 to every candidate of q0"))
    let distances = try told(ratings(), rankings("distance") { _ in "0.5" })
    #expect(
      distances.contains("all its distances on a page are equal") && distances.contains("0.5 for every candidate"))
    #expect(try told(ratings(), rankings("rank") { _ in "2" }).contains("all its ranks on a page are equal"))
    let endings = try told(ratings { "k\($0).wav" }, rankings())
    #expect(
      endings.contains("it ranks none of the rated candidates") && endings.contains("'k0.wav', its rankings 'k0'"))
    #expect(endings.contains("alarm: Ratings and rankings have no candidates in common"))
    let queries = try told(ratings(query: { "loop\($0)" }), rankings())
    #expect(queries.contains("the ratings have the query 'loop0', its rankings 'q0'"))
    let few = try told(ratings { $0 < 2 ? "k\($0)" : "x\($0)" }, rankings())
    #expect(few.contains("it ranks too few of the rated candidates (2 of 4 on p0's page of q0"))
    let one = try told(
      ratings().split(separator: "\n").filter { !$0.hasPrefix("p1") && !$0.hasPrefix("p2") }.joined(separator: "\n"),
      rankings())
    #expect(one.contains("there is no other listener to compare it with: only p0 is left"))
  }

  @Test func versionsAndScalesTakenTogetherAreTold() throws {
    func rows(_ column: String, _ value: (Int) -> String) -> String {
      ratings().split(separator: "\n").enumerated().map { i, line in "\(line),\(i == 0 ? column : value(i))\n" }
        .joined()
    }
    let versions = try read(rows("study_version") { $0 % 3 == 0 ? "aaa" : "bbb" }, rankings())
    let told = try #require(versions.remarks.first { $0.code == "versions_pooled" })
    #expect(
      told.weight == .caution
        && told.what.text.contains("2 versions of the study, analysed together: bbb (16), aaa (8)"))
    #expect(versions.summary.contains("versions of the study"))
    let scales = try read(rows("scale_min,scale_max") { $0 == 5 ? "1,7" : "0,100" }, rankings())
    #expect(scales.remarks.contains { $0.code == "scales_pooled" && $0.what.text.contains("1 to 7 in line 6") })
    let single = try read(rows("study_version") { $0 == 4 ? "" : "aaa " }, rankings()).remarks.map(\.code)
    #expect(!single.contains("versions_pooled"))
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
