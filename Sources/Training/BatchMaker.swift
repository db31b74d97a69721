import Basics
import Neural

/// Makes the batches of a training, in the order of its steps. A batch depends only on the settings and the number of
/// the step, even if the training resumes in the middle, and however much is made ahead on other threads.
public final class BatchMaker {
  /// The log-mel images of a mix and of its one-shots.
  private struct Example: Sendable {
    var mix: LogMel.Image?
    /// For each class, the drums that play.
    var drums: [[(identity: Int, image: LogMel.Image, twin: LogMel.Image?)]]
  }

  private let source: any MixSource
  private let settings: TrainingSettings
  private let mel: LogMel
  private let ahead: Ahead<[Example]>
  /// Example `n` is at `n % bank.count`. Empty if all mixes of a step are new.
  private var bank: [Example] = []
  private var next: Int

  /// - Parameters:
  ///   - step: the first step to make a batch for, from 1.
  ///   - progress: called with the number of mixes made while the bank is filled.
  public init(
    _ source: any MixSource, _ settings: TrainingSettings, from step: Int = 1, progress: ProgressHandler? = nil
  ) throws {
    self.source = source
    self.settings = settings
    let mel = LogMel(settings.mel)
    self.mel = mel
    next = step
    let size = settings.bank, fresh = size > 0 ? settings.fresh : settings.batch
    if size > 0 {
      // Step n draws from `size` examples, starting at n · fresh. The last of them are made in step n itself.
      let first = (step - 1) * fresh
      let filled = try parallelMap(Array(first..<first + size), progress: progress) {
        try Self.example($0, source, settings, mel)
      }
      bank = filled
      for (i, example) in filled.enumerated() { bank[(first + i) % size] = example }
    }
    ahead = Ahead(from: step, depth: 4) { step in
      let first = size + (step - 1) * fresh
      return try (first..<first + fresh).map { try Self.example($0, source, settings, mel) }
    }
  }

  /// The batch of the next step.
  public func batch() throws -> TrainingBatch {
    let step = next
    next += 1
    var random = SeededRandom(seed: settings.seed, "training", "batch", String(step))
    let new = try ahead.item(step)
    guard !bank.isEmpty else { return try assemble(new, &random) }
    let first = bank.count + (step - 1) * new.count
    for (i, example) in new.enumerated() { bank[(first + i) % bank.count] = example }
    // A partial Fisher–Yates shuffle: only the first places are needed.
    var places = Array(bank.indices)
    for i in 0..<settings.batch { places.swapAt(i, i + random.below(places.count - i)) }
    return try assemble(places.prefix(settings.batch).map { bank[$0] }, &random)
  }

  private static func example(_ number: Int, _ source: any MixSource, _ settings: TrainingSettings, _ mel: LogMel)
    throws -> Example
  {
    var random = SeededRandom(seed: settings.seed, "training", "mix", String(number))
    let seed = random.next()
    let made = try source.mix(
      seed: seed, seconds: settings.seconds, hasTwins: settings.comparesTwins && random.unit() < settings.twins)
    return Example(
      mix: settings.hearsMixes ? mel.features(of: made.samples) : nil,
      drums: source.conditions.indices.map { c in
        made.parts.filter { $0.condition == c }.map {
          ($0.identity, mel.hit(of: $0.oneShot), $0.twin.map { mel.hit(of: $0) })
        }
      })
  }

  private func assemble(_ examples: [Example], _ random: inout SeededRandom) throws -> TrainingBatch {
    let classes = source.conditions.count
    var batch = TrainingBatch(
      mixCount: examples.count, mixFrames: examples[0].mix?.frames ?? 0, mixes: [], hitFrames: settings.mel.hitFrames,
      hits: [], hitCondition: [], hitMix: [], hitIdentity: [])
    batch.mixes.reserveCapacity(examples.count * batch.mixFrames * settings.mel.mels)
    batch.hits.reserveCapacity(
      (examples.count + settings.extraNegatives) * classes * settings.mel.hitFrames * settings.mel.mels)
    func add(_ image: LogMel.Image, _ condition: Int, mix: Int, identity: Int) {
      batch.hits += image.values
      batch.hitCondition.append(Int32(condition))
      batch.hitMix.append(Int32(mix))
      batch.hitIdentity.append(Int32(identity))
    }
    for (m, example) in examples.enumerated() {
      if var image = example.mix {
        blot(&image, &random)
        batch.mixes += image.values
      }
      // If several drums of a class play, one is drawn as the positive and the others stay out of the batch, so that
      // none is a negative of its own mix.
      let chosen = example.drums.map { $0.count > 1 ? random.pick($0) : $0[0] }
      for (c, drum) in chosen.enumerated() { add(drum.image, c, mix: m, identity: drum.identity) }
      for (c, drum) in chosen.enumerated() {
        if let twin = drum.twin { add(twin, c, mix: -1, identity: TrainingBatch.twin) }
      }
    }
    for c in 0..<classes {
      for _ in 0..<settings.extraNegatives {
        let identity = random.below(source.oneShotCount(c))
        add(mel.hit(of: try source.oneShot(c, identity)), c, mix: -1, identity: identity)
      }
    }
    return batch
  }

  /// Masks stripes of mel bands and of frames with a level of about 60 dB below full scale, if `mel.mean` and
  /// `mel.deviation` are the defaults.
  private func blot(_ image: inout LogMel.Image, _ random: inout SeededRandom) {
    let quiet: Float = -0.75
    let isBanded = random.unit() < settings.stripes, isStopped = random.unit() < settings.stripes
    let bands = min(image.mels, 1 + random.below(max(1, settings.widestBands)))
    let frames = min(image.frames, 1 + random.below(max(1, settings.widestFrames)))
    let band = random.below(image.mels - bands + 1), frame = random.below(image.frames - frames + 1)
    if isBanded {
      for i in band * image.frames..<(band + bands) * image.frames { image.values[i] = quiet }
    }
    if isStopped {
      for m in 0..<image.mels {
        for t in frame..<frame + frames { image.values[m * image.frames + t] = quiet }
      }
    }
  }

  /// Mean and standard deviation of the log-mel levels of 48 mixes and their one-shots, by which all images are
  /// standardised.
  static func levels(of source: any MixSource, _ settings: TrainingSettings) throws -> (
    mean: Double, deviation: Double
  ) {
    var plain = settings
    plain.mel.mean = 0
    plain.mel.deviation = 1
    let mel = LogMel(plain.mel)
    let sums = try parallelMap(Array(0..<48)) { i -> (Double, Double, Double) in
      var random = SeededRandom(seed: settings.seed, "training", "levels", String(i))
      let made = try source.mix(seed: random.next(), seconds: settings.seconds, hasTwins: false)
      let values = mel.features(of: made.samples).values + made.parts.flatMap { mel.hit(of: $0.oneShot).values }
      return values.reduce(into: (0, 0, 0)) { sums, value in
        sums.0 += 1
        sums.1 += Double(value)
        sums.2 += Double(value) * Double(value)
      }
    }
    let n = sums.reduce(0) { $0 + $1.0 }
    let mean = sums.reduce(0) { $0 + $1.1 } / n
    let variance = sums.reduce(0) { $0 + $1.2 } / n - mean * mean
    // Rounded, so that the card can state them and the last digits of a sum do not matter.
    return ((mean * 1000).rounded() / 1000, max(0.001, (variance.squareRoot() * 1000).rounded() / 1000))
  }
}
