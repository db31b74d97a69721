import Agreement
import Basics
import Foundation
import Ratings
import Statistics
import Study
import Testing

/// The findings of an analysis whose tables are given as text.
private func findings(
  choices: String? = nil, triplets: String? = nil, ratings: String? = nil, rankings: String? = nil,
  plan: String = "intervals: {resamples: 200}\npermutations: 100"
) throws -> Findings {
  try inFolder { folder in
    func file(_ text: String?, _ name: String) throws -> URL? {
      guard let text else { return nil }
      try Data(text.utf8).write(to: folder.appending(path: name))
      return folder.appending(path: name)
    }
    return try Analysis.read(
      .init(
        ratings: file(ratings, "ratings.csv"), rankings: file(rankings, "rankings.csv"),
        choices: file(choices, "choices.csv"), triplets: file(triplets, "triplets.csv"),
        plan: file(plan, "analysis.yaml")), version: "test")
  }
}

@Suite struct ChoiceTests {
  @Test func tablesOfOtherProgramsAreTheSameAnswers() throws {
    func answers(_ text: String) throws -> [ChoiceTable.Answer] {
      try inFile(text) { try ChoiceTable.read($0) }.answers
    }
    let header = "participant,query,first,second,choice,is_training\n"
    let clean = try answers(header + "a,q,x,y,first,\na,q,y,z,z,false\nb,q,x,z,,\nb,q,x,z,tie,true\nb,q,x,y,tie,\n")
    #expect(clean.count == 3)
    for text in [
      header + "a,q,x,y,First ,NA\na,q,y,z\u{a0},z,F\nb,q,x,z,NA,\nb,q,x,z,tie,T\n\u{feff}b,q,x\u{200b},y,TIE,0.0\n",
      "sep=;\r\n"
        + (header + "a,q,x,y,first,\na,q,y,z, z,false\nb,q,x,z,,\nb,q,x,z,tie,1\nb,q,x,y,tie,\n,,,,,\n")
        .replacing(",", with: ";").replacing("\n", with: "\r\n"),
    ] { #expect(try answers(text) == clean) }
    let ranked = "query,system,candidate,rank\nq,m,x,1\nq,m,y,2\nq,m,z,3\n"
    let rows = (0..<8).flatMap { i in ["p\(i),q,x.wav,y.wav,first,\(i / 4)", "p\(i),q,y.wav,z.wav,first,\(i / 4)"] }
    let found = try findings(
      choices: "participant,query,first,second,choice,study_version\n" + rows.joined(separator: "\n"), rankings: ranked)
    let told = found.remarks.map(\.what.text).joined(separator: "\n")
    #expect(told.contains("the choices have 'x.wav', the rankings 'x'"))
    #expect(told.contains("Choices and rankings have no candidates in common"))
    #expect(
      told.contains("The choices come from 2 versions of the study") && found.summary.hasPrefix(found.answers[0].text))
  }

  /// Choices drawn with known strengths; half of the pairs are asked in the other order.
  private func planted(
    strengths: [Double], listeners: Int = 30, queries: [String] = [""], ties: Double = 0.5, seed: UInt64 = 3
  ) -> String {
    var random = SeededRandom(seed: seed, "planted choices")
    var text = "participant,query,first,second,choice\n"
    for listener in 0..<listeners {
      for query in queries {
        for i in strengths.indices {
          for j in 0..<i {
            let d = strengths[i] - strengths[j], win = exp(d / 2), loss = exp(-d / 2), draw = random.unit()
            let sum = win + loss + ties
            let choice = draw < win / sum ? "i" : draw < (win + ties) / sum ? "tie" : "j"
            let (first, second) = random.unit() < 0.5 ? (i, j) : (j, i)
            let word = choice == "tie" ? "tie" : (choice == "i") == (first == i) ? "first" : "second"
            text += "l\(listener),\(query.isEmpty ? "q" : query),c\(first),c\(second),\(word)\n"
          }
        }
      }
    }
    return text
  }

