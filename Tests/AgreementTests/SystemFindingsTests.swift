import Agreement
import Basics
import Foundation
import Ratings
import Statistics
import TestSupport
import Testing

@Suite("Findings of systems' scores")
struct SystemFindingsTests {
  // MARK: Against independent figures

  /// In a complete design with random listeners and items, the analysis of variance of listeners × items gives the
  /// variance of a mean as (MS of listeners + MS of items − residual MS) / (n m).
  @Test func intervalsOfACompleteDesignAreThoseOfTheAnalysisOfVariance() throws {
    let study = ScoredStudy(listeners: 14, items: 10)
    let found = try study.findings("intervals: {resamples: 4000}\nmodels: {linear: never}")
    func standardError(_ value: (Int, Int) -> Double) -> (mean: Double, error: Double) {
      let n = study.listeners, m = study.items
      let cells = (0..<n).map { l in (0..<m).map { value(l, $0) } }
      let grand = cells.joined().reduce(0, +) / Double(n * m)
      let rows = cells.map { $0.reduce(0, +) / Double(m) }
      let columns = (0..<m).map { i in cells.reduce(0) { $0 + $1[i] } / Double(n) }
      let a = Double(m) * rows.reduce(0) { $0 + ($1 - grand) * ($1 - grand) } / Double(n - 1)
      let b = Double(n) * columns.reduce(0) { $0 + ($1 - grand) * ($1 - grand) } / Double(m - 1)
      var rest = 0.0
      for l in 0..<n {
        for i in 0..<m { rest += pow(cells[l][i] - rows[l] - columns[i] + grand, 2) }
      }
      rest /= Double((n - 1) * (m - 1))
      return (grand, ((a + b - rest) / Double(n * m)).squareRoot())
    }
    var scores: [String: Double] = [:]
    for one in study.scores { scores["\(one.listener) \(one.item) \(one.system)"] = one.score }
    let t = StudentT(9).quantile(0.975) ?? .nan
    for (name, _) in study.systems {
      let (mean, error) = standardError { scores["\($0 + 1) \($1 + 1) \(name)"] ?? .nan }
      let key = ["system": name]
      #expect(isNear(found.number("systems", "mean", where: key), mean, 1e-9))
      let low = found.number("systems", "low", where: key) ?? .nan
      let high = found.number("systems", "high", where: key) ?? .nan
      #expect(abs((high - low) / (2 * t * error) - 1) < 0.06, "\(name)")
    }
    let (difference, error) = standardError {
      (scores["\($0 + 1) \($1 + 1) good"] ?? .nan) - (scores["\($0 + 1) \($1 + 1) fair"] ?? .nan)
    }
    let key = ["system": "good", "baseline": "fair"]
    #expect(isNear(found.number("system_differences", "difference", where: key), difference, 1e-9))
    let low = found.number("system_differences", "low", where: key) ?? .nan
    #expect(abs((difference - low) / (t * error) - 1) < 0.06)
    let p = 2 * StudentT(9).upper(difference / error)
    #expect(abs(log((found.number("system_differences", "p", where: key) ?? .nan) / p)) < 0.7)
    #expect(found["system_models"] == nil)
  }

  /// With fewer than four items, the interval is Student's t interval of the listeners' own means.
  @Test func fewItemsAreSpokenOfByThemselves() throws {
    let study = ScoredStudy(listeners: 20, items: 2)
    let found = try study.findings("intervals: {resamples: 4000}")
    var own = Array(repeating: 0.0, count: study.listeners)
    for one in study.scores where one.system == "good" || one.system == "fair" {
      own[one.listener - 1] += (one.system == "good" ? 1 : -1) * one.score / 2
    }
    let mean = own.reduce(0, +) / 20
    let error = (own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 19 / 20).squareRoot()
    let key = ["system": "good", "baseline": "fair"]
    let low = found.number("system_differences", "low", where: key) ?? .nan
    #expect(abs((mean - low) / ((StudentT(19).quantile(0.975) ?? .nan) * error) - 1) < 0.05)
    let table = try #require(found["system_differences"])
    #expect(table.text(0, "intervals_over") == "listeners")
    #expect(found.remarks.contains { $0.code == "few_items" && $0.meaning.contains("these items only") })
  }

  /// If all listeners give the same scores, resamples differ by rounding errors at most, which say nothing about other
  /// listeners. Scores that binary fractions cannot hold are treated like whole ones.
  @Test(arguments: [[73.0, 44, 22], [73.3, 44.1, 22.7]], [3, 6])
  func scoresThatNeverVaryClaimNothing(_ scores: [Double], items: Int) throws {
    var text = "participant,query,system,score\n"
    for listener in 1...7 {
      for item in 1...items {
        for (system, score) in zip("abc", scores) { text += "\(listener),i\(item),\(system),\(score)\n" }
      }
    }
    let found = try scoreFindings(text, "intervals: {resamples: 2000}\nverdict: {score_margin: 1}")
    let means = try #require(found["systems"]), table = try #require(found["system_differences"])
    #expect(means.rows.indices.allSatisfy { means.number($0, "low") == nil })
    #expect(table.rows.count == 3)
    for row in table.rows.indices {
      #expect(table.number(row, "low") == nil && table.number(row, "p") == nil)
      #expect(table.text(row, "verdict") == "unvarying")
    }
    #expect(found.answers[0].text.hasPrefix("a has the highest mean, but which system is best is not settled"))
  }

