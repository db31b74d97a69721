import CFFTW
import Synchronization

/// The discrete Fourier transform of real samples, by FFTW in single precision. No other file of Earshot calls FFTW.
///
/// One plan a length is made in the life of the process and then shared by all threads: FFTW's planner is not
/// thread-safe and is locked here, executing a plan is. Plans are made by estimate and for buffers aligned to
/// `alignment`, so that a length has one algorithm and the same samples give the same bits, whatever the thread, the run
/// or the buffer.
public final class FFT: @unchecked Sendable {  // an FFTW plan is read-only once it is made
  /// Samples that go in; `size / 2 + 1` bins come out.
  public let size: Int
  /// Of the buffers that a transform reads and writes, in bytes: what FFTW's SIMD instructions ask for.
  static let alignment = 64
  private let plan: OpaquePointer

  private static let plans = Mutex<[Int: FFT]>([:])

  /// - Parameter size: at least 2; powers of two are fastest.
  public static func real(_ size: Int) -> FFT {
    precondition(size >= 2)
    return plans.withLock { plans in
      if let plan = plans[size] { return plan }
      let plan = FFT(size)
      plans[size] = plan
      return plan
    }
  }

  public var binCount: Int { size / 2 + 1 }

  private init(_ size: Int) {
    self.size = size
    let input = UnsafeMutableRawPointer.allocate(byteCount: 4 * size, alignment: FFT.alignment)
    let output = UnsafeMutableRawPointer.allocate(byteCount: 8 * (size / 2 + 1), alignment: FFT.alignment)
    defer {
      input.deallocate()
      output.deallocate()
    }
    guard
      let plan = fftwf_plan_dft_r2c_1d(
        Int32(size), input.bindMemory(to: Float.self, capacity: size),
        output.bindMemory(to: fftwf_complex.self, capacity: size / 2 + 1), FFTW_ESTIMATE | UInt32(FFTW_PRESERVE_INPUT))
    else { fatalError("FFTW has no plan for \(size) samples") }  // it has one for every length that fits in memory
    self.plan = plan
  }

  /// Calls `body` with room for the samples of a frame, `size` of them, and for its transform.
  func withRoom<Result>(
    _ body: (_ frame: UnsafeMutableBufferPointer<Float>, _ bins: UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withUnsafeTemporaryAllocation(byteCount: 4 * size, alignment: FFT.alignment) { frame in
      try withUnsafeTemporaryAllocation(byteCount: 8 * binCount, alignment: FFT.alignment) { bins in
        try body(frame.bindMemory(to: Float.self), bins.bindMemory(to: Float.self))
      }
    }
  }

  /// Squared magnitudes of the transform of `frame`, written to `power` (`binCount` of them). `frame` and `bins` are
  /// those of `withRoom`.
  func power(
    of frame: UnsafeMutableBufferPointer<Float>, into power: UnsafeMutableBufferPointer<Float>,
    bins: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(frame.count == size && power.count == binCount && bins.count == 2 * binCount)
    guard let start = bins.baseAddress else { return }
    start.withMemoryRebound(to: fftwf_complex.self, capacity: binCount) {
      fftwf_execute_dft_r2c(plan, frame.baseAddress, $0)
    }
    for k in 0..<binCount { power[k] = start[2 * k] * start[2 * k] + start[2 * k + 1] * start[2 * k + 1] }
  }
}
