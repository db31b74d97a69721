import Basics
import Foundation
import Library

/// A query loop and how it was made, which is the ground truth.
public struct Mix: Sendable, Equatable {
  /// A drum in a loop.
  public struct Part: Sendable, Equatable {
    /// The drum's class.
    public var condition: DrumClass
    /// Name of the one-shot that plays.
    public var reference: String
    /// When it is struck, in seconds from the start of the loop, ascending.
    public var onsets: [Double]
    /// Level of each onset relative to the full stroke, in dB.
    public var velocities: [Double]
    /// Gain of a full stroke from the one-shot's file to the input of the mastering chain, in dB.
    public var hitGain: Double
    /// Position from -1 (left) to 1 (right).
    public var pan: Double
  }

  /// The loop's name in every table.
  public var query: String
  /// The sound file, relative to the table's folder.
  public var file: String
  /// One part per drum, in the order of the classes. A class may have several.
  public var parts: [Part]
  /// Tempo in quarter notes per minute.
  public var bpm: Double
  /// Length in bars of four quarter notes.
  public var bars: Int
  /// Name of the rhythm.
  public var style: String
  /// What plays besides the drums, in one line.
  public var backing: String
  /// The licences of everything that sounds in the mix, joined by ` + `.
  public var licence: String
  /// Where the backing comes from.
  public var source: String
  /// How the loop was mastered.
  public var chain: MasteringSettings
  /// The seed that everything in the loop was drawn with.
  public var seed: UInt64

  /// The parts that play the drums of a class.
  public subscript(condition: DrumClass) -> [Part] { parts.filter { $0.condition == condition } }
}

/// `mixes.csv` and its folder. The table has one row per drum of a mix.
public struct MixTable: Sendable {
  /// The folder that the rows' files are relative to.
  public var folder: URL
  /// In the order of the table.
  public var mixes: [Mix]

  /// The name of the table in its folder.
  public static let fileName = "mixes.csv"
  /// The header of the table.
  public static let columns =
    [
      "query", "condition", "file", "reference", "onsets_s", "velocities_db", "hit_gain_db", "pan", "bpm", "bars",
      "style", "backing", "licence", "source",
    ] + MasteringSettings.columns + ["seed"]

  public init(folder: URL, mixes: [Mix]) {
    self.folder = folder
    self.mixes = mixes
  }

  /// Location of a mix's sound file.
  public func url(of mix: Mix) -> URL { NamedFile.url(mix.file, from: folder) }

  /// Writes `mixes.csv` into the folder.
  public func write() throws {
    try TableWriter.write(folder.appending(path: Self.fileName), columns: Self.columns) { table in
      for mix in mixes {
        for part in mix.parts {
          var cells: [any CellValue] = [
            mix.query, part.condition.rawValue, mix.file, part.reference, Self.list(part.onsets),
            Self.list(part.velocities), part.hitGain, part.pan, mix.bpm, mix.bars, mix.style, mix.backing,
            mix.licence, mix.source,
          ]
          cells += mix.chain.cells.map { $0 as any CellValue }
          cells.append(String(mix.seed))
          try table.row(cells)
        }
      }
    }
  }

  /// Reads mixes from their folder or from the table itself. Only the columns query, condition, file and reference are
  /// required, so that tables made elsewhere can be read too. Values of missing columns are empty or zero.
  /// - Throws: `Problems` with everything that is wrong with the table; a `Problem` if there is no table.
  public static func read(_ url: URL) throws -> MixTable {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    let file = isFolder.boolValue ? url.appending(path: fileName) : url
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw Problem("there are no mixes here", at: Place(file: file.path), mend: "Make some with 'earshot mix'.")
    }
    var reader = try TableReader(file)
    try reader.require("query", "condition", "file", "reference")
    var mixes: [Mix] = []
    var index: [String: Int] = [:]
    var problems: [Problem] = []
    while let row = try reader.next() {
      do {
        let query = try row.name("query")
        let part = try Mix.Part(row)
        guard let i = index[query] else {
          index[query] = mixes.count
          mixes.append(try Mix(query: query, part: part, row))
          continue
        }
        guard mixes[i][part.condition].allSatisfy({ $0.reference != part.reference }) else {
          throw Problem(
            "\(query) lists \(part.condition.rawValue) twice with the same reference", at: row.place("condition"),
            mend: "Keep one row.")
        }
        guard mixes[i].file == (try? row.path("file")) else {
          throw Problem(
            "\(query) has a different file in an earlier line", at: row.place("file"), mend: "A query is one sound.")
        }
        mixes[i].parts.append(part)
      } catch let problem as Problem { problems.append(problem) }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    return MixTable(folder: file.deletingLastPathComponent(), mixes: mixes)
  }

  private static func list(_ numbers: [Double]) -> String { numbers.map(\.cellText).joined(separator: " ") }
}

extension Mix {
  fileprivate init(query: String, part: Part, _ row: TableRow) throws {
    let cells = try MasteringSettings.columns.map { try row.number($0) ?? 0 }
    let seed = try row["seed"].map { text in
      guard let seed = UInt64(text) else {
        throw Problem(
          "the seed is '\(text)'", at: row.place("seed"),
          mend: "Write a whole number from 0 to \(UInt64.max), or nothing.")
      }
      return seed
    }
    self.init(
      query: query, file: try row.path("file"), parts: [part], bpm: try row.number("bpm") ?? 0,
      bars: try row.integer("bars") ?? 0, style: row["style"] ?? "", backing: row["backing"] ?? "",
      licence: row["licence"] ?? "", source: row["source"] ?? "", chain: MasteringSettings(cells: cells),
      seed: seed ?? 0)
  }
}

extension Mix.Part {
  fileprivate init(_ row: TableRow) throws {
    let name = try row.name("condition")
    guard let condition = DrumClass(rawValue: name) else {
      throw Problem(
        "the condition is '\(name)'", at: row.place("condition"),
        mend: "Write one of \(DrumClass.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    func numbers(_ column: String) throws -> [Double] {
      try (row[column] ?? "").split(separator: " ").map { word in
        guard let number = Double(word), number.isFinite else {
          throw Problem(
            "'\(word)' is not a number", at: row.place(column), mend: "Write numbers separated by spaces.")
        }
        return number
      }
    }
    self.init(
      condition: condition, reference: try row.name("reference"), onsets: try numbers("onsets_s"),
      velocities: try numbers("velocities_db"), hitGain: try row.number("hit_gain_db") ?? 0,
      pan: try row.number("pan") ?? 0)
  }
}