  /// Sounds that were presented one by one are compared within an item, although each has a trial of its own and the
  /// table has no sessions.
  @Test(arguments: ["", "acr", "likert"]) func trialsWithOneScoreAreComparedWithinAnItem(_ type: String) throws {
    func findings(withTrial: Bool) throws -> Findings {
      var text = "participant,query,system,score,trial_type\(withTrial ? ",trial" : "")\n", trial = 0
      for listener in 1...10 {
        for item in 1...6 {
          for (system, score) in [("a", 4 + (listener + item) % 2), ("b", 2 + (listener * item) % 2)] {
            trial += 1
            text += "\(listener),i\(item),\(system),\(score),\(type)\(withTrial ? ",\(trial)" : "")\n"
          }
        }
      }
      return try scoreFindings(text, "intervals: {resamples: 400}\nscale: [1, 5]")
    }
    let found = try findings(withTrial: true), other = try findings(withTrial: false)
    #expect(found.answers[0].text.hasPrefix("a is scored best"), "\(found.answers[0].text)")
    #expect(found["system_differences"]?.rows.count == 1)
    #expect(found["system_differences"]?.rows == other["system_differences"]?.rows)
  }

  @Test func diffGradesNeedTheHiddenReference() {
    #expect {
      try scoreFindings("participant,query,system,score,trial_type\n1,a,x,3,bs1116\n2,a,x,4,bs1116\n")
    } throws: {
      "\($0)".contains("the hidden reference in the same trial (is_reference)")
    }
  }

  /// Without trials it is unknown which grade of the reference belongs to which version.
  @Test func severalGradesOfTheReferenceNeedTrials() throws {
    func text(withTrial: Bool) -> String {
      var text = "participant,query,system,score,is_reference,trial_type\(withTrial ? ",trial" : "")\n"
      for listener in 1...4 {
        for (version, reference, score) in [("a", "5", "3"), ("b", "4", "4.5")] {
          let trial = withTrial ? ",\(version)" : ""
          text += "\(listener),i,ref,\(reference),yes,bs1116\(trial)\n"
          text += "\(listener),i,\(version),\(score),no,bs1116\(trial)\n"
        }
      }
      return text
    }
    #expect {
      try scoreFindings(text(withTrial: false))
    } throws: {
      "\($0)".contains("scores.csv:4: error: listener '1' gave the hidden reference of 'i' 5 and 4 in one trial")
    }
    let found = try scoreFindings(text(withTrial: true))
    #expect(found.number("systems", "mean", where: ["system": "a"]) == -2)
    #expect(found.number("systems", "mean", where: ["system": "b"]) == 0.5)
  }

  /// A system that is scored on the better items only has the highest mean, but is worse than another on all of them.
  @Test func theHighestMeanOfOtherItemsIsNotTheBest() throws {
    var text = "participant,query,system,score\n"
    for listener in 1...12 {
      for item in 1...10 {
        let base = item <= 5 ? 85 : 40, noise = (listener * 7 + item * 5) % 6
        text += "\(listener),i\(item),whole,\(base + noise)\n"
        text += "\(listener),i\(item),poor,\(base - 20 + (noise + listener) % 5)\n"
        if item <= 5 { text += "\(listener),i\(item),partial,\(base - 10 + (noise * listener) % 7)\n" }
      }
    }
    let found = try scoreFindings(text, "intervals: {resamples: 400}\nverdict: {score_margin: 5}")
    let answers = found.answers.map(\.text)
    #expect(answers[0].hasPrefix("partial has the highest mean, but whole is scored higher where both were scored: "))
    #expect(answers[0].contains("; where both were scored its difference from whole is −"))
    #expect(answers[1].hasPrefix("From the highest mean to the lowest: partial"))
    #expect(answers.contains { $0.hasPrefix("whole would count as better than partial at any margin up to ") })
    #expect(!answers.contains { $0.contains("scored best") || $0.contains("partial would count as better") })
  }

  /// Of systems with exactly the same mean, none is said to be ahead.
  @Test func equalMeansAreCalledEqual() throws {
    func answers(_ systems: [String: Int]) throws -> [String] {
      var text = "participant,query,system,score\n"
      for listener in 1...8 {
        for item in 1...6 {
          for (system, score) in systems.sorted(by: { $0.key < $1.key }) {
            text += "\(listener),i\(item),\(system),\(score + (listener * 7 + item * 5) % 6)\n"
          }
        }
      }
      return try scoreFindings(text, "intervals: {resamples: 200}").answers.map(\.text)
    }
    let both = try answers(["a": 60, "b": 60])
    #expect(both[0].hasPrefix("a and b have the same mean: mean score "))
    #expect(both[0].contains("; its difference from b is 0"))
    let three = try answers(["a": 60, "b": 60, "c": 30])
    #expect(three[0].hasPrefix("a and b have the same mean, the highest; which system is best is not settled: "))
    #expect(!(both + three).contains { $0.contains("has the highest mean") || $0.contains("above") })
  }

  /// The claim corrects for all pairs. What it leaves open is not told apart in another sentence.
  @Test func whatIsOpenIsNotSaidToRestOnOneListener() throws {
    var study = ScoredStudy(seed: 2, marks: [])
    study.systems = [("a", 66), ("b", 60), ("c", 60), ("d", 60)]
    let found = try study.findings("intervals: {resamples: 400}\nmodels: {linear: never}")
    let key = ["system": "a", "baseline": "b"]
    #expect((found.number("system_differences", "p", where: key) ?? 1) < 0.05)
    #expect((found.number("system_differences", "p_corrected", where: key) ?? 0) > 0.05)
    let answers = found.answers.map(\.text)
    let open = "a has the highest mean, but which system is best is not settled (it cannot be distinguished from b)"
    #expect(answers[0].hasPrefix(open))
    #expect(answers[2].hasPrefix("a would count as better than b at any margin up to "))
    #expect(answers[2].hasSuffix(" (by the 90 % interval of these two alone)."))
  }

  /// With fewer than four listeners, resamples are of the same few again and again, and no share of them is quoted.
  @Test func fewListenersHaveNoChanceOfBeingBest() throws {
    for (listeners, items) in [(1, 1), (2, 5), (3, 6)] {
      let found = try ScoredStudy(listeners: listeners, items: items).findings()
      #expect(found.number("systems", "best", where: ["system": "good"]) == nil)
      #expect(!found.answers[0].text.contains("studies drawn anew"))
    }
  }

  /// From which margins on the verdict would change, and how much a single listener or item changes the estimate.
  @Test func marginsAndInfluence() throws {
    let study = ScoredStudy(listeners: 10, items: 6)
    let found = try study.findings("intervals: {resamples: 400}\nverdict: {score_margin: 5}")
    let table = try #require(found["system_differences"])
    for row in table.rows.indices {
      let low = try #require(table.number(row, "verdict_low")), high = try #require(table.number(row, "verdict_high"))
      #expect(table.number(row, "told_up_to") == max(0, low, -high))
      #expect(table.number(row, "equivalent_from") == max(-low, high))
    }
    var sums = [Double](repeating: 0, count: 7), all = 0.0
    for one in study.scores where one.system == "good" || one.system == "poor" {
      sums[one.item] += one.system == "good" ? one.score : -one.score
      all += one.system == "good" ? one.score : -one.score
    }
    let without = (1...6).map { (all - sums[$0]) / 50 }
    let influence = try #require(found["system_influence"])
    let row = try #require(
      influence.rows(where: ["system": "good", "baseline": "poor", "left_out": "item"]).first)
    #expect(isNear(influence.number(row, "least"), without.min() ?? 0, 1e-9))
    #expect(isNear(influence.number(row, "most"), without.max() ?? 0, 1e-9))
    #expect(influence.rows[row][influence.column("told")] == .flag(true))
    #expect(influence.rows[row][influence.column("holds")] == .flag(true))
    #expect(influence.rows.count == 6)
    #expect(
      found.answers.contains {
        $0.text.contains("at any margin up to") && $0.text.contains("with any single listener or item omitted")
      }
    )
  }

  private struct Fixture: Decodable {
    struct Fit: Decodable {
      var name, formula: String
      var listener, item, system: [String]?
      var score: [Double]?
      var singular: Bool
      var deviations, means, errors, degrees_of_freedom: [Double]
      var log_likelihood: Double
      var systems, pairs: [String]
      var differences, difference_errors, difference_degrees_of_freedom, p, p_holm: [Double]
    }
    struct Expertise: Decodable { var grades: [Double], t, p: Double }
    var cases: [Fit], expertise: [Expertise]
  }
  private static func fixture(_ name: String) throws -> Data {
    try Data(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../analysis/oracles/fixtures/\(name).json"))
  }

  private func expect(_ found: Findings, _ fit: Fixture.Fit) throws {
    let label = Comment(rawValue: fit.name)
    let models = try #require(found["system_models"])
    #expect(models.text(0, "formula") == fit.formula, label)
    let ours = models.rows.indices.compactMap { models.number($0, "deviation") }.sorted()
    for (a, b) in zip(ours, fit.deviations.sorted()) { #expect(abs(a - b) < 2e-3 * b, label) }
    #expect(abs((models.number(0, "log_likelihood_reml") ?? .nan) - fit.log_likelihood) < 1e-3, label)
    func near(_ a: Double?, _ b: Double, _ tolerance: Double) -> Bool {
      abs((a ?? .nan) - b) <= tolerance * max(1e-3, abs(b))
    }
    for (i, system) in fit.systems.enumerated() {
      let key = ["system": system]
      #expect(near(found.number("system_means", "mean", where: key), fit.means[i], 1e-4), label)
      #expect(near(found.number("system_means", "error", where: key), fit.errors[i], 1e-3), label)
      #expect(
        near(found.number("system_means", "degrees_of_freedom", where: key), fit.degrees_of_freedom[i], 5e-3), label)
    }
    for (i, pair) in fit.pairs.enumerated() {
      let names = pair.components(separatedBy: " - ").map { $0.trimmingCharacters(in: ["(", ")"]) }
      for (key, sign) in [
        (["system": names[0], "baseline": names[1]], 1.0), (["system": names[1], "baseline": names[0]], -1.0),
      ] {
        guard let difference = found.number("system_contrasts", "difference", where: key) else { continue }
        #expect(abs(sign * difference - fit.differences[i]) < 2e-3, label)
        #expect(near(found.number("system_contrasts", "error", where: key), fit.difference_errors[i], 1e-3), label)
        let freedom = found.number("system_contrasts", "degrees_of_freedom", where: key)
        #expect(near(freedom, fit.difference_degrees_of_freedom[i], 5e-3), label)
        let p = found.number("system_contrasts", "p", where: key)
        #expect(near(p, fit.p[i], 2e-2), label)
        #expect(near(found.number("system_contrasts", "p_corrected", where: key), fit.p_holm[i], 2e-2), label)
      }
    }
    #expect(found["system_contrasts"]?.rows.count == fit.pairs.count, label)
  }

  @Test func marginalMeansAndContrastsAreThoseOfEmmeans() throws {
    for fit in try JSONDecoder().decode(Fixture.self, from: Self.fixture("systems")).cases {
      let listeners = try #require(fit.listener), items = try #require(fit.item)
      let systems = try #require(fit.system), scores = try #require(fit.score)
      var text = "participant,query,system,score\n"
      for i in scores.indices { text += "\(listeners[i]),\(items[i]),\(systems[i]),\(scores[i])\n" }
      try expect(scoreFindings(text, "intervals: {resamples: 100}\nscale: [-50, 150]"), fit)
    }
  }

  @Test func expertiseIsAOneSidedTTest() throws {
    let cases = try JSONDecoder().decode(Fixture.self, from: Self.fixture("systems")).expertise
    var text = ScoredStudy.header
    for (listener, one) in cases.enumerated() {
      for (i, grade) in one.grades.enumerated() {
        for (system, score) in [("reference", 4.5), ("codec", 4.5 + grade)] {
          text += ScoredStudy.row(listener + 1, i + 1, "bs1116", "item\(i)", system, score, scale: "impairment")
        }
      }
    }
    let found = try scoreFindings(text)
    for (listener, one) in cases.enumerated() {
      let key = ["listener": "\(listener + 1)"]
      #expect(isNear(found.number("expertise", "t", where: key), one.t, 1e-8))
      #expect(isNear(found.number("expertise", "p", where: key), one.p, 1e-8))
      let mean = one.grades.reduce(0, +) / Double(one.grades.count)
      #expect(isNear(found.number("expertise", "mean", where: key), mean, 1e-9))
    }
    let sentence = found.answers.map(\.text).joined(separator: " ")
    #expect(sentence.contains("The expertise test of ITU-R BS.1116-3 would exclude 1 of 3 listeners (2)"))
    #expect(sentence.contains("mean diff grade"))
  }

  private func isNear(_ a: Double?, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
    a.map { abs($0 - b) < tolerance } ?? false
  }

  // MARK: What the report says

  @Test func plantedSystemsAreToldInOrder() throws {
    let found = try ScoredStudy().findings("intervals: {resamples: 1000}\nverdict: {score_margin: 5}")
    let text = found.answers.map(\.text)
    #expect(text[0].hasPrefix("good is scored best: mean score 6"), "\(text[0])")
    #expect(text[0].contains("above fair") && text[0].hasSuffix("(12 listeners, 8 items)."))
    #expect(text[1].contains("good") && text[1].contains("(a), fair") && text[1].contains("(b), poor"))
    #expect(text[2].hasPrefix("Against a margin of 5.0, good is better than fair and poor"))
    #expect(text[3].hasPrefix("good would count as better than fair at any margin up to "), "\(text[3])")
    #expect(
      text[3].hasSuffix("with any single listener or item omitted, the interval of their difference still excludes 0."))
    #expect(text[4].hasPrefix("For comparison: the hidden reference 9"))
    #expect(text[5] == "The rule of ITU-R BS.1534-3 would exclude no listener.")
    let systems = try #require(found["systems"])
    #expect(
      systems.rows.indices.map { systems.text($0, "system") } == [
        "good", "fair", "poor", "reference", "anchor_3500_hz",
      ])
    #expect(systems.number(3, "place") == nil && systems.number(3, "best") == nil)
    #expect(found.number("systems", "best", where: ["system": "good"]) ?? 0 > 0.95)
    #expect(found["system_differences"]?.rows.count == 3)
    #expect(found.title == "study" && found.inputs.scores?.rows == 12 * 8 * 5)
    // A second analysis gives the same findings.
    let again = try ScoredStudy().findings("intervals: {resamples: 1000}\nverdict: {score_margin: 5}")
    #expect(again.tables.map(\.rows) == found.tables.map(\.rows) && again.answers == found.answers)
    // Without a margin there is no verdict.
    let plain = try ScoredStudy().findings()
    #expect(
      plain["system_differences"]?.text(0, "verdict") == ""
        && !plain.answers.contains { $0.text.contains("Against a margin") })
  }

  @Test func inconclusiveComparisonsAreNamedBesideTheVerdicts() throws {
    var study = ScoredStudy(seed: 2, marks: [])
    study.systems = [("a", 66), ("b", 60), ("c", 30)]
    let two = try study.findings("intervals: {resamples: 400}\nmodels: {linear: never}\nverdict: {score_margin: 10}")
    let sentence = "Against a margin of 10.0, a is better than c; its comparison with b is inconclusive (90 % "
    #expect(two.answers.contains { $0.text.hasPrefix(sentence) }, "\(two.answers.map(\.text))")
    study.systems = [("a", 66), ("b", 60)]
    let one = try study.findings("intervals: {resamples: 400}\nmodels: {linear: never}\nverdict: {score_margin: 5}")
    #expect(
      one.answers.contains {
        $0.text.hasPrefix("Against a margin of 5.0, the comparison of a with b is inconclusive (90 % ")
      })
  }

  @Test func equalSystemsAreEquivalentAndNotTold() throws {
    var study = ScoredStudy(listeners: 24, items: 16)
    study.systems = [("a", 60), ("b", 60.5), ("c", 60)]
    (study.ofListenerSystems, study.ofItemSystems) = (1, 1)
    let found = try study.findings("intervals: {resamples: 400}\nverdict: {score_margin: {mushra: 6, acr: 1}}")
    #expect(found.answers[0].text.contains("but which system is best is not settled"))
    let table = try #require(found["system_differences"])
    #expect(
      table.rows.indices.allSatisfy { table.text($0, "verdict") == "equivalent" && table.number($0, "margin") == 6 })
    let systems = try #require(found["systems"])
    #expect(Set(systems.rows(where: ["role": "contender"]).map { systems.text($0, "letters") }) == ["a"])
    #expect(found.remarks.contains { $0.code == "margin_unused" && $0.what.text.contains("acr") })
  }

  /// A system that one listener scored says nothing of how listeners' effects on two systems are related.
  @Test func theFullModelNeedsListenersWhoScoredBoth() throws {
    for seed in UInt64(1)...4 {
      let study = ScoredStudy(listeners: 10, items: 8, seed: seed)
      let text = study.scores.reduce(ScoredStudy.header) { text, one in
        one.system == "poor" && one.listener > 1
          ? text : text + ScoredStudy.row(one.listener, one.item, "mushra", "item\(one.item)", one.system, one.score)
      }
      let found = try scoreFindings(text)
      let means = try #require(found["system_means"])
      for row in means.rows.indices {
        let low = means.number(row, "low"), high = means.number(row, "high")
        #expect((low == nil) == (high == nil) && (low ?? 0) > -1000 && (high ?? 0) < 1000)
      }
    }
    // Where each listener scored one system, a listener's effect and that on the system are one.
    let study = ScoredStudy(listeners: 12)
    let text = study.scores.reduce(ScoredStudy.header) { text, one in
      let isOwn = study.systems[one.listener % 3].name == one.system
      return isOwn
        ? text + ScoredStudy.row(one.listener, one.item, "mushra", "item\(one.item)", one.system, one.score) : text
    }
    let formula = try scoreFindings(text)["system_models"].map { $0.text(0, "formula") } ?? ""
    #expect(formula.contains("(1 | listener)") && !formula.contains("listener:system"), "\(formula)")
  }

  @Test func aListenerWhoGaveMostAnswersIsTold() throws {
    let study = ScoredStudy(listeners: 10, items: 12)
    func remark(_ isKept: (_ listener: Int, _ item: Int) -> Bool) throws -> Remark? {
      let text = study.scores.reduce(ScoredStudy.header) { text, one in
        isKept(one.listener, one.item)
          ? text + ScoredStudy.row(one.listener, one.item, "mushra", "item\(one.item)", one.system, one.score) : text
      }
      return try scoreFindings(text).remarks.first { $0.code == "uneven_listeners" }
    }
    let told = try #require(try remark { listener, item in listener == 1 || item == listener })
    // 12 and nine times 1 of 21 pages: 21² / (144 + 9) = 2.9.
    #expect(told.what.text.contains("one has 57 % of them all, and 10 listeners count like 3"))
    #expect(try remark { _, _ in true } == nil)
  }

  @Test func systemsWithTheSameScoresShareALetter() throws {
    for items in [2, 8] {
      let study = ScoredStudy(items: items)
      let text = study.scores.reduce(ScoredStudy.header) { text, one in
        let names = one.system == "good" ? ["good", "same"] : [one.system]
        return names.reduce(text) {
          $0 + ScoredStudy.row(one.listener, one.item, "mushra", "item\(one.item)", $1, one.score)
        }
      }
      let systems = try #require(try scoreFindings(text)["systems"])
      let letters = systems.rows(where: ["role": "contender"]).reduce(into: [String: String]()) {
        $0[systems.text($1, "system")] = systems.text($1, "letters")
      }
      #expect(letters["good"] == "a" && letters["same"] == "a" && letters["poor"] != "a", "\(letters)")
    }
  }

  @Test func theStandardsRuleLeavesOutWhoMissesTheReference() throws {
    let study = ScoredStudy()
    var text = ScoredStudy.header
    for one in study.scores {
      // Listener 3 misses the reference on two of eight items, listener 5 on one (12.5 %), which is allowed.
      let isMissed =
        one.system == "reference" && (one.listener == 3 && one.item <= 2 || one.listener == 5 && one.item == 1)
      text += ScoredStudy.row(
        one.listener, one.item, "mushra", "item\(one.item)", one.system,
        isMissed ? 80 : one.system == "reference" ? 100 : one.score)
    }
    let found = try scoreFindings(text)
    let table = try #require(found["system_screening"])
    let rows = table.rows(where: ["screening": "bs1534_3", "system": "good"])
    #expect(rows.count == 1 && table.text(rows[0], "who") == "3" && table.number(rows[0], "listeners") == 11)
    #expect(found.answers.contains { $0.text.contains("would exclude 1 of 12 listeners (3); the order") })
    // Unless the plan applies the rule, it changes none of the systems' figures.
    #expect(found.number("systems", "listeners", where: ["system": "good"]) == 12)
    let planned = try scoreFindings(text, "intervals: {resamples: 200}\nscreening: {apply: [reference]}")
    #expect(planned.number("systems", "listeners", where: ["system": "good"]) == 11)
    // The share is of items: a second showing of one is no further item, so 1 of 6 is too much, with a repeat of another, too.
    let few = ScoredStudy(items: 6)
    let again = few.scores.reduce(ScoredStudy.header) { text, one in
      let score = one.system != "reference" ? one.score : one.listener == 4 && one.item == 1 ? 80 : 100
      func row(_ trial: Int, isRepeat: Bool) -> String {
        ScoredStudy.row(one.listener, trial, "mushra", "item\(one.item)", one.system, score, isRepeat: isRepeat)
      }
      return text + row(one.item, isRepeat: false) + (one.item == 2 ? row(7, isRepeat: true) : "")
    }
    let repeated = try scoreFindings(again)["system_screening"]
    let missed = repeated?.rows(where: ["screening": "bs1534_3", "system": "good"]).first
    #expect(missed.flatMap { repeated?.text($0, "who") } == "4")
    // A plan with limits of its own does not change the standard's.
    let lenient = try scoreFindings(text, "intervals: {resamples: 200}\nscreening: {reference: {below: 0.5}}")
    let standard = lenient["system_screening"]?.rows(where: ["screening": "bs1534_3", "system": "good"]).first
    #expect(standard.flatMap { lenient["system_screening"]?.text($0, "who") } == "3")
  }

  // MARK: Trial types

  @Test func categoryScalesAreEachByThemselves() throws {
    var text = ScoredStudy.header
    for (scale, shift) in [("signal", 0.0), ("background", 1.0)] {
      for listener in 1...8 {
        for item in 1...6 {
          for (k, system) in ["x", "y"].enumerated() {
            // Each trial has one version and one score.
            let score = min(
              5, max(1, 3 + Double((listener * 7 + item * 5 + k * k) % 3 / 2) + (k == 0 ? shift : -shift)))
            text += ScoredStudy.row(
              listener, item * 10 + k, "acr", "item\(item)", system, score, scale: scale)
          }
        }
      }
    }
    // Listener 8 rates a clearly degraded sound as fair, on both scales. With several scales nobody is judged by that.
    for (listener, score) in [(7, 2.0), (8, 3.0)] {
      for scale in ["signal", "background"] {
        text += ScoredStudy.row(
          listener, 99, "acr", "item1", "lowpass", score, scale: scale, isCatch: true)
      }
    }
    let found = try scoreFindings(text)
    let systems = try #require(found["systems"])
    #expect(systems.rows.count == 4)
    #expect(
      systems.rows.indices.allSatisfy { systems.number($0, "listeners") == 8 && systems.number($0, "scores") == 48 })
    func difference(_ scale: String) -> Double? {
      found.number("system_differences", "difference", where: ["scale": scale, "trial_type": "acr"])
    }
    #expect(abs(difference("signal") ?? .nan) < 0.5 && (difference("background") ?? 0) > 1)
    #expect(
      found.answers[0].text.hasPrefix("background (acr): x is") && found.answers[1].text.hasPrefix("signal (acr): "))
    #expect(!found.tables.contains { $0.name == "listeners" } && found["score_listeners"]?.rows.count == 16)
  }

  @Test func diffGradesAreOfTheTrialsOwnReference() throws {
    var text = ScoredStudy.header
    for listener in 1...6 {
      for item in 1...5 {
        for (k, (system, grade)) in [("near", -0.5), ("far", -2.0)].enumerated() {
          let trial = item * 10 + k, own = 4.0 + Double((listener + item) % 3) / 2
          text += ScoredStudy.row(listener, trial, "bs1116", "i\(item)", "reference", own, scale: "impairment")
          text += ScoredStudy.row(
            listener, trial, "bs1116", "i\(item)", system, own + grade + (listener == 1 ? -0.1 : 0), scale: "impairment"
          )
        }
      }
    }
    let found = try scoreFindings(text)
    #expect(isNear(found.number("systems", "mean", where: ["system": "near"]), -0.5 - 0.1 / 6))
    #expect(isNear(found.number("systems", "mean", where: ["system": "far"]), -2 - 0.1 / 6))
    #expect(found["systems"]?.rows.count == 2)
    #expect(found.number("system_differences", "pages", where: ["system": "near"]) == 30)
  }

  @Test func comparisonsAreOfTheVersionAgainstTheReference() throws {
    let header =
      "study,study_version,participant,session,trial,trial_type,query,condition,first,second,first_system,second_system,"
      + "score,is_catch,is_repeat,is_training,submitted_at\n"
    var text = header, pairs = header
    for listener in 1...6 {
      for item in 1...5 {
        for (k, (system, score)) in [("new", 1), ("old", -2)].enumerated() {
          // Either version may come first; the score rates the second against the first.
          let isFirst = (listener + item + k) % 2 == 0, extra = listener == 2 && item == 2 ? 1 : 0
          let names = isFirst ? "\(system),reference" : "reference,\(system)"
          text +=
            "s,v,\(listener),\(listener),\(10 * item + k),ccr,i\(item),,a,b,\(names),\((isFirst ? -1 : 1) * (score + extra)),false,false,false,2026-01-01T00:00:00Z\n"
        }
        pairs +=
          "s,v,\(listener),\(listener),\(item),ccr,i\(item),,a,b,\(item % 2 == 0 ? "new,old" : "old,new"),\(item % 2 == 0 ? -2 : 2),false,false,false,2026-01-01T00:00:00Z\n"
      }
    }
    let found = try scoreFindings(nil, comparisons: text)
    #expect(isNear(found.number("systems", "mean", where: ["system": "new"]), 1 + 1.0 / 30))
    #expect(isNear(found.number("systems", "mean", where: ["system": "old"]), -2 + 1.0 / 30))
    #expect(found.number("system_differences", "difference", where: ["system": "new"]) == 3)
    #expect(found["systems"]?.rows.count == 2 && found.inputs.comparisons?.rows == 60)
    let without = try scoreFindings(nil, comparisons: pairs)
    #expect(without.number("system_differences", "difference", where: ["system": "new"]) == 2)
  }

  @Test func someItemsMayHaveNoReference() throws {
    var text = "participant,session,trial,query,first_system,second_system,score,is_catch\n"
    var random = SeededRandom(seed: 2)
    func add(
      _ listener: Int, _ item: String, _ first: String, _ second: String, _ score: Double, _ isCatch: Bool = false
    ) {
      let isTurned = random.unit() < 0.5
      text +=
        "\(listener),\(listener),\(item)\(first)\(second),\(item),\(isTurned ? second : first),\(isTurned ? first : second),\(isTurned ? -score : score),\(isCatch)\n"
    }
    for listener in 1...6 {
      for item in 1...5 {
        add(listener, "with\(item)", "reference", "a", -1 + Double((listener + item) % 2))
        add(listener, "with\(item)", "reference", "b", -2)
        add(listener, "without\(item)", "b", "a", 1)
      }
      add(listener, "with1", "reference", "lowpass", -3, true)
    }
    let found = try scoreFindings(nil, comparisons: text)
    func mean(_ scale: String, _ system: String) -> Double? {
      found.number("systems", "mean", where: ["scale": scale, "system": system])
    }
    #expect(isNear(mean("", "a"), -0.5) && isNear(mean("", "b"), -2))
    #expect(isNear(mean("without reference", "a"), 0.5) && isNear(mean("without reference", "b"), -0.5))
    #expect(found.inputs.comparisons?.rows == text.split(separator: "\n").count - 1)
    // Who fails the checks, which have the reference, is left out of both.
    add(6, "with3", "reference", "lowpass", 2, true)
    add(6, "with2", "reference", "lowpass", 3, true)
    let screened = try #require(try scoreFindings(nil, comparisons: text)["systems"])
    #expect(screened.rows.count == 4 && screened.rows.indices.allSatisfy { screened.number($0, "listeners") == 5 })
  }

  @Test func checksOnSeveralScalesAreNotJudged() throws {
    var text = "participant,session,trial,trial_type,scale,query,system,score,is_catch,is_reference\n"
    for listener in 1...6 {
      for (s, scale) in ["background", "signal"].enumerated() {
        for item in 1...4 {
          for (k, system) in ["new", "old"].enumerated() {
            text +=
              "\(listener),\(listener),\(10 * item + k),acr,\(scale),i\(item),\(system),\(4 - k - (listener + item + s) % 2),false,false\n"
          }
        }
        text += "\(listener),\(listener),99,acr,\(scale),i1,lowpass,\(s == 0 ? 5 : 1),true,true\n"
      }
    }
    let found = try scoreFindings(text)
    let table = try #require(found["systems"])
    #expect(table.rows.count == 4 && table.rows.indices.allSatisfy { table.number($0, "listeners") == 6 })
    #expect(found.remarks.contains { $0.code == "unjudged_checks" })
    // What the table says counts, also for words of one's own.
    func judged(_ scale: (Int) -> String, _ verdict: (Int) -> String) throws -> [Double?] {
      var told = "participant,session,trial,trial_type,scale,query,system,score,is_catch,is_passed,is_reference\n"
      for listener in 1...6 {
        for item in 1...4 {
          for (k, system) in ["new", "old"].enumerated() {
            told +=
              "\(listener),\(listener),\(10 * item + k),acr,\(scale(item)),i\(item),\(system),\(2 - k),false,,false\n"
          }
        }
        for item in [1, 2] {
          told +=
            "\(listener),\(listener),\(98 + item),acr,\(scale(item)),i1,lowpass,2,true,\(verdict(listener)),true\n"
        }
      }
      let table = try #require(try scoreFindings(told)["systems"])
      return table.rows(where: ["system": "new"]).map { table.number($0, "listeners") }
    }
    #expect(try judged({ _ in "own" }, { $0 == 6 ? "false" : "true" }) == [5])
    #expect(try judged({ _ in "own" }, { _ in "" }) == [6])
    // Two blocks with a scale each are judged as well.
    #expect(try judged({ $0 % 2 == 0 ? "a" : "b" }, { $0 == 6 ? "false" : "true" }) == [5, 5])
    // On one scale alone, the lower half of its words is right: of eleven, the worst five.
    func listeners(_ check: Int, _ best: Int) throws -> Double? {
      var single = "participant,session,trial,trial_type,scale,query,system,score,is_catch,is_reference\n"
      for listener in 1...6 {
        for item in 1...4 {
          for (k, system) in ["new", "old"].enumerated() {
            single +=
              "\(listener),\(listener),\(10 * item + k),acr,own,i\(item),\(system),\(best - k - (listener + item) % 2),false,false\n"
          }
        }
        single += "\(listener),\(listener),99,acr,own,i1,lowpass,\(listener == 1 ? check : 1),true,true\n"
      }
      return try scoreFindings(single).number("systems", "listeners", where: ["system": "new"])
    }
    #expect(try listeners(5, 11) == 6 && listeners(6, 11) == 5 && listeners(2, 5) == 6 && listeners(3, 5) == 5)
  }

  // MARK: Tables from other programs

  @Test func aColumnOfSystemsIsEnough() throws {
    var text = "participant;query;system;rating\n"
    for one in ScoredStudy(marks: []).scores {
      text += "\(one.listener);\(one.item);\(one.system);\(one.score.cellText)\n"
    }
    let found = try scoreFindings(text, asRatings: true)
    #expect(found.answers[0].text.hasPrefix("good is scored best"))
    // The plan can map the table's own column names.
    let renamed = text.replacing("participant;query;system;rating", with: "subject;clip;codec;mos")
    let mapped = try scoreFindings(
      renamed, "columns: {participant: subject, query: clip, system: codec, score: mos}\nintervals: {resamples: 400}")
    #expect(mapped.tables.first?.rows == found.tables.first?.rows)
    // A missing column is reported by the name that it should have.
    #expect(throws: Problems.self) { try scoreFindings(renamed) }
  }

  /// webMUSHRA's own table gives the same figures of listeners as before, and now also those of systems.
  @Test func webMushraTellsOfItsSystems() throws {
    var text = "session_test_id,session_uuid,trial_id,rating_stimulus,rating_score\n"
    var study = ScoredStudy()
    study.marks = [("reference", 97), ("anchor35", 20)]
    for one in study.scores { text += "t,u\(one.listener),i\(one.item),\(one.system),\(one.score.cellText)\n" }
    for asRatings in [true, false] {
      let found = try scoreFindings(text, asRatings: asRatings)
      #expect(found.answers[0].text.hasPrefix("good is scored best"))
      #expect(found.remarks.contains { $0.code == "foreign_table" })
      let systems = try #require(found["systems"])
      #expect(systems.text(3, "role") == "reference" && systems.text(4, "role") == "anchor")
      #expect((found["reliability"] != nil) == asRatings)
    }
  }

  @Test func hostileScoresAreRefusedWithTheirPlace() throws {
    let problems = try #require(
      throws: Problems.self,
      performing: {
        _ = try scoreFindings("participant,query,system,score\n1,i,a,NaN\n1,i,,3\n1,i,b,many\n1,i,c,1e400\n")
      })
    #expect(problems.list.count == 3 && problems.list[0].place?.line == 3)
    #expect(throws: (any Error).self) { try scoreFindings("participant,query,system,score\n") }
    // One listener, one item, one system: a finding without a claim, and no crash.
    let least = try scoreFindings("participant,query,system,score\n1,i,a,3\n")
    #expect(least.answers[0].text.contains("there is no other system"))
    let two = try scoreFindings("participant,query,system,score\n1,i,a,3\n1,i,b,3\n")
    #expect(two["system_differences"]?.number(0, "p") == nil)
    // Systems that no listener scored on the same item.
    let apart = (1...6).map { l in "\(l),i\(l),\(l % 2 == 0 ? "a" : "b"),\(l)" }.joined(separator: "\n")
    let alone = try scoreFindings("participant,query,system,score\n" + apart + "\n")
    #expect(alone["system_differences"] == nil && alone["systems"]?.rows.count == 2)
    #expect(alone.remarks.contains { $0.code == "incomplete_systems" })
  }

  @Test func theReportShowsThem() throws {
    let found = try ScoredStudy().findings("intervals: {resamples: 200}\nverdict: {score_margin: 5}")
    try inFolder { folder in
      let files = try found.write(to: folder)
      let html = try String(contentsOf: files[0], encoding: .utf8)
      for text in [
        "Systems compared by listeners", "data-chart=\"systems\"", "system_differences", "Methods", "letter",
      ] {
        #expect(html.contains(text), "\(text)")
      }
      #expect(!html.contains("data-chart=\"forest\""))
      #expect(files.map(\.lastPathComponent).contains("systems.csv"))
    }
  }
}

