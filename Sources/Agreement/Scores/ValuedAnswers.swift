import Ratings
import Statistics

/// Single answers of one kind as numbers whose mean is a reported figure: scores of a system, its agreement with a page
/// of ratings, or answers that are right or prefer one of two.
struct ValuedAnswers: Sendable {
  struct Row: Sendable {
    /// Listeners, items and systems have the same names in all blocks of a study.
    var listener: String, item: String, system: String
    var value: Double
  }

  /// The kind of the values: trial type and scale.
  var type: String, scale = ""
  /// The range of possible values; nil if unknown.
  var range: ClosedRange<Double>?
  /// Whether the mean is a share of answers, with each value 0, 1 or between.
  var isShare = false
  var digits: Int
  var rows: [Row]
}

extension ValuedAnswers {
  /// The scores of contenders.
  init(_ systems: SystemSample, kind: ScoreTable.Kind) {
    let sample = systems.sample, study = sample.study
    let rows = sample.pages.flatMap { page in
      systems.contenders.compactMap { k -> Row? in
        let score = systems.score(page, k)
        return score.isNaN
          ? nil
          : Row(
            listener: study.listeners[page.listener], item: study.nameAmongBlocks(page.item), system: systems.names[k],
            value: score)
      }
    }
    self.init(
      type: kind.type, scale: kind.scale, range: study.scaleIsStated ? study.scale : nil, digits: study.ratingDigits,
      rows: rows)
  }

  /// The systems' agreement with each page of ratings, by the plan's metric.
  init(agreement sample: Sample) {
    let figures = PageFigures(study: sample.study, plan: sample.plan), study = sample.study
    let rows = sample.pages.flatMap { page in
      study.systems.indices.compactMap { k -> Row? in
        let value = figures.value(sample.plan.metric, page, k)
        return value.isNaN
          ? nil
          : Row(
            listener: study.listeners[page.listener], item: study.nameAmongBlocks(page.item), system: study.systems[k],
            value: value)
      }
    }
    self.init(type: "agreement", scale: sample.plan.metric.rawValue, range: -1...1, digits: 3, rows: rows)
  }

  /// Shares of answers: those that are right, or that choose the first of two candidates by name.
  init(shares: [ShareAnswer], type: String) {
    let rows = shares.map {
      Row(listener: $0.listener, item: "\($0.query)\u{1f}\($0.condition)", system: $0.of, value: $0.value)
    }
    self.init(type: type, range: 0...1, isShare: true, digits: 3, rows: rows)
  }
}

extension RatedStudy {
  /// A name that is the same in every block that asks for the same query under the same condition.
  fileprivate func nameAmongBlocks(_ item: Int) -> String {
    "\(queries[items[item].query])\u{1f}\(conditions[items[item].condition])"
  }
}
