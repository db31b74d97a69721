import Reporting
import Statistics

/// The tables of an evaluation; `docs/evaluation.md` says what each key means.
struct EvaluationTables {
  let evaluation: Evaluation
  let scores: Scores
  let leakage: [ResultTable]

  init(_ evaluation: Evaluation) {
    self.evaluation = evaluation
    scores = Scores(evaluation)
    leakage = Self.leakage(evaluation, scores)
  }

  var all: [ResultTable] {
    [bars, scoreTable, differences, seeds, recall, pool] + robustness + leakage
  }

  /// All classes together (nil) and then each of them, if there are several.
  private var conditions: [String?] {
    evaluation.conditions.count > 1 ? [nil] + evaluation.conditions.map(Optional.some) : [nil]
  }

  private func count(_ condition: String?) -> Int {
    condition.map { evaluation.targets(of: $0).count } ?? evaluation.test.targets.count
  }

  private static func cells(_ estimate: Estimate) -> [Cell] {
    [Cell(estimate.value), Cell(estimate.interval?.low), Cell(estimate.interval?.high)]
  }

  private static let interval: [ResultTable.Column] = [
    .init("low", "low", digits: 3), .init("high", "high", digits: 3),
  ]

  private var scoreTable: ResultTable {
    var table = ResultTable(
      "scores", "How well each system finds the one-shot that plays",
      [
        .init("system", "system"), .init("condition", "class"), .init("measure", "measure"),
        .init("value", "value", digits: 3),
      ] + Self.interval + [
        .init("chance", "chance", digits: 3), .init("targets", "targets"), .init("runs", "runs"),
        .init("handmade", "handmade"),
      ])
    for family in evaluation.families {
      for condition in conditions {
        for measure in Measure.allCases {
          table.rows.append(
            [.text(family), .text(condition ?? "all"), .text(measure.rawValue)]
              + Self.cells(scores.estimate(family, condition, measure)) + [
                Cell(scores.chance(condition, measure)), .count(count(condition)),
                .count(evaluation.runs(of: family).count), .flag(evaluation.handmade.contains(family)),
              ])
        }
      }
    }
    return table
  }

  private var differences: ResultTable {
    var table = ResultTable(
      "differences", "\(evaluation.against) minus each rival, on the same targets",
      [
        .init("system", "system"), .init("rival", "rival"), .init("condition", "class"), .init("measure", "measure"),
        .init("difference", "difference", digits: 3),
      ] + Self.interval)
    for rival in evaluation.families where rival != evaluation.against {
      for condition in conditions {
        for measure in Measure.allCases {
          table.rows.append(
            [.text(evaluation.against), .text(rival), .text(condition ?? "all"), .text(measure.rawValue)]
              + Self.cells(scores.difference(evaluation.against, less: rival, condition, measure)))
        }
      }
    }
    return table
  }

  /// The runs of families that have more than one.
  private var seeds: ResultTable {
    var table = ResultTable(
      "seeds", "Runs of one system with different seeds",
      [
        .init("system", "system"), .init("condition", "class"), .init("measure", "measure"), .init("runs", "runs"),
        .init("mean", "mean", digits: 3), .init("sd", "standard deviation", digits: 3),
        .init("lowest", "lowest", digits: 3), .init("highest", "highest", digits: 3), .init("values", "by run"),
      ])
    for family in evaluation.families {
      let runs = evaluation.runs(of: family)
      guard runs.count > 1 else { continue }
      for condition in conditions {
        for measure in [Measure.mrr, .recall1, .recall5, .recall10] {
          let values = runs.map { value(of: $0, condition, measure) }
          table.add(
            .text(family), .text(condition ?? "all"), .text(measure.rawValue), .count(runs.count), Cell(mean(values)),
            Cell(variance(values)?.squareRoot()), Cell(values.min()), Cell(values.max()),
            .text(zip(runs, values).map { "\($0.name) \(display($1, digits: 3))" }.joined(separator: ", ")))
        }
      }
    }
    return table
  }

