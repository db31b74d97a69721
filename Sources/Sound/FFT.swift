import CFFTW
import Synchronization

/// The discrete Fourier transform of real samples, by FFTW in single precision. No other file of Earshot calls FFTW.
///
/// One plan a length is made in the life of the process and then shared by all threads: FFTW's planner is not
/// thread-safe and is locked here, executing a plan is. Plans are made by estimate and for unaligned buffers, so that a
/// length has one algorithm and the same samples give the same bits, whatever the thread, the run or the buffer.
public final class FFT: @unchecked Sendable {  // an FFTW plan is read-only once it is made
  /// Samples that go in; `size / 2 + 1` bins come out.
  public let size: Int
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
    let input = fftwf_alloc_real(size)
    let output = fftwf_alloc_complex(size / 2 + 1)
    defer {
      fftwf_free(input)
      fftwf_free(output)
    }
    guard
      let plan = fftwf_plan_dft_r2c_1d(
        Int32(size), input, output, FFTW_ESTIMATE | FFTW_UNALIGNED | UInt32(FFTW_PRESERVE_INPUT))
    else { fatalError("FFTW has no plan for \(size) samples") }  // it has one for every length that fits in memory
    self.plan = plan
  }

  /// Squared magnitudes of the transform of `samples` (`size` of them), written to `power` (`binCount` of them).
  /// `work` is scratch room for `2 * binCount` numbers.
  func power(
    of samples: UnsafeMutableBufferPointer<Float>, into power: UnsafeMutableBufferPointer<Float>,
    work: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(samples.count == size && power.count == binCount && work.count == 2 * binCount)
    guard let bins = work.baseAddress else { return }
    bins.withMemoryRebound(to: fftwf_complex.self, capacity: binCount) {
      fftwf_execute_dft_r2c(plan, samples.baseAddress, $0)
    }
    for k in 0..<binCount { power[k] = bins[2 * k] * bins[2 * k] + bins[2 * k + 1] * bins[2 * k + 1] }
  }
}
