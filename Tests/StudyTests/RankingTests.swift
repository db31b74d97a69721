import Basics
import Foundation
import Study
import Testing

@Suite("Rankings")
struct RankingTests {
  func read(_ text: String) throws -> [Ranking] {
    let url = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: url) }
    try Data(text.utf8).write(to: url)
    return try Ranking.read(url, name: "rankings.csv")
  }

  @Test("distances alone give an order, in which ties share a rank")
  func distances() throws {
    let rankings = try read("query,system,candidate,distance\nq,m,a,2\nq,m,b,1\nq,m,c,2\nq,m,d,3\n")
    #expect(rankings.count == 1)
    #expect(rankings[0].entries.map(\.candidate) == ["b", "a", "c", "d"])
    #expect(rankings[0].entries.map(\.rank) == [1, 2, 2, 4])
  }

  @Test("the nearest of each group is kept, and the rest is ranked anew with its ties")
  func groups() throws {
    let ranking = try read(
      "query,system,candidate,rank\nq,m,a1,1\nq,m,a2,2\nq,m,b1,3\nq,m,c1,3\nq,m,b2,5\nq,m,a3,6\nq,m,d1,7\n")[0]
    let one = ranking.onePerGroup { String($0.prefix(1)) }
    #expect(one.entries.map(\.candidate) == ["a1", "b1", "c1", "d1"] && one.entries.map(\.rank) == [1, 2, 2, 4])
    #expect(ranking.onePerGroup(\.self) == ranking && one.system == "m")
  }

  @Test("ranks as other programs write them: with decimals, or averaged over ties")
  func otherRanks() throws {
    func ranks(_ given: [String]) throws -> [Int] {
      let rows = given.enumerated().map { "q,m,c\($0),\($1)\n" }.joined()
      let entries = try read("query,system,candidate,rank\n" + rows)[0].entries
      return given.indices.map { i in entries.first { $0.candidate == "c\(i)" }?.rank ?? 0 }
    }
    #expect(try ranks(["3.0", "1.0", "2.0"]) == [3, 1, 2])
    #expect(try ranks(["1.5", "3", "1.5"]) == [1, 3, 1])
    #expect(try ranks(["3", "3", "3", "1", "5.5", "5.5"]) == [2, 2, 2, 1, 5, 5])
    #expect(try ranks(["2.5", "2.5", "2.5", "2.5"]) == [1, 1, 1, 1])
    #expect(try ranks(["1", "1", "2", "2"]) == [1, 1, 2, 2] && ranks(["2", "2", "2"]) == [2, 2, 2])
    #expect(try ranks(["1,5", "3,0", "1,5"].map { "\"\($0)\"" }) == [1, 3, 1])
    for wrong in [["1.5", "2", "3"], ["1.25", "1.25"], ["0.5", "0.5"], ["1e300", "1"], ["1.5", "1.5", "1.5"]] {
      #expect(throws: Problems.self, "\(wrong)") { try ranks(wrong) }
    }
    let notes = TableNotes()
    let url = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: url) }
    try Data("query,system,candidate,rank\nq,m,a,1.5\nq,m,b,1.5\n".utf8).write(to: url)
    _ = try Ranking.read(url, notes: notes)
    #expect(notes.all.map(\.what) == ["average ranks of ties are read as shared ranks: 1.5 of 'a' as 1"])
  }

  @Test("names are trimmed and normalised, so that each system has one name")
  func names() throws {
    let rankings = try read(
      "query,system,candidate,rank\nq,m,e\u{301},1\nq\u{a0},m ,b,2\nq,\u{200b}m,\u{e9} ,3\n"
        .replacing(",3\n", with: ",3\n").replacing("\u{e9} ,3", with: "c,3"))
    #expect(rankings.count == 1 && rankings[0].entries.map(\.candidate) == ["\u{e9}", "b", "c"])
  }

  @Test("all problems are reported at once, each with its line")
  func problems() throws {
    do {
      _ = try read("query,system,candidate,rank\nq,m,a,0\nq,m,b,x\nq,m,c,1\nq,m,c,2\n")
      Issue.record("no error")
    } catch let problems as Problems {
      #expect(problems.list.map { $0.place?.line } == [2, 3, 5])
    }
  }
}