  private func value(of run: Run, _ condition: String?, _ measure: Measure) -> Double {
    let chosen = condition.map { [$0] } ?? evaluation.conditions
    let means = chosen.map { condition in
      mean(
        evaluation.targets(of: condition).map { measure.value(run.findings[$0][evaluation.ownPlace($0)]) }) ?? .nan
    }
    return mean(means) ?? .nan
  }

  private var recall: ResultTable {
    var table = ResultTable(
      "recall", "Share of targets among the first k of the pool",
      [.init("system", "system"), .init("k", "k"), .init("recall", "recall", digits: 3)])
    let test = evaluation.test
    for family in evaluation.families {
      for (d, depth) in Placing.depths(pool: test.pool.count).enumerated() {
        let shares = evaluation.conditions.map { condition in
          mean(
            evaluation.targets(of: condition).map { target in
              evaluation.value(family, target, asked: evaluation.ownPlace(target)) { $0.curve[d] }
            }) ?? .nan
        }
        table.add(.text(family), .count(depth), Cell(mean(shares)))
      }
    }
    return table
  }

  private var pool: ResultTable {
    var table = ResultTable(
      "pool", "Targets and the pool they are searched for in",
      [
        .init("condition", "class"), .init("one_shots", "one-shots"), .init("groups", "instruments"),
        .init("targets", "targets"), .init("different_targets", "different targets"), .init("mixes", "mixes"),
      ])
    let test = evaluation.test
    for condition in conditions {
      let shots = test.pool.indices.filter { condition == nil || test.pool[$0].condition == condition }
      let targets = test.targets.filter { condition == nil || $0.condition == condition }
      table.add(
        .text(condition ?? "all"), .count(shots.count), .count(Set(shots.map { test.facts[$0].group }).count),
        .count(targets.count), .count(Set(targets.map(\.candidate)).count), .count(Set(targets.map(\.mix)).count))
    }
    return table
  }
}

// MARK: - What makes it hard

extension EvaluationTables {
  static let levels = ["low", "middle", "high"]

  /// Targets by thirds of a circumstance, within each class, so that a class that is naturally softer does not fill one
  /// third. Also the range of each third.
  func thirds(_ circumstance: Circumstance) -> (targets: [[Int]], from: [Double], to: [Double])? {
    var targets: [[Int]] = [[], [], []]
    for condition in evaluation.conditions {
      let known = evaluation.targets(of: condition).filter {
        evaluation.test.targets[$0].circumstances[circumstance] != nil
      }
      let values = known.compactMap { evaluation.test.targets[$0].circumstances[circumstance] }
      let sorted = values.sorted()
      guard let first = sorted.first, let last = sorted.last, first < last else { continue }
      let low = quantile(sorted: sorted, 1.0 / 3), high = quantile(sorted: sorted, 2.0 / 3)
      for (target, value) in zip(known, values) {
        targets[value <= low && value < last ? 0 : value <= high && value < last ? 1 : 2].append(target)
      }
    }
    guard !targets[0].isEmpty, !targets[2].isEmpty else { return nil }
    func range(_ targets: [Int]) -> [Double] {
      targets.compactMap { evaluation.test.targets[$0].circumstances[circumstance] }
    }
    return (
      targets, targets.map { range($0).min() ?? .nan }, targets.map { range($0).max() ?? .nan }
    )
  }

