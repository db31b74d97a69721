import Foundation

/// A look-ahead limiter for a loop, which it treats as endless, so the gain has no seam.
///
/// The level between samples is estimated by interpolating 4 times (windowed sinc of 12 samples). The gain that a
/// sample needs is spread by a minimum over ±`lookAhead`, recovers exponentially, and is smoothed by a mean over
/// ±`lookAhead`. The mean never exceeds the gain needed, so no sample is above the ceiling, and nothing clicks.
struct LoopLimiter {
  /// Largest level of the output, as a linear amplitude.
  var ceiling: Float
  /// Look-ahead, and time constant of the recovery, in seconds.
  var lookAhead = 0.0015
  var release = 0.08

  func process(_ channels: inout [[Float]], sampleRate: Int) {
    let count = channels[0].count
    var needed = truePeaks(channels).map { $0 > ceiling ? ceiling / $0 : 1 }
    guard needed.contains(where: { $0 < 1 }) else { return }
    let reach = min(max(1, Int(lookAhead * Double(sampleRate))), (count - 1) / 2)
    needed = slidingMinimum(needed, reach: reach)
    let back = Float(exp(-1 / (release * Double(sampleRate))))
    // Two passes, so that the end of the loop leads into its start.
    var gain: Float = 1
    for i in 0..<2 * count {
      let wanted = needed[i % count]
      gain = min(wanted, 1 - back * (1 - gain))
      if i >= count { needed[i - count] = gain }
    }
    let width = Float(2 * reach + 1)
    var sum = (-reach...reach).reduce(Float(0)) { $0 + needed[($1 + count) % count] }
    let recovered = needed
    for i in 0..<count {
      let mean = min(sum / width, 1)
      for c in channels.indices { channels[c][i] *= mean }
      sum += recovered[(i + reach + 1) % count] - recovered[(i - reach + count) % count]
    }
  }

  /// For each frame, the largest absolute value of all channels from the frame before it to the frame after it.
  func truePeaks(_ channels: [[Float]]) -> [Float] {
    let count = channels[0].count
    let half = 6
    let kernels = (1..<4).map { phase -> [Float] in
      (-half + 1...half).map { k in
        let x = Double(k) - Double(phase) / 4
        let window = 0.5 + 0.5 * cos(.pi * x / Double(half))
        return Float(sin(.pi * x) / (.pi * x) * window)
      }
    }
    var peaks = [Float](repeating: 0, count: count)
    for samples in channels {
      let round = (0..<count + 2 * half).map { samples[($0 - half + count) % count] }
      round.withUnsafeBufferPointer { round in
        for i in 0..<count {
          var peak = max(peaks[i], abs(samples[i]))
          for kernel in kernels {
            var value: Float = 0
            for k in 0..<2 * half { value += kernel[k] * round[i + 1 + k] }
            peak = max(peak, abs(value))
          }
          peaks[i] = peak
        }
      }
    }
    // The interval before a frame matters to that frame as much as the one after it.
    return (0..<count).map { max(peaks[$0], peaks[($0 - 1 + count) % count]) }
  }

  private func slidingMinimum(_ values: [Float], reach: Int) -> [Float] {
    let count = values.count
    var result = values
    // A queue of rising values, whose head is the minimum of the window.
    var queue: [Int] = []
    var head = 0
    for i in -reach..<count + reach {
      let value = values[(i + count) % count]
      while queue.count > head, values[(queue[queue.count - 1] + count) % count] >= value { queue.removeLast() }
      queue.append(i)
      if queue[head] < i - 2 * reach { head += 1 }
      if i >= reach { result[i - reach] = values[(queue[head] + count) % count] }
    }
    return result
  }
}
