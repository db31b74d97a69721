import Basics
import CSoxr

/// Changes the sample rate through libsoxr at its very high quality (28 bit, linear phase, pass band up to 91 % of
/// half the lower rate). No other file of Earshot calls it.
extension Clip {
  /// The same sound at another sample rate.
  ///
  /// The result has exactly `Clip.frameCount(_:from:to:)` frames, and the filter's delay is taken out: what stood at a
  /// time stands there still. The sound is taken to be silent before its first and after its last frame; for a loop,
  /// which is not, use `Loop.resampled(_:to:)`. Peaks may exceed those of the original by a little.
  ///
  /// - Parameter rate: in hertz, more than 0. The clip's own rate returns the clip unchanged.
  /// - Throws: a `Problem` when libsoxr refuses the pair of rates (beyond about 1 : 2^31) or memory runs out.
  public func resampled(to rate: Int) throws -> Clip {
    precondition(rate > 0)
    guard rate != sampleRate else { return self }
    let length = Clip.frameCount(frameCount, from: sampleRate, to: rate)
    return Clip(
      channels: try channels.map { try soxr($0, from: sampleRate, to: rate, length: length) }, sampleRate: rate)
  }

  /// How many frames `frames` frames become: `frames` × `to` / `from`, rounded to the nearest whole number (halves up),
  /// and never fewer than one.
  public static func frameCount(_ frames: Int, from: Int, to: Int) -> Int {
    max(1, (2 * frames * to + from) / (2 * from))
  }
}

private func soxr(_ samples: [Float], from: Int, to: Int, length: Int) throws -> [Float] {
  var io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
  var quality = soxr_quality_spec(UInt(SOXR_28_BITQ), 0)
  var runtime = soxr_runtime_spec(1)
  var failure: soxr_error_t?
  func check(_ failure: soxr_error_t?) throws {
    guard let failure else { return }
    throw Problem(
      "cannot convert from \(from) Hz to \(to) Hz: \(String(cString: failure))",
      mend: "Use a common sample rate, such as 44100 or 48000.")
  }
  guard let converter = soxr_create(Double(from), Double(to), 1, &failure, &io, &quality, &runtime) else {
    try check(failure)
    throw Problem("cannot convert from \(from) Hz to \(to) Hz", mend: "Use a common sample rate.")
  }
  defer { soxr_delete(converter) }

  var output = [Float](repeating: 0, count: length)
  var taken = 0, made = 0
  try output.withUnsafeMutableBufferPointer { output in
    guard let start = output.baseAddress else { return }
    while taken < samples.count, made < length {
      var read = 0, written = 0
      let failure = samples.withUnsafeBufferPointer {
        soxr_process(
          converter, $0.baseAddress.map { $0 + taken }, samples.count - taken, &read, start + made, length - made,
          &written)
      }
      try check(failure)
      taken += read
      made += written
      if read == 0, written == 0 { break }
    }
    // No more input: what the filter still holds is drained. Frames that it lacks at the very end stay silent.
    while made < length {
      var written = 0
      try check(soxr_process(converter, nil, 0, nil, start + made, length - made, &written))
      guard written > 0 else { break }
      made += written
    }
  }
  return output
}
