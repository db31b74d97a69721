import Basics
import Foundation
import Neural
import Sound

/// Ranks by a trained model: by the distance between the embeddings of one-shot and mix, under the mask of the class
/// asked for.
///
/// The feature store keeps embeddings without mask, under the sound's content and the encoder's fingerprint. They are
/// thus shared by all conditions, and by models that differ only in what does not affect an embedding.
public struct ModelSystem: RankingSystem {
  public let name: String
  /// The trained model.
  public let model: Model
  /// Also compare each one-shot transposed by up to this many semitones up and down, in steps of one. The nearest pitch
  /// counts.
  public let transpose: Int
  private let mel: LogMel

  /// - Parameters:
  ///   - name: the system's name in rankings. The model's own name, if nil.
  ///   - transpose: 0 to `mostTranspose`. Encoding a library takes `2 * transpose + 1` times as long.
  public init(_ model: Model, name: String? = nil, transpose: Int = 0) {
    precondition((0...Self.mostTranspose).contains(transpose))
    self.name = name ?? model.configuration.name
    self.model = model
    self.transpose = transpose
    mel = LogMel(model.configuration.mel)
  }

  /// Two octaves, in semitones.
  public static let mostTranspose = 24

  public var hears: Hearing {
    switch model.configuration.hearing {
    case .wholeMix: .wholeMix
    case .hits: .hit
    }
  }

  public var summary: String {
    let configuration = model.configuration
    return "a trained \(configuration.kind.rawValue) model for \(configuration.conditions.joined(separator: ", ")): "
      + "\(configuration.shape.embedding) dimensions, Euclidean"
  }

  /// Embeddings of one-shots, without mask, by the encoder that serves `condition`.
  /// - Parameter semitones: how far the one-shots are transposed up.
  public func hitEmbeddings(
    of files: [URL], for condition: String, semitones: Int = 0, features: FeatureStore,
    progress: ProgressHandler? = nil
  ) throws -> [[Float]] {
    let extractor = HitEmbedding(mel: mel, encoder: model.encoder(.hit, for: condition), semitones: semitones)
    return try features.features(of: files, by: extractor, progress: progress).map(\.values)
  }

  /// The embeddings of a mix, without mask, as the model hears it when asked for `condition`: one row, or one per window
  /// if its encoder pools over windows.
  public func mixEmbeddings(of file: URL, for condition: String, features: FeatureStore) throws -> Features {
    let encoder = model.encoder(.mix, for: condition)
    switch model.configuration.hearing {
    case .wholeMix: return try features.features(of: file, by: MixEmbedding(mel: mel, encoder: encoder))
    case .hits:
      let hits = OfHits(
        condition: condition, count: FeatureSystem.hitCount, cut: Cut(samples: mel.settings.hitSamples),
        inner: MixEmbedding(mel: mel, encoder: encoder))
      return try features.features(of: file, by: hits)
    }
  }

  /// Where each window of a mix begins, in seconds, in the order of `mixEmbeddings`. A mix without windows begins at 0.
  public func windowStarts(in file: URL, features: FeatureStore) throws -> [Double] {
    let frames = try features.features(of: file, by: MixLength(hop: mel.settings.hop)).values.first ?? 1
    let shape = model.configuration.shape, step = shape.secondsPerStep(of: mel.settings)
    return shape.windows(of: shape.steps(of: Int(frames))).map { Double($0.lowerBound) * step }
  }

  public func prepare(_ candidates: [Candidate], features: FeatureStore, progress: ProgressHandler?) throws
    -> any PreparedSystem
  {
    try encode(candidates, features: features, progress: progress)
  }

  /// The library, encoded and ready for queries.
  public func encode(_ candidates: [Candidate], features: FeatureStore, progress: ProgressHandler? = nil) throws
    -> EncodedLibrary
  {
    let configuration = model.configuration, pitches = Array(-transpose...transpose)
    let rounds = configuration.networks.count * pitches.count
    // By network: the embeddings at each pitch.
    var embeddings: [String: [[[Float]]]] = [:]
    var shelves: [String: EncodedLibrary.Shelf] = [:]
    for condition in configuration.conditions {
      let network = configuration.network(for: condition)
      if embeddings[network] == nil {
        let before = embeddings.count * pitches.count
        embeddings[network] = try pitches.enumerated().map { i, semitones in
          try hitEmbeddings(of: candidates.map(\.file), for: condition, semitones: semitones, features: features) {
            count, total in progress?(((before + i) * total + count) / rounds, total)
          }
        }
      }
      shelves[condition] = EncodedLibrary.Shelf(model, condition, embeddings[network, default: []])
    }
    return EncodedLibrary(system: self, features: features, shelves: shelves)
  }
}

