import Statistics

/// All measures of all families by class, from a single set of resamples.
struct Scores {
  let evaluation: Evaluation
  let resamples: Resamples
  private let conditions: [String]

  init(_ evaluation: Evaluation) {
    self.evaluation = evaluation
    conditions = evaluation.conditions
    var cells: [WeightedMeans.Cell] = []
    for family in evaluation.families {
      for condition in evaluation.conditions {
        let targets = evaluation.targets(of: condition)
        for measure in Measure.allCases {
          cells.append(
            WeightedMeans.Cell(
              targets: targets,
              values: targets.map { target in
                evaluation.value(family, target, asked: evaluation.ownPlace(target), measure.value)
              }, isMedian: measure == .medianRank))
        }
      }
    }
    resamples = evaluation.resample(cells)
  }

  /// - Parameter condition: the class; nil for all classes.
  private func terms(_ family: String, _ condition: String?, _ measure: Measure, _ factor: Double) -> [(
    output: Int, factor: Double
  )] {
    guard let f = evaluation.families.firstIndex(of: family), let m = Measure.allCases.firstIndex(of: measure) else {
      return []
    }
    let chosen = conditions.indices.filter { condition == nil || conditions[$0] == condition }
    return chosen.map { c in
      ((f * conditions.count + c) * Measure.allCases.count + m, factor / Double(chosen.count))
    }
  }

  func estimate(_ family: String, _ condition: String?, _ measure: Measure) -> Estimate {
    resamples.combined(terms(family, condition, measure, 1)).estimate(units: evaluation.units(of: condition))
  }

  /// The score of `family` minus that of `other`.
  func difference(_ family: String, less other: String, _ condition: String?, _ measure: Measure) -> Estimate {
    resamples.difference(
      terms(family, condition, measure, 1), less: terms(other, condition, measure, 1),
      units: evaluation.units(of: condition))
  }

  func chance(_ condition: String?, _ measure: Measure) -> Double {
    let chosen = conditions.filter { condition == nil || $0 == condition }
    let test = evaluation.test, sizes = test.sizes
    return chosen.reduce(0) { sum, condition in
      // Where several drums of the class play, a target is ranked without the others.
      let targets = evaluation.targets(of: condition)
      return sum + targets.reduce(0) {
        let others = test.targets[$1].alsoRight.count
        return $0 + measure.chance(pool: test.pool.count - others, own: sizes[condition, default: 1] - others)
      } / Double(targets.count)
    } / Double(chosen.count)
  }
}
