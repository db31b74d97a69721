import Basics
import Foundation

/// `library.csv` and its folder: all one-shots that a query may be answered with. The folder also contains the sounds,
/// so it can be moved and shared as a whole.
public struct LibraryTable: Sendable {
  /// The folder that the rows' files are relative to.
  public var folder: URL
  /// In the order of the table.
  public var oneShots: [OneShot]

  /// The name of the table in a library's folder.
  public static let fileName = "library.csv"
  /// The header of the table, without `splitColumn`.
  public static let columns = [
    "candidate", "condition", "file", "group", "tags", "licence", "source", "duration_s", "sample_rate_hz", "channels",
    "sha256",
  ]
  /// The last column of the table, if the library is split.
  public static let splitColumn = "split"

  public init(folder: URL, oneShots: [OneShot]) {
    self.folder = folder
    self.oneShots = oneShots
  }

  /// The file of a one-shot.
  public func url(of oneShot: OneShot) -> URL { NamedFile.url(oneShot.file, from: folder) }

  /// The one-shots of a class, in the order of the table.
  public subscript(condition: DrumClass) -> [OneShot] { oneShots.filter { $0.condition == condition } }

  /// The library reduced to the one-shots of one split.
  /// - Throws: a `Problem` if the library is not split, or the split is empty.
  public func only(_ split: Split) throws -> LibraryTable {
    let chosen = oneShots.filter { $0.split == split }
    guard !chosen.isEmpty else {
      let place = Place(file: folder.appending(path: Self.fileName).path)
      throw oneShots.allSatisfy { $0.split == nil }
        ? Problem(
          "the library is not split", at: place, mend: "Make a split one with 'earshot library build --set full'.")
        : Problem("the library has nothing for \(split.rawValue)", at: place, mend: "Add sounds from more kits.")
    }
    return LibraryTable(folder: folder, oneShots: chosen)
  }

  /// The library with only a share of the training groups of each class, and all of the other splits.
  ///
  /// Shares are nested: a larger one contains all of a smaller one, so that a learning curve shows the effect of more
  /// sounds and not of different sounds. Groups are selected by a number drawn from their names, independent of what
  /// else the library contains.
  /// - Parameter share: from 0 to 1. At least one group of each class stays.
  public func thinned(toTraining share: Double) -> LibraryTable {
    guard share < 1 else { return self }
    var kept: Set<String> = []
    for condition in DrumClass.allCases {
      let groups = Set(oneShots.filter { $0.split == .train && $0.condition == condition }.map(\.group))
      let order = groups.sorted().map { group in
        var random = SeededRandom(seed: 1, "share of training", condition.rawValue, group)
        return (place: random.unit(), group: group)
      }.sorted { $0.place < $1.place }
      let count = min(order.count, max(1, Int((share * Double(order.count)).rounded())))
      for entry in order.prefix(count) { kept.insert("\(condition.rawValue)\t\(entry.group)") }
    }
    return LibraryTable(
      folder: folder,
      oneShots: oneShots.filter { $0.split != .train || kept.contains("\($0.condition.rawValue)\t\($0.group)") })
  }

  /// Reads a library from its folder or from the table itself.
  /// - Throws: `Problems` with everything that is wrong in the table; a `Problem` if there is none.
  public static func read(_ url: URL) throws -> LibraryTable {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    let file = isFolder.boolValue ? url.appending(path: fileName) : url
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw Problem(
        "there is no library here", at: Place(file: file.path), mend: "Make one with 'earshot library build'.")
    }
    var reader = try TableReader(file)
    try reader.require("candidate", "condition", "file")
    var oneShots: [OneShot] = []
    var problems: [Problem] = []
    var lines: [String: Int] = [:]
    while let row = try reader.next() {
      do {
        let oneShot = try OneShot(row)
        if let first = lines.updateValue(row.line, forKey: oneShot.candidate) {
          throw Problem(
            "the candidate '\(oneShot.candidate)' is listed twice, first in line \(first)", at: row.place("candidate"),
            mend: "Give each one-shot its own name.")
        }
        oneShots.append(oneShot)
      } catch let problem as Problem { problems.append(problem) }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    return LibraryTable(folder: file.deletingLastPathComponent(), oneShots: oneShots)
  }

  /// Writes `library.csv` into the folder.
  public func write() throws {
    let isSplit = oneShots.contains { $0.split != nil }
    let columns = Self.columns + (isSplit ? [Self.splitColumn] : [])
    try TableWriter.write(folder.appending(path: Self.fileName), columns: columns) { table in
      for shot in oneShots {
        let cells: [any CellValue] = [
          shot.candidate, shot.condition.rawValue, shot.file, shot.group, shot.tags.joined(separator: " "),
          shot.licence, shot.source, shot.duration, shot.sampleRate, shot.channelCount, shot.sha256,
        ]
        try table.row(cells + (isSplit ? [shot.split?.rawValue ?? ""] : []))
      }
    }
  }
}

extension OneShot {
  init(_ row: TableRow) throws {
    let name = try row.name("condition")
    guard let condition = DrumClass(rawValue: name) else {
      throw Problem(
        "the condition is '\(name)'", at: row.place("condition"),
        mend: "Write one of \(DrumClass.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    let candidate = try row.name("candidate")
    let split = try row.name(ifAny: LibraryTable.splitColumn).map { name in
      guard let split = Split(rawValue: name) else {
        throw Problem(
          "the split is '\(name)'", at: row.place(LibraryTable.splitColumn),
          mend: "Write one of \(Split.allCases.map(\.rawValue).joined(separator: ", ")), or nothing.")
      }
      return split
    }
    self.init(
      candidate: candidate, condition: condition, file: try row.path("file"),
      group: row.name(ifAny: "group") ?? candidate,
      tags: (row["tags"] ?? "").split(separator: " ").map(String.init), licence: row["licence"] ?? "",
      source: row["source"] ?? "", duration: try row.number("duration_s") ?? 0,
      sampleRate: try row.integer("sample_rate_hz") ?? 0, channelCount: try row.integer("channels") ?? 0,
      sha256: row["sha256"] ?? "", split: split)
  }
}
