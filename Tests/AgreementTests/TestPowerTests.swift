import Agreement
import Basics
import Foundation
import Ratings
import Statistics
import Testing
import PowerAnalysis

@Suite("Power of tests of systems and of ABX")
struct TestPowerTests {
  private func power(_ change: (inout TestPower.Settings) -> Void, _ listeners: Int, _ items: Int) -> Double {
    var settings = TestPower.Settings()
    settings.replicates = 1000
    change(&settings)
    return TestPower(settings).point(listeners: listeners, items: items).power
  }

  @Test func withoutListenersAndItemsItIsStudents() {
    // With noise alone, this is the power of a two-sided test of 20 × 20 differences, except that t has fewer degrees of
    // freedom.
    let found = power({ ($0.difference, $0.components) = (1.5, .init(listeners: 0, items: 0, noise: 10)) }, 20, 20)
    let t = StudentT(19).quantile(0.975) ?? .nan
    // The standard error is the largest of four estimates, and so tends to be too large.
    #expect(found > 0.68 && found < Normal().upper(t - 1.5 / 0.5) + 0.02)
    // A margin, however small, is decided by the verdict, which is one-sided.
    let verdict = power(
      { ($0.difference, $0.margin, $0.components) = (1.5, 1e-9, .init(listeners: 0, items: 0, noise: 10)) }, 20, 20)
    #expect(verdict > found + 0.04 && verdict < Normal().upper((StudentT(19).quantile(0.95) ?? .nan) - 3) + 0.02)
  }

  @Test func threeListenersShowNothing() {
    // `earshot analyze` gives no interval of a difference with fewer than four listeners.
    for claim in [TestPower.Claim.better, .equivalent] {
      let change: (inout TestPower.Settings) -> Void = {
        ($0.claim, $0.difference, $0.margin) = (claim, claim == .better ? 90 : 0, claim == .better ? 0 : 60)
      }
      #expect(power(change, 3, 8) == 0 && power(change, 4, 8) > 0.5)
    }
  }

  @Test func fewItemsAreThoseOfTheClaim() throws {
    // With three items, `earshot analyze` resamples listeners alone, and so does this: its share of claims is that of
    // simulated studies that are analysed.
    let components = TestPower.Components(listeners: 6, items: 6, noise: 12)
    let found = power({ ($0.difference, $0.components) = (6, components) }, 20, 3)
    var claims = 0, random = SeededRandom(seed: 4)
    for _ in 0..<40 {
      var scores: [Findings.Score] = []
      let items = (0..<3).map { _ in 6 * random.normal() }
      for listener in 0..<20 {
        let own = 6 + 6 * random.normal()
        for (k, item) in items.enumerated() {
          for (system, value) in [("a", own + item + 12 * random.normal()), ("b", 0)] {
            scores.append(.init(listener: "\(listener)", item: "\(k)", system: system, value: value))
          }
        }
      }
      let tables = try Findings.comparing(scores, scale: -100...100, plan: quickPlan())
      let differences = try #require(tables.first { $0.name == "system_differences" })
      if (differences.number(0, "low") ?? -1) > 0 { claims += 1 }
    }
    #expect(found > 0.5 && abs(found - Double(claims) / 40) < 0.25, "\(found) and \(claims) of 40")
  }

  @Test func falseClaimsAreRare() {
    // If the true difference equals the margin, a claim that it is smaller or larger is made in at most one of twenty
    // studies.
    for (difference, claim) in [(5.0, TestPower.Claim.equivalent), (-5, .equivalent), (5, .better)] {
      let share = power({ ($0.difference, $0.margin, $0.claim) = (difference, 5, claim) }, 20, 12)
      #expect(share < 0.07, "\(claim)")
    }
    #expect(power({ ($0.claim, $0.share) = (.heard, 0.5) }, 20, 10) < 0.07)
    #expect(power({ ($0.claim, $0.share, $0.margin) = (.notHeard, 0.65, 0.15) }, 20, 10) < 0.07)
  }

  @Test func moreIsMore() {
    let few = power({ $0.difference = 6 }, 8, 6), many = power({ $0.difference = 6 }, 24, 12)
    #expect(many > few + 0.1)
    let one = power({ ($0.claim, $0.share) = (.heard, 0.6) }, 6, 5),
      more = power({ ($0.claim, $0.share) = (.heard, 0.6) }, 20, 10)
    #expect(more > one + 0.2)
    // Without spread between listeners, the power of ABX is the binomial test's, less what the interval over listeners
    // costs.
    let exact = power({ ($0.claim, $0.share, $0.spread) = (.heard, 0.65, 0) }, 30, 10)
    #expect(exact > 0.97)
    // The same seed gives the same power.
    #expect(few == power({ $0.difference = 6 }, 8, 6))
  }

  @Test func aPilotsComponentsAndItsUncertainty() throws {
    let study = ScoredStudy(listeners: 40, items: 30, marks: [], round: { $0 })
    let found = try inFolder { folder in
      let url = folder.appending(path: "scores.csv")
      try Data(study.text.utf8).write(to: url)
      return try TestPower.components(url, plan: AnalysisPlan())
    }
    // A difference has twice the variance of a score.
    #expect(abs(found.listeners - 4 * 2.0.squareRoot()) < 1.2 && abs(found.items - 4 * 2.0.squareRoot()) < 1.5)
    #expect(abs(found.noise - 6 * 2.0.squareRoot()) < 0.5 && found.pilot == .init(listeners: 40, items: 30))
    let scales = "participant,query,system,score,scale\n1,a,x,3,noise\n1,a,y,4,noise\n1,a,x,3,signal\n1,a,y,4,signal\n"
    #expect {
      try inFile(scales) { try TestPower.components($0, plan: AnalysisPlan()) }
    } throws: { "\($0)".contains("several kinds of scores: noise, signal") }
    #expect(throws: (any Error).self) {
      try inFile("participant,query,system,score\n1,a,x,3\n1,a,y,4\n") {
        try TestPower.components($0, plan: AnalysisPlan())
      }
    }
    // A small pilot makes the power less certain, and so nearer to one half.
    var small = TestPower.Components(listeners: 6, items: 6, noise: 11)
    let sure = power({ ($0.difference, $0.components) = (9, small) }, 24, 12)
    small.pilot = .init(listeners: 4, items: 4)
    let unsure = power({ ($0.difference, $0.components) = (9, small) }, 24, 12)
    #expect(sure > 0.85 && unsure < sure - 0.05)
  }

  @Test func theAnswerIsASentence() {
    var settings = TestPower.Settings()
    (settings.claim, settings.share, settings.replicates) = (.heard, 0.8, 200)
    let power = TestPower(settings),
      points = [power.point(listeners: 10, items: 10), power.point(listeners: 3, items: 1)]
    let told = power.told(points)
    #expect(
      told.hasPrefix("With 10 listeners and 10 items, ") && told.contains("studies show that a difference is audible"))
    #expect(power.json(points).contains("\"claim\": \"heard\"") || power.json(points).contains("\"claim\":\"heard\""))
  }
}
