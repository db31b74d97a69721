import CFFTW
import Synchronization

/// The discrete Fourier transform of real samples, by FFTW in single precision. No other file of Earshot calls FFTW.
///
/// Each length is planned only once per process, and all threads share the plan: FFTW's planner is not thread-safe and
/// is locked here, but executing a plan is. Plans are estimated rather than measured, and made for buffers aligned to
/// `alignment`, so that each length has one algorithm, and the same samples give the same bits whatever the thread, run
/// or buffer.
public final class FFT: @unchecked Sendable {  // an FFTW plan is read-only once it is made
  /// The number of input samples. There are `size / 2 + 1` output bins.
  public let size: Int
  /// The alignment, in bytes, that FFTW's SIMD instructions need for input and output buffers.
  static let alignment = 64
  private let plan, pairPlan, inversePlan: OpaquePointer

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

  /// The number of frequencies, from 0 to half the sample rate.
  public var binCount: Int { size / 2 + 1 }

  private init(_ size: Int) {
    self.size = size
    let input = UnsafeMutableRawPointer.allocate(byteCount: 8 * size, alignment: FFT.alignment)
    let output = UnsafeMutableRawPointer.allocate(byteCount: 8 * size, alignment: FFT.alignment)
    defer {
      input.deallocate()
      output.deallocate()
    }
    let bins = output.bindMemory(to: fftwf_complex.self, capacity: size)
    guard
      let plan = fftwf_plan_dft_r2c_1d(
        Int32(size), input.bindMemory(to: Float.self, capacity: size), bins,
        FFTW_ESTIMATE | UInt32(FFTW_PRESERVE_INPUT)),
      let pairPlan = fftwf_plan_dft_1d(
        Int32(size), input.bindMemory(to: fftwf_complex.self, capacity: size), bins, FFTW_FORWARD,
        FFTW_ESTIMATE | UInt32(FFTW_PRESERVE_INPUT)),
      let inversePlan = fftwf_plan_dft_c2r_1d(
        Int32(size), bins, input.bindMemory(to: Float.self, capacity: size), FFTW_ESTIMATE)
    else { fatalError("FFTW has no plan for \(size) samples") }  // it has one for every length that fits in memory
    self.plan = plan
    self.pairPlan = pairPlan
    self.inversePlan = inversePlan
  }

