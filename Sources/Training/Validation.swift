import Basics
import Neural
import Retrieval

/// Ranks the pool for every validation mix with the current state of a network.
struct Validation: Sendable {
  let sounds: ValidationSounds
  let hearing: ModelConfiguration.Hearing
  let pool: [LogMel.Image]
  /// `[mix][condition][piece]`: the images that a network hears of a mix when a class is requested. If mixes are heard
  /// whole, there is one entry for all classes.
  let heard: [[[LogMel.Image]]]

  init(_ sounds: ValidationSounds, _ settings: TrainingSettings, progress: ProgressHandler? = nil) throws {
    self.sounds = sounds
    hearing = settings.hearing
    let mel = LogMel(settings.mel)
    pool = try parallelMap(sounds.pool) { mel.hit(of: $0.samples) }
    heard = try parallelMap(sounds.mixes, progress: progress) { [hearing] mix in
      switch hearing {
      case .wholeMix: [[mel.features(of: mix.samples)]]
      case .hits:
        sounds.conditions.map { condition in
          HitPieces.pieces(of: mix.samples, condition: condition, length: settings.mel.hitSamples)
            .map { mel.features(of: $0) }
        }
      }
    }
  }

  /// The unmasked embeddings of the pool and of the mixes.
  struct Embedded: Sendable {
    /// `pool[network][one-shot]`.
    var pool: [[[Float]]]
    /// `mixes[mix][condition]`: the embeddings of the mix's windows one after the other, or the median, per dimension,
    /// of those of its hits.
    var mixes: [[[Float]]]
  }

  /// Embeds the pool and the mixes.
  /// - Parameters:
  ///   - networks: number of networks, 1 or one per condition.
  ///   - embed: embeds images of equal size with an encoder of a network.
  func embed(
    networks: Int, _ embed: (_ images: [LogMel.Image], _ side: Side, _ network: Int) throws -> [[Float]]
  ) throws -> Embedded {
    let rows = try (0..<networks).map { network in
      try stride(from: 0, to: pool.count, by: 64).flatMap { i in
        try embed(Array(pool[i..<min(pool.count, i + 64)]), .hit, network)
      }
    }
    let mixes = try heard.map { heard in
      var rows: [[Float]] = []
      for c in sounds.conditions.indices {
        // If mixes are heard whole by one network, the embedding is the same for all classes.
        if networks == 1, heard.count == 1, let first = rows.first {
          rows.append(first)
        } else {
          rows.append(HitPieces.median(try embed(heard[heard.count == 1 ? 0 : c], .mix, networks == 1 ? 0 : c)))
        }
      }
      return rows
    }
    return Embedded(pool: rows, mixes: mixes)
  }

  /// Distances from each mix to the whole pool under each condition: `[mix][condition][one-shot]`.
  func distances(_ embedded: Embedded, masks: [[Float]]) -> [[[Float]]] {
    let pools = sounds.conditions.indices.map { c in
      embedded.pool[embedded.pool.count == 1 ? 0 : c].map { Model.masked($0, by: masks[c]) }
    }
    return embedded.mixes.map { rows in
      sounds.conditions.indices.map { c in
        let width = masks[c].count
        let windows = stride(from: 0, to: rows[c].count, by: width).map {
          Model.masked(Array(rows[c][$0..<$0 + width]), by: masks[c])
        }
        return pools[c].map { oneShot in windows.reduce(.infinity) { min($0, Self.distance($1, oneShot)) } }
      }
    }
  }

  func score(_ distances: [[[Float]]]) -> ValidationScore {
    ValidationScore(
      ranks: sounds.conditions.indices.map { c in
        zip(sounds.mixes, distances).flatMap { mix, distances in
          mix.targets[c].map { target in
            Self.rank(of: target, in: distances[c]) - Self.ahead(of: target, among: mix.targets[c], in: distances[c])
          }
        }
      })
  }

  /// Rank of `target`, from 1. Each tie counts as half a place.
  static func rank(of target: Int, in distances: [Float]) -> Double {
    let own = distances[target]
    return distances.reduce(0.5) { $0 + ($1 < own ? 1 : $1 == own ? 0.5 : 0) }
  }

  /// How many places of a rank are due to `others`, which are right as well. Each tie counts as half a place.
  private static func ahead(of target: Int, among others: [Int], in distances: [Float]) -> Double {
    others.filter { $0 != target }.reduce(0) {
      $0 + (distances[$1] < distances[target] ? 1 : distances[$1] == distances[target] ? 0.5 : 0)
    }
  }

  static func distance(_ a: [Float], _ b: [Float]) -> Float {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        var sum: Float = 0
        for i in a.indices { sum += (a[i] - b[i]) * (a[i] - b[i]) }
        return sum.squareRoot()
      }
    }
  }
}
