import Agreement
import Basics
import Foundation
import Ratings
import Statistics
import Testing

@Suite("Findings of similarity judgements")
struct LikenessFindingsTests {
  private static let sounds = ["a1", "a2", "a3", "b1", "b2", "b3", "c1", "c2"]

  private func findings(
    _ text: String, _ kind: WritableKeyPath<AnalysisTables, URL?>, rankings: String? = nil,
    plan: String = "intervals: {resamples: 300}"
  ) throws -> Findings {
    try inFolder { folder in
      func write(_ name: String, _ text: String) throws -> URL {
        let url = folder.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url
      }
      var tables = AnalysisTables(plan: try write("analysis.yaml", plan))
      tables[keyPath: kind] = try write("table.csv", text)
      tables.rankings = try rankings.map { try write("rankings.csv", $0) }
      let found = try Analysis.read(tables, version: "test")
      _ = try found.write(to: folder.appending(path: "out"))
      return found
    }
  }

  /// Sounds are grouped by their letter; one listener in four puts the last sound into another group.
  private var sortings: String {
    var text = "study,participant,session,trial,query,condition,stimulus,system,group,group_name,is_catch,is_training\n"
    for listener in 1...12 {
      for sound in Self.sounds {
        let own = Int(sound.unicodeScalars.first?.value ?? 97) - 96
        let group = sound == "c2" && listener % 4 == 0 ? 1 : own
        text += "drums,\(listener),1,1,,,\(sound),,\(group),,false,false\n"
      }
      text += "drums,\(listener),1,2,,,a1,,1,,true,false\ndrums,\(listener),1,2,,,b1,,1,,true,false\n"
    }
    return text
  }

  /// Distances of an embedding in which sounds of the same letter are near each other.
  private var rankings: String {
    var text = "query,system,candidate,distance\n"
    for a in Self.sounds {
      for b in Self.sounds where a != b {
        let distance = (a.prefix(1) == b.prefix(1) ? 0.2 : 1) + 0.01 * Double(a.utf8.reduce(0) { $0 + Int($1) } % 5)
        text += "\(a),net,\(b),\(distance)\n"
      }
    }
    return text
  }

  @Test func pairsThatAllAgreeOnAreCalledEqual() throws {
    var text = "study,participant,session,trial,stimulus,group,is_catch,is_training\n"
    for listener in 1...6 {
      for sound in Self.sounds { text += "drums,\(listener),1,1,\(sound),1,false,false\n" }
    }
    let answers = try findings(text, \.sortings).answers.map(\.text)
    #expect(answers.contains { $0.contains("All pairs are equally similar (100 %)") })
    #expect(!answers.contains { $0.contains("most similar are") })
  }

  @Test func sortingsOfDifferentItemsAreNotCompared() throws {
    var text = "participant,trial,query,system,stimulus,group\n"
    // All agree on each item, and the items have nothing in common.
    let groups = [[1, 1, 2, 2, 3, 3], [1, 2, 3, 1, 2, 3], [1, 2, 2, 3, 3, 1], [1, 1, 1, 2, 2, 2]]
    for listener in 1...6 {
      for (item, own) in groups.enumerated() {
        for (system, group) in own.enumerated() {
          text += "\(listener),\(item),i\(item),s\(system),i\(item)s\(system),\(group)\n"
        }
      }
    }
    let found = try findings(text, \.sortings)
    #expect(found.number("likeness_agreement", "value", where: ["figure": "adjusted_rand"]) == 1)
  }

  @Test func intervalsOfSharesHoldTheTruthWithFewListeners() throws {
    // Each of four listeners guesses which of three is odd, three times a set of three sounds: chance leaves two alike in a
    // third of the answers.
    for (listeners, each) in [(4, 3), (6, 6)] {
      var random = SeededRandom(seed: 11), text = "participant,trial,query,first,second,third,choice\n"
      for listener in 1...listeners {
        for set in 0..<100 {
          for trial in 0..<each {
            text +=
              "\(listener),\(trial),q\(set),a\(set),b\(set),c\(set),\(random.pick(["first", "second", "third"]))\n"
          }
        }
      }
      let table = try #require(try findings(text, \.oddities)["likeness"])
      #expect(table.rows.count == 300)
      let inside = table.rows.indices.count {
        (table.number($0, "low") ?? 1) <= 1.0 / 3 && 1.0 / 3 <= (table.number($0, "high") ?? 0)
      }
      #expect(Double(inside) / 300 > 0.94, "\(listeners) listeners: \(inside)")
    }
  }