  @Test func plantedStrengthsLieInTheirIntervals() throws {
    let truth = [-1.0, -0.4, 0, 0.3, 1.1]
    let found = try findings(choices: planted(strengths: truth))
    let table = try #require(found["strengths"])
    for (i, strength) in truth.enumerated() {
      let row = try #require(table.rows(where: ["law": "bradley_terry", "candidate": "c\(i)", "query": "all"]).first)
      let low = try #require(table.number(row, "low")), high = try #require(table.number(row, "high"))
      #expect(low < strength && strength < high, "c\(i): \(low) to \(high)")
      let decided = table.number(row, "decided") ?? 0, ties = table.number(row, "ties") ?? 0
      #expect(decided + ties == 120)
    }
    #expect(found.answers[0].text.hasPrefix("Of 5 candidates, c4 is the strongest: chosen in "))
    #expect(found.remarks.contains { $0.code == "ties_in_choices" })
    #expect(!found.remarks.contains { $0.code.hasPrefix("order_bias") })
    #expect(found.methods.contains { $0.text.contains("Davidson's (1970) ties") })
    #expect(try findings(choices: planted(strengths: truth)).tables.map(\.rows) == found.tables.map(\.rows))
  }

  /// Expected values come from the model fitted to the same counts; Pearson's statistic and the deviance are computed
  /// here from the table of pairs.
  @Test func figuresAreThoseOfTheModelItself() throws {
    let text = planted(strengths: [0, 0.5, -0.3, 0.2], listeners: 12)
    var choices = PairedChoices(items: 4)
    for line in text.split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",")
      let first = Int(cells[2].dropFirst())!, second = Int(cells[3].dropFirst())!
      switch cells[4] {
      case "first": choices.add(winner: first, loser: second)
      case "second": choices.add(winner: second, loser: first)
      default: choices.addTie(first, second)
      }
    }
    let found = try findings(choices: text)
    for (law, name) in [(PairedChoiceModel.Law.bradleyTerry, "bradley_terry"), (.thurstone, "thurstone")] {
      let model = try #require(PairedChoiceModel(choices, law: law)), key = ["law": name]
      for i in 0..<4 {
        let wanted = key.merging(["candidate": "c\(i)"]) { $1 }
        #expect(abs((found.number("strengths", "strength", where: wanted) ?? .nan) - model.strengths[i]) < 1e-9)
        let error = found.number("strengths", "error_if_independent", where: wanted) ?? .nan
        #expect(abs(error - model.standardErrors[i]) < 1e-9)
      }
      #expect(abs((found.number("choice_models", "tie", where: key) ?? .nan) - (model.tie ?? 0)) < 1e-9)
      #expect(abs((found.number("choice_models", "deviance", where: key) ?? .nan) - model.deviance) < 1e-8)
      #expect(found.number("choice_models", "p", where: key) != nil)
    }
    let pairs = try #require(found["choice_pairs"])
    var deviance = 0.0, pearson = 0.0
    for row in pairs.rows.indices {
      for key in ["first", "second"].map({ ($0 + "_chosen", $0 + "_expected") }) + [("ties", "ties_expected")] {
        let seen = pairs.number(row, key.0) ?? .nan, expected = pairs.number(row, key.1) ?? .nan
        if seen > 0 { deviance += 2 * seen * log(seen / expected) }
        pearson += (seen - expected) * (seen - expected) / expected
      }
    }
    let key = ["law": "bradley_terry"]
    #expect(pairs.rows.count == 6)
    #expect(abs((found.number("choice_models", "deviance", where: key) ?? .nan) - deviance) < 1e-9)
    #expect(abs((found.number("choice_models", "pearson", where: key) ?? .nan) - pearson) < 1e-9)
  }

  /// Two queries with different strengths are reported one by one, and also together where their candidates are the
  /// same.
  @Test func queriesAreToldOneByOne() throws {
    let here = planted(strengths: [0, 1, 0.4], listeners: 15, queries: ["a"])
    let there = planted(strengths: [1, 0, 0.4], listeners: 15, queries: ["b"], seed: 9)
    let both = try findings(choices: here + there.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n")
    let models = try #require(both["choice_models"])
    #expect(models.rows(where: ["law": "bradley_terry"]).map { models.text($0, "query") } == ["all", "a", "b"])
    // Candidates that belong to one query only are never pooled.
    let other = there.replacing(",c", with: ",d")
    let apart = try findings(
      choices: here + other.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n")
    let alone = try #require(apart["choice_models"])
    #expect(alone.rows(where: ["law": "bradley_terry"]).map { alone.text($0, "query") } == ["a", "b"])
  }

  /// By hand: the system is right in 3 of 4 answers on pair xy, and in half of 2 on pair yz (equal ranks). Listeners:
  /// on xy, a, b and c chose x and d chose y, so 3 of 6 pairs of listeners agree; on yz, a and b chose y: 1 of 1.
  @Test func agreementIsCountedByHand() throws {
    let choices = """
      participant,query,first,second,choice
      a,q,x,y,first
      b,q,y,x,x
      c,q,x,y,first
      d,q,x,y,second
      a,q,y,z,first
      b,q,z,y,second
      c,q,y,z,tie
      a,q,x,w,first
      """
    let rankings = "query,system,candidate,rank\nq,s,x,1\nq,s,y,2\nq,s,z,2\n"
    let found = try findings(choices: choices, rankings: rankings)
    let key = ["system": "s"]
    func told(_ column: String) throws -> Double {
      try #require(found.number("choice_agreement", column, where: key))
    }
    // A pair's listeners weigh as much as its answers do: half of 4, and all of 2.
    let agreement = 4.0 / 6, another = (4 * 0.5 + 2) / 6
    let share = (agreement - 0.5) / (another - 0.5)
    #expect(abs(try told("agreement") - agreement) < 1e-12)
    #expect(abs(try told("another_listener") - another) < 1e-12)
    #expect(abs(try told("share") - share) < 1e-9)
    #expect(found.number("choice_agreement", "answers", where: key) == 6)
    #expect(found.number("choice_agreement", "answers_left_out", where: key) == 2)
    // x never lost to w, so there are no finite strengths.
    #expect(found.remarks.contains { $0.code == "choices_without_strengths" && $0.weight == .caution })
    #expect(found["strengths"] == nil)
  }

  /// By hand: s and t differ only on xz, which was asked with probability 0.1, so each of its three answers has weight
  /// ten: two agree with s, one with t. On xy, which everybody was asked, both are right in 3 of 4.
  @Test func answersToPagesThatWereAskedRarelyCountMore() throws {
    let rankings = """
      query,system,candidate,rank
      q,s,x,1
      q,s,y,2
      q,s,z,3
      q,t,z,1
      q,t,x,2
      q,t,y,3

      """
    func table(_ rare: String, _ often: String) -> String {
      """
      participant,query,first,second,choice,probability
      a,q,x,y,first,\(often)
      b,q,y,x,x,\(often)
      c,q,x,y,first,\(often)
      d,q,x,y,second,\(often)
      a,q,x,z,first,\(rare)
      b,q,x,z,first,\(rare)
      c,q,z,x,first,\(rare)

      """
    }
    let found = try findings(choices: table("0.1", "1"), rankings: rankings)
    func number(_ found: Findings, _ table: String, _ key: String, _ system: String = "s") -> Double {
      found.number(table, key, where: ["system": system]) ?? .nan
    }
    #expect(abs(number(found, "choice_agreement", "agreement") - (3 + 2 * 10) / (4 + 3 * 10)) < 1e-12)
    #expect(abs(number(found, "choice_agreement", "agreement", "t") - (3 + 10) / (4 + 3 * 10)) < 1e-12)
    #expect(abs(number(found, "choice_differences", "difference") - 10 / 34.0) < 1e-12)
    #expect(number(found, "choice_differences", "answers_apart") == 3)
    #expect(number(found, "choice_differences", "answers") == 7)
    // Pairs of listeners: 3 of 6 agree on xy, which weighs 4, and 1 of 3 on xz, which weighs 30.
    #expect(abs(number(found, "choice_agreement", "another_listener") - (4.0 / 2 + 30.0 / 3) / 34) < 1e-12)
    #expect(found.methods.contains { $0.text.contains("probabilities from 0.100 to 1.000") })
    // Only the ratios of the probabilities matter; without probabilities, all answers have the same weight.
    let half = try findings(choices: table("0.05", "0.5"), rankings: rankings)
    #expect(abs(number(half, "choice_differences", "difference") - 10 / 34.0) < 1e-12)
    let alike = try findings(choices: table("", ""), rankings: rankings)
    #expect(abs(number(alike, "choice_differences", "difference") - 1 / 7.0) < 1e-12)
    #expect(!alike.methods.contains { $0.text.contains("probabilities from") })
    // Pages that everybody is asked need a probability too.
    #expect(!found.remarks.contains { $0.code == "chances_in_choices" })
    let mixed = try findings(choices: table("0.1", ""), rankings: rankings)
    #expect(mixed.remarks.contains { $0.code == "chances_in_choices" && $0.count == 4 })
    for wrong in ["0", "-0.5", "1.5", "inf", "1e-300"] {
      #expect(throws: (any Error).self, "\(wrong)") { try findings(choices: table(wrong, "1"), rankings: rankings) }
    }
  }

  /// The difference between two systems is reported when only one of them knows the strengths; two systems with the
  /// same ranks do not differ.
  @Test func theDifferenceOfTwoSystemsIsTold() throws {
    let truth = [-1.0, -0.4, 0, 0.3, 1.1]
    let orders = [("good", [4, 3, 2, 1, 0]), ("same", [4, 3, 2, 1, 0]), ("bad", [0, 1, 2, 3, 4])].flatMap {
      name, order in
      (0..<6).flatMap { query in order.enumerated().map { "q\(query),\(name),c\($1),\($0 + 1)\n" } }
    }
    let found = try findings(
      choices: planted(strengths: truth, listeners: 12, queries: (0..<6).map { "q\($0)" }),
      rankings: "query,system,candidate,rank\n" + orders.joined())
    let key = ["system": "good", "baseline": "bad"]
    #expect(found.number("choice_differences", "low", where: key) ?? 0 > 0.1)
    #expect(found.number("choice_differences", "p_corrected", where: key) ?? 1 < 0.001)
    let none = ["system": "good", "baseline": "same"]
    #expect(found.number("choice_differences", "difference", where: none) == 0)
    #expect(found.number("choice_differences", "answers_apart", where: none) == 0)
    #expect(found.number("choice_differences", "low", where: none) == nil)
    #expect(found.answers.contains { $0.text.hasPrefix("good agrees with listeners' choices more often than bad: ") })
  }

  @Test func aSystemThatKnowsIsNearerThanChance() throws {
    let truth = [-1.0, -0.4, 0, 0.3, 1.1]
    let order = [4, 3, 2, 1, 0].enumerated().map { "q,good,c\($1),\($0 + 1)\n" }.joined()
    let back = [4, 3, 2, 1, 0].enumerated().map { "q,bad,c\($1),\(5 - $0)\n" }.joined()
    let found = try findings(
      choices: planted(strengths: truth), rankings: "query,system,candidate,rank\n" + order + back)
    let good = ["system": "good"], bad = ["system": "bad"]
    let low = found.number("choice_agreement", "low", where: good) ?? 0
    #expect(low > 0.55 && (found.number("choice_agreement", "high", where: bad) ?? 1) < 0.45)
    let sum =
      (found.number("choice_agreement", "agreement", where: good) ?? 0)
      + (found.number("choice_agreement", "agreement", where: bad) ?? 0)
    #expect(abs(sum - 1) < 1e-12)
    #expect(found.answers.contains { $0.text.hasPrefix("good orders two candidates as listeners chose in") })
    let lost = try findings(
      choices: planted(strengths: truth), rankings: "query,system,candidate,rank\nother,good,c1,1\n")
    #expect(lost["choice_agreement"] == nil && lost.remarks.contains { $0.code == "choices_without_rankings" })
  }

  /// One listener leaves no interval and nobody to compare with. The sentences then leave them out, rather than print
  /// dashes for numbers that do not exist.
  @Test func whatIsUnknownIsNotADash() throws {
    let ranks = (0..<5).map { "q,good,c\($0),\(5 - $0)\n" }.joined()
    let found = try findings(
      choices: planted(strengths: [-1.0, -0.4, 0, 0.3, 1.1], listeners: 1),
      rankings: "query,system,candidate,rank\n" + ranks)
    let answers = found.answers.map(\.text)
    #expect(
      answers.contains { $0.contains("; no two listeners were asked the same question, and chance would in 50 %.") })
    #expect(answers.contains { $0.contains(" of answers (ties count half; no intervals; ") })
    #expect(!answers.contains { $0.contains("–") }, "\(answers)")
  }

  /// A system that ranks only what is easily heard agrees most often, although another is ahead on the same pairs.
  @Test func theHighestShareOfOtherPairsIsNotAhead() throws {
    var choices = "participant,query,first,second,choice\n", rankings = "query,system,candidate,rank\n"
    for query in 1...8 {
      for (system, order) in [("narrow", "abdc"), ("whole", "abcdefgh")] {
        for (place, name) in order.enumerated() { rankings += "q\(query),\(system),\(name),\(place + 1)\n" }
      }
      for listener in 1...10 {
        func choose(_ first: String, _ second: String, unless isOther: Bool) {
          choices += "l\(listener),q\(query),\(first),\(second),\(isOther ? "second" : "first")\n"
        }
        let odd = listener * 3 + query * 5
        for _ in 0..<3 { choose("a", "b", unless: odd % 19 == 0) }
        choose("c", "d", unless: odd % 7 == 0)
        for (first, second) in [("e", "f"), ("g", "h"), ("e", "h"), ("f", "g")] {
          choose(first, second, unless: (odd + listener) % 2 == 0)
        }
      }
    }
    let answers = try findings(choices: choices, rankings: rankings).answers.map(\.text)
    #expect(answers.contains { $0.hasPrefix("narrow orders two candidates as listeners chose in ") })
    #expect(answers.contains { $0.hasPrefix("The other system: whole ") && $0.contains("pairs that its system ranks") })
    let behind =
      "narrow has the highest share, but agrees with listeners' choices less often than whole on the pairs that both rank: narrow − whole −"
    #expect(answers.contains { $0.hasPrefix(behind) }, "\(answers)")
  }

  @Test func strengthsThatOverlapAreNotTheStrongest() throws {
    let alike = try findings(choices: planted(strengths: [0, 0, 0, 0], listeners: 12))
    #expect(alike.answers[0].text.contains("which is the strongest is not settled"))
    let clear = try findings(choices: planted(strengths: [-2, -1, 2.5]))
    #expect(clear.answers[0].text.hasPrefix("Of 3 candidates, c2 is the strongest: chosen in"))
  }

  @Test func tripletsAloneHaveAnAnswer() throws {
    var text = "participant,anchor,first,second,choice\n", random = SeededRandom(seed: 2, "triplets alone")
    for listener in 0..<8 {
      for anchor in 0..<7 {
        for _ in 0..<6 {
          let pair = random.shuffled((0..<7).filter { $0 != anchor }).prefix(2)
          let first = pair[0], second = pair[1]
          text +=
            "l\(listener),s\(anchor),s\(first),s\(second),\(abs(first - anchor) <= abs(second - anchor) ? "first" : "second")\n"
        }
      }
    }
    let found = try findings(triplets: text)
    #expect(found.answers.first?.text.hasPrefix("8 listeners gave 336 answers to triplets") == true)
    #expect(found.summary.contains("chance 50 %") && found.summary.contains("predicts"))
  }

  @Test func badTablesAreExplained() throws {
    func says(_ words: String, _ text: String, triplets: Bool = false, plan: String = "") {
      #expect {
        triplets ? try findings(triplets: text, plan: plan) : try findings(choices: text, plan: plan)
      } throws: { "\($0)".contains(words) }
    }
    says("has no column 'choice'", "participant,first,second\na,x,y\n")
    says("has no column 'anchor'", "participant,first,second,choice\na,x,y,first\n", triplets: true)
    says("choices.csv:3:7: error: the choice is 'left'", "participant,first,second,choice\na,x,y,first\na,x,y,left\n")
    says("compared with itself", "participant,first,second,choice\na,x,x,first\n")
    says(
      "anchor 'x' is compared with itself", "participant,anchor,first,second,choice\na,x,x,y,first\n", triplets: true)
    says("holds no answer", "participant,first,second,choice\na,x,y,\n")
  }

  @Test func winnersAndLosersOfAForeignTable() throws {
    let text = "subject,better,worse\na,x,y\nb,y,x\na,x,y\n"
    let found = try findings(
      choices: text, plan: "columns: {participant: subject, winner: better, loser: worse}\nintervals: {resamples: 100}")
    let key = ["law": "bradley_terry", "candidate": "x"]
    let strength = try #require(found.number("strengths", "strength", where: key)), half = log(2.0) / 2
    #expect(abs(strength - half) < 1e-9)
  }

  @Test("the study's versions are those of all tables, each once")
  func versionsOfAllTables() throws {
    let text = "participant,study_version,first,second,choice\na,v1,x,y,first\nb,v2,x,y,first\na,v1,y,x,first\n"
    #expect(try findings(choices: text).inputs.studyVersions == ["v1", "v2"])
    let study = GeneratedStudy(listeners: 6, queries: 4, pages: 4)
    let rated = try findings(ratings: study.ratings, rankings: study.rankings).inputs.studyVersions
    let both = try findings(choices: text, ratings: study.ratings, rankings: study.rankings).inputs.studyVersions
    #expect(both == rated + ["v1", "v2"])
  }

  @Test func choicesStandBesideRatings() throws {
    let study = GeneratedStudy(listeners: 6, queries: 4, pages: 4)
    let found = try findings(
      choices: planted(strengths: [0, 0.6, -0.4], listeners: 8, queries: ["q0", "q1"]), ratings: study.ratings,
      rankings: study.rankings)
    #expect(found["verdicts"] != nil && found["strengths"] != nil && found["choice_agreement"] != nil)
    #expect(found.methods.last?.text.hasPrefix("Computed by Earshot") == true)
    #expect(found.inputs.choices?.rows == 48 && found.json.contains("choices.csv"))
  }
}
