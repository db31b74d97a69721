import Basics
import Foundation
import Testing

@Suite("Tables in other programs' formats")
struct TableDialectTests {
  /// Expects the same two rows, whatever the format.
  private func check(_ data: Data, told: String? = nil) throws {
    let notes = TableNotes()
    var reader = try TableReader(data, name: "t.csv", notes: notes)
    #expect(reader.columns == ["name", "rating", "note"])
    var rows: [[String]] = []
    try reader.forEach { rows.append([try $0.name("name"), "\(try $0.number("rating") ?? -1)", $0["note"] ?? "–"]) }
    #expect(rows == [["a", "26.1", "x"], ["b", "60.0", "–"]])
    let said = notes.all.map(\.what).joined(separator: "\n")
    #expect(told.map { said.contains($0) } ?? said.isEmpty, "\(said)")
  }

  @Test(
    "separators, line ends and empty cells",
    arguments: [
      ("name,rating,note\na,26.1,x\nb,60.0,\n", nil),
      ("\u{feff}name,rating,note\r\na,26.1,x\r\nb,60.0,", nil),
      ("name;rating;note\na;26.1;x\nb;60;\n", "semicolons"), ("name;rating;note\na;26,1;x\nb;60,0;\n", "decimal comma"),
      ("name\trating\tnote\na\t26.1\tx\nb\t60\t\n", "tabs"), ("name|rating|note\na|26.1|x\nb|60|\n", "vertical bars"),
      ("\"name\";\"rating\";\"note\"\n\"a\";\"26,1\";\"x\"\n\"b\";\"60,0\";\n", "decimal comma"),
      ("name,rating,note\na,\"26,1\",x\nb,\"60,0\",\n", "decimal comma"),
      ("sep=;\r\nname;rating;note\r\na;26.1;x\r\nb;60;\r\n", "as its line 'sep=' says"),
      ("\u{feff}sep=,\nname,rating,note\na,26.1,x\nb,60,\n", "commas between its cells"),
      ("\"sep=|\"\nname|rating|note\na|26.1|x\nb|60|\n", "vertical bars"),
      ("SEP=\t\t\t\nname\trating\tnote\na\t26.1\tx\nb\t60\t\n", "tabs"),
      ("sep=:\nname:rating:note\na:26.1:x\nb:60:\n", "separator ':'"),
      ("name,rating,note\ra,26.1,x\rb,60.0,\r", "old Macs"), ("name;rating;note\ra;26,1;x\rb;60,0;", "old Macs"),
      ("name,rating,note\r\r\na,26.1,x\r\r\nb,60.0,\r\r\n", "old Macs"),
      ("name,rating,note,,\na,26.1,x,,\nb,60,,,\n,,,,\n,,,,\n", nil), ("name,rating,note\na,26.1,x,,,\nb,60,\n", nil),
      ("name;rating;note;;\na;26,1;x\nb;60,0;\n;;;;\n", "semicolons"),
      ("\n\n,,\nname,rating,note\n\na,26.1,x\n \nb,60,\n", nil),
      (",name,rating,note\n0,a,26.1,x\n1,b,60.0,\n", "2 cells in columns without a name are not read"),
      ("name, rating, note\na, 26.1,x\nb, 60.0,\n", nil), ("name, \"rating\" ,note\na, \"26.1\" ,\"x\"\nb,60,\n", nil),
      ("name,rating,note\na,+26.1,x\nb,6e1,\n\u{1a}", nil), ("note;name;rating\nx;a;26,1\n;b;60\n", "semicolons"),
    ] as [(String, String?)])
  func readsTheSame(text: String, told: String?) throws {
    if text.hasPrefix("note") {
      var reader = try TableReader(Data(text.utf8), name: "t.csv")
      #expect(try reader.next()?.number("rating") == 26.1)
      return
    }
    try check(Data(text.utf8), told: told)
  }