extension ModelSystem {
  /// Writes the vectors that are compared, masked and normalised to length 1, for a search outside of Earshot. Columns
  /// are name, condition and one per dimension. Every one-shot, at its own pitch, appears under every condition of the
  /// model, and every query under its own; a query of several windows has a row for each
  /// (`VectorTable.name(ofWindow:of:)`). `VectorTable` can read the table.
  public func writeVectors(of catalogue: Catalogue, to file: URL, features: FeatureStore) throws {
    let library = try encode(catalogue.candidates, features: features)
    let width = model.configuration.shape.embedding
    try TableWriter.write(file, columns: ["name", "condition"] + (0..<width).map { "d\($0)" }) { table in
      func row(_ name: String, _ condition: String, _ vector: [Float]) throws {
        guard vector.allSatisfy(\.isFinite) else {
          throw Problem(
            "the vector of '\(name)' has values that are not numbers", at: Place(file: file.path),
            mend: "Check the model. Nothing was written.")
        }
        try table.row([name, condition] + vector.map { $0.description })
      }
      for condition in model.configuration.conditions {
        guard let shelf = library.shelves[condition] else { continue }
        for (i, candidate) in catalogue.candidates.enumerated() {
          try row(candidate.id, condition, shelf.whole(shelf.index[shelf.unchanged(i)], width: width))
        }
      }
      for query in catalogue.queries {
        let (shelf, vectors) = try library.ask(query)
        for (w, vector) in vectors.enumerated() {
          let name = vectors.count > 1 ? VectorTable.name(ofWindow: w, of: query.id) : query.id
          try row(name, query.condition, shelf.whole(vector, width: width))
        }
      }
    }
  }
}

/// One-shots encoded by a model. It gives distances to chosen one-shots and, by exact search, the nearest of all.
public struct EncodedLibrary: PreparedSystem {
  /// The one-shots as they are compared under one condition: only the dimensions that its mask keeps, and all one-shots
  /// at the lowest pitch first.
  struct Shelf: Sendable {
    var kept: [Int]
    var index: VectorIndex
    /// The number of one-shots, and of pitches.
    private let count: Int, pitches: Int

    /// - Parameter embeddings: for each pitch, the embeddings of all one-shots.
    init(_ model: Model, _ condition: String, _ embeddings: [[[Float]]]) {
      let mask = model.mask(of: condition) ?? []
      kept = mask.indices.filter { mask[$0] > 0 }
      if kept.isEmpty { kept = [0] }
      (count, pitches) = (embeddings.first?.count ?? 0, embeddings.count)
      var vectors: [Float] = []
      vectors.reserveCapacity(kept.count * count * pitches)
      for embedding in embeddings.joined() {
        let masked = model.masked(embedding, condition)
        for d in kept { vectors.append(masked[d]) }
      }
      index = VectorIndex(dimensions: kept.count, vectors: vectors)
    }

    /// The index in `index` of a one-shot at its own pitch.
    func unchanged(_ place: Int) -> Int { pitches / 2 * count + place }

    /// The distance to each one-shot at its nearest pitch, from the nearest of the windows, and which window that is.
    func nearest(of windows: [[Float]], to places: [Int]) -> [(distance: Double, window: Int)] {
      let all = pitches == 1 ? places : places.flatMap { place in (0..<pitches).map { $0 * count + place } }
      var nearest = [(distance: Double, window: Int)](repeating: (.infinity, 0), count: places.count)
      for (w, window) in windows.enumerated() {
        for (i, distance) in index.distances(from: window, to: all).enumerated()
        where distance < nearest[i / pitches].distance {
          nearest[i / pitches] = (distance, w)
        }
      }
      return nearest
    }

    /// The `k` nearest one-shots to each query, each at its nearest pitch, from the nearest of the query's windows.
    func nearest(_ k: Int, to queries: [[[Float]]]) -> [[VectorIndex.Neighbour]] {
      // The nearest `k * pitches` vectors belong to at least `k` one-shots. What is among the `k` nearest to a query is
      // among the `k` nearest to one of its windows.
      var found = index.nearest(k * pitches, to: queries.flatMap { $0.joined() })[...]
      return queries.map { windows in
        let neighbours = found.prefix(windows.count).joined().sorted {
          ($0.distance, $0.place) < ($1.distance, $1.place)
        }
        found = found.dropFirst(windows.count)
        var seen: Set<Int> = []
        let oneShots = neighbours.map { neighbour in
          var oneShot = neighbour
          oneShot.place %= count
          return oneShot
        }
        return Array(oneShots.filter { seen.insert($0.place).inserted }.prefix(k))
      }
    }

