import Basics
import Foundation
import Testing

@Suite("Problems")
struct ProblemTests {
  @Test("a problem is one line with its place, cause and fix")
  func line() {
    let problem = Problem("there is no query 'loop9'", at: Place(file: "s.yaml", line: 12, column: 5), mend: "Add it.")
    #expect(problem.description == "s.yaml:12:5: error: there is no query 'loop9'. Add it.")
    #expect(Problem("gone", mend: "", severity: .warning).description == "warning: gone")
  }

  @Test("a path that leads down and up again is told by its short form, if that leads somewhere")
  func shortPath() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder.appending(path: "a/b"), withIntermediateDirectories: true)
    let file = folder.appending(path: "x.wav"), path = folder.path
    try Data().write(to: file)
    #expect(Place(file: "\(path)/a/b/../../x.wav").file == file.path)
    #expect(Place(file: "\(path)/a/b/../../y.wav").file == "\(path)/a/b/../../y.wav")
    #expect(Place(file: "../x.wav").file == "../x.wav" && Place(file: "../../x/../y").file == "../../x/../y")
  }

  @Test("problems are sorted by file and line")
  func order() {
    let places = [("b", 3), ("a", 2), ("b", 1), ("a", 1)].map { Place(file: $0.0, line: $0.1) }
    let sorted = Problems.inOrder(places.map { Problem("x", at: $0, mend: "") } + [Problem("y", mend: "")])
    #expect(sorted.map { $0.place?.description } == ["b:1", "b:3", "a:1", "a:2", nil])
  }

  @Test(
    "of many problems with the same fix in a file, the first are listed and the others counted",
    arguments: [11, 12, 431])
  func alike(count: Int) {
    let many = (2..<2 + count).map { Problem("gone", at: Place(file: "a", line: $0), mend: "Add it.") }
    let other = Problem("odd", at: Place(file: "a", line: 500), mend: "Mend it.")
    let lines = Problems(many + [other]).description.split(separator: "\n").map(String.init)
    #expect(lines.last == other.description && lines.first == many[0].description)
    #expect(lines.count == 12)
    #expect(lines.contains("… down to a:\(count + 1): \(count - 10) more with the same fix") == (count > 11))
  }
}
