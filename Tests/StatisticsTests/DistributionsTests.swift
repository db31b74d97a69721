import Statistics
import Testing

@Suite("Distributions")
struct DistributionsTests {
  struct Fixture: Decodable {
    struct Tail: Decodable {
      var name: String
      var parameters: [Double]
      var x, lower, upper: Double
    }
    struct Quantile: Decodable {
      var name: String
      var parameters: [Double]
      var p, value: Double
    }
    var tails: [Tail]
    var quantiles: [Quantile]
  }

  func distribution(_ name: String, _ parameters: [Double]) -> any Distribution {
    switch name {
    case "t": StudentT(parameters[0])
    case "f": FDistribution(parameters[0], parameters[1])
    case "chi2": ChiSquared(parameters[0])
    default: Normal()
    }
  }

  @Test("both tails agree with 50-digit arithmetic to 12 digits, however small they are")
  func tails() throws {
    for t in try Oracle.fixture("distributions", as: Fixture.self).tails where min(t.lower, t.upper) > 1e-290 {
      let distribution = distribution(t.name, t.parameters)
      #expect(closeRelatively(distribution.lower(t.x), t.lower), "\(t.name) \(t.parameters) lower \(t.x)")
      #expect(closeRelatively(distribution.upper(t.x), t.upper), "\(t.name) \(t.parameters) upper \(t.x)")
    }
  }

  @Test("quantiles agree with scipy and invert the tails")
  func quantiles() throws {
    for q in try Oracle.fixture("distributions", as: Fixture.self).quantiles {
      let distribution = distribution(q.name, q.parameters)
      let x = try #require(distribution.quantile(q.p))
      #expect(close(x, q.value, 1e-12), "\(q.name) \(q.parameters) \(q.p)")
      #expect(closeRelatively(distribution.lower(x), q.p, 1e-12), "\(q.name) \(q.parameters) \(q.p)")
    }
  }

  @Test("ends of the support, and invalid probabilities")
  func ends() {
    #expect(Normal().quantile(0) == -.infinity)
    #expect(ChiSquared(3).quantile(0) == 0)
    #expect(FDistribution(2, 3).quantile(1) == .infinity)
    #expect(StudentT(4).quantile(1.1) == nil)
    #expect(StudentT(4).quantile(0.5) == 0)
    #expect(StudentT(.infinity).upper(1.96) == Normal().upper(1.96))
  }

  /// By scipy.special.polygamma(1, x).
  @Test(
    "trigamma equals scipy's",
    arguments: [
      (0.5, 4.93480220054468), (1, 1.6449340668482266), (3.7, 0.31003785767003833), (12, 0.0869018728717684),
      (250, 0.004008010666632532),
    ])
  func trigammas(x: Double, expected: Double) { #expect(abs(trigamma(x) / expected - 1) < 1e-9) }
}