private let codec: URL = {
  let folder =
    ProcessInfo.processInfo.environment["EARSHOT_REFERENCE"].map { URL(filePath: $0, directoryHint: .isDirectory) }
    ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/reference").standardized
  return folder.appending(path: "mushra_codec/ratings.csv")
}()

extension SystemFindingsTests {
  /// lme4 and emmeans on the published MUSHRA scores of 21 listeners (`analysis/oracles/systems.R`), and the authors'
  /// screening rule.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: codec.path), "needs EARSHOT_REFERENCE"))
  func thePublishedScoresOfCodecsAreModelledAsByLme4() throws {
    let fit = try JSONDecoder().decode(Fixture.Fit.self, from: Self.fixture("systems_reference"))
    let plan = """
      columns: {query: signal, system: condition}
      scale: [0, 100]
      reference: [Reference]
      anchor: [Anchor]
      intervals: {resamples: 200}
      """
    let found = try inFile(plan) { plan in try Analysis.read(.init(scores: codec, plan: plan), version: "test") }
    try expect(found, fit)
    #expect(found.answers.contains { $0.text.contains("would exclude 2 of 21 listeners (6 and 17)") })
    #expect(found.number("systems", "scores", where: ["system": "AudioDec"]) == 168)
  }
}

@Suite("Other tables of webMUSHRA")
struct WebMushraTablesTests {
  @Test("bs1116.csv has the grades of the reference and the version in one row")
  func bs1116() throws {
    var study = ScoredStudy()
    study.type = "bs1116"
    study.systems = [("good", 4.6), ("poor", 2.5)]
    study.marks = []
    (study.ofListeners, study.ofItems, study.ofListenerSystems, study.ofItemSystems) = (0.1, 0.1, 0.1, 0.1)
    (study.noise, study.round) = (0.2, { (10 * min(5, max(1, $0))).rounded() / 10 })
    var theirs =
      "session_test_id,session_uuid,trial_id,rating_reference,rating_non_reference,rating_reference_score,rating_non_reference_score,rating_time,choice_comment\n"
    var ours = ScoredStudy.header
    for (trial, one) in study.scores.enumerated() {
      // The reference is graded beside each version anew.
      let grade = [4.9, 3.8, 5][trial % 3]
      theirs +=
        "t,u\(one.listener),i\(one.item),reference,\(one.system),\(grade.cellText),\(one.score.cellText),900,\n"
      for (system, score) in [("reference", grade), (one.system, one.score)] {
        ours += ScoredStudy.row(one.listener, trial, "bs1116", "i\(one.item)", system, score)
      }
    }
    let (read, own) = try (scoreFindings(theirs, asRatings: true), scoreFindings(ours))
    #expect(read.answers[0].text.hasPrefix("good"))
    for system in ["good", "poor"] {
      let key = ["system": system]
      let mean = try #require(read.number("systems", "mean", where: key))
      #expect(mean == own.number("systems", "mean", where: key), "\(system)")
    }
    let key = ["system": "good", "baseline": "poor"]
    let difference = try #require(read.number("system_differences", "difference", where: key))
    #expect(abs(difference - (own.number("system_differences", "difference", where: key) ?? .nan)) < 1e-9)
    let spoilt = theirs.replacing(",4.9,", with: ",much,")
    let problem = try #require(throws: (any Error).self, performing: { _ = try scoreFindings(spoilt) })
    #expect("\(problem)".contains("scores.csv:2"))
  }

