import Basics
import Foundation
import Sound

/// A page to listen to: a mix, and for each of its drums what systems rank first. It opens from a folder without a server.
///
/// Cases are chosen by the first system's mean reciprocal rank over a mix's drums: the best mix, the one in the middle, the
/// worst, and two more by lot, so that neither luck nor favour shows only good ones. Equals are put in order by lot.
public struct Examples: Sendable {
  /// Why a mix is on the page.
  public enum Kind: String, Sendable, CaseIterable {
    case best, middle, worst, lot

    var title: String {
      switch self {
      case .best: "The best case"
      case .middle: "The case in the middle"
      case .worst: "The worst case"
      case .lot: "Drawn by lot"
      }
    }
  }

  public let findings: EvaluationFindings
  /// The runs that are shown, side by side; the first chooses.
  public let runs: [Run]
  /// Mixes in the order of the page.
  public let cases: [(kind: Kind, mix: Int)]
  /// How many are shown of each ranking.
  public static let depth = 3
  static let soundFolder = "example-sounds"
  let onePerGroup: Bool

  /// - Parameters:
  ///   - systems: families or runs; of a family its first run. `against` and its best rival, if empty.
  ///   - seed: of the lots.
  ///   - onePerGroup: whether of each instrument only the nearest one-shot is shown, so that its near-duplicates crowd out no
  ///     other.
  /// - Throws: a `Problem` for a system that took no part.
  public init(
    _ findings: EvaluationFindings, systems: [String] = [], seed: UInt64 = 0, onePerGroup: Bool = false
  ) throws {
    self.onePerGroup = onePerGroup
    let evaluation = findings.evaluation
    var names = systems
    if names.isEmpty {
      let rivals = evaluation.families.filter { $0 != evaluation.against }
      func mrr(_ family: String) -> Double {
        guard let scores = findings["scores"],
          let row = scores.rows(where: ["system": family, "condition": "all", "measure": "mrr"]).first
        else { return 0 }
        return scores.number(row, "value") ?? 0
      }
      names = [evaluation.against] + [rivals.max { mrr($0) < mrr($1) }].compactMap(\.self)
    }
    self.findings = findings
    runs = try names.map { name in
      guard let run = evaluation.runs.first(where: { $0.name == name }) ?? evaluation.runs(of: name).first else {
        throw Self.unknown(name, among: evaluation.families)
      }
      return run
    }
    cases = Self.choose(evaluation, by: runs[0], seed: seed)
  }

  /// Tells before anything is ranked what would be missed after it.
  /// - Throws: a `Problem` for a system that takes no part.
  public static func check(_ systems: [String], among entrants: [Entrant]) throws {
    let families = entrants.map(\.family).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    for name in systems where !families.contains(name) && !entrants.contains(where: { $0.system.name == name }) {
      throw unknown(name, among: families)
    }
  }

  private static func unknown(_ name: String, among known: [String]) -> Problem {
    Problem(
      "no system '\(name)' takes part",
      mend: Suggestion.didYouMean(name, among: known) ?? "There are \(known.joined(separator: ", ")).")
  }

  private static func choose(_ evaluation: Evaluation, by run: Run, seed: UInt64) -> [(kind: Kind, mix: Int)] {
    let targets = Dictionary(grouping: evaluation.test.targets.indices) { evaluation.test.targets[$0].mix }
    var random = SeededRandom(seed: seed, "examples")
    var lots = random.shuffled(targets.keys.sorted())
    func score(_ mix: Int) -> Double {
      let own = targets[mix, default: []]
      return own.reduce(0) { $0 + run.findings[$1][evaluation.ownPlace($1)].reciprocalRank } / Double(own.count)
    }
    let scores = Dictionary(uniqueKeysWithValues: lots.map { ($0, score($0)) })
    let order = lots.enumerated().sorted {
      (scores[$0.element] ?? 0, $1.offset) > (scores[$1.element] ?? 0, $0.offset)
    }.map(\.element)
    var cases: [(kind: Kind, mix: Int)] = []
    for (kind, place) in [(Kind.best, 0), (.middle, order.count / 2), (.worst, order.count - 1)] {
      guard order.indices.contains(place), !cases.contains(where: { $0.mix == order[place] }) else { continue }
      cases.append((kind, order[place]))
    }
    lots.removeAll { mix in cases.contains { $0.mix == mix } }
    return cases + lots.prefix(2).map { (.lot, $0) }
  }

  /// Writes `index.html` and the sounds it plays, as FLAC, below `example-sounds`. What an earlier run left there goes.
  /// - Returns: the page.
  @discardableResult
  public func write(to folder: URL) throws -> URL {
    let sounds = folder.appending(path: Self.soundFolder)
    do {
      try FileManager.default.createDirectory(at: sounds, withIntermediateDirectories: true)
      for file in try FileManager.default.contentsOfDirectory(atPath: sounds.path)
      where file.wholeMatch(of: /[0-9a-f]{16}\.flac/) != nil {
        try FileManager.default.removeItem(at: sounds.appending(path: file))
      }
    } catch {
      throw Problem(
        "cannot make this folder", at: Place(file: folder.relativePath), mend: "Choose another with --examples.")
    }
    var files: [URL: String] = [:]
    func path(_ file: URL) throws -> String {
      if let known = files[file] { return known }
      let name = "\(Self.soundFolder)/\(try ContentHash.ofFile(file).prefix(16)).flac"
      let target = folder.appending(path: name)
      if file.pathExtension.lowercased() == "flac" {
        if !FileManager.default.fileExists(atPath: target.path) {
          try FileManager.default.copyItem(at: file, to: target)
        }
      } else {
        try AudioFile.write(try AudioFile.read(file), to: target, as: .flac24)
      }
      files[file] = name
      return name
    }
    let page = folder.appending(path: "index.html")
    var examples = ExamplesPage(self, path: path)
    try OutputFile.write(try examples.html(), to: page)
    return page
  }

  /// What is shown of the first of a ranking, and how many more of its group stand before what is shown behind it.
  func listed(_ first: [Int]) -> [(place: Int, more: Int)] {
    guard onePerGroup else { return first.prefix(Self.depth).map { ($0, 0) } }
    let pool = findings.evaluation.test.pool
    var listed: [(place: Int, more: Int)] = []
    for place in first {
      if let known = listed.firstIndex(where: { pool[$0.place].group == pool[place].group }) {
        listed[known].more += 1
      } else if listed.count < Self.depth {
        listed.append((place, 0))
      } else {
        break
      }
    }
    return listed
  }
}
