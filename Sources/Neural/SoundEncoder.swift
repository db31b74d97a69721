import Basics
import Foundation
import Synchronization

/// One half of a network, ready to encode log-mel images into embeddings (without masks; see `Model.masked`).
///
/// Any number of threads may encode at once. An image gives the same bits whatever else is being encoded.
public final class SoundEncoder: Sendable {
  /// The length of an embedding.
  public let dimensions: Int
  /// A hash of the shape, the input settings and all weights. Encoders with equal fingerprints give equal embeddings.
  public let fingerprint: String
  private let weights: EncoderWeights
  private let shape: NetworkShape
  private let mels: Int
  /// Plans that are not in use. The most recently used one is last.
  private let idle = Mutex<[NetworkPlan]>([])

  private static let kept = 16

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

  /// The embedding of an image with any number of frames, at least one: `dimensions` numbers, or as many for each window
  /// of the shape, one window after the other.
  public func embedding(of image: LogMel.Image) -> [Float] {
    precondition(image.frames > 0 && image.mels == mels)
    let ready = idle.withLock { plans in
      plans.lastIndex { $0.frames == image.frames }.map { plans.remove(at: $0) }
    }
    let plan = ready ?? NetworkPlan(weights: weights, shape: shape, mels: mels, frames: image.frames)
    let embedding = plan.embeddings(of: image)
    let surplus = idle.withLock { plans -> NetworkPlan? in
      plans.append(plan)
      return plans.count > SoundEncoder.kept ? plans.removeFirst() : nil
    }
    // Release them here, outside the lock.
    withExtendedLifetime(surplus) {}
    return embedding
  }

  /// The embeddings of many images, in order, computed on all cores.
  public func embeddings(of images: [LogMel.Image], progress: ProgressHandler? = nil) -> [[Float]] {
    (try? parallelMap(images, progress: progress) { embedding(of: $0) }) ?? []
  }
}