  @Test func groupsGiveDistancesTreesAndMaps() throws {
    let found = try findings(sortings, \.sortings, rankings: rankings), table = try #require(found["likeness"])
    #expect(table.rows.count == 28)
    func row(_ first: String, _ second: String) throws -> Int {
      try #require(table.rows(where: ["first": first, "second": second]).first)
    }
    let always = try row("a1", "a2"), mostly = try row("c1", "c2"), never = try row("a1", "b1")
    #expect(table.number(always, "likeness") == 1 && table.number(never, "likeness") == 0)
    #expect(table.number(mostly, "likeness") == 0.75 && table.number(mostly, "listeners") == 12)
    // One answer per listener, so the interval is Wilson's.
    let wilson = try #require(Interval.wilson(0.75, of: 12))
    #expect(abs((table.number(mostly, "low") ?? 0) - wilson.low) < 1e-12)
    #expect(abs((table.number(mostly, "high") ?? 0) - wilson.high) < 1e-12)
    #expect((table.number(always, "low") ?? 0) > 0.7 && table.number(always, "high") == 1)
    // Nine listeners sort one way and three another: 27 of 66 pairs of listeners differ.
    let one = [0, 0, 0, 1, 1, 1, 2, 2], other = [0, 0, 0, 1, 1, 1, 2, 0], rand = adjustedRand(one, other)
    let mean = found.number("likeness_agreement", "value", where: ["figure": "adjusted_rand"])
    #expect(abs((mean ?? 0) - (39 + 27 * rand) / 66) < 1e-12)
    #expect(found["clusters"]?.rows.count == 7 && found["sortings_by_listener"]?.rows.count == 12)
    let last = try #require(found["clusters"])
    #expect(last.number(6, "height") == 1 && last.number(6, "sounds") == 8)
    #expect((found.number("map_systems", "spearman", where: ["system": "net", "map": "sortings"]) ?? 0) > 0.6)
    #expect(found.answers[0].text.contains("put 8 sounds into groups (3 to 3"))
    #expect(found.title == "drums")
  }

  @Test func theOddOneLeavesTwoThatAreAlike() throws {
    var text = "participant,trial,first,second,third,choice\n", random = SeededRandom(seed: 8, "odd")
    for listener in 1...6 {
      for i in 0..<8 {
        for j in 0..<i {
          for k in 0..<j {
            let three = random.shuffled([i, j, k]).map { Self.sounds[$0] }
            let letters = three.map { $0.prefix(1) }
            let odd =
              (0..<3).first { n in letters.count { $0 == letters[n] } == 1 && Set(letters).count == 2 } ?? listener % 3
            text +=
              "\(listener),\(i * 64 + j * 8 + k),\(three.joined(separator: ",")),\(["first", "second", "third"][odd])\n"
          }
        }
      }
    }
    let found = try findings(text, \.oddities), table = try #require(found["likeness"])
    #expect(table.rows.count == 28 && table.number(0, "likeness") ?? 0 > 0.6)
    let pair = (table.text(0, "first").prefix(1), table.text(0, "second").prefix(1))
    #expect(pair.0 == pair.1)
    let same = try #require(found.number("likeness_agreement", "value", where: ["figure": "same_odd_one"]))
    #expect(same > 0.5 && same < 1)
    #expect(found["map_points"]?.rows.isEmpty == false && found["clusters"]?.rows.count == 7)
  }

