import Basics
import Ratings
import Statistics

/// An answer that counts between 0 and 1 towards a share: of right answers, or of preferences for one of two.
struct ShareAnswer: Sendable {
  var listener: String, query: String, condition: String
  /// What the share is about: a system or a pair.
  var of: String
  var value: Double
  /// The weight of the answer, if pages were not presented equally often.
  var weight = 1.0
  /// The number of the answer; an answer that counts towards several shares has the same number in each.
  var number: Int?
}

extension SystemSample {
  /// Shares as mean scores from 0 to 1, with each answer as a page of its own, so that listeners and items are
  /// resampled as for all other figures. Means are weighted (Hájek 1971).
  /// - Parameter answers: the answers; at least one.
  init(shares answers: [ShareAnswer], plan: AnalysisPlan, file: String) throws {
    var ratings = RatingTable(file: file)
    var weighed: Set<Int> = []
    let areWeighted = answers.contains { $0.weight != 1 }
    for (i, answer) in answers.enumerated() {
      let number = answer.number ?? i
      func add(_ candidate: String, _ value: Double) {
        ratings.add(
          .init(
            participant: answer.listener, query: answer.query, condition: answer.condition, candidate: candidate,
            trial: "\(number)", rating: value, flags: [], responseTime: .nan, line: 0))
      }
      add(answer.of, answer.value)
      if areWeighted, weighed.insert(number).inserted { add(Self.weight, answer.weight) }
    }
    var own = plan
    own.candidates = .fixed
    own.pooling = .none
    own.scale = 0...1
    own.systems = []
    own.conditions = plan.conditions.filter { ratings.conditions.find($0) != nil }
    self.init(Sample(try RatedStudy(ratings, rankings: [], plan: own, keepsTrials: true), plan: own))
  }
}
