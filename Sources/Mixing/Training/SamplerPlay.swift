import Basics
import Foundation
import Sound
import Synthesis

/// What a sampler does to a one-shot when a song plays it: other pitches, late starts, cuts and fades, a moving filter,
/// few bits and a low sample rate, an echo and a room of its own. The one-shot to be retrieved is the one before all
/// this.
struct SamplerPlay {
  private var step = 1.0
  private var offset = 0, length = Int.max, attack = 0
  private var decay: Float = 1
  private var filter: Filter?
  private var levels: Float = 0
  private var hold = 1.0
  private var delay = 0, feedback: Float = 0, echoes: Float = 0
  private var room: NoiseRoom?
  private var roomLevel: Float = 0
  private var widening = 0
  private let isPlain: Bool

  private struct Filter {
    var response: StateVariableFilter.Response
    var from: Double, to: Double, seconds: Double, q: Double
  }

  private static let rate = Double(Backing.sampleRate)

  /// - Parameter recipe: the chance of each effect, and the ranges of its settings.
  init(_ recipe: TrainingRecipe, _ random: inout SeededRandom) {
    // Every draw is made whether it is used or not, so that no choice affects the next.
    let isPitched = random.unit() < recipe.pitched, isFar = random.unit() < recipe.pitchedFar
    let near = random.uniform(-7...7), far = random.uniform(-recipe.farthest...recipe.farthest)
    let isLate = random.unit() < recipe.offset, late = random.uniform(recipe.offsetBy)
    let isCut = random.unit() < recipe.cut, cut = SamplerPlay.between(recipe.cutAfter, random.unit())
    let isEnveloped = random.unit() < recipe.enveloped
    let rise = random.unit() < 0.5 ? 0 : random.uniform(recipe.attack), fall = random.uniform(recipe.fall)
    let isFiltered = random.unit() < recipe.filtered, kind = random.below(4), moves = random.unit() < 0.5
    let cutoff = SamplerPlay.between(recipe.cutoff, random.unit()),
      aim = SamplerPlay.between(recipe.cutoff, random.unit())
    let q = SamplerPlay.between(recipe.resonance, random.unit()), sweep = random.uniform(0.03...0.3)
    let isCrushed = random.unit() < recipe.crushed, bits = random.uniform(recipe.bits)
    let held = SamplerPlay.between(recipe.reduced, random.unit())
    let isEchoed = random.unit() < recipe.echoed, apart = random.uniform(0.08...0.4)
    let back = random.uniform(0.1...0.6), echo = random.uniform(-15 ... -5)
    let isRoomed = random.unit() < recipe.roomed, size = random.uniform(0.15...0.7), wet = random.uniform(-14 ... -1)
    let isWidened = random.unit() < recipe.widened, apartness = random.uniform(0.0005...0.012)
    var roomRandom = SeededRandom(seed: random.next(), "room")
    isPlain = ![isPitched, isLate, isCut, isEnveloped, isFiltered, isCrushed, isEchoed, isRoomed, isWidened].contains(
      true)
    let rate = Self.rate
    if isPitched { step = pow(2, (isFar ? far : near) / 12) }
    if isLate { offset = Int(late * rate) }
    if isCut { length = Int(cut * rate) }
    if isEnveloped {
      attack = Int(rise * rate)
      decay = Float(amplitude(fall / rate))
    }
    if isFiltered {
      filter = Filter(
        response: [.lowpass, .lowpass, .highpass, .bandpass][kind], from: cutoff, to: moves ? aim : cutoff,
        seconds: sweep, q: q)
    }
    if isCrushed {
      levels = Float(pow(2, bits - 1))
      hold = rate / held
    }
    if isEchoed { (delay, feedback, echoes) = (Int(apart * rate), Float(back), Float(amplitude(echo))) }
    if isRoomed {
      room = NoiseRoom(decay: size, rate: rate, random: &roomRandom)
      roomLevel = Float(amplitude(wet))
    }
    if isWidened { widening = Int(apartness * rate) }
  }

  /// The value at `share` (0 to 1) of a range, on a logarithmic scale.
  private static func between(_ range: ClosedRange<Double>, _ share: Double) -> Double {
    range.lowerBound * pow(range.upperBound / range.lowerBound, share)
  }

  /// Returns the sound as it is played, at most `longest` samples long.
  func play(_ source: [Float], longest: Int) -> [Float] {
    guard !isPlain else { return source }
    // Some of the sound is left, however late a note starts and however soon it ends.
    let start = min(offset, source.count / 4)
    var samples = HitShaper.resampled(start > 0 ? Array(source[start...]) : source, step: step, longest: longest)
    if length < samples.count { samples.removeLast(samples.count - max(length, 441)) }
    if attack > 0 || decay < 1 {
      var gain: Float = 1
      for i in samples.indices {
        samples[i] *= i < attack ? gain * Float(i) / Float(attack) : gain
        gain *= decay
      }
    }
    if let filter { run(filter, &samples) }
    if levels > 0 {
      let peak = max(samples.lazy.map(abs).max() ?? 0, 1e-9)
      var next = 0.0
      var kept: Float = 0
      for i in samples.indices {
        if Double(i) >= next {
          kept = (samples[i] / peak * levels).rounded() / levels * peak
          next += hold
        }
        samples[i] = kept
      }
    }
    let fade = min(220, samples.count)
    for k in 0..<fade { samples[samples.count - 1 - k] *= Float(k) / Float(fade) }
    if widening > 0, widening < samples.count {
      // Two channels slightly apart in time, summed to one.
      for i in (widening..<samples.count).reversed() { samples[i] = 0.6 * samples[i] + 0.4 * samples[i - widening] }
    }
    if let room {
      // The reverberation of the first 0.075 s stands for that of the whole sound.
      let wet = room.add(to: samples.prefix(3307).map(Double.init), level: Double(roomLevel))
      let dry = min(3307, samples.count)
      samples += [Float](repeating: 0, count: max(0, min(longest, wet.count) - samples.count))
      for i in 0..<min(longest, wet.count) { samples[i] += Float(wet[i]) - (i < dry ? samples[i] : 0) }
    }
    if delay > 0 {
      let count = min(longest, samples.count + 3 * delay)
      samples += [Float](repeating: 0, count: max(0, count - samples.count))
      let dry = samples
      var gain = echoes
      for echo in 1...3 {
        for i in min(echo * delay, count)..<count { samples[i] += gain * dry[i - echo * delay] }
        gain *= feedback
      }
    }
    return samples
  }

  private func run(_ filter: Filter, _ samples: inout [Float]) {
    var state = StateVariableFilter(filter.response, frequency: filter.from, q: filter.q, sampleRate: Self.rate)
    let ratio = filter.to / filter.from, steps = filter.seconds * Self.rate
    for i in samples.indices {
      if ratio != 1, i % 64 == 0, Double(i) <= steps + 64 {
        state.tune(filter.from * pow(ratio, min(1, Double(i) / steps)), q: filter.q, sampleRate: Self.rate)
      }
      samples[i] = Float(state(Double(samples[i])))
    }
  }
}
