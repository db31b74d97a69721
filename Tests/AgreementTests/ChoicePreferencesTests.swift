import Agreement
import Basics
import Foundation
import Statistics
import Testing

@Suite("Findings of paired preferences")
struct ChoicePreferencesTests {
  /// Choices in which `new` is preferred with probability `share`; or, where `bias` is not 0.5, in which the first
  /// version is chosen with probability `bias` whatever the versions are. A share `ties` of all answers is "neither".
  private func findings(share: Double, ties: Double = 0, bias: Double = 0.5, listeners: Int = 16, items: Int = 8) throws
    -> Findings
  {
    var random = SeededRandom(seed: 4, "preferences")
    var text = "participant,query,first,second,first_system,second_system,choice\n"
    for listener in 1...listeners {
      for item in 1...items {
        for isFirst in [true, false] {
          let choice: String
          if random.unit() < ties {
            choice = "neither"
          } else if bias != 0.5 {
            choice = random.unit() < bias ? "first" : "second"
          } else {
            choice = (random.unit() < share) == isFirst ? "first" : "second"
          }
          let systems = isFirst ? "new,old" : "old,new"
          text += "l\(listener),i\(item),a\(isFirst ? 1 : 2),b\(isFirst ? 1 : 2),\(systems),\(choice)\n"
        }
      }
    }
    return try inFolder { folder in
      let url = folder.appending(path: "choices.csv"), plan = folder.appending(path: "analysis.yaml")
      try Data(text.utf8).write(to: url)
      try Data("intervals: {resamples: 400}".utf8).write(to: plan)
      return try Analysis.read(.init(choices: url, plan: plan), version: "test")
    }
  }

  @Test func aPreferenceIsToldWithTiesAsHalves() throws {
    let found = try findings(share: 0.75, ties: 0.2)
    let table = try #require(found["preferences"])
    #expect(table.rows.count == 1 && table.text(0, "system") == "new" && table.text(0, "baseline") == "old")
    func number(_ key: String) -> Double { table.number(0, key) ?? .nan }
    let all = number("preferred") + number("other_preferred") + number("ties")
    #expect(all == 16 * 8 * 2 && number("ties") > 20)
    #expect(abs(number("share") - (number("preferred") + number("ties") / 2) / all) < 1e-12)
    #expect(number("low") > 0.5 && number("low") < number("share") && number("share") < number("high"))
    #expect(number("p") < 0.05 && number("p_corrected") == number("p"))
    #expect(table.text(0, "intervals_over") == "listeners and items")
    #expect(
      found.answers.contains { $0.text.hasPrefix("No significant order bias: the first of the two was chosen in") })
  }

  @Test func aSideThatIsFavouredIsTold() throws {
    let found = try findings(share: 0.5, bias: 0.8)
    let order = try #require(found["choice_order"])
    #expect(abs((order.number(0, "share") ?? 0) - 0.8) < 0.08 && (order.number(0, "p") ?? 1) < 0.001)
    #expect(found.answers.contains { $0.text.hasPrefix("There is an order bias (p below 0.001)") })
    // Each order is asked equally often, so the bias favours neither system.
    let table = try #require(found["preferences"])
    #expect((table.number(0, "low") ?? 1) < 0.5 && (table.number(0, "p") ?? 0) >= 0.05)
  }

  /// The preferred version comes first for 14 of 16 listeners and is therefore chosen first more often, which is no bias.
  @Test func anOrderThatIsAskedMoreOftenIsNoBias() throws {
    var text = "participant,query,first,second,choice\n", firsts = (often: 0.0, seldom: 0.0)
    for listener in 1...16 {
      for item in 1...8 {
        let isNew = (listener + item) % 7 != 0, isOften = listener > 2
        text += "l\(listener),i\(item),\(isOften ? "new,old" : "old,new"),\(isNew ? "new" : "old")\n"
        if isOften, isNew { firsts.often += 1 }
        if !isOften, !isNew { firsts.seldom += 1 }
      }
    }
    let found = try inFolder { folder in
      let url = folder.appending(path: "choices.csv"), plan = folder.appending(path: "analysis.yaml")
      try Data(text.utf8).write(to: url)
      try Data("intervals: {resamples: 400}".utf8).write(to: plan)
      return try Analysis.read(.init(choices: url, plan: plan), version: "test")
    }
    let order = try #require(found["choice_order"]), share = order.number(0, "share") ?? .nan
    #expect(abs(share - (firsts.often / (14 * 8) + firsts.seldom / (2 * 8)) / 2) < 1e-9)
    #expect((order.number(0, "low") ?? 1) < 0.5 && (order.number(0, "p") ?? 0) >= 0.05)
    #expect(order.number(0, "answers") == 128)
    #expect(found.answers.contains { $0.text.hasPrefix("No significant order bias") })
    #expect(!found.remarks.contains { $0.code.hasPrefix("order_bias") })
  }

  /// Where not every two were compared, nothing is said of the others.
  @Test func onlyWhatWasComparedIsPreferred() throws {
    var text = "participant,query,first,second,choice\n"
    for listener in 1...12 {
      for item in 1...6 {
        text += "l\(listener),i\(item),c,d,\((listener + item) % 9 == 0 ? "d" : "c")\n"
        text += "l\(listener),i\(item),a,b,\((listener + 2 * item) % 5 == 0 ? "b" : "a")\n"
      }
    }
    let found = try inFolder { folder in
      let url = folder.appending(path: "choices.csv"), plan = folder.appending(path: "analysis.yaml")
      try Data(text.utf8).write(to: url)
      try Data("intervals: {resamples: 400}".utf8).write(to: plan)
      return try Analysis.read(.init(choices: url, plan: plan), version: "test")
    }
    #expect(
      found.answers.contains { $0.text.hasPrefix("c is preferred to all that it was compared with: to d in ") },
      "\(found.answers.map(\.text))")
  }

  @Test func whatAllPreferHasAnInterval() throws {
    // Every resample is the same, so the interval is Wilson's, with as many cases as there are items, and the p-value
    // is the matching one.
    let found = try findings(share: 1), table = try #require(found["preferences"])
    let wilson = try #require(Interval.wilson(1, of: 8))
    #expect(table.number(0, "share") == 1 && table.number(0, "high") == 1)
    #expect(abs((table.number(0, "low") ?? 0) - wilson.low) < 1e-12)
    #expect(abs((table.number(0, "p") ?? 1) - 2 * Normal().upper(8.0.squareRoot())) < 1e-12)
    #expect(found.answers[0].text.hasPrefix("new is preferred to old: new in 100 % [68, 100] of answers"))
  }
}
