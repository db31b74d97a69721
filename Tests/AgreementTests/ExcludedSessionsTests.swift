import Agreement
import Basics
import Foundation
import Testing

/// Sessions that the study team excludes are left out of the analysis, and the report says so.
@Suite struct ExcludedSessionsTests {
  /// The findings of a study and its listeners, in order. `participants` makes the participants table from the
  /// listeners; nil for no table.
  private func findings(_ participants: ([String]) -> String?) throws -> (findings: Findings, listeners: [String]) {
    try inFolder { folder in
      let study = GeneratedStudy(listeners: 5, queries: 3, pages: 3)
      let ratings = folder.appending(path: "ratings.csv"), rankings = folder.appending(path: "rankings.csv")
      let plan = folder.appending(path: "analysis.yaml")
      // A session is named after its listener, with a letter in front.
      let rows = study.ratings.split(separator: "\n").map(String.init)
      let place = try #require(rows[0].split(separator: ",").firstIndex(of: "participant"))
      let hasSession = rows[0].split(separator: ",").contains("session")
      let sessions = rows.enumerated().map { i, row in
        let cells = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return hasSession ? row : row + (i == 0 ? ",session" : ",s\(cells[place])")
      }
      try Data((sessions.joined(separator: "\n") + "\n").utf8).write(to: ratings)
      try Data(study.rankings.utf8).write(to: rankings)
      try Data("intervals: {resamples: 200}\npermutations: 100\n".utf8).write(to: plan)
      let table = try TableReader.rows(ratings)
      let listeners = Array(Set(table.compactMap { $0["participant"] })).sorted()
      let names = listeners.compactMap { name in table.first { $0["participant"] == name }?["session"] }
      if let text = participants(names) { try Data(text.utf8).write(to: folder.appending(path: "participants.csv")) }
      return (try Analysis.read(.init(ratings: ratings, rankings: rankings, plan: plan), version: "test"), listeners)
    }
  }

  @Test func leftOut() throws {
    let (found, listeners) = try findings {
      "participant,session,excluded,exclusion_reason\n1,\($0[0]),true,a bot\n2,\($0[1]),true,a bot\n3,\($0[2]),false,\n"
    }
    #expect(found["listeners"]?.rows.count == listeners.count - 2)
    let remark = try #require(found.remarks.first { $0.code == "excluded_sessions" })
    #expect(remark.count == 2 && remark.weight == .caution)
    #expect(remark.what.text == "2 sessions were excluded by the people who run the study: a bot (2).")
  }

  /// Spreadsheets write the table again in their own words.
  @Test(arguments: ["TRUE,FALSE", "WAHR,FALSCH", "1,0"])
  func savedAgain(words: String) throws {
    let words = words.split(separator: ",")
    let (found, listeners) = try findings {
      "participant,session,excluded,exclusion_reason\n1,\($0[0]),\(words[0]),a bot\n2,\($0[1]),\(words[1]),\n"
    }
    #expect(found["listeners"]?.rows.count == listeners.count - 1)
  }

  /// Whom a table excludes that cannot be read must not count again without a word.
  @Test func unreadable() throws {
    for table in [
      { "participant,session,excluded,exclusion_reason\n1,\($0[0]),true\n" },
      { "participant,session,excluded,excluded\n1,\($0[0]),true,false\n" },
      { "participant,session,excluded,exclusion_reason\n1,\($0[0]),perhaps,\n" },
    ] as [([String]) -> String?] {
      #expect(throws: (any Error).self) { try findings(table) }
    }
  }

  /// A question may be called as the column is, which then has another name.
  @Test func besideAQuestion() throws {
    let (found, listeners) = try findings {
      "participant,session,excluded,link_excluded,exclusion_reason\n"
        + "1,\($0[0]),true,false,\n2,\($0[1]),true,true,a bot\n3,\($0[2]),,false,\n"
    }
    #expect(found["listeners"]?.rows.count == listeners.count - 1)
    #expect(found.remarks.first { $0.code == "excluded_sessions" }?.count == 1)
  }

  @Test func nobody() throws {
    for table in [
      { _ in nil }, { _ in "broken" }, { "participant,session\n1,\($0[0])\n" },
      { "participant,session,excluded,exclusion_reason\n1,\($0[0]),false,\n1,else,true,another study's\n" },
    ] as [([String]) -> String?] {
      let (found, listeners) = try findings(table)
      #expect(found["listeners"]?.rows.count == listeners.count)
    }
  }
}
