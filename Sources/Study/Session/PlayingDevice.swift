/// What a browser reports about the playback device. It may be wrong, and browsers that protect privacy report nothing.
public struct PlayingDevice: Codable, Sendable, Equatable {
  /// Sample rate, in hertz.
  public var rateHz: Double?
  /// How many channels the device can play at once.
  public var channels: Double?
  /// The browser's estimate of the output latency, up to the ear, in milliseconds.
  public var latencyMs: Double?

  private enum CodingKeys: String, CodingKey {
    case channels
    case rateHz = "rate_hz"
    case latencyMs = "latency_ms"
  }

  public init(rateHz: Double? = nil, channels: Double? = nil, latencyMs: Double? = nil) {
    self.rateHz = rateHz
    self.channels = channels
    self.latencyMs = latencyMs
  }

  /// The plausible values, rounded to whole numbers. Others become nil.
  public var plausible: PlayingDevice {
    func within(_ value: Double?, _ range: ClosedRange<Double>) -> Double? {
      value.flatMap { range.contains($0) ? $0.rounded() : nil }
    }
    return PlayingDevice(
      rateHz: within(rateHz, 1000...1_536_000), channels: within(channels, 1...128),
      latencyMs: within(latencyMs, 0...60_000))
  }

  /// The values as the records keep them: names and whole numbers.
  public var facts: [(name: String, value: Int)] {
    [("device_rate_hz", rateHz), ("device_channels", channels), ("device_latency_ms", latencyMs)]
      .compactMap { name, value in value.map { (name, Int($0)) } }
  }

  /// - Parameter facts: values by name, as in `facts`.
  public init(facts: [String: Int]) {
    self.init(
      rateHz: facts["device_rate_hz"].map(Double.init), channels: facts["device_channels"].map(Double.init),
      latencyMs: facts["device_latency_ms"].map(Double.init))
  }
}
