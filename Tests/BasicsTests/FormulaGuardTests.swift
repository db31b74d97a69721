import Basics
import Foundation
import Testing

@Suite("Texts that a spreadsheet would take for formulas")
struct FormulaGuardTests {
  @Test("would-be formulas get an apostrophe; plain numbers and other texts stay as they are")
  func forms() {
    for text in [
      "=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "=", "-", "-1+1", "+49 30 1", "'=1", "''-x",
    ] {
      #expect(FormulaGuard.guarded(text) == "'" + text, "\(text)")
    }
    for text in ["", "a=1", "-3", "+1.5", "-2e-7", "12", "'", "'a", " =1", "é", "5e3d0b2f9c41a7"] {
      #expect(FormulaGuard.guarded(text) == text, "\(text)")
    }
  }

  @Test("every text is recovered, and no two texts become the same")
  func roundTrip() {
    var random = SeededRandom(seed: 5, "formula guard")
    let alphabet = Array("'=+-@1.e\tx é＝")
    var seen: [String: String] = [:]
    for _ in 0..<20_000 {
      let text = String((0..<random.below(6)).map { _ in random.pick(alphabet) })
      let guarded = FormulaGuard.guarded(text)
      #expect(FormulaGuard.plain(guarded) == text)
      #expect(seen.updateValue(text, forKey: guarded) ?? text == text)
    }
  }

  @Test("a guarded table is read as the original")
  func table() throws {
    var data = Data()
    let cells = ["=1+1", "'=x", "-3", "plain", "@a,b"]
    var writer = try TableWriter(columns: ["t"], guardsFormulas: true) { data.append($0) }
    for cell in cells { try writer.row([cell]) }
    try writer.flush()
    #expect(String(decoding: data, as: UTF8.self) == "t\n'=1+1\n''=x\n-3\nplain\n\"'@a,b\"\n")
    var reader = try TableReader(data, name: "t.csv")
    for cell in cells { #expect(try reader.next()?["t"] == cell) }
  }
}
