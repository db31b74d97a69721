import Foundation

/// Sound files made byte by byte, so that tests can damage them in ways that no writer would.
public enum RawSounds {
  /// A WAV file of 32-bit floats, in frames of `channels` samples.
  /// - Parameters:
  ///   - dataSize: the size of the data that the header states, in bytes; nil for the true size.
  ///   - behind: chunks after the data.
  public static func wav(
    _ samples: [Float], channels: Int = 1, rate: Int = 44100, dataSize: UInt32? = nil, riffSize: UInt32? = nil,
    behind: Data = Data()
  ) -> Data {
    var data = Data()
    for sample in samples { data.append(little(sample.bitPattern)) }
    let size = UInt32(data.count)
    var file = Data("RIFF".utf8) + little(riffSize ?? 36 + size + UInt32(behind.count)) + Data("WAVEfmt ".utf8)
    file += little(UInt32(16)) + little(UInt16(3)) + little(UInt16(channels)) + little(UInt32(rate))
    file += little(UInt32(truncatingIfNeeded: rate * channels * 4)) + little(UInt16(truncatingIfNeeded: channels * 4))
    file += little(UInt16(32)) + Data("data".utf8) + little(dataSize ?? size)
    return file + data + behind
  }

  /// A WAV file of 64-bit floats, mono.
  public static func wideWAV(_ samples: [Double], rate: Int = 44100) -> Data {
    var data = Data()
    for sample in samples { data.append(little(sample.bitPattern)) }
    var file = Data("RIFF".utf8) + little(UInt32(36 + data.count)) + Data("WAVEfmt ".utf8)
    file += little(UInt32(16)) + little(UInt16(3)) + little(UInt16(1)) + little(UInt32(rate))
    file += little(UInt32(rate * 8)) + little(UInt16(8)) + little(UInt16(64))
    return file + Data("data".utf8) + little(UInt32(data.count)) + data
  }

  /// A mono AIFF file of 16-bit samples at 44.1 kHz.
  /// - Parameter sizes: what the header states, nil for the true sizes: of the file and the sound chunk in bytes, and
  ///   of the sound in frames.
  public static func aiff(_ samples: [Int16], sizes: (form: UInt32, frames: UInt32, sound: UInt32)? = nil) -> Data {
    let bytes = UInt32(samples.count * 2)
    let sizes = sizes ?? (form: 46 + bytes, frames: UInt32(samples.count), sound: 8 + bytes)
    var file = Data("FORM".utf8) + big(sizes.form) + Data("AIFFCOMM".utf8) + big(UInt32(18)) + big(UInt16(1))
    // 44100 as an 80-bit floating-point number.
    file += big(sizes.frames) + big(UInt16(16)) + Data([0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0])
    file += Data("SSND".utf8) + big(sizes.sound) + big(UInt32(0)) + big(UInt32(0))
    for sample in samples { file += big(UInt16(bitPattern: sample)) }
    return file
  }

  /// A mono AU file of 16-bit samples at 44.1 kHz. The header states `dataSize` bytes of data; nil for the true size.
  public static func au(_ samples: [Int16], dataSize: UInt32? = nil) -> Data {
    var file = Data(".snd".utf8) + big(UInt32(24)) + big(dataSize ?? UInt32(samples.count * 2))
    file += big(UInt32(3)) + big(UInt32(44100)) + big(UInt32(1))
    for sample in samples { file += big(UInt16(bitPattern: sample)) }
    return file
  }

  /// Silence as MP3: MPEG 1 layer III, 128 kbit/s, mono, 44.1 kHz, with 1,152 samples and 417 bytes per frame.
  /// - Parameters:
  ///   - counted: the number of frames that an Info header states, in its own frame at the start; nil for no header.
  ///   - encoder: four letters that name the encoder in this header.
  public static func mp3(frames: Int, counted: UInt32? = nil, encoder: String = "") -> Data {
    let frame = Data([0xff, 0xfb, 0x90, 0xc0]) + Data(count: 413)
    var file = Data()
    if let counted {
      var info = frame
      let head = Data("Info".utf8) + big(UInt32(1)) + big(counted) + Data(encoder.utf8)
      info.replaceSubrange(21..<21 + head.count, with: head)
      file += info
    }
    for _ in 0..<frames { file += frame }
    return file
  }

  /// 20,000 frames of silence as mono ALAC at 44.1 kHz in CAF: four packets of 4,096 frames and one with the rest.
  /// - Parameter counted: the number of valid frames that the packet table states.
  public static func alac(counted: UInt64 = 20000) -> Data {
    func chunk(_ name: String, _ content: Data) -> Data { Data(name.utf8) + big(UInt64(content.count)) + content }
    let description =
      big((44100.0).bitPattern) + Data("alac".utf8)
      + [1, 0, 4096, 1, 0].reduce(Data()) { $0 + big(UInt32($1)) }
    let packet = hex("000000000013080981f8c1ff800000ff87fff0")
    let last = hex("00001000001c40000013080981f8c1ff800000ff870ff0")
    let table = big(UInt64(5)) + big(counted) + big(UInt32(0)) + big(UInt32(480)) + Data([19, 19, 19, 19, 23])
    let sound = big(UInt32(0)) + (0..<4).reduce(Data()) { sound, _ in sound + packet } + last
    return Data("caff".utf8) + Data([0, 1, 0, 0]) + chunk("desc", description)
      + chunk("kuki", hex("000010000010280a0e0100ff00000017000000000000ac44")) + chunk("pakt", table)
      + chunk("data", sound)
  }

  private static func hex(_ text: String) -> Data {
    let digits = Array(text)
    return Data(stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) })
  }

  /// Silence as mono Opus in Ogg pages: two header pages, then one page for each 0.2 s, with ten packets of 960 samples
  /// that contain only their configuration.
  public static func opus(pages count: Int) -> [Data] {
    let head = Data("OpusHead".utf8) + Data([1, 1]) + little(UInt16(0)) + little(UInt32(48000)) + Data([0, 0, 0])
    let tags = Data("OpusTags".utf8) + little(UInt32(4)) + Data("test".utf8) + little(UInt32(0))
    return (0..<count + 2).map { i in
      let packets = i == 0 ? [head] : i == 1 ? [tags] : [Data](repeating: Data([0xf8]), count: 10)
      return page(packets, number: i, position: max(0, i - 1) * 9600, flags: i == 0 ? 2 : i == count + 1 ? 4 : 0)
    }
  }

  /// - Parameter packets: the packets of the page, each shorter than 255 bytes.
  private static func page(_ packets: [Data], number: Int, position: Int, flags: UInt8) -> Data {
    var page = Data("OggS".utf8) + Data([0, flags]) + little(UInt64(position)) + little(UInt32(77))
    page += little(UInt32(number)) + little(UInt32(0))
    page += Data([UInt8(packets.count)]) + Data(packets.map { UInt8($0.count) }) + packets.reduce(Data(), +)
    var sum: UInt32 = 0
    for byte in page {
      sum ^= UInt32(byte) << 24
      for _ in 0..<8 { sum = sum & 0x8000_0000 != 0 ? sum << 1 ^ 0x04c1_1db7 : sum << 1 }
    }
    page.replaceSubrange(22..<26, with: little(sum))
    return page
  }

  private static func little<T: FixedWidthInteger>(_ value: T) -> Data {
    withUnsafeBytes(of: value.littleEndian) { Data($0) }
  }

  private static func big<T: FixedWidthInteger>(_ value: T) -> Data {
    withUnsafeBytes(of: value.bigEndian) { Data($0) }
  }
}
