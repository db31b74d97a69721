/// The shape of an encoder: blocks of convolution, then two layers over time, then attention pooling.
///
/// What goes in is a log-mel image [1, mels, frames], of any number of frames. Each block convolves it and keeps what is
/// positive (ReLU). The rows that remain are folded into the channels, [channels · rows, frames], index
/// `channel · rows + row`; a 1×1 convolution `hidden` with ReLU follows, and of it for each frame a value and a score in
/// each dimension of the embedding: `e_d = Σ_t softmax_t(score_d) · value_d`, so that each dimension listens to moments
/// of its own.
public struct NetworkShape: Codable, Sendable, Hashable {
  /// One convolution. Height is pitch (mels), width is time (frames).
  public struct Block: Codable, Sendable, Hashable {
    /// Channels that come out.
    public var channels: Int
    /// Of the kernel, 1…31. Zeros are padded on both sides: half the kernel, rounded down.
    public var kernelHeight, kernelWidth: Int
    /// Rows and frames from one output to the next, 1…16.
    public var strideHeight, strideWidth: Int

    public init(
      channels: Int, kernelHeight: Int = 3, kernelWidth: Int = 3, strideHeight: Int = 2, strideWidth: Int = 2
    ) {
      self.channels = channels
      self.kernelHeight = kernelHeight
      self.kernelWidth = kernelWidth
      self.strideHeight = strideHeight
      self.strideWidth = strideWidth
    }

    /// The size of what comes out of an input of so many rows and frames.
    public func output(rows: Int, frames: Int) -> (rows: Int, frames: Int) {
      (
        (rows + 2 * (kernelHeight / 2) - kernelHeight) / strideHeight + 1,
        (frames + 2 * (kernelWidth / 2) - kernelWidth) / strideWidth + 1
      )
    }
  }

  /// At least one.
  public var blocks: [Block]
  /// Channels of the layer before value and score.
  public var hidden: Int
  /// Dimensions of the embedding.
  public var embedding: Int

  public init(blocks: [Block], hidden: Int, embedding: Int) {
    self.blocks = blocks
    self.hidden = hidden
    self.embedding = embedding
  }

  /// The sizes of the layers' weights in the order of the file: each with its name, its dimensions and its outputs (the
  /// length of its bias).
  /// - Parameter mels: the height of the image that goes in.
  public func layers(mels: Int) -> [(name: String, dimensions: [Int])] {
    var layers: [(String, [Int])] = []
    var channels = 1, rows = mels
    for (i, block) in blocks.enumerated() {
      layers.append(("block\(i)", [block.channels, channels, block.kernelHeight, block.kernelWidth]))
      channels = block.channels
      rows = block.output(rows: rows, frames: 1).rows
    }
    return layers + [
      ("hidden", [hidden, channels * rows]), ("value", [embedding, hidden]), ("score", [embedding, hidden]),
    ]
  }

  /// What no network can be built of, or nil.
  func flaw(mels: Int) -> String? {
    guard (1...32).contains(blocks.count) else { return "it has \(blocks.count, "block"), not 1 to 32" }
    for (i, block) in blocks.enumerated() {
      guard (1...4096).contains(block.channels) else {
        return "block\(i) has \(block.channels) channels, not 1 to 4096"
      }
      guard (1...31).contains(block.kernelHeight), (1...31).contains(block.kernelWidth) else {
        return "block\(i) has a kernel of \(block.kernelHeight) × \(block.kernelWidth), not 1 to 31 each"
      }
      guard (1...16).contains(block.strideHeight), (1...16).contains(block.strideWidth) else {
        return "block\(i) has strides of \(block.strideHeight) × \(block.strideWidth), not 1 to 16 each"
      }
    }
    guard (1...65536).contains(hidden) else { return "its hidden layer has \(hidden) channels, not 1 to 65536" }
    guard (1...65536).contains(embedding) else { return "its embedding has \(embedding) dimensions, not 1 to 65536" }
    return nil
  }
}