  fileprivate var robustness: [ResultTable] {
    var table = ResultTable(
      "robustness", "MRR and R@5 by thirds of each circumstance that may make a drum hard to find",
      [
        .init("circumstance", "circumstance"), .init("third", "third"), .init("from", "from"), .init("to", "to"),
        .init("system", "system"), .init("measure", "measure"), .init("value", "value", digits: 3),
      ] + Self.interval + [.init("targets", "targets")])
    var change = ResultTable(
      "robustness_differences", "MRR and R@5 in the highest third minus those in the lowest",
      [
        .init("circumstance", "circumstance"), .init("system", "system"), .init("measure", "measure"),
        .init("difference", "difference", digits: 3),
      ] + Self.interval)
    let measures = [Measure.mrr, .recall5]
    for circumstance in Circumstance.allCases {
      guard let (thirds, from, to) = thirds(circumstance) else { continue }
      var cells: [WeightedMeans.Cell] = []
      for family in evaluation.families {
        for measure in measures {
          for targets in thirds {
            cells.append(
              WeightedMeans.Cell(
                targets: targets,
                values: targets.map {
                  evaluation.value(family, $0, asked: evaluation.ownPlace($0), measure.value)
                }))
          }
        }
      }
      let resamples = evaluation.resample(cells)
      for (f, family) in evaluation.families.enumerated() {
        for (m, measure) in measures.enumerated() {
          let first = (f * measures.count + m) * 3
          for third in 0..<3 where !thirds[third].isEmpty {
            table.rows.append(
              [
                .text(circumstance.rawValue), .text(Self.levels[third]), Cell(from[third]), Cell(to[third]),
                .text(family), .text(measure.rawValue),
              ] + Self.cells(resamples.estimate(first + third, units: evaluation.units(of: thirds[third]))) + [
                .count(thirds[third].count)
              ])
          }
          change.rows.append(
            [.text(circumstance.rawValue), .text(family), .text(measure.rawValue)]
              + Self.cells(
                resamples.difference(
                  [(first + 2, 1)], less: [(first, 1)],
                  units: min(evaluation.units(of: thirds[0]), evaluation.units(of: thirds[2])))))
        }
      }
    }
    return [table, change]
  }
}

// MARK: - What a wrong condition finds

extension EvaluationTables {
  /// The pairs of the class asked for and the class of the target, and the means over the matching and the other pairs.
  private static func leakage(_ evaluation: Evaluation, _ scores: Scores) -> [ResultTable] {
    var table = ResultTable(
      "leakage", "MRR of the drum of each class, by the class asked for",
      [
        .init("system", "system"), .init("asked", "asked for"), .init("condition", "class of the target"),
        .init("measure", "measure"), .init("value", "value", digits: 3),
      ] + interval + [.init("chance", "chance", digits: 3)])
    var summary = ResultTable(
      "leakage_summary", "Results with the right and with the wrong class asked for, means over classes",
      [
        .init("system", "system"), .init("takes_condition", "takes the class"), .init("measure", "measure"),
        .init("asked", "asked for"), .init("value", "value", digits: 3),
      ] + interval + [.init("chance", "chance", digits: 3)])
    let conditions = evaluation.conditions
    guard conditions.count > 1 else { return [] }
    let measures = [Measure.mrr, .ownClassMRR]
    var means: [WeightedMeans.Cell] = []
    for family in evaluation.families {
      for measure in measures {
        for asked in conditions {
          let place = evaluation.test.conditions.firstIndex(of: asked) ?? 0
          for condition in conditions {
            let targets = evaluation.targets(of: condition)
            means.append(
              WeightedMeans.Cell(
                targets: targets,
                values: targets.map { evaluation.value(family, $0, asked: place, measure.value) }))
          }
        }
      }
    }
    let resamples = evaluation.resample(means)
    let n = conditions.count
    for (f, family) in evaluation.families.enumerated() {
      let takes = evaluation.runs(of: family).contains(where: \.takesCondition)
      for (m, measure) in measures.enumerated() {
        let first = (f * measures.count + m) * n * n
        for (a, asked) in conditions.enumerated() {
          for (c, condition) in conditions.enumerated() {
            table.rows.append(
              [.text(family), .text(asked), .text(condition), .text(measure.rawValue)]
                + cells(resamples.estimate(first + a * n + c, units: evaluation.units(of: condition))) + [
                  Cell(scores.chance(condition, measure))
                ])
          }
        }
        for isRight in [true, false] {
          let pairs = (0..<n * n).filter { ($0 / n == $0 % n) == isRight }
          summary.rows.append(
            [.text(family), .flag(takes), .text(measure.rawValue), .text(isRight ? "right" : "wrong")]
              + cells(
                resamples.combined(pairs.map { (first + $0, 1 / Double(pairs.count)) })
                  .estimate(units: evaluation.units(of: nil))) + [Cell(scores.chance(nil, measure))])
        }
      }
    }
    return [table, summary]
  }
}
