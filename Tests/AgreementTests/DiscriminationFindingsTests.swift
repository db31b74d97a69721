import Agreement
import Basics
import Foundation
import Statistics
import Testing

@Suite("Findings of ABX")
struct DiscriminationFindingsTests {
  private static let header =
    "study,study_version,participant,session,trial,trial_type,query,condition,first,second,first_system,second_system,x,"
    + "choice,is_right,is_catch,is_repeat,is_training,submitted_at\n"

  /// Answers of each listener, right with probability `share(listener)`; each version comes first in half of the
  /// trials.
  private func answers(
    listeners: Int, items: Int = 5, each: Int = 4, pair: (String, String) = ("codec", "reference"), seed: UInt64 = 1,
    share: (Int) -> Double
  ) -> String {
    var random = SeededRandom(seed: seed, "abx", pair.0), text = ""
    for listener in 1...listeners {
      for item in 1...items {
        for use in 0..<each {
          let isRight = random.unit() < share(listener), isFirst = use % 2 == 0, x = random.unit() < 0.5
          let names = isFirst ? "\(pair.0),\(pair.1)" : "\(pair.1),\(pair.0)"
          let start = "s,v,\(listener),\(listener),\(item * 10 + use),abx,i\(item),,a,b,\(names),"
          let side = x ? "first" : "second", choice = x == isRight ? "first" : "second"
          text += start + "\(side),\(choice),\(isRight),false,false,false,2026-01-01T00:00:00Z\n"
        }
      }
    }
    return text
  }

  private func findings(_ text: String, _ plan: String = "intervals: {resamples: 400}") throws -> Findings {
    try inFolder { folder in
      let table = folder.appending(path: "discriminations.csv"), planURL = folder.appending(path: "analysis.yaml")
      try Data(text.utf8).write(to: table)
      try Data(plan.utf8).write(to: planURL)
      return try Analysis.read(.init(discriminations: table, plan: planURL), version: "test")
    }
  }

