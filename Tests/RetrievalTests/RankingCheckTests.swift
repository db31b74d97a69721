import Basics
import Foundation
import Retrieval
import Study
import Testing

@Suite("Rankings from elsewhere")
struct RankingCheckTests {
  let catalogue: Catalogue = {
    let file = URL(filePath: "/nowhere")
    let candidates = ["k1", "k2", "k3"].map { Candidate(id: $0, condition: "kick", file: file) }
    let snares = ["s1", "s2"].map { Candidate(id: $0, condition: "snare", file: file) }
    let queries = ["m1", "m2"].flatMap { id in
      ["kick", "snare"].map { Query(id: id, condition: $0, file: file) }
    }
    let references = Dictionary(uniqueKeysWithValues: queries.map { ($0, [$0.condition == "kick" ? "k2" : "s1"]) })
    return Catalogue(candidates: candidates + snares, queries: queries, references: references)
  }()

  private func file(_ text: String) throws -> URL {
    let url = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString).csv")
    try Data(text.utf8).write(to: url)
    return url
  }

  @Test("valid rankings are used as they are; missing candidates are a warning")
  func good() throws {
    let outcome = try RankingCheck.read(
      file("query,condition,system,candidate,distance\nm1,kick,mine,k2,0.5\nm1,kick,mine,k1,0.1\nm1,snare,mine,s1,1\n"),
      against: catalogue)
    #expect(outcome.rankings.count == 2 && outcome.rankings[0].entries.map(\.candidate) == ["k1", "k2"])
    #expect(outcome.warnings.count == 2 && outcome.warnings.allSatisfy { $0.severity == .warning })
    #expect(outcome.warnings[0].what.contains("ranks nothing for 2 of 4 queries"))
    #expect(outcome.warnings[1].what.contains("leaves out candidates in 2 of 2 rankings"))
  }

  @Test("all problems are listed by line, each once")
  func bad() throws {
    let url = try file(
      """
      query,condition,system,rank,candidate
      m1,kick,reference,1,k1
      m1,kick,mine,1,k1
      m1,kick,mine,2,k1
      m1,kick,mine,3,s1
      m9,kick,mine,1,k1
      m9,kick,mine,2,k2
      m1,tom,mine,1,k7
      m1,kick,mine,x,k3

      """)
    let error = try #require(throws: Problems.self) { try RankingCheck.read(url, against: catalogue) }
    let found = error.list.map { ($0.place?.line ?? 0, $0.what) }
    #expect(found.map(\.0) == [2, 4, 5, 6, 8, 8, 9])
    #expect(found[0].1.contains("called 'reference'") && found[1].1.contains("ranked twice"))
    #expect(found[2].1.contains("'s1' is a snare") && found[3].1.contains("no query 'm9'"))
  }

  @Test("other programs' tables are read and names are trimmed, with warnings for both")
  func otherPrograms() throws {
    let outcome = try RankingCheck.read(
      file(
        "query;condition;system;candidate;distance\nm1;kick;mine;k2;0,5\nm1;kick;mine\u{200b};k1 ;0,1\nm1;snare;Mine;s1;1,25\n"
      ),
      against: catalogue)
    #expect(outcome.rankings.map(\.system) == ["mine", "Mine"])
    #expect(outcome.rankings[0].entries.map(\.distance) == [0.1, 0.5])
    let told = outcome.warnings.map(\.what).joined(separator: "\n")
    for words in [
      "semicolons", "decimal comma", "'k1‹U+0020›' is read as 'k1'", "systems that look alike: 'mine', 'Mine'",
    ] {
      #expect(told.contains(words))
    }
    let error = try #require(throws: Problems.self) {
      try RankingCheck.read(file("query,condition,system,candidate,rank\nm1,kick,mine,K1.wav,1\n"), against: catalogue)
    }
    #expect(error.list[0].mend == "Did you mean 'k1'?")
  }

  @Test("a table without rows is refused")
  func headerOnly() throws {
    let url = try file("query,condition,system,rank,candidate\n")
    let error = try #require(throws: Problems.self) { try RankingCheck.read(url, against: catalogue) }
    #expect(error.list.count == 1 && error.list[0].what.contains("no rankings"))
  }

  @Test("a hit rate of 0 or 1 has an interval, which is wide for few mixes and never a point")
  func alwaysAndNever() throws {
    let file = URL(filePath: "/nowhere")
    let queries = (1...72).map { Query(id: "m\($0)", condition: "kick", file: file) }
    let many = Catalogue(
      candidates: (1...10).map { Candidate(id: "k\($0)", condition: "kick", file: file) }, queries: queries,
      references: Dictionary(uniqueKeysWithValues: queries.map { ($0, ["k2"]) }))
    let rankings = queries.flatMap { query in
      [("never", ["k1", "k3", "k4", "k5", "k6", "k2"]), ("always", ["k2", "k1"])].map { system, order in
        Ranking(
          query: query.id, condition: "kick", system: system,
          entries: order.enumerated().map { .init(rank: $0.offset + 1, candidate: $0.element) })
      }
    }
    let scores = ReferenceScore.scores(of: rankings, in: many)
    let never = try #require(scores[0].hit1.interval), always = try #require(scores[1].hit1.interval)
    // The upper end of Wilson's 95 % interval of 0 of 72: z²/(n + z²).
    let end = 3.841458820694124 / (72 + 3.841458820694124)
    #expect(never.low == 0 && abs(never.high - end) < 1e-9 && abs(always.low - (1 - end)) < 1e-9 && always.high == 1)
    let mrr = try #require(scores[0].mrr.interval)
    #expect(mrr.low < 1.0 / 6 && mrr.high > 1.0 / 6)
  }

  @Test("scores count the reference's rank, ties by expectation, and missing references as not found")
  func scores() throws {
    func ranking(_ query: String, _ entries: [(Int, String)]) -> Ranking {
      Ranking(
        query: query, condition: "kick", system: "mine", entries: entries.map { .init(rank: $0.0, candidate: $0.1) })
    }
    let scores = ReferenceScore.scores(
      of: [
        ranking("m1", [(1, "k1"), (1, "k2"), (3, "k3")]),
        ranking("m2", [(1, "k1"), (2, "k3")]),
      ], in: catalogue)
    #expect(scores.count == 1 && scores[0].queryCount == 2 && scores[0].mixCount == 2)
    #expect(abs(scores[0].hit1.value - 0.25) < 1e-12 && abs(scores[0].hit5.value - 0.5) < 1e-12)
    #expect(abs(scores[0].mrr.value - 0.375) < 1e-12)
    #expect(abs(scores[0].chance.hit1 - 1.0 / 3) < 1e-12)
    let interval = try #require(scores[0].mrr.interval)
    #expect(interval.low == 0 && interval.high == 0.75)
  }
}
