import Basics
import Neural
import Retrieval

/// Ranks the pool for every mix with a network as it stands.
struct Validation: Sendable {
  let sounds: ValidationSounds
  let hearing: ModelConfiguration.Hearing
  let pool: [LogMel.Image]
  /// `[mix][condition]`: what is heard of a mix when a class is asked for; one for all classes where it is heard whole.
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

  /// Embeddings of all that is validated, not masked: first by network, then pool or mix.
  struct Embedded: Sendable {
    /// `pool[network][one-shot]`.
    var pool: [[[Float]]]
    /// `mixes[mix][condition]`: of the mix's windows one after the other, or of hits the median of each number.
    var mixes: [[[Float]]]
  }

  /// - Parameter embed: images of equal size by an encoder of a network.
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
        // A mix that is heard whole, by one network, is the same whatever is asked for.
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

  /// From 1; those exactly as near count half.
  static func rank(of target: Int, in distances: [Float]) -> Double {
    let own = distances[target]
    return distances.reduce(0.5) { $0 + ($1 < own ? 1 : $1 == own ? 0.5 : 0) }
  }

  /// How much of a rank is due to `others`, which are right as well.
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
