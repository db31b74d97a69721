import Basics
import Foundation
import Ratings
import Reporting

/// The findings of a study with several blocks: of each block by itself, and of blocks that can be compared side by
/// side. Answers from different blocks are never pooled.
public struct BlockFindings: Sendable {
  /// One sentence on the result of each block, and how blocks compare. Its tables are `blocks` and `block_differences`.
  public let overview: Findings
  /// The blocks that could be analysed, in the order of their rows.
  public let blocks: [(name: String, findings: Findings)]

  /// Writes the overview as `Findings.write` does, and each block's findings to a folder of its own, `blocks/NAME`.
  /// - Returns: the overview's files, its report first, followed by the files of each block.
  @discardableResult
  public func write(to folder: URL) throws -> [URL] {
    try overview.write(to: folder)
      + blocks.flatMap { try $0.findings.write(to: folder.appending(path: Self.folder(of: $0.name))) }
  }

  static func folder(of block: String) -> String {
    // A study's block names are plain already, but a table from elsewhere may contain anything.
    let plain = block.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "-" }
    return "blocks/" + String(plain)
  }
}

extension Analysis {
  /// The ending of a report's title that names the block.
  static func ending(ofTitle block: String) -> String { ": \(block)" }

  /// Reads the tables of a study with several blocks, analyses each block by itself, and compares blocks that share a
  /// kind of answers, its scale and systems. A block that cannot be analysed gets a remark.
  /// - Parameter names: the blocks, as `tables.blocks()` returns them.
  /// - Throws: the error of the first block if none can be analysed.
  public static func blocks(
    _ names: [String], of tables: AnalysisTables, version: String, progress: @escaping NamedProgress = { _ in nil }
  ) throws -> BlockFindings {
    var found: [(name: String, findings: Findings)] = [], failed: [(name: String, why: any Error)] = []
    for name in names {
      var own = tables
      own.block = name
      do {
        found.append((name, try read(own, version: version, progress: { progress("\(name), \($0)") })))
      } catch let why where why is Problem || why is Problems { failed.append((name, why)) }
    }
    guard let first = found.first else {
      throw failed.first?.why ?? Problem("no block is named", mend: "Name the blocks in the tables.")
    }
    var overview = Findings(plan: first.findings.plan)
    overview.plan.block = nil
    overview.title = String(first.findings.title.dropLast(ending(ofTitle: first.name).count))
    overview.inputs = inputs(of: found.map(\.findings))
    overview.answers = found.flatMap { name, findings in
      findings.answers.prefix(findings.headlines).map { "\(name): " + $0 }
    }
    overview.headlines = overview.answers.count
    overview.tables = [overviewTable(found, failed)]
    try compare(found, in: &overview)
    overview.remarks += failed.map { name, why in
      .init(
        code: "block_failed", weight: .alarm, what: "The block \(name) could not be analysed.", meaning: "\(why)",
        count: 1)
    }
    // Remarks on a block's data are repeated here, since its figures are.
    for (name, findings) in found {
      overview.remarks += findings.remarks.filter { $0.weight != .note }.map { remark in
        var own = remark
        own.what = "\(name): " + remark.what
        return own
      }
    }
    overview.remarks = Integrity.sorted(overview.remarks)
    overview.methods.append(Methods.computing(overview))
    overview.tables.removeAll { $0.rows.isEmpty }
    return BlockFindings(overview: overview, blocks: found)
  }

  private static func overviewTable(
    _ found: [(name: String, findings: Findings)], _ failed: [(name: String, why: any Error)]
  ) -> ResultTable {
    var table = ResultTable(
      "blocks", "Blocks of the study",
      [
        .init("block", "Block"), .init("listeners", "Listeners", digits: 0), .init("report", "Report"),
        .init("failed", "Why there is no report"),
      ])
    for (name, findings) in found {
      table.add(
        .text(name), .count(findings.inputs.listeners.count), .text("\(BlockFindings.folder(of: name))/report.html"),
        .text(""))
    }
    for (name, why) in failed { table.add(.text(name), .missing, .text(""), .text("\(why)")) }
    return table
  }

  private static func compare(_ blocks: [(name: String, findings: Findings)], in overview: inout Findings) throws {
    var table = BlockComparison.table, apart: [String] = []
    for (b, second) in blocks.enumerated() {
      for first in blocks[..<b] {
        var isCompared = false
        for one in first.findings.ofBlock {
          for other in second.findings.ofBlock {
            let comparison = BlockComparison(
              .init(block: first.name, answers: one), .init(block: second.name, answers: other), plan: overview.plan)
            guard let comparison else { continue }
            isCompared = true
            let start = table.rows.count
            table.rows += try comparison.rows()
            overview.answers += comparison.sentences(table, Array(start..<table.rows.count))
          }
        }
        if !isCompared { apart.append("\(first.name) with \(second.name)") }
      }
    }
    if !apart.isEmpty {
      overview.remarks.append(
        .init(
          code: "blocks_not_compared", weight: .note, what: "Not compared: \(SystemFindings.list(apart)).",
          meaning:
            "Blocks are compared if they have the same kind of answers, on the same scale, about the same systems. "
            + "Maps, groups and triplets are in each block's own report.", count: apart.count))
    }
    guard !table.rows.isEmpty else { return }
    overview.tables.append(table)
    let plan = overview.plan
    overview.methods.append(
      "Each block was analysed separately; answers from different blocks were never pooled. For blocks with the same kind of answers, on the same scale, about the same systems, the mean of each system in one block minus that in the other is estimated and, except for shares, how much the difference between each two systems changes from one block to the other. \(min(plan.resamples, 2000), "resample") draw listeners and items of both blocks together, by name: a listener or item in both blocks counts equally often in each, and those in only one block vary independently. Intervals (\(plan.confidence * 100, digits: 0) %) are \(plan.interval.words), with t and corrections for the numbers of listeners and items of the block that has fewer; p-values are derived from these intervals and corrected for multiple comparisons by \(plan.correction.words) over all comparisons of two blocks with the same kind of answers. A difference between blocks includes the effect of everything in which they differ, such as the order in which they were heard."
    )
    overview.citations = [
      "Owen, A. B. (2007). The pigeonhole bootstrap. Annals of Applied Statistics 1(2).",
      AnalysisPlan.Interval.dualFactor,
      "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6.",
    ]
  }

  /// The input files of all blocks, with their rows added up.
  private static func inputs(of blocks: [Findings]) -> Findings.Inputs {
    var all = blocks[0].inputs
    for one in blocks.dropFirst().map(\.inputs) {
      func add(_ file: WritableKeyPath<Findings.Inputs, Findings.Inputs.File?>, isParted: Bool = true) {
        guard let theirs = one[keyPath: file] else { return }
        guard let own = all[keyPath: file] else { return all[keyPath: file] = theirs }
        if isParted { all[keyPath: file]?.rows = own.rows + theirs.rows }
      }
      for file in [
        \.ratings, \.scores, \.comparisons, \.choices, \.discriminations, \.triplets, \.orders, \.pairs, \.oddities,
        \.sortings,
      ] as [WritableKeyPath<Findings.Inputs, Findings.Inputs.File?>] { add(file) }
      add(\.rankings, isParted: false)
      all.listeners.formUnion(one.listeners)
      all.simulated.formUnion(one.simulated)
      all.note(versions: one.studyVersions)
      // Whether the plan was fixed before the first answer of every block.
      all.planWasFixedBefore =
        all.planWasFixedBefore == false || one.planWasFixedBefore == false
        ? false : all.planWasFixedBefore == nil || one.planWasFixedBefore == nil ? nil : true
    }
    return all
  }
}
