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

  @Test("distances alone give an order, with shared ranks where they tie")
  func distances() throws {
    let rankings = try read("query,system,candidate,distance\nq,m,a,2\nq,m,b,1\nq,m,c,2\nq,m,d,3\n")
    #expect(rankings.count == 1)
    #expect(rankings[0].entries.map(\.candidate) == ["b", "a", "c", "d"])
    #expect(rankings[0].entries.map(\.rank) == [1, 2, 2, 4])
  }

  @Test("all problems are told at once, each with its line")
  func problems() throws {
    do {
      _ = try read("query,system,candidate,rank\nq,m,a,0\nq,m,b,x\nq,m,c,1\nq,m,c,2\n")
      Issue.record("no error")
    } catch let problems as Problems {
      #expect(problems.list.map { $0.place?.line } == [2, 3, 5])
    }
  }
}
