import Basics
import Testing

@Suite("Problems")
struct ProblemTests {
  @Test("a problem is one line with its place, cause and fix")
  func line() {
    let problem = Problem("there is no query 'loop9'", at: Place(file: "s.yaml", line: 12, column: 5), mend: "Add it.")
    #expect(problem.description == "s.yaml:12:5: error: there is no query 'loop9'. Add it.")
    #expect(Problem("gone", mend: "", severity: .warning).description == "warning: gone")
  }

  @Test("problems are sorted by file and line")
  func order() {
    let places = [("b", 3), ("a", 2), ("b", 1), ("a", 1)].map { Place(file: $0.0, line: $0.1) }
    let sorted = Problems.inOrder(places.map { Problem("x", at: $0, mend: "") } + [Problem("y", mend: "")])
    #expect(sorted.map { $0.place?.description } == ["b:1", "b:3", "a:1", "a:2", nil])
  }
}
