import Basics
import Foundation
import Ratings
import Reporting
import Statistics

/// The place of each system between chance and what listeners reach.
struct CeilingTables {
  let agreement: AgreementTables
  private var sample: Sample { agreement.sample }

  /// The chance level and p-values, by permuting a system's ranks among the candidates of each item.
  func chance(progress: ProgressHandler? = nil) -> ResultTable {
    var table = ResultTable(
      "chance", "Agreement against chance",
      [
        .init("condition", "Condition"), .init("system", "System"), .init("agreement", "Agreement", digits: 3),
        .init("chance", "Chance level", digits: 3), .init("p_better", "p, better than chance", digits: 4),
        .init("p_different", "p, two-sided", digits: 4), .init("permutations", "Permutations", digits: 0),
      ])
    let effects = ListenerEffects(sample.study, pages: sample.pages).effects
    let groups = sample.groups, systems = sample.study.systems.indices
    var done = 0
    for group in groups {
      for system in systems {
        let part = done, parts = groups.count * systems.count
        done += 1
        let test = sample.ratingPages(system, group.number, effects: effects).chance(
          sample.scores(system), candidates: sample.candidates?.labels, permutations: sample.plan.permutations,
          seed: sample.plan.seed, progress: { done, total in progress?(part * total + done, parts * total) },
          order: sample.plan.metric.order, measure: sample.measure)
        table.add(
          .text(group.name), .text(sample.study.systems[system]), Cell(test?.observed), Cell(test?.chance),
          Cell(test?.upper), Cell(test?.twoSided), .count(test?.permutations ?? 0))
      }
    }
    // All systems and conditions form one family.
    for key in ["p_better", "p_different"] {
      let p = table.rows.indices.map { table.number($0, key) }
      let corrected = adjusted(p, Correction(rawValue: sample.plan.correction.rawValue) ?? .holm)
      table.columns.append(
        .init("\(key)_corrected", key == "p_better" ? "p, better, corrected" : "p, two-sided, corrected", digits: 4))
      for row in table.rows.indices { table.rows[row].append(Cell(corrected[row])) }
    }
    table.columns.append(.init("correction", "Correction"))
    for row in table.rows.indices { table.rows[row].append(.text(sample.plan.correction.rawValue)) }
    return table
  }

  /// Agreement as a share of the way from chance to each ceiling, and as a number of listeners.
  func normalised(_ chance: ResultTable, progress: ProgressHandler? = nil) -> ResultTable {
    var table = ResultTable(
      "normalised", "Agreement as a share of what listeners reach",
      [
        .init("condition", "Condition"), .init("system", "System"), .init("agreement", "Agreement", digits: 3),
        .init("chance", "Chance", digits: 3), .init("single_listener", "Another listener", digits: 3),
        .init("crowd_lower", "Crowd, lower", digits: 3), .init("crowd_upper", "Crowd, upper", digits: 3),
        .init("share_of_single", "Share of a listener"), .init("share_of_single_low", "Low"),
        .init("share_of_single_high", "High"), .init("share_of_crowd", "Share of the crowd"),
        .init("share_of_crowd_low", "Low"), .init("share_of_crowd_high", "High"),
        .init("effective_listeners", "Effective listeners", digits: 1),
        .init("effective_is_at_least", "At least"), .init("effective_low", "Low", digits: 1),
        .init("effective_high", "High", digits: 1),
      ])
    let layout = agreement.layout, metric = sample.plan.metric, groups = sample.groups
    // Systems that compare the same candidates share a curve.
    let coverages = 0..<layout.coverages
    let curves = pureMap(groups.flatMap { group in coverages.map { (group.number, $0) } }, progress: progress) {
      group, coverage in
      agreement.statistic.coverageOfSystem.firstIndex(of: coverage).map {
        sample.agreementByListeners($0, group)
      } ?? []
    }
    for (place, group) in groups.enumerated() {
      for system in sample.study.systems.indices {
        let name = sample.study.systems[system], coverage = agreement.statistic.coverageOfSystem[system]
        let level = chance.rows(where: ["condition": group.name, "system": name]).first.flatMap {
          chance.number($0, "chance")
        }
        let scale = CeilingScale(
          redrawn: agreement.resamples(system, group.number), own: layout.individual(system, metric, group.number),
          chance: level ?? 0, curve: curves[place * coverages.count + coverage])
        let single = layout.ceiling(coverage, .single, group.number)
        let lower = layout.ceiling(coverage, .crowdLower, group.number)
        let upper = layout.ceiling(coverage, .crowdUpper, group.number)
        let ofSingle = scale.share(of: single), ofCrowd = scale.share(of: lower)
        // Two listeners make one pair, which does not show how much pairs differ.
        let isTold = scale.redrawn.listenerCount > 2
        let singleInterval = isTold ? sample.interval(ofSingle) : nil
        let crowdInterval =
          isTold ? sample.standardInterval(ofCrowd, within: -Double.infinity...Double.infinity) : nil
        let worth = scale.listeners(scale.redrawn.estimate[scale.own])
        // The ends of the interval of the share of a single listener, read off the same curve.
        let fewest = singleInterval.flatMap { scale.listeners(share: $0.low, of: single) }
        let most = singleInterval.flatMap { scale.listeners(share: $0.high, of: single) }
        table.add(
          .text(group.name), .text(name), scale.cell(scale.own), Cell(scale.chance), scale.cell(single),
          scale.cell(lower), scale.cell(upper), Cell(ofSingle.estimate[0]), Cell(singleInterval?.low),
          Cell(singleInterval?.high), Cell(ofCrowd.estimate[0]), Cell(crowdInterval?.low), Cell(crowdInterval?.high),
          Cell(worth?.listeners), worth.map { .flag($0.isAtLeast) } ?? .missing, Cell(fewest?.listeners),
          Cell(most.flatMap { $0.isAtLeast ? nil : $0.listeners }))
      }
    }
    return table
  }
}

/// The scale from chance to what listeners reach, and the place of a system on it.
private struct CeilingScale {
  let redrawn: Redrawn
  /// The index of the system's agreement among the figures.
  let own: Int
  let chance: Double
  /// How well a listener agrees with the mean of a number of others.
  let curve: [(listeners: Double, agreement: Double)]

  func cell(_ output: Int) -> Cell { Cell(redrawn.estimate[output]) }

  /// The system's share of the way from chance to a ceiling; NaN if the ceiling is not above chance.
  func share(of ceiling: Int) -> Redrawn {
    redrawn.derived([own, ceiling]) { $0[1] > chance ? ($0[0] - chance) / ($0[1] - chance) : .nan }
  }

  /// The number of listeners whose mean lies at this share of the way to a ceiling.
  func listeners(share: Double, of ceiling: Int) -> (listeners: Double, isAtLeast: Bool)? {
    listeners(chance + share * (redrawn.estimate[ceiling] - chance))
  }

  /// The number of listeners at which the curve reaches an agreement: linear between its points, and from chance at
  /// zero listeners.
  func listeners(_ agreement: Double) -> (listeners: Double, isAtLeast: Bool)? {
    guard !agreement.isNaN, !curve.isEmpty else { return nil }
    var last = (listeners: 0.0, agreement: chance)
    if agreement <= chance { return (0, false) }
    for point in curve where point.agreement > last.agreement {
      if agreement <= point.agreement {
        let share = (agreement - last.agreement) / (point.agreement - last.agreement)
        return (last.listeners + share * (point.listeners - last.listeners), false)
      }
      last = point
    }
    return (last.listeners, true)
  }
}