  /// Calls `body` with buffers for the `size` samples of a frame and for its transform.
  func withRoom<Result>(
    _ body: (_ frame: UnsafeMutableBufferPointer<Float>, _ bins: UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withUnsafeTemporaryAllocation(byteCount: 4 * size, alignment: FFT.alignment) { frame in
      try withUnsafeTemporaryAllocation(byteCount: 8 * binCount, alignment: FFT.alignment) { bins in
        try body(frame.bindMemory(to: Float.self), bins.bindMemory(to: Float.self))
      }
    }
  }

  /// Writes the transform of `frame` to `bins`: real and imaginary parts in turn. Both must come from `withRoom`.
  func transform(_ frame: UnsafeMutableBufferPointer<Float>, into bins: UnsafeMutableBufferPointer<Float>) {
    precondition(frame.count == size && bins.count == 2 * binCount)
    bins.baseAddress?.withMemoryRebound(to: fftwf_complex.self, capacity: binCount) {
      fftwf_execute_dft_r2c(plan, frame.baseAddress, $0)
    }
  }

  /// Writes the samples whose transform `bins` is to `frame`, times `size`. What was in `bins` is lost. Both must come from
  /// `withRoom`.
  func inverse(_ bins: UnsafeMutableBufferPointer<Float>, into frame: UnsafeMutableBufferPointer<Float>) {
    precondition(frame.count == size && bins.count == 2 * binCount)
    bins.baseAddress?.withMemoryRebound(to: fftwf_complex.self, capacity: binCount) {
      fftwf_execute_dft_c2r(inversePlan, $0, frame.baseAddress)
    }
  }

  /// Writes the squared magnitudes of the transform of `frame` to `power` (`binCount` values). `frame` and `bins` must
  /// come from `withRoom`.
  func power(
    of frame: UnsafeMutableBufferPointer<Float>, into power: UnsafeMutableBufferPointer<Float>,
    bins: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(power.count == binCount)
    transform(frame, into: bins)
    guard let start = bins.baseAddress else { return }
    for k in 0..<binCount { power[k] = start[2 * k] * start[2 * k] + start[2 * k + 1] * start[2 * k + 1] }
  }

  /// Calls `body` with buffers for the interleaved samples of two frames and for their transform, `2 * size` numbers
  /// each.
  func withRoomForTwo<Result>(
    _ body: (_ frames: UnsafeMutablePointer<Float>, _ bins: UnsafeMutablePointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withUnsafeTemporaryAllocation(byteCount: 8 * size, alignment: FFT.alignment) { frames in
      try withUnsafeTemporaryAllocation(byteCount: 8 * size, alignment: FFT.alignment) { bins in
        try body(
          frames.bindMemory(to: Float.self).baseAddress.unsafelyUnwrapped,
          bins.bindMemory(to: Float.self).baseAddress.unsafelyUnwrapped)
      }
    }
  }

  /// Writes the squared magnitudes of the transforms of two frames, `binCount` values each, by one complex transform of
  /// `a + ib`: since `a` and `b` are real, `A[k] = (Z[k] + Z*[−k]) / 2` and `B[k] = (Z[k] − Z*[−k]) / 2i`. Rounding
  /// errors are relative to the louder of the two. The buffers must come from `withRoomForTwo`.
  func powers(
    of frames: UnsafeMutablePointer<Float>, into a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>,
    bins: UnsafeMutablePointer<Float>
  ) {
    frames.withMemoryRebound(to: fftwf_complex.self, capacity: size) { frames in
      bins.withMemoryRebound(to: fftwf_complex.self, capacity: size) { bins in
        fftwf_execute_dft(pairPlan, frames, bins)
      }
    }
    a[0] = bins[0] * bins[0]
    b[0] = bins[1] * bins[1]
    var k = 1
    let raw = UnsafeMutableRawPointer(bins)
    // Four bins at a time, with the four mirrored bins in reverse order.
    while k + 4 <= binCount, 2 * k + 8 <= size {
      let z = raw.loadUnaligned(fromByteOffset: 8 * k, as: SIMD8<Float>.self)
      let m = raw.loadUnaligned(fromByteOffset: 8 * (size - k - 3), as: SIMD8<Float>.self)
      let mirror = SIMD8(
        lowHalf: SIMD4(lowHalf: m.highHalf.highHalf, highHalf: m.highHalf.lowHalf),
        highHalf: SIMD4(lowHalf: m.lowHalf.highHalf, highHalf: m.lowHalf.lowHalf))
      let sum = z + mirror, difference = z - mirror
      let powerA = (sum.evenHalf * sum.evenHalf + difference.oddHalf * difference.oddHalf) * 0.25
      let powerB = (difference.evenHalf * difference.evenHalf + sum.oddHalf * sum.oddHalf) * 0.25
      UnsafeMutableRawPointer(a).storeBytes(of: powerA, toByteOffset: 4 * k, as: SIMD4<Float>.self)
      UnsafeMutableRawPointer(b).storeBytes(of: powerB, toByteOffset: 4 * k, as: SIMD4<Float>.self)
      k += 4
    }
    while k < binCount {
      let (zr, zi, mr, mi) = (bins[2 * k], bins[2 * k + 1], bins[2 * (size - k)], bins[2 * (size - k) + 1])
      a[k] = ((zr + mr) * (zr + mr) + (zi - mi) * (zi - mi)) * 0.25
      b[k] = ((zr - mr) * (zr - mr) + (zi + mi) * (zi + mi)) * 0.25
      k += 1
    }
  }
}
