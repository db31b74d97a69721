import Synchronization

/// Collects remarks on how tables were read where more than one reading was possible, for whoever uses the results. One
/// collection can serve all tables of a task.
public final class TableNotes: Sendable {
  /// One remark about a table.
  public struct Note: Sendable, Equatable {
    /// What a remark is about.
    public enum Kind: Int, Sendable, CaseIterable {
      /// Separators, line ends, encoding.
      case dialect
      /// Columns without a name, which are not read.
      case unnamed
      /// Words that mean that a cell is missing.
      case missing
      /// Decimal commas and commas between thousands.
      case decimals
      /// Flags written in an unusual way.
      case flags
      /// Average ranks for ties.
      case ranks
      /// Names that were trimmed or normalised.
      case names
    }

    /// What the remark is about.
    public var kind: Kind
    /// The file, and the first line concerned.
    public var place: Place
    /// A sentence without its full stop.
    public var what: String
    /// How many cells are concerned, or 1.
    public var count: Int
    /// Whether something is probably wrong with the table, such as when some names of a column had to be trimmed and
    /// others did not.
    public var isAlarm: Bool
  }

  private struct Key: Hashable {
    var file: String
    var kind: Note.Kind
    var column: String
    var detail: String
  }

  private struct Entry {
    var first: Place
    var example: String
    var count: Int
    /// The last place counted, because a cell may be read twice.
    var last: Place
  }

  private struct State {
    var order: [Key] = []
    var entries: [Key: Entry] = [:]
    var rows: [String: Int] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// Notes that a cell was read in a particular way. Remarks of the same kind, file, column and detail become one, with
  /// a count.
  /// - Parameters:
  ///   - detail: what is counted separately within a column.
  ///   - example: a text from this place. Only the first one is kept.
  ///   - count: how many cells to add. A place that was just counted is not counted again.
  public func add(
    _ kind: Note.Kind, at place: Place, column: String = "", detail: String = "", example: String = "", count: Int = 1
  ) {
    state.withLock { state in
      let key = Key(file: place.file, kind: kind, column: column, detail: detail)
      guard let known = state.entries[key] else {
        state.order.append(key)
        state.entries[key] = Entry(first: place, example: example, count: count, last: place)
        return
      }
      guard known.last != place else { return }
      state.entries[key]?.count += count
      state.entries[key]?.last = place
    }
  }

  /// Records that a table was read to its end, and how many rows it had.
  func ended(_ file: String, rows: Int) { state.withLock { $0.rows[file] = rows } }

  /// All remarks, table by table.
  public var all: [Note] {
    let state = state.withLock { $0 }
    var files: [String] = []
    for key in state.order where !files.contains(key.file) { files.append(key.file) }
    return files.flatMap { file in
      Note.Kind.allCases.flatMap { kind in
        state.order.filter { $0.file == file && $0.kind == kind }.compactMap { key in
          state.entries[key].map { Self.note(key, $0, rows: state.rows[file]) }
        }
      }
    }
  }

  /// All remarks as warnings.
  public var warnings: [Problem] {
    all.map { note in
      let mend =
        note.kind == .names
        ? "Fix the names, so that other programs also treat them as the same." : "Nothing to fix, if that is right."
      return Problem(note.what, at: note.place, mend: mend, severity: .warning)
    }
  }

  private static func note(_ key: Key, _ entry: Entry, rows: Int?) -> Note {
    let cells = "\(entry.count, "cell")"
    let what: String
    switch key.kind {
    case .dialect: what = "the table is read \(key.detail)"
    case .unnamed: what = "\(cells) in columns without a name are not read, the first of them '\(entry.example)'"
    case .missing: what = "\(cells) of '\(key.column)' say '\(key.detail)' and are read as missing"
    case .decimals: what = "numbers of '\(key.column)' are read with \(key.detail), as in '\(entry.example)'"
    case .flags: what = "\(cells) of '\(key.column)' say '\(key.detail)' and are read as \(entry.example)"
    case .ranks: what = "average ranks of ties are read as shared ranks: \(entry.example)"
    case .names:
      what =
        "\(cells) of '\(key.column)' differ from the name that is read only in blanks, signs that cannot be seen, or "
        + "the form of accents: \(entry.example)"
    }
    let isAlarm = key.kind == .names && rows.map { entry.count < $0 } ?? true
    return Note(kind: key.kind, place: entry.first, what: what, count: entry.count, isAlarm: isAlarm)
  }
}
