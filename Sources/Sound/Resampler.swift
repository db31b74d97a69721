import Basics
import CSoxr

/// Changes the sample rate by libsoxr at its "very high quality" (28 bits, linear phase, pass band up to 91 % of half
/// the lower rate). No other file of Earshot calls it.
extension Clip {
  /// The same sound at another sample rate.
  ///
  /// The result has exactly `Clip.frameCount(_:from:to:)` frames, and the filter's delay is compensated, so that
  /// everything stays at its time. The sound is assumed to be silent before its first and after its last frame. A loop
  /// is not; use `Loop.resampled(_:to:)`. Peaks may be slightly higher than in the original.
  ///
  /// - Parameter rate: in hertz, more than 0. If it is the clip's own rate, the clip is returned unchanged.
  /// - Throws: a `Problem` if libsoxr refuses the ratio (beyond about 1 : 2^31) or memory runs out.
  public func resampled(to rate: Int) throws -> Clip {
    precondition(rate > 0)
    guard rate != sampleRate else { return self }
    let length = Clip.frameCount(frameCount, from: sampleRate, to: rate)
    return Clip(
      channels: try channels.map { try soxr($0, from: sampleRate, to: rate, length: length) }, sampleRate: rate)
  }

  /// How many frames `frames` frames become: `frames` × `to` / `from`, rounded to the nearest whole number (halves up),
  /// and at least one.
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
    // There is no more input: flush what the filter still contains. Frames missing at the very end stay silent.
    while made < length {
      var written = 0
      try check(soxr_process(converter, nil, 0, nil, start + made, length - made, &written))
      guard written > 0 else { break }
      made += written
    }
  }
  return output
}