  /// Where nearly all answers are right, a few wrong ones are no evidence that groups of listeners differ.
  @Test func groupsOfListenersNearTheCeilingAreNotToldApart() throws {
    func findings(_ isWrong: (_ listener: Int, _ item: Int) -> Bool) throws -> Findings {
      var text = "participant,query,first,second,is_right\n"
      for listener in 1...8 {
        for item in 0..<4 { text += "\(listener),i\(item),a,b,\(!isWrong(listener, item))\n" }
      }
      return try inFolder { folder in
        let url = folder.appending(path: "discriminations.csv")
        try Data(text.utf8).write(to: url)
        let people = (1...8).reduce("participant,gear\n") { $0 + "\($1),\($1 <= 4 ? "headphones" : "speakers")\n" }
        try Data(people.utf8).write(to: folder.appending(path: "participants.csv"))
        return try Analysis.read(.init(discriminations: url), version: "test")
      }
    }
    // The listeners with headphones are wrong three times in all, the others never.
    let found = try findings { listener, item in listener <= 3 && item == listener }
    let table = try #require(found["moderators"]), row = try #require(table.rows.indices.first)
    // scipy.stats.ttest_ind([.75, .75, .75, 1], [1, 1, 1, 1], equal_var=False)
    #expect(abs((table.number(row, "difference") ?? 0) + 0.1875) < 1e-12)
    #expect(abs((table.number(row, "degrees_of_freedom") ?? 0) - 3) < 1e-9)
    #expect(abs((table.number(row, "p") ?? 0) - 0.0576688856) < 1e-9)
    #expect(found.remarks.allSatisfy { $0.code != "moderated" })
    // Listeners who do not vary within the groups say nothing of chance.
    let unvarying = try #require(try findings { listener, item in listener <= 4 && item == 0 }["moderators"])
    #expect(abs((unvarying.number(0, "difference") ?? 0) + 0.25) < 1e-12)
    for key in ["p", "p_corrected", "error", "low", "high"] { #expect(unvarying.number(0, key) == nil, "\(key)") }
  }

  @Test func aDifferenceThatIsHeardIsTold() throws {
    var text = Self.header + answers(listeners: 12) { _ in 0.85 }
    // Training trials and attention checks are not counted.
    text += "s,v,1,1,999,abx,i1,,a,b,codec,reference,first,first,true,true,false,false,2026-01-01T00:00:00Z\n"
    let found = try findings(text), key = ["pair": "codec / reference"]
    let table = try #require(found["discriminations"])
    #expect(table.rows.count == 1 && table.number(0, "trials") == 240)
    let right = Int(try #require(table.number(0, "correct"))), exact = CorrectAnswers(correct: right, trials: 240)
    #expect(table.number(0, "p") == exact.p && table.number(0, "exact_low") == exact.interval().low)
    let dPrime = try #require(ABXRule.differencing.dPrime(exact.share))
    #expect(found.number("discriminations", "d_prime_differencing", where: key) == dPrime)
    let low = try #require(table.number(0, "d_prime_low")), middle = try #require(table.number(0, "d_prime"))
    #expect(low < middle && middle < (table.number(0, "d_prime_high") ?? 0))
    #expect(table.text(0, "intervals_over") == "listeners and items")
    #expect(found.answers[0].text.hasPrefix("codec / reference: the difference is heard; 8"))
    #expect(found["discrimination_listeners"]?.rows.count == 12 && found["discrimination_spread"]?.rows.count == 1)
    #expect(found.title == "s" && found.inputs.discriminations?.rows == 241)
    try inFolder { folder in
      let html = try String(contentsOf: found.write(to: folder)[0], encoding: .utf8)
      #expect(html.contains("data-chart=\"discriminations\"") && html.contains("Differences heard by listeners"))
    }
  }

  @Test func onlyThePlansConditionsCount() throws {
    var random = SeededRandom(seed: 3), text = "participant,query,condition,is_right\n"
    var right: [String: Int] = [:]
    for listener in 1...6 {
      for (condition, share) in [("kick", 0.9), ("snare", 0.6), ("hihat", 0.5)] {
        for item in 1...8 {
          let isRight = random.unit() < share
          right[condition, default: 0] += isRight ? 1 : 0
          text += "p\(listener),\(condition)\(item),\(condition),\(isRight)\n"
        }
      }
    }
    let plan = "intervals: {resamples: 400}\nconditions: "
    let kick = try #require(try findings(text, plan + "[kick]")["discriminations"])
    #expect(kick.rows.count == 1 && kick.number(0, "trials") == 48)
    #expect(kick.number(0, "correct") == Double(right["kick"] ?? 0))
    let both = try #require(try findings(text, plan + "[snare, kick]")["discriminations"])
    for (condition, trials, correct) in [
      ("all", 96, (right["kick"] ?? 0) + (right["snare"] ?? 0)), ("kick", 48, right["kick"] ?? 0),
      ("snare", 48, right["snare"] ?? 0),
    ] {
      let row = try #require(both.rows(where: ["condition": condition]).first)
      #expect(both.number(row, "trials") == Double(trials) && both.number(row, "correct") == Double(correct))
    }
    #expect(both.rows.count == 3)
  }

  @Test func whoFailsTheChecksDoesNotCount() throws {
    var text = Self.header + answers(listeners: 4) { _ in 0.9 }
    for listener in 1...4 {
      for check in 0..<3 {
        let isPassed = listener < 4 || check == 0
        text +=
          "s,v,\(listener),\(listener),\(900 + check),abx,i1,,a,b,codec,reference,first,\(isPassed ? "first" : "second"),\(isPassed),true,false,false,2026-01-01T00:00:00Z\n"
      }
    }
    let found = try findings(text)
    #expect(found["discriminations"]?.number(0, "trials") == 60 && found["discrimination_listeners"]?.rows.count == 3)
    let told = try #require(found.remarks.first { $0.code == "screened_answers" })
    #expect(told.count == 1 && told.what.text.contains("1 of 4 listeners") && told.what.text.hasSuffix(": 4."))
    let plan = "intervals: {resamples: 400}\nscreening: {apply: []}"
    #expect(try findings(text, plan)["discriminations"]?.number(0, "trials") == 80)
    let speed = try findings(text, "intervals: {resamples: 400}\nscreening: {apply: [speed]}")
    #expect(speed.remarks.contains { $0.code == "rules_without_effect" })
  }

  @Test func whatXWasMayBeSaidInOtherWords() throws {
    let header = "participant,query,first,second,x,choice\n"
    var mixed = header, wrong = "participant,query,x,choice\n"
    for listener in 1...4 {
      for item in 1...6 {
        let x = (listener + item) % 2 == 0
        mixed += "\(listener),\(item),opus,ref,\(x ? "opus" : "ref"),\(x ? "first" : "B")\n"
        wrong += "\(listener),\(item),\(x ? "opus" : "ref"),\(x ? "first" : "second")\n"
      }
    }
    let found = try findings(mixed)
    #expect(found["discriminations"]?.number(0, "share") == 1)
    #expect { try findings(wrong) } throws: { "\($0)".contains("no choice is ever what X was") }
    // Of two words, one may be wrong each time.
    let never = wrong.replacing("first", with: "ref").replacing("second", with: "opus")
    let below = try findings(never)
    #expect(below["discriminations"]?.number(0, "share") == 0)
    // Checks are judged by the same words.
    let checked =
      mixed.replacing("x,choice\n", with: "x,choice,is_catch\n").split(separator: "\n").enumerated().map { i, line in
        i == 0 ? "\(line)" : "\(line),false"
      } + ["1,9,opus,ref,opus,first,true", "2,9,opus,ref,opus,ref,true"]
    #expect(try findings(checked.joined(separator: "\n"))["discrimination_listeners"]?.rows.count == 3)
    #expect(below.remarks.contains { $0.code == "below_chance" && $0.weight == .alarm })
  }

  @Test func oneListenerIsJudgedByTheExactTest() throws {
    for (right, verdict) in [(20, "heard"), (18, "heard"), (12, "inconclusive")] {
      let text = "participant,query,is_right\n" + (0..<20).map { "1,\($0 % 5),\($0 < right)\n" }.joined()
      let found = try findings(text, "intervals: {resamples: 400}\nverdict: {score_margin: {abx: 0.15}}")
      let table = try #require(found["discriminations"])
      #expect(table.text(0, "verdict") == verdict && table.number(0, "low") == nil, "\(right)")
      #expect(found.answers[0].text.contains("the difference is heard") == (verdict == "heard"), "\(right)")
    }
  }

  @Test func guessingExcludesWhatItCan() throws {
    let text = Self.header + answers(listeners: 20, each: 6) { _ in 0.5 }
    let found = try findings(text, "intervals: {resamples: 400}\nverdict: {score_margin: {abx: 0.15}}")
    let table = try #require(found["discriminations"])
    let largest = try #require(table.number(0, "largest_share"))
    let exact = CorrectAnswers(correct: Int(table.number(0, "correct") ?? 0), trials: 600)
    #expect(largest >= exact.largestShare() && largest < 0.65)
    #expect(table.text(0, "verdict") == "not_heard")
    #expect(table.number(0, "largest_d_prime") == ABXRule.independentObservation.dPrime(largest))
    #expect(found.answers[0].text.contains("the difference is not shown to be heard"))
    #expect(found.answers[1].text.contains("are ruled out (at 95 % confidence)"))
  }

  @Test func whatAllHearIsHeardAndHasAnInterval() throws {
    let text = Self.header + answers(listeners: 12) { _ in 1 }
    let found = try findings(text, "intervals: {resamples: 400}\nverdict: {score_margin: {abx: 0.1}}")
    let table = try #require(found["discriminations"]), wilson = try #require(Interval.wilson(1, of: 5))
    #expect(table.number(0, "share") == 1 && table.number(0, "low") == wilson.low && table.number(0, "high") == 1)
    #expect(table.text(0, "verdict") == "heard" && found.answers[0].text.contains("the difference is heard"))
    #expect(found.answers[1].text.contains("or more; no difference, however large, is ruled out."))
  }

  @Test func manyPairsAreToldTogether() throws {
    let pairs = [("a", 0.95), ("b", 0.9), ("c", 0.5), ("d", 0.5)]
    let text = pairs.map { name, share in answers(listeners: 12, pair: (name, "reference")) { _ in share } }.joined()
    let found = try findings(Self.header + text)
    #expect(
      found.answers[0].text.hasPrefix(
        "Of 4 differences, 2 are heard (a / reference and b / reference), with the lowest share for b / reference: 9"))
    #expect(found.answers[0].text.contains("not shown to be heard: "))
    try inFolder { folder in
      let html = try String(contentsOf: found.write(to: folder)[0], encoding: .utf8)
      #expect(html.contains("ruled out above") && html.contains("<th scope=\"row\">d / reference</th>"))
    }
  }

  /// A verdict is about one pair by itself, whereas a claim corrects for all pairs. Where only the verdict says "heard",
  /// the sentences say so instead of contradicting each other.
  @Test(arguments: [3, 4]) func aVerdictDoesNotContradictTheClaim(pairs: Int) throws {
    var text = "participant,query,first,second,is_right\n"
    for listener in 1...12 {
      for item in 1...10 {
        for (k, name) in ["a", "b", "c", "d"].prefix(pairs).enumerated() {
          // 72 of 120 for a (p 0.018), 60 of 120 for the others.
          let isRight = k == 0 ? (listener + item) % 5 < 3 : (listener + item) % 2 == 0
          text += "\(listener),\(item),\(name),reference,\(isRight)\n"
        }
      }
    }
    let found = try findings(text, "intervals: {resamples: 400}\nverdict: {score_margin: {abx: 0.1}}")
    let table = try #require(found["discriminations"])
    let row = try #require(table.rows(where: ["pair": "a / reference"]).first)
    #expect(table.text(row, "verdict") == "heard" && (table.number(row, "p_corrected") ?? 0) > 0.05)
    #expect(
      found.answers.contains {
        $0.text.contains(
          pairs > 3
            ? "1 is heard only by a one-sided test of the pair by itself (a / reference)"
            : "points above chance, it is heard only by a one-sided test of the pair by itself.")
      })
    #expect(
      found.answers[0].text.hasPrefix(
        pairs > 3
          ? "None of 4 differences is shown to be heard"
          : "a / reference: the difference is not shown to be heard"))
  }

  @Test func listenersWhoDifferAreTold() throws {
    let text = Self.header + answers(listeners: 16, each: 6) { $0 % 2 == 0 ? 0.98 : 0.5 }
    let found = try findings(text)
    let spread = try #require(found["discrimination_spread"])
    #expect((spread.number(0, "p") ?? 1) < 1e-4 && abs((spread.number(0, "deviation") ?? 0) - 0.24) < 0.06)
    #expect(found.remarks.contains { $0.code == "listeners_differ" })
    // One listener's answers are not independent, so the interval over listeners is the wider one.
    let table = try #require(found["discriminations"])
    func width(_ low: String, _ high: String) -> Double {
      (table.number(0, high) ?? .nan) - (table.number(0, low) ?? .nan)
    }
    #expect(width("low", "high") > 1.5 * width("exact_low", "exact_high"))
  }

  @Test func pairsAreEachByThemselves() throws {
    let heard = answers(listeners: 8) { _ in 1 },
      guessed = answers(listeners: 8, pair: ("fine", "reference")) { _ in 0.5 }
    let text = Self.header + heard + guessed
    let found = try findings(text), table = try #require(found["discriminations"])
    #expect(table.rows.count == 2 && found.answers.count >= 4)
    let row = table.rows(where: ["pair": "codec / reference"])[0]
    // All answers are right: d′ is infinite, so only its lower bound is reported.
    #expect(table.number(row, "share") == 1 && table.number(row, "d_prime") == nil)
    #expect((table.number(row, "exact_low") ?? 0) > 0.97 && (table.number(row, "p") ?? 1) < 1e-40)
  }

  @Test func tablesFromElsewhere() throws {
    // With x and choice instead of is_right, without items or pairs, and with many answers per listener.
    var text = "participant;x;choice\n"
    for listener in 1...6 { for use in 0..<10 { text += "p\(listener);A;\(use < 7 ? "a" : "B")\n" } }
    let found = try findings(text), table = try #require(found["discriminations"])
    #expect(table.number(0, "correct") == 42 && table.number(0, "trials") == 60 && table.text(0, "pair") == "A / B")
    #expect(found.remarks.contains { $0.code == "few_items" })
    for broken in [
      "participant,x\n1,A\n", "participant,is_right\n1,perhaps\n", "participant,is_right\n", "x,choice\nA,B\n",
    ] {
      #expect(throws: (any Error).self) { try findings(broken) }
    }
    let one = try findings("participant,is_right\n1,true\n")
    #expect(abs((one["discriminations"]?.number(0, "p") ?? 0) - 0.5) < 1e-12)
  }

  @Test func oneBlockIsTakenAtATime() throws {
    let text = "participant,is_right,block_name\na,true,x\na,false,y\nb,true,x\nb,false,y\n"
    #expect(throws: Problem.self) { try findings(text) }
    try inFile(text) { url in
      let found = try Analysis.read(.init(discriminations: url, block: "x"), version: "test")
      #expect(found["discriminations"]?.number(0, "trials") == 2 && found["discriminations"]?.number(0, "share") == 1)
    }
  }
}
