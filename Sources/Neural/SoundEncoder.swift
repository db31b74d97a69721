import Basics
import Foundation
import Synchronization

/// One half of a network, ready to encode log-mel images into embeddings (without mask, see `Model.masked`).
///
/// Any number of threads may encode at once. The same image gives the same bits whatever else is encoded beside it.
public final class SoundEncoder: Sendable {
  public let dimensions: Int
  /// Of the shape, of what is heard, and of all weights: encoders with equal fingerprints give equal embeddings.
  public let fingerprint: String
  private let weights: EncoderWeights
  private let shape: NetworkShape
  private let mels: Int
  /// Plans that nobody uses now, the one used last at the end.
  private let idle = Mutex<[NetworkPlan]>([])

  /// Images at once where many of one size are encoded; and plans kept for later.
  private static let batch = 16, kept = 32

  init(weights: EncoderWeights, shape: NetworkShape, mel: LogMel.Settings) {
    self.weights = weights
    self.shape = shape
    mels = mel.mels
    dimensions = shape.embedding
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    var hash = ContentHash()
    hash.update(part: "shape", (try? encoder.encode(shape)) ?? Data())
    hash.update(part: "mel", (try? encoder.encode(mel)) ?? Data())
    for layer in weights.layers {
      for values in [layer.weight, layer.bias] {
        values.withUnsafeBytes { hash.update(part: "layer", Data($0)) }
      }
    }
    fingerprint = hash.finish()
  }

  /// The embedding of an image of any number of frames, at least one.
  public func embedding(of image: LogMel.Image) -> [Float] { run([image])[0] }

  /// The embeddings of many images, on all cores. Those of one size are encoded in batches, whose last bits may differ
  /// from those of one image alone.
  public func embeddings(of images: [LogMel.Image], progress: ProgressHandler? = nil) -> [[Float]] {
    var pieces: [[Int]] = []
    for (_, places) in Dictionary(grouping: images.indices, by: { images[$0].frames }).sorted(by: { $0.key < $1.key }) {
      for start in stride(from: 0, to: places.count, by: SoundEncoder.batch) {
        let piece = Array(places[start..<min(places.count, start + SoundEncoder.batch)])
        pieces += piece.count == SoundEncoder.batch ? [piece] : piece.map { [$0] }
      }
    }
    let results = (try? parallelMap(pieces, progress: progress) { piece in run(piece.map { images[$0] }) }) ?? []
    var embeddings = [[Float]](repeating: [], count: images.count)
    for (piece, result) in zip(pieces, results) {
      for (i, embedding) in zip(piece, result) { embeddings[i] = embedding }
    }
    return embeddings
  }

  private func run(_ images: [LogMel.Image]) -> [[Float]] {
    let (batch, frames) = (images.count, images[0].frames)
    precondition(frames > 0 && images.allSatisfy { $0.mels == mels })
    let ready = idle.withLock { plans in
      plans.lastIndex { $0.batch == batch && $0.frames == frames }.map { plans.remove(at: $0) }
    }
    let plan = ready ?? NetworkPlan(weights: weights, shape: shape, mels: mels, frames: frames, batch: batch)
    let embeddings = plan.embeddings(of: images)
    // What is dropped is let go outside the lock.
    let dropped = idle.withLock { plans -> NetworkPlan? in
      plans.append(plan)
      return plans.count > SoundEncoder.kept ? plans.removeFirst() : nil
    }
    _ = dropped
    return embeddings
  }
}