  @Test("UTF-16 with and without a byte-order mark")
  func sixteenBits() throws {
    let text = "name\trating\tnote\r\na\t26,1\tx\r\nb\t60,0\t\r\n"
    let units = Array(text.utf16)
    let little = Data(units.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    let big = Data(units.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
    for data in [Data([0xff, 0xfe]) + little, little, Data([0xfe, 0xff]) + big, big] {
      try check(data, told: "as UTF-16 text")
    }
    #expect(throws: Problem.self) { try TableReader(Data([0xff, 0xfe]) + little.dropLast(), name: "t.csv") }
  }

  @Test("an old code page is reported with the text it would give")
  func codePage() throws {
    let data = Data("name,rating\nJ".utf8) + Data([0xf6]) + Data("rg,1\n".utf8)
    var reader = try TableReader(data, name: "t.csv")
    let problem = try #require(throws: Problem.self) { try reader.next() }
    #expect(problem.what.contains("Windows-1252") && problem.what.contains("'Jörg'") && problem.place?.line == 2)
    let whole = try #require(throws: Problem.self) { try TextBytes.text(of: data, file: "p.yaml") }
    #expect(whole.place == Place(file: "p.yaml", line: 2) && whole.what.contains("Jörg"))
    #expect(try TextBytes.text(of: Data([0xef, 0xbb, 0xbf]) + Data("a: 1".utf8), file: "p.yaml") == "a: 1")
  }

  @Test("the separator is the one on which the lines agree")
  func agreement() throws {
    for (text, column) in [
      ("a|b,c\n1|x,2\n3|y,4\n", "c"), ("a,b;c\n1,5;2\n3;4\n", "c"), ("\"a;b\",c\n\"1;2\",3\n", "c"),
      ("a;b,c,d;e\n1;2,5;3\n1;2,5,0;3\n", "e"),
    ] { #expect(try TableReader(Data(text.utf8), name: "t.csv").has(column), "\(text)") }
    let alone = try TableReader(Data("a b c\n1 2 3\n".utf8), name: "t.csv")
    let problem = try #require(throws: Problem.self) { try alone.require("a") }
    #expect(problem.mend.contains("separate them with commas, semicolons, tabs or vertical bars"))
  }

  /// The numbers in column x, or the problem.
  private func numbers(_ cells: [String], beside other: [String] = []) -> String {
    do {
      let rows = cells.enumerated().map { i, cell in "\(cell);\(i < other.count ? other[i] : "")\n" }
      var reader = try TableReader(Data(("x;y\n" + rows.joined()).utf8), name: "t.csv")
      var found: [Double?] = []
      try reader.forEach { row in found.append(try row.number("x")) }
      return found.map { $0.map { "\($0)" } ?? "–" }.joined(separator: " ")
    } catch { return "\(error)" }
  }

  @Test("decimal commas and thousands separators are read if unambiguous, and otherwise refused with a reason")
  func decimals() {
    #expect(numbers(["26,1", "0,5", "-1,25", "+2,5e-1", "\u{2212}3,5"]) == "26.1 0.5 -1.25 0.25 -3.5")
    #expect(numbers(["1,234", "2,5"]) == "1.234 2.5" && numbers(["2,5", "1,234"]) == "2.5 1.234")
    #expect(numbers(["1,234"], beside: ["0,25"]) == "1.234" && numbers(["0,123", "1234,567"]) == "0.123 1234.567")
    #expect(numbers(["1,234", "1,234.5"]) == "1234.0 1234.5" && numbers(["1,234,567"]) == "1234567.0")
    #expect(numbers(["1.234,5", "26,1"]) == "1234.5 26.1" && numbers(["1.234.567,0"]) == "1234567.0")
    #expect(numbers(["1,234"]).contains("its comma may separate decimals or thousands"))
    #expect(numbers(["1,234", "1,5", "1,234.5"]).contains("its comma may separate decimals or thousands"))
    #expect(numbers(["26,1", "1.234"]).contains("the point of '1.234' in line 3 may separate decimals or thousands"))
    #expect(numbers(["1.234", "26,1"]).contains("the point of '1.234' in line 2 may separate decimals or thousands"))
    #expect(numbers(["1.234"], beside: ["26,1"]) == "1.234")
    #expect(numbers(["26.1", "1.234", "0.5"]) == "26.1 1.234 0.5")
    #expect(numbers(["2.5", "1.234"], beside: ["2,5", "3,5"]) == "2.5 1.234")
    let both = "x;y\n2,5;1.234\n"
    #expect(throws: Problem.self) {
      var reader = try TableReader(Data(both.utf8), name: "t.csv")
      try reader.forEach { _ = (try $0.number("x"), try $0.number("y")) }
    }
    for wrong in ["1,23,4", "1,2.3", "12,34.5", "1.2.3", ",", "1,", "50 %", "inf", "1'234", "x"] where wrong != "1," {
      #expect(numbers([wrong]).contains("is not a number"), "\(wrong)")
    }
  }

  @Test("words for missing values, whole numbers with decimals, and other programs' flags")
  func values() throws {
    func row(_ cell: String) throws -> TableRow? {
      var reader = try TableReader(Data("x;y\n\(cell);1\n".utf8), name: "t.csv")
      return try reader.next()
    }
    for word in ["NA", "NaN", "nan", "N/A", "n/a", "null", "NULL", "None", "#N/A", "<NA>", ".", "-", " ", " NA "] {
      #expect(
        try row(word)?.number("x") == nil && row(word)?.integer("x") == nil && row(word)?.flag("x") == nil, "\(word)")
    }
    for (text, whole) in [("1", 1), ("1.0", 1), (" 12 ", 12), ("1e3", 1000), ("3,0", 3), ("-2.00", -2)] {
      #expect(try row(text)?.integer("x") == whole, "\(text)")
    }
    for wrong in ["1.5", "1e300", "9223372036854775808", "x", "inf"] {
      #expect(throws: Problem.self, "\(wrong)") { try row(wrong)?.integer("x") }
    }
    for yes in ["true", "TRUE", "T", "t", "1", "1.0", "1,0", "yes", "Y", "WAHR", "true ", "\u{a0}True"] {
      #expect(try row(yes)?.flag("x") == true, "\(yes)")
    }
    for no in ["false", "FALSE", "F", "0", "0.0", "no", "N", "FALSCH", " false"] {
      #expect(try row(no)?.flag("x") == false, "\(no)")
    }
    for wrong in ["2", "maybe", "0.5"] { #expect(throws: Problem.self) { try row(wrong)?.flag("x") } }
    // A name that is a word for a missing value counts as missing, unless it is in quotation marks.
    #expect(throws: Problem.self) { try row("NA")?.name("x") }
    #expect(try row("NA")?.name(ifAny: "x") == nil && row("\"NA\"")?.name("x") == "NA" && row("Na")?.name("x") == "Na")
  }

  @Test("cells that are not read literally are reported once per column")
  func notes() throws {
    let notes = TableNotes()
    let text = "name,x,f\nP1,1,T\nP1 ,NA,F\nP2,NA,T\n\u{a0}P2,3,true\n"
    var reader = try TableReader(Data(text.utf8), name: "t.csv", notes: notes)
    try reader.forEach {
      for _ in 0..<2 { _ = (try $0.name("name"), try $0.number("x"), try $0.flag("f")) }
    }
    let all = notes.all
    #expect(all.map(\.kind) == [.missing, .flags, .flags, .names])
    #expect(all.map(\.count) == [2, 2, 1, 2] && all.map(\.isAlarm) == [false, false, false, true])
    #expect(all[0].what == "2 cells of 'x' say 'NA' and are read as missing")
    #expect(all[3].what.contains("'P1‹U+0020›' is read as 'P1'") && all[3].place.line == 3)
    #expect(notes.warnings.allSatisfy { $0.severity == .warning })
    // Spaces after every comma are a style, not a mistake.
    let spaced = TableNotes()
    var second = try TableReader(Data("x, name\n1, a\n2, b\n".utf8), name: "t.csv", notes: spaced)
    try second.forEach { _ = try $0.name("name") }
    #expect(spaced.all.map(\.isAlarm) == [false])
  }

  @Test("a path is trimmed at its ends only")
  func paths() throws {
    var reader = try TableReader(Data("a,file\n1, e\u{301}  b.wav\u{a0}\n2,\" \"\n".utf8), name: "t.csv")
    #expect(try reader.next()?.path("file").utf8.elementsEqual("e\u{301}  b.wav".utf8) == true)
    let row = try reader.next()
    #expect(throws: Problem.self) { try row?.path("file") }
  }
}