    /// The vector in all dimensions, with zeros where the mask removes them.
    func whole(_ vector: [Float], width: Int) -> [Float] {
      var whole = [Float](repeating: 0, count: width)
      for (d, value) in zip(kept, vector) { whole[d] = value }
      return whole
    }
  }

  let system: ModelSystem
  let features: FeatureStore
  let shelves: [String: Shelf]

  public func distances(of query: Query, to places: [Int]) throws -> [Double] {
    let (shelf, windows) = try ask(query)
    return shelf.nearest(of: windows, to: places).map(\.distance)
  }

  public func matches(of query: Query, to places: [Int]) throws -> [Match] {
    let (shelf, windows) = try ask(query)
    let starts = windows.count > 1 ? try system.windowStarts(in: query.file, features: features) : nil
    return shelf.nearest(of: windows, to: places).map { Match(distance: $0.distance, start: starts?[$0.window]) }
  }

  /// The `k` nearest one-shots of any class to each query, nearest first: indices in the encoded library, and
  /// distances.
  public func nearest(_ k: Int, to queries: [Query]) throws -> [[VectorIndex.Neighbour]] {
    let asked = try parallelMap(queries) { try ask($0) }
    var answers = [[VectorIndex.Neighbour]](repeating: [], count: queries.count)
    for (condition, places) in Dictionary(grouping: queries.indices, by: { queries[$0].condition }) {
      guard let shelf = shelves[condition] else { continue }
      let found = shelf.nearest(k, to: places.map { asked[$0].windows })
      for (place, neighbours) in zip(places, found) { answers[place] = neighbours }
    }
    return answers
  }

  fileprivate func ask(_ query: Query) throws -> (shelf: Shelf, windows: [[Float]]) {
    guard let shelf = shelves[query.condition] else {
      let known = system.model.configuration.conditions
      throw Problem(
        "the model '\(system.name)' does not know the class '\(query.condition)'",
        mend: Suggestion.didYouMean(query.condition, among: known)
          ?? "It knows \(known.joined(separator: ", ")); leave other classes out of the library.")
    }
    let embeddings = try system.mixEmbeddings(of: query.file, for: query.condition, features: features)
    let windows = (0..<embeddings.rows).map { row in
      let masked = system.model.masked(Array(embeddings[row: row]), query.condition)
      return shelf.kept.map { masked[$0] }
    }
    return (shelf, windows)
  }
}

/// A one-shot's embedding, starting at its attack.
private struct HitEmbedding: FeatureExtractor {
  var mel: LogMel
  var encoder: SoundEncoder
  /// How far it is transposed up. As in a sampler, a higher pitch makes it shorter.
  var semitones: Int

  var identity: String {
    "embedding of a hit 1 \(encoder.fingerprint)" + (semitones == 0 ? "" : " at \(semitones) semitones")
  }

  func features(of samples: [Float]) -> Features {
    let embedding = encoder.embedding(of: mel.hit(of: played(samples)))
    return Features(columns: embedding.count, values: embedding)
  }
}

extension HitEmbedding {
  private func played(_ samples: [Float]) -> [Float] {
    guard semitones != 0, !samples.isEmpty else { return samples }
    let rate = Int((Double(LogMel.sampleRate) / pow(2, Double(semitones) / 12)).rounded())
    // What cannot be resampled stays as it is; such a sound could not be read either.
    return (try? Clip(mono: samples, sampleRate: LogMel.sampleRate).resampled(to: rate).mono) ?? samples
  }
}

/// The embedding of a whole mix, or of a piece cut out of one, or those of its windows.
private struct MixEmbedding: FeatureExtractor {
  var mel: LogMel
  var encoder: SoundEncoder

  var identity: String { "embedding of a mix 1 \(encoder.fingerprint)" }

  func features(of samples: [Float]) -> Features {
    Features(columns: encoder.dimensions, values: encoder.embedding(of: mel.features(of: samples)))
  }
}

/// The number of frames in the image of a mix.
private struct MixLength: FeatureExtractor {
  var hop: Int

  var identity: String { "frames of a mix 1 \(hop)" }

  func features(of samples: [Float]) -> Features {
    Features(columns: 1, values: [Float(1 + samples.count / hop)])
  }
}
