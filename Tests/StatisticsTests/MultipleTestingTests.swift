import Statistics
import Testing

@Suite("Multiple testing")
struct MultipleTestingTests {
  struct Fixture: Decodable {
    struct Case: Decodable { var p, none, holm, hochberg, bh, by: [Double?] }
    var cases: [Case]
  }

  @Test("adjusted p-values equal R's")
  func oracle() throws {
    for c in try Oracle.fixture("adjust", as: Fixture.self).cases {
      for (correction, expected) in [
        (Correction.none, c.none), (.holm, c.holm), (.hochberg, c.hochberg), (.bh, c.bh), (.by, c.by),
      ] {
        #expect(zip(adjusted(c.p, correction), expected).allSatisfy { close($0, $1, 1e-14) }, "\(correction) \(c.p)")
      }
    }
  }

  @Test("no p-values give none")
  func empty() {
    #expect(adjusted([], .holm).isEmpty)
    #expect(adjusted([nil], .by) == [nil])
  }
}
