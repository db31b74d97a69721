import Basics

/// How sounds seem to one simulated listener, who then answers as the trial's type asks. Every listener differs, as people do: where on the
/// scale they sit, how much of it they use, how steady they are, how often their mind wanders, whether they stay.
public struct SimulatedListener: Sendable {
  /// The spread of a population of listeners. All but the rates are in units of the whole scale.
  public struct Population: Sendable, Equatable {
    /// Deviation between listeners of their mean rating.
    public var bias = 0.06
    /// Deviation between listeners of the logarithm of their scale use.
    public var scaleUse = 0.2
    /// Deviation of a listener's lasting taste for a candidate: it returns when a trial is repeated.
    public var taste = 0.08
    /// Deviation of each single rating.
    public var noise = 0.1
    /// Share of trials rated at random.
    public var lapses = 0.01
    /// Chance to close the browser before a trial.
    public var dropOut = 0.004
    /// Share of listeners who are not on headphones and guess in the headphone check.
    public var noHeadphones = 0.1

    public init() {}
  }

  public let number: Int
  private let population: Population
  private let seed: UInt64
  private let bias: Double
  private let gain: Double
  public let wearsHeadphones: Bool

  /// The same seed and number give the same listener.
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

  /// How similar the sounds of one page seem to this listener, in the order of `similarities`, from 0 to 1.
  ///
  /// - Parameters:
  ///   - trial: the trial's index, which draws the noise, so that a repeated page is heard anew.
  ///   - sounds: names of the candidates, which draw the lasting taste.
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

  /// How long the listener takes over a page of so many candidates, in milliseconds; reported, never waited for.
  public func responseTime(trial: Int, candidates: Int) -> Int {
    var random = SeededRandom(seed: seed, "listener \(number)", "time \(trial)")
    return Int((4000 + Double(candidates) * random.uniform(1800...4200)).rounded())
  }
}
