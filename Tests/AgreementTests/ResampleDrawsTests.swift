import Agreement
import Basics
import Foundation
import Ratings
import Testing

@Suite struct ResampleDrawsTests {
  private let study = GeneratedStudy(listeners: 8, queries: 5, pages: 5)

  @Test func replayedDrawsGiveTheSameIntervals() throws {
    try inFolder { folder in
      let first = try study.analysis().findings()
      let file = folder.appending(path: "draws.jsonl")
      try #require(first.draws).write(to: file)
      let draws = try ResampleDraws(reading: file)
      #expect(draws == first.draws && draws.draws.count == 400 && draws.draws[0].listeners.count == 8)
      // Another seed gives other draws, except where draws are replayed.
      var again = try study.analysis(quickPlan { $0.seed = 77 })
      let others = try again.findings()
      // Draws refer to listeners by name, so the order in which these are listed does not matter.
      var turned = draws
      turned.listeners.reverse()
      for i in turned.draws.indices { turned.draws[i].listeners = turned.draws[i].listeners.map { 7 - $0 } }
      again.replay = turned
      let replayed = try again.findings()
      for name in ["verdicts", "agreement", "ceilings", "differences"] {
        #expect(first[name]?.rows == replayed[name]?.rows)
      }
      let saysSo = replayed.json.contains("\"replayed_resamples\": 400")
      #expect(saysSo && first.inputs.replayed == nil)
      #expect(first["verdicts"]?.rows != others["verdicts"]?.rows)
    }
  }

  @Test func whatDoesNotFitIsTold() throws {
    var analysis = try study.analysis()
    analysis.replay = ResampleDraws(listeners: ["a"], queries: ["b"], draws: [])
    let problem = try #require(throws: Problem.self, performing: { _ = try analysis.findings() })
    #expect(problem.mend.hasPrefix("They are of 1, but 8 are analysed"))
    let text = "{\"listeners\": [\"a\"], \"queries\": [\"b\"]}\n{\"listeners\": [1], \"queries\": [0]}\n"
    let outOfRange = try #require(
      throws: Problem.self, performing: { try inFile(text) { _ = try ResampleDraws(reading: $0) } })
    #expect(outOfRange.place?.line == 2)
  }
}