  @Test func aTriangleTestIsHeardOrNot() throws {
    var text =
      "study,participant,trial,query,first,second,third,first_system,second_system,third_system,choice,odd,is_right\n"
    for listener in 1...10 {
      for item in 1...5 {
        let isRight = (listener + item) % 4 != 0
        text +=
          "t,\(listener),\(item),i\(item),x,y,x,codec,reference,codec,\(isRight ? "second" : "first"),second,\(isRight)\n"
      }
    }
    let found = try findings(text, \.oddities), table = try #require(found["discriminations"])
    let correct = Int(try #require(table.number(0, "correct")))
    let exact = CorrectAnswers(correct: correct, trials: 50, chance: 1.0 / 3)
    #expect(table.rows.count == 1 && table.text(0, "test") == "odd-one-out" && table.number(0, "p") == exact.p)
    #expect(table.number(0, "d_prime") == TriangleRule.dPrime(exact.share))
    #expect(found.answers[0].text.hasPrefix("codec / reference: the difference is heard"))
    #expect(found["likeness"] == nil)
  }

  @Test func ratedPairs() throws {
    var text = "participant,first,second,rating,scale_min,scale_max\n", random = SeededRandom(seed: 2, "pairs")
    for listener in 1...10 {
      for i in 0..<8 {
        for j in 0..<i {
          let (a, b) = (Self.sounds[i], Self.sounds[j]), alike = a.prefix(1) == b.prefix(1)
          let rating = max(0, min(100, (alike ? 75 : 25) + 12 * random.normal()))
          text += "\(listener),\(listener % 2 == 0 ? "\(a),\(b)" : "\(b),\(a)"),\(rating.rounded()),0,100\n"
        }
      }
    }
    let found = try findings(text, \.pairs, rankings: rankings), table = try #require(found["likeness"])
    let row = try #require(table.rows(where: ["first": "a1", "second": "a2"]).first)
    #expect(table.rows.count == 28 && abs((table.number(row, "likeness") ?? 0) - 0.75) < 0.12)
    let low = try #require(table.number(row, "low")), high = try #require(table.number(row, "high"))
    #expect(low < 0.75 && 0.75 < high + 0.05 && high - low < 0.3)
    #expect((found.number("likeness_agreement", "value", where: ["figure": "split_half"]) ?? 0) > 0.9)
    #expect((found.number("map_systems", "spearman_p", where: ["system": "net"]) ?? 1) < 0.05)
  }

  @Test func listenersWeighTheDimensionsOfOneMap() throws {
    // Eight sounds in a plane. Half of the listeners weigh its first axis most, the other half its second. One listener
    // rates too few pairs.
    var random = SeededRandom(seed: 4, "weights"), text = "participant,first,second,rating,scale_min,scale_max\n"
    let places = Self.sounds.map { _ in (random.unit(), random.unit()) }
    for listener in 1...7 {
      for i in Self.sounds.indices {
        for j in 0..<i where listener < 7 || i < 4 {
          let across = places[i].0 - places[j].0, along = places[i].1 - places[j].1
          let (first, second) = listener % 2 == 0 ? (0.9, 0.1) : (0.1, 0.9)
          let unlike = (first * across * across + second * along * along).squareRoot()
          text += "\(listener),\(Self.sounds[i]),\(Self.sounds[j]),\((1000 * (1 - unlike)).rounded()),0,1000\n"
        }
      }
    }
    let found = try findings(text, \.pairs), table = try #require(found["map_weights"])
    let people = table.rows(where: ["kind": "listener"])
    #expect(people.count == 6 && table.rows(where: ["kind": "sound"]).count == 8)
    let shares = people.compactMap { table.number($0, "first_share") }
    let even = [shares[1], shares[3], shares[5]], odd = [shares[0], shares[2], shares[4]]
    #expect(abs((even.min() ?? 0) - (odd.max() ?? 0)) > 0.4 || abs((odd.min() ?? 0) - (even.max() ?? 0)) > 0.4)
    #expect(people.allSatisfy { (table.number($0, "explained") ?? 0) > 0.99 })
    #expect(
      found.answers.contains {
        $0.text.hasPrefix("A map whose two dimensions each listener weights differently explains 100 %")
      })
  }

  @Test func setsAreKeptApart() throws {
    var text = "participant,condition,candidate,group\n"
    for listener in 1...4 {
      for set in ["kick", "snare"] { for i in 1...6 { text += "\(listener),\(set),\(set)\(i),\(i % 2)\n" } }
    }
    let found = try findings(text, \.sortings), table = try #require(found["likeness"])
    #expect(table.rows(where: ["set": "kick"]).count == 15 && table.rows(where: ["set": "snare"]).count == 15)
    #expect(found.number("likeness_agreement", "value", where: ["set": "kick", "figure": "adjusted_rand"]) == 1)
  }

  @Test func brokenTables() throws {
    let broken: [(String, WritableKeyPath<AnalysisTables, URL?>)] = [
      ("participant,candidate\n1,a\n", \.sortings), ("participant,candidate,group\n1,a,1\n", \.sortings),
      ("participant,candidate,group\n1,a,1\n1,a,2\n", \.sortings), ("participant,first,second,rating\n", \.pairs),
      ("participant,first,second,rating\n1,a,b,1e300\n", \.pairs),
      ("participant,first,second,rating\n1,a,a,3\n", \.pairs),
      ("participant,first,second,third,choice\n1,a,b,c,fourth\n", \.oddities),
      ("first,second,third\na,b,c\n", \.oddities),
    ]
    for (text, kind) in broken { #expect(throws: (any Error).self) { try findings(text, kind) } }
    // Very small tables give few findings and no error.
    let one = try findings("participant,first,second,rating\n1,a,b,3\n1,a,c,3\n", \.pairs)
    #expect(one["likeness"]?.rows.count == 2 && one.remarks.contains { $0.code == "no_perceptual_map" })
  }
}
