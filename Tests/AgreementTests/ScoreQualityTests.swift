import Agreement
import Basics
import Foundation
import Testing

@Suite("Scores and the listeners who gave them")
struct ScoreQualityTests {
  /// By hand: pairs of listeners scatter by 2, 4 and 6 points, in opposite directions within a pair, around qualities
  /// of 20, 40, 60 and 80 and their own biases. Each scatter is ±1 times its size and sums to 0, so the biases and
  /// sizes are recovered exactly and the residuals cancel within each item. The standard error is 1/√(2/4 + 2/16 +
  /// 2/36) = 1.2122.
  @Test func adjustedScoresAreThoseByHand() throws {
    let patterns = [[1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]].map { $0.map(Double.init) }
    let bias = [-3.0, 1, 2, -4, 4, 0], sizes = [2.0, 2, 4, 4, 6, 6]
    var text = "participant,query,system,score\n"
    for listener in 0..<6 {
      for (item, quality) in [20.0, 40, 60, 80].enumerated() {
        let scatter = patterns[listener / 2][item] * (listener % 2 == 0 ? 1 : -1) * sizes[listener]
        text += "l\(listener),i\(item),s,\((quality + bias[listener] + scatter).cellText)\n"
      }
    }
    let found = try scoreFindings(text, "scale: [0, 100]\nintervals: {resamples: 100}")
    for (item, quality) in [20.0, 40, 60, 80].enumerated() {
      let wanted = ["item": "i\(item)"]
      let adjusted = found.number("adjusted_scores", "adjusted", where: wanted) ?? .nan
      let high = found.number("adjusted_scores", "high", where: wanted) ?? .nan
      #expect(abs(adjusted - quality) < 1e-6 && abs((high - adjusted) / 1.959963984540054 - 1.2122) < 1e-4)
    }
    #expect(abs((found.number("adjusted_scores", "adjusted", where: ["item": "all"]) ?? .nan) - 50) < 1e-6)
  }

  /// Half of the listeners answer almost at random: the adjusted scores are nearer to the truth, and their intervals
  /// contain it.
  @Test func whoAnswersAtRandomWeighsLittle() throws {
    var random = SeededRandom(seed: 4, "inconsistent")
    let truth = (0..<40).map { _ in 30 + 40 * random.unit() }
    var text = "participant,query,system,score\n"
    for listener in 0..<16 {
      let bias = 4 * random.normal()
      for (item, quality) in truth.enumerated() {
        let score = quality + bias + (listener < 8 ? 4 : 25) * random.normal()
        text += "l\(listener),i\(item),s,\(score.cellText)\n"
      }
    }
    let found = try scoreFindings(text, "scale: [-100, 200]\nintervals: {resamples: 100}")
    let table = try #require(found["adjusted_scores"])
    // The overall level is the listeners' mean bias, which cannot be told apart from quality.
    var plain = 0.0, adjusted = 0.0
    let level = (table.number(0, "mean") ?? 0) - truth.reduce(0, +) / 40
    for (item, quality) in truth.enumerated() {
      let row = try #require(table.rows(where: ["item": "i\(item)"]).first)
      plain += pow((table.number(row, "mean") ?? .nan) - quality - level, 2)
      adjusted += pow((table.number(row, "adjusted") ?? .nan) - quality - level, 2)
    }
    #expect(adjusted < plain / 4)
  }

  @Test func scoresAtTheEndsAreTold() throws {
    var study = ScoredStudy()
    study.systems = [("good", 104), ("fair", 60)]
    let found = try study.findings()
    let remark = try #require(found.remarks.first { $0.code == "scores_at_bounds" })
    #expect(remark.what.text.contains("good") && !remark.what.text.contains("fair"))
    let share = found.number("score_diagnostics", "at_highest", where: ["system": "good"]) ?? .nan
    let scores = study.scores.filter { $0.system == "good" }
    #expect(abs(share - Double(scores.count { $0.score >= 100 }) / Double(scores.count)) < 1e-12)
    #expect(try ScoredStudy().findings().remarks.allSatisfy { $0.code != "scores_at_bounds" })
    // On a scale of five categories, the ends are used normally.
    var words = ScoredStudy(type: "acr", scale: "category")
    words.marks = []
    words.round = { $0 > 60 ? 5 : 4 }
    #expect(try words.findings().remarks.allSatisfy { $0.code != "scores_at_bounds" })
  }

  // MARK: Groups and traits

