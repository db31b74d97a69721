import Agreement
import Basics
import Foundation
import Ratings
import Statistics
import Testing

@Suite("Findings of ranking trials")
struct OrderFindingsTests {
  private static let header =
    "study,study_version,participant,session,trial,trial_type,query,condition,stimulus,system,position,rank,"
    + "is_reference,is_anchor,is_catch,is_repeat,is_training,submitted_at\n"

  /// Orders drawn from the Plackett-Luce model: of systems' versions of items or, without systems, of samples.
  private func orders(
    _ strengths: [(String, Double)], listeners: Int = 15, items: Int = 6, ofSystems: Bool = true, seed: UInt64 = 3
  ) -> String {
    var random = SeededRandom(seed: seed, "orders"), text = ""
    for listener in 1...listeners {
      for item in 1...items {
        let noisy = strengths.map { ($0.0, $0.1 - log(-log(random.unit() * 0.999_999 + 5e-7))) }
        for (place, one) in noisy.sorted(by: { $0.1 > $1.1 }).enumerated() {
          let names = ofSystems ? "i\(item)-\(one.0),\(one.0)" : "\(one.0),"
          text +=
            "s,v,\(listener),\(listener),\(item),rank,q\(item),,\(names),1,\(place + 1),false,false,false,false,false,2026-01-01T00:00:00Z\n"
        }
      }
    }
    return text
  }

  private func findings(
    _ text: String, rankings: String? = nil, _ plan: String = "intervals: {resamples: 300}", title: String? = nil
  ) throws -> Findings {
    try inFolder { folder in
      func write(_ name: String, _ text: String) throws -> URL {
        let url = folder.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url
      }
      var tables = AnalysisTables(
        rankings: try rankings.map { try write("rankings.csv", $0) }, orders: try write("orders.csv", text),
        plan: try write("analysis.yaml", plan))
      tables.title = title
      let found = try Analysis.read(tables, version: "test")
      _ = try found.write(to: folder.appending(path: "out"))
      return found
    }
  }

  private static let planted = [("good", 1.0), ("fair", 0.0), ("poor", -1.0)]

  @Test func systemsAreCompared() throws {
    var text = Self.header + orders(Self.planted)
    // Training trials are not counted.
    text += "s,v,1,1,99,rank,q1,,i1-poor,poor,1,1,false,false,false,false,true,2026-01-01T00:00:00Z\n"
    let found = try findings(text), table = try #require(found["order_strengths"])
    #expect(table.rows.count == 3)
    for (name, truth) in Self.planted {
      let row = try #require(table.rows(where: ["candidate": name]).first)
      let low = try #require(table.number(row, "low")), high = try #require(table.number(row, "high"))
      #expect(low < truth && truth < high && high - low < 1.2)
      #expect(table.number(row, "orders") == 90 && table.text(row, "intervals_over") == "listeners and queries")
    }
    // Places are also analysed as scores of systems, with everything that scores get.
    let key = ["system": "good", "trial_type": "rank"]
    let mean = try #require(found.number("systems", "mean", where: key))
    let place = try #require(table.number(table.rows(where: ["candidate": "good"])[0], "mean_place"))
    #expect(abs(mean - 100 * (1 - (place - 1) / 2)) < 1e-9)
    #expect(found.answers[0].text.contains("good is scored best"))
    #expect(found.answers.contains { $0.text.contains("good has the highest strength") })
    #expect(found.title == "s" && found.inputs.orders?.rows == 271)
  }

  /// Half of the listeners put the four in one order, half in the reverse: nothing says that one of them is stronger.
  @Test func whichIsTheStrongestMayBeOpen() throws {
    var text = "participant,query,candidate,rank\n"
    for listener in 1...9 {
      let order = listener % 2 == 0 ? "abcd" : listener == 9 ? "bdac" : "dcba"
      for (place, name) in order.enumerated() { text += "\(listener),q,\(name),\(place + 1)\n" }
    }
    let found = try findings(text)
    let sentence = try #require(found.answers.first { $0.text.hasPrefix("By the Plackett–Luce model") })
    #expect(sentence.text.contains("but which is the strongest is not settled (it cannot be distinguished from "))
    #expect(!sentence.text.contains("is the strongest of"))
  }

  @Test func sharedPlacesAreTold() throws {
    var text = "participant,query,candidate,rank\n"
    for listener in 1...8 {
      let ranks = [[1, 1, 3], [1, 2, 3], [2, 1, 1], [3, 1, 2]][listener % 4]
      for (name, rank) in zip("abc", ranks) { text += "\(listener),q,\(name),\(rank)\n" }
    }
    let found = try findings(text, title: "Three sounds"), quality = try #require(found["order_models"])
    #expect(quality.number(0, "tie_size") == 2 && quality.number(0, "tie") != nil)
    #expect(found.title == "Three sounds")
    let mean = found["order_strengths"].flatMap { $0.number($0.rows(where: ["candidate": "a"])[0], "mean_place") }
    #expect(abs((mean ?? 0) - (1.5 + 1 + 3 + 3) / 4) < 1e-12)
  }

  @Test func theyAgreeWithRankingsAsRatingsDo() throws {
    // Each query has its own samples. Listeners order them much as the system `near` does.
    var text = "participant,query,candidate,rank\n", rankings = "query,system,candidate,rank\n"
    var random = SeededRandom(seed: 4, "ranked")
    for query in 1...6 {
      for place in 1...6 {
        rankings +=
          "q\(query),near,q\(query)c\(place),\(place)\nq\(query),far,q\(query)c\(place),\(1 + (place * 5) % 7)\n"
      }
      for listener in 1...8 {
        let order = (1...6).map { ($0, Double($0) + 1.5 * random.normal()) }.sorted { $0.1 < $1.1 }
        for (place, one) in order.enumerated() { text += "\(listener),q\(query),q\(query)c\(one.0),\(place + 1)\n" }
      }
    }
    let found = try findings(text, rankings: rankings)
    let near = found.number(
      "agreement", "value", where: ["system": "near", "level": "individual", "metric": "spearman"])
    let far = found.number("agreement", "value", where: ["system": "far", "level": "individual", "metric": "spearman"])
    #expect((near ?? 0) > 0.6 && (far ?? 1) < 0.3)
    #expect(found["verdicts"]?.rows.count == 2 && found["systems"] == nil)
    #expect((found["concordance"]?.rows.count ?? 0) == 6)
    // Each query is analysed separately.
    #expect(
      Set(found["order_strengths"]?.rows.indices.map { found["order_strengths"]?.text($0, "query") } ?? []).count == 6)
  }

  @Test func brokenTables() throws {
    for broken in [
      "participant,candidate\n1,a\n", "participant,rank\n1,1\n", "participant,candidate,rank\n1,a,first\n",
      "participant,candidate,rank\n", "participant,candidate,rank\n1,a,1\n",
      "participant,candidate,rank\n1,a,1\n1,a,2\n",
      "participant,candidate,rank\n1,a,nan\n1,b,inf\n",
    ] {
      #expect(throws: (any Error).self) { try findings(broken) }
    }
    // One listener; one sound that always comes first; extreme places.
    for odd in [
      "participant,candidate,rank\n1,a,1\n1,b,2\n",
      "participant,candidate,rank\n1,a,-9223372036854775808\n1,b,1e300\n2,a,1\n2,b,2\n",
    ] {
      let found = try findings(odd)
      #expect(found["order_strengths"] == nil && found.remarks.contains { $0.code == "orders_without_strengths" })
    }
  }
}
