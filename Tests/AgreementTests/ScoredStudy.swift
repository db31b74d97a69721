import Agreement
import Basics
import Foundation

/// Scores of systems with planted means, in the format that `earshot export` writes.
struct ScoredStudy {
  var listeners = 12, items = 8
  /// The systems and their mean scores.
  var systems: [(name: String, mean: Double)] = [("good", 75), ("fair", 60), ("poor", 45)]
  var type = "mushra", scale = "quality"
  /// Standard deviations, in points: of listeners, items, listener-system and item-system interactions, and single
  /// scores.
  var ofListeners = 5.0, ofItems = 5.0, ofListenerSystems = 4.0, ofItemSystems = 4.0, noise = 6.0
  var seed: UInt64 = 1
  /// The hidden reference and the anchor of a page with their mean scores; empty for none.
  var marks: [(name: String, mean: Double)] = [("reference", 97), ("anchor_3500_hz", 20)]
  var round: (Double) -> Double = { max(0, min(100, $0.rounded())) }

  static let header =
    "study,study_version,participant,session,trial,trial_index,trial_type,block,query,condition,stimulus,system,position,"
    + "score,is_reference,is_anchor,is_catch,is_repeat,is_training,plays,listened_ms,response_ms,submitted_at,sitting,scale\n"

  static func row(
    _ listener: Int, _ trial: Int, _ type: String, _ item: String, _ system: String, _ score: Double,
    scale: String = "quality", isCatch: Bool = false, isRepeat: Bool = false, condition: String = ""
  ) -> String {
    "study,v1,\(listener),\(listener),\(trial),\(trial),\(type),1,\(item),\(condition),\(item)-\(system),\(system),1,"
      + "\(score.cellText),\(system == "reference"),\(system.hasPrefix("anchor")),\(isCatch),\(isRepeat),false,1,2000,9000,"
      + "2026-01-02T03:04:05Z,1,\(scale)\n"
  }

  /// All scores, drawn with `seed`; listeners and items are numbered from 1.
  var scores: [(listener: Int, item: Int, system: String, score: Double)] {
    var random = SeededRandom(seed: seed, "scored study")
    let all = systems + marks
    func normals(_ count: Int, _ spread: Double) -> [Double] { (0..<count).map { _ in spread * random.normal() } }
    let byListener = normals(listeners, ofListeners), byItem = normals(items, ofItems)
    let listenerSystems = normals(listeners * all.count, ofListenerSystems)
    let itemSystems = normals(items * all.count, ofItemSystems)
    return (0..<listeners).flatMap { l in
      (0..<items).flatMap { i in
        all.enumerated().map { s, system in
          let isMark = s >= systems.count
          let effects =
            byListener[l] + byItem[i] + listenerSystems[l * all.count + s] + itemSystems[i * all.count + s]
          let score = system.mean + (isMark ? 0 : effects) + (isMark ? 0.3 : 1) * noise * random.normal()
          return (l + 1, i + 1, system.name, round(score))
        }
      }
    }
  }

  var text: String {
    scores.reduce(Self.header) { text, one in
      text + Self.row(one.listener, one.item, type, "item\(one.item)", one.system, one.score, scale: scale)
    }
  }

  func findings(_ plan: String = "intervals: {resamples: 400}") throws -> Findings {
    try scoreFindings(text, plan)
  }
}

func scoreFindings(
  _ scores: String?, comparisons: String? = nil, _ plan: String = "intervals: {resamples: 400}",
  asRatings: Bool = false
) throws -> Findings {
  try inFolder { folder in
    func file(_ text: String?, _ name: String) throws -> URL? {
      guard let text else { return nil }
      try Data(text.utf8).write(to: folder.appending(path: name))
      return folder.appending(path: name)
    }
    let url = try file(scores, "scores.csv")
    return try Analysis.read(
      .init(
        ratings: asRatings ? url : nil, scores: asRatings ? nil : url,
        comparisons: file(comparisons, "comparisons.csv"), plan: file(plan, "analysis.yaml")), version: "test")
  }
}
