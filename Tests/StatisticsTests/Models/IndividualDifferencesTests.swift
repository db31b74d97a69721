import Statistics
import Testing

@Suite("Maps whose dimensions are weighted by listener")
struct IndividualDifferencesTests {
  struct Fixture: Decodable {
    struct Case: Decodable {
      var name: String
      var tables: [[[Double]]]
      var points, weights: [[Double]]
      var loss: Double
    }
    var cases: [Case]
  }

  @Test("maps equal those of alternating least squares from many starts")
  func oracle() throws {
    for c in try Oracle.fixture("individual", as: Fixture.self).cases {
      let found = try #require(IndividualDifferences(c.tables))
      let left = found.explained.reduce(0) { $0 + 1 - $1 }
      #expect(found.converged && abs(left - c.loss) < 1e-5, "\(c.name): \(left)")
      for (rows, expected) in [(found.points, c.points), (found.weights, c.weights)] {
        #expect(rows.count == expected.count)
        for (a, b) in zip(rows.joined(), expected.joined()) { #expect(abs(a - b) < 5e-3, "\(c.name)") }
      }
      #expect(found == IndividualDifferences(c.tables))
    }
  }

  @Test("an invalid table of distances has no map")
  func refused() {
    let line = [[0.0, 1, 2], [1, 0, 1], [2, 1, 0]]
    #expect(IndividualDifferences([line]) == nil)
    // Listeners who answer alike weight nothing differently: no axes follow from their answers.
    let alike = (0..<5).map { i in (0..<5).map { j in abs(Double(i - j)) } }
    #expect(IndividualDifferences([alike, alike, alike]) == nil)
    let equal = (0..<5).map { i in (0..<5).map { j in i == j ? 0.0 : 1 } }
    #expect(IndividualDifferences([equal, equal, equal]) == nil)
    #expect(IndividualDifferences([line, [[0, 1, 2], [3, 0, 1], [2, 1, 0]]]) == nil)
    #expect(IndividualDifferences([line, Array(repeating: [0, 0, 0], count: 3)]) == nil)
    #expect(IndividualDifferences([line, line], dimensions: 3) == nil)
    #expect(IndividualDifferences([line, line], dimensions: 1)?.explained.allSatisfy { $0 > 0.999 } == true)
  }
}
