import Basics

/// Copies records from one database to another, in either direction, and compares both row by row.
public enum RecordsCopy {
  private static let chunk = 2000

  /// Copies all records. Numbers that were given before stay given.
  /// - Parameters:
  ///   - source: what is saved into it meanwhile is not copied.
  ///   - target: must have no records.
  ///   - progress: the table that is being copied, and how many of its rows have been.
  /// - Returns: rows by table.
  /// - Throws: `Problem` if the target has records, or if the two differ afterwards; then the target is as it was.
  @discardableResult
  public static func copy(
    _ source: any RecordStorage, to target: any RecordStorage, progress: (String, Int) -> Void = { _, _ in }
  ) throws -> [(table: String, rows: Int)] {
    var counts: [(table: String, rows: Int)] = []
    try source.snapshot { from in
      try target.transaction { to in
        counts = []
        to.readsMuch()
        for table in StoredTable.all where try to.row("SELECT 1 AS one FROM \(table.name) LIMIT 1") != nil {
          throw Problem(
            "the target already contains records (rows of '\(table.name)')", mend: "Copy into an empty database.")
        }
        for table in StoredTable.all {
          let cursor = try rows(of: table, in: from)
          var (count, rows) = (0, [[StoredValue]]())
          while let row = try cursor.next() {
            rows.append(row.values)
            count += 1
            guard rows.count == chunk else { continue }
            try to.insert(rows, into: table)
            rows = []
            progress(table.name, count)
          }
          if !rows.isEmpty { try to.insert(rows, into: table) }
          counts.append((table.name, count))
        }
        for table in StoredTable.numbered { try to.raiseNumbers(of: table, to: try from.lastNumber(of: table)) }
        var tally = try Tally.read(from)
        for page in try Coverage.read(from) {
          tally.add(Tally.Page(query: page.query, condition: page.condition), pages: page.pages, ratings: page.ratings)
        }
        try to.count(tally)
        try compare(from, to, tally)
      }
    }
    return counts
  }

  private static func rows(of table: StoredTable, in db: any Snapshot) throws -> any StoredRows {
    let names = table.columns.map(\.name)
    return try db.cursor(
      "SELECT \(names.joined(separator: ", ")) FROM \(table.name) ORDER BY \(table.key.joined(separator: ", "))", [])
  }

  private static func compare(_ from: any Snapshot, _ to: any Snapshot, _ tally: Tally) throws {
    for table in StoredTable.all {
      let (theirs, ours) = (try rows(of: table, in: from), try rows(of: table, in: to))
      var line = 0
      while true {
        let (a, b) = (try theirs.next(), try ours.next())
        if a == nil, b == nil { break }
        line += 1
        guard let a, let b, zip(a.values, b.values).allSatisfy(isSame) else {
          throw Problem("row \(line) of '\(table.name)' differs between the two", mend: "Nothing was copied.")
        }
      }
    }
    // Sums of shares depend on the order in which they were added, in their last digits.
    let copied = try Tally.read(to)
    for counter in Tally.Counter.allCases where abs(copied[counter] - tally[counter]) > 1e-6 {
      throw Problem(
        "the count of '\(counter.rawValue)' is \(copied[counter]) instead of \(tally[counter])",
        mend: "Nothing was copied."
      )
    }
  }

  /// A whole number is the same, however a database stores it.
  private static func isSame(_ a: StoredValue, _ b: StoredValue) -> Bool {
    switch (a, b) {
    case (.integer(let a), .real(let b)), (.real(let b), .integer(let a)): Double(a) == b
    default: a == b
    }
  }
}
