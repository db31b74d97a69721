import Foundation

/// The result of a build, as tables for the terminal.
public enum LibraryReport {
  /// One-shots by source and class, and how many sounds were left out.
  public static func text(_ outcome: LibraryBuilder.Outcome) -> String {
    var rows = [["source"] + DrumClass.allCases.map(\.rawValue) + ["kits and instruments"]]
    let shots = outcome.library.oneShots
    for (source, count) in outcome.counts {
      let groups = Set(shots.filter { outcome.sourceOf[$0.candidate] == source }.map(\.group)).count
      rows.append([source] + DrumClass.allCases.map { String(count[$0] ?? 0) } + [String(groups)])
    }
    if outcome.counts.count > 1 {
      rows.append(
        ["together"] + DrumClass.allCases.map { c in String(shots.count { $0.condition == c }) }
          + [String(Set(shots.map(\.group)).count)])
    }
    var text = table(rows)
    if let leakCheck = outcome.leakCheck { text += "\n\n" + splits(outcome.library, leakCheck) }
    let reasons = Rejection.Reason.allCases.compactMap { reason -> String? in
      let count = outcome.rejections.count { $0.reason == reason }
      return count > 0 ? "\(count) \(reason)" : nil
    }
    if !reasons.isEmpty {
      text += "\n\nLeft out: \(reasons.joined(separator: ", ")) (each with its reason in \(Rejection.fileName))."
    }
    if outcome.unnamed > 0 {
      text += "\nPassed over: \(outcome.unnamed) sounds of packages whose names state no drum class."
    }
    for failure in outcome.failures { text += "\n\(failure)" }
    return text
  }

  /// How many sounds and kits each split has, and whether there are leaks between splits.
  public static func splits(_ library: LibraryTable, _ check: LeakCheck) -> String {
    var rows = [["split"] + DrumClass.allCases.map(\.rawValue) + ["kits and instruments"]]
    for split in Split.allCases {
      let shots = library.oneShots.filter { $0.split == split }
      rows.append(
        [split.rawValue] + DrumClass.allCases.map { c in String(shots.count { $0.condition == c }) }
          + [String(Set(shots.map(\.group)).count)])
    }
    var text = table(rows)
    for condition in DrumClass.allCases {
      guard let distances = check.distances[condition], let least = distances.first else { continue }
      text += String(
        format: "\nNearest training sound of a test \(condition.words): median %.1f dB, minimum %.1f dB.",
        distances[distances.count / 2], least)
    }
    for group in check.parted { text += "\nLeak: \(group) is in more than one split." }
    for leak in check.leaks {
      text += String(format: "\nLeak: \(leak.sound) is %.1f dB from \(leak.other), in another split.", leak.distance)
    }
    if check.isClean { text += "\nNo leak: no two sounds in different splits are closer than \(Splitter.nearness) dB." }
    return text
  }

  /// Aligns the first column left and the others right, with a rule under the header.
  public static func table(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { i in rows.map { $0[i].count }.max() ?? 0 }
    var lines = rows.map { row in
      row.enumerated().map { i, cell in
        let blank = String(repeating: " ", count: widths[i] - cell.count)
        return i == 0 ? cell + blank : blank + cell
      }.joined(separator: "  ")
    }
    lines.insert(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "), at: 1)
    return lines.joined(separator: "\n")
  }
}
