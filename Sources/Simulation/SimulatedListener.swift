import Basics

/// How sounds seem to one simulated listener, who then answers as the trial's type asks. Listeners differ, as people
/// do: in their mean rating, in how much of the scale they use, in how consistent they are, in how often they answer at
/// random, and in whether they stay.
public struct SimulatedListener: Sendable {
  /// The variation within a population of listeners. Everything except the rates is in units of the whole scale.
  public struct Population: Sendable, Equatable {
    /// The standard deviation of listeners' mean ratings.
    public var bias = 0.06
    /// The standard deviation of the logarithm of listeners' use of the scale.
    public var scaleUse = 0.2
    /// The standard deviation of a listener's lasting preference for a candidate, which is the same when a trial is
    /// repeated.
    public var taste = 0.08
    /// The standard deviation of each single rating.
    public var noise = 0.1
    /// The share of trials rated at random.
    public var lapses = 0.01
    /// The probability of leaving before each trial.
    public var dropOut = 0.004
    /// The share of listeners without headphones, who guess in the headphone check (in rounds of
    /// antiphase, they hear the mono sum, and fail).
    public var noHeadphones = 0.1

    /// A population that varies as these numbers say.
    public init() {}
  }

  /// Of the listener within the simulation, from 1. It seeds all that is random about them.
  public let number: Int
  private let population: Population
  private let seed: UInt64
  private let bias: Double
  private let gain: Double
  /// If not, both channels mix on their way to the ear in the headphone check, and tasks that need them apart are
  /// guessed.
  public let wearsHeadphones: Bool

  /// A listener; the same seed and number give the same one.
  public init(number: Int, population: Population, seed: UInt64) {
    self.number = number
    self.population = population
    self.seed = seed
    var random = SeededRandom(seed: seed, "listener \(number)")
    bias = population.bias * random.normal()
    gain = max(0.3, 1 + population.scaleUse * random.normal())
    wearsHeadphones = random.unit() >= population.noHeadphones
  }

  /// Whether the listener leaves before trial `index`.
  public func leaves(before index: Int) -> Bool {
    var random = SeededRandom(seed: seed, "listener \(number)", "leaving", "\(index)")
    return random.unit() < population.dropOut
  }

  /// How similar the sounds of a page seem to this listener, in the order of `similarities`, from 0 to 1.
  ///
  /// - Parameters:
  ///   - trial: the index of the trial, which seeds the noise, so that a repeated page has new noise.
  ///   - sounds: the names of the candidates, which seed the lasting preferences.
  public func heard(
    trial: Int, query: String, condition: String, sounds: [String], similarities: [Double]
  ) -> [Double] {
    var random = SeededRandom(seed: seed, "listener \(number)", "trial \(trial)")
    let lapsed = random.unit() < population.lapses
    return zip(sounds, similarities).map { sound, similarity in
      var tasteDraw = SeededRandom(seed: seed, "listener \(number)", "taste", query, condition, sound)
      let heard = similarity + population.taste * tasteDraw.normal() + population.noise * random.normal()
      let shown = lapsed ? random.unit() : 0.5 + gain * (heard - 0.5) + bias
      return min(1, max(0, shown))
    }
  }

  /// How long the listener would take over a page, in milliseconds; it is reported, but nobody waits for it.
  public func responseTime(trial: Int, candidates: Int) -> Int {
    var random = SeededRandom(seed: seed, "listener \(number)", "time \(trial)")
    return Int((4000 + Double(candidates) * random.uniform(1800...4200)).rounded())
  }
}
