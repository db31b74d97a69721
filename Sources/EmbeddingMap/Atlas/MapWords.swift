import Basics
import Foundation

/// Texts about the maps.
enum MapWords {
  /// A class name for readers: `hi-hat` for `hihat`.
  static func plain(_ name: String) -> String { name == "hihat" ? "hi-hat" : name }

  static func title(_ view: Atlas.View) -> String {
    switch view.part {
    case .whole: "Whole embedding"
    case .mask: "Under the \(plain(view.name)) mask"
    case .network: "By the \(plain(view.name)) network"
    }
  }

  static func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }

  static func figure(_ value: Double, digits: Int = 2) -> String { minus(String(format: "%.\(digits)f", value)) }

  static func minus(_ text: String) -> String { text.replacing("-", with: "−") }

  /// What the two axes show.
  static func axes(_ map: Atlas.Map, short: Bool = false) -> (String, String) {
    guard let explained = map.explained else { return ("t-SNE 1", "t-SNE 2") }
    if short { return ("PC 1 (\(percent(explained.x)))", "PC 2 (\(percent(explained.y)))") }
    return ("PC 1 (\(percent(explained.x)) of variance)", "PC 2 (\(percent(explained.y)) of variance)")
  }

  /// How a map was made, and how far it can be trusted.
  static func map(_ map: Atlas.Map) -> String {
    var words: [String] = []
    if let explained = map.explained {
      words.append(
        "PCA shows \(percent(explained.x + explained.y)) of the variance (\(percent(explained.x)) across, \(percent(explained.y)) up)."
      )
    } else {
      words.append(
        "t-SNE (perplexity \(figure(map.perplexity ?? 0, digits: 0))) keeps neighbours together. Distances between groups, and their sizes, mean little."
      )
    }
    if let quality = map.quality {
      words.append(
        "On average, \(percent(quality.kept)) of a sound's \(quality.k) nearest neighbours in the space are also among its nearest on the map (\(percent(quality.keptByChance)) by chance); trustworthiness \(figure(quality.trustworthiness, digits: 3)), continuity \(figure(quality.continuity, digits: 3))."
      )
    }
    return words.joined(separator: " ")
  }

  /// Properties of the space itself, independent of any map.
  static func view(_ view: Atlas.View, nearest: Int) -> String {
    let under = view.part == .whole ? "" : "\(title(view)), "
    var words: [String] = []
    if let share = view.ownClass {
      words.append(
        "\(under)\(percent(share.value)) of a sound's \(nearest) nearest neighbours are of its own class (\(percent(share.chance)) by chance)."
      )
    }
    let others = view.spread.filter { $0.condition != view.name && $0.distance > 0 }
    if let own = view.spread.first(where: { $0.condition == view.name }), !others.isEmpty {
      let mean = (others.reduce(0) { $0 + $1.distance * $1.distance } / Double(others.count)).squareRoot()
      let list = others.map { "\(plain($0.condition))s" }
      let names = list.count > 1 ? list.dropLast().joined(separator: ", ") + " and " + (list.last ?? "") : list[0]
      words.append(
        "\(plain(view.name).prefix(1).uppercased() + plain(view.name).dropFirst())s have \(figure(own.distance / mean, digits: 1)) times the spread of \(names)."
      )
    }
    return words.joined(separator: " ")
  }
}

extension Atlas {
  /// The maps as a table for the terminal.
  public var summary: String {
    var lines = ["\(embedding.name): \(sounds.count, "one-shot"), \(embedding.summary)"]
    func cell(_ text: String, _ width: Int) -> String { text.padding(toLength: width, withPad: " ", startingAt: 0) }
    lines.append(
      cell("view", 10) + cell("own class (chance)", 20) + cell("map", 7) + cell("kept (chance)", 16)
        + cell("trustworthiness", 17) + "continuity")
    for view in views {
      let own = view.ownClass.map { "\(MapWords.percent($0.value)) (\(MapWords.percent($0.chance)))" } ?? "–"
      for (i, map) in view.maps.enumerated() {
        let kept = map.quality.map { "\(MapWords.percent($0.kept)) (\(MapWords.percent($0.keptByChance)))" } ?? "–"
        lines.append(
          cell(i == 0 ? view.name : "", 10) + cell(i == 0 ? own : "", 20) + cell(map.projection.title, 7)
            + cell(kept, 16) + cell(map.quality.map { MapWords.figure($0.trustworthiness, digits: 3) } ?? "–", 17)
            + (map.quality.map { MapWords.figure($0.continuity, digits: 3) } ?? "–"))
      }
    }
    lines.append(
      "Shares of a sound's \(nearest) nearest neighbours: those of its own class, in the space; those kept as neighbours on the map."
    )
    return lines.joined(separator: "\n")
  }
}
