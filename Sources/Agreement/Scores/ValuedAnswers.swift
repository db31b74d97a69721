import Statistics

/// Single answers of one kind as numbers whose mean is the figure that findings tell: scores of a system, its agreement with a
/// page of ratings, shares that are right or prefer one of two.
struct ValuedAnswers: Sendable {
  struct Row: Sendable {
    /// Listeners, items and systems have the same names in all blocks of a study.
    var listener: String, item: String, system: String
    var value: Double
  }

  /// What the values are: of a type, on a scale.
  var type: String, scale = ""
  /// What the values cannot leave; nil where nothing states it.
  var range: ClosedRange<Double>?
  /// Whether they are shares of answers, each 0, 1 or between.
  var isShare = false
  var digits: Int
  var rows: [Row]
}

extension ValuedAnswers {
  /// Scores of contenders.
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

  /// Systems' agreement with a page of ratings, by the plan's metric.
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

  /// Shares of answers: right ones, or those that chose the first of two by name.
  init(shares: [ShareAnswer], type: String) {
    let rows = shares.map {
      Row(listener: $0.listener, item: "\($0.query)\u{1f}\($0.condition)", system: $0.of, value: $0.value)
    }
    self.init(type: type, range: 0...1, isShare: true, digits: 3, rows: rows)
  }
}

extension RatedStudy {
  /// The same in every study that asks for the same query under the same condition.
  fileprivate func nameAmongBlocks(_ item: Int) -> String {
    "\(queries[items[item].query])\u{1f}\(conditions[items[item].condition])"
  }
}
