import CDNNL
import Foundation

/// An encoder compiled for images of one size, by oneDNN. No other file of Earshot calls oneDNN.
///
/// It is prepared once per size: oneDNN generates machine code and chooses memory layouts, and weights are converted to
/// them. A plan owns its memory. It serves one caller at a time, from any thread, and uses no other threads: many
/// sounds are encoded by many plans in parallel, one image each. Batches would not be faster, because the working set
/// of a small network stays in the core's cache anyway.
///
/// The layers are those of `NetworkShape`. The layer that folds the frequency axis into the channels runs as a
/// convolution with a kernel as high as the remaining image, and value and score run as one convolution.
final class NetworkPlan: @unchecked Sendable {  // who takes it out of the encoder's pool has it alone
  let frames: Int
  /// The number of frames that remain before attention pooling.
  let steps: Int
  private let embedding: Int
  private let windows: [Range<Int>]
  private let inputCount: Int
  private let work: Work
  private let input, output: Work.Memory

  init(weights: EncoderWeights, shape: NetworkShape, mels: Int, frames: Int) {
    self.frames = frames
    embedding = shape.embedding
    inputCount = mels * frames
    let work = Work()
    (input, output, steps) = NetworkPlan.onOneThread {
      let input = work.memory([1, 1, mels, frames])
      var flow = input, (rows, steps, channels) = (mels, frames, 1)
      for (block, layer) in zip(shape.blocks, weights.layers) {
        (rows, steps) = block.output(rows: rows, frames: steps)
        flow = work.convolve(
          flow, layer, kernel: [block.channels, channels, block.kernelHeight, block.kernelWidth],
          strides: (block.strideHeight, block.strideWidth), padding: (block.kernelHeight / 2, block.kernelWidth / 2),
          output: [1, block.channels, rows, steps], rectified: true)
        channels = block.channels
      }
      let top = Array(weights.layers[shape.blocks.count...])
      flow = work.convolve(
        flow, top[0], kernel: [shape.hidden, channels, rows, 1], strides: (1, 1), padding: (0, 0),
        output: [1, shape.hidden, 1, steps], rectified: true)
      let both = Layer(weight: top[1].weight + top[2].weight, bias: top[1].bias + top[2].bias)
      let width = 2 * shape.embedding
      flow = work.convolve(
        flow, both, kernel: [width, shape.hidden, 1, 1], strides: (1, 1), padding: (0, 0),
        output: [1, width, 1, steps], rectified: false)
      let output = work.memory([1, width, 1, steps])
      work.reorder(flow, into: output)
      return (input, output, steps)
    }
    self.work = work
    windows = shape.windows(of: steps)
  }

  /// The embeddings of an image of `mels` × `frames`: one per window of the shape, one after the other.
  func embeddings(of image: LogMel.Image) -> [Float] {
    precondition(image.frames == frames && image.values.count == inputCount)
    input.numbers.update(from: image.values, count: inputCount)
    NetworkPlan.onOneThread { work.run() }
    let numbers = output.numbers
    return windows.flatMap { window in
      (0..<embedding).map { d in
        NetworkPlan.attention(
          values: numbers + d * steps + window.lowerBound,
          scores: numbers + (embedding + d) * steps + window.lowerBound,
          count: window.count)
      }
    }
  }

  /// `Σ softmax(scores) · values`.
  private static func attention(
    values: UnsafeMutablePointer<Float>, scores: UnsafeMutablePointer<Float>, count: Int
  ) -> Float {
    var highest = scores[0]
    for t in 1..<max(1, count) where scores[t] > highest { highest = scores[t] }
    var sum: Float = 0, total: Float = 0
    for t in 0..<count {
      let weight = expf(scores[t] - highest)
      total += weight
      sum += weight * values[t]
    }
    return sum / total
  }

  /// Runs `body` with OpenMP limited to this thread, and then restores the setting, since others such as libtorch also
  /// change it.
  private static func onOneThread<Result>(_ body: () -> Result) -> Result {
    let before = omp_get_max_threads()
    omp_set_num_threads(1)
    defer { omp_set_num_threads(before) }
    return body()
  }

