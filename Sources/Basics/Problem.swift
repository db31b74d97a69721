import Foundation

/// Where something is wrong: a file, and line and column as far as they are known (both counted from 1).
public struct Place: Sendable, Hashable, CustomStringConvertible {
  /// The path as the user gave it.
  public var file: String
  /// Nil if the file as a whole is meant.
  public var line: Int?
  /// Counted in characters. Nil if the line as a whole is meant.
  public var column: Int?

  /// A path that leads down and up again (`a/b/../c`) is shortened, if the short one leads to a file as well.
  public init(file: String, line: Int? = nil, column: Int? = nil) {
    self.file = file.contains("/../") ? Place.shortened(file) : file
    self.line = line
    self.column = column
  }

  private static func shortened(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      if part == "..", let last = parts.last, last != "..", !last.isEmpty {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    let short = parts.joined(separator: "/")
    return access(short, F_OK) == 0 ? short : path
  }

  /// `study.yaml:12:5`, the form that editors and terminals can jump to.
  public var description: String {
    [file, line.map(String.init), line == nil ? nil : column.map(String.init)].compactMap(\.self).joined(separator: ":")
  }
}

/// One thing that is wrong, for the person who can fix it: where, what, and what would be right.
public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
  /// `warning` leaves a result usable, `error` does not.
  public enum Severity: String, Sendable { case error, warning }

  /// Whether the result is still usable.
  public var severity: Severity
  /// Nil if no file is to blame, as for an option.
  public var place: Place?
  /// What is wrong, as a clause in lower case without a full stop.
  public var what: String
  /// What would be right, in whole sentences. Empty if the rest says it.
  public var mend: String

  public init(_ what: String, at place: Place? = nil, mend: String, severity: Severity = .error) {
    self.severity = severity
    self.place = place
    self.what = what
    self.mend = mend
  }

  /// One line: `study.yaml:12:5: error: there is no query 'loop9'. Did you mean 'loop09'?`
  public var description: String {
    let stop = what.last.map { ".?!".contains($0) } ?? true
    return [
      place.map { "\($0): " } ?? "", "\(severity.rawValue): ", what,
      mend.isEmpty ? "" : stop ? " \(mend)" : ". \(mend)",
    ].joined()
  }
}

/// Everything that is wrong, found in one pass, so that it can be fixed in one pass.
public struct Problems: Error, Sendable, CustomStringConvertible {
  /// In the order in which they are to be told.
  public var list: [Problem]

  public init(_ list: [Problem]) { self.list = list }

  /// Problems ordered by file, in the order in which files first appear, and by line within each file.
  public static func inOrder(_ list: [Problem]) -> [Problem] {
    var files: [String: Int] = [:]
    for problem in list {
      if let file = problem.place?.file, files[file] == nil { files[file] = files.count }
    }
    func key(_ index: Int) -> (Int, Int, Int, Int) {
      let place = list[index].place
      return (place.flatMap { files[$0.file] } ?? .max, place?.line ?? 0, place?.column ?? 0, index)
    }
    return list.indices.sorted { key($0) < key($1) }.map { list[$0] }
  }

  /// No more than this many with the same fix are listed: a whole table with one fault would bury all others.
  static let mostAlike = 10

  /// One line per problem. Of many with the same fix, in one file or about whole files, the first are listed, and the others
  /// counted after them.
  public var description: String {
    var alike: [String: [Int]] = [:]
    // What is said of whole files is alike from file to file.
    func key(_ problem: Problem) -> String {
      "\(problem.place?.line == nil ? "" : problem.place?.file ?? "")\u{1F}\(problem.mend)"
    }
    for (i, problem) in list.enumerated() where !problem.mend.isEmpty { alike[key(problem), default: []].append(i) }
    var lines: [String] = []
    for (i, problem) in list.enumerated() {
      let all = alike[key(problem)] ?? [i]
      // One more is listed as easily as counted.
      let listed = all.count <= Self.mostAlike + 1 ? all.count : Self.mostAlike
      guard all.prefix(listed).contains(i) else { continue }
      lines.append(problem.description)
      if listed < all.count, i == all[listed - 1] {
        let last = list[all[all.count - 1]]
        lines.append("\(last.place.map { "… down to \($0): " } ?? "… ")\(all.count - listed) more with the same fix")
      }
    }
    return lines.joined(separator: "\n")
  }
}
