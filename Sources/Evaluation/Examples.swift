import Basics
import Foundation
import Sound

/// A page to listen to: a mix, and what systems rank first for each of its drums. It opens from a folder without a
/// server.
///
/// Cases are chosen by the first system's mean reciprocal rank over a mix's drums: the best mix, the median one, the
/// worst, and two random ones, so that neither luck nor choice shows only good ones. Ties are broken at random.
public struct Examples: Sendable {
  /// Why a mix is on the page.
  public enum Kind: String, Sendable, CaseIterable {
    case best, middle, worst, lot

    var title: String {
      switch self {
      case .best: "The best case"
      case .middle: "The median case"
      case .worst: "The worst case"
      case .lot: "A random case"
      }
    }
  }

  /// What the evaluation found, for the page's head.
  public let findings: EvaluationFindings
  /// The runs that are shown, side by side. The first determines the cases.
  public let runs: [Run]
  /// The mixes in the order of the page.
  public let cases: [(kind: Kind, mix: Int)]
  /// The number of one-shots that are shown of each ranking.
  public static let depth = 3
  static let soundFolder = "example-sounds"
  let onePerGroup: Bool

  /// - Parameters:
  ///   - systems: families or runs; for a family, its first run. If empty, `against` and its best rival.
  ///   - seed: the seed of random choices.
  ///   - onePerGroup: whether to show only the nearest one-shot of each instrument, so that its near-duplicates do not
  ///     displace others.
  /// - Throws: a `Problem` for a system that did not take part.
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

  /// Checks, before anything is ranked, that the systems take part.
  /// - Throws: a `Problem` for a system that does not.
  public static func check(_ systems: [String], among entrants: [Entrant]) throws {
    let families = entrants.map(\.family).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    for name in systems where !families.contains(name) && !entrants.contains(where: { $0.system.name == name }) {
      throw unknown(name, among: families)
    }
  }

  private static func unknown(_ name: String, among known: [String]) -> Problem {
    Problem(
      "there is no system '\(name)'",
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

  /// Writes `index.html`, and the sounds it plays to `example-sounds`, as FLAC. Files that an earlier run left there
  /// are removed.
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

  /// The one-shots of the beginning of a ranking that are shown, each with the number of others of its group that are
  /// ranked before the next one-shot that would be shown.
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