  /// oneDNN's primitives in order, and the memory they work on.
  private final class Work {
    /// An array and its memory layout.
    final class Memory {
      fileprivate let handle: OpaquePointer
      fileprivate var description: dnnl_memory_desc_t

      fileprivate init(_ description: dnnl_memory_desc_t) {
        self.description = description
        var handle: OpaquePointer?
        // DNNL_MEMORY_ALLOCATE, a macro that Swift cannot see: oneDNN allocates the memory, aligned as it needs.
        check(dnnl_memory_create(&handle, &self.description, Work.engine, UnsafeMutableRawPointer(bitPattern: -1)))
        self.handle = made(handle)
      }

      /// The address of the data.
      var numbers: UnsafeMutablePointer<Float> {
        var pointer: UnsafeMutableRawPointer?
        check(dnnl_memory_get_data_handle(handle, &pointer))
        return made(pointer).assumingMemoryBound(to: Float.self)
      }

      deinit { dnnl_memory_destroy(handle) }
    }

    private struct Primitive {
      var handle: OpaquePointer
      var arguments: [dnnl_exec_arg_t]
    }

    private var primitives: [Primitive] = []
    /// The memory that the primitives refer to.
    private var memories: [Memory] = []
    private let stream: OpaquePointer
    private let attributes, rectifying: OpaquePointer

    /// The CPU engine, for the life of the process.
    nonisolated(unsafe) private static let engine: OpaquePointer = {
      var engine: OpaquePointer?
      check(dnnl_engine_create(&engine, dnnl_cpu, 0))
      return made(engine)
    }()

