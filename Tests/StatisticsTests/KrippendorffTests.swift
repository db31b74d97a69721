import Statistics
import Testing

@Suite("Krippendorff's alpha")
struct KrippendorffTests {
  @Test("alpha agrees with the krippendorff package when ratings are missing")
  func oracle() throws {
    for (i, c) in try Oracle.fixture("reliability", as: ReliabilityFixture.self).cases.enumerated() {
      for (metric, expected) in zip(KrippendorffAlpha.Metric.allCases, c.alpha) {
        #expect(close(KrippendorffAlpha(UnitRatings(c.rows), metric).value, expected), "case \(i) \(metric)")
      }
    }
  }

  @Test("a resample equals the package on the resampled table, or leaves out pairs of a rating and its copy")
  func resamples() throws {
    for c in try Oracle.fixture("reliability", as: ReliabilityFixture.self).cases {
      let table = UnitRatings(c.rows)
      let bootstrap = CrossedBootstrap(
        listeners: table.raters, queries: table.units,
        replaying: c.resamples.map { .init(listeners: $0.listeners, queries: $0.queries) })
      for (m, metric) in KrippendorffAlpha.Metric.allCases.enumerated() {
        let counted = bootstrap.run(KrippendorffAlpha(table, metric, comparesCopies: true)).values[0]
        for (value, expected) in zip(counted, c.resamples) {
          #expect(close(value.isNaN ? nil : value, expected.counted[m], 1e-10), "\(metric)")
        }
      }
      let distinct = bootstrap.run(KrippendorffAlpha(table, .interval)).values[0]
      for (value, expected) in zip(distinct, c.resamples) where expected.distinct != nil {
        #expect(close(value, expected.distinct, 1e-10))
      }
    }
  }

  @Test("Krippendorff's own example", .enabled(if: Oracle.hasReference, "needs EARSHOT_REFERENCE"))
  func textbook() throws {
    let table = UnitRatings(try ReferenceData.textbook("krippendorff_2011"))
    for (metric, expected) in zip(KrippendorffAlpha.Metric.allCases, [0.743, 0.815, 0.849, 0.797]) {
      let alpha = try #require(KrippendorffAlpha(table, metric).value)
      #expect(abs(alpha - expected) < 0.0006, "\(metric): \(alpha)")
    }
  }

  struct ReferenceFixture: Decodable {
    struct Figures: Decodable {
      var name: String
      var ratings: Int
      var alpha, spearman, kendall: [Double]
    }
    var mushra: [Figures]
  }

  @Test(
    "codec ratings, with and without the listeners whom the authors excluded",
    .enabled(if: Oracle.hasReference, "needs EARSHOT_REFERENCE"))
  func mushra() throws {
    for f in try Oracle.fixture("reference", as: ReferenceFixture.self).mushra {
      let table = try ReferenceData.mushra(f.name)
      #expect(table.ratings.count == f.ratings)
      for (metric, expected) in zip(KrippendorffAlpha.Metric.allCases, f.alpha) {
        #expect(close(KrippendorffAlpha(table, metric).value, expected), "\(f.name) \(metric)")
      }
      let spearmans = try #require(MeanAgreement(table) { spearman($0, $1) })
      let kendalls = try #require(MeanAgreement(table) { kendallTauB($0, $1) })
      #expect(close(spearmans.mean, f.spearman[0]) && Double(spearmans.pairs) == f.spearman[1])
      #expect(close(kendalls.mean, f.kendall[0]) && Double(kendalls.pairs) == f.kendall[1])
    }
    let whole = try #require(KrippendorffAlpha(ReferenceData.mushra("ratings.csv"), .interval).value)
    #expect(abs(whole - 0.539268) < 5e-7)
  }

  @Test("undefined without pairs or without any difference")
  func undefined() {
    #expect(KrippendorffAlpha(UnitRatings([[1, nil], [nil, 2]]), .interval).value == nil)
    #expect(KrippendorffAlpha(UnitRatings([[3, 3], [3, 3]]), .nominal).value == nil)
    #expect(KrippendorffAlpha(UnitRatings([]), .ratio).value == nil)
  }
}
