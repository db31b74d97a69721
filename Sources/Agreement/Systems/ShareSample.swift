import Basics
import Statistics

/// An answer that counts between 0 and 1 towards a share: of right answers, or of those that prefer one of two.
struct ShareAnswer: Sendable {
  var listener: String, query: String, condition: String
  /// What the share is of.
  var of: String
  var value: Double
}

extension SystemSample {
  /// Shares as mean scores from 0 to 1, each answer a page of its own, so that listeners and items are drawn anew as they are
  /// for all other figures.
  /// - Parameter answers: not empty.
  init(shares answers: [ShareAnswer], plan: AnalysisPlan, file: String) throws {
    var ratings = RatingTable(file: file)
    for (i, answer) in answers.enumerated() {
      ratings.add(
        .init(
          participant: answer.listener, query: answer.query, condition: answer.condition, candidate: answer.of,
          trial: "\(i)", rating: answer.value, flags: [], responseTime: .nan, line: 0))
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