    init() {
      var stream: OpaquePointer?
      check(dnnl_stream_create(&stream, Work.engine, UInt32(dnnl_stream_default_flags.rawValue)))
      self.stream = made(stream)
      // oneDNN's own scratchpad belongs to the thread that created a primitive. Ours belongs to the plan.
      func attributes() -> OpaquePointer {
        var attributes: OpaquePointer?
        check(dnnl_primitive_attr_create(&attributes))
        check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user))
        return made(attributes)
      }
      self.attributes = attributes()
      rectifying = attributes()
      var operations: OpaquePointer?
      check(dnnl_post_ops_create(&operations))
      check(dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_relu, 0, 0))
      check(dnnl_primitive_attr_set_post_ops(rectifying, operations))
      check(dnnl_post_ops_destroy(operations))
    }

    deinit {
      for primitive in primitives { dnnl_primitive_destroy(primitive.handle) }
      dnnl_primitive_attr_destroy(attributes)
      dnnl_primitive_attr_destroy(rectifying)
      dnnl_stream_destroy(stream)
    }

    func run() {
      for primitive in primitives {
        check(
          dnnl_primitive_execute(primitive.handle, stream, Int32(primitive.arguments.count), primitive.arguments))
      }
      check(dnnl_stream_wait(stream))
    }

    private static func describe(_ dimensions: [Int], _ tag: dnnl_format_tag_t) -> dnnl_memory_desc_t {
      var description = dnnl_memory_desc_t()
      check(
        dnnl_memory_desc_init_by_tag(
          &description, Int32(dimensions.count), dimensions.map(Int64.init), dnnl_f32, tag))
      return description
    }

    /// Memory for an array in row-major order.
    func memory(_ dimensions: [Int]) -> Memory {
      let memory = Memory(Work.describe(dimensions, dimensions.count == 1 ? dnnl_a : dnnl_abcd))
      memories.append(memory)
      return memory
    }

    /// Adds a convolution and, if asked for, ReLU. oneDNN chooses the layout of the output.
    func convolve(
      _ source: Memory, _ layer: Layer, kernel: [Int], strides: (Int, Int), padding: (Int, Int), output: [Int],
      rectified: Bool
    ) -> Memory {
      var (from, weights, bias, to) = (
        Work.describe(dimensions(source), dnnl_format_tag_any), Work.describe(kernel, dnnl_format_tag_any),
        Work.describe([kernel[0]], dnnl_a), Work.describe(output, dnnl_format_tag_any)
      )
      let edges = [Int64(padding.0), Int64(padding.1)]
      var convolution = dnnl_convolution_desc_t()
      check(
        dnnl_convolution_forward_desc_init(
          &convolution, dnnl_forward_inference, dnnl_convolution_direct, &from, &weights, &bias, &to,
          [Int64(strides.0), Int64(strides.1)], edges, edges))
      var plan: OpaquePointer?
      check(
        dnnl_primitive_desc_create(&plan, &convolution, rectified ? rectifying : attributes, Work.engine, nil))
      defer { dnnl_primitive_desc_destroy(plan) }

      let input = reordered(source, as: described(plan, dnnl_query_src_md))
      let given = memory(kernel), biases = memory([kernel[0]])
      given.numbers.update(from: layer.weight, count: layer.weight.count)
      biases.numbers.update(from: layer.bias, count: layer.bias.count)
      let result = Memory(described(plan, dnnl_query_dst_md))
      memories.append(result)
      // Weights are converted to the chosen layout now, only once.
      let count = primitives.count
      let ordered = reordered(given, as: described(plan, dnnl_query_weights_md))
      for primitive in primitives[count...] {
        check(
          dnnl_primitive_execute(primitive.handle, stream, Int32(primitive.arguments.count), primitive.arguments))
        check(dnnl_stream_wait(stream))
        dnnl_primitive_destroy(primitive.handle)
      }
      primitives.removeSubrange(count...)
      if ordered !== given { memories.removeAll { $0 === given } }
      add(
        plan,
        [
          (DNNL_ARG_SRC_0, input), (DNNL_ARG_WEIGHTS_0, ordered), (DNNL_ARG_BIAS, biases), (DNNL_ARG_DST_0, result),
        ])
      return result
    }

    /// `source` in the given layout: itself, if it already has that layout.
    private func reordered(_ source: Memory, as description: dnnl_memory_desc_t) -> Memory {
      var description = description
      if dnnl_memory_desc_equal(&source.description, &description) != 0 { return source }
      let target = Memory(description)
      memories.append(target)
      reorder(source, into: target)
      return target
    }

    /// Adds a conversion from one layout to another.
    func reorder(_ source: Memory, into target: Memory) {
      var plan: OpaquePointer?
      check(
        dnnl_reorder_primitive_desc_create(
          &plan, &source.description, Work.engine, &target.description, Work.engine, attributes))
      defer { dnnl_primitive_desc_destroy(plan) }
      add(plan, [(DNNL_ARG_SRC_0, source), (DNNL_ARG_DST_0, target)])
    }

    private func add(_ plan: OpaquePointer?, _ arguments: [(Int32, Memory)]) {
      var arguments = arguments
      let scratch = described(plan, dnnl_query_scratchpad_md)
      if scratch.ndims > 0 {
        let memory = Memory(scratch)
        memories.append(memory)
        arguments.append((DNNL_ARG_SCRATCHPAD, memory))
      }
      var primitive: OpaquePointer?
      check(dnnl_primitive_create(&primitive, plan))
      primitives.append(
        Primitive(
          handle: made(primitive), arguments: arguments.map { dnnl_exec_arg_t(arg: $0.0, memory: $0.1.handle) }))
    }

    private func described(_ plan: OpaquePointer?, _ what: dnnl_query_t) -> dnnl_memory_desc_t {
      dnnl_primitive_desc_query_md(plan, what, 0)?.pointee ?? dnnl_memory_desc_t()
    }

    private func dimensions(_ memory: Memory) -> [Int] {
      withUnsafeBytes(of: memory.description.dims) { raw in
        raw.bindMemory(to: Int64.self).prefix(Int(memory.description.ndims)).map(Int.init)
      }
    }
  }
}

/// Models are checked before they get here, so a failure means that memory ran out or the library is broken, which no
/// caller could fix.
private func check(_ status: dnnl_status_t) {
  guard status == dnnl_success else { fatalError("oneDNN failed with status \(status.rawValue)") }
}

private func made<Pointer>(_ pointer: Pointer?) -> Pointer {
  guard let pointer else { fatalError("oneDNN gave no object") }
  return pointer
}
