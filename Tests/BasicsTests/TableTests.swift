import Basics
import Foundation
import Testing

@Suite("Tables")
struct TableTests {
  @Test("what was written reads back the same, whatever the cells contain")
  func roundTrip() throws {
    var random = SeededRandom(seed: 7, "table round trip")
    let alphabet = Array("ab,\"\n\r é🥁 1.5")
    for _ in 0..<200 {
      let rows = (0..<5).map { _ in
        (0..<3).map { _ in String((0..<random.below(6)).map { _ in random.pick(alphabet) }) }
      }.filter { $0.contains { !$0.allSatisfy(\.isWhitespace) } }
      var data = Data()
      var writer = try TableWriter(columns: ["a", "b", "c"]) { data.append($0) }
      for row in rows { try writer.row(row) }
      try writer.flush()
      var reader = try TableReader(data, name: "t.csv")
      var read: [[String]] = []
      try reader.forEach { row in read.append(["a", "b", "c"].map { row[$0] ?? "" }) }
      #expect(read == rows)
    }
  }

  @Test("what is called as other programs write a missing name is read as a name")
  func namesLikeMissing() throws {
    let names = ["NA", "N/A", "NaN", "nan", "NULL", "#N/A", "<NA>"]
    var data = Data()
    var writer = try TableWriter(columns: ["a"]) { data.append($0) }
    for name in names { try writer.row([name]) }
    try writer.flush()
    var reader = try TableReader(data, name: "t.csv"), read: [String] = []
    try reader.forEach { read.append(try $0.name("a")) }
    #expect(read == names)
  }

  @Test("errors name file, line and column")
  func errors() throws {
    func problem(_ text: String, _ use: (TableRow) throws -> Void = { _ in }) -> String? {
      do {
        var reader = try TableReader(Data(text.utf8), name: "t.csv")
        try reader.forEach(use)
        return nil
      } catch { return "\(error)" }
    }
    #expect(problem("")?.hasPrefix("t.csv:1: error: the table is empty") == true)
    #expect(problem("a,b\n1,2\n3\n")?.hasPrefix("t.csv:3: error: the row has 1 cell and the header 2") == true)
    #expect(problem("a,b\n1,\"2\n")?.hasPrefix("t.csv:2:3: error: a quoted cell is never closed") == true)
    #expect(problem("a,a\n")?.hasPrefix("t.csv:1:3: error: the column 'a' occurs twice") == true)
    #expect(problem("a,b\n\"x\ny\",1\nz,oops\n") { _ = try $0.number("b") }?.hasPrefix("t.csv:4:3: ") == true)
    #expect(problem("a,b\n1,2\n3,\0\0")?.hasPrefix("t.csv:3: error: the file contains zero bytes") == true)
    #expect(problem("\u{feff}a\n\0")?.hasPrefix("t.csv:2: error: the file contains zero bytes") == true)
    for hex in ["0x10", "-0X1F", "+0x1p3"] {
      #expect(problem("a\n\(hex)\n") { _ = try $0.number("a") }?.contains("which is not a number") == true)
    }
    let long = String(repeating: "é", count: 6000)
    #expect(problem("a\n\(long)\n") { _ = try $0.name("a") }?.hasPrefix("t.csv:2:1: error: 'a' has 6000 signs") == true)
    #expect(problem("a\n\(long)\n") { _ = try $0.text("a") } == nil)
    let wide = "a" + String(repeating: ",", count: 70_000)
    #expect(problem(wide)?.contains("more than the 70000 columns that can be read") == true)
    let latin = Data("a,b\n1,".utf8) + Data([0xe9, 0x0a])
    #expect(throws: Problem.self) {
      var reader = try TableReader(latin, name: "t.csv")
      _ = try reader.next()
    }
  }

  @Test("byte-order mark, CRLF and blank lines are accepted")
  func dialects() throws {
    var reader = try TableReader(Data("\u{feff}a, b\r\n1,\"2\"\r\n\r\n3,\r\n".utf8), name: "t.csv")
    #expect(reader.columns == ["a", "b"])
    var rows: [[Double?]] = []
    try reader.forEach { rows.append([try $0.number("a"), try $0.number("b")]) }
    #expect(rows == [[1, 2], [3, nil]])
  }
}
