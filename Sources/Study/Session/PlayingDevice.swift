/// What a browser says of the device that plays its sounds. It may be wrong, and browsers that hide it say nothing.
public struct PlayingDevice: Codable, Sendable, Equatable {
  /// In hertz.
  public var rateHz: Double?
  /// Channels that it can play at once.
  public var channels: Double?
  /// From the browser to the ear, as the browser takes it to be, in milliseconds.
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

  /// What can be true, in whole numbers; the rest is left out.
  public var plausible: PlayingDevice {
    func within(_ value: Double?, _ range: ClosedRange<Double>) -> Double? {
      value.flatMap { range.contains($0) ? $0.rounded() : nil }
    }
    return PlayingDevice(
      rateHz: within(rateHz, 1000...1_536_000), channels: within(channels, 1...128),
      latencyMs: within(latencyMs, 0...60_000))
  }

  /// As the records keep it: names and values, in whole numbers.
  public var facts: [(name: String, value: Int)] {
    [("device_rate_hz", rateHz), ("device_channels", channels), ("device_latency_ms", latencyMs)]
      .compactMap { name, value in value.map { (name, Int($0)) } }
  }

  /// - Parameter facts: by name, as `facts` gives them.
  public init(facts: [String: Int]) {
    self.init(
      rateHz: facts["device_rate_hz"].map(Double.init), channels: facts["device_channels"].map(Double.init),
      latencyMs: facts["device_latency_ms"].map(Double.init))
  }
}
