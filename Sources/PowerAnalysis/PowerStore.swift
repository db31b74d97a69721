import Agreement
import Basics
import Foundation
import Reporting
import Synchronization

/// The file of finished blocks, a table that grows by one row per block, so that an interrupted run continues where it
/// stopped.
public final class PowerStore: Sendable {
  static let columns = ["settings", "listeners", "queries", "block", "replicates", "claims"]

  /// The blocks with these settings that the file already held.
  public let known: [Power.Block]
  /// Where a file with other settings was moved to.
  public let movedTo: URL?
  private let hash: String
  private let file: Mutex<FileHandle>

  /// Opens or creates the file. A row that a killed run left half-written is removed.
  /// - Throws: a `Problem` if the file is a different table, cannot be written, or cannot be read back.
  public init(_ url: URL, hash: String) throws {
    let url = try OutputFile.file(url)
    let header = Self.columns.joined(separator: ",") + "\n"
    var known: [Power.Block] = [], movedTo: URL?
    let manager = FileManager.default
    if var text = try? InputFile.data(url), !text.isEmpty {
      if let end = text.lastIndex(of: UInt8(ascii: "\n")) {
        text = text[text.startIndex...end]
      } else {
        text = Data()
      }
      if !text.isEmpty {
        guard text.starts(with: Data(header.utf8)) else {
          throw Problem(
            "this is not a file of power results", at: Place(file: url.relativePath, line: 1),
            mend: "Choose another with --out. This one was not changed.")
        }
        var reader = try TableReader(Data(text), name: url.relativePath)
        var isOther = false
        try reader.forEach { row in
          if row["settings"] != hash {
            isOther = true
            return
          }
          guard let listeners = try row.integer("listeners"), let queries = try row.integer("queries"),
            let number = try row.integer("block"), let replicates = try row.integer("replicates"),
            let claims = try row.integer("claims")
          else { return }
          guard [listeners, queries, replicates].allSatisfy((1...1_000_000).contains), (0...1_000_000).contains(number),
            (0...replicates).contains(claims)
          else {
            throw Problem(
              "the row has numbers that no simulation can have written", at: row.place(),
              mend: "Remove the row, or choose another file with --out.")
          }
          known.append(
            Power.Block(
              cell: Power.Cell(listeners: listeners, queries: queries), number: number, replicates: replicates,
              claims: claims))
        }
        if isOther {
          let aside = url.deletingPathExtension().appendingPathExtension("previous.csv")
          try? manager.removeItem(at: aside)
          try manager.moveItem(at: url, to: aside)
          (movedTo, known) = (aside, [])
          text = Data()
        }
      }
      if !text.isEmpty { try OutputFile.write(text, to: url) }
    }
    do {
      if known.isEmpty { try OutputFile.write(header, to: url) }
      let handle = try FileHandle(forWritingTo: url)
      try handle.seekToEnd()
      file = Mutex(handle)
    } catch {
      throw Problem("cannot write here", at: Place(file: url.relativePath), mend: "Choose another file with --out.")
    }
    (self.known, self.movedTo, self.hash) = (known, movedTo, hash)
  }

  /// Adds a row; it is in the file when this returns.
  public func append(_ block: Power.Block) throws {
    let row =
      "\(hash),\(block.cell.listeners),\(block.cell.queries),\(block.number),\(block.replicates),\(block.claims)\n"
    try file.withLock { try $0.write(contentsOf: Data(row.utf8)) }
  }
}
