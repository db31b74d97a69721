import Statistics
import Testing

@Suite("Discriminations")
struct DiscriminationTests {
  private struct Fixture: Decodable {
    struct Share: Decodable { var correct, trials: Int, p, low, high, most: Double }
    struct ABX: Decodable { var dPrime, independent, differencing: Double }
    struct Fit: Decodable { var correct, trials: [Int], mean, spread, logLikelihood, binomial: Double }
    var shares: [Share], abx: [ABX], betabinomials: [Fit]
  }
  private let fixture: Fixture
  init() throws { fixture = try Oracle.fixture("discriminations") }

  @Test("the binomial test and the Clopper–Pearson interval equal scipy's exact ones")
  func shares() {
    for one in fixture.shares {
      let answers = CorrectAnswers(correct: one.correct, trials: one.trials), interval = answers.interval()
      #expect(close(answers.p, one.p, 1e-10))
      #expect(close(interval.low, one.low, 1e-8) && close(interval.high, one.high, 1e-8))
      #expect(close(answers.largestShare(), one.most, 1e-8))
    }
  }

  @Test("d′ follows from the joint distribution of the decision variables, by both rules and in both directions")
  func abx() {
    for one in fixture.abx {
      for (rule, share) in [(ABXRule.independentObservation, one.independent), (.differencing, one.differencing)] {
        #expect(abs(rule.share(one.dPrime) - share) < 2e-5)
        #expect(close(rule.dPrime(rule.share(one.dPrime)), one.dPrime, 1e-7))
      }
    }
    #expect(ABXRule.differencing.dPrime(0.3) == 0 && ABXRule.differencing.dPrime(1) == nil)
    // By the differencing rule, a listener needs a larger distance for the same share of right answers.
    #expect((ABXRule.differencing.dPrime(0.8) ?? 0) > (ABXRule.independentObservation.dPrime(0.8) ?? 9))
  }

  @Test("the beta-binomial spread between listeners equals another optimiser's")
  func betaBinomial() throws {
    for one in fixture.betabinomials {
      let answers = zip(one.correct, one.trials).map { CorrectAnswers(correct: $0, trials: $1) }
      let fit = try #require(BetaBinomial(answers))
      #expect(close(fit.logLikelihood, one.logLikelihood, 1e-5))
      #expect(abs(fit.mean - one.mean) < 1e-3 && abs(fit.spread - one.spread) < 1e-3)
      #expect(abs(fit.chiSquared - 2 * (one.logLikelihood - one.binomial)) < 1e-3)
    }
    let all = try #require(BetaBinomial(Array(repeating: CorrectAnswers(correct: 10, trials: 10), count: 4)))
    #expect(all.mean > 0.999 && all.spread == 0 && all.p == 1)
    #expect(BetaBinomial([CorrectAnswers(correct: 1, trials: 1), CorrectAnswers(correct: 0, trials: 1)]) == nil)
  }
}