  @Test("paired_comparison.csv says whether the reference was identified")
  func pairedComparison() throws {
    var text =
      "session_test_id,session_uuid,trial_id,choice_reference,choice_non_reference,choice_answer,choice_time,choice_comment\n"
    for listener in 1...10 {
      for item in 1...6 {
        let easy = item % 3 == 0 ? "undecided" : "correct", hard = listener % 2 == 0 ? "correct" : "incorrect"
        text += "t,u\(listener),i\(item),reference,low,\(easy),900,\n"
        text += "t,u\(listener),i\(item),reference,high,\(hard),900,\n"
      }
    }
    func choices(_ text: String) throws -> ChoiceTable {
      let folder = try TemporaryFolder()
      let url = folder.url.appending(path: "paired_comparison.csv")
      try Data(text.utf8).write(to: url)
      return try ChoiceTable.read(url)
    }
    let table = try choices(text)
    #expect(table.answers.count == 120 && table.missing == 0)
    #expect(try choices(text.replacing(",undecided,", with: ",unknown,")).missing == 20)
    let problem = try #require(
      throws: (any Error).self, performing: { _ = try choices(text.replacing(",undecided,", with: ",perhaps,")) })
    #expect("\(problem)".contains("the answer is 'perhaps'") && "\(problem)".contains("undecided"))
  }

  @Test("lms.csv and lss.csv are read as ratings")
  func likert() throws {
    var text = "session_test_id,session_uuid,trial_id,stimuli_rating,stimuli,rating_time\n"
    for one in ScoredStudy(marks: []).scores {
      text += "t,u\(one.listener),i\(one.item), \(Int(1 + one.score / 20).description) ,\(one.system),900\n"
    }
    let found = try scoreFindings(text, asRatings: true)
    #expect(found["reliability"] != nil)
    #expect(found.remarks.contains { $0.code == "foreign_table" })
  }
}
