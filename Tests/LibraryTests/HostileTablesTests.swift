import Basics
import Foundation
import Library
import Mixing
import Testing

/// library.csv and mixes.csv with arbitrary content: each is read, or every problem has a place and a fix.
@Suite("Tables of libraries and mixes with arbitrary content")
struct HostileTablesTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  private static let values = [
    "", " ", "0", "-1", "1.0", "1.5", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
    "18446744073709551615", "18446744073709551616", "1e308", "-1e308", "1e999", "1e-400", "NaN", "nan", "inf",
    "-Infinity", "0x1p1023", "NA", "\"NA\"", "NULL", "1,5", "\"1,5\"", "1 2 x", "1e999 2", "nan nan", "\u{202e}1",
    "\u{200b}", "\u{feff}", "\0", "'=1", "../../etc/passwd", "/dev/zero", String(repeating: "9", count: 5000),
  ]

  /// The columns and a valid row of each table.
  private static let library = [
    ("candidate", "a"), ("condition", "kick"), ("file", "a.wav"), ("group", "g"), ("tags", "808 lo-fi"),
    ("licence", "CC0"), ("source", "s"), ("duration_s", "0.5"), ("sample_rate_hz", "44100"), ("channels", "1"),
    ("sha256", "ff"), ("split", "train"),
  ]
  private static let mixes = [
    ("query", "m"), ("condition", "kick"), ("file", "m.flac"), ("reference", "a"), ("onsets_s", "0 0.5"),
    ("velocities_db", "0 -3"), ("hit_gain_db", "-2"), ("pan", "0"), ("bpm", "120"), ("bars", "2"), ("style", "x"),
    ("backing", "y"), ("licence", "CC0"), ("source", "s"), ("eq_low_db", "1"), ("eq_mid_db", "1"),
    ("eq_mid_hz", "900"), ("eq_high_db", "1"), ("comp_threshold_db", "-20"), ("comp_ratio", "2"),
    ("comp_attack_ms", "9"), ("comp_release_ms", "99"), ("reverb_send_db", "-20"), ("reverb_decay_s", "1"),
    ("exciter_db", "-20"), ("exciter_hz", "3000"), ("limiter_drive_db", "3"), ("limiter_ceiling_dbtp", "-1"),
    ("seed", "7"),
  ]

  /// Whether the table was read. A problem must name the table and say how to fix it.
  private func reads(_ name: String, _ text: Data, _ read: (URL) throws -> Void) throws -> Bool {
    let url = folder.appending(path: name)
    try text.write(to: url)
    let problems: [Problem]
    do {
      try read(url)
      return true
    } catch let problem as Problem { problems = [problem] } catch let all as Problems { problems = all.list }
    for problem in problems {
      #expect(
        problem.place?.file.hasSuffix(name) == true && !problem.what.isEmpty && !problem.mend.isEmpty, "\(problem)")
      // A file that is not text at all has no line.
      #expect(problem.place?.line != nil || problem.what.contains("UTF-16"), "\(problem)")
    }
    return false
  }

  private func check(_ name: String, _ columns: [(String, String)], _ read: (URL) throws -> Void) throws {
    func table(_ row: [String], separator: String = ",", end: String = "\n") -> String {
      [columns.map(\.0), row].map { $0.joined(separator: separator) + end }.joined()
    }
    let good = columns.map(\.1)
    #expect(try reads(name, Data(table(good).utf8), read))
    var refused = 0
    for i in columns.indices {
      for value in Self.values {
        var row = good
        row[i] = value
        if try !reads(name, Data(table(row).utf8), read) { refused += 1 }
      }
    }
    #expect(refused > columns.count)
    // With every separator and line end, and cut off anywhere.
    for separator in [",", ";", "\t", "|"] {
      for end in ["\n", "\r\n", "\r"] {
        #expect(try reads(name, Data(table(good, separator: separator, end: end).utf8), read), "\(separator) \(end)")
      }
    }
    let whole = Data(table(good).utf8)
    for count in 0..<whole.count { _ = try reads(name, whole.prefix(count), read) }
    // Bytes in other encodings, and no bytes.
    for odd in [
      Data(), Data([0xff]), Data([0xff, 0xfe]), Data([0xfe, 0xff, 0]), whole + Data([0xe9]), whole + Data([0, 0, 0]),
      table(good).data(using: .utf16LittleEndian) ?? Data(), Data("\n\n\n".utf8), Data("\"".utf8),
      Data(",,,\n,,,".utf8),
      Data(table(good).replacing(columns[0].0, with: columns[1].0).utf8), whole + Data(table(good).utf8),
      Data(repeating: UInt8(ascii: ","), count: 100_000), Data(repeating: 0, count: 100_000),
    ] { _ = try reads(name, odd, read) }
  }

  @Test func library() throws { try check("library.csv", Self.library) { _ = try LibraryTable.read($0) } }

  @Test func mixes() throws { try check("mixes.csv", Self.mixes) { _ = try MixTable.read($0) } }

  @Test("a pipe or a folder in place of a table is reported, not waited for")
  func odd() throws {
    for name in [LibraryTable.fileName, MixTable.fileName] {
      let url = folder.appending(path: name)
      #expect(mkfifo(url.path, 0o600) == 0)
      for read in [{ _ = try LibraryTable.read(url) }, { _ = try MixTable.read(url) }] {
        #expect { try read() } throws: { "\($0)".contains("this is a pipe, not a file") }
      }
    }
  }
}
