import Agreement
import Basics
import Foundation
import Ratings
import Testing

/// People who took part as several listeners are counted and reported.
@Suite struct SamePeopleTests {
  private func remark(_ participants: ([String]) -> String?) throws -> Remark? {
    try inFolder { folder in
      let study = GeneratedStudy(listeners: 5, queries: 3, pages: 3)
      let ratings = folder.appending(path: "ratings.csv"), rankings = folder.appending(path: "rankings.csv")
      let plan = folder.appending(path: "analysis.yaml")
      try Data(study.ratings.utf8).write(to: ratings)
      try Data(study.rankings.utf8).write(to: rankings)
      try Data("intervals: {resamples: 200}\npermutations: 100\n".utf8).write(to: plan)
      let listeners = Array(Set(try TableReader.rows(ratings).compactMap { $0["participant"] })).sorted()
      if let table = participants(listeners) {
        try Data(table.utf8).write(to: folder.appending(path: "participants.csv"))
      }
      let findings = try Analysis.read(.init(ratings: ratings, rankings: rankings, plan: plan), version: "test")
      return findings.remarks.first { $0.code == "same_people" }
    }
  }

  @Test func told() throws {
    // Once with `first_participant`, as today's export writes it; once from an older export, by external ids that
    // differ only in how they are written.
    for table in [
      { "participant,external_id,first_participant\n\($0[0]),a,\($0[0])\n\($0[1]),b,\($0[0])\n\($0[2]),,\($0[0])\n" },
      { "participant,external_id\n\($0[0]),é 1\n\($0[1]),\"e\u{301}  1 \"\n\($0[2]),é\u{a0}1\n\($0[3]),\n\($0[4]),\n" },
    ] as [([String]) -> String] {
      let remark = try #require(try remark(table))
      #expect(remark.count == 2 && remark.what.text == "1 person took part more than once, as 3 listeners.")
    }
  }

  @Test func silent() throws {
    for table in [
      { _ in nil }, { _ in "broken" }, { _ in "participant,external_id\n" },
      { "participant,external_id,first_participant\n\($0[0]),a,\($0[0])\n\($0[1]),a,\($0[1])\nelse,a,\($0[0])\n" },
    ] as [([String]) -> String?] { #expect(try remark(table) == nil) }
  }
}
