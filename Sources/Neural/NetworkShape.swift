/// The shape of an encoder: blocks of convolution, then two layers over time, then attention pooling.
///
/// The input is a log-mel image [1, mels, frames] with any number of frames. Each block is a convolution followed by
/// ReLU. The remaining rows are then folded into the channels, [channels · rows, frames], at index `channel · rows +
/// row`. A 1×1 convolution `hidden` with ReLU follows. From it, each frame gets a value and a score in each dimension
/// of the embedding: `e_d = Σ_t softmax_t(score_d) · value_d`, so that each dimension attends to its own moments.
public struct NetworkShape: Codable, Sendable, Hashable {
  /// One convolution. Height is pitch (mels), width is time (frames).
  public struct Block: Codable, Sendable, Hashable {
    /// The number of output channels.
    public var channels: Int
    /// The kernel's size, from 1 to 31. The input is zero-padded on both sides by half the kernel, rounded down.
    public var kernelHeight, kernelWidth: Int
    /// The stride in rows and frames, from 1 to 16.
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

    /// The size of the output for an input of this many rows and frames.
    public func output(rows: Int, frames: Int) -> (rows: Int, frames: Int) {
      (
        (rows + 2 * (kernelHeight / 2) - kernelHeight) / strideHeight + 1,
        (frames + 2 * (kernelWidth / 2) - kernelWidth) / strideWidth + 1
      )
    }
  }

  /// Attention pooling over windows of a mix in place of the whole: `e_d` is summed over each window alone, so a mix has
  /// an embedding per window, and the one nearest to a one-shot counts. Several drums of a class each have their moments.
  public struct Window: Codable, Sendable, Hashable {
    /// Frames of a window, and from the start of one to the start of the next, each counted after the convolutions and
    /// at least 1. The last window ends with the mix.
    public var frames, hop: Int

    /// Seconds from the start of one window to the start of the next, unless something else is stated.
    public static let usualHop = 0.25

    public init(frames: Int, hop: Int) {
      self.frames = frames
      self.hop = hop
    }
  }

  /// At least one.
  public var blocks: [Block]
  /// The number of channels of the layer before value and score.
  public var hidden: Int
  /// The number of dimensions of the embedding.
  public var embedding: Int
  /// How the encoder of mixes pools; over the whole mix if nil. The encoder of one-shots always pools over the whole.
  public var window: Window?

  public init(blocks: [Block], hidden: Int, embedding: Int, window: Window? = nil) {
    self.blocks = blocks
    self.hidden = hidden
    self.embedding = embedding
    self.window = window
  }

  /// The same shape, with windows measured in seconds and rounded to frames after the convolutions; at least one frame,
  /// also for what is not a number.
  /// - Parameters:
  ///   - seconds: length of a window.
  ///   - hop: seconds from the start of one window to the start of the next.
  public func withWindows(of seconds: Double, hop: Double, mel: LogMel.Settings) -> NetworkShape {
    let step = secondsPerStep(of: mel)
    func frames(_ seconds: Double) -> Int { Int(max(1, min((seconds / step).rounded(), 1e6))) }
    var shape = self
    shape.window = Window(frames: frames(seconds), hop: frames(hop))
    return shape
  }

  /// How far apart the frames are that the convolutions leave, in seconds.
  public func secondsPerStep(of mel: LogMel.Settings) -> Double {
    blocks.reduce(Double(mel.hop) / Double(LogMel.sampleRate)) { $0 * Double($1.strideWidth) }
  }

  /// How many frames the convolutions leave of an image.
  public func steps(of frames: Int) -> Int {
    blocks.reduce(frames) { $1.output(rows: 1, frames: $0).frames }
  }

  /// The windows that the encoder of mixes pools over, in the order of time.
  /// - Parameter steps: how many frames the convolutions left.
  public func windows(of steps: Int) -> [Range<Int>] {
    guard let window, steps > window.frames else { return [0..<steps] }
    let last = steps - window.frames
    var starts = Array(stride(from: 0, through: last, by: window.hop))
    if starts.last != last { starts.append(last) }
    return starts.map { $0..<$0 + window.frames }
  }

  /// The shape of the encoder for a side.
  func of(_ side: Side) -> NetworkShape {
    var shape = self
    if side == .hit { shape.window = nil }
    return shape
  }

  /// The layers in the order of the file: each with its name and the dimensions of its weights, of which the first is
  /// the number of outputs (the length of the bias).
  /// - Parameter mels: the height of the input image.
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

  /// Why no network can be built from this shape. Nil if one can.
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
    if let window {
      guard (1...65536).contains(window.frames), (1...window.frames).contains(window.hop) else {
        return
          "its windows have \(window.frames) frames, each \(window.hop) after the one before, not 1 to 65536 frames "
          + "with no gap between them"
      }
    }
    return nil
  }
}