  /// Scores of two systems by listeners of two groups. Group b scores everything 3 points higher, and `fair` a further
  /// `shift` points higher.
  private func findings(_ participants: String?, shift: Double = 12) throws -> Findings {
    var study = ScoredStudy()
    (study.listeners, study.systems, study.marks) = (24, [("good", 70), ("fair", 50)], [])
    let rows = study.scores.reduce("") { text, one in
      let isB = one.listener > 12
      let score = one.score + (isB ? 3 + (one.system == "fair" ? shift : 0) : 0)
      return text + ScoredStudy.row(one.listener, one.item, "mushra", "item\(one.item)", one.system, score)
    }
    return try inFolder { folder in
      let url = folder.appending(path: "scores.csv")
      try Data((ScoredStudy.header + rows).utf8).write(to: url)
      if let participants {
        try Data(participants.utf8).write(to: folder.appending(path: "participants.csv"))
      }
      return try Analysis.read(.init(scores: url), version: "test")
    }
  }

  private func participants(_ column: String, _ value: (Int) -> String) -> String {
    (1...24).reduce("participant,session,external_id,\(column)\n") { $0 + "\($1),\($1),x\($1 % 2),\(value($1))\n" }
  }

  @Test func groupsAreComparedAndNeverPooledInSilence() throws {
    let found = try findings(participants("group") { $0 > 12 ? "b" : "a" })
    let remark = try #require(found.remarks.first { $0.code == "groups_together" })
    #expect(remark.weight == .caution && remark.what.text.contains("a and b"))
    let table = try #require(found["moderators"])
    func interval(_ system: String, _ baseline: String) throws -> ClosedRange<Double> {
      let row = try #require(
        table.rows(where: ["level": "a", "other": "b", "system": system, "baseline": baseline]).first)
      return try #require(table.number(row, "low"))...#require(table.number(row, "high"))
    }
    #expect(try interval("good", "").contains(-3) && interval("fair", "").contains(-15))
    #expect(try interval("all", "").contains(-9))
    let two = try interval("fair", "good")
    #expect(two.contains(-12) && !two.contains(0))
    // An id is not a moderator.
    #expect(table.rows.indices.allSatisfy { table.text($0, "moderator") == "group" })
    #expect(try findings(nil)["moderators"] == nil)
  }

  @Test func whatListenersSayOfThemselvesIsCompared() throws {
    let found = try findings(participants("years") { "\($0)" })
    let row = try #require(found["moderators"]?.rows(where: ["system": "fair", "baseline": "good"]).first)
    #expect(
      found["moderators"]?.text(row, "level") == "13 or more" && found["moderators"]?.text(row, "other") == "below 13")
    #expect(found.remarks.contains { $0.code == "moderated" && $0.what.text.contains("years") })
    // A trait that is unrelated to the scores is compared, but no remark is made about it.
    let other = try findings(participants("headphones") { $0 % 2 == 0 ? "open" : "closed" })
    #expect(other["moderators"]?.rows.isEmpty == false && other.remarks.allSatisfy { $0.code != "moderated" })
  }

  /// With one system and complete data, the comparison equals a t-test of two groups of listeners by their own means.
  @Test func ofOneSystemItIsWelchsTestWithEqualVariances() throws {
    var text = "participant,query,system,score\n", means: [[Double]] = [[], []]
    var random = SeededRandom(seed: 8, "two groups")
    let items = (0..<6).map { _ in 5 * random.normal() }
    for listener in 0..<10 {
      let own = 60 + 6 * random.normal()
      let scores = items.map { own + $0 + 4 * random.normal() }
      means[listener % 2].append(scores.reduce(0, +) / 6)
      for (i, score) in scores.enumerated() { text += "\(listener + 1),i\(i),s,\(score.cellText)\n" }
    }
    let found = try inFolder { folder in
      let url = folder.appending(path: "scores.csv")
      try Data(text.utf8).write(to: url)
      let people = (1...10).reduce("participant,group\n") { $0 + "\($1),\($1 % 2 == 1 ? "a" : "b")\n" }
      try Data(people.utf8).write(to: folder.appending(path: "participants.csv"))
      return try Analysis.read(.init(scores: url), version: "test")
    }
    func middle(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    func squares(_ values: [Double]) -> Double { values.reduce(0) { $0 + pow($1 - middle(values), 2) } }
    let difference = middle(means[0]) - middle(means[1])
    let error = ((squares(means[0]) + squares(means[1])) / 8 * (2.0 / 5)).squareRoot()
    let wanted = ["moderator": "group", "system": "s"]
    #expect(abs((found.number("moderators", "difference", where: wanted) ?? .nan) - difference) < 1e-6)
    #expect(abs((found.number("moderators", "error", where: wanted) ?? .nan) - error) < 1e-4)
    #expect(abs((found.number("moderators", "degrees_of_freedom", where: wanted) ?? .nan) - 8) < 1e-2)
  }
}
